"""What `tiercel new` writes runs at once, and it overwrites nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli.check import check
from engine.cli.new import new

ROOT = Path(__file__).parents[4]


def make(name: str) -> str:
    result = CliRunner().invoke(new, [name], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_its_test_passes_and_its_configuration_is_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "next: tiercel run night-owl/night_owl.toml" in make("night-owl")
    assert sorted(path.name for path in (tmp_path / "night-owl").iterdir()) == [
        "night_owl.py",
        "night_owl.toml",
        "pytest.ini",
        "test_night_owl.py",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "night-owl"],
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "2 passed" in done.stdout, done.stdout + done.stderr
    checked = CliRunner().invoke(check, ["night-owl/night_owl.toml"], catch_exceptions=False)
    assert checked.exit_code == 0
    assert f"strategy night_owl: {tmp_path}/night-owl/night_owl.py" in checked.output
    assert "risk.max_order_value" in checked.output
    assert "night_owl.toml:16" in checked.output


def test_nothing_is_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "owl").mkdir()
    (tmp_path / "owl" / "owl.toml").write_text("mine")
    result = CliRunner().invoke(new, ["owl"])
    assert "owl holds owl.toml already; nothing was written" in str(result.exception)
    assert [path.name for path in (tmp_path / "owl").iterdir()] == ["owl.toml"]
    assert (tmp_path / "owl" / "owl.toml").read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "owl").write_text("a file")
    result = CliRunner().invoke(new, ["owl"])
    assert "owl cannot be written" in str(result.exception)
