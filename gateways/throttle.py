"""How many requests the venue still takes: its limits with a margin, checked before anything is sent.

We use 80 % of what the venue allows, and orders leave a fifth of that to cancels: getting out must never wait for
getting in. Each limit is a token bucket whose size and refill are half of the budget each, because then no window of
the limit's length, wherever the venue cuts it, can see more than the budget. After a 429 or 418 nothing at all is sent
until the moment the venue named. What is routine has a share of its own inside the budget, so that comparing again and
again never keeps a question waiting that somebody needs answered. No clock of its own: the caller says what time it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from engine.clock import NS_PER_SECOND
from hotpath.core.buckets import RateBuckets

BUDGET_PERCENT = 80
CANCEL_RESERVE_PERCENT = 20
ROUTINE_PERCENT = 25
"""Of the weight budget, for reconciliation that nobody waits for."""
SILENCE_WITHOUT_WORD_NS = 60 * NS_PER_SECOND
SILENCE_NS_MAX = 3 * 86_400 * NS_PER_SECOND
"""The longest ban that the venue knows; a longer one is nonsense, and would keep cancels in for ever."""


class RateLimit(Struct, frozen=True, gc=False):
    """The venue allows `limit` in every `interval_ns`: of request weight, or of new orders."""

    orders: bool
    limit: int
    interval_ns: int


class Throttle:
    """The budget of one address and account at one venue."""

    def __init__(self, limits: Sequence[RateLimit]) -> None:
        """Take the venue's limits, as its exchange information states them."""
        self.buckets = RateBuckets()
        self._routine = RateBuckets()
        for limit in limits:
            tokens_max = max(limit.limit * BUDGET_PERCENT // 200, 1)
            if not limit.orders:
                share = max(tokens_max * ROUTINE_PERCENT // 100, 1)
                self._routine.add(-(-limit.interval_ns // share), share, 0, False)
            reserve = 0 if limit.orders else tokens_max * CANCEL_RESERVE_PERCENT // 100
            self.buckets.add(-(-limit.interval_ns // tokens_max), tokens_max, reserve, limit.orders)

    @property
    def silent_until_ns(self) -> int:
        """Nothing is sent before."""
        return self.buckets.silent_until_ns

    @property
    def refused_count(self) -> int:
        """How often there was no budget."""
        return self.buckets.refused_count

    def take_order(self, now_ns: int, weight: int = 1) -> bool:
        """Take the budget of one new order; False and nothing taken when there is none."""
        return self.buckets.take_order(now_ns, weight)

    def take_cancel(self, now_ns: int, weight: int = 1) -> bool:
        """Take the budget of a cancel, the reserve included."""
        return self.buckets.take_weight(now_ns, weight, True)

    def take_query(self, now_ns: int, weight: int) -> bool:
        """Take the budget of a question, leaving the reserve for cancels."""
        return self.buckets.take_weight(now_ns, weight, False)

    def take_routine(self, now_ns: int, weight: int) -> bool:
        """Take the budget of a question that can wait, from the share of such questions."""
        return self._routine.take_weight(now_ns, weight, False) and self.take_query(now_ns, weight)

    def silence(self, until_ns: int) -> None:
        """Send nothing before `until_ns`: the venue said 429 or 418."""
        self.buckets.silent_until_ns = max(self.buckets.silent_until_ns, until_ns)
