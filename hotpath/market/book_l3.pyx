"""A book order by order: what a feed tells of each order, kept as price-time queues, with the levels made of them.

It follows a feed and forbids nothing that a venue may do: a crossed book is told, not repaired. What contradicts the
book (an unknown number, more lots than are open) changes nothing and is answered by name, because it means that a
message was missed. A hidden order is in no book: its execution is counted and moves nothing. Numbers are int64; a venue
that names orders by text needs a table of its own.
"""

from enum import IntEnum

cimport cython
from libc.stdint cimport INT64_MAX, int8_t, int32_t, int64_t

from hotpath.core.integers cimport int64_of
from hotpath.market.price_time cimport BUY, SELL, PriceQueue, PriceTimeQueues, RestingOrder, Stair, ticks_of

BookOutcome = IntEnum(
    "BookOutcome",
    [
        ("INVALID", INVALID),
        ("DUPLICATE", DUPLICATE),
        ("UNKNOWN", UNKNOWN),
        ("FULL", FULL),
        ("EXCESSIVE", EXCESSIVE),
        ("OPEN", OPEN),
        ("GONE", GONE),
    ],
    module=__name__,
)
# A lookup by index: to call the enum costs ten times as much.
cdef tuple OUTCOMES = (None, *BookOutcome)


cdef int side_of(value) except -2:
    """Return a side given by Python; 0 for one that is none."""
    cdef int64_t side = int64_of(value, "side")
    return <int>side if side == BUY or side == SELL else 0


cdef int unprinted_of(value) except -2:
    """Return a count of zeros given by Python; -1 for one that cannot be."""
    cdef int64_t unprinted = int64_of(value, "unprinted_zeros")
    return <int>unprinted if 0 <= unprinted <= UNPRINTED_MAX else -1


@cython.final
cdef class BookL3:
    def __cinit__(self, orders_max=1 << 20):
        self.queues = PriceTimeQueues(orders_max)

    def __len__(self):
        return self.queues.count

    @property
    def orders_max(self):
        return self.queues.orders_max

    # ---- what a feed tells, from compiled code

    cdef int add_order(self, int64_t number, int side, int64_t ticks, int64_t lots, int unprinted) noexcept nogil:
        cdef int32_t slot
        if (side != BUY and side != SELL) or ticks <= 0 or lots <= 0 or not 0 <= unprinted <= UNPRINTED_MAX:
            return INVALID
        if self.queues.find(number) >= 0:
            return DUPLICATE
        if self.queues.count == self.queues.orders_max:
            return FULL
        slot = self.queues.join(number, side, ticks, lots)
        if slot < 0:
            return EXCESSIVE
        self.queues.orders[slot].mark = <int8_t>unprinted
        return OPEN

    cdef int set_order(self, int64_t number, int64_t lots, int unprinted) noexcept nogil:
        cdef int32_t slot = self.queues.find(number)
        cdef RestingOrder* order
        if lots <= 0 or not 0 <= unprinted <= UNPRINTED_MAX:
            return INVALID
        if slot < 0:
            return UNKNOWN
        order = &self.queues.orders[slot]
        if lots > order.lots:
            return self.replace_order(number, number, ticks_of(self.queues, order), lots, unprinted)
        self.queues.shrink(slot, lots)
        order.mark = <int8_t>unprinted
        return OPEN

    cdef int reduce_order(self, int64_t number, int64_t lots) noexcept nogil:
        cdef int32_t slot = self.queues.find(number)
        cdef RestingOrder* order
        if lots <= 0:
            return INVALID
        if slot < 0:
            return UNKNOWN
        order = &self.queues.orders[slot]
        if lots > order.lots:
            return EXCESSIVE
        if lots == order.lots:
            self.queues.leave(slot)
            return GONE
        self.queues.shrink(slot, order.lots - lots)
        order.mark = 0
        return OPEN

    cdef int execute_order(self, int64_t number, int64_t lots) noexcept nogil:
        cdef int outcome = self.reduce_order(number, lots)
        self.executions_count += outcome == OPEN or outcome == GONE
        return outcome

    cdef int cancel_order(self, int64_t number) noexcept nogil:
        cdef int32_t slot = self.queues.find(number)
        if slot < 0:
            return UNKNOWN
        self.queues.leave(slot)
        return GONE

    cdef int replace_order(
        self, int64_t number, int64_t new_number, int64_t ticks, int64_t lots, int unprinted
    ) noexcept nogil:
        cdef int32_t slot = self.queues.find(number)
        cdef RestingOrder* order
        cdef PriceQueue* queue
        cdef int side
        cdef int64_t beside = 0
        if ticks <= 0 or lots <= 0 or not 0 <= unprinted <= UNPRINTED_MAX:
            return INVALID
        if new_number != number and self.queues.find(new_number) >= 0:
            return DUPLICATE
        if slot < 0:
            return UNKNOWN
        order = &self.queues.orders[slot]
        side = order.side
        queue = self.queues.queue_at(side, ticks)
        if queue != NULL:
            beside = queue.lots - order.lots if ticks == ticks_of(self.queues, order) else queue.lots
        if lots > INT64_MAX - beside:
            return EXCESSIVE
        self.queues.leave(slot)
        slot = self.queues.join(new_number, side, ticks, lots)
        self.queues.orders[slot].mark = <int8_t>unprinted
        return OPEN

    # ---- the same from Python

    def add(self, number, side, ticks, lots, unprinted_zeros=0):
        return OUTCOMES[self.add_order(
            int64_of(number, "number"), side_of(side), int64_of(ticks, "ticks"), int64_of(lots, "lots"),
            unprinted_of(unprinted_zeros),
        )]

    def set_lots(self, number, lots, unprinted_zeros=0):
        return OUTCOMES[self.set_order(
            int64_of(number, "number"), int64_of(lots, "lots"), unprinted_of(unprinted_zeros)
        )]

    def reduce(self, number, lots):
        return OUTCOMES[self.reduce_order(int64_of(number, "number"), int64_of(lots, "lots"))]

    def execute(self, number, lots):
        return OUTCOMES[self.execute_order(int64_of(number, "number"), int64_of(lots, "lots"))]

    def cancel(self, number):
        return OUTCOMES[self.cancel_order(int64_of(number, "number"))]

    def replace(self, number, new_number, ticks, lots, unprinted_zeros=0):
        return OUTCOMES[self.replace_order(
            int64_of(number, "number"), int64_of(new_number, "new_number"), int64_of(ticks, "ticks"),
            int64_of(lots, "lots"), unprinted_of(unprinted_zeros),
        )]

    def execute_hidden(self, ticks, lots):
        cdef int64_t price_ticks = int64_of(ticks, "ticks")
        cdef int64_t hidden_lots = int64_of(lots, "lots")
        if price_ticks <= 0 or hidden_lots <= 0:
            raise ValueError(f"a hidden execution of {hidden_lots} lots at {price_ticks} ticks: both must be positive")
        self.hidden_executions_count += 1

    def clear(self):
        self.queues.empty()

    def truncate(self, levels):
        cdef int64_t levels_max = int64_of(levels, "levels")
        cdef int32_t before = self.queues.count
        if levels_max < 0:
            raise ValueError(f"truncate to {levels_max} levels: expected 0 or more")
        self.truncate_side(&self.queues.bids, levels_max)
        self.truncate_side(&self.queues.asks, levels_max)
        return before - self.queues.count

    cdef void truncate_side(self, Stair* stair, int64_t levels_max) noexcept nogil:
        """Take out every order beyond the best `levels_max` prices."""
        while stair.count > levels_max:
            self.queues.leave(self.queues.queues[stair.steps[0].queue].first)

    # ---- questions

    def best(self):
        return self.queues.best_of(BUY) + self.queues.best_of(SELL)

    def counts(self):
        return self.queues.bids.count, self.queues.asks.count

    def depth(self, levels):
        cdef int64_t count = int64_of(levels, "levels")
        if count < 0:
            raise ValueError(f"depth {count}: expected 0 or more levels")
        return self.queues.depth_of(BUY, count), self.queues.depth_of(SELL, count)

    @property
    def crossed(self):
        cdef int64_t ask_ticks = self.queues.best_of(SELL)[0]
        return 0 < ask_ticks <= self.queues.best_of(BUY)[0]

    def order(self, number):
        cdef int32_t slot = self.queues.find(int64_of(number, "number"))
        cdef RestingOrder* order
        if slot < 0:
            return None
        order = &self.queues.orders[slot]
        return order.side, ticks_of(self.queues, order), order.lots

    def orders_at(self, side, ticks):
        cdef PriceQueue* queue = self.queue_of(side, ticks)
        cdef int32_t slot = queue.first if queue != NULL else -1
        cdef list found = []
        while slot >= 0:
            found.append((self.queues.orders[slot].number, self.queues.orders[slot].lots))
            slot = self.queues.orders[slot].next
        return tuple(found)

    def lots_at(self, side, ticks):
        cdef PriceQueue* queue = self.queue_of(side, ticks)
        return queue.lots if queue != NULL else 0

    cdef PriceQueue* queue_of(self, side, ticks) except? NULL:
        """Return the queue of a price given by Python, NULL where nothing rests."""
        cdef int wanted = side_of(side)
        if wanted == 0:
            raise ValueError(f"side {side}: expected 1 (buy) or -1 (sell)")
        return self.queues.queue_at(wanted, max(int64_of(ticks, "ticks"), 0))

    def check(self):
        cdef int32_t i
        self.queues.check()
        assert 0 <= self.executions_count and 0 <= self.hidden_executions_count, "a counter is below 0"
        for i in range(self.queues.orders_used):
            assert 0 <= self.queues.orders[i].mark <= UNPRINTED_MAX, "an order has an impossible number of zeros"
