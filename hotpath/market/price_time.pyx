"""Orders of one instrument by price and time, found by number: no opinion on what they are for.

Everything is allocated once, as zeroed pages that cost nothing until they are touched: memory is bounded and flat. An
order knows its queue, so that leaving it is no search for a price, unless the queue ends with it. A book whose sides
cross is a fact about a feed and a fault of a matching engine; here it is neither.
"""

cimport cython
from libc.stdint cimport INT64_MAX, int8_t, int32_t, int64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memmove

from hotpath.core.integers cimport int64_of
from hotpath.market.order_index cimport allocate_index, count_numbers, drop_number, put_number, slot_of


cdef inline int32_t find_step(const Stair* stair, int64_t key) noexcept nogil:
    """Return how many steps lie below `key`: halves without a branch, because chance cannot be predicted."""
    cdef const Step* steps = stair.steps
    cdef int32_t low = 0
    cdef int32_t count = stair.count
    cdef int32_t half
    while count > 1:
        half = count >> 1
        low += half if steps[low + half - 1].key < key else 0
        count -= half
    return low + (1 if count == 1 and steps[low].key < key else 0)


@cython.final
cdef class PriceTimeQueues:
    def __cinit__(self, orders_max):
        cdef int64_t orders = int64_of(orders_max, "orders_max")
        allocate_index(&self.index, orders)
        self.orders_max = <int32_t>orders
        self.free_order = self.free_queue = -1
        self.orders = <RestingOrder*>calloc(<size_t>orders, sizeof(RestingOrder))
        self.arrivals = <int64_t*>calloc(<size_t>orders, sizeof(int64_t))
        self.queues = <PriceQueue*>calloc(<size_t>orders, sizeof(PriceQueue))
        self.bids.steps = <Step*>calloc(<size_t>orders, sizeof(Step))
        self.asks.steps = <Step*>calloc(<size_t>orders, sizeof(Step))
        cdef bint no_orders = self.orders == NULL or self.arrivals == NULL
        if no_orders or self.queues == NULL or self.bids.steps == NULL or self.asks.steps == NULL:
            raise MemoryError(f"no memory for the queues of {orders} orders")

    def __dealloc__(self):
        free(self.index.entries)
        free(self.orders)
        free(self.arrivals)
        free(self.queues)
        free(self.bids.steps)
        free(self.asks.steps)

    cdef Stair* stair_of(self, int side) noexcept nogil:
        return &self.bids if side == BUY else &self.asks

    cdef int32_t find(self, int64_t number) noexcept nogil:
        """Return the slot of an order, -1 for none."""
        return slot_of(&self.index, number)

    cdef int32_t join(self, int64_t number, int side, int64_t ticks, int64_t lots) noexcept nogil:
        """Put an order behind all others of its price and return its slot."""
        cdef Stair* stair = self.stair_of(side)
        cdef int64_t key = side * ticks
        cdef int32_t at = find_step(stair, key)
        cdef int32_t slot = self.free_order
        cdef int32_t place
        cdef RestingOrder* order
        cdef PriceQueue* queue
        if at < stair.count and stair.steps[at].key == key:
            place = stair.steps[at].queue
            if self.queues[place].lots > INT64_MAX - lots:
                return -1
        else:
            place = self.open_queue(stair, at, key)
        if slot >= 0:
            self.free_order = self.orders[slot].next
        else:
            slot = self.orders_used
            self.orders_used += 1
        queue = &self.queues[place]
        order = &self.orders[slot]
        order.number = number
        order.lots = lots
        self.arrivals[slot] = self.next_arrival
        order.previous = queue.last
        order.next = -1
        order.queue = place
        order.side = <int8_t>side
        order.mark = 0
        if queue.last >= 0:
            self.orders[queue.last].next = slot
        else:
            queue.first = slot
        queue.last = slot
        queue.lots += lots
        queue.orders_count += 1
        put_number(&self.index, number, slot)
        self.next_arrival += 1
        self.count += 1
        return slot

    cdef int32_t open_queue(self, Stair* stair, int32_t at, int64_t key) noexcept nogil:
        """Begin the queue of a price at a place of its side; there is one for each order, so there is room."""
        cdef int32_t place = self.free_queue
        cdef PriceQueue* queue
        if place >= 0:
            self.free_queue = self.queues[place].first
        else:
            place = self.queues_used
            self.queues_used += 1
        memmove(&stair.steps[at + 1], &stair.steps[at], <size_t>(stair.count - at) * sizeof(Step))
        stair.count += 1
        stair.steps[at].key = key
        stair.steps[at].queue = place
        queue = &self.queues[place]
        queue.key = key
        queue.lots = 0
        queue.first = queue.last = -1
        queue.orders_count = 0
        return place

    cdef void leave(self, int32_t slot) noexcept nogil:
        """Take an order out of its queue, and the queue out of the book when it was the last there."""
        cdef RestingOrder* order = &self.orders[slot]
        cdef PriceQueue* queue = &self.queues[order.queue]
        cdef Stair* stair
        cdef int32_t at
        if order.previous >= 0:
            self.orders[order.previous].next = order.next
        else:
            queue.first = order.next
        if order.next >= 0:
            self.orders[order.next].previous = order.previous
        else:
            queue.last = order.previous
        queue.lots -= order.lots
        queue.orders_count -= 1
        if queue.orders_count == 0:
            stair = self.stair_of(order.side)
            at = find_step(stair, queue.key)
            stair.count -= 1
            memmove(&stair.steps[at], &stair.steps[at + 1], <size_t>(stair.count - at) * sizeof(Step))
            queue.first = self.free_queue
            self.free_queue = order.queue
        drop_number(&self.index, order.number)
        order.next = self.free_order
        self.free_order = slot
        self.count -= 1

    cdef void shrink(self, int32_t slot, int64_t lots) noexcept nogil:
        """Leave an order fewer lots, above 0, in its place."""
        cdef RestingOrder* order = &self.orders[slot]
        self.queues[order.queue].lots -= order.lots - lots
        order.lots = lots

    cdef PriceQueue* best_queue(self, int side) noexcept nogil:
        cdef Stair* stair = self.stair_of(side)
        return &self.queues[stair.steps[stair.count - 1].queue] if stair.count > 0 else NULL

    cdef PriceQueue* queue_at(self, int side, int64_t ticks) noexcept nogil:
        """Return the queue of a price, NULL where nothing rests."""
        cdef Stair* stair = self.stair_of(side)
        cdef int32_t at = find_step(stair, side * ticks)
        if at < stair.count and stair.steps[at].key == side * ticks:
            return &self.queues[stair.steps[at].queue]
        return NULL

    cdef void empty(self) noexcept nogil:
        """Forget every order; the memory stays."""
        while self.bids.count > 0:
            self.leave(self.best_queue(BUY).first)
        while self.asks.count > 0:
            self.leave(self.best_queue(SELL).first)

    cdef (int64_t, int64_t) best_of(self, int side) noexcept nogil:
        """Return (ticks, lots) of the best price, zeros for an empty side."""
        cdef PriceQueue* queue = self.best_queue(side)
        cdef (int64_t, int64_t) best = (0, 0)
        if queue != NULL:
            best = (side * queue.key, queue.lots)
        return best

    cdef tuple depth_of(self, int side, int64_t levels):
        """Return the best `levels` prices of a side as (ticks, lots), best first."""
        cdef Stair* stair = self.stair_of(side)
        cdef int64_t i
        cdef Step* last = stair.steps + stair.count - 1
        return tuple([
            (side * (last - i).key, self.queues[(last - i).queue].lots) for i in range(min(levels, stair.count))
        ])

    def __len__(self):
        return self.count

    def check(self):
        cdef int found = self.check_side(BUY) + self.check_side(SELL)
        assert found == self.count <= self.orders_used, f"{found} orders stand in queues, {self.count} are counted"
        assert count_numbers(&self.index) == self.count, f"{self.count} orders are open, another number is indexed"

    cdef int check_side(self, int side) except -1:
        """Assert that prices are sorted, chains are whole and sums agree; returns the orders found."""
        cdef Stair* stair = self.stair_of(side)
        cdef int32_t at, slot, before
        cdef int found = 0
        cdef object lots
        cdef PriceQueue* queue
        cdef RestingOrder* order
        for at in range(stair.count):
            queue = &self.queues[stair.steps[at].queue]
            assert at == 0 or stair.steps[at - 1].key < stair.steps[at].key, "prices are out of order"
            assert queue.orders_count > 0, "an empty queue stands in the book"
            assert queue.key == stair.steps[at].key, "a queue stands at another price than its own"
            lots = 0
            before = -1
            slot = queue.first
            while slot >= 0:
                order = &self.orders[slot]
                assert order.lots > 0, f"order {order.number} is empty"
                assert stair == self.stair_of(order.side), f"order {order.number} is on a wrong side"
                assert order.queue == stair.steps[at].queue, f"order {order.number} does not know its queue"
                assert order.previous == before, f"the chain is broken at order {order.number}"
                assert before < 0 or self.arrivals[before] < self.arrivals[slot], f"order {order.number} came later"
                assert self.find(order.number) == slot, f"order {order.number} cannot be found"
                lots += order.lots
                found += 1
                before = slot
                slot = order.next
            assert queue.last == before, "a queue has a wrong end"
            assert queue.lots == lots, f"a queue of {lots} lots counts {queue.lots}"
        return found
