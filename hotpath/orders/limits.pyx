"""The checks before an order leaves, in documented order, in one pass: 0 when all agree, else the code of the first no.

What a check needs lies in arrays that the messages of the desk keep up to date; nothing is looked up, nobody is asked.
A missing, old, negative or overflowing input denies by the check's own `_INPUT` code. Where an order can only make a
position smaller, exposure needs neither equity nor marks to say yes: getting out must not depend on them. The pass
compares and reserves in the same call, so nothing can happen in between.
"""

cimport cython
from libc.stdint cimport INT64_MAX, INT64_MIN, int64_t

from hotpath.core.units cimport UNITS_OK, int128
from hotpath.orders.denial cimport (
    APPROVED, DUPLICATE_ORDER, MARKET_DATA_FRESH, MARKET_DATA_FRESH_INPUT, MAX_DAILY_ORDERS, MAX_OPEN_ORDERS,
    MAX_ORDER_QUANTITY, MAX_ORDER_QUANTITY_INPUT, MAX_ORDER_VALUE, MAX_ORDER_VALUE_INPUT, ORDER_WELL_FORMED,
    POSITION_LIMIT_INPUT, PRICE_COLLAR, PRICE_COLLAR_INPUT, REDUCE_ONLY, SELF_TRADE, UNKNOWN_ORDER,
)
from hotpath.orders.exposure cimport EXPOSURE_OK
from hotpath.orders.filters cimport Filter, Filters
from hotpath.orders.greeks cimport Greeks
from hotpath.orders.health cimport Health
from hotpath.orders.judged cimport PERSON, Order, compare, compare_part, deny
from hotpath.orders.line cimport BUY, SELL, Line, Slot, side_worth
from hotpath.orders.losses cimport Losses
from hotpath.orders.marks cimport Market, Marks
from hotpath.orders.own_prices cimport best_own
from hotpath.orders.parents cimport Parents, number_of
from hotpath.orders.permission cimport Permission
from hotpath.orders.rates cimport Rates
from hotpath.orders.recents cimport Recents, Strategy, key_of
from hotpath.orders.sizes cimport STATE_PROTECTIVE, Part, Sizes
from hotpath.orders.slippage cimport Slippage
from hotpath.orders.told cimport NEVER_TOLD, UNUSABLE
from hotpath.orders.turnover cimport Turnover
from hotpath.orders.worst_case cimport WorstCase

cdef enum:
    TYPE_LIMIT = 1
    TYPE_MARKET = 2
    TIME_GTC = 1
    NS_PER_MS = 1_000_000
    MS_PER_DAY = 86_400_000


@cython.final
cdef class Limits:
    """The limits of a run, and the pass that compares an order with all of them and reserves its worst case."""

    def __cinit__(self, Marks marks not None, Filters filters not None, Recents recents not None, venue_of=()):
        self.marks = marks
        self.filters = filters
        self.recents = recents
        self.exposure = marks.exposure
        self.account = marks.account
        self.sizes = Sizes(marks.exposure, recents.strategies_count)
        self.rates = Rates(recents.strategies_count, marks.instruments_count, venue_of)
        self.losses = Losses()
        self.health = Health(marks.exposure, venue_of)
        self.parents = Parents()
        self.turnover = Turnover(marks)
        self.greeks = Greeks(marks.exposure)
        self.slippage = Slippage(marks)
        self.permission = Permission(marks.exposure, filters, recents, self.sizes)
        self.worst_case = WorstCase(marks.exposure, marks.account, self.sizes)
        self.day_end_ns = INT64_MIN

    @property
    def state(self):
        """The TradingState; EMERGENCY until somebody says otherwise."""
        return self.sizes.state

    def set_bounds(self, **bounds):
        """Take the limits of sizes, as `sizes.set_bounds` does; the other parts have their own."""
        self.sizes.set_bounds(**bounds)

    def set_state(self, int64_t state, bint crashed=False):
        """Take the trading state; after a crash CAUTIOUS knows every instrument that is configured."""
        self.sizes.set_state(state, crashed)
        self.greeks.set_part(self.sizes.part_pct())

    def set_daily_count(self, int64_t now_ns, int64_t count):
        """Say how many orders were approved on the day of `now_ns`."""
        self.orders_today(now_ns)
        self.daily_count = count

    def daily_orders(self, int64_t now_ns):
        """Return how many orders were approved on the day of `now_ns`."""
        return self.orders_today(now_ns)

    cdef void expect_terms(self, int64_t parent, int64_t edge_bps, bint has_edge) noexcept nogil:
        """Say what the next order says beside the ordinary."""
        self.next_parent, self.next_edge_bps, self.next_has_edge = parent, edge_bps, has_edge

    cdef void take_terms(self, Order* order) noexcept nogil:
        """Take what was said of this order, which holds for no other; an amend keeps its parent."""
        order.edge_bps, order.has_edge = self.next_edge_bps, self.next_has_edge
        order.in_parts, order.parent = self.next_parent != 0, NULL
        if order.slot is not NULL:
            order.in_parts, order.parent = order.slot.parent is not NULL, order.slot.parent
        elif order.in_parts:
            order.parent = self.parents.find(number_of(order.strategy, self.next_parent))
        self.next_parent, self.next_has_edge = 0, False

    def set_terms(self, int64_t parent=0, edge_bps=None):
        """Say what the next order says beside the ordinary: its parent and the edge that is expected of it."""
        self.expect_terms(parent, -1 if edge_bps is None else edge_bps, edge_bps is not None)

    cpdef int check_and_reserve(
        self, int64_t strategy, int64_t intent, int64_t instrument, int side, int type, int time_in_force,
        bint post_only, bint reduce_only, int64_t price_ticks, int64_t lots, int64_t now_ns,
    ) except -1:
        """Judge an order: 0 and its worst case is reserved under `handle`, or the code of the first no."""
        cdef Order order
        order.strategy, order.intent, order.instrument = strategy, intent, instrument
        order.side, order.type, order.time_in_force = side, type, time_in_force
        order.post_only, order.reduce_only, order.parked = post_only, reduce_only, False
        order.price_ticks, order.lots, order.now_ns = price_ticks, lots, now_ns
        order.slot = NULL
        order.open_lots = order.growth_lots = lots
        return self.finish(&order, self.judge(&order))

    def check_and_park(
        self, int64_t strategy, int64_t intent, int64_t instrument, int side, int type, int time_in_force,
        bint post_only, bint reduce_only, int64_t price_ticks, int64_t lots, int64_t now_ns,
    ):
        """Judge an order that will wait with us as if it left now: 0 and it is parked under `handle`, or a code.

        What is parked counts as an open order and ties up funds; it is no worst case, no message and no order of the
        day. When it is triggered it is unparked first, and judged as a new order.
        """
        cdef Order order
        order.strategy, order.intent, order.instrument = strategy, intent, instrument
        order.side, order.type, order.time_in_force = side, type, time_in_force
        order.post_only, order.reduce_only, order.parked = post_only, reduce_only, True
        order.price_ticks, order.lots, order.now_ns = price_ticks, lots, now_ns
        order.slot = NULL
        order.open_lots = order.growth_lots = lots
        return self.finish(&order, self.judge(&order))

    def unpark(self, int64_t handle):
        """Give back what a parked order has; False when the handle is not in use or not parked."""
        cdef Slot* slot = self.exposure.slots.find(handle)
        if slot is NULL or not slot.parked:
            return False
        self.exposure.drop(slot)
        return True

    def check_amend(
        self, int64_t strategy, int64_t handle, int64_t amendment, int64_t price_ticks, int64_t lots, int64_t now_ns
    ):
        """Judge an amend to this price and whole quantity: 0 and the larger of old and new is reserved, or a code."""
        cdef Order order
        cdef Slot* slot = self.exposure.slots.find(handle)
        if slot is NULL:
            self.observed = self.limit = self.warned = 0
            return UNKNOWN_ORDER
        order.strategy, order.intent, order.instrument = strategy, amendment, slot.instrument
        order.side, order.type, order.time_in_force = slot.side, TYPE_LIMIT, TIME_GTC
        order.post_only, order.reduce_only, order.parked = False, slot.reduce_only, False
        order.price_ticks, order.lots, order.now_ns = price_ticks, lots, now_ns
        order.slot = slot
        order.open_lots = lots - slot.filled_lots if lots > 0 else 0
        order.growth_lots = max(order.open_lots - slot.reserved_lots, 0)
        return self.finish(&order, self.judge(&order))

    cdef int64_t orders_today(self, int64_t now_ns) noexcept nogil:
        """Return the count of the day, which begins anew at midnight UTC; a clock that steps back begins none."""
        cdef int64_t day_ms
        if now_ns >= self.day_end_ns:
            day_ms = now_ns // NS_PER_MS // MS_PER_DAY * MS_PER_DAY
            self.day_end_ns = (day_ms + MS_PER_DAY) * NS_PER_MS
            self.daily_count = 0
        return self.daily_count

    cdef int judge(self, Order* order) noexcept nogil:
        """Run every check in documented order until one says no."""
        order.observed = order.limit = order.warned = order.sent_price_ticks = 0
        order.warn_pct = self.sizes.now.warn_pct
        self.take_terms(order)
        return (
            self.permission.mode_gate(order)
            or self.permission.strategy_authorised(order)
            or self.permission.instrument_permitted(order)
            or self.permission.venue_ready(order)
            or self.market_data_fresh(order)
            or self.order_well_formed(order)
            or self.price_collar(order)
            or self.max_order_value(order)
            or self.max_order_quantity(order)
            or self.rates.max_messages(order)
            or self.rates.execution_throttle(order)
            or self.duplicate_order(order)
            or self.max_open_orders(order)
            or self.max_daily_orders(order)
            or self.worst_case.position_limit(order)
            or self.worst_case.gross_exposure(order)
            or self.worst_case.net_exposure(order)
            or self.worst_case.funds_reserved(order)
            or self.losses.check(order)
            or self.rates.reject_streak(order)
            or self.self_trade(order)
            or self.rates.order_to_trade(order)
            or self.reduce_only(order)
            or self.health.clock_healthy(order)
            or self.health.audit_healthy(order)
            or self.health.unknown_orders(order)
            or (order.in_parts and self.parents.child_cap(order))
            or self.turnover.hold_time(order)
            or self.turnover.turnover(order)
            or (order.has_edge and self.turnover.edge_to_cost(order))
            or self.slippage.budget(order)
            or (self.greeks.on and self.greeks.check(order))
        )

    @cython.overflowcheck(False)
    cdef int market_data_fresh(self, Order* order) noexcept nogil:
        """C05: the reference price exists, is synchronised, uncrossed and young enough."""
        cdef Market* market = &self.marks.markets[order.instrument]
        cdef int128 age_ns = <int128>order.now_ns - <int128>market.time_ns
        if market.bid_ticks <= 0 or market.ask_ticks <= 0 or age_ns < <int128>0 or age_ns > <int128>INT64_MAX:
            return deny(order, MARKET_DATA_FRESH_INPUT, market.time_ns, order.now_ns)
        if not market.synchronised or market.bid_ticks >= market.ask_ticks or age_ns > <int128>self.sizes.now.age_ns:
            return deny(order, MARKET_DATA_FRESH, <int64_t>age_ns, self.sizes.now.age_ns)
        return APPROVED

    cdef int order_well_formed(self, Order* order) noexcept nogil:
        """C06: the venue's own filters; of an amend they judge what leaves us, which is what is not filled."""
        cdef Market* market = &self.marks.markets[order.instrument]
        cdef int64_t mid_ticks = market.bid_ticks + (market.ask_ticks - market.bid_ticks) // 2
        if not self.filters.accepts(
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
        if order.type == TYPE_MARKET and order.side == BUY:
            order.sent_price_ticks = min(line.high_ticks, rules.price_ticks_max or INT64_MAX) // step * step
        elif order.type == TYPE_MARKET:
            order.sent_price_ticks = -(-max(line.low_ticks, rules.price_ticks_min) // step) * step
        if order.sent_price_ticks > line.high_ticks:
            return deny(order, PRICE_COLLAR, order.sent_price_ticks, line.high_ticks)
        if order.sent_price_ticks < line.low_ticks:
            return deny(order, PRICE_COLLAR, order.sent_price_ticks, line.low_ticks)
        return APPROVED

    cdef int max_order_value(self, Order* order) noexcept nogil:
        """C08: what is open of the order, priced at the collar's edge; the tightest of all, instrument and strategy.

        A person who gets out is not held to what the trading state leaves of the limit.
        """
        cdef int error = UNITS_OK
        cdef Part* part = &self.sizes.instruments[order.instrument]
        cdef int64_t most = part.order_value_now
        order.value = side_worth(order.line, order.open_lots, &error)
        if error != UNITS_OK:
            return deny(order, MAX_ORDER_VALUE_INPUT, order.open_lots, order.line.high_ticks)
        if order.strategy == PERSON and order.shrinks:
            most = min(part.order_value, self.sizes.base.order_value)
        elif order.strategy != PERSON:
            most = min(most, self.sizes.strategies[order.strategy].order_value_now)
        return compare(order, MAX_ORDER_VALUE, order.value, most)

    @cython.overflowcheck(False)
    cdef int max_order_quantity(self, Order* order) noexcept nogil:
        """C09: a part of what the best levels of the other side hold; the venue's own maximum stands in C06."""
        cdef Market* market = &self.marks.markets[order.instrument]
        cdef int64_t depth_lots = market.ask_depth_lots if order.side == BUY else market.bid_depth_lots
        if market.depth_told == NEVER_TOLD:
            self.depth_skipped_count += 1
            return APPROVED
        if order.exempt:
            return APPROVED
        if market.depth_told == UNUSABLE or market.depth_time_ns > order.now_ns:
            return deny(order, MAX_ORDER_QUANTITY_INPUT, order.open_lots, depth_lots)
        if market.time_ns - market.depth_time_ns > self.sizes.now.age_ns:
            return deny(order, MAX_ORDER_QUANTITY_INPUT, order.open_lots, depth_lots)
        return compare_part(order, MAX_ORDER_QUANTITY, order.open_lots, depth_lots, self.sizes.now.depth_ppm)

    cdef int duplicate_order(self, Order* order) noexcept nogil:
        """C12: intent numbers only rise; no order is repeated within the window, nor amended while it is amended."""
        cdef Strategy* strategy = self.recents.find(order.strategy)
        cdef int64_t window_ns = self.sizes.now.duplicate_window_ns
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
        """C13a: working, in flight, unknown and parked."""
        cdef int64_t open_count = self.exposure.slots.open_count
        if order.slot is not NULL:
            return APPROVED
        if open_count >= self.exposure.slots.capacity:
            return deny(order, MAX_OPEN_ORDERS, open_count, self.exposure.slots.capacity)
        return compare(
            order, MAX_OPEN_ORDERS, order.line.open_count + 1, self.sizes.now.open_instrument
        ) or compare(order, MAX_OPEN_ORDERS, open_count + 1, self.sizes.now.open_all)

    cdef int max_daily_orders(self, Order* order) noexcept nogil:
        """C13b: approved on this UTC day; a person getting out is not counted against it."""
        if order.slot is not NULL or order.parked or (order.strategy == PERSON and order.shrinks):
            return APPROVED
        return compare(order, MAX_DAILY_ORDERS, self.orders_today(order.now_ns) + 1, self.sizes.now.daily)

    cdef int self_trade(self, Order* order) noexcept nogil:
        """C20: an order must not reach one of our own on the other side of the book; a parked one stands in none.

        A person who gets out is not kept in by an order that nobody can find: the venue's own prevention is left then.
        """
        cdef int64_t own_ticks
        if order.parked or order.exempt:
            return APPROVED
        if order.side == BUY:
            own_ticks = best_own(self.exposure.slots.slots, &order.line.sells, SELL)
            if own_ticks and order.sent_price_ticks >= own_ticks:
                return deny(order, SELF_TRADE, order.sent_price_ticks, own_ticks)
        else:
            own_ticks = best_own(self.exposure.slots.slots, &order.line.buys, BUY)
            if own_ticks and order.sent_price_ticks <= own_ticks:
                return deny(order, SELF_TRADE, order.sent_price_ticks, own_ticks)
        return APPROVED

    cdef int reduce_only(self, Order* order) noexcept nogil:
        """C22: required outside NORMAL and without equity; an amend that adds no lots passes, nearer to a fill or not.

        Where reducing is required it may bring what does not reduce no nearer.
        """
        cdef bint required = self.sizes.state <= STATE_PROTECTIVE or (
            order.equity_error == UNITS_OK and order.equity <= 0
        )
        if order.slot is not NULL and order.growth_lots == 0 and not (required and nearer(order)):
            return APPROVED
        if (required or order.reduce_only) and not (order.reduce_only and order.shrinks):
            return deny(order, REDUCE_ONLY, order.growth_lots, 0)
        return APPROVED

    cdef int reserve(self, Order* order) noexcept nogil:
        """Reserve what was approved; it can only fail by lots that no position could hold."""
        cdef Slot* slot = order.slot
        cdef bint known = order.after_error == UNITS_OK and not order.parked
        cdef bint done
        if slot is not NULL:
            self.handle = slot.handle
            self.rates.charge(order.strategy, order.instrument, order.now_ns, False)
            done = self.exposure.change(slot, order.sent_price_ticks, order.lots) == EXPOSURE_OK
            return APPROVED if done else deny(order, POSITION_LIMIT_INPUT, order.lots, 0)
        slot = self.exposure.slots.offer(<int>order.instrument, order.side, order.sent_price_ticks, order.lots)
        slot.resting = order.type == TYPE_LIMIT and order.time_in_force == TIME_GTC and not order.parked
        slot.reduce_only, slot.parked, slot.parent = order.reduce_only, order.parked, order.parent
        slot.share = self.exposure.share_of(order.strategy, order.instrument)
        done = self.exposure.book(slot, order.lots, order.funds, &order.after if known else NULL) == EXPOSURE_OK
        if done:
            self.handle = self.exposure.enter(slot)
        if done and not order.parked:
            self.rates.charge(order.strategy, order.instrument, order.now_ns, True)
            self.recents.remember(order.key, order.now_ns)
            self.daily_count += 1
        return APPROVED if done else deny(order, POSITION_LIMIT_INPUT, order.lots, 0)

    cdef int finish(self, Order* order, int code) noexcept nogil:
        """Reserve what was approved; an intent number that was seen is used up, whatever became of it."""
        cdef Strategy* strategy = self.recents.find(order.strategy)
        if code == APPROVED:
            code = self.reserve(order)
        if strategy is not NULL:
            strategy.last_intent = max(strategy.last_intent, order.intent)
        self.observed, self.limit, self.warned = order.observed, order.limit, order.warned
        self.price_ticks = order.sent_price_ticks
        self.shrinks = order.exempt
        return code


cdef bint nearer(Order* order) noexcept nogil:
    """Return whether an amend brings an order nearer to its fill than it stands now."""
    if order.side > 0:
        return order.price_ticks > order.slot.price_ticks
    return order.price_ticks < order.slot.price_ticks
