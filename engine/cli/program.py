"""An engine run from a program: the same as `tiercel run`, with the summary as an object and nothing printed."""

from __future__ import annotations

import os
from collections.abc import Sequence

from engine.cli.options import run_options
from engine.cli.run import carry_out
from engine.telemetry.display import NoDisplay
from engine.telemetry.summary import Summary


def run(
    config: str | os.PathLike[str] | None = None,
    *,
    mode: str | None = None,
    duration: str | None = None,
    captures: Sequence[str | os.PathLike[str]] = (),
    speed: str | None = None,
    data_dir: str | os.PathLike[str] | None = None,
) -> Summary:
    """Run an engine until its end and return what it came to; the demonstration without a configuration.

    Args:
        config: a TOML file.
        mode: `backtest`, `paper` or `live`, instead of the file's.
        duration: `30`, `30s`, `10m` or `2h`.
        captures: recordings to play, one session in their order.
        speed: how fast they are played; `max` is a backtest.
        data_dir: where state, logs and runs are kept; TIERCEL_DATA_DIR, else ./var.

    Raises:
        UsageError: the configuration, a capture or a key is wrong, or another engine holds the directory.
    """
    options = run_options(
        None if config is None else os.fspath(config),
        mode,
        duration,
        [os.fspath(capture) for capture in captures],
        speed,
        json=True,
        data_dir=None if data_dir is None else os.fspath(data_dir),
    )
    return carry_out(options, NoDisplay()).summary
