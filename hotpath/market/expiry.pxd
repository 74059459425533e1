"""Orders that are good till a date, the next to expire at hand."""

cimport cython
from libc.stdint cimport int32_t, int64_t

from hotpath.market.order_index cimport OrderIndex


cdef struct Deadline:
    int64_t expires_ns
    int64_t number


@cython.final
cdef class Expiries:
    cdef readonly int32_t count
    cdef readonly int32_t orders_max
    cdef Deadline* heap     # the earliest first, of equal ones the lower number
    cdef OrderIndex index   # from a number to its place in the heap

    # The caller knows that there is room and that the number is new.
    cdef void add(self, int64_t number, int64_t expires_ns) noexcept nogil
    # Nothing happens for a number that is not there.
    cdef void drop(self, int64_t number) noexcept nogil
    cdef void put(self, int32_t place, Deadline one) noexcept nogil
    cdef void rise(self, int32_t place, Deadline one) noexcept nogil
    cdef void sink(self, int32_t place, Deadline one) noexcept nogil
