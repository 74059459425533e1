"""Reservations for compiled code: slots for live orders, a line for each instrument, sums over all of them.

Calls without the GIL say by their result whether they worked; nothing has changed when they did not.
"""

cimport cython
from libc.stdint cimport int64_t

from hotpath.core.units cimport Scale, int128
from hotpath.orders.line cimport Line, Own, Share, Slot, Worth
from hotpath.orders.slots cimport Slots

cdef enum:
    EXPOSURE_OK = 0
    EXPOSURE_FULL = -1       # no slot is free
    EXPOSURE_OVERFLOW = -2   # lots or money beyond what is counted


@cython.final
cdef class Exposure:
    cdef readonly Slots slots
    cdef Line* lines
    cdef Share* shares          # by strategy and instrument
    cdef int64_t* reserved_by_asset
    cdef int* changed           # lines that changed and are watched
    cdef int changed_count
    cdef readonly int instruments_count
    cdef readonly int assets_max
    cdef readonly int strategies_count
    cdef readonly int unknown_count
    cdef readonly int unpriced_count
    cdef readonly int64_t fee_ppm
    cdef int128 gross_sum
    cdef int128 net_long_sum
    cdef int128 net_short_sum

    cdef int start_line(self, Line* line, Scale scale, int base_asset, int quote_asset) except -1
    cdef void value(self, Line* line) noexcept nogil
    cdef void put(self, Line* line, Worth* worth, bint unpriced) noexcept nogil
    cdef int hold(self, Slot* slot) noexcept nogil
    cdef int book(self, Slot* slot, int64_t lots, int64_t funds, Worth* after) noexcept nogil
    cdef int64_t enter(self, Slot* slot) noexcept nogil
    cdef int change(self, Slot* slot, int64_t price_ticks, int64_t lots) noexcept nogil
    cdef void reprice(self, Slot* slot) noexcept nogil
    cdef int shift(self, Line* line, int64_t lots) noexcept nogil
    cdef void drop(self, Slot* slot) noexcept nogil
    cdef void note_unknown(self, Slot* slot, bint unknown) noexcept nogil
    cdef Own* own_of(self, Slot* slot) noexcept nogil
    cdef Share* share_of(self, int64_t strategy, int64_t instrument) noexcept nogil
    cdef int watch(self, int instrument) except -1
    cdef void price(self, int instrument, int64_t low_ticks, int64_t high_ticks) noexcept nogil
    cdef void convert(self, int instrument, int64_t numerator, int64_t denominator) noexcept nogil
    cdef Line* line_of(self, int64_t instrument) except NULL
