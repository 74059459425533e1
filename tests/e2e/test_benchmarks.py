"""Every benchmark runs with tiny inputs, so that none can rot; how fast it was is not judged here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from benchmarks.harness import ROWS

pytestmark = pytest.mark.untraced  # it measures time, which tracing stretches

ROOT = Path(__file__).resolve().parents[2]


def test_every_row_runs_with_tiny_inputs(tmp_path: Path) -> None:
    output = tmp_path / "latest.json"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--output", str(output)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    results = msgspec.json.decode(output.read_bytes())["results"]
    assert [result["name"] for result in results] == [row.name for row in ROWS]
    ours = [result for result in results if "@" not in result["name"]]
    assert all(result["value"] is not None for result in ours)


def test_every_step_of_micro_runs_once() -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "benchmarks/micro",
        "--benchmark-disable",
        "-p",
        "no:cacheprovider",
        "-q",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_row_that_does_not_exist_is_named() -> None:
    command = [sys.executable, "-m", "benchmarks", "tick"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "there is no row 'tick'; there are asyncio_hops_4" in done.stderr
