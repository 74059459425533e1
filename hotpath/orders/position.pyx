"""Fills become a position: signed lots, their cost, and the profit of what was closed. All integers, none lost.

Closing k of n lots removes floor(cost x k / n) from the cost, and the same integer goes to the realised profit; so cash
+ cost + fees is conserved to the last unit. A fee stays in the currency it was charged in. One in the base currency
takes lots from the fill itself: that fill acquires fewer lots at its own price, and what the missing ones cost is
`fee_cost`; so realised profit never contains a fee, whatever its currency. It knows no balance and no risk currency.
"""

cimport cython
from libc.stdint cimport INT64_MAX, int64_t

from hotpath.core.units cimport UNITS_OK, Scale, int128, money_down, money_up

from fractions import Fraction

from hotpath.core.units import lots_to_money

cdef enum:
    FEE_CURRENCIES_MAX = 16  # one asset or its discount token in practice; a seventeenth is a fault upstream


@cython.overflowcheck(False)
cdef inline int64_t narrow(int128 value, str what) except? -1:
    """Return `value` as int64 or raise OverflowError naming what it was."""
    if value > <int128>INT64_MAX or value < -<int128>INT64_MAX:
        raise OverflowError(f"{what} does not fit int64: the largest amount is {INT64_MAX}")
    return <int64_t>value


@cython.overflowcheck(False)
cdef inline int128 share(int64_t amount, int64_t part, int64_t whole) noexcept nogil:
    """Return floor(amount x part / whole) for a positive whole."""
    return <int128>amount * <int128>part // <int128>whole


@cython.final
cdef class Position:
    """The net of the fills of one instrument, less base fees, and what became of the money.

    Every amount is money (1e-8); cost, cash, realised and fee_cost are in the quote currency. Always true, to the last
    unit: cash + cost + fees[quote] + fee_cost == realised (counted from an empty position).
    """

    def __init__(
        self,
        Scale scale not None,
        str base not None,
        str quote not None,
        int64_t lots=0,
        int64_t cost=0,
        int64_t realised=0,
        int64_t base_rest=0,
    ):
        self.lot_money = lots_to_money(1, scale)
        if (lots > 0 > cost) or (lots < 0 < cost) or (lots == 0 and cost != 0):
            raise ValueError(f"a position of {lots} lots cannot cost {cost}: both have the same sign")
        if not 0 <= base_rest < self.lot_money:
            raise ValueError(f"base_rest is {base_rest}; expected 0 to less than a lot, which is {self.lot_money}")
        self.scale = scale
        self.base = base
        self.quote = quote
        self.lots = lots
        self.cost = cost
        self.realised = realised
        self.cash = 0
        self.fee_cost = 0
        self.base_rest = base_rest
        self.fees_by_currency = {}

    @property
    def fees(self):
        """Fees paid, in their own currencies; negative is a rebate."""
        return dict(self.fees_by_currency)

    @property
    def average(self):
        """(cost, lots) of what is open, both positive; None when nothing is."""
        return (abs(self.cost), abs(self.lots)) if self.lots else None

    @property
    def average_price(self):
        """What one unit of the base currency cost on average, in quote currency; None when nothing is open."""
        if not self.lots:
            return None
        return Fraction(self.cost, <object>self.lots * <object>self.lot_money)

    @cython.overflowcheck(False)
    def fill(self, int side, int64_t price_ticks, int64_t lots, int64_t fee=0, str fee_currency not None=""):
        """Count one execution in and return what it realised; on an error nothing changes.

        Raises:
            ValueError: no side, no price or quantity, a fee without currency, or a base fee larger than the fill.
            OverflowError: an amount does not fit int64, or more than 16 fee currencies.
        """
        cdef int64_t value, cash, fee_lots, fee_value, base_rest, fee_total
        refuse_fill(side, price_ticks, lots, fee, fee_currency)
        value = self.value_of(side, price_ticks, lots)
        cash = narrow(<int128>self.cash - <int128>side * <int128>value, "the cash of a position")
        fee_total = narrow(<int128>fee + <int128><int64_t>self.fees_by_currency.get(fee_currency, 0), "the sum of fees")
        fee_lots, base_rest, fee_value = 0, self.base_rest, 0
        if fee_currency == self.quote:
            cash = narrow(<int128>cash - <int128>fee, "the cash of a position")
        elif fee_currency == self.base:
            fee_lots = narrow((<int128>base_rest + <int128>fee) // <int128>self.lot_money, "a base fee")
            base_rest = <int64_t>(<int128>base_rest + <int128>fee - <int128>fee_lots * <int128>self.lot_money)
            if not -lots <= fee_lots <= lots:
                raise ValueError(f"a fee of {fee_lots} lots for {lots} lots: it cannot be larger than the fill")
            fee_value = <int64_t>share(value, fee_lots, lots)
        fee_cost = narrow(<int128>self.fee_cost + <int128>fee_value, "what base fees cost")
        if fee and len(self.fees_by_currency) >= FEE_CURRENCIES_MAX and fee_currency not in self.fees_by_currency:
            raise OverflowError(f"fees in more than {FEE_CURRENCIES_MAX} currencies: {fee_currency!r} has no room")
        realised = self.apply(
            side,
            narrow(<int128>lots - <int128>side * <int128>fee_lots, "the lots of a fill"),
            narrow(<int128>value - <int128>side * <int128>fee_value, "the value of a fill"),
        )
        self.cash, self.base_rest, self.fee_cost = cash, base_rest, fee_cost
        if fee:
            self.fees_by_currency[fee_currency] = fee_total
        return realised

    @cython.overflowcheck(False)
    cdef int64_t value_of(self, int side, int64_t price_ticks, int64_t lots) except? -1:
        """Return what a fill pays (rounded up) or brings (rounded down)."""
        cdef int error = UNITS_OK
        cdef int decimals = self.scale.price_decimals + self.scale.quantity_decimals
        cdef int64_t value
        if side > 0:
            value = money_up(<int128>price_ticks * <int128>lots, decimals, &error)
        else:
            value = money_down(<int128>price_ticks * <int128>lots, decimals, &error)
        if error != UNITS_OK:
            raise OverflowError(f"{lots} lots at {price_ticks} ticks are worth more than fits int64 at {self.scale!r}")
        return value

    @cython.overflowcheck(False)
    cdef int64_t apply(self, int side, int64_t lots, int64_t value) except? -1:
        """Move the position by `lots` that are worth `value`; return what it realised. Changes all or nothing."""
        cdef int64_t open_lots = abs(self.lots)
        cdef int64_t closed = 0
        cdef int64_t closed_value = 0
        cdef int64_t removed = 0
        cdef int direction = 1 if self.lots > 0 else -1
        if self.lots and direction != side:
            closed = min(lots, open_lots)
            closed_value = <int64_t>share(value, closed, lots) if lots else 0
            removed = <int64_t>share(abs(self.cost), closed, open_lots)
        cdef int64_t realised = narrow(<int128>direction * <int128>(closed_value - removed), "a realised profit")
        cdef int64_t realised_total = narrow(<int128>self.realised + <int128>realised, "the realised profit")
        cdef int64_t lots_after = narrow(<int128>self.lots + <int128>side * <int128>lots, "a position")
        cdef int64_t cost_after = narrow(
            <int128>self.cost - <int128>direction * <int128>removed + <int128>side * <int128>(value - closed_value),
            "the cost of a position",
        )
        self.lots, self.cost, self.realised = lots_after, cost_after, realised_total
        return realised

    @cython.overflowcheck(False)
    def unrealised(self, int64_t mid_ticks_twice):
        """Return what closing at the mid would realise (given twice, to be an integer), rounded down.

        Raises:
            OverflowError: it does not fit int64.
        """
        cdef int error = UNITS_OK
        cdef int128 twice = <int128>mid_ticks_twice * <int128>self.lots
        cdef int128 bound = (<int128>1) << 120
        cdef int64_t value = 0
        if -bound < twice < bound:  # a half is five tenths: one decimal more, and still exact
            value = money_down(twice * 5, self.scale.price_decimals + self.scale.quantity_decimals + 1, &error)
        if error != UNITS_OK or not -bound < twice < bound:
            raise OverflowError(f"{self.lots} lots at half of {mid_ticks_twice} ticks are worth more than fits int64")
        return narrow(<int128>value - <int128>self.cost, "the unrealised profit")

    def check(self):
        """Raise AssertionError when the position contradicts itself."""
        cdef bint same_sign = (self.lots > 0 and self.cost >= 0) or (self.lots < 0 and self.cost <= 0)
        assert same_sign or self.lots == self.cost == 0, f"{self.lots} lots that cost {self.cost}: their signs differ"
        assert 0 <= self.base_rest < self.lot_money, f"base_rest {self.base_rest} of a lot of {self.lot_money}"


cdef int refuse_fill(int side, int64_t price_ticks, int64_t lots, int64_t fee, str fee_currency) except -1:
    """Raise ValueError for what cannot be an execution."""
    if side != 1 and side != -1:
        raise ValueError(f"side is {side}; expected 1 to buy or -1 to sell")
    if price_ticks <= 0 or lots <= 0:
        raise ValueError(f"a fill of {lots} lots at {price_ticks} ticks: both must be positive")
    if fee and not fee_currency:
        raise ValueError(f"a fee of {fee} without a currency; say which one it is in")
    return 0
