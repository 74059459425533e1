"""docs/configuration.md says what the loader accepts, or this fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.config.load import load_config
from engine.config.model import Config
from engine.config.render import values
from tools import configuration_page


def test_the_page_is_current() -> None:
    assert configuration_page.PAGE.read_text() == configuration_page.page()


def test_every_key_is_on_the_page_with_a_meaning() -> None:
    rows = [line.split(" | ") for line in configuration_page.page().splitlines() if line.startswith("| `")]
    named = [row[0].strip("| `") for row in rows]
    wanted = [str(path[-1]) for path, _ in values(load_config(None, {}).config)]
    assert sorted(set(wanted) - set(named)) == []
    assert [row[0] for row in rows if not row[-1].strip("| ")] == []


def test_a_page_that_is_not_current_is_told_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(configuration_page, "PAGE", tmp_path / "configuration.md")
    monkeypatch.setattr("sys.argv", ["configuration_page", "--check"])
    assert configuration_page.main() == 1
    assert "run python -m tools.configuration_page" in capsys.readouterr().err
    monkeypatch.setattr("sys.argv", ["configuration_page"])
    assert configuration_page.main() == 0
    monkeypatch.setattr("sys.argv", ["configuration_page", "--check"])
    assert configuration_page.main() == 0


def test_a_section_without_words_would_be_seen() -> None:
    assert "\n\nThe run as a whole.\n\n" in configuration_page.section("engine", type(Config().engine))
