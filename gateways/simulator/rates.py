"""A venue's rate limit as the venue counts it: so many in each interval of its clock, back to zero when one begins."""

from __future__ import annotations


class RateWindow:
    """The use of one limit in the interval that now belongs to."""

    __slots__ = ("_count", "_interval", "interval_ns", "limit")

    def __init__(self, limit: int, interval_ns: int) -> None:
        """Allow `limit` in each `interval_ns` since the epoch."""
        self.limit = limit
        self.interval_ns = interval_ns
        self._interval = 0
        self._count = 0

    def count(self, now_ns: int) -> int:
        """Return what is used."""
        return self._count if now_ns // self.interval_ns == self._interval else 0

    def add(self, amount: int, now_ns: int) -> None:
        """Count an amount, or give it back when it is below 0; the use is never below 0."""
        self._count = max(self.count(now_ns) + amount, 0)
        self._interval = now_ns // self.interval_ns

    def has_room(self, amount: int, now_ns: int) -> bool:
        """Say whether an amount still fits."""
        return self.count(now_ns) + amount <= self.limit

    def ends_ns(self, now_ns: int) -> int:
        """Return when the next interval begins."""
        return (now_ns // self.interval_ns + 1) * self.interval_ns
