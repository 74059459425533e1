"""The logs for people: logs/engine_…, trades_… and errors_YYYY-MM-DD.jsonl, one JSON object a line.

The day is the UTC day of the engine's clock. Lines are kept until `flush`, which writes each file once, at the end of a
turn. A log is not evidence, so a full disk costs lines, which are counted, and never halts trading: the audit trail,
which does, notices the same disk itself.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from engine.clock import day_start_ns
from hotpath.core.text import timestamp_text

LINES_WAITING_MAX = 4_096


class Log(StrEnum):
    """Which file a line belongs to."""

    ENGINE = "engine"
    TRADES = "trades"
    ERRORS = "errors"


class Logs:
    """The three log files of one data directory."""

    def __init__(self, folder: Path, run_id: str) -> None:
        """Write below `folder`; every line names the run."""
        self._folder = folder
        self._run_id = run_id
        self._encoder = msgspec.json.Encoder()
        self._waiting: dict[Path, list[bytes]] = {}
        self._waiting_count = 0
        self.lost_count = 0

    def write(self, log: Log, now_ns: int, event: str, **fields: Any) -> None:
        """Add a line: when, which run, what happened, and whatever else is worth knowing (plain values)."""
        if self._waiting_count >= LINES_WAITING_MAX:
            self.lost_count += 1
            return
        line = {"timestamp": timestamp_text(now_ns), "run_id": self._run_id, "event": event, **fields}
        day = timestamp_text(day_start_ns(now_ns))[:10]
        path = self._folder / f"{log.value}_{day}.jsonl"
        self._waiting.setdefault(path, []).append(self._encoder.encode(line) + b"\n")
        self._waiting_count += 1

    def engine(self, now_ns: int, event: str, **fields: Any) -> None:
        """Add a line about the engine: start, stop, state, connections."""
        self.write(Log.ENGINE, now_ns, event, **fields)

    def trade(self, now_ns: int, event: str, **fields: Any) -> None:
        """Add a line about an execution of ours."""
        self.write(Log.TRADES, now_ns, event, **fields)

    def failure(self, now_ns: int, event: str, problem: BaseException | None = None, **fields: Any) -> None:
        """Add a line about something that went wrong, with its traceback when there is one."""
        if problem is not None:
            fields["problem"] = f"{type(problem).__name__}: {problem}"
            fields["traceback"] = "".join(traceback.format_exception(problem))
        self.write(Log.ERRORS, now_ns, event, **fields)

    def flush(self) -> None:
        """Write what is waiting: one write for each file."""
        if not self._waiting_count:
            return
        for path, lines in self._waiting.items():
            try:
                with path.open("ab", buffering=0) as file:
                    file.write(b"".join(lines))
            except OSError:  # expected: counted; a log never halts trading
                self.lost_count += len(lines)
        self._waiting.clear()
        self._waiting_count = 0


class Bridge(logging.Handler):
    """Brings what the gateways log to the engine's file, with the engine's time."""

    def __init__(self, logs: Logs, now_ns: Callable[[], int]) -> None:
        """`now_ns` is the run's clock."""
        super().__init__(logging.INFO)
        self._logs = logs
        self._now_ns = now_ns

    def emit(self, record: logging.LogRecord) -> None:
        """Take one line."""
        self._logs.engine(self._now_ns(), "log", source=record.name, level=record.levelname, text=record.getMessage())
