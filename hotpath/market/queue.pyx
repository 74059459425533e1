"""Queue position of one resting order against recorded market data, pessimistic by choice.

The idea is the risk-averse queue model known from hftbacktest (RiskAdverseQueueModel), in our own words: a recording
shows the size of a level, never who left it. So everything that was displayed when we joined stands ahead of us; a
trade at our price comes off the front; a level that shrinks without a trade is assumed to shrink behind us, until it
is smaller than what we believe ahead of us. We are filled by what trades beyond the front, and wholly by a trade
through our price or by an opposite best price that comes to cross it. The order never disturbs the market it rests in.
"""

from libc.stdint cimport int64_t


cdef class QueuePosition:
    def __init__(
        self,
        int side,
        int64_t price_ticks,
        int64_t lots,
        int64_t displayed_lots,
        *,
        int64_t step_lots=1,
        bint crossed=False,
    ):
        if side != 1 and side != -1:
            raise ValueError(f"side is {side}; expected 1 (buy) or -1 (sell)")
        if price_ticks <= 0 or lots <= 0 or displayed_lots < 0 or step_lots <= 0:
            raise ValueError(
                f"price {price_ticks}, lots {lots} and step {step_lots} must be above 0, "
                f"displayed {displayed_lots} not below"
            )
        self.side = side
        self.price_ticks = price_ticks
        self.open_lots = lots
        self.step_lots = step_lots
        self.ahead_lots = displayed_lots
        self.crossed = crossed

    def on_trade(self, int64_t price_ticks, int64_t lots, int aggressor_side):
        if aggressor_side == self.side or lots <= 0:
            return 0
        return self.traded(price_ticks, lots)

    def on_level(self, int64_t displayed_lots):
        if displayed_lots < self.ahead_lots:
            self.ahead_lots = max(displayed_lots, 0)

    def on_best(self, int64_t opposite_ticks):
        cdef bint crosses = opposite_ticks > 0 and self.side * opposite_ticks <= self.side * self.price_ticks
        cdef bint anew = crosses and not self.crossed
        self.crossed = crosses
        return self.fill(self.open_lots) if anew else 0

    def check(self):
        assert self.open_lots >= 0, f"{self.open_lots} open lots"
        assert self.ahead_lots > -self.step_lots or self.open_lots == 0, f"{-self.ahead_lots} lots passed us by"

    cdef int64_t traded(self, int64_t ticks, int64_t lots) noexcept:
        """Move the queue by a trade against our side; returns the lots that it fills."""
        cdef int64_t beyond
        if self.side * ticks < self.side * self.price_ticks:
            return self.fill(self.open_lots)
        if ticks != self.price_ticks:
            return 0
        self.ahead_lots -= lots
        if self.ahead_lots > -self.step_lots:
            return 0
        beyond = min(-self.ahead_lots, self.open_lots)
        beyond -= beyond % self.step_lots
        self.ahead_lots = min(self.ahead_lots + beyond, 0) if self.open_lots > beyond else 0
        return self.fill(beyond)

    cdef int64_t fill(self, int64_t lots) noexcept nogil:
        self.open_lots -= lots
        return lots
