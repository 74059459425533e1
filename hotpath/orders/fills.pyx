"""What a quantity cost: the weighted average of fills, the price a sweep of the book expects, and slippage.

An average is a pair (cost, lots) of integers; it is divided only when it is shown, as an exact Fraction. No fill means
no average: None, never a division by zero. The cost is 128 bits wide and cannot overflow, because the lots are kept
within int64 and a price is at most 2^63 ticks. It knows no position, no fee and no order.
"""

cimport cython
from libc.stdint cimport INT64_MAX, int64_t, uint64_t

from hotpath.core.units cimport UNITS_OK, Scale, int128, money_up

from fractions import Fraction


@cython.overflowcheck(False)
cdef object wide(int128 value):
    """Return 128 bits as a Python integer."""
    return (<object><int64_t>(value >> 64) << 64) | <uint64_t>value


@cython.final
cdef class Average:
    """A weighted average price, kept as (cost, lots) and divided only to be shown.

    Slippage is measured against a reference price and is positive when it went against us.
    """

    def __init__(self, fills=()):
        self.cost_ticks_lots = 0
        self.lots = 0
        for price_ticks, lots in fills:
            self.add(price_ticks, lots)

    @property
    def cost(self):
        """The sum of ticks x lots, exact."""
        return wide(self.cost_ticks_lots)

    @property
    def price_ticks(self):
        """The average price in ticks, exact; None when nothing was filled."""
        return Fraction(self.cost, self.lots) if self.lots else None

    @cython.overflowcheck(False)
    def add(self, int64_t price_ticks, int64_t lots):
        """Count one fill in.

        Raises:
            ValueError: a price or quantity that is not positive.
            OverflowError: the lots do not fit int64; nothing was added.
        """
        if price_ticks <= 0 or lots <= 0:
            raise ValueError(f"a fill of {lots} lots at {price_ticks} ticks: both must be positive")
        if lots > INT64_MAX - self.lots:
            raise OverflowError(f"{self.lots} lots and {lots} more do not fit: the most is {INT64_MAX} lots")
        self.cost_ticks_lots += <int128>price_ticks * <int128>lots
        self.lots += lots

    @cython.overflowcheck(False)
    cdef int128 shortfall(self, int side, int64_t reference_ticks) noexcept nogil:
        """Return ticks x lots paid beyond the reference: at most twice 2^126, so it fits."""
        cdef int128 paid = self.cost_ticks_lots - <int128>reference_ticks * <int128>self.lots
        return paid if side > 0 else -paid

    def slippage_ticks(self, int side, int64_t reference_ticks):
        """Return how many ticks worse than the reference the average is; None when nothing was filled."""
        refuse_reference(side, reference_ticks)
        if not self.lots:
            return None
        return Fraction(wide(self.shortfall(side, reference_ticks)), self.lots)

    def slippage_bps(self, int side, int64_t reference_ticks):
        """Return the same in hundredths of a percent of the reference; None when nothing was filled."""
        refuse_reference(side, reference_ticks)
        if not self.lots:
            return None
        return Fraction(10_000 * wide(self.shortfall(side, reference_ticks)), self.lots * <object>reference_ticks)

    def slippage_money(self, int side, int64_t reference_ticks, Scale scale not None):
        """Return what the difference cost, money of the quote currency rounded up; None when nothing was filled.

        Raises:
            OverflowError: it does not fit int64.
        """
        cdef int error = UNITS_OK
        cdef int64_t money
        refuse_reference(side, reference_ticks)
        if not self.lots:
            return None
        money = money_up(
            self.shortfall(side, reference_ticks), scale.price_decimals + scale.quantity_decimals, &error
        )
        if error != UNITS_OK:
            raise OverflowError(
                f"slippage of {self.lots} lots against {reference_ticks} ticks does not fit int64 at {scale!r}"
            )
        return money

    def check(self):
        """Raise AssertionError when the average contradicts itself."""
        assert self.lots >= 0 and self.cost >= self.lots, f"cost {self.cost} of {self.lots} lots: a lot costs a tick"


cdef int refuse_reference(int side, int64_t reference_ticks) except -1:
    """Raise ValueError for a side that is none, or a price that cannot be a reference."""
    if side != 1 and side != -1:
        raise ValueError(f"side is {side}; expected 1 to buy or -1 to sell")
    if reference_ticks <= 0:
        raise ValueError(f"the reference price is {reference_ticks} ticks; expected a positive price")
    return 0


def sweep(levels, int64_t lots):
    """Return what `lots` would pay through the levels of one side, best first; its lots are fewer where the book ends.

    Raises:
        ValueError: `lots` is not positive.
    """
    cdef Average average = Average()
    cdef int64_t left = lots
    cdef int64_t level_lots
    if lots <= 0:
        raise ValueError(f"a sweep of {lots} lots; expected at least 1")
    for price_ticks, available in levels:
        level_lots = available
        average.add(price_ticks, min(level_lots, left))
        left -= min(level_lots, left)
        if left == 0:
            break
    return average
