"""The place of one simulated order among orders that are known one by one."""

cimport cython
from libc.stdint cimport int64_t

from hotpath.market.book_l3 cimport BookL3


@cython.final
cdef class FifoPosition:
    cdef BookL3 book
    cdef readonly int side
    cdef readonly int64_t price_ticks
    cdef readonly int64_t open_lots
    cdef int64_t joined         # of those at our price, who arrived earlier stands ahead

    # The lots of ours that an execution fills: of an order, or of one that was never shown.
    cdef int64_t executed(self, int64_t ticks, int64_t arrival, int64_t lots) noexcept nogil
    cdef int64_t lots_ahead(self) noexcept nogil
