"""The instruction sets: the same bits on all of them, and a named error for one that is not there."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from hotpath.options.isa import LEVELS, NAME

WORK = """
import hashlib, sys
import numpy as np
from hotpath.options import isa
from hotpath.options.chain import Chain
from hotpath.options.implied_vol import solve
from tests.models.option_cases import COLUMNS, edge_options, extreme_options, random_options, valued

digest = hashlib.sha256()
for options in (random_options(5_003), extreme_options(20_000), edge_options()):
    values = valued(options)
    count = values.shape[1]
    digest.update(values.tobytes())
    for price in (values[0].copy(), values[0] * 1.01, np.full(count, 3.0), -values[0]):
        found, reasons = np.empty(count), np.empty(count, np.int8)
        solve(options["right"], price, *(options[name] for name in COLUMNS[1:6]), found, reasons)
        digest.update(found.tobytes() + reasons.tobytes())
    chain = Chain(options["right"], options["strike"], np.arange(count))
    chain.terms(*(options[name] for name in COLUMNS[3:]))
    for spot in (100.0, 0.0, 1e-310):
        chain.revalue(spot)
        chain.check()
        digest.update(chain.values.tobytes())
print(isa.NAME, digest.hexdigest())
"""


def run(level: str) -> subprocess.CompletedProcess[str]:
    """Do the work of many options in a process with this TIERCEL_ISA."""
    environment = {**os.environ, "TIERCEL_ISA": level}
    return subprocess.run([sys.executable, "-c", WORK], env=environment, capture_output=True, text=True, check=False)


def test_every_instruction_set_gives_the_same_bits() -> None:
    digests = {}
    for level in LEVELS:
        done = run(level)
        if "does not run here" in done.stderr:
            continue
        assert done.returncode == 0, done.stderr
        name, digests[level] = done.stdout.split()
        assert name == level
    assert "baseline" in digests
    assert len(set(digests.values())) == 1, digests


def test_an_unknown_instruction_set_is_a_named_error() -> None:
    done = run("avx9")
    assert done.returncode == 1
    assert "InstructionSetError: TIERCEL_ISA is 'avx9'; expected one of baseline, v3, v4, or nothing" in done.stderr


@pytest.mark.skipif(NAME == "v4" or "TIERCEL_ISA" in os.environ, reason="this machine has every instruction set")
def test_an_instruction_set_that_is_not_there_is_a_named_error() -> None:
    done = run("v4")
    assert done.returncode == 1
    assert "InstructionSetError: TIERCEL_ISA=v4 does not run here" in done.stderr


def test_the_best_one_is_chosen() -> None:
    done = run("")
    assert done.stdout.split()[0] == NAME or "TIERCEL_ISA" in os.environ
