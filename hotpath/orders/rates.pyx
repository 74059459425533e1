"""How fast a strategy and the desk act: messages a second, repeated fills, rejects in a row, messages for each fill.

C10 is a token bucket for each strategy and venue; a cancel always passes and is charged all the same, so it is new
orders that wait. C11 and C19b do not count the order that is judged: they are tripped by a fill or a reject, and what
was tripped stays until somebody forgives it. C21 looks at the desk as a whole, because a venue does. It knows no clock
of its own: everything comes with its time.
"""

cimport cython
from libc.stdint cimport int64_t
from libc.stdlib cimport free
from libc.string cimport memset

from hotpath.orders.account cimport zeroed
from hotpath.orders.denial cimport (
    APPROVED, EXECUTION_THROTTLE, MAX_MESSAGES, MAX_MESSAGES_INPUT, ORDER_TO_TRADE, REJECT_STREAK,
)
from hotpath.orders.judged cimport PERSON, Order, compare, deny
from hotpath.orders.line cimport BUY
from hotpath.orders.window cimport Window, count_of, note, part_of_window

cdef enum:
    NS_PER_SECOND = 1_000_000_000
    VENUES_MAX = 64
    PERCENT = 100
    RESERVE_PCT = 20            # of a venue's budget, for cancels
    TRADE_WINDOW_NS = 600_000_000_000


@cython.final
cdef class Rates:
    """Counts what each strategy and the desk did lately. Strategies are numbered from 0; -1 is a person."""

    def __cinit__(self, int strategies_count, int instruments_count, venue_of=()):
        cdef int index
        if strategies_count < 0 or instruments_count < 0:
            raise ValueError(f"{strategies_count} strategies, {instruments_count} instruments; expected none or more")
        venues = list(venue_of) or [0] * instruments_count
        if len(venues) != instruments_count or any(not 0 <= venue < VENUES_MAX for venue in venues):
            raise ValueError(f"venues {venues} of {instruments_count} instruments; expected 0 to {VENUES_MAX - 1} each")
        self.strategies_count, self.instruments_count = strategies_count, instruments_count
        self.venues_count = max(venues, default=0) + 1
        self.paces = <Pace*>zeroed(strategies_count + 1, sizeof(Pace))
        self.fills = <Sides*>zeroed(strategies_count * instruments_count, sizeof(Sides))
        self.venues = <Budget*>zeroed(self.venues_count, sizeof(Budget))
        self.venue_of = <int*>zeroed(instruments_count, sizeof(int))
        for index in range(instruments_count):
            self.venue_of[index] = venues[index]
        self.venue_pct = PERCENT

    def __dealloc__(self):
        free(self.paces)
        free(self.fills)
        free(self.venues)
        free(self.venue_of)

    def set_bounds(
        self,
        *,
        int64_t new_per_second,
        int64_t messages_per_second,
        int64_t venue_pct,
        int64_t fills_max,
        int64_t fills_window_ns,
        int64_t rejects_max,
        int64_t rejects_window_ns,
        int64_t trade_ratio,
        int64_t trade_from,
    ):
        """Take the limits; what was counted goes on, in a window of another length as if it had come in that."""
        if min(new_per_second, messages_per_second, fills_max, fills_window_ns, rejects_max, trade_ratio) < 1:
            raise ValueError("a rate, a window, a streak and a ratio are at least 1")
        if rejects_max > REJECTS_MAX:
            raise ValueError(f"rejects_max is {rejects_max}; {REJECTS_MAX} are kept")
        cdef int64_t part_ns = part_of_window(fills_window_ns)
        self.new_token_ns = max(NS_PER_SECOND // new_per_second, 1)
        self.new_depth_ns = self.new_token_ns * new_per_second
        self.all_token_ns = max(NS_PER_SECOND // messages_per_second, 1)
        self.all_depth_ns = self.all_token_ns * messages_per_second
        self.venue_pct = venue_pct
        self.fills_max, self.fills_part_ns = fills_max, part_ns
        self.rejects_max, self.rejects_window_ns = rejects_max, rejects_window_ns
        self.trade_ratio, self.trade_from = trade_ratio, trade_from
        self.trade_part_ns = part_of_window(TRADE_WINDOW_NS)

    def set_venue_limit(self, int64_t venue, int64_t messages, int64_t window_ns):
        """Say how many messages a venue takes within a time; until it is said its limit is not looked at."""
        if not 0 <= venue < self.venues_count:
            raise ValueError(f"venue {venue} is unknown; there are 0 to {self.venues_count - 1}")
        if messages < 1 or window_ns < 1 or messages > NS_PER_SECOND:
            raise ValueError(f"{messages} messages within {window_ns} ns; expected 1 to {NS_PER_SECOND}, and a time")
        cdef int64_t budget = max(messages * self.venue_pct // PERCENT, 1)
        self.venues[venue].token_ns = -(-window_ns // budget)
        budget = max(budget * (PERCENT - RESERVE_PCT) // PERCENT, 1)
        self.venues[venue].new_depth_ns = self.venues[venue].token_ns * budget

    def note_cancel(self, int64_t strategy, int64_t instrument, int64_t now_ns):
        """Count a cancel, which nobody judges."""
        self.pace_of(strategy)
        self.refuse(instrument)
        self.charge(strategy, instrument, now_ns, False)

    def note_fill(self, int64_t strategy, int64_t instrument, int side, int64_t now_ns):
        """Count a fill; returns whether the strategy shall be stopped for it."""
        cdef Pace* pace = self.pace_of(strategy)
        cdef Sides* sides
        cdef Window* window
        self.refuse(instrument)
        note(&self.executions, now_ns, self.trade_part_ns)
        if strategy == PERSON:
            return False
        sides = &self.fills[strategy * self.instruments_count + instrument]
        window = &sides.buys if side == BUY else &sides.sells
        note(window, now_ns, self.fills_part_ns)
        if pace.throttled or count_of(window, now_ns, self.fills_part_ns) <= self.fills_max:
            return False
        pace.throttled = True
        return True

    def note_reject(self, int64_t strategy, int64_t now_ns):
        """Count an order that the venue refused; returns whether the strategy shall be stopped for it."""
        cdef Pace* pace = self.pace_of(strategy)
        cdef int64_t first_ns
        pace.reject_ns[pace.rejects & (REJECTS_MAX - 1)] = now_ns
        pace.rejects += 1
        if strategy == PERSON or pace.refused or pace.rejects < self.rejects_max:
            return False
        first_ns = pace.reject_ns[(pace.rejects - self.rejects_max) & (REJECTS_MAX - 1)]
        pace.refused = now_ns - first_ns <= self.rejects_window_ns
        return pace.refused

    def note_accept(self, int64_t strategy):
        """An order that the venue took ends a row of rejects."""
        self.pace_of(strategy).rejects = 0

    def rejects_in_row(self, int64_t strategy):
        """Return how many orders of a strategy the venue refused since it took one."""
        return self.pace_of(strategy).rejects

    def forgive(self, int64_t strategy):
        """A person enabled a strategy again: its fills and rejects are counted anew."""
        cdef Pace* pace = self.pace_of(strategy)
        pace.throttled = pace.refused = False
        pace.rejects = 0
        if strategy != PERSON:
            memset(&self.fills[strategy * self.instruments_count], 0, self.instruments_count * sizeof(Sides))

    cdef int max_messages(self, Order* order) noexcept nogil:
        """C10: a bucket for new orders and one for all messages of the strategy, one for its venue."""
        cdef Pace* pace = &self.paces[order.strategy if order.strategy >= 0 else self.strategies_count]
        cdef Budget* venue = &self.venues[self.venue_of[order.instrument]]
        cdef int64_t now_ns = order.now_ns
        if now_ns < self.last_ns:
            return deny(order, MAX_MESSAGES_INPUT, now_ns, self.last_ns)
        if order.exempt or order.parked:
            return APPROVED
        if order.slot is NULL and pace.new_until_ns - now_ns > self.new_depth_ns - self.new_token_ns:
            return too_fast(order, pace.new_until_ns - now_ns, self.new_token_ns, self.new_depth_ns)
        if pace.all_until_ns - now_ns > self.all_depth_ns - self.all_token_ns:
            return too_fast(order, pace.all_until_ns - now_ns, self.all_token_ns, self.all_depth_ns)
        if venue.token_ns and venue.busy_until_ns - now_ns > venue.new_depth_ns - venue.token_ns:
            return too_fast(order, venue.busy_until_ns - now_ns, venue.token_ns, venue.new_depth_ns)
        return APPROVED

    cdef int execution_throttle(self, Order* order) noexcept nogil:
        """C11: a strategy whose fills repeat too fast is off until a person says otherwise."""
        if self.paces[order.strategy if order.strategy >= 0 else self.strategies_count].throttled:
            return deny(order, EXECUTION_THROTTLE, self.fills_max + 1, self.fills_max)
        return APPROVED

    cdef int reject_streak(self, Order* order) noexcept nogil:
        """C19b: a strategy whose orders the venue refuses in a row is off until a person says otherwise."""
        cdef Pace* pace = &self.paces[order.strategy if order.strategy >= 0 else self.strategies_count]
        if pace.refused:
            return deny(order, REJECT_STREAK, pace.rejects, self.rejects_max)
        return APPROVED

    @cython.overflowcheck(False)
    cdef int order_to_trade(self, Order* order) noexcept nogil:
        """C21: messages of the desk for each of its fills; few messages are never too many."""
        cdef int64_t messages
        if self.messages.total + 1 < self.trade_from or order.exempt or order.parked:
            return APPROVED
        messages = count_of(&self.messages, order.now_ns, self.trade_part_ns) + 1
        if messages < self.trade_from:
            return APPROVED
        return compare(
            order, ORDER_TO_TRADE, messages,
            self.trade_ratio * max(count_of(&self.executions, order.now_ns, self.trade_part_ns), 1),
        )

    cdef void charge(self, int64_t strategy, int64_t instrument, int64_t now_ns, bint new) noexcept nogil:
        """Take a message out of its buckets."""
        cdef Pace* pace = &self.paces[strategy if strategy >= 0 else self.strategies_count]
        cdef Budget* venue = &self.venues[self.venue_of[instrument]]
        self.last_ns = max(self.last_ns, now_ns)
        if new:
            pace.new_until_ns = max(pace.new_until_ns, now_ns) + self.new_token_ns
        pace.all_until_ns = max(pace.all_until_ns, now_ns) + self.all_token_ns
        if venue.token_ns:
            venue.busy_until_ns = max(venue.busy_until_ns, now_ns) + venue.token_ns
        note(&self.messages, now_ns, self.trade_part_ns)

    cdef Pace* pace_of(self, int64_t strategy) except NULL:
        """Return a strategy's counts or raise ValueError."""
        if not PERSON <= strategy < self.strategies_count:
            raise ValueError(f"strategy {strategy} is unknown; there are 0 to {self.strategies_count - 1}, -1 a person")
        return &self.paces[strategy if strategy >= 0 else self.strategies_count]

    cdef int refuse(self, int64_t instrument) except -1:
        """Raise ValueError for an instrument that is none of ours."""
        if not 0 <= instrument < self.instruments_count:
            raise ValueError(f"instrument {instrument} is unknown; there are 0 to {self.instruments_count - 1}")
        return 0


cdef int too_fast(Order* order, int64_t ahead_ns, int64_t token_ns, int64_t depth_ns) noexcept nogil:
    """Say no, and how many messages the bucket was asked for against how many it holds."""
    return deny(order, MAX_MESSAGES, ahead_ns // token_ns + 1, depth_ns // token_ns)
