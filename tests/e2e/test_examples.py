"""Every example runs as its reader would run it: its test, its check, and a backtest with fills that replays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/*.toml") if path.stem == path.parent.name)


def run(folder: Path, state: Path, *command: str) -> str:
    environment = {
        **os.environ,
        "PYTHONPATH": os.environ.get("PYTHONPATH", str(ROOT)),
        "XDG_STATE_HOME": str(state / ".state"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=environment, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"exit {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_its_test_passes(example: Path, tmp_path: Path) -> None:
    assert " passed" in run(example, tmp_path, "pytest", "-q", "-p", "no:cacheprovider")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_its_configuration_is_right(example: Path, tmp_path: Path) -> None:
    assert "ok" in run(tmp_path, tmp_path, "engine", "check", str(example / f"{example.name}.toml"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_it_trades_in_a_backtest_that_replays(example: Path, tmp_path: Path) -> None:
    backtest = ("run", str(example / f"{example.name}.toml"), "--mode", "backtest", "--duration", "60s", "--json")
    summary = json.loads(run(tmp_path, tmp_path, "engine", *backtest))
    assert summary["orders"]["filled"] > 0
    assert (summary["halts"], summary["dead_letters"], summary["orders"]["unknown"]) == (0, 0, 0)
    replayed = json.loads(run(tmp_path, tmp_path, "engine", "replay", "--json"))
    assert (replayed["same"], replayed["head"]) == (True, summary["audit"]["head"])
