"""Streams of operations on books by order and on matching engines, made first and then played in compiled code.

Chance is a generator of our own (Marsaglia, Xorshift RNGs, 2003), so that a seed means the same stream everywhere.
A stream is made by playing it once on a book of its own, so that every operation is one that a feed could tell.
"""

cimport cython
from libc.math cimport log
from libc.stdint cimport int64_t, uint64_t
from libc.stdlib cimport calloc, free

from hotpath.market.book_l3 cimport OPEN, BookL3
from hotpath.market.matching cimport IOC, LIMIT, MARKET, POST_ONLY, STOP, MatchingEngine, NewOrder
from hotpath.market.outcomes cimport FILLED
from hotpath.market.price_time cimport PriceQueue, PriceTimeQueues, RestingOrder

cdef enum:
    ADD = 0
    CANCEL = 1
    EXECUTE = 2
    REDUCE = 3
    REPLACE = 4

    MID_TICKS = 10_000_000
    MEAN_DISTANCE_TICKS = 200
    LOTS_MAX = 1_000
    CANCEL_REQUEST = 0


cdef struct Operation:
    int kind
    int side
    int64_t number
    int64_t new_number
    int64_t ticks
    int64_t lots


@cython.final
cdef class Chance:
    cdef uint64_t state

    def __cinit__(self, uint64_t seed):
        self.state = seed

    @cython.overflowcheck(False)
    cdef uint64_t draw(self, uint64_t below) noexcept nogil:
        self.state ^= self.state << 13
        self.state ^= self.state >> 7
        self.state ^= self.state << 17
        return (self.state >> 11) % below

    cdef int64_t distance(self) noexcept nogil:
        """Draw an exponential distance from the middle."""
        return 1 + <int64_t>(-log((1 + self.draw(1 << 24)) / <double>(1 << 24)) * MEAN_DISTANCE_TICKS)

    cdef RestingOrder* order(self, PriceTimeQueues queues) noexcept nogil:
        """Draw one of the orders that rest; there is one."""
        cdef RestingOrder* order = &queues.orders[self.draw(<uint64_t>queues.orders_used)]
        while queues.find(order.number) < 0 or &queues.orders[queues.find(order.number)] != order:
            order = &queues.orders[self.draw(<uint64_t>queues.orders_used)]
        return order


@cython.final
cdef class OrderStream:
    """What a feed tells of a book by order in which about `resting` orders stand all the while.

    It begins with the orders that stand there. Then, of a hundred operations, 46 add an order, 37 cancel one, 9 execute
    the first of the best price, 3 take a part away and 5 replace. Prices lie at an exponential distance from a middle.
    """
    cdef Operation* operations
    cdef readonly Py_ssize_t count
    cdef readonly Py_ssize_t resting

    def __cinit__(self, Py_ssize_t resting, Py_ssize_t count, uint64_t seed):
        cdef BookL3 book = BookL3(2 * resting + 1_024)
        cdef Chance chance = Chance(seed)
        cdef Py_ssize_t i
        self.resting = resting
        self.count = count
        self.operations = <Operation*>calloc(<size_t>(resting + count), sizeof(Operation))
        if self.operations == NULL:
            raise MemoryError(f"no memory for {count} operations")
        for i in range(resting + count):
            self.make(&self.operations[i], chance, book, i + 1)
            if take(book, &self.operations[i]) < OPEN:
                raise ValueError(f"operation {i} was refused: the stream contradicts itself")

    def __dealloc__(self):
        free(self.operations)

    cdef void make(self, Operation* one, Chance chance, BookL3 book, int64_t number) noexcept nogil:
        """Make an operation that the book as it is allows."""
        cdef uint64_t draw = chance.draw(100)
        cdef RestingOrder* order
        cdef PriceQueue* queue
        one.side = 1 if chance.draw(2) else -1
        one.lots = 1 + <int64_t>chance.draw(LOTS_MAX)
        one.ticks = MID_TICKS - one.side * chance.distance()
        one.number = one.new_number = number
        one.kind = ADD
        queue = book.queues.best_queue(one.side)
        if number <= self.resting or (draw < 46 and book.queues.count < self.resting + 500) or queue == NULL:
            return
        if 83 <= draw < 92:
            one.kind = EXECUTE
            order = &book.queues.orders[queue.first]
        else:
            one.kind = CANCEL if draw < 83 else REDUCE if draw < 95 else REPLACE
            order = chance.order(book.queues)
        one.number = order.number
        one.side = order.side
        if one.kind == REDUCE:
            one.lots = 1
        elif one.kind == EXECUTE:
            one.lots = order.lots

    def begin(self, BookL3 book not None):
        """Let the orders that stand there from the beginning be added."""
        cdef Py_ssize_t i
        book.clear()
        for i in range(self.resting):
            take(book, &self.operations[i])

    def play(self, BookL3 book not None, Py_ssize_t first, Py_ssize_t count):
        """Let `count` of the other operations happen from the `first` on, and return the sum of the outcomes."""
        cdef Py_ssize_t i
        cdef int64_t outcomes = 0
        for i in range(self.resting + first, self.resting + min(first + count, self.count)):
            outcomes += take(book, &self.operations[i])
        return outcomes


cdef inline int take(BookL3 book, const Operation* one) noexcept nogil:
    """Let one operation happen."""
    if one.kind == ADD:
        return book.add_order(one.number, one.side, one.ticks, one.lots, 0)
    if one.kind == CANCEL:
        return book.cancel_order(one.number)
    if one.kind == EXECUTE:
        return book.execute_order(one.number, one.lots)
    if one.kind == REDUCE:
        return book.reduce_order(one.number, one.lots)
    return book.replace_order(one.number, one.new_number, one.ticks, one.lots, 0)


@cython.final
cdef class RequestStream:
    """What clients ask of a matching engine in which about `resting` orders stand all the while.

    It begins with orders that do not meet. Then a third of the requests cancel, more when a tenth more rest. Of a
    hundred orders 84 are LIMIT, of which one in eight crosses the middle, 6 IOC, 4 MARKET, 4 POST_ONLY and 2 STOP.
    """
    cdef NewOrder* requests     # kind 0 cancels
    cdef readonly Py_ssize_t count
    cdef readonly Py_ssize_t orders_count
    cdef readonly Py_ssize_t resting

    def __cinit__(self, Py_ssize_t resting, Py_ssize_t count, uint64_t seed):
        cdef MatchingEngine engine = MatchingEngine(4 * resting + 1_024)
        cdef Chance chance = Chance(seed)
        cdef Py_ssize_t i
        self.resting = resting
        self.count = count
        self.orders_count = 0
        self.requests = <NewOrder*>calloc(<size_t>(resting + count), sizeof(NewOrder))
        if self.requests == NULL:
            raise MemoryError(f"no memory for {count} requests")
        for i in range(resting + count):
            self.make(&self.requests[i], chance, engine, i + 1)
            if ask(engine, &self.requests[i]) < FILLED and self.requests[i].kind != POST_ONLY:
                raise ValueError(f"request {i} was refused: the stream contradicts itself")
            self.orders_count += i >= resting and self.requests[i].kind != CANCEL_REQUEST

    def __dealloc__(self):
        free(self.requests)

    cdef void make(self, NewOrder* one, Chance chance, MatchingEngine engine, int64_t number) noexcept nogil:
        """Make a request that the engine as it is allows."""
        cdef uint64_t draw = chance.draw(100)
        cdef int64_t distance = chance.distance()
        cdef int64_t excess
        one.number = number
        one.side = 1 if chance.draw(2) else -1
        one.lots = 1 + <int64_t>chance.draw(LOTS_MAX)
        one.kind = LIMIT
        if number > self.resting:
            excess = engine.book.queues.count - self.resting
            if excess > 0 and (chance.draw(3) == 0 or excess > self.resting // 10):
                one.kind = CANCEL_REQUEST
                one.number = chance.order(engine.book.queues).number
                return
            if draw < 16:
                one.kind = IOC if draw < 6 else MARKET if draw < 10 else POST_ONLY if draw < 14 else STOP
            if one.kind == STOP and engine.stops.queues.count >= self.resting:
                one.kind = LIMIT
            if one.kind == IOC or (one.kind == LIMIT and chance.draw(8) == 0):
                distance = -distance
        one.ticks = MID_TICKS - one.side * distance
        if one.kind == STOP:
            one.stop_ticks = MID_TICKS + one.side * distance

    def begin(self, MatchingEngine engine not None):
        """Let the orders that stand there from the beginning be placed; the engine is a new one."""
        cdef Py_ssize_t i
        for i in range(self.resting):
            ask(engine, &self.requests[i])

    def play(self, MatchingEngine engine not None, Py_ssize_t first, Py_ssize_t count):
        """Let `count` of the others be asked from the `first` on, and return the sum of outcomes and executions."""
        cdef Py_ssize_t i
        cdef int64_t outcomes = 0
        for i in range(self.resting + first, self.resting + min(first + count, self.count)):
            outcomes += ask(engine, &self.requests[i]) + 100 * engine.book.executions_count
        return outcomes


cdef inline int ask(MatchingEngine engine, const NewOrder* one) noexcept nogil:
    """Make one request."""
    return engine.take_out(one.number) if one.kind == CANCEL_REQUEST else engine.place(one)
