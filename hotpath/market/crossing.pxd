"""Where a taking order meets those that rest: executions, self-trade prevention, and what is told of both."""

cimport cython
from libc.stdint cimport int8_t, int32_t, int64_t

from hotpath.market.expiry cimport Expiries
from hotpath.market.price_time cimport PriceTimeQueues
from hotpath.market.touched cimport TouchedLevels

cdef enum:
    ALLOW = 0
    CANCEL_NEWEST = 1
    CANCEL_OLDEST = 2
    CANCEL_BOTH = 3


cdef struct Terms:          # of an order, beside price and lots
    int64_t owner           # 0: nobody's
    int64_t expires_ns      # 0: never
    int8_t prevention


cdef struct Taker:
    int64_t number
    int64_t worst_key       # the least key of the other side that it takes
    int64_t lots
    int side
    Terms terms


cdef struct Execution:
    int64_t maker
    int64_t taker
    int64_t ticks
    int64_t lots
    int64_t maker_owner


cdef struct Consequence:    # what became of another order than the one that was asked about
    int64_t number
    int64_t lots
    int outcome


@cython.final
cdef class CrossingBook:
    cdef PriceTimeQueues queues             # an order's mark says that it is post-only
    cdef Terms* terms                       # by the slot of the order in `queues`
    cdef Expiries expiries                  # of these orders, and of whatever else its owner adds
    cdef readonly bint tracking
    cdef TouchedLevels touched
    cdef Execution* executions
    cdef int32_t executions_count
    cdef Consequence* consequences
    cdef int32_t consequences_count
    cdef bint prevented                     # the last taker met an order of its owner's and lost its rest

    # Forgets executions and consequences.
    cdef void begin(self) noexcept nogil
    # Whether the other side offers that taker at least `lots`; who prevention would cancel offers nothing.
    cdef bint reaches(self, const Taker* taker, int64_t lots) noexcept nogil
    # Returns the lots that are left.
    cdef int64_t cross(self, const Taker* taker) noexcept nogil
    cdef void execute(self, int32_t slot, int64_t taker, int64_t lots) noexcept nogil
    cdef bint is_own(self, const Taker* taker, int32_t slot) noexcept nogil

    # There is room, and the number is new.
    cdef void rest(
        self, int64_t number, int side, int64_t ticks, int64_t lots, Terms terms, bint post_only
    ) noexcept nogil
    cdef void leave(self, int32_t slot) noexcept nogil
    cdef void shrink(self, int32_t slot, int64_t lots) noexcept nogil
    cdef void tell(self, int64_t number, int outcome, int64_t lots) noexcept nogil
    cdef list executed(self)
