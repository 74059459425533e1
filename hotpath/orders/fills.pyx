"""What a quantity cost: the weighted average of fills, what a sweep of the book expects, and how good a price was.

An average is a pair (cost, lots) of integers; it is divided only when it is shown, as an exact Fraction. No fill means
no average: None, never a division by zero. The cost is 128 bits wide and cannot overflow, because the lots are kept
within int64 and a price is below 2^63 ticks; so is every difference from a reference. A mid is given twice, to be an
integer. It knows no position, no fee of its own and no order.
"""

cimport cython
from libc.stdint cimport INT64_MAX, int64_t

from hotpath.core.integers cimport int64_of
from hotpath.core.units cimport UNITS_OK, Scale, int128, money_up, wide
from hotpath.market.book cimport Book
from hotpath.market.depth cimport Swept, sweep_levels

from fractions import Fraction


@cython.final
@cython.freelist(8)
cdef class Average:
    """A weighted average price, kept as (cost, lots) and divided only to be shown.

    What is measured against a reference is positive when it went against us, price improvement when it went for us.
    """

    def __cinit__(self):
        self.cost_ticks_lots = 0
        self.lots = 0

    def __init__(self, fills=()):
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
    cdef int add_fill(self, int64_t price_ticks, int64_t lots) except -1:
        """Count one fill in; on an error nothing was added."""
        if price_ticks <= 0 or lots <= 0:
            raise ValueError(f"a fill of {lots} lots at {price_ticks} ticks: both must be positive")
        if lots > INT64_MAX - self.lots:
            raise OverflowError(f"{self.lots} lots and {lots} more do not fit: the most is {INT64_MAX} lots")
        self.cost_ticks_lots += <int128>price_ticks * <int128>lots
        self.lots += lots
        return 0

    @cython.overflowcheck(False)
    cdef int128 shortfall(self, int side, int64_t reference_ticks) noexcept nogil:
        """Return ticks x lots paid beyond the reference: within 2^126."""
        cdef int128 paid = self.cost_ticks_lots - <int128>reference_ticks * <int128>self.lots
        return paid if side > 0 else -paid

    @cython.overflowcheck(False)
    cdef int128 shortfall_twice(self, int side, int64_t mid_ticks_twice) noexcept nogil:
        """Return twice the ticks x lots paid beyond the mid: within 2^127."""
        cdef int128 paid = 2 * self.cost_ticks_lots - <int128>mid_ticks_twice * <int128>self.lots
        return paid if side > 0 else -paid

    def add(self, price_ticks, lots):
        """Count one fill in.

        Raises:
            ValueError: a price or quantity that is not positive.
            OverflowError: one of them, or the lots in all, does not fit int64; nothing was added.
        """
        self.add_fill(int64_of(price_ticks, "price_ticks"), int64_of(lots, "lots"))

    def slippage_ticks(self, side, reference_ticks):
        """Return how many ticks worse than the reference the average is; None when nothing was filled."""
        cdef int direction = side_of(side)
        cdef int64_t reference = price_of(reference_ticks, "reference price")
        if not self.lots:
            return None
        return Fraction(wide(self.shortfall(direction, reference)), self.lots)

    def slippage_bps(self, side, reference_ticks):
        """Return the same in hundredths of a percent of the reference; None when nothing was filled."""
        slippage = self.slippage_ticks(side, reference_ticks)
        return None if slippage is None else Fraction(10_000 * slippage, reference_ticks)

    def slippage_money(self, side, reference_ticks, Scale scale not None):
        """Return what the difference cost, money of the quote currency rounded up; None when nothing was filled.

        Raises:
            OverflowError: it does not fit int64.
        """
        cdef int direction = side_of(side)
        cdef int64_t reference = price_of(reference_ticks, "reference price")
        if not self.lots:
            return None
        return cost_of(self.shortfall(direction, reference), scale, "slippage")

    def effective_spread_ticks(self, side, mid_ticks_twice):
        """Return twice how far the average is beyond the mid of the moment when the order came; None without a fill.

        Source: Huang and Stoll (1996), effective spread 2 D (P - M); SEC Rule 605 measures the same.
        """
        cdef int direction = side_of(side)
        cdef int64_t mid_twice = price_of(mid_ticks_twice, "mid, given twice,")
        if not self.lots:
            return None
        return Fraction(wide(self.shortfall_twice(direction, mid_twice)), self.lots)

    def realised_spread_ticks(self, side, later_mid_ticks_twice):
        """Return the same against the mid some time after the fill: what was left of the spread for its giver.

        Source: Huang and Stoll (1996), realised spread 2 D (P - M later). Effective less realised is the price impact.
        """
        return self.effective_spread_ticks(side, later_mid_ticks_twice)

    def price_improvement_ticks(self, side, quote_ticks):
        """Return how many ticks better than the quote on the other side the average is; None when nothing was filled.

        Source: SEC Rule 605, per share against the best quote when the order came; negative is disimprovement.
        """
        slippage = self.slippage_ticks(side, quote_ticks)
        return None if slippage is None else -slippage

    @cython.overflowcheck(False)
    def implementation_shortfall(
        self, side, decision_ticks, ordered_lots, last_ticks, Scale scale not None, fees=0
    ):
        """Return what deciding at one price and trading at others cost, money of the quote currency rounded up.

        The filled lots cost what they paid beyond the decision price, those that were not filled what the market has
        moved away since, and fees (money of the quote currency) are added. Without a fill only the rest counts.

        Source: Perold (1988), paper return less real return.

        Raises:
            ValueError: fewer lots were ordered than were filled, or a price or quantity is not positive.
            OverflowError: it does not fit int64.
        """
        cdef int direction = side_of(side)
        cdef int64_t decision = price_of(decision_ticks, "decision price")
        cdef int64_t last = price_of(last_ticks, "last price")
        cdef int64_t ordered = int64_of(ordered_lots, "ordered_lots")
        cdef int128 moved
        if ordered <= 0 or ordered < self.lots:
            raise ValueError(f"{ordered} lots ordered and {self.lots} filled; expected at least 1, and at least those")
        moved = <int128>direction * <int128>(last - decision) * <int128>(ordered - self.lots)
        paid = cost_of(self.shortfall(direction, decision) + moved, scale, "implementation shortfall")
        return int64_of(paid + int64_of(fees, "fees"), "implementation shortfall")

    def check(self):
        """Raise AssertionError when the average contradicts itself."""
        assert self.lots >= 0 and self.cost >= self.lots, f"cost {self.cost} of {self.lots} lots: a lot costs a tick"


cdef int side_of(value) except 0:
    """Return a side given by Python, or raise ValueError."""
    cdef int64_t side = int64_of(value, "side")
    if side != 1 and side != -1:
        raise ValueError(f"side is {side}; expected 1 to buy or -1 to sell")
    return <int>side


cdef int64_t price_of(value, str what) except 0:
    """Return a price given by Python, or raise ValueError."""
    cdef int64_t ticks = int64_of(value, what)
    if ticks <= 0:
        raise ValueError(f"the {what} is {ticks} ticks; expected a positive price")
    return ticks


cdef int64_t cost_of(int128 ticks_lots, Scale scale, str what) except? -1:
    """Return ticks x lots as money, rounded up."""
    cdef int error = UNITS_OK
    cdef int64_t money = money_up(ticks_lots, scale.price_decimals + scale.quantity_decimals, &error)
    if error != UNITS_OK:
        raise OverflowError(f"{what} of {wide(ticks_lots)} ticks x lots does not fit int64 at {scale!r}")
    return money


cdef Average expected_fill(Book book, int side, int64_t lots):
    """Return what an order would fill at once."""
    cdef Average average = Average.__new__(Average)
    cdef Swept swept = sweep_levels(book, side, lots)
    average.cost_ticks_lots = swept.cost_ticks_lots
    average.lots = swept.lots
    return average


def sweep_book(Book book not None, side, lots):
    """Return what an order of `lots` would pay through the book; its lots are fewer where the book ends.

    Raises:
        ValueError: no side, or `lots` is not positive.
    """
    return expected_fill(book, side_of(side), lots_of(lots))


def sweep(levels, lots):
    """Return what `lots` would pay through the levels of one side, best first; its lots are fewer where the book ends.

    Raises:
        ValueError: `lots` or what a level holds is not positive.
    """
    cdef Average average = Average.__new__(Average)
    cdef int64_t left = lots_of(lots)
    cdef int64_t taken
    for price_ticks, available in levels:
        taken = min(left, int64_of(available, "the lots of a level"))
        average.add_fill(int64_of(price_ticks, "price_ticks"), taken)
        left -= taken
        if left == 0:
            break
    return average


cdef int64_t lots_of(value) except 0:
    """Return the quantity of a sweep, or raise ValueError."""
    cdef int64_t lots = int64_of(value, "lots")
    if lots <= 0:
        raise ValueError(f"a sweep of {lots} lots; expected at least 1")
    return lots
