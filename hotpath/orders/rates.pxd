"""How fast a strategy and the desk act, for compiled code: C10, C11, C19b and C21."""

cimport cython
from libc.stdint cimport int64_t

from hotpath.orders.judged cimport Order
from hotpath.orders.window cimport Window

cdef enum:
    REJECTS_MAX = 64            # times that are kept of a strategy's rejects in a row


cdef struct Budget:             # a bucket that fills evenly: when it would be full again, instead of what is in it
    int64_t busy_until_ns
    int64_t token_ns            # 0: nobody told a limit
    int64_t new_depth_ns        # what new orders and amends may use of it; the rest is for cancels


cdef struct Sides:              # the fills of a strategy in an instrument
    Window buys
    Window sells


cdef struct Pace:               # of one strategy; the person's is the last
    int64_t new_until_ns
    int64_t all_until_ns
    int64_t rejects
    int64_t reject_ns[REJECTS_MAX]
    bint throttled
    bint refused


@cython.final
cdef class Rates:
    cdef Pace* paces
    cdef Sides* fills           # by strategy and instrument
    cdef Budget* venues
    cdef int* venue_of          # the venue of each instrument
    cdef Window messages
    cdef Window executions
    cdef readonly int strategies_count
    cdef readonly int instruments_count
    cdef readonly int venues_count
    cdef int64_t last_ns
    cdef int64_t new_token_ns, new_depth_ns, all_token_ns, all_depth_ns
    cdef int64_t venue_pct
    cdef int64_t fills_max, fills_part_ns
    cdef int64_t rejects_max, rejects_window_ns
    cdef int64_t trade_ratio, trade_from, trade_part_ns

    # C10, C11, C19b, C21.
    cdef int max_messages(self, Order* order) noexcept nogil
    cdef int execution_throttle(self, Order* order) noexcept nogil
    cdef int reject_streak(self, Order* order) noexcept nogil
    cdef int order_to_trade(self, Order* order) noexcept nogil

    # An approved message of a strategy that checks have let pass.
    cdef void charge(self, int64_t strategy, int64_t instrument, int64_t now_ns, bint new) noexcept nogil
    cdef Pace* pace_of(self, int64_t strategy) except NULL
    cdef int refuse(self, int64_t instrument) except -1
