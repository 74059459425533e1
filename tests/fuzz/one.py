"""One target in one process: inputs until the time is up, or until something is found.

Where atheris is installed it chooses the inputs by the branches of our Python that they reach (libFuzzer), our own
mutations among its; elsewhere, and with the plain engine, inputs that bring a new outcome are kept and mutated on.
The input that is being tried stands in a mapped file, so that it is there even when a sanitizer ends the process.
"""

from __future__ import annotations

import importlib
import importlib.util
import mmap
import os
import sys
import time
import traceback
from pathlib import Path
from random import Random
from typing import Any

from tests.fuzz.mutation import BYTES_MAX, mutate
from tests.fuzz.target import Target, folder

MODULES = ("numbers", "venue", "files")
OURS = ["actors", "engine", "gateways", "hotpath", "tests.fuzz"]
FOUND = 77
"""The exit code of a finding; libFuzzer's own."""
POOL_MAX = 4_096
ENGINES = ("atheris", "plain")


class Trace:
    """A mapped file: how many inputs were tried, and the one that is being tried."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.ftruncate(descriptor, 16 + BYTES_MAX)
        self._cells = mmap.mmap(descriptor, 16 + BYTES_MAX)
        os.close(descriptor)

    @property
    def count(self) -> int:
        """How many inputs were begun."""
        return int.from_bytes(self._cells[:8], "little")

    @property
    def data(self) -> bytes:
        """The input that was begun last."""
        return self._cells[16 : 16 + int.from_bytes(self._cells[8:16], "little")]

    def begin(self, data: bytes) -> None:
        """Note an input."""
        self._cells[16 : 16 + len(data)] = data
        self._cells[:16] = (self.count + 1).to_bytes(8, "little") + len(data).to_bytes(8, "little")


def targets() -> dict[str, Target]:
    """Return every target by its name."""
    found: list[Target] = []
    for module in MODULES:
        found += importlib.import_module(f"tests.fuzz.{module}").TARGETS
    return {target.name: target for target in found}


def has_atheris() -> bool:
    """Say whether the coverage-guided engine is installed."""
    return importlib.util.find_spec("atheris") is not None


def attempt(target: Target, data: bytes, trace: Trace) -> str | None:
    """Try one input; returns what happened, or None after it has printed a finding."""
    trace.begin(data)
    try:
        return target.check(data)
    except Exception:  # noqa: BLE001 - whatever a target does not document is the finding
        traceback.print_exc(limit=-8)
        return None


def run_plain(target: Target, seed: int, until_s: float, trace: Trace) -> int:
    """Mutate inputs that did something new, until the time on the monotonic clock."""
    chance = Random(f"{target.name} {seed}")
    seen: set[str] = set()
    pool: list[bytes] = []
    waiting = [data[:BYTES_MAX] for data in target.corpus()]
    while time.monotonic() < until_s:
        data = waiting.pop() if waiting else mutate(chance.choice(pool), pool, chance)
        happened = attempt(target, data, trace)
        if happened is None:
            return FOUND
        if happened not in seen or not pool:
            seen.add(happened)
            if len(pool) < POOL_MAX:
                pool.append(data)
    return 0


def run_guided(name: str, seed: int, seconds: int, trace: Trace) -> int:
    """Let atheris choose; it ends the process itself when the time is up."""
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=OURS):
        target = targets()[name]
    pool = [data[:BYTES_MAX] for data in target.corpus()]
    place = folder(f"{name}-corpus")
    for number, data in enumerate(pool):
        (place / f"{number:04d}").write_bytes(data)

    def one_input(data: bytes) -> None:
        if attempt(target, data, trace) is None:
            sys.stderr.flush()
            os._exit(FOUND)

    def mutated(data: bytes, bytes_max: int, step_seed: int) -> bytes:
        chance = Random(step_seed)
        if chance.random() < 0.5:
            return bytes(atheris.Mutate(data, bytes_max))
        return mutate(data, pool, chance)[:bytes_max]

    limits = [f"-seed={seed}", f"-max_total_time={seconds}", f"-max_len={BYTES_MAX}", "-rss_limit_mb=0"]
    atheris.Setup([name, *limits, "-verbosity=0", str(place)], one_input, custom_mutator=mutated)
    atheris.Fuzz()
    return 0


def replay(target: Target, data: bytes) -> int:
    """Try one input and say what happened."""
    happened = target.check(data)
    sys.stdout.write(f"{target.name}: {len(data)} bytes, no finding: {happened}\n")
    return 0
