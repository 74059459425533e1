"""The words of `tiercel run`, read or refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.cli.options import RunOptions, duration_seconds, run_options, speed_text
from engine.errors import UsageError


def options(**words: Any) -> RunOptions:
    given: dict[str, Any] = {"config": None, "mode": None, "duration": None, "captures": (), "speed": None}
    given |= {"json": False, "data_dir": None, **words}
    return run_options(**given)


@pytest.mark.parametrize(
    ("text", "seconds"), [("30", 30), ("30s", 30), ("10m", 600), ("2h", 7_200), (" 5 ", 5), ("31536000", 31_536_000)]
)
def test_a_duration_is_seconds(text: str, seconds: int) -> None:
    assert duration_seconds(text) == seconds
    assert options(duration=text).duration_ns == seconds * 10**9


@pytest.mark.parametrize("text", ["0", "", "-3", "1.5", "10 m", "10d", "s", "31536001", "9999999999", "٣"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="expected a time such as 30, 30s, 10m or 2h"):
        duration_seconds(text)


@pytest.mark.parametrize("text", ["max", "1", "20", "0.5", "1000"])
def test_a_speed_is_a_factor_or_max(text: str) -> None:
    assert speed_text(text) == text


@pytest.mark.parametrize("text", ["0", "0.0", "-1", "fast", "1001", "1e3", "nan", "", "99999"])
def test_what_is_no_speed_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="expected max, or a factor above 0"):
        speed_text(text)


def test_what_is_not_said_overrides_nothing() -> None:
    assert options().overrides() == {}
    assert options().duration_ns is None


def test_what_is_said_overrides_the_configuration(tmp_path: Path) -> None:
    capture = tmp_path / "a.gz"
    capture.touch()
    said = options(mode="live", duration="10m", captures=(str(capture),), speed="20").overrides()
    assert said == {
        "engine.mode": "live",
        "engine.speed": "20",
        "engine.duration_s": 600,
        "engine.captures": [str(capture)],
    }


@pytest.mark.parametrize("words", [{"speed": "max"}, {"mode": "backtest"}, {"mode": "backtest", "speed": "max"}])
def test_full_speed_and_backtest_are_one_thing(words: dict[str, str]) -> None:
    assert options(**words).overrides() == {"engine.mode": "backtest", "engine.speed": "max"}


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ({"mode": "shadow"}, "--mode: shadow is not built yet"),
        ({"mode": "fast"}, "--mode 'fast': expected one of backtest, paper, live"),
        ({"mode": "live", "speed": "max"}, "--speed max is mode backtest and contradicts --mode live"),
        ({"mode": "backtest", "speed": "20"}, "--mode backtest runs at full speed and contradicts --speed 20"),
        ({"captures": ("absent.gz",)}, "--capture absent.gz: there is no such file"),
    ],
)
def test_words_that_contradict_each_other_are_refused(words: dict[str, Any], problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        options(**words)
