"""`tiercel run`: from the words of the command line to an exit code.

0 when the run ended as it should, 3 when safety halted it. Errors of the caller leave as exceptions; the command line
says them in its own way.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from pathlib import Path
from typing import NamedTuple, Protocol

from actors.strategy.loading import LoadedStrategy
from engine.audit.verify import verify
from engine.cli.opening import Opened
from engine.cli.options import RunOptions
from engine.cli.strategies import load_strategies
from engine.config.load import Loaded, load_config
from engine.config.model import Mode
from engine.cpu_latency import NOT_ASKED_US, cpu_latency
from engine.datadir import data_dir
from engine.telemetry.display import Display, choose_display
from engine.telemetry.summary import Summary, print_summary

DONE, HALTED = 0, 3


class Ran(NamedTuple):
    """A run that has ended."""

    summary: Summary
    failures: list[str]
    """What the authors of strategies should read."""
    problems: list[str]
    """What could not be written."""
    directory: Path


def run(options: RunOptions) -> int:
    """Run an engine until its end, tell what it came to, and return the exit code.

    Raises:
        UsageError: the configuration, a capture or a key is wrong; DirectoryHeld when another engine runs there.
    """
    ran = carry_out(options, choose_display(json=options.json))
    for problem in ran.problems:
        print(f"tiercel: {problem}", file=sys.stderr)
    _tell(ran, json=options.json)
    return HALTED if ran.summary.state == "EMERGENCY" or ran.problems else DONE


def carry_out(options: RunOptions, display: Display) -> Ran:
    """Run an engine until its end; `display` is closed when it is over.

    Raises:
        UsageError: as `run`.
    """
    try:
        loaded = load_config(options.config, os.environ, options.overrides())
        strategies = load_strategies(loaded)
        logging.getLogger("gateways").addHandler(logging.NullHandler())
        engine = loaded.config.engine
        with cpu_latency(NOT_ASKED_US if engine.mode is Mode.BACKTEST else engine.cpu_latency_us):
            opened = Opened(data_dir(options.data_dir, os.environ))
            try:
                one = _make(loaded, opened, display, strategies)
                summary = one.go()
                signal.signal(signal.SIGINT, signal.default_int_handler)  # nothing is at work; all of it is shown
            finally:
                opened.close()
    finally:
        display.close()
    file = opened.directory.run(summary.run_id).summary
    problems = list(opened.problems)
    try:
        file.write_bytes(summary.to_json())
    except OSError as error:
        problems.append(f"{file} cannot be written: {error.strerror}")
    return Ran(summary, one.failures, problems, opened.directory.root)


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


def _tell(ran: Ran, *, json: bool) -> None:
    if json:
        sys.stdout.buffer.write(ran.summary.to_json())
        sys.stdout.flush()
        return
    for failure in ran.failures:
        print(failure, file=sys.stderr)
    print_summary(ran.summary)
    report = verify(ran.directory)
    word = "verified" if not report.problems else f"DAMAGED: {report.problems[0]}"
    print(f"audit trail {word}: {report.records:,} records, head {report.head}")
    print(f"files in {ran.directory}; look at them with: tiercel audit verify, tiercel replay {ran.summary.run_id}")
