"""How many requests the venue still takes: its limits with a margin, checked before anything is sent.

We use 80 % of what the venue allows, and orders leave a fifth of that to cancels: getting out must never wait for
getting in. Each limit is a token bucket whose size and refill are half of the budget each, because then no window of
the limit's length, wherever the venue cuts it, can see more than the budget. After a 429 or 418 nothing at all is sent
until the moment the venue named. No clock of its own: the caller says what time it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from engine.clock import NS_PER_SECOND

BUDGET_PERCENT = 80
CANCEL_RESERVE_PERCENT = 20
SILENCE_WITHOUT_WORD_NS = 60 * NS_PER_SECOND


class RateLimit(Struct, frozen=True, gc=False):
    """The venue allows `limit` in every `interval_ns`: of request weight, or of new orders."""

    orders: bool
    limit: int
    interval_ns: int


class _Bucket:
    """A token bucket as a moment: the later `busy_until_ns` lies, the emptier it is."""

    __slots__ = ("busy_until_ns", "depth_ns", "reserve_ns", "token_ns")

    def __init__(self, limit: RateLimit) -> None:
        half_max = max(limit.limit * BUDGET_PERCENT // 200, 1)
        self.token_ns = -(-limit.interval_ns // half_max)
        self.depth_ns = self.token_ns * half_max
        self.reserve_ns = 0 if limit.orders else self.depth_ns * CANCEL_RESERVE_PERCENT // 100
        self.busy_until_ns = 0

    def has_room(self, now_ns: int, tokens: int, reserve_ns: int) -> bool:
        ahead_ns = self.busy_until_ns - now_ns
        return (ahead_ns if ahead_ns > 0 else 0) + tokens * self.token_ns <= self.depth_ns - reserve_ns

    def take(self, now_ns: int, tokens: int) -> None:
        busy_until_ns = self.busy_until_ns
        self.busy_until_ns = (busy_until_ns if busy_until_ns > now_ns else now_ns) + tokens * self.token_ns


class Throttle:
    """The budget of one address and account at one venue."""

    def __init__(self, limits: Sequence[RateLimit]) -> None:
        """Take the venue's limits, as its exchange information states them."""
        self._weights = [_Bucket(limit) for limit in limits if not limit.orders]
        self._orders = [_Bucket(limit) for limit in limits if limit.orders]
        self.silent_until_ns = 0
        self.refused_count = 0

    def take_order(self, now_ns: int, weight: int = 1) -> bool:
        """Take the budget of one new order; False and nothing taken when there is none."""
        if now_ns < self.silent_until_ns:
            self.refused_count += 1
            return False
        for bucket in self._orders:
            if not bucket.has_room(now_ns, 1, 0):
                self.refused_count += 1
                return False
        for bucket in self._weights:
            if not bucket.has_room(now_ns, weight, bucket.reserve_ns):
                self.refused_count += 1
                return False
        for bucket in self._orders:
            bucket.take(now_ns, 1)
        for bucket in self._weights:
            bucket.take(now_ns, weight)
        return True

    def take_cancel(self, now_ns: int, weight: int = 1) -> bool:
        """Take the budget of a cancel, the reserve included."""
        return self._take_weight(now_ns, weight, reserved=True)

    def take_query(self, now_ns: int, weight: int) -> bool:
        """Take the budget of a question, leaving the reserve for cancels."""
        return self._take_weight(now_ns, weight, reserved=False)

    def silence(self, until_ns: int) -> None:
        """Send nothing before `until_ns`: the venue said 429 or 418."""
        self.silent_until_ns = max(self.silent_until_ns, until_ns)

    def _take_weight(self, now_ns: int, weight: int, *, reserved: bool) -> bool:
        if now_ns < self.silent_until_ns:
            self.refused_count += 1
            return False
        for bucket in self._weights:
            if not bucket.has_room(now_ns, weight, 0 if reserved else bucket.reserve_ns):
                self.refused_count += 1
                return False
        for bucket in self._weights:
            bucket.take(now_ns, weight)
        return True
