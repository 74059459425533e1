"""The checks before an order leaves, as one class: the limits, and one pass over the checks in documented order.

Every check takes no GIL and returns 0 or its code; the codes are those of DenialReason in engine/messages/orders.py.
"""

cimport cython
from libc.stdint cimport int64_t, uint64_t

from hotpath.orders.account cimport Account
from hotpath.orders.exposure cimport Exposure, Slot, Worth
from hotpath.orders.filters cimport Filters
from hotpath.orders.marks cimport Marks
from hotpath.orders.recents cimport Recents

cdef enum:
    APPROVED = 0
    MODE_GATE = 2
    STRATEGY_AUTHORISED = 3
    INSTRUMENT_PERMITTED = 4
    MARKET_DATA_FRESH_INPUT = 5
    MARKET_DATA_FRESH = 6
    ORDER_WELL_FORMED = 7
    PRICE_COLLAR_INPUT = 8
    PRICE_COLLAR = 9
    MAX_ORDER_VALUE_INPUT = 10
    MAX_ORDER_VALUE = 11
    DUPLICATE_ORDER = 12
    MAX_OPEN_ORDERS = 13
    MAX_DAILY_ORDERS = 14
    POSITION_LIMIT_INPUT = 15
    POSITION_LIMIT = 16
    GROSS_EXPOSURE_INPUT = 17
    GROSS_EXPOSURE = 18
    NET_EXPOSURE_INPUT = 19
    NET_EXPOSURE = 20
    FUNDS_RESERVED_INPUT = 21
    FUNDS_RESERVED = 22
    REDUCE_ONLY = 23
    UNKNOWN_ORDER = 24


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


cdef struct Order:              # what is being judged; the lower half is found on the way
    int64_t strategy
    int64_t intent
    int64_t instrument
    int64_t price_ticks
    int64_t lots
    int64_t now_ns
    int side
    int type
    int time_in_force
    bint post_only
    bint reduce_only
    Slot* slot                  # the order that is amended; NULL for a new one
    int64_t open_lots           # what would be open
    int64_t growth_lots         # what would be reserved on top
    int64_t sent_price_ticks    # the limit, or a market order's protection price
    int64_t equity
    int equity_error
    int after_error
    bint shrinks                # it can only make the position smaller
    Worth after                 # of its instrument, if it is approved
    uint64_t key                # what makes it the same order as another; set once it was looked for


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
    cdef int deny(self, int code, int64_t observed, int64_t limit) noexcept nogil
    cdef int compare(self, int code, int64_t observed, int64_t limit) noexcept nogil
    cdef int judge(self, Order* order) noexcept nogil
    cdef int mode_gate(self, Order* order) noexcept nogil
    cdef int strategy_authorised(self, Order* order) noexcept nogil
    cdef int instrument_permitted(self, Order* order) noexcept nogil
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
