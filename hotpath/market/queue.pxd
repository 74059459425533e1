"""The place of one simulated order in the queue of its price level."""

cimport cython
from libc.stdint cimport int64_t


@cython.final
cdef class QueuePosition:
    cdef readonly int side
    cdef readonly int64_t price_ticks
    cdef readonly int64_t open_lots
    cdef readonly int64_t step_lots
    cdef readonly int64_t ahead_lots
    cdef bint crossed

    cdef int64_t traded(self, int64_t ticks, int64_t lots) noexcept
    cdef int64_t fill(self, int64_t lots) noexcept nogil
