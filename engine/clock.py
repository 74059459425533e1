"""The clocks of a run.

A clock is asked once for each input, by the turn; what actors see is hotpath.core.moment.Moment, which stands still
until the next input. Nothing else in the engine may read a clock (a test enforces it). Times are nanoseconds since the
Unix epoch.
"""

from __future__ import annotations

import time
from typing import Protocol

NS_PER_SECOND = 1_000_000_000
NS_PER_MS = 1_000_000
NS_PER_DAY = 86_400 * NS_PER_SECOND


class Clock(Protocol):
    """Whatever a turn reads the time from."""

    def read_ns(self) -> int:
        """Return the time now."""


class WallClock:
    """The machine's clock: UTC as it was at the start, moved on by the monotonic clock, so it never steps."""

    def __init__(self) -> None:
        """Read both clocks once."""
        self._offset_ns = time.time_ns() - time.monotonic_ns()

    def read_ns(self) -> int:
        """Return the time now."""
        return time.monotonic_ns() + self._offset_ns


class ScaledClock:
    """A capture's time at N times its speed: the same in every process that is given the same origin."""

    def __init__(self, capture_start_ns: int, speed: float, origin_monotonic_ns: int) -> None:
        """`origin_monotonic_ns` is the monotonic time at which the clock shows `capture_start_ns`."""
        self._start_ns = capture_start_ns
        self._speed = speed
        self._origin_ns = origin_monotonic_ns

    def read_ns(self) -> int:
        """Return the capture's time now."""
        return self._start_ns + int((time.monotonic_ns() - self._origin_ns) * self._speed)

    def wall_ns(self, duration_ns: int) -> int:
        """Return how long a duration of capture time lasts on the wall."""
        return int(duration_ns / self._speed)


def monotonic_ns() -> int:
    """Return the machine's monotonic clock, which every process of the machine shares: the origin of a ScaledClock."""
    return time.monotonic_ns()


def wall_divergence_ns() -> int:
    """Return the wall clock's time less the monotonic one's: it stays as it is until somebody sets the wall clock."""
    return time.time_ns() - time.monotonic_ns()


def day_start_ns(time_ns: int) -> int:
    """Return 00:00 UTC of the day of `time_ns`."""
    return time_ns - time_ns % NS_PER_DAY
