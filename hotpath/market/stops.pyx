"""Stop orders until they trade: a buy waits for a trade at its trigger or above, a sell for one at it or below.

They wait in price-time queues of their own, so that the nearest trigger is at hand and equal ones keep their order of
arrival. An election moves them to a list, buys before sells, each side by what the price reached first; the engine lets
them meet the book in that order, and what their trades elect goes to its end. Trading is the engine's affair.
"""

cimport cython
from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport calloc, free

from hotpath.market.crossing cimport Terms
from hotpath.market.price_time cimport BUY, SELL, PriceTimeQueues, RestingOrder


@cython.final
cdef class StopOrders:
    def __cinit__(self, orders_max):
        self.queues = PriceTimeQueues(orders_max)
        self.terms = <Terms*>calloc(<size_t>self.queues.orders_max, sizeof(Terms))
        self.limits_ticks = <int64_t*>calloc(<size_t>self.queues.orders_max, sizeof(int64_t))
        self.elected = <ElectedStop*>calloc(<size_t>self.queues.orders_max, sizeof(ElectedStop))
        if self.terms == NULL or self.limits_ticks == NULL or self.elected == NULL:
            raise MemoryError(f"no memory for {orders_max} stop orders")

    def __dealloc__(self):
        free(self.terms)
        free(self.limits_ticks)
        free(self.elected)

    def __len__(self):
        return self.queues.count

    cdef void wait(
        self, int64_t number, int side, int64_t stop_ticks, int64_t limit_ticks, int64_t lots, Terms terms
    ) noexcept nogil:
        """Let an order wait for its trigger; a buy stands among the asks of `queues`."""
        cdef int32_t slot = self.queues.join(number, -side, stop_ticks, lots)
        self.terms[slot] = terms
        self.limits_ticks[slot] = limit_ticks

    cdef void elect(self, int64_t low_ticks, int64_t high_ticks) noexcept nogil:
        """Move what trades between these prices reached to the end of `elected`."""
        while self.queues.asks.count > 0 and self.queues.best_of(SELL)[0] <= high_ticks:
            self.elect_first(BUY)
        while self.queues.bids.count > 0 and self.queues.best_of(BUY)[0] >= low_ticks:
            self.elect_first(SELL)

    cdef void elect_first(self, int side) noexcept nogil:
        """Move the first stop of a side."""
        cdef int32_t slot = self.queues.best_queue(-side).first
        cdef RestingOrder* order = &self.queues.orders[slot]
        cdef ElectedStop* stop = &self.elected[self.elected_count]
        stop.number = order.number
        stop.lots = order.lots
        stop.side = side
        stop.limit_ticks = self.limits_ticks[slot]
        stop.terms = self.terms[slot]
        self.elected_count += 1
        self.queues.leave(slot)

    def check(self):
        cdef int32_t i
        self.queues.check()
        assert 0 <= self.elected_count <= self.queues.orders_max, f"{self.elected_count} stops were elected at once"
        for i in range(self.queues.orders_used):
            assert self.limits_ticks[i] >= 0, "a stop order has an impossible limit"
