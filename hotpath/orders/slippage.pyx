"""The slippage budget: what an order that takes is expected to cost beyond the mid, against what may be spent.

Only an order that would trade at once is looked at; one that rests costs a comparison. The expected cost is a sweep of
the depth that is known, what lies beyond it priced at the worst the order may pay; without depth it is half the spread.
What was spent counts for a UTC day, by instrument in its quote currency, and never shrinks: a lucky fill earns no
budget. An order that can only make a position smaller is measured and not denied: getting out must not depend on it.
"""

cimport cython
from libc.stdint cimport INT64_MAX, int64_t
from libc.stdlib cimport free as free_memory

from hotpath.core.units cimport UNITS_OK, UNITS_OVERFLOW, Scale, int128, money_down, money_up
from hotpath.market.levels cimport Level, Levels
from hotpath.orders.account cimport converted, zeroed
from hotpath.orders.denial cimport APPROVED, SLIPPAGE_BUDGET, SLIPPAGE_BUDGET_INPUT
from hotpath.orders.judged cimport Order, compare, deny
from hotpath.orders.line cimport BUY, Line
from hotpath.orders.marks cimport Market, Marks

cdef enum:
    MILLION = 1_000_000
    NS_PER_MS = 1_000_000
    MS_PER_DAY = 86_400_000


@cython.final
cdef class Slippage:
    """What may be lost to slippage by one order and in one day, and what was."""

    def __cinit__(self, Marks marks not None):
        self.marks = marks
        self.ladders = <Ladder*>zeroed(marks.instruments_count, sizeof(Ladder))
        self.bids, self.asks = [None] * marks.instruments_count, [None] * marks.instruments_count
        self.trade_ppm = self.alert_ppm = MILLION
        self.session = INT64_MAX

    def __dealloc__(self):
        free_memory(self.ladders)

    def set_bounds(self, *, int64_t trade_ppm, int64_t alert_ppm, int64_t session):
        """Take the most that an order may cost beyond the mid, where to warn, and the most of a day."""
        self.trade_ppm = trade_ppm
        self.alert_ppm = alert_ppm
        self.session = session

    def on_depth(self, int64_t instrument, Levels bids not None, Levels asks not None):
        """Take the best levels of an instrument, best first."""
        cdef Ladder* ladder = self.ladder_of(instrument)
        self.bids[instrument], self.asks[instrument] = bids, asks
        ladder.bids, ladder.bids_count = bids.levels, bids.count
        ladder.asks, ladder.asks_count = asks.levels, asks.count

    def spend(self, int64_t instrument, int64_t money, int64_t now_ns):
        """Count what was lost, money of the quote currency."""
        cdef Ladder* ladder = self.ladder_of(instrument)
        if money < 0:
            raise ValueError(f"{money} were spent; expected 0 or more: slippage that was won earns no budget")
        self.roll(now_ns)
        ladder.spent = capped(ladder.spent, money)

    def reserve(self, int64_t instrument, int64_t money):
        """Hold back what an order is expected to lose, or give it back when the order is over."""
        cdef Ladder* ladder = self.ladder_of(instrument)
        ladder.reserved = max(ladder.reserved + money, 0)

    def spent(self, int64_t instrument, int64_t now_ns):
        """Return what was lost in an instrument on the day of `now_ns`, money of its quote currency."""
        self.ladder_of(instrument)
        self.roll(now_ns)
        return self.ladders[instrument].spent

    def judged(self, int64_t instrument, int side, int64_t lots, int64_t sent_ticks, bint free, int64_t now_ns):
        """Judge an order: 0 within its budgets, 1 over one of them, 2 when an input cannot be used."""
        self.ladder_of(instrument)
        return self.judge(<int>instrument, side, lots, sent_ticks, free, now_ns)

    def check(self):
        """Raise AssertionError when an amount contradicts itself."""
        cdef int index
        for index in range(self.marks.instruments_count):
            assert self.ladders[index].spent >= 0 and self.ladders[index].reserved >= 0, f"instrument {index}"

    cdef int budget(self, Order* order) noexcept nogil:
        """What an order that trades at once is expected to lose beyond the mid, of itself and of the day."""
        cdef int verdict
        if order.post_only or order.parked:
            self.takes = False
            return APPROVED
        verdict = self.judge(
            <int>order.instrument, order.side, order.open_lots, order.sent_price_ticks, order.shrinks, order.now_ns
        )
        if verdict == OVER_BUDGET:
            return deny(order, SLIPPAGE_BUDGET, self.observed, self.limit)
        if verdict == BUDGET_INPUT:
            return deny(order, SLIPPAGE_BUDGET_INPUT, self.observed, self.limit)
        if self.alerted:
            order.warned |= <int64_t>1 << SLIPPAGE_BUDGET
        if self.takes and not order.shrinks:
            return compare(order, SLIPPAGE_BUDGET, self.observed, self.limit)
        return APPROVED

    cdef int judge(
        self, int instrument, int side, int64_t lots, int64_t sent_ticks, bint free, int64_t now_ns
    ) noexcept nogil:
        """Say whether an order is within its budget and the day's; one that is `free` is measured alone."""
        cdef Market* market = &self.marks.markets[instrument]
        self.takes = self.alerted = False
        if (sent_ticks < market.ask_ticks) if side == BUY else (sent_ticks > market.bid_ticks):
            return WITHIN_BUDGET
        self.takes = True
        return self.judge_taker(instrument, side, lots, sent_ticks, free, now_ns)

    @cython.overflowcheck(False)
    cdef int judge_taker(
        self, int instrument, int side, int64_t lots, int64_t sent_ticks, bint free, int64_t now_ns
    ) noexcept nogil:
        """Measure an order that would trade at once, and compare."""
        cdef Market* market = &self.marks.markets[instrument]
        cdef Line* line = &self.marks.exposure.lines[instrument]
        cdef Sweep swept = self.sweep(instrument, side, lots, sent_ticks)
        cdef int128 mid_twice = <int128>market.bid_ticks + <int128>market.ask_ticks
        cdef int error = UNITS_OK
        cdef int worth_error = UNITS_OK
        cdef int64_t worth = money_down(mid_twice * <int128>swept.lots // <int128>2, line.decimals, &worth_error)
        cdef int64_t spent
        self.mid_ticks_twice = <int64_t>mid_twice if mid_twice <= <int128>INT64_MAX else 0
        self.cost = money_up(-(-swept.excess_twice // <int128>2), line.decimals, &error)
        self.observed, self.limit = self.cost, part_of(worth, self.trade_ppm)
        self.alerted = self.cost > part_of(worth, self.alert_ppm)
        if free:
            return WITHIN_BUDGET
        if error != UNITS_OK or worth_error != UNITS_OK or line.rate_numerator <= 0:
            return BUDGET_INPUT
        if self.observed > self.limit:
            return OVER_BUDGET
        self.roll(now_ns)
        spent = self.total(&error)
        self.observed = converted(self.cost, line.rate_numerator, line.rate_denominator, True, &worth_error)
        if worth_error != UNITS_OK or error != UNITS_OK:
            return BUDGET_INPUT
        self.limit = self.session
        self.observed = capped(self.observed, spent)
        return OVER_BUDGET if self.observed > self.limit else WITHIN_BUDGET

    @cython.overflowcheck(False)
    cdef Sweep sweep(self, int instrument, int side, int64_t lots, int64_t sent_ticks) noexcept nogil:
        """Return what an order takes at once: known depth, and what lies beyond it at the worst it may pay."""
        cdef Market* market = &self.marks.markets[instrument]
        cdef Ladder* ladder = &self.ladders[instrument]
        cdef Level* levels = ladder.asks if side == BUY else ladder.bids
        cdef Py_ssize_t count = ladder.asks_count if side == BUY else ladder.bids_count
        cdef int128 mid_twice = <int128>market.bid_ticks + <int128>market.ask_ticks
        cdef int64_t touch_ticks = market.ask_ticks if side == BUY else market.bid_ticks
        cdef int64_t left = lots
        cdef int64_t taken, ticks
        cdef Py_ssize_t index
        cdef Sweep swept
        swept.excess_twice, swept.lots = 0, lots
        if count == 0:
            swept.excess_twice = side * (2 * <int128>touch_ticks - mid_twice) * <int128>lots
            return swept
        for index in range(count):
            ticks = levels[index].ticks
            if side * (ticks - sent_ticks) > 0:  # the rest stays in the book, or goes
                swept.lots = lots - left
                return swept
            if side * (touch_ticks - ticks) > 0:  # the quote is newer than the depth
                ticks = touch_ticks
            taken = min(left, levels[index].lots)
            swept.excess_twice += side * (2 * <int128>ticks - mid_twice) * <int128>taken
            left -= taken
            if left == 0:
                return swept
        swept.excess_twice += side * (2 * <int128>sent_ticks - mid_twice) * <int128>left
        return swept

    cdef int64_t total(self, int* error) noexcept nogil:
        """Return what is spent and held back, in risk currency."""
        cdef int64_t sum = 0
        cdef int64_t money
        cdef Line* line
        cdef int index
        for index in range(self.marks.instruments_count):
            if self.ladders[index].spent == 0 and self.ladders[index].reserved == 0:
                continue
            line = &self.marks.exposure.lines[index]
            money = capped(self.ladders[index].spent, self.ladders[index].reserved)
            if line.rate_numerator <= 0:
                error[0] = UNITS_OVERFLOW
                return 0
            money = converted(money, line.rate_numerator, line.rate_denominator, True, error)
            sum = capped(sum, money)
        return sum

    cdef void roll(self, int64_t now_ns) noexcept nogil:
        """Begin a new day at midnight UTC, never an older one: nothing is spent, what orders hold back stays."""
        cdef int64_t day = now_ns // NS_PER_MS // MS_PER_DAY
        cdef int index
        if day <= self.day:
            return
        self.day = day
        for index in range(self.marks.instruments_count):
            self.ladders[index].spent = 0

    cdef Ladder* ladder_of(self, int64_t instrument) except NULL:
        """Return an instrument's, or raise ValueError for one that is none of ours."""
        if not 0 <= instrument < self.marks.instruments_count:
            raise ValueError(f"instrument {instrument} is unknown; there are 0 to {self.marks.instruments_count - 1}")
        return &self.ladders[instrument]


@cython.overflowcheck(False)
cdef inline int64_t part_of(int64_t money, int64_t ppm) noexcept nogil:
    """Return so many millionths, at most what fits."""
    return <int64_t>min(<int128>money * <int128>ppm // <int128>MILLION, <int128>INT64_MAX)


@cython.overflowcheck(False)
cdef inline int64_t capped(int64_t money, int64_t more) noexcept nogil:
    """Return the sum, at most what fits."""
    return <int64_t>min(<int128>money + <int128>more, <int128>INT64_MAX)


@cython.overflowcheck(False)
cpdef object slippage_cost(int side, int64_t price_ticks, int64_t lots, int64_t mid_ticks_twice, Scale scale):
    """Return what a fill cost beyond the mid of its decision, money of the quote currency; 0 when it cost nothing."""
    cdef int error = UNITS_OK
    cdef int128 excess = max(side * (2 * <int128>price_ticks - <int128>mid_ticks_twice) * <int128>lots, <int128>0)
    cdef int64_t money = money_up(-(-excess // <int128>2), scale.price_decimals + scale.quantity_decimals, &error)
    return money if error == UNITS_OK else INT64_MAX
