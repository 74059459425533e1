"""How large things may be in the trading state that is in force, for compiled code."""

cimport cython
from libc.stdint cimport int64_t

from hotpath.orders.exposure cimport Exposure

cdef enum:
    STATE_EMERGENCY = 0
    STATE_PROTECTIVE = 1
    STATE_CAUTIOUS = 2
    STATE_NORMAL = 3


cdef struct Bounds:             # the limits, in the units that are compared
    int64_t age_ns
    int64_t cautious_age_ns
    int64_t cautious_pct
    int64_t protective_pct
    int64_t order_value
    int64_t depth_ppm
    int64_t duplicate_window_ns
    int64_t open_instrument
    int64_t open_all
    int64_t daily
    int64_t position_ppm
    int64_t position_value
    int64_t gross_ppm
    int64_t net_ppm
    int64_t warn_pct


cdef struct Part:               # the limits of an instrument or a strategy
    int64_t order_value         # as told; more than any value: none of its own
    int64_t position_value
    int64_t order_value_now     # in force
    int64_t position_value_now
    bint known                  # held or on order when CAUTIOUS began


@cython.final
cdef class Sizes:
    cdef Exposure exposure
    cdef Bounds base            # as told
    cdef Bounds now             # in force
    cdef Part* instruments
    cdef Part* strategies
    cdef readonly int strategies_count
    cdef readonly int64_t state
    cdef bint by_strategy       # a strategy has limits of its own

    cdef int lay(self) except -1
    cdef int lay_part(self, Part* part, int64_t value_pct) except -1
    cdef int64_t part_pct(self) noexcept nogil
