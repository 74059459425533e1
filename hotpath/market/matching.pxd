"""The matching engine's shape: orders in chains by time, chains in levels by price, levels in two sorted sides.

A level is keyed by side * ticks, so that on both sides the best level is the last one and one piece of code serves
both.
"""

cimport cython
from libc.stdint cimport int8_t, int32_t, int64_t

from hotpath.market.touched cimport TouchedLevels

cdef enum:
    BUY = 1
    SELL = -1

cdef enum:
    LIMIT = 1
    MARKET = 2
    IOC = 3
    FOK = 4
    POST_ONLY = 5

cdef enum:
    INVALID = 1
    DUPLICATE = 2
    UNKNOWN = 3
    FULL = 4
    WOULD_TAKE = 5
    KILLED = 6
    FILLED = 7
    EXPIRED = 8
    RESTING = 9
    REDUCED = 10
    CANCELED = 11


cdef struct RestingOrder:
    int64_t number
    int64_t owner
    int64_t ticks
    int64_t lots
    int32_t previous
    int32_t next
    int8_t side
    bint post_only


cdef struct PriceLevel:
    int64_t key
    int64_t lots
    int32_t first
    int32_t last
    int32_t orders_count


cdef struct Side:
    PriceLevel* levels
    int32_t count


cdef struct Execution:
    int64_t maker
    int64_t taker
    int64_t ticks
    int64_t lots
    int64_t maker_owner


@cython.final
cdef class MatchingEngine:
    cdef readonly int32_t orders_max
    cdef readonly int64_t lots_max
    cdef readonly bint tracking
    cdef RestingOrder* orders
    cdef int32_t orders_used
    cdef int32_t free_first
    cdef int32_t open_count
    cdef int32_t* slots
    cdef int64_t slots_mask
    cdef int slots_shift
    cdef Side bids
    cdef Side asks
    cdef Execution* executions
    cdef int32_t executions_count
    cdef TouchedLevels touched

    # hot calls: an Outcome each; what was executed stands in `executions` until the next call
    cdef int place(self, int64_t number, int side, int kind, int64_t ticks, int64_t lots, int64_t owner) noexcept nogil
    cdef int take_out(self, int64_t number) noexcept nogil
    cdef int change(self, int64_t number, int64_t ticks, int64_t lots) noexcept nogil

    # matching
    cdef Side* side_of(self, int side) noexcept nogil
    cdef bint reaches(self, int side, int64_t worst_key, int64_t lots) noexcept nogil
    cdef int32_t find_level(self, Side* half, int64_t key) noexcept nogil
    cdef int64_t match(self, int64_t number, int side, int64_t worst_key, int64_t lots) noexcept nogil
    cdef void rest(
        self, int64_t number, int side, int64_t ticks, int64_t lots, int64_t owner, bint post_only
    ) noexcept nogil
    cdef void unlink(self, int32_t slot) noexcept nogil
    cdef void touch(self, int side, int64_t key) noexcept nogil

    # finding an order by its number
    cdef int64_t home_of(self, int64_t number) noexcept nogil
    cdef int64_t place_of(self, int64_t number) noexcept nogil
    cdef void forget(self, int32_t slot) noexcept nogil

    # cold calls
    cdef list executed(self)
    cdef tuple levels_of(self, int side, int levels_max)
    cdef int check_side(self, int side) except -1
