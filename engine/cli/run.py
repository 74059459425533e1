"""`tiercel run`: from the words of the command line to an exit code.

0 when the run ended as it should, 3 when safety halted it. Errors of the caller leave as exceptions; the command line
says them in its own way.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Protocol

from actors.strategy.loading import LoadedStrategy
from engine.audit.verify import verify
from engine.cli.opening import Opened
from engine.cli.options import RunOptions
from engine.cli.strategies import load_strategies
from engine.config.load import Loaded, load_config
from engine.config.model import Mode
from engine.datadir import data_dir
from engine.telemetry.display import Display, choose_display
from engine.telemetry.summary import Summary, print_summary

DONE, HALTED = 0, 3


def run(options: RunOptions) -> int:
    """Run an engine until its end.

    Raises:
        UsageError: the configuration, a capture or a key is wrong; DirectoryHeld when another engine runs there.
    """
    loaded = load_config(options.config, os.environ, options.overrides())
    strategies = load_strategies(loaded)
    logging.getLogger("gateways").addHandler(logging.NullHandler())
    opened = Opened(data_dir(options.data_dir, os.environ))
    display = choose_display(json=options.json)
    try:
        one = _make(loaded, opened, display, strategies)
        summary = one.go()
    finally:
        display.close()
        opened.close()
    run_dir = opened.directory.run(summary.run_id)
    problems = list(opened.problems)
    try:
        run_dir.summary.write_bytes(summary.to_json())
    except OSError as error:
        problems.append(f"{run_dir.summary} cannot be written: {error.strerror}")
    for problem in problems:
        print(f"tiercel: {problem}", file=sys.stderr)
    _tell(summary, one.failures, json=options.json, directory=str(opened.directory.root))
    return HALTED if summary.state == "EMERGENCY" or problems else DONE


class Run(Protocol):
    """A run of either kind."""

    @property
    def failures(self) -> list[str]:
        """What the authors of strategies should read."""

    def go(self) -> Summary:
        """Run to the end."""


def _make(loaded: Loaded, opened: Opened, display: Display, strategies: list[LoadedStrategy]) -> Run:
    if loaded.config.engine.mode is Mode.BACKTEST:
        from engine.cli.simulated import SimulatedRun

        return SimulatedRun(loaded, opened, display, strategies)
    from engine.cli.live import LiveRun

    return LiveRun(loaded, opened, display, strategies)


def _tell(summary: Summary, failures: list[str], *, json: bool, directory: str) -> None:
    if json:
        sys.stdout.buffer.write(summary.to_json())
        sys.stdout.flush()
        return
    for failure in failures:
        print(failure, file=sys.stderr)
    print_summary(summary)
    report = verify(Path(directory))
    word = "verified" if not report.problems else f"DAMAGED: {report.problems[0]}"
    print(f"audit trail {word}: {report.records:,} records, head {report.head}")
    print(f"files in {directory}; look at them with: tiercel audit verify, tiercel replay {summary.run_id}")
