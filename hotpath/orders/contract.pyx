"""What lots are worth: a coin or share bought at its price, a contract with a multiplier, or an inverse contract.

A linear lot is worth price x multiplier in the quote currency. An inverse contract is a fixed amount of quote currency
that is settled in base: it is worth multiplier / price there (Deribit and BitMEX futures), so it loses value when the
price rises, and who is long has received it. Each value is rounded once; the caller says whether it is paid (up) or
received (down). It knows no position and no currency by name.
"""

cimport cython
from libc.stdint cimport INT64_MAX, int64_t

from hotpath.core.integers cimport int64_of
from hotpath.core.text cimport DECIMALS_MAX, POW10
from hotpath.core.units cimport MONEY_DECIMALS, UNITS_OK, UNITS_OVERFLOW, Scale, int128, money_down, money_up

from hotpath.core.units import lots_to_money, money_text


@cython.overflowcheck(False)
cdef inline int128 times(int128 value, int64_t factor, int* error) noexcept nogil:
    """Return value x factor, both positive; sets `error` when it does not fit."""
    cdef int128 most = (((<int128>1 << 126) - 1) << 1) + 1
    if factor > 1 and value > most // <int128>factor:
        error[0] = UNITS_OVERFLOW
        return 0
    return value * <int128>factor


@cython.overflowcheck(False)
cdef inline int128 times_power(int128 value, int exponent, int* error) noexcept nogil:
    """Return value x 10^exponent for 0 to 36; sets `error` when it does not fit."""
    if exponent > DECIMALS_MAX:
        value = times(value, POW10[DECIMALS_MAX], error)
        exponent -= DECIMALS_MAX
    return times(value, POW10[exponent], error)


@cython.final
cdef class Contract:
    """What lots of one instrument are worth, in money (1e-8) of what settles it: quote currency, or base if inverse.

    A multiplier is 1e-8 of base currency in one whole contract (10^quantity_decimals lots), or of quote currency if the
    contract is inverse: 1 share is 10^8, an option on 100 shares 10^10, an inverse future of 10 dollars 10^9.
    """

    def __init__(self, Scale scale not None, multiplier=MULTIPLIER_ONE, bint inverse=False):
        self.scale = scale
        self.lot_money = lots_to_money(1, scale)
        self.multiplier = int64_of(multiplier, "multiplier")
        self.inverse = inverse
        self.digits = self.multiplier
        self.decimals = MONEY_DECIMALS
        if self.multiplier <= 0:
            raise ValueError(f"the multiplier is {multiplier}; expected a positive amount in 1e-8")
        while self.digits % 10 == 0 and self.decimals > 0:
            self.digits //= 10
            self.decimals -= 1

    @cython.overflowcheck(False)
    cdef int64_t value_of(self, int64_t price_ticks, int64_t lots, bint up) except? -1:
        """Return what `lots` at a price are worth, both positive."""
        cdef int error = UNITS_OK
        cdef int64_t value
        if self.inverse:
            value = self.quotient(lots, price_ticks, up, &error)
        else:
            value = self.product(<int128>price_ticks * <int128>lots, False, up, &error)
        if error != UNITS_OK:
            raise OverflowError(f"{lots} lots at {price_ticks} ticks are worth more than fits int64, {self!r}")
        return value

    @cython.overflowcheck(False)
    cdef int64_t value_at_mid(self, int64_t mid_ticks_twice, int64_t lots, bint up) except? -1:
        """Return what `lots` at a mid are worth, both positive."""
        cdef int error = UNITS_OK
        cdef int64_t value
        if self.inverse:
            value = self.quotient(2 * <int128>lots, mid_ticks_twice, up, &error)
        else:
            value = self.product(<int128>mid_ticks_twice * <int128>lots, True, up, &error)
        if error != UNITS_OK:
            raise OverflowError(
                f"{lots} lots at half of {mid_ticks_twice} ticks are worth more than fits int64, {self!r}"
            )
        return value

    @cython.overflowcheck(False)
    cdef int64_t product(self, int128 ticks_lots, bint halved, bint up, int* error) noexcept nogil:
        """Return ticks x lots x multiplier as money; a half is five tenths, so that it stays exact."""
        cdef int decimals = self.scale.price_decimals + self.scale.quantity_decimals + self.decimals + halved
        cdef int128 value = times(times(ticks_lots, 5 if halved else 1, error), self.digits, error)
        if error[0] != UNITS_OK:
            return 0
        return money_up(value, decimals, error) if up else money_down(value, decimals, error)

    @cython.overflowcheck(False)
    cdef int64_t quotient(self, int128 lots, int64_t ticks, bint up, int* error) noexcept nogil:
        """Return lots x multiplier / ticks as money."""
        cdef int exponent = (
            self.scale.price_decimals + MONEY_DECIMALS - self.scale.quantity_decimals - self.decimals
        )
        cdef int128 value = times(times_power(lots, max(exponent, 0), error), self.digits, error)
        cdef int128 divisor = times_power(ticks, max(-exponent, 0), error)
        if error[0] != UNITS_OK:
            return 0
        value = -(-value // divisor) if up else value // divisor
        if value > <int128>INT64_MAX:
            error[0] = UNITS_OVERFLOW
        return <int64_t>value

    def paid(self, price_ticks, lots):
        """Return what `lots` at a price are worth, rounded up: what paying for them costs.

        Raises:
            ValueError: a price or quantity that is not positive.
            OverflowError: it does not fit int64.
        """
        return self.value_of(positive(price_ticks, "price_ticks"), positive(lots, "lots"), True)

    def received(self, price_ticks, lots):
        """Return the same rounded down: what being paid for them brings."""
        return self.value_of(positive(price_ticks, "price_ticks"), positive(lots, "lots"), False)

    def __repr__(self):
        cdef str kind = "inverse " if self.inverse else ""
        return f"{kind}contract of {money_text(self.multiplier)} at {self.scale!r}"


cdef int64_t positive(value, str what) except 0:
    """Return a price or quantity given by Python, or raise ValueError."""
    cdef int64_t number = int64_of(value, what)
    if number <= 0:
        raise ValueError(f"{what} is {number}; expected a positive number")
    return number
