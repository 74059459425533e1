"""Reference prices for compiled code: each instrument's last quote, priced into exposure and account when asked."""

cimport cython
from libc.stdint cimport int64_t

from hotpath.orders.account cimport Account
from hotpath.orders.exposure cimport Exposure


cdef struct Market:
    int64_t bid_ticks
    int64_t ask_ticks
    int64_t time_ns
    int64_t bid_depth_lots   # of the best levels
    int64_t ask_depth_lots
    int64_t depth_time_ns
    int depth_told
    int64_t price_unit       # ticks in one unit of the quote currency
    int priced_asset         # the asset that is worth this instrument's mid; -1: none
    bint inverse             # it is worth one over the mid
    bint synchronised
    bint dirty               # quoted since it was last priced


@cython.final
cdef class Marks:
    cdef readonly Exposure exposure
    cdef readonly Account account
    cdef Market* markets
    cdef int* dirty
    cdef int dirty_count
    cdef readonly int instruments_count
    cdef int64_t collar_ppm

    cdef int note(self, int64_t instrument, int64_t bid_ticks, int64_t ask_ticks, int64_t time_ns) except -1
    cdef void price_dirty(self) noexcept nogil
    cdef void price(self, int instrument) noexcept nogil
    cdef void spread_rate(self, int asset, int64_t numerator, int64_t denominator) noexcept nogil
    cdef void touch(self, int instrument) noexcept nogil
    cdef int refuse(self, int64_t instrument) except -1
