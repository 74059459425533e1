"""Queue position of one resting order against recorded market data: what a level's size says of those ahead of us.

A recording of levels shows the size of a level, never who left it. All models agree on the rest: everything that was
displayed when we joined stands ahead of us, a trade at our price comes off the front, we are filled by what trades
beyond the front, and wholly by a trade through our price or by an opposite best price that comes to cross it. They
differ in whom they believe to have left when a level shrinks without a trade. The order never disturbs the market it
rests in. No model draws lots: the same recording fills the same orders, on any machine.
"""

from enum import IntEnum

cimport cython
from libc.math cimport ceil
from libc.stdint cimport int64_t, uint64_t

from hotpath.core.integers cimport int64_of
from hotpath.core.units cimport int128

QueueModel = IntEnum(
    "QueueModel",
    [("RISK_AVERSE", RISK_AVERSE), ("LOGARITHMIC", LOGARITHMIC), ("POWER", POWER)],
    module=__name__,
)


@cython.overflowcheck(False)
cdef double log2_of(uint64_t value) noexcept nogil:
    """Return log2(value) to 32 binary places, by squaring: integers alone, so that every machine has the same bits.

    Source: Knuth, The Art of Computer Programming 1, section 1.2.2. `value` is above 0, 2^63 at most.
    """
    cdef int whole = 0
    cdef int _place
    cdef uint64_t square
    cdef uint64_t digits = 0
    while value >> whole > 1:
        whole += 1
    square = value << (31 - whole) if whole <= 31 else value >> (whole - 31)
    for _place in range(32):
        square = (square * square) >> 31
        digits = digits << 1
        if square >> 32:
            digits |= 1
            square >>= 1
    return <double>whole + <double>digits / 4294967296.0


@cython.cdivision(True)  # neither denominator can be 0 where it divides
cdef double share_behind(int model, int exponent, int64_t ahead_lots, int64_t behind_lots) noexcept nogil:
    """Return f(behind) / (f(behind) + f(ahead)) for one of the models, 1 where nobody is ahead."""
    cdef double ahead, behind, ratio
    cdef double power = 1
    if ahead_lots <= 0:
        return 1
    if behind_lots <= 0:
        return 0  # to whoever is ahead
    if model == LOGARITHMIC:
        ahead = log2_of(<uint64_t>ahead_lots + 1)
        behind = log2_of(<uint64_t>behind_lots + 1)
        return behind / (behind + ahead)
    ratio = <double>ahead_lots / <double>behind_lots
    for _ in range(exponent):
        power *= ratio
    return 1 / (1 + power)


@cython.final
cdef class QueuePosition:
    def __init__(
        self, side, price_ticks, lots, displayed_lots, *, step_lots=1, bint crossed=False, model=RISK_AVERSE, exponent=3
    ):
        cdef int64_t our_side = int64_of(side, "side")
        cdef int64_t code = int64_of(model, "model")
        cdef int64_t power = int64_of(exponent, "exponent")
        if our_side != 1 and our_side != -1:
            raise ValueError(f"side is {our_side}; expected 1 (buy) or -1 (sell)")
        if not RISK_AVERSE <= code <= POWER or not 1 <= power <= EXPONENT_MAX:
            raise ValueError(
                f"model {code} with exponent {power}; expected a QueueModel and an exponent of 1 to {EXPONENT_MAX}"
            )
        self.price_ticks = int64_of(price_ticks, "price_ticks")
        self.open_lots = int64_of(lots, "lots")
        self.step_lots = int64_of(step_lots, "step_lots")
        self.ahead_lots = self.displayed_lots = int64_of(displayed_lots, "displayed_lots")
        if self.price_ticks <= 0 or self.open_lots <= 0 or self.displayed_lots < 0 or self.step_lots <= 0:
            raise ValueError(
                f"price {price_ticks}, lots {lots} and step {step_lots} must be above 0, "
                f"displayed {displayed_lots} not below"
            )
        self.side = <int>our_side
        self.model_code = <int>code
        self.exponent = <int>power
        self.traded_lots = 0
        self.crossed = crossed

    @property
    def model(self):
        return QueueModel(self.model_code)

    def on_trade(self, price_ticks, lots, aggressor_side):
        cdef int64_t ticks = int64_of(price_ticks, "price_ticks")
        cdef int64_t trade_lots = int64_of(lots, "lots")
        if int64_of(aggressor_side, "aggressor_side") == self.side or trade_lots <= 0 or ticks <= 0:
            return 0
        return self.traded(ticks, trade_lots)

    def on_level(self, displayed_lots):
        self.displayed(max(int64_of(displayed_lots, "displayed_lots"), 0))

    def on_best(self, opposite_ticks):
        cdef int64_t ticks = int64_of(opposite_ticks, "opposite_ticks")
        cdef bint crosses = ticks > 0 and self.side * ticks <= self.side * self.price_ticks
        cdef bint anew = crosses and not self.crossed
        self.crossed = crosses
        return self.fill(self.open_lots) if anew else 0

    def check(self):
        assert self.open_lots >= 0, f"{self.open_lots} open lots"
        assert self.ahead_lots > -self.step_lots or self.open_lots == 0, f"{-self.ahead_lots} lots passed us by"
        assert self.displayed_lots >= 0 and self.traded_lots >= 0, "a level cannot hold or trade less than nothing"

    @cython.overflowcheck(False)
    cdef int64_t traded(self, int64_t ticks, int64_t lots) noexcept nogil:
        """Move the queue by a trade against our side; returns the lots that it fills."""
        cdef int128 ahead
        cdef int64_t beyond
        if self.side * ticks < self.side * self.price_ticks:
            return self.fill(self.open_lots)
        if ticks != self.price_ticks:
            return 0
        self.traded_lots += min(lots, self.displayed_lots - self.traded_lots)
        ahead = <int128>self.ahead_lots - <int128>lots
        if ahead > -<int128>self.step_lots:
            self.ahead_lots = <int64_t>ahead
            return 0
        beyond = self.open_lots if -ahead > <int128>self.open_lots else <int64_t>-ahead
        beyond -= beyond % self.step_lots
        self.ahead_lots = <int64_t>min(ahead + <int128>beyond, <int128>0) if self.open_lots > beyond else 0
        return self.fill(beyond)

    cdef void displayed(self, int64_t lots) noexcept nogil:
        """Move the queue by what its level shows now: what is missing and was not traded left ahead of us or behind."""
        cdef int64_t before = self.displayed_lots - self.traded_lots
        cdef int64_t vanished = before - lots
        cdef int64_t behind, from_behind
        cdef double share
        if self.model_code != RISK_AVERSE and vanished > 0 and self.ahead_lots > 0:
            behind = max(before - self.ahead_lots, 0)
            share = share_behind(self.model_code, self.exponent, self.ahead_lots, behind)
            from_behind = min(behind, vanished)
            if share * <double>vanished < <double>from_behind:
                from_behind = <int64_t>ceil(share * <double>vanished)
            self.ahead_lots = max(self.ahead_lots - (vanished - from_behind), 0)
        self.ahead_lots = min(self.ahead_lots, lots)
        self.displayed_lots = lots
        self.traded_lots = 0

    cdef int64_t fill(self, int64_t lots) noexcept nogil:
        self.open_lots -= lots
        return lots
