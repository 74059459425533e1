"""The checks before an order leaves, as one class: one pass over all of them in documented order.

Every check takes no GIL and returns 0 or its code, which hotpath.orders.denial names.
"""

cimport cython
from libc.stdint cimport int64_t

from hotpath.orders.account cimport Account
from hotpath.orders.exposure cimport Exposure
from hotpath.orders.filters cimport Filters
from hotpath.orders.greeks cimport Greeks
from hotpath.orders.health cimport Health
from hotpath.orders.judged cimport Order
from hotpath.orders.losses cimport Losses
from hotpath.orders.marks cimport Marks
from hotpath.orders.parents cimport Parents
from hotpath.orders.permission cimport Permission
from hotpath.orders.rates cimport Rates
from hotpath.orders.recents cimport Recents
from hotpath.orders.sizes cimport Sizes
from hotpath.orders.slippage cimport Slippage
from hotpath.orders.turnover cimport Turnover
from hotpath.orders.worst_case cimport WorstCase


@cython.final
cdef class Limits:
    cdef readonly Marks marks
    cdef readonly Filters filters
    cdef readonly Recents recents
    cdef readonly Exposure exposure
    cdef readonly Account account
    cdef readonly Sizes sizes
    cdef readonly Rates rates
    cdef readonly Losses losses
    cdef readonly Health health
    cdef readonly Parents parents
    cdef readonly Turnover turnover
    cdef readonly Greeks greeks
    cdef readonly Slippage slippage
    cdef Permission permission
    cdef WorstCase worst_case
    cdef int64_t day_end_ns
    cdef int64_t daily_count
    cdef int64_t next_parent        # of the order that is judged next
    cdef int64_t next_edge_bps
    cdef bint next_has_edge
    cdef readonly int64_t handle
    cdef readonly int64_t price_ticks
    cdef readonly bint shrinks
    cdef readonly int64_t observed
    cdef readonly int64_t limit
    cdef readonly int64_t warned
    cdef readonly int64_t depth_skipped_count

    cpdef int check_and_reserve(
        self, int64_t strategy, int64_t intent, int64_t instrument, int side, int type, int time_in_force,
        bint post_only, bint reduce_only, int64_t price_ticks, int64_t lots, int64_t now_ns,
    ) except -1

    # What the next order says beside the ordinary: its parent (0: none) and the edge that it expects.
    cdef void expect_terms(self, int64_t parent, int64_t edge_bps, bint has_edge) noexcept nogil
    cdef void take_terms(self, Order* order) noexcept nogil
    cdef int judge(self, Order* order) noexcept nogil
    cdef int market_data_fresh(self, Order* order) noexcept nogil
    cdef int order_well_formed(self, Order* order) noexcept nogil
    cdef int price_collar(self, Order* order) noexcept nogil
    cdef int max_order_value(self, Order* order) noexcept nogil
    cdef int max_order_quantity(self, Order* order) noexcept nogil
    cdef int duplicate_order(self, Order* order) noexcept nogil
    cdef int max_open_orders(self, Order* order) noexcept nogil
    cdef int max_daily_orders(self, Order* order) noexcept nogil
    cdef int self_trade(self, Order* order) noexcept nogil
    cdef int reduce_only(self, Order* order) noexcept nogil
    cdef int reserve(self, Order* order) noexcept nogil
    cdef int finish(self, Order* order, int code) noexcept nogil
    cdef int64_t orders_today(self, int64_t now_ns) noexcept nogil
