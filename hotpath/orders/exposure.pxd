"""Reservations for compiled code: slots for live orders, a line for each instrument, sums over all of them.

Calls without the GIL say by their result whether they worked; nothing has changed when they did not.
"""

cimport cython
from libc.stdint cimport INT64_MAX, int64_t

from hotpath.core.units cimport Scale, int128

cdef enum:
    EXPOSURE_OK = 0
    EXPOSURE_FULL = -1       # no slot is free
    EXPOSURE_OVERFLOW = -2   # lots or money beyond what is counted


cdef inline int64_t lots_bound() noexcept nogil:
    """Return the most lots of a position or a side: two of them still add up to an int64."""
    return INT64_MAX >> 1


cdef struct Slot:
    int64_t handle           # 0: free
    int64_t price_ticks
    int64_t lots             # the whole quantity, with what is filled
    int64_t filled_lots
    int64_t amend_price_ticks
    int64_t amend_lots       # the quantity of the replacement itself; 0: no amend on its way
    int64_t reserved_lots
    int64_t reserved_funds
    int instrument
    int side
    int next_free            # -1: the last one
    bint reduce_only


cdef struct Worth:           # money of the risk currency
    int64_t long_side        # worst case of the buying side, 0 when it is not long
    int64_t short_side
    int64_t net_long         # signed
    int64_t net_short


cdef struct Line:
    int64_t position_lots
    int64_t base_rest        # money of base fees below a lot
    int64_t buy_lots
    int64_t sell_lots
    int64_t open_count
    int64_t low_ticks        # the collar's edges; 0: no mark
    int64_t high_ticks
    int64_t rate_numerator   # quote currency into risk currency; 0: nobody knows
    int64_t rate_denominator
    int64_t lot_money
    Worth worth
    int decimals
    int base_asset
    int quote_asset
    bint unpriced


@cython.final
cdef class Exposure:
    cdef Slot* slots
    cdef Line* lines
    cdef int64_t* reserved_by_asset
    cdef readonly int capacity
    cdef readonly int instruments_count
    cdef readonly int assets_max
    cdef readonly int open_count
    cdef readonly int unpriced_count
    cdef readonly int64_t fee_ppm
    cdef int free_head
    cdef int64_t serial
    cdef int128 gross_sum
    cdef int128 net_long_sum
    cdef int128 net_short_sum

    cdef int start_line(self, Line* line, Scale scale, int base_asset, int quote_asset) except -1
    cdef Slot* find(self, int64_t handle) noexcept nogil
    cdef int64_t funds_of(self, Line* line, int side, int64_t price_ticks, int64_t lots, int* error) noexcept nogil
    cdef int worth_of(self, Line* line, int64_t position, int64_t buys, int64_t sells, Worth* worth) noexcept nogil
    cdef void value(self, Line* line) noexcept nogil
    cdef int hold(self, Slot* slot) noexcept nogil
    cdef int64_t take(self, int instrument, int side, int64_t price_ticks, int64_t lots) noexcept nogil
    cdef int change(self, Slot* slot, int64_t price_ticks, int64_t lots) noexcept nogil
    cdef int shift(self, Line* line, int64_t lots) noexcept nogil
    cdef void drop(self, Slot* slot) noexcept nogil
    cdef void price(self, int instrument, int64_t low_ticks, int64_t high_ticks) noexcept nogil
    cdef void convert(self, int instrument, int64_t numerator, int64_t denominator) noexcept nogil
    cdef Line* line_of(self, int64_t instrument) except NULL
    cdef Slot* slot_of(self, int64_t handle) except NULL


# Signed lots in risk currency: what could be ours at the high edge rounded up, what offsets it at the low edge.
cdef int64_t side_worth(Line* line, int64_t lots, int* error) noexcept nogil
