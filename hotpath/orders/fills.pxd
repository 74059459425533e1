"""Weighted averages for compiled code: a cost of ticks x lots in __int128, and the lots that it bought."""

cimport cython
from libc.stdint cimport int64_t

from hotpath.core.units cimport int128

# 128 bits as a Python integer.
cdef object wide(int128 value)


@cython.final
cdef class Average:
    cdef int128 cost_ticks_lots
    cdef readonly int64_t lots

    cdef int128 shortfall(self, int side, int64_t reference_ticks) noexcept nogil
