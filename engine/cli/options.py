"""What `tiercel run` and `tiercel replay` were asked for, checked as far as the command line alone can tell.

Whatever also depends on the configuration file (may this mode be used with that environment?) is left to
engine.config, which gets these options as overrides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from msgspec import Struct

from engine.clock import NS_PER_SECOND
from engine.config.unbuilt import unbuilt
from engine.errors import UsageError

DURATION_UNITS = {"": 1, "s": 1, "m": 60, "h": 3_600}
DURATION_S_MAX = 31_536_000
MODES = ("backtest", "paper", "live")
SPEED_MAX = 1_000


class RunOptions(Struct, frozen=True):
    """The words behind `tiercel run`; None and empty mean: not given."""

    config: Path | None = None
    mode: str | None = None
    duration_s: int | None = None
    captures: tuple[Path, ...] = ()
    speed: str | None = None
    json: bool = False
    data_dir: Path | None = None

    @property
    def duration_ns(self) -> int | None:
        """The duration in nanoseconds."""
        return None if self.duration_s is None else self.duration_s * NS_PER_SECOND

    def overrides(self) -> dict[str, Any]:
        """Return what the command line says about the configuration, by key, for engine.config.load.load_config.

        `--speed max` is mode backtest, and a capture that is played without a speed in mode backtest has speed max.
        """
        mode = self.mode or ("backtest" if self.speed == "max" else None)
        speed = self.speed or ("max" if mode == "backtest" else None)
        said = {
            "engine.mode": mode,
            "engine.speed": speed,
            "engine.duration_s": self.duration_s,
            "engine.captures": [str(path.absolute()) for path in self.captures] or None,
        }
        return {key: value for key, value in said.items() if value is not None}


class ReplayOptions(Struct, frozen=True):
    """The words behind `tiercel replay`."""

    run_id: str | None = None
    json: bool = False
    data_dir: Path | None = None
    to_step: int = -1
    """Stop when the handler of this step has returned; -1 for the whole run."""


def run_options(
    config: str | None,
    mode: str | None,
    duration: str | None,
    captures: Sequence[str],
    speed: str | None,
    *,
    json: bool,
    data_dir: str | None,
) -> RunOptions:
    """Read the words of `tiercel run`.

    Raises:
        UsageError: a word makes no sense, or two of them contradict each other.
    """
    if mode is not None and mode not in MODES:
        row = unbuilt("engine.mode", mode)
        raise UsageError(f"--mode: {row.problem}" if row else f"--mode {mode!r}: expected one of {', '.join(MODES)}")
    for capture in captures:
        if not Path(capture).is_file():
            raise UsageError(f"--capture {capture}: there is no such file")
    if speed == "max" and mode not in (None, "backtest"):
        raise UsageError(f"--speed max is mode backtest and contradicts --mode {mode}; leave one out")
    if mode == "backtest" and speed not in (None, "max"):
        raise UsageError(f"--mode backtest runs at full speed and contradicts --speed {speed}; leave one out")
    return RunOptions(
        config=Path(config) if config is not None else None,
        mode=mode,
        duration_s=None if duration is None else duration_seconds(duration),
        captures=tuple(Path(capture) for capture in captures),
        speed=None if speed is None else speed_text(speed),
        json=json,
        data_dir=Path(data_dir) if data_dir is not None else None,
    )


def duration_seconds(text: str) -> int:
    """Return the seconds of `30`, `30s`, `10m` or `2h`.

    Raises:
        UsageError: it is none of these, zero, or longer than a year.
    """
    found = re.fullmatch(r"([0-9]{1,9})([smh]?)", text.strip())
    seconds = int(found[1]) * DURATION_UNITS[found[2]] if found else 0
    if not 0 < seconds <= DURATION_S_MAX:
        raise UsageError(f"--duration {text!r}: expected a time such as 30, 30s, 10m or 2h, at most a year")
    return seconds


def speed_text(text: str) -> str:
    """Return `max`, or a factor as the configuration writes it.

    Raises:
        UsageError: it is neither, or out of bounds.
    """
    if text == "max":
        return text
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", text) or not 0 < Decimal(text) <= SPEED_MAX:
        raise UsageError(f"--speed {text!r}: expected max, or a factor above 0 and up to {SPEED_MAX}")
    return text
