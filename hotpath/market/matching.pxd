"""The matching engine: what an order says, what became of it, and the calls that let it meet the book.

Resting orders stand in a crossing book, stop orders in queues of their own until a trade elects them. Numbers are
unique among all that are open.
"""

cimport cython
from libc.stdint cimport int64_t

from hotpath.market.crossing cimport CrossingBook, Taker, Terms
from hotpath.market.stops cimport StopOrders

cdef enum:
    LIMIT = 1
    MARKET = 2
    IOC = 3
    FOK = 4
    POST_ONLY = 5
    STOP = 6
    STOP_LIMIT = 7


cdef struct NewOrder:
    int64_t number
    int64_t ticks
    int64_t stop_ticks      # 0 unless it is a stop
    int64_t lots
    int side
    int kind
    Terms terms


@cython.final
cdef class MatchingEngine:
    cdef readonly int orders_max
    cdef readonly int64_t lots_max
    cdef readonly int64_t last_ticks
    cdef readonly int64_t now_ns
    cdef CrossingBook book
    cdef StopOrders stops

    # Hot calls: an outcome each; what they brought about stands in `book` until the next one.
    cdef int place(self, const NewOrder* order) noexcept nogil
    cdef int take_out(self, int64_t number) noexcept nogil
    cdef int change(self, int64_t number, int64_t ticks, int64_t lots) noexcept nogil
    cdef void expire_until(self, int64_t now_ns) noexcept nogil

    cdef bint is_possible(self, const NewOrder* order) noexcept nogil
    cdef int refusal_of(self, const NewOrder* order) noexcept nogil
    cdef bint would_take(self, const NewOrder* order) noexcept nogil
    cdef int meet(self, const NewOrder* order, int kind) noexcept nogil
    cdef int wait(self, const NewOrder* order) noexcept nogil
    cdef void meet_elected(self) noexcept nogil
    cdef void begin(self) noexcept nogil
    cdef list told(self)
