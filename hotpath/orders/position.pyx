"""Fills become a position: signed lots, their cost, and the profit of what was closed. All integers, none lost.

Closing k of n lots removes floor(cost x k / n) from the cost, and the same integer goes to the realised profit; so cash
+ cost + fees is conserved to the last unit, at average cost and, beside it, with the oldest lots closed first. A fee
stays in the currency it was charged in. One in the base currency of a coin or share takes lots from the fill itself:
that fill acquires fewer lots at its own price, and what the missing ones cost is `fee_cost`; so realised profit never
contains a fee, whatever its currency. It knows no balance and no risk currency.
"""

cimport cython
from libc.stdint cimport INT64_MAX, int64_t

from hotpath.core.integers cimport int64_of
from hotpath.core.units cimport Scale, int128
from hotpath.orders.contract cimport MULTIPLIER_ONE, Contract
from hotpath.orders.fifo cimport Fifo

from fractions import Fraction

cdef enum:
    FEE_CURRENCIES_MAX = 16  # one asset or its discount token in practice; a seventeenth is a fault upstream
    PARCELS_MAX = 1_024      # fills that opened what is still open: 16 KiB; beyond it the newest are one


@cython.overflowcheck(False)
cdef inline int64_t narrow(int128 value, str what) except? -1:
    """Return `value` as int64 or raise OverflowError naming what it was."""
    if value > <int128>INT64_MAX or value < -<int128>INT64_MAX:
        raise OverflowError(f"{what} does not fit int64: the largest amount is {INT64_MAX}")
    return <int64_t>value


@cython.overflowcheck(False)
cdef inline int128 share(int64_t amount, int64_t part, int64_t whole) noexcept nogil:
    """Return floor(amount x part / whole) for a positive whole."""
    if part == whole:
        return amount
    return <int128>amount * <int128>part // <int128>whole


@cython.final
cdef class Position:
    """The net of the fills of one instrument, less base fees, and what became of the money.

    Every amount is money (1e-8) of the settlement currency. Always true, to the last unit, with sense 1, or -1 for an
    inverse contract, and with cost_fifo and realised_fifo in the place of cost and realised as well:
    cash + sense x cost + fees[settlement] + fee_cost == realised (counted from an empty position).
    """

    def __init__(
        self,
        Scale scale not None,
        str base not None,
        str quote not None,
        lots=0,
        cost=0,
        realised=0,
        base_rest=0,
        *,
        multiplier=None,
        bint inverse=False,
        parcels_max=PARCELS_MAX,
    ):
        self.contract = Contract(scale, MULTIPLIER_ONE if multiplier is None else multiplier, inverse)
        self.fifo = Fifo(parcels_max)
        self.base = base
        self.quote = quote
        self.settlement = base if inverse else quote
        self.sense = -1 if inverse else 1
        self.takes_lots = multiplier is None and not inverse
        self.lots = int64_of(lots, "lots")
        self.cost = self.cost_fifo = int64_of(cost, "cost")
        self.realised = self.realised_fifo = int64_of(realised, "realised")
        self.base_rest = int64_of(base_rest, "base_rest")
        self.cash = 0
        self.fee_cost = 0
        self.fees_by_currency = {}
        if (self.lots > 0 > self.cost) or (self.lots < 0 < self.cost) or (self.lots == 0 and self.cost != 0):
            raise ValueError(f"a position of {lots} lots cannot cost {cost}: both have the same sign")
        if not 0 <= self.base_rest < self.contract.lot_money:
            lot = self.contract.lot_money
            raise ValueError(f"base_rest is {base_rest}; expected 0 to less than a lot, which is {lot}")
        if self.lots:
            self.fifo.reserve()
            self.fifo.open(abs(self.lots), abs(self.cost))

    @property
    def scale(self):
        """The decimals of prices and quantities."""
        return self.contract.scale

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
        """The price at which what is open was opened, on average, in quote currency; None when nothing is open.

        Of an inverse contract it is the harmonic mean, None as long as rounding leaves the value at 0.
        """
        cost, size = abs(self.cost), abs(self.lots) * <object>self.contract.lot_money * <object>self.contract.multiplier
        if not self.lots:
            return None
        if self.sense > 0:
            return Fraction(cost * <object>MULTIPLIER_ONE, size)
        return Fraction(size, cost * <object>MULTIPLIER_ONE) if cost else None

    @property
    def parcels(self):
        """(lots, cost) of what is open, oldest first and both positive; what was there at the start is one parcel."""
        return self.fifo.parcels

    @property
    def parcels_merged(self):
        """How many fills joined the newest parcel because there were parcels_max."""
        return self.fifo.merged

    def fill(self, side, price_ticks, lots, fee=0, str fee_currency not None=""):
        """Count one execution in and return what it realised at average cost; on an error nothing changes.

        Raises:
            ValueError: no side, no price or quantity, a fee without currency, or a base fee larger than the fill.
            OverflowError: an amount does not fit int64, or more than 16 fee currencies.
        """
        cdef int64_t direction = int64_of(side, "side")
        if direction != 1 and direction != -1:
            raise ValueError(f"side is {direction}; expected 1 to buy or -1 to sell")
        return self.add_fill(
            <int>direction,
            int64_of(price_ticks, "price_ticks"),
            int64_of(lots, "lots"),
            int64_of(fee, "fee"),
            fee_currency,
        )

    @cython.overflowcheck(False)
    cdef int64_t add_fill(
        self, int side, int64_t price_ticks, int64_t lots, int64_t fee, str fee_currency
    ) except? -1:
        """Count one execution of side 1 or -1 in; return what it realised."""
        cdef int64_t value, cash, fee_cost, realised
        cdef int64_t fee_lots = 0
        cdef int64_t fee_total = 0
        cdef int64_t fee_value = 0
        cdef int64_t base_rest = self.base_rest
        cdef int64_t lot_money = self.contract.lot_money
        cdef int flow = side * self.sense  # 1: the value is paid, -1: it is received
        if price_ticks <= 0 or lots <= 0:
            raise ValueError(f"a fill of {lots} lots at {price_ticks} ticks: both must be positive")
        value = self.contract.value_of(price_ticks, lots, flow > 0)
        cash = narrow(<int128>self.cash - <int128>flow * <int128>value, "the cash of a position")
        fee_cost = self.fee_cost
        if fee:
            fee_total = self.fee_total(fee, fee_currency)
            if fee_currency == self.settlement:
                cash = narrow(<int128>cash - <int128>fee, "the cash of a position")
            elif self.takes_lots and fee_currency == self.base:
                fee_lots = narrow((<int128>base_rest + <int128>fee) // <int128>lot_money, "a base fee")
                base_rest = <int64_t>(<int128>base_rest + <int128>fee - <int128>fee_lots * <int128>lot_money)
                if not -lots <= fee_lots <= lots:
                    raise ValueError(f"a fee of {fee_lots} lots for {lots} lots: it cannot be larger than the fill")
                fee_value = <int64_t>share(value, fee_lots, lots)
                fee_cost = narrow(<int128>fee_cost + <int128>fee_value, "what base fees cost")
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
    cdef int64_t fee_total(self, int64_t fee, str fee_currency) except? -1:
        """Return the fees in a currency with one more, or raise."""
        if not fee_currency:
            raise ValueError(f"a fee of {fee} without a currency; say which one it is in")
        if len(self.fees_by_currency) >= FEE_CURRENCIES_MAX and fee_currency not in self.fees_by_currency:
            raise OverflowError(f"fees in more than {FEE_CURRENCIES_MAX} currencies: {fee_currency!r} has no room")
        return narrow(<int128>fee + <int128><int64_t>self.fees_by_currency.get(fee_currency, 0), "the sum of fees")

    @cython.overflowcheck(False)
    cdef int64_t apply(self, int side, int64_t lots, int64_t value) except? -1:
        """Move the position by `lots` that are worth `value`; return what it realised. Changes all or nothing."""
        cdef int64_t open_lots = abs(self.lots)
        cdef int64_t closed = 0
        cdef int64_t closed_value = 0
        cdef int128 removed = 0
        cdef int128 removed_fifo = 0
        cdef int direction = 1 if self.lots > 0 else -1
        cdef int gain = direction * self.sense
        if self.lots and direction != side:
            closed = min(lots, open_lots)
            closed_value = <int64_t>share(value, closed, lots) if lots else 0
            removed = share(abs(self.cost), closed, open_lots)
            removed_fifo = self.fifo.value_of(closed)
        cdef int128 opened = <int128>side * <int128>(value - closed_value)
        cdef int64_t realised = narrow(<int128>gain * (<int128>closed_value - removed), "a realised profit")
        cdef int64_t total = narrow(<int128>self.realised + <int128>realised, "the realised profit")
        cdef int64_t total_fifo = narrow(
            <int128>self.realised_fifo + <int128>gain * (<int128>closed_value - removed_fifo), "the realised profit"
        )
        cdef int64_t lots_after = narrow(<int128>self.lots + <int128>side * <int128>lots, "a position")
        cdef int64_t cost = narrow(
            <int128>self.cost - <int128>direction * removed + opened, "the cost of a position"
        )
        cdef int64_t cost_fifo = narrow(
            <int128>self.cost_fifo - <int128>direction * removed_fifo + opened, "the cost of a position"
        )
        self.fifo.reserve()
        self.fifo.close(closed)
        if lots > closed:
            self.fifo.open(lots - closed, value - closed_value)
        self.lots, self.cost, self.cost_fifo = lots_after, cost, cost_fifo
        self.realised, self.realised_fifo = total, total_fifo
        return realised

    @cython.overflowcheck(False)
    def unrealised(self, mid_ticks_twice):
        """Return what closing at the mid would realise (given twice, to be an integer), rounded down.

        Raises:
            ValueError: the mid is not positive.
            OverflowError: it does not fit int64.
        """
        cdef int64_t mid = int64_of(mid_ticks_twice, "mid_ticks_twice")
        cdef int gain = self.sense if self.lots > 0 else -self.sense
        cdef int64_t value = 0
        if mid <= 0:
            raise ValueError(f"the mid, given twice, is {mid} ticks; expected a positive price")
        if self.lots:
            value = self.contract.value_at_mid(mid, abs(self.lots), gain < 0)
        return narrow(<int128>gain * <int128>value - <int128>self.sense * <int128>self.cost, "the unrealised profit")

    def check(self):
        """Raise AssertionError when the position contradicts itself."""
        cdef bint same_sign = (self.lots > 0 and self.cost >= 0) or (self.lots < 0 and self.cost <= 0)
        cdef int64_t lot = self.contract.lot_money
        assert same_sign or self.lots == self.cost == 0, f"{self.lots} lots that cost {self.cost}: their signs differ"
        assert 0 <= self.base_rest < lot, f"base_rest {self.base_rest} of a lot of {lot}"
        self.fifo.check()
        lots, cost = (sum(column) for column in zip((0, 0), *self.parcels))
        assert (lots, cost) == (abs(self.lots), abs(self.cost_fifo)), f"parcels of {lots} lots that cost {cost}"
