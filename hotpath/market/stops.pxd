"""Stop orders that wait for a trade at their trigger, and those that one has just elected."""

cimport cython
from libc.stdint cimport int32_t, int64_t

from hotpath.market.crossing cimport Terms
from hotpath.market.price_time cimport PriceTimeQueues


cdef struct ElectedStop:
    int64_t number
    int64_t lots
    int64_t limit_ticks     # 0: a market order once it is elected
    int side
    Terms terms


@cython.final
cdef class StopOrders:
    cdef PriceTimeQueues queues     # by trigger: what waits for a rise stands as asks do, the nearest first
    cdef Terms* terms               # by the slot of the order in `queues`, as the next one
    cdef int64_t* limits_ticks
    cdef ElectedStop* elected       # in the order of their election
    cdef int32_t elected_count

    cdef void wait(
        self, int64_t number, int side, int64_t stop_ticks, int64_t limit_ticks, int64_t lots, Terms terms
    ) noexcept nogil
    cdef void elect(self, int64_t low_ticks, int64_t high_ticks) noexcept nogil
    cdef void elect_first(self, int side) noexcept nogil
