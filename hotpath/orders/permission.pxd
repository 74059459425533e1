"""Whether this one may trade this now, for compiled code: C01 to C04."""

cimport cython

from hotpath.orders.exposure cimport Exposure
from hotpath.orders.filters cimport Filters
from hotpath.orders.judged cimport Order
from hotpath.orders.recents cimport Recents
from hotpath.orders.sizes cimport Sizes


@cython.final
cdef class Permission:
    cdef Exposure exposure
    cdef Filters filters
    cdef Recents recents
    cdef Sizes sizes

    # In this order: the first finds the instrument's line and whether the order can only reduce.
    cdef int mode_gate(self, Order* order) noexcept nogil
    cdef int strategy_authorised(self, Order* order) noexcept nogil
    cdef int instrument_permitted(self, Order* order) noexcept nogil
    cdef int venue_ready(self, Order* order) noexcept nogil
