"""How the engine is: lag of the loop, of the audit trail and of the clock, and room on the disk, measured from outside.

It owns the samples and the bytes in which a measurement stands on the tape. It decides nothing: whoever decides hears
it as a message, after the tape has it. The loop is late by what a timer of ours is late, because a handler that holds
the loop holds the timer. A simulated run has no loop and no disk to wait for; it is told that all is well, at fixed
times of its own clock, so that such a run stays a function of its inputs.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct

from engine.clock import NS_PER_MS, NS_PER_SECOND, monotonic_ns, wall_divergence_ns
from engine.runtime.port import InputKind, Port

SAMPLE_NS = 20 * NS_PER_MS
"""Time between two looks: what the loop is late by less than this is seen by chance."""
REPORT_SAMPLES = 5
"""Samples in one measurement: ten a second."""
WINDOW_SAMPLES = 500
"""Samples that the p99 is taken of: ten seconds."""
DISK_REPORTS = 10
"""Measurements between two questions to the disk: once a second."""
STEADY_PERIOD_NS = NS_PER_SECOND
"""Time between two measurements of a simulated run."""


class Measured(Struct, frozen=True, array_like=True, gc=False):
    """One measurement as it stands on the tape."""

    loop_lag_ns: int = 0
    loop_lag_p99_ns: int = 0
    audit_lag_ns: int = 0
    audit_backlog_pct: int = 0
    clock_step_ns: int = 0
    disk_free_pct: int = 100


_decoder = msgspec.json.Decoder(Measured)


def measured(payload: bytes) -> Measured:
    """Read a measurement. msgspec.ValidationError when it is none."""
    return _decoder.decode(payload)


def free_pct(directory: Path) -> int:
    """Return how much of a directory's disk is free, in percent, rounded down; a disk that does not answer has none."""
    try:
        found = os.statvfs(directory)
    except OSError:  # expected: a disk that is gone takes no record either, and that is what this is asked for
        return 0
    return 100 * found.f_bavail // max(found.f_blocks, 1)


class Records(Protocol):
    """What is asked about the trail."""

    @property
    def told_seq(self) -> int:
        """The last record that somebody told."""

    @property
    def durable_seq(self) -> int:
        """The last record that is on disk."""

    @property
    def backlog_pct(self) -> int:
        """How full the audit writer's mailbox is."""


class Vitals:
    """Takes samples and delivers measurements."""

    def __init__(
        self,
        port: Port,
        records: Records,
        disk_free: Callable[[], int],
        *,
        clock_ns: Callable[[], int] = monotonic_ns,
        divergence_ns: Callable[[], int] = wall_divergence_ns,
    ) -> None:
        """Begin with what is true now.

        Args:
            port: takes the measurements.
            records: the trail.
            disk_free: asks the disk how much of it is free, in percent.
            clock_ns: the monotonic clock.
            divergence_ns: the wall clock's time less the monotonic one's.
        """
        self._port = port
        self._records = records
        self._disk_free = disk_free
        self._clock_ns = clock_ns
        self._divergence_ns = divergence_ns
        self._divergence_at_start_ns = divergence_ns()
        self._lags: deque[int] = deque(maxlen=WINDOW_SAMPLES)
        self._longest_ns = 0
        self._awaited_seq = 0
        self._awaited_since_ns = 0
        self._audit_lag_ns = 0
        self._samples_count = 0
        self._disk_free_pct = disk_free()
        self._ended = False

    def begin(self, call_later: Callable[[float, Callable[[], None]], object], period_ns: int) -> None:
        """Sample now and every `period_ns`, by the timers of the loop that is measured."""
        self.sample(self._clock_ns())

        def look(due_ns: int) -> None:
            if not self._ended:
                self.sample(due_ns)
                again()

        def again() -> None:
            call_later(period_ns / NS_PER_SECOND, partial(look, self._clock_ns() + period_ns))

        again()

    def end(self) -> None:
        """Sample no more."""
        self._ended = True

    def sample(self, due_ns: int) -> None:
        """Look once, at a moment that was due at `due_ns`; the first and every fifth after it is delivered."""
        now_ns = self._clock_ns()
        lag_ns = max(now_ns - due_ns, 0)
        self._lags.append(lag_ns)
        self._longest_ns = max(self._longest_ns, lag_ns)
        self._look_at_records(now_ns)
        if self._samples_count % REPORT_SAMPLES == 0:
            self._deliver()
        self._samples_count += 1

    def _look_at_records(self, now_ns: int) -> None:
        """Follow one record until it is on disk, and then the newest: its wait is the lag, and never less."""
        records = self._records
        durable_seq = records.durable_seq
        if self._awaited_seq and durable_seq < self._awaited_seq:
            self._audit_lag_ns = now_ns - self._awaited_since_ns
            return
        self._audit_lag_ns = 0
        told_seq = records.told_seq
        self._awaited_seq = told_seq if durable_seq < told_seq else 0
        self._awaited_since_ns = now_ns

    def _deliver(self) -> None:
        if self._samples_count % (REPORT_SAMPLES * DISK_REPORTS) == 0:
            self._disk_free_pct = self._disk_free()
        lags = sorted(self._lags)
        values = Measured(
            loop_lag_ns=self._longest_ns,
            loop_lag_p99_ns=lags[(99 * len(lags) - 1) // 100],
            audit_lag_ns=self._audit_lag_ns,
            audit_backlog_pct=self._records.backlog_pct,
            clock_step_ns=self._divergence_ns() - self._divergence_at_start_ns,
            disk_free_pct=self._disk_free_pct,
        )
        self._longest_ns = 0
        self._port.deliver(InputKind.MEASURED, msgspec.json.encode(values))


class SteadyVitals:
    """Says once a second of simulated time that all is well: a source of events for a simulated turn."""

    def __init__(self, port: Port, first_ns: int) -> None:
        """Begin at `first_ns`."""
        self._port = port
        self._next_ns = first_ns
        self._payload = msgspec.json.encode(Measured())

    def next_ns(self) -> int | None:
        """Return when the next measurement is due."""
        return self._next_ns

    def fire(self, now_ns: int) -> None:
        """Deliver it."""
        self._next_ns = now_ns + STEADY_PERIOD_NS
        self._port.deliver(InputKind.MEASURED, self._payload)
