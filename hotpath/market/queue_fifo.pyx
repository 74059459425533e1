"""Queue position of one resting order where the feed tells of every order: first in, first out, exactly.

The book is read, never changed: our order is not in it. Whoever stands at our price and arrived before us is ahead of
us, whatever leaves or moves, so a cancel needs no word here. An execution of somebody behind us, or at a worse price,
would have met us first. The order never disturbs the market it rests in: what it fills of ours happened to others too.
"""

cimport cython
from libc.stdint cimport INT64_MAX, int32_t, int64_t

from hotpath.core.integers cimport int64_of
from hotpath.market.book_l3 cimport BookL3
from hotpath.market.price_time cimport PriceQueue, RestingOrder, ticks_of


@cython.final
cdef class FifoPosition:
    def __init__(self, BookL3 book not None, side, price_ticks, lots):
        cdef int64_t our_side = int64_of(side, "side")
        if our_side != 1 and our_side != -1:
            raise ValueError(f"side is {our_side}; expected 1 (buy) or -1 (sell)")
        self.book = book
        self.side = <int>our_side
        self.price_ticks = int64_of(price_ticks, "price_ticks")
        self.open_lots = int64_of(lots, "lots")
        self.joined = book.queues.next_arrival
        if self.price_ticks <= 0 or self.open_lots <= 0:
            raise ValueError(f"price {self.price_ticks} and lots {self.open_lots} must be above 0")

    @property
    def ahead_lots(self):
        return self.lots_ahead()

    def on_execution(self, number, lots):
        cdef int64_t traded_lots = int64_of(lots, "lots")
        cdef int32_t slot = self.book.queues.find(int64_of(number, "number"))
        cdef RestingOrder* order
        if slot < 0:
            raise ValueError(f"order {number} is not in the book: tell of an execution before the book hears of it")
        order = &self.book.queues.orders[slot]
        if not 0 < traded_lots <= order.lots:
            raise ValueError(f"{traded_lots} lots of order {number} were executed; expected 1 to its {order.lots}")
        if order.side != self.side:
            return 0
        return self.executed(ticks_of(self.book.queues, order), self.book.queues.arrivals[slot], traded_lots)

    def on_hidden_execution(self, side, price_ticks, lots):
        cdef int64_t traded_lots = int64_of(lots, "lots")
        cdef int64_t ticks = int64_of(price_ticks, "price_ticks")
        cdef int64_t of_side = int64_of(side, "side")
        if traded_lots <= 0 or ticks <= 0 or (of_side != 1 and of_side != -1):
            raise ValueError(
                f"hidden execution of side {of_side}, {traded_lots} lots at {ticks} ticks: "
                "expected 1 or -1, and both above 0"
            )
        return self.executed(ticks, INT64_MAX, traded_lots) if of_side == self.side else 0

    def on_best(self, opposite_ticks):
        cdef int64_t ticks = int64_of(opposite_ticks, "opposite_ticks")
        cdef int64_t filled = self.open_lots
        if ticks <= 0 or self.side * ticks > self.side * self.price_ticks:
            return 0
        self.open_lots = 0
        return filled

    cdef int64_t executed(self, int64_t ticks, int64_t arrival, int64_t lots) noexcept nogil:
        """Fill what an execution on our side would have met of ours first."""
        cdef int64_t filled = 0
        if self.side * ticks < self.side * self.price_ticks:
            filled = self.open_lots
        elif ticks == self.price_ticks and arrival >= self.joined:
            filled = min(lots, self.open_lots)
        self.open_lots -= filled
        return filled

    cdef int64_t lots_ahead(self) noexcept nogil:
        """Return the lots at our price that arrived before us."""
        cdef PriceQueue* queue = self.book.queues.queue_at(self.side, self.price_ticks)
        cdef int32_t slot = queue.first if queue != NULL else -1
        cdef int64_t lots = 0
        while slot >= 0:
            if self.book.queues.arrivals[slot] >= self.joined:
                break
            lots += self.book.queues.orders[slot].lots
            slot = self.book.queues.orders[slot].next
        return lots

    def check(self):
        assert self.open_lots >= 0, f"{self.open_lots} open lots"
        assert 0 <= self.joined <= self.book.queues.next_arrival, "we joined before the first order or after the last"
        self.book.check()
