"""The checks before an order leaves, as one class: the limits, and one pass over the checks in documented order.

Every check takes no GIL and returns 0 or its code, which hotpath.orders.denial names.
"""

cimport cython
from libc.stdint cimport int64_t

from hotpath.orders.account cimport Account
from hotpath.orders.exposure cimport Exposure
from hotpath.orders.filters cimport Filters
from hotpath.orders.judged cimport Order
from hotpath.orders.marks cimport Marks
from hotpath.orders.recents cimport Recents


cdef struct Bounds:             # the limits, in the units that are compared
    int64_t age_ns
    int64_t order_value
    int64_t protective_order_value
    int64_t duplicate_window_ns
    int64_t open_instrument
    int64_t open_all
    int64_t daily
    int64_t position_ppm
    int64_t position_value
    int64_t gross_ppm
    int64_t net_ppm
    int64_t warn_pct


@cython.final
cdef class Limits:
    cdef readonly Marks marks
    cdef readonly Filters filters
    cdef readonly Recents recents
    cdef readonly Exposure exposure
    cdef readonly Account account
    cdef Bounds bounds
    cdef readonly int64_t state
    cdef int64_t day
    cdef int64_t daily_count
    cdef readonly int64_t handle
    cdef readonly int64_t price_ticks
    cdef readonly bint shrinks
    cdef readonly int64_t observed
    cdef readonly int64_t limit
    cdef readonly int64_t warned

    cpdef int check_and_reserve(
        self, int64_t strategy, int64_t intent, int64_t instrument, int side, int type, int time_in_force,
        bint post_only, bint reduce_only, int64_t price_ticks, int64_t lots, int64_t now_ns,
    ) except -1
    cdef int judge(self, Order* order) noexcept nogil
    cdef int mode_gate(self, Order* order) noexcept nogil
    cdef int strategy_authorised(self, Order* order) noexcept nogil
    cdef int instrument_permitted(self, Order* order) noexcept nogil
    cdef int venue_ready(self, Order* order) noexcept nogil
    cdef int market_data_fresh(self, Order* order) noexcept nogil
    cdef int order_well_formed(self, Order* order) noexcept nogil
    cdef int price_collar(self, Order* order) noexcept nogil
    cdef int max_order_value(self, Order* order) noexcept nogil
    cdef int duplicate_order(self, Order* order) noexcept nogil
    cdef int max_open_orders(self, Order* order) noexcept nogil
    cdef int max_daily_orders(self, Order* order) noexcept nogil
    cdef int position_limit(self, Order* order) noexcept nogil
    cdef int gross_exposure(self, Order* order) noexcept nogil
    cdef int net_exposure(self, Order* order) noexcept nogil
    cdef int funds_reserved(self, Order* order) noexcept nogil
    cdef int reduce_only(self, Order* order) noexcept nogil
    cdef int reserve(self, Order* order) noexcept nogil
    cdef int finish(self, Order* order, int code) noexcept nogil
    cdef int64_t orders_today(self, int64_t now_ns) noexcept nogil
