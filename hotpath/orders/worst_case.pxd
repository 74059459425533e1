"""What an order would make of the worst case, for compiled code: C14, C15a, C15b and C16."""

cimport cython
from libc.stdint cimport int64_t

from hotpath.orders.account cimport Account
from hotpath.orders.exposure cimport Exposure
from hotpath.orders.judged cimport Order
from hotpath.orders.sizes cimport Sizes


@cython.final
cdef class WorstCase:
    cdef Exposure exposure
    cdef Account account
    cdef Sizes sizes

    # In this order: the first finds equity and what the instrument is worth after the order.
    cdef int position_limit(self, Order* order) noexcept nogil
    cdef int strategy_position(self, Order* order, int64_t limit) noexcept nogil
    cdef int gross_exposure(self, Order* order) noexcept nogil
    cdef int net_exposure(self, Order* order) noexcept nogil
    cdef int funds_reserved(self, Order* order) noexcept nogil
