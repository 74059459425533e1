"""What the commands for trail and tape say when somebody has touched what a run left, or watches while it runs.

Every edit is made on a copy of a real run's folder. That any flipped bit is found is proved in the unit tests of
verify; here a few go through the command as a person would use it.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from random import Random

import pytest

from engine.tape.reader import TapeReader
from tests.e2e.engines import QUOTER, Place, place, reached, rounds

pytestmark = [pytest.mark.untraced, pytest.mark.timed]

SEED = 7
FLIPS = rounds(8, 200)
TAIL_MS_MAX = 100
BACKTEST = f"""
[engine]
mode = "backtest"
duration_s = 60
{QUOTER}"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A place where one backtest was run."""
    with place(tmp_path_factory.mktemp("ran")) as one:
        one.configure(BACKTEST, "quoter")
        one.json("run", str(one.root / "config.toml"))
        yield one


@pytest.fixture
def copy(ran: Place, tmp_path: Path) -> Iterator[Place]:
    """A copy of it, to be damaged."""
    with place(tmp_path / "copy") as one:
        shutil.copytree(ran.root, one.root, dirs_exist_ok=True)
        yield one


def trail_file(here: Place) -> Path:
    (file,) = (here.data / "logs" / "audit").iterdir()
    return file


def edit_lines(here: Place, edit: Callable[[list[bytes]], list[bytes]]) -> None:
    """Rewrite the trail's lines."""
    file = trail_file(here)
    file.write_bytes(b"".join(edit(file.read_bytes().splitlines(keepends=True))))


def judged(here: Place) -> tuple[int, str]:
    """Return the exit code of `audit verify` and the first problem that it names."""
    before = {path: path.read_bytes() for path in here.data.rglob("*") if path.is_file()}
    done = here.tiercel("audit", "verify")
    assert {path: path.read_bytes() for path in here.data.rglob("*") if path.is_file()} == before
    found = re.search(r"^problem: (.*)$", done.stdout, re.MULTILINE)
    return done.returncode, found[1] if found else ""


def test_an_untouched_copy_is_accepted(copy: Place) -> None:
    assert judged(copy) == (0, "")


def test_a_flipped_bit_is_found_wherever_it_is(copy: Place) -> None:
    random = Random(SEED)
    file = trail_file(copy)
    whole = file.read_bytes()
    for _ in range(FLIPS):
        at = random.randrange(len(whole))
        damaged = bytearray(whole)
        damaged[at] ^= 1 << random.randrange(8)
        file.write_bytes(damaged)
        code, problem = judged(copy)
        assert code == 1, f"byte {at}"
        assert problem


def test_a_removed_line_is_found_and_named(copy: Place) -> None:
    edit_lines(copy, lambda lines: lines[:40] + lines[41:])
    code, problem = judged(copy)
    assert code == 1
    assert "42" in problem


def test_two_swapped_lines_are_found(copy: Place) -> None:
    edit_lines(copy, lambda lines: [*lines[:40], lines[41], lines[40], *lines[42:]])
    code, problem = judged(copy)
    assert code == 1
    assert problem


def test_a_tail_cut_below_a_checkpoint_is_found(copy: Place) -> None:
    edit_lines(copy, lambda lines: lines[:-3])
    code, problem = judged(copy)
    assert code == 1
    assert "checkpoint" in problem


def test_a_cut_of_trail_and_checkpoints_is_found_by_a_copy_that_was_kept_elsewhere(copy: Place) -> None:
    kept = copy.root / "kept.jsonl"
    checkpoints = copy.data / "state" / "checkpoints.jsonl"
    shutil.copy(checkpoints, kept)
    edit_lines(copy, lambda lines: lines[:-3])
    checkpoints.write_bytes(b"".join(kept.read_bytes().splitlines(keepends=True)[:-1]))
    silent = copy.tiercel("audit", "verify")
    assert silent.returncode == 0
    assert "would not be seen" in silent.stdout
    found = copy.tiercel("audit", "verify", "--checkpoint", str(kept))
    assert found.returncode == 1
    assert "checkpoint" in found.stdout


def test_a_changed_byte_of_the_tape_is_named_by_its_frame(copy: Place) -> None:
    random = Random(SEED)
    (run,) = (copy.data / "runs").iterdir()
    segment = run / "tape" / "000001.bin"
    whole = segment.read_bytes()
    frames = list(TapeReader(run / "tape"))
    for _ in range(3):
        frame = random.choice(frames)
        damaged = bytearray(whole)
        damaged[frame.offset + random.randrange(28 + len(frame.payload))] ^= 0xFF
        segment.write_bytes(damaged)
        done = copy.tiercel("replay")
        assert done.returncode == 1
        assert f"000001.bin frame {frame.number} at byte {frame.offset}" in done.stdout
        assert "Traceback" not in done.stderr


def test_a_strategy_that_was_changed_by_one_line_shows_the_first_record_that_differs(copy: Place) -> None:
    (run,) = (copy.data / "runs").iterdir()
    assert copy.json("replay")["same"]
    text = (copy.root / "quoter.py").read_text()
    # the recorded folder of strategies is where the run was made: replay must read the copy, and nothing else
    changed = text.replace("if self._quotes_count % self.params.crosses_every:", "if self._quotes_count % 11:")
    assert changed != text
    origin = Path(json.loads(TapeReader(run / "tape").head_bytes)["config_folder"]) / "quoter.py"
    origin.write_text(changed)
    try:
        outcome = copy.json("replay", code=1)
        shown = copy.tiercel("replay")
    finally:
        origin.write_text(text)
    assert not outcome["same"]
    difference = outcome["difference"]
    expected, found = json.loads(difference["expected"]), json.loads(difference["found"])
    assert expected["seq"] == found["seq"] == difference["seq"]
    assert expected["hash"] != found["hash"]
    recorded = next(record for record in copy.records() if record["seq"] == difference["seq"])
    assert recorded == expected
    assert any("quoter" in line for line in outcome["program_differs"])
    assert shown.returncode == 1
    assert f"first difference, record {difference['seq']}:" in shown.stdout


@pytest.mark.untraced
def test_tail_shows_a_record_within_a_tenth_of_a_second_of_its_event(tmp_path: Path) -> None:
    with place(tmp_path) as here:
        here.configure(BACKTEST.replace("backtest", "live").replace("duration_s = 60", ""), "quoter")
        engine = here.start("run", str(here.root / "config.toml"), "--json")
        engine.until(lambda: reached(here, "NORMAL"), 20, "the state NORMAL")
        begun = len(here.records())
        delays_ms: list[float] = []
        tail = subprocess.Popen(
            [sys.executable, "-m", "engine", "audit", "tail", "-f", "-n", "0", "--json", "--data-dir", str(here.data)],
            env=here.environ,
            stdout=subprocess.PIPE,
        )

        def read() -> None:
            assert tail.stdout is not None
            for line in tail.stdout:
                shown_s = time.time()
                record = json.loads(line)
                if record["seq"] > begun:
                    made_s = datetime.fromisoformat(record["timestamp"][:26] + "Z").timestamp()
                    delays_ms.append((shown_s - made_s) * 1e3)

        reader = threading.Thread(target=read)
        reader.start()
        try:
            engine.until(lambda: len(delays_ms) > 1, 20, "the tail to begin")
            del delays_ms[:]
            engine.until(lambda: len(delays_ms) > 300, 30, "300 records")
        finally:
            tail.kill()
            tail.wait()
            reader.join(10)
            if tail.stdout is not None:
                tail.stdout.close()
        engine.interrupt()
        assert engine.wait() == 0
        delays_ms.sort()
        print(f"audit tail -f: median {delays_ms[len(delays_ms) // 2]:.1f} ms, longest {delays_ms[-1]:.1f} ms")
        assert delays_ms[-1] < TAIL_MS_MAX
