"""The resting orders of a matching engine, and how a taking order meets them: better price first, then earlier arrival.

An execution is at the maker's price. Where a taker asks for it, an order of the same owner is not traded with: the one
that came later is cancelled, or the earlier one, or both. Nobody is the owner of orders with owner 0. It decides on no
order's admission and knows neither kinds nor triggers. What happened stands in two lists until the next request.
"""

cimport cython
from libc.stdint cimport int8_t, int32_t, int64_t
from libc.stdlib cimport calloc, free

from hotpath.market.expiry cimport Expiries
from hotpath.market.outcomes cimport CANCELED
from hotpath.market.price_time cimport BUY, PriceQueue, PriceTimeQueues, RestingOrder, Stair, ticks_of
from hotpath.market.touched cimport TouchedLevels


@cython.final
cdef class CrossingBook:
    def __cinit__(self, orders_max, bint track_changes):
        self.queues = PriceTimeQueues(orders_max)
        self.expiries = Expiries(orders_max)
        self.tracking = track_changes
        self.touched = TouchedLevels(4 * self.queues.orders_max if track_changes else 1)
        cdef size_t orders = <size_t>self.queues.orders_max
        self.terms = <Terms*>calloc(orders, sizeof(Terms))
        # Each execution ends an order. A consequence ends one or lets a stop rest, which can end once more.
        self.executions = <Execution*>calloc(orders + 1, sizeof(Execution))
        self.consequences = <Consequence*>calloc(2 * orders, sizeof(Consequence))
        if self.terms == NULL or self.executions == NULL or self.consequences == NULL:
            raise MemoryError(f"no memory for a matching engine of {orders_max} orders")

    def __dealloc__(self):
        free(self.terms)
        free(self.executions)
        free(self.consequences)

    cdef void begin(self) noexcept nogil:
        self.executions_count = self.consequences_count = 0

    cdef bint is_own(self, const Taker* taker, int32_t slot) noexcept nogil:
        """Whether a taker asked not to trade with this order."""
        return (
            taker.terms.prevention != ALLOW and taker.terms.owner != 0
            and taker.terms.owner == self.terms[slot].owner
        )

    cdef bint reaches(self, const Taker* taker, int64_t lots) noexcept nogil:
        """Whether the other side offers a taker at least `lots`; what is cancelled instead of traded offers nothing."""
        cdef Stair* stair = self.queues.stair_of(-taker.side)
        cdef int32_t at = stair.count - 1
        cdef PriceQueue* queue
        cdef int32_t slot
        while at >= 0 and stair.steps[at].key >= taker.worst_key:
            queue = &self.queues.queues[stair.steps[at].queue]
            at -= 1
            if taker.terms.prevention == ALLOW:
                lots -= queue.lots
                if lots <= 0:
                    return True
                continue
            slot = queue.first
            while slot >= 0:
                if not self.is_own(taker, slot):
                    lots -= self.queues.orders[slot].lots
                elif taker.terms.prevention != CANCEL_OLDEST:
                    return False
                if lots <= 0:
                    return True
                slot = self.queues.orders[slot].next
        return False

    cdef int64_t cross(self, const Taker* taker) noexcept nogil:
        """Execute against the other side down to the worst key that a taker accepts."""
        cdef Stair* stair = self.queues.stair_of(-taker.side)
        cdef int64_t left = taker.lots
        cdef int64_t traded
        cdef int32_t slot
        cdef RestingOrder* maker
        self.prevented = False
        while left > 0 and stair.count > 0 and stair.steps[stair.count - 1].key >= taker.worst_key:
            slot = self.queues.queues[stair.steps[stair.count - 1].queue].first
            maker = &self.queues.orders[slot]
            if self.is_own(taker, slot):
                if taker.terms.prevention != CANCEL_NEWEST:
                    self.tell(maker.number, CANCELED, maker.lots)
                    self.leave(slot)
                if taker.terms.prevention != CANCEL_OLDEST:
                    self.prevented = True
                    break
                continue
            traded = min(left, maker.lots)
            left -= traded
            self.execute(slot, taker.number, traded)
        return left

    cdef void execute(self, int32_t slot, int64_t taker, int64_t lots) noexcept nogil:
        """Trade with a resting order."""
        cdef RestingOrder* maker = &self.queues.orders[slot]
        cdef Execution* one = &self.executions[self.executions_count]
        self.executions_count += 1
        one.maker = maker.number
        one.taker = taker
        one.ticks = ticks_of(self.queues, maker)
        one.lots = lots
        one.maker_owner = self.terms[slot].owner
        if lots == maker.lots:
            self.leave(slot)
        else:
            self.shrink(slot, maker.lots - lots)

    cdef void rest(
        self, int64_t number, int side, int64_t ticks, int64_t lots, Terms terms, bint post_only
    ) noexcept nogil:
        """Put an order behind all others of its price."""
        cdef int32_t slot = self.queues.join(number, side, ticks, lots)
        self.queues.orders[slot].mark = <int8_t>post_only
        self.terms[slot] = terms
        if terms.expires_ns > 0:
            self.expiries.add(number, terms.expires_ns)
        if self.tracking:
            self.touched.add(side, side * ticks)

    cdef void leave(self, int32_t slot) noexcept nogil:
        """Take an order out."""
        cdef RestingOrder* order = &self.queues.orders[slot]
        if self.terms[slot].expires_ns > 0:
            self.expiries.drop(order.number)
        if self.tracking:
            self.touched.add(order.side, self.queues.queues[order.queue].key)
        self.queues.leave(slot)

    cdef void shrink(self, int32_t slot, int64_t lots) noexcept nogil:
        """Leave an order fewer lots, in its place."""
        cdef RestingOrder* order = &self.queues.orders[slot]
        if self.tracking:
            self.touched.add(order.side, self.queues.queues[order.queue].key)
        self.queues.shrink(slot, lots)

    cdef void tell(self, int64_t number, int outcome, int64_t lots) noexcept nogil:
        """Note what became of an order that nobody asked about."""
        cdef Consequence* one = &self.consequences[self.consequences_count]
        self.consequences_count += 1
        one.number = number
        one.outcome = outcome
        one.lots = lots

    cdef list executed(self):
        """Return the executions since the request began."""
        cdef int32_t i
        cdef Execution* one
        cdef list found = []
        for i in range(self.executions_count):
            one = &self.executions[i]
            found.append((one.maker, one.taker, one.ticks, one.lots, one.maker_owner))
        return found

    def check(self):
        cdef (int64_t, int64_t) bid = self.queues.best_of(BUY)
        cdef (int64_t, int64_t) ask = self.queues.best_of(-BUY)
        self.queues.check()
        self.expiries.check()
        self.touched.check()
        assert bid[0] == 0 or ask[0] == 0 or bid[0] < ask[0], f"crossed: bid {bid[0]} >= ask {ask[0]}"
        assert 0 <= self.executions_count <= self.queues.orders_max + 1, f"{self.executions_count} executions at once"
        assert 0 <= self.consequences_count <= 2 * self.queues.orders_max, f"{self.consequences_count} consequences"
