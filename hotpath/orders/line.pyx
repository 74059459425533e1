"""What reserved lots are worth at worst, and what they tie up, rounded against us.

What could be ours is priced at the collar's upper edge, what offsets it at the lower one, because the price at which it
would be closed is not known yet. What does not fit is 0 with an error, as it is in what is called here. It keeps no
sum: those stand in hotpath.orders.exposure.
"""

cimport cython
from libc.stdint cimport INT64_MAX, int64_t

from hotpath.core.units cimport UNITS_OK, UNITS_OVERFLOW, int128, money_down, money_up
from hotpath.orders.account cimport converted

cdef enum:
    MILLION = 1_000_000


@cython.overflowcheck(False)
cdef int64_t side_worth(Line* line, int64_t lots, int* error) noexcept nogil:
    """Return signed lots in risk currency: what could be ours at the high edge, what offsets it at the low one."""
    cdef int64_t money
    if line.high_ticks <= 0 or line.rate_numerator <= 0:
        error[0] = UNITS_OVERFLOW
        return 0
    if lots >= 0:
        money = money_up(<int128>lots * <int128>line.high_ticks, line.decimals, error)
        return converted(money, line.rate_numerator, line.rate_denominator, True, error)
    money = money_down(-<int128>lots * <int128>line.low_ticks, line.decimals, error)
    return -converted(money, line.rate_numerator, line.rate_denominator, False, error)


@cython.overflowcheck(False)
cdef int worth_of(Line* line, int64_t position, int64_t buys, int64_t sells, Worth* worth) noexcept nogil:
    """Value what an instrument's worst cases would be with these lots; UNITS_OVERFLOW when it has no price."""
    cdef int error = UNITS_OK
    cdef int64_t long_lots = position + buys
    cdef int64_t short_lots = sells - position
    worth.long_side = worth.short_side = worth.net_long = worth.net_short = 0
    if position == 0 and buys == 0 and sells == 0:
        return UNITS_OK
    worth.net_long = side_worth(line, long_lots, &error)
    if error == UNITS_OK:
        worth.net_short = side_worth(line, short_lots, &error)
    worth.long_side = max(worth.net_long, 0)
    worth.short_side = max(worth.net_short, 0)
    return error


@cython.overflowcheck(False)
cdef int64_t funds_of(
    Line* line, int64_t fee_ppm, int side, int64_t price_ticks, int64_t lots, int* error
) noexcept nogil:
    """Return what an order ties up: quote currency and a fee for a buy, base currency for a sell."""
    cdef int128 funds
    cdef int64_t value
    if side == SELL:
        funds = <int128>lots * <int128>line.lot_money
    else:
        value = money_up(<int128>price_ticks * <int128>lots, line.decimals, error)
        funds = <int128>value - (-(<int128>value * <int128>fee_ppm) // <int128>MILLION)
    if funds > <int128>INT64_MAX:
        error[0] = UNITS_OVERFLOW
        return 0
    return <int64_t>funds
