"""Orders in queues by time, queues in two sorted sides by price: what a book by order and a matching engine share.

The best queue of a side is the last of its array, because that is where the market changes; a queue is keyed by
side * ticks, so that one piece of code serves both sides. Slots are places in `orders`, -1 is none.
"""

cimport cython
from libc.stdint cimport int8_t, int32_t, int64_t

from hotpath.market.order_index cimport OrderIndex


cdef enum:
    BUY = 1
    SELL = -1


cdef struct RestingOrder:   # 32 bytes: two in a cache line; its price is its queue's
    int64_t number
    int64_t lots
    int32_t previous
    int32_t next
    int32_t queue
    int8_t side
    int8_t mark         # what the owner of the queues wants to remember of the order


cdef struct PriceQueue:
    int64_t key
    int64_t lots        # of all its orders
    int32_t first
    int32_t last
    int32_t orders_count


cdef struct Step:       # a price and its queue
    int64_t key
    int32_t queue


cdef struct Stair:      # one side, keys ascending
    Step* steps
    int32_t count


@cython.final
cdef class PriceTimeQueues:
    cdef readonly int32_t orders_max
    cdef readonly int32_t count
    cdef RestingOrder* orders
    cdef int64_t* arrivals          # by the slot of an order: rises with each one that joins a queue
    cdef int64_t next_arrival
    cdef PriceQueue* queues
    cdef Stair bids
    cdef Stair asks
    cdef OrderIndex index
    cdef int32_t orders_used
    cdef int32_t free_order         # the first of a chain through `next`
    cdef int32_t queues_used
    cdef int32_t free_queue         # the first of a chain through `first`

    # Hot calls.
    cdef int32_t find(self, int64_t number) noexcept nogil
    # The caller knows that there is room and that the number is new. -1, and nothing has changed, when the lots of the
    # price would not fit int64.
    cdef int32_t join(self, int64_t number, int side, int64_t ticks, int64_t lots) noexcept nogil
    cdef void leave(self, int32_t slot) noexcept nogil
    # Fewer lots, above 0, in the same place.
    cdef void shrink(self, int32_t slot, int64_t lots) noexcept nogil
    # NULL for an empty side.
    cdef PriceQueue* best_queue(self, int side) noexcept nogil
    cdef PriceQueue* queue_at(self, int side, int64_t ticks) noexcept nogil
    cdef Stair* stair_of(self, int side) noexcept nogil
    cdef int32_t open_queue(self, Stair* stair, int32_t at, int64_t key) noexcept nogil

    # Cold calls.
    cdef void empty(self) noexcept nogil
    cdef (int64_t, int64_t) best_of(self, int side) noexcept nogil
    cdef tuple depth_of(self, int side, int64_t levels)
    cdef int check_side(self, int side) except -1


# The price of an order.
cdef inline int64_t ticks_of(PriceTimeQueues queues, const RestingOrder* order) noexcept nogil:
    return order.side * queues.queues[order.queue].key
