"""Weighted averages for compiled code: a cost of ticks x lots in __int128, and the lots that it bought."""

cimport cython
from libc.stdint cimport int64_t

from hotpath.core.units cimport Scale, int128
from hotpath.market.book cimport Book


@cython.final
cdef class Average:
    cdef int128 cost_ticks_lots
    cdef readonly int64_t lots

    # Both positive, or ValueError.
    cdef int add_fill(self, int64_t price_ticks, int64_t lots) except -1

    # ticks x lots, positive when it went against us: beyond a reference, and beyond twice a mid for twice the price.
    cdef int128 shortfall(self, int side, int64_t reference_ticks) noexcept nogil
    cdef int128 shortfall_twice(self, int side, int64_t mid_ticks_twice) noexcept nogil


# An order of `side` and `lots` > 0 through the levels of the other side.
cdef Average expected_fill(Book book, int side, int64_t lots)
