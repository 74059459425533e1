"""The checks before an order leaves, in documented order, in one pass: 0 when all agree, else the code of the first no.

What a check needs lies in arrays that the messages of the desk keep up to date; nothing is looked up, nobody is asked.
A missing, old, negative or overflowing input denies by the check's own `_INPUT` code. Where an order can only make a
position smaller, exposure needs neither equity nor marks to say yes: getting out must not depend on them. The pass
compares and reserves in the same call, so nothing can happen in between.
"""

cimport cython
from libc.stdint cimport INT64_MAX, int64_t

from hotpath.core.units cimport UNITS_OK, int128
from hotpath.orders.denial cimport (
    APPROVED, DUPLICATE_ORDER, FUNDS_RESERVED, FUNDS_RESERVED_INPUT, GROSS_EXPOSURE, GROSS_EXPOSURE_INPUT,
    INSTRUMENT_PERMITTED, MARKET_DATA_FRESH, MARKET_DATA_FRESH_INPUT, MAX_DAILY_ORDERS, MAX_OPEN_ORDERS,
    MAX_ORDER_VALUE, MAX_ORDER_VALUE_INPUT, MODE_GATE, NET_EXPOSURE, NET_EXPOSURE_INPUT, ORDER_WELL_FORMED,
    POSITION_LIMIT, POSITION_LIMIT_INPUT, PRICE_COLLAR, PRICE_COLLAR_INPUT, REDUCE_ONLY, STRATEGY_AUTHORISED,
    UNKNOWN_ORDER, VENUE_READY, VENUE_READY_INPUT,
)
from hotpath.orders.exposure cimport EXPOSURE_OK, Line, Slot, lots_bound, side_worth
from hotpath.orders.filters cimport READY, TOLD_NOTHING, Filter, Filters
from hotpath.orders.judged cimport PERSON, Order, compare, deny, narrowed, part_of
from hotpath.orders.marks cimport Market, Marks
from hotpath.orders.recents cimport Recents, Strategy, key_of

cdef enum:
    STATE_EMERGENCY = 0
    STATE_PROTECTIVE = 1
    TYPE_LIMIT = 1
    TYPE_MARKET = 2
    TIME_GTC = 1
    NS_PER_MS = 1_000_000
    MS_PER_DAY = 86_400_000


@cython.final
cdef class Limits:
    """The limits of a run, and the pass that compares an order with all of them and reserves its worst case."""

    def __cinit__(self, Marks marks not None, Filters filters not None, Recents recents not None):
        self.marks = marks
        self.filters = filters
        self.recents = recents
        self.exposure = marks.exposure
        self.account = marks.account
        self.state = STATE_EMERGENCY

    def set_bounds(
        self,
        *,
        int64_t age_ns,
        int64_t order_value,
        int64_t protective_order_value,
        int64_t duplicate_window_ns,
        int64_t open_instrument,
        int64_t open_all,
        int64_t daily,
        int64_t position_ppm,
        int64_t position_value,
        int64_t gross_ppm,
        int64_t net_ppm,
        int64_t warn_pct,
    ):
        """Take the limits: times in ns, values in money of the risk currency, parts of equity in millionths."""
        self.bounds = Bounds(
            age_ns, order_value, protective_order_value, duplicate_window_ns, open_instrument, open_all, daily,
            position_ppm, position_value, gross_ppm, net_ppm, warn_pct,
        )  # fmt: skip

    def set_state(self, int64_t state):
        """Take the trading state; it is EMERGENCY until somebody says otherwise."""
        self.state = state

    def set_daily_count(self, int64_t now_ns, int64_t count):
        """Say how many orders were approved on the day of `now_ns`."""
        self.orders_today(now_ns)
        self.daily_count = count

    def daily_orders(self, int64_t now_ns):
        """Return how many orders were approved on the day of `now_ns`."""
        return self.orders_today(now_ns)

    cpdef int check_and_reserve(
        self, int64_t strategy, int64_t intent, int64_t instrument, int side, int type, int time_in_force,
        bint post_only, bint reduce_only, int64_t price_ticks, int64_t lots, int64_t now_ns,
    ) except -1:
        """Judge an order: 0 and its worst case is reserved under `handle`, or the code of the first no."""
        cdef Order order
        order.strategy, order.intent, order.instrument = strategy, intent, instrument
        order.side, order.type, order.time_in_force = side, type, time_in_force
        order.post_only, order.reduce_only = post_only, reduce_only
        order.price_ticks, order.lots, order.now_ns = price_ticks, lots, now_ns
        order.slot, order.sent_price_ticks, order.shrinks = NULL, 0, False
        order.open_lots = order.growth_lots = lots
        return self.finish(&order, self.judge(&order))

    def check_amend(
        self, int64_t strategy, int64_t handle, int64_t amendment, int64_t price_ticks, int64_t lots, int64_t now_ns
    ):
        """Judge an amend to this price and whole quantity: 0 and the larger of old and new is reserved, or a code."""
        cdef Order order
        cdef Slot* slot = self.exposure.find(handle)
        self.observed = self.limit = 0
        if slot is NULL:
            self.observed = self.limit = self.warned = 0
            return UNKNOWN_ORDER
        order.strategy, order.intent, order.instrument = strategy, amendment, slot.instrument
        order.side, order.type, order.time_in_force = slot.side, TYPE_LIMIT, TIME_GTC
        order.post_only, order.reduce_only = False, slot.reduce_only
        order.price_ticks, order.lots, order.now_ns = price_ticks, lots, now_ns
        order.slot, order.sent_price_ticks, order.shrinks = slot, 0, False
        order.open_lots = lots - slot.filled_lots if lots > 0 else 0
        order.growth_lots = max(order.open_lots - slot.reserved_lots, 0)
        return self.finish(&order, self.judge(&order))

    cdef int64_t orders_today(self, int64_t now_ns) noexcept nogil:
        """Return the count of the day, which begins anew at midnight UTC."""
        cdef int64_t day = now_ns // NS_PER_MS // MS_PER_DAY
        if day != self.day:
            self.day = day
            self.daily_count = 0
        return self.daily_count

    cdef int judge(self, Order* order) noexcept nogil:
        """Run every check in documented order until one says no."""
        order.observed = order.limit = order.warned = 0
        order.warn_pct = self.bounds.warn_pct
        return (
            self.mode_gate(order)
            or self.strategy_authorised(order)
            or self.instrument_permitted(order)
            or self.venue_ready(order)
            or self.market_data_fresh(order)
            or self.order_well_formed(order)
            or self.price_collar(order)
            or self.max_order_value(order)
            or self.duplicate_order(order)
            or self.max_open_orders(order)
            or self.max_daily_orders(order)
            or self.position_limit(order)
            or self.gross_exposure(order)
            or self.net_exposure(order)
            or self.funds_reserved(order)
            or self.reduce_only(order)
        )

    cdef int mode_gate(self, Order* order) noexcept nogil:
        """C01: EMERGENCY is for a person's reduce-only orders."""
        cdef Line* line
        if 0 <= order.instrument < self.marks.instruments_count:
            line = &self.exposure.lines[order.instrument]
            if order.side > 0 and order.growth_lots >= 0:
                order.shrinks = order.growth_lots <= -line.position_lots - line.buy_lots
            elif order.side < 0 and order.growth_lots >= 0:
                order.shrinks = order.growth_lots <= line.position_lots - line.sell_lots
        if self.state <= STATE_EMERGENCY and not (order.strategy == PERSON and order.reduce_only and order.shrinks):
            return deny(order, MODE_GATE, self.state, STATE_PROTECTIVE)
        return APPROVED

    cdef int strategy_authorised(self, Order* order) noexcept nogil:
        """C02: the strategy is registered and enabled."""
        cdef Strategy* strategy = self.recents.find(order.strategy)
        if strategy is NULL or not strategy.enabled:
            return deny(order, STRATEGY_AUTHORISED, 0, 1)
        return APPROVED

    cdef int instrument_permitted(self, Order* order) noexcept nogil:
        """C03: known, allowed, not blocked; a killed one is a person's to close."""
        if not 0 <= order.instrument < self.marks.instruments_count:
            return deny(order, INSTRUMENT_PERMITTED, 0, 1)
        cdef Filter* rules = &self.filters.filters[order.instrument]
        if not rules.permitted:
            return deny(order, INSTRUMENT_PERMITTED, 0, 1)
        if rules.killed and not (order.strategy == PERSON and order.reduce_only and order.shrinks):
            return deny(order, INSTRUMENT_PERMITTED, 0, 1)
        return APPROVED

    cdef int venue_ready(self, Order* order) noexcept nogil:
        """C04: the instrument is trading, the gateway up and its reconciliation idle."""
        cdef int word = self.filters.filters[order.instrument].ready
        if word == READY:
            return APPROVED
        return deny(order, VENUE_READY_INPUT if word == TOLD_NOTHING else VENUE_READY, 0, 1)

    @cython.overflowcheck(False)
    cdef int market_data_fresh(self, Order* order) noexcept nogil:
        """C05: the reference price exists, is synchronised, uncrossed and young enough."""
        cdef Market* market = &self.marks.markets[order.instrument]
        cdef int128 age_ns = <int128>order.now_ns - <int128>market.time_ns
        if market.bid_ticks <= 0 or market.ask_ticks <= 0 or age_ns < <int128>0 or age_ns > <int128>INT64_MAX:
            return deny(order, MARKET_DATA_FRESH_INPUT, market.time_ns, order.now_ns)
        if not market.synchronised or market.bid_ticks >= market.ask_ticks or age_ns > <int128>self.bounds.age_ns:
            return deny(order, MARKET_DATA_FRESH, <int64_t>age_ns, self.bounds.age_ns)
        return APPROVED

    cdef int order_well_formed(self, Order* order) noexcept nogil:
        """C06: the venue's own filters; of an amend they judge what leaves us, which is what is not filled."""
        cdef Market* market = &self.marks.markets[order.instrument]
        cdef int64_t mid_ticks = market.bid_ticks + (market.ask_ticks - market.bid_ticks) // 2
        if order.open_lots <= 0 or not self.filters.accepts(
            order.instrument, order.side, order.type, order.time_in_force, order.post_only, order.price_ticks,
            order.open_lots, mid_ticks,
        ):
            return deny(order, ORDER_WELL_FORMED, order.lots, order.price_ticks)
        return APPROVED

    cdef int price_collar(self, Order* order) noexcept nogil:
        """C07: the distance from the mid; a market order gets the furthest price that the venue takes there."""
        cdef Line* line = &self.exposure.lines[order.instrument]
        cdef Filter* rules = &self.filters.filters[order.instrument]
        cdef int64_t step = rules.price_step_ticks
        self.marks.price_dirty()
        if line.high_ticks <= 0:
            return deny(order, PRICE_COLLAR_INPUT, 0, 0)
        order.sent_price_ticks = order.price_ticks
        if order.type == TYPE_MARKET and order.side > 0:
            order.sent_price_ticks = min(line.high_ticks, rules.price_ticks_max or INT64_MAX) // step * step
        elif order.type == TYPE_MARKET:
            order.sent_price_ticks = -(-max(line.low_ticks, rules.price_ticks_min) // step) * step
        if order.sent_price_ticks > line.high_ticks:
            return deny(order, PRICE_COLLAR, order.sent_price_ticks, line.high_ticks)
        if order.sent_price_ticks < line.low_ticks:
            return deny(order, PRICE_COLLAR, order.sent_price_ticks, line.low_ticks)
        return APPROVED

    cdef int max_order_value(self, Order* order) noexcept nogil:
        """C08: what is open of the order, priced at the collar's edge; a person getting out is not held to less."""
        cdef Line* line = &self.exposure.lines[order.instrument]
        cdef int error = UNITS_OK
        cdef int64_t value = side_worth(line, order.open_lots, &error)
        if error != UNITS_OK:
            return deny(order, MAX_ORDER_VALUE_INPUT, order.open_lots, line.high_ticks)
        if self.state == STATE_PROTECTIVE and not (order.strategy == PERSON and order.shrinks):
            return compare(order, MAX_ORDER_VALUE, value, self.bounds.protective_order_value)
        return compare(order, MAX_ORDER_VALUE, value, self.bounds.order_value)

    cdef int duplicate_order(self, Order* order) noexcept nogil:
        """C12: intent numbers only rise; no order is repeated within the window, nor amended while it is amended."""
        cdef Strategy* strategy = self.recents.find(order.strategy)
        cdef int64_t window_ns = self.bounds.duplicate_window_ns
        cdef int64_t age_ms
        if order.intent <= strategy.last_intent:
            return deny(order, DUPLICATE_ORDER, order.intent, strategy.last_intent)
        if order.slot is not NULL:
            return deny(order, DUPLICATE_ORDER, order.intent, 0) if order.slot.amend_lots else APPROVED
        order.key = key_of(order.strategy, order.instrument, order.side, order.price_ticks, order.lots)
        if self.recents.repeats(order.key, order.now_ns, window_ns):
            age_ms = self.recents.age_ms(order.key, order.now_ns, window_ns)
            return deny(order, DUPLICATE_ORDER, age_ms, window_ns // NS_PER_MS)
        return APPROVED

    cdef int max_open_orders(self, Order* order) noexcept nogil:
        """C13a: working, in flight and unknown."""
        cdef int64_t mine = self.exposure.lines[order.instrument].open_count + 1
        if order.slot is not NULL:
            return APPROVED
        if self.exposure.open_count >= self.exposure.capacity:
            return deny(order, MAX_OPEN_ORDERS, self.exposure.open_count, self.exposure.capacity)
        return compare(order, MAX_OPEN_ORDERS, mine, self.bounds.open_instrument) or compare(order, 
            MAX_OPEN_ORDERS, self.exposure.open_count + 1, self.bounds.open_all
        )

    cdef int max_daily_orders(self, Order* order) noexcept nogil:
        """C13b: approved on this UTC day; a person getting out is not counted against it."""
        if order.slot is not NULL or (order.strategy == PERSON and order.shrinks):
            return APPROVED
        return compare(order, MAX_DAILY_ORDERS, self.orders_today(order.now_ns) + 1, self.bounds.daily)

    cdef int position_limit(self, Order* order) noexcept nogil:
        """C14: the worst case of the order's side; the tighter of the absolute and the relative limit."""
        cdef Line* line = &self.exposure.lines[order.instrument]
        cdef int error = UNITS_OK
        cdef int64_t buys, sells, limit
        order.equity_error = UNITS_OK
        order.equity = self.account.equity_now(&order.equity_error)
        if order.growth_lots > lots_bound() - max(line.buy_lots, line.sell_lots):
            return deny(order, POSITION_LIMIT_INPUT, order.growth_lots, lots_bound())
        buys = line.buy_lots + (order.growth_lots if order.side > 0 else 0)
        sells = line.sell_lots + (order.growth_lots if order.side < 0 else 0)
        order.after_error = self.exposure.worth_of(line, line.position_lots, buys, sells, &order.after)
        if order.shrinks or order.growth_lots == 0:
            return APPROVED
        limit = min(part_of(order.equity, self.bounds.position_ppm, &error), self.bounds.position_value)
        if order.equity_error != UNITS_OK or order.after_error != UNITS_OK or error != UNITS_OK:
            return deny(order, POSITION_LIMIT_INPUT, order.equity, limit)
        return compare(order, POSITION_LIMIT, order.after.long_side if order.side > 0 else order.after.short_side, limit)

    @cython.overflowcheck(False)
    cdef int gross_exposure(self, Order* order) noexcept nogil:
        """C15a: the sum of all instruments' worst cases; an order that leaves it as it is passes."""
        cdef Line* line = &self.exposure.lines[order.instrument]
        cdef int error = self.exposure.unpriced_count - <int>line.unpriced
        cdef int64_t before, after, gross, limit
        if order.shrinks or order.growth_lots == 0:
            return APPROVED
        before = max(line.worth.long_side, line.worth.short_side)
        after = max(order.after.long_side, order.after.short_side)
        limit = part_of(order.equity, self.bounds.gross_ppm, &error)
        gross = narrowed(self.exposure.gross_sum - <int128>before + <int128>after, &error)
        if error != UNITS_OK:
            return deny(order, GROSS_EXPOSURE_INPUT, gross, limit)
        return compare(order, GROSS_EXPOSURE, gross, limit) if after > before else APPROVED

    @cython.overflowcheck(False)
    cdef int net_exposure(self, Order* order) noexcept nogil:
        """C15b: longs less shorts or the other way round, when only this side is filled; closing a hedge can add."""
        cdef Line* line = &self.exposure.lines[order.instrument]
        cdef int error = order.after_error + self.exposure.unpriced_count - <int>line.unpriced
        cdef int128 net = self.exposure.net_short_sum - <int128>line.worth.net_short + <int128>order.after.net_short
        cdef int64_t limit
        if order.growth_lots == 0 or (order.shrinks and order.strategy == PERSON):
            return APPROVED
        if order.side > 0:
            net = self.exposure.net_long_sum - <int128>line.worth.net_long + <int128>order.after.net_long
        if error == UNITS_OK and net <= <int128>0:
            return APPROVED
        limit = part_of(order.equity, self.bounds.net_ppm, &error)
        if error != UNITS_OK or order.equity_error != UNITS_OK:
            return deny(order, NET_EXPOSURE_INPUT, narrowed(net, &error), limit)
        return compare(order, NET_EXPOSURE, narrowed(net, &error), limit)

    @cython.overflowcheck(False)
    cdef int funds_reserved(self, Order* order) noexcept nogil:
        """C16: the balance pays for what is reserved already and for this; an asset that is not there is zero."""
        cdef Line* line = &self.exposure.lines[order.instrument]
        cdef int asset = line.quote_asset if order.side > 0 else line.base_asset
        cdef int64_t balance = self.account.assets[asset].balance
        cdef int error = UNITS_OK
        cdef int64_t funds = self.exposure.funds_of(line, order.side, order.sent_price_ticks, order.open_lots, &error)
        cdef int64_t needed
        if order.slot is not NULL:
            funds = max(funds - order.slot.reserved_funds, 0)
        needed = narrowed(<int128>self.exposure.reserved_by_asset[asset] + <int128>funds, &error)
        if error != UNITS_OK or balance < 0:
            return deny(order, FUNDS_RESERVED_INPUT, needed, balance)
        if needed > balance and funds > 0:
            return deny(order, FUNDS_RESERVED, needed, balance)
        return APPROVED

    cdef int reduce_only(self, Order* order) noexcept nogil:
        """C22: required outside NORMAL and without equity; an amend that reserves nothing more passes."""
        cdef bint required = self.state <= STATE_PROTECTIVE or (order.equity_error == UNITS_OK and order.equity <= 0)
        if order.slot is not NULL and order.growth_lots == 0:
            return APPROVED
        if (required or order.reduce_only) and not (order.reduce_only and order.shrinks):
            return deny(order, REDUCE_ONLY, order.growth_lots, 0)
        return APPROVED

    cdef int reserve(self, Order* order) noexcept nogil:
        """Reserve what was approved; it can only fail by lots that no position could hold."""
        cdef int64_t done
        if order.slot is NULL:
            done = self.exposure.take(<int>order.instrument, order.side, order.sent_price_ticks, order.lots)
            self.handle = done
        else:
            self.handle = order.slot.handle
            done = self.exposure.change(order.slot, order.sent_price_ticks, order.lots)
        if done < EXPOSURE_OK or order.slot is not NULL:
            return deny(order, POSITION_LIMIT_INPUT, order.lots, 0) if done < EXPOSURE_OK else APPROVED
        self.exposure.find(self.handle).reduce_only = order.reduce_only
        self.recents.remember(order.key, order.now_ns, self.bounds.duplicate_window_ns)
        self.daily_count += 1
        return APPROVED

    cdef int finish(self, Order* order, int code) noexcept nogil:
        """Reserve what was approved; an intent number that was seen is used up, whatever became of it."""
        cdef Strategy* strategy = self.recents.find(order.strategy)
        if code == APPROVED:
            code = self.reserve(order)
        if strategy is not NULL and order.intent > strategy.last_intent:
            strategy.last_intent = order.intent
        self.observed, self.limit, self.warned = order.observed, order.limit, order.warned
        self.price_ticks = order.sent_price_ticks
        self.shrinks = order.shrinks and order.reduce_only and order.strategy == PERSON
        return code
