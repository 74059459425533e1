"""`python -m tests.fuzz` (`make fuzz`): every parser under inputs that nobody wrote, in processes of their own.

A finding is written to build/fuzz, printed, and told how to replay. The same seed brings the same inputs with the plain
engine; with atheris it does as far as the parsers themselves do the same each time.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tests.conftest import ROOT
from tests.fuzz.one import ENGINES, Trace, has_atheris, replay, run_guided, run_plain, targets

FINDINGS = ROOT / "build" / "fuzz"
GRACE_S = 60
"""How much longer than its time a target may take to begin, to end, and to try one slow input."""
SHOWN_BYTES = 400
MEMORY = Path("/dev/shm")
"""Files of targets stand in memory where the system has such a place; a target may not live to delete them."""


class Outcome(NamedTuple):
    """What became of one target."""

    name: str
    inputs_count: int
    finding: str
    """Empty when nothing was found."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command: 0 when nothing was found, 1 when something was."""
    options = _parse(arguments)
    known = targets() if not options.one else {}
    if options.replay:
        name, _, _ = Path(options.replay).name.partition("-")
        return replay(known[name], Path(options.replay).read_bytes())
    if options.one:
        return _run_one(options)
    unknown = sorted(set(options.targets) - set(known))
    if unknown:
        sys.stderr.write(f"there is no target {unknown[0]!r}; there are {', '.join(known)}\n")
        return 2
    names = options.targets or list(known)
    print(f"{len(names)} targets, {options.seconds} s each, seed {options.seed}, {options.engine} engine", flush=True)
    with ThreadPoolExecutor(options.jobs) as workers:
        outcomes = list(workers.map(lambda name: _told(fuzz(name, options)), names))
    found = [outcome.name for outcome in outcomes if outcome.finding]
    inputs_count = sum(outcome.inputs_count for outcome in outcomes)
    print(f"{inputs_count:,} inputs, {len(found)} findings {' '.join(found)}".strip())
    return 1 if found else 0


def fuzz(name: str, options: argparse.Namespace) -> Outcome:
    """Run one target in a process of its own, so that nothing it does can hide."""
    folder: Path = options.findings
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.trace"
    path.unlink(missing_ok=True)
    trace = Trace(path)
    command = [sys.executable, "-m", "tests.fuzz", "--one", name, "--findings", str(folder), "--engine", options.engine]
    command += ["--seconds", str(options.seconds), "--seed", str(options.seed)]
    try:
        with tempfile.TemporaryDirectory(prefix="tiercel-fuzz-", dir=MEMORY if MEMORY.is_dir() else None) as place:
            done = subprocess.run(
                command,
                cwd=ROOT,
                env={**os.environ, "TMPDIR": place},
                capture_output=True,
                timeout=options.seconds + GRACE_S,
                check=False,
            )
        code, said = done.returncode, done.stderr.decode(errors="replace")
    except subprocess.TimeoutExpired:
        code, said = -1, f"one input took longer than {GRACE_S} s\n"
    if code == 0 and trace.count:
        return Outcome(name, trace.count, "")
    data = trace.data
    found = folder / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}"
    found.write_bytes(data)
    more = f" and {len(data) - SHOWN_BYTES} bytes more" if len(data) > SHOWN_BYTES else ""
    shown = f"{data[:SHOWN_BYTES]!r}{more}"
    text = f"{said[-4_000:]}\nexit code {code}; input {trace.count} was {shown}\nreplay: make fuzz REPLAY={found}\n"
    return Outcome(name, trace.count, text)


def _told(outcome: Outcome) -> Outcome:
    """Print an outcome as soon as it is known."""
    print(f"{outcome.name:12} {outcome.inputs_count:12,} inputs  {'FOUND' if outcome.finding else 'nothing found'}")
    if outcome.finding:
        print(outcome.finding)
    sys.stdout.flush()
    return outcome


def _run_one(options: argparse.Namespace) -> int:
    trace = Trace(options.findings / f"{options.one}.trace")
    if options.engine == "atheris":
        return run_guided(options.one, options.seed, options.seconds, trace)
    return run_plain(targets()[options.one], options.seed, time.monotonic() + options.seconds, trace)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzz every parser.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="only these; all by default")
    parser.add_argument("--seconds", type=int, default=600, help="for each target (600)")
    parser.add_argument("--seed", type=int, default=1, help="chooses the inputs (1)")
    parser.add_argument("--jobs", type=int, default=2, help="targets at the same time (2)")
    best = ENGINES[0 if has_atheris() else 1]
    parser.add_argument("--engine", choices=ENGINES, default=best, help=f"what chooses inputs ({best})")
    parser.add_argument("--findings", type=Path, default=FINDINGS, help="where findings are written (build/fuzz)")
    parser.add_argument("--replay", metavar="FILE", help="try the input of a finding again")
    parser.add_argument("--one", metavar="TARGET", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
