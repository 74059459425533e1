"""The log of trades: one line for each execution of ours, made from the audit record of it.

It stands between the audit writer and the trail and changes nothing, so the log cannot tell another story than the
evidence does. A line costs a look for one word; only executions are read again.
"""

from __future__ import annotations

from engine.audit.files import Trail
from engine.audit.record import decode
from engine.telemetry.logs import Logs

FILL = b'"action":"order.fill"'


class TradesLog:
    """A trail that also brings executions to the log."""

    def __init__(self, trail: Trail, logs: Logs) -> None:
        """Pass everything on to `trail`."""
        self._trail = trail
        self._logs = logs

    @property
    def durable_seq(self) -> int:
        """The last record that is on disk."""
        return self._trail.durable_seq

    @property
    def dead(self) -> bool:
        """Whether a write or sync failed."""
        return self._trail.dead

    def append(self, line: bytes, seq: int, time_ns: int) -> None:
        """Take a line."""
        self._trail.append(line, seq, time_ns)
        if FILL in line:
            record = decode(line.rstrip(b"\n"))
            self._logs.trade(time_ns, "fill", seq=seq, order=record.resource_id, **(record.metadata or {}))

    def flush(self) -> None:
        """Write what was taken."""
        self._trail.flush()

    def sync(self) -> None:
        """Write it and make it durable."""
        self._trail.sync()

    def close(self) -> None:
        """Write, make durable, and take no more."""
        self._trail.close()
