"""Price-time matching of one instrument: simulator, paper and backtest trade through it.

Owns the open orders and nothing else: no funds, no fees, no clock. Better price first, then earlier arrival; an
execution is at the maker's price. An owner meets his own orders unless the taking order says what to do about it. The
same calls give the same answers, always. Everything is allocated once: a full book refuses orders that may stay. Sizes
are bounded by INT64_MAX // orders_max, so that no sum of open lots can overflow.
"""

from enum import IntEnum

cimport cython
from libc.stdint cimport INT64_MAX, INT64_MIN, int8_t, int32_t, int64_t

from hotpath.core.integers cimport int64_of
from hotpath.market.crossing cimport (
    ALLOW, CANCEL_BOTH, CANCEL_NEWEST, CANCEL_OLDEST, Consequence, CrossingBook, Taker,
)
from hotpath.market.outcomes cimport (
    CANCELED, DUPLICATE, EXPIRED, FILLED, FULL, INVALID, KILLED, PREVENTED, REDUCED, RESTING, UNKNOWN, WAITING,
    WOULD_TAKE,
)
from hotpath.market.price_time cimport BUY, SELL, PriceQueue, RestingOrder, ticks_of
from hotpath.market.stops cimport ElectedStop, StopOrders

Kind = IntEnum(
    "Kind",
    [
        ("LIMIT", LIMIT),
        ("MARKET", MARKET),
        ("IOC", IOC),
        ("FOK", FOK),
        ("POST_ONLY", POST_ONLY),
        ("STOP", STOP),
        ("STOP_LIMIT", STOP_LIMIT),
    ],
    module=__name__,
)
Prevention = IntEnum(
    "Prevention",
    [
        ("ALLOW", ALLOW),
        ("CANCEL_NEWEST", CANCEL_NEWEST),
        ("CANCEL_OLDEST", CANCEL_OLDEST),
        ("CANCEL_BOTH", CANCEL_BOTH),
    ],
    module=__name__,
)
Outcome = IntEnum(
    "Outcome",
    [
        ("INVALID", INVALID),
        ("DUPLICATE", DUPLICATE),
        ("UNKNOWN", UNKNOWN),
        ("FULL", FULL),
        ("WOULD_TAKE", WOULD_TAKE),
        ("KILLED", KILLED),
        ("FILLED", FILLED),
        ("PREVENTED", PREVENTED),
        ("EXPIRED", EXPIRED),
        ("RESTING", RESTING),
        ("WAITING", WAITING),
        ("REDUCED", REDUCED),
        ("CANCELED", CANCELED),
    ],
    module=__name__,
)
# A lookup by index: to call the enum costs ten times as much.
cdef tuple OUTCOMES = (None, *Outcome)


cdef int small(value, str what) except? -2:
    """Return an int that stands for a side or the member of an enum; what is neither becomes -2."""
    cdef int64_t number = int64_of(value, what)
    return <int>number if SELL <= number <= STOP_LIMIT else -2


cdef inline Taker taker_of(const NewOrder* order, int kind) noexcept nogil:
    """Return what an order of a kind takes: at any price, or down to its own."""
    cdef Taker taker
    taker.number = order.number
    taker.side = order.side
    taker.lots = order.lots
    taker.terms = order.terms
    taker.worst_key = INT64_MIN if kind == MARKET else -order.side * order.ticks
    return taker


@cython.final
cdef class MatchingEngine:
    def __cinit__(self, orders_max=65536, *, bint track_changes=False):
        self.book = CrossingBook(orders_max, track_changes)
        self.stops = StopOrders(orders_max)
        self.orders_max = self.book.queues.orders_max
        self.lots_max = INT64_MAX // self.orders_max
        self.last_ticks = 0
        self.now_ns = 0

    def __len__(self):
        return self.book.queues.count + self.stops.queues.count

    @property
    def tracking(self):
        return self.book.tracking

    # ---- requests from Python

    def submit(
        self, number, side, kind, price_ticks, lots, owner=0, *, stop_ticks=0, expires_ns=0, prevention=ALLOW
    ):
        cdef NewOrder order
        order.number = int64_of(number, "number")
        order.side = small(side, "side")
        order.kind = small(kind, "kind")
        order.ticks = int64_of(price_ticks, "price_ticks")
        order.stop_ticks = int64_of(stop_ticks, "stop_ticks")
        order.lots = int64_of(lots, "lots")
        order.terms.owner = int64_of(owner, "owner")
        order.terms.expires_ns = int64_of(expires_ns, "expires_ns")
        order.terms.prevention = <int8_t>small(prevention, "prevention")
        return OUTCOMES[self.place(&order)], self.book.executed()

    def cancel(self, number):
        return OUTCOMES[self.take_out(int64_of(number, "number"))]

    def amend(self, number, price_ticks, lots):
        cdef int outcome = self.change(
            int64_of(number, "number"), int64_of(price_ticks, "price_ticks"), int64_of(lots, "lots")
        )
        return OUTCOMES[outcome], self.book.executed()

    def expire(self, now_ns):
        cdef int64_t time_ns = int64_of(now_ns, "now_ns")
        if time_ns < self.now_ns:
            raise ValueError(f"expire at {time_ns} ns after {self.now_ns} ns: time must not go back")
        self.expire_until(time_ns)
        return self.told()

    def consequences(self):
        return self.told()

    cdef list told(self):
        """Return what became of other orders since the request began."""
        cdef int i
        cdef Consequence* one
        cdef list found = []
        for i in range(self.book.consequences_count):
            one = &self.book.consequences[i]
            found.append((one.number, OUTCOMES[one.outcome], one.lots))
        return found

    # ---- a new order

    cdef void begin(self) noexcept nogil:
        """Forget what the last request brought about."""
        self.book.begin()
        self.stops.elected_count = 0

    cdef int place(self, const NewOrder* order) noexcept nogil:
        """Let an order meet the book or wait, then every stop that its trades elected meet it."""
        cdef int outcome
        self.begin()
        outcome = self.refusal_of(order)
        if outcome != 0:
            return outcome
        if order.kind == STOP or order.kind == STOP_LIMIT:
            outcome = self.wait(order)
        else:
            outcome = self.meet(order, order.kind)
        self.meet_elected()
        return outcome

    cdef bint is_possible(self, const NewOrder* order) noexcept nogil:
        """Whether an order makes sense: its numbers, and which of them its kind asks for."""
        cdef bint is_stop = order.kind == STOP or order.kind == STOP_LIMIT
        cdef bint may_stay = is_stop or order.kind == LIMIT or order.kind == POST_ONLY
        cdef bint has_price = order.kind != MARKET and order.kind != STOP
        if (order.side != BUY and order.side != SELL) or not LIMIT <= order.kind <= STOP_LIMIT:
            return False
        if not 0 < order.lots <= self.lots_max or (has_price and order.ticks <= 0):
            return False
        if order.stop_ticks < 0 or is_stop != (order.stop_ticks > 0):
            return False
        if not ALLOW <= order.terms.prevention <= CANCEL_BOTH:
            return False
        return order.terms.expires_ns == 0 or (may_stay and order.terms.expires_ns > self.now_ns)

    cdef int refusal_of(self, const NewOrder* order) noexcept nogil:
        """Return why an order is refused before it meets anything, 0 when it is not."""
        cdef Taker taker
        if not self.is_possible(order):
            return INVALID
        if self.book.queues.find(order.number) >= 0 or self.stops.queues.find(order.number) >= 0:
            return DUPLICATE
        if order.kind == MARKET or order.kind == IOC:
            return 0
        if order.kind == FOK:
            taker = taker_of(order, FOK)
            return 0 if self.book.reaches(&taker, order.lots) else KILLED
        if self.book.queues.count + self.stops.queues.count == self.orders_max:
            return FULL
        if order.kind == POST_ONLY:
            return WOULD_TAKE if self.would_take(order) else 0
        return 0

    cdef bint would_take(self, const NewOrder* order) noexcept nogil:
        """Whether anything rests that an order could take, be it the owner's."""
        cdef Taker taker = taker_of(order, LIMIT)
        taker.terms.prevention = ALLOW
        return self.book.reaches(&taker, 1)

    cdef int meet(self, const NewOrder* order, int kind) noexcept nogil:
        """Let an order that is not refused trade as `kind` and rest what may stay; its trades elect stops."""
        cdef Taker taker = taker_of(order, kind)
        cdef int before = self.book.executions_count
        cdef int64_t left = self.book.cross(&taker)
        cdef int64_t first_ticks
        if self.book.executions_count > before:
            first_ticks = self.book.executions[before].ticks
            self.last_ticks = self.book.executions[self.book.executions_count - 1].ticks
            self.stops.elect(min(first_ticks, self.last_ticks), max(first_ticks, self.last_ticks))
        if left == 0:
            return FILLED
        if self.book.prevented:
            return PREVENTED
        if kind != LIMIT and kind != POST_ONLY:
            return EXPIRED
        self.book.rest(order.number, order.side, order.ticks, left, order.terms, kind == POST_ONLY)
        return RESTING

    cdef int wait(self, const NewOrder* order) noexcept nogil:
        """Let a stop wait; one whose trigger the last trade has reached already is elected at once."""
        if self.last_ticks > 0 and order.side * self.last_ticks >= order.side * order.stop_ticks:
            return self.meet(order, MARKET if order.kind == STOP else LIMIT)
        self.stops.wait(
            order.number, order.side, order.stop_ticks, order.ticks if order.kind == STOP_LIMIT else 0, order.lots,
            order.terms,
        )
        if order.terms.expires_ns > 0:
            self.book.expiries.add(order.number, order.terms.expires_ns)
        return WAITING

    cdef void meet_elected(self) noexcept nogil:
        """Let elected stops meet the book in the order of their election, and those that they elect in turn."""
        cdef int at = 0
        cdef int done, outcome
        cdef ElectedStop* stop
        cdef NewOrder order
        while at < self.stops.elected_count:
            stop = &self.stops.elected[at]
            at += 1
            if stop.terms.expires_ns > 0:
                self.book.expiries.drop(stop.number)
            order.number = stop.number
            order.side = stop.side
            order.ticks = stop.limit_ticks
            order.lots = stop.lots
            order.terms = stop.terms
            done = self.book.executions_count
            outcome = self.meet(&order, LIMIT if stop.limit_ticks > 0 else MARKET)
            while done < self.book.executions_count:
                order.lots -= self.book.executions[done].lots
                done += 1
            self.book.tell(order.number, outcome, order.lots)

    # ---- an open order

    cdef int take_out(self, int64_t number) noexcept nogil:
        """Take an order out, whether it rests or waits."""
        cdef int32_t slot = self.book.queues.find(number)
        self.begin()
        if slot >= 0:
            self.book.leave(slot)
            return CANCELED
        slot = self.stops.queues.find(number)
        if slot < 0:
            return UNKNOWN
        self.book.expiries.drop(number)
        self.stops.queues.leave(slot)
        return CANCELED

    cdef int change(self, int64_t number, int64_t ticks, int64_t lots) noexcept nogil:
        """Give a resting order another price or size, in its place where that is allowed."""
        cdef int32_t slot = self.book.queues.find(number)
        cdef RestingOrder* resting
        cdef NewOrder order
        cdef int outcome
        self.begin()
        if not 0 < lots <= self.lots_max or ticks <= 0:
            return INVALID
        if slot < 0:
            return UNKNOWN
        resting = &self.book.queues.orders[slot]
        order.number = number
        order.side = resting.side
        order.kind = POST_ONLY if resting.mark else LIMIT
        order.ticks = ticks
        order.stop_ticks = 0
        order.lots = lots
        order.terms = self.book.terms[slot]
        if order.kind == POST_ONLY and self.would_take(&order):
            return WOULD_TAKE
        if ticks == ticks_of(self.book.queues, resting) and lots <= resting.lots:
            self.book.shrink(slot, lots)
            return REDUCED
        self.book.leave(slot)
        outcome = self.meet(&order, order.kind)
        self.meet_elected()
        return outcome

    cdef void expire_until(self, int64_t now_ns) noexcept nogil:
        """Take out what was good till now or before, the earliest first."""
        cdef int64_t number
        cdef int32_t slot
        self.begin()
        self.now_ns = now_ns
        while self.book.expiries.count > 0 and self.book.expiries.heap[0].expires_ns <= now_ns:
            number = self.book.expiries.heap[0].number
            slot = self.book.queues.find(number)
            if slot >= 0:
                self.book.tell(number, EXPIRED, self.book.queues.orders[slot].lots)
                self.book.leave(slot)
                continue
            slot = self.stops.queues.find(number)
            self.book.tell(number, EXPIRED, self.stops.queues.orders[slot].lots)
            self.book.expiries.drop(number)
            self.stops.queues.leave(slot)

    # ---- what the book shows

    def best(self):
        return self.book.queues.best_of(BUY) + self.book.queues.best_of(SELL)

    def depth(self, levels_max):
        cdef int64_t levels = int64_of(levels_max, "levels_max")
        return self.book.queues.depth_of(BUY, levels), self.book.queues.depth_of(SELL, levels)

    def lots_at(self, side, price_ticks):
        cdef int of_side = small(side, "side")
        cdef PriceQueue* queue
        if of_side != BUY and of_side != SELL:
            raise ValueError(f"side {side}: expected 1 (buy) or -1 (sell)")
        queue = self.book.queues.queue_at(of_side, max(int64_of(price_ticks, "price_ticks"), 0))
        return queue.lots if queue != NULL else 0

    def open_lots(self, number):
        cdef int64_t wanted = int64_of(number, "number")
        cdef int32_t slot = self.book.queues.find(wanted)
        if slot >= 0:
            return self.book.queues.orders[slot].lots
        slot = self.stops.queues.find(wanted)
        return self.stops.queues.orders[slot].lots if slot >= 0 else 0

    def changes(self):
        if not self.book.tracking:
            raise ValueError("this engine does not follow its changes; make it with track_changes=True")
        return [(side, ticks, self.lots_at(side, ticks)) for side, ticks in self.book.touched.take()]

    def check(self):
        self.book.check()
        self.stops.check()
        assert len(self) <= self.orders_max, f"{len(self)} orders are open, {self.orders_max} is the most"
