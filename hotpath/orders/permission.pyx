"""Whether this one may trade this now: the trading state, the strategy, the instrument, the venue.

The state comes first and decides nothing else: what is left of the limits in it stands in hotpath.orders.sizes. A state
that nobody knows is EMERGENCY. Here it is found out, too, whether an order can only make a position smaller.
"""

cimport cython
from libc.stdint cimport int64_t

from hotpath.orders.denial cimport (
    APPROVED, INSTRUMENT_PERMITTED, MODE_GATE, STRATEGY_AUTHORISED, VENUE_READY, VENUE_READY_INPUT,
)
from hotpath.orders.exposure cimport Exposure
from hotpath.orders.filters cimport READY, TOLD_NOTHING, Filter, Filters
from hotpath.orders.judged cimport PERSON, Order, deny
from hotpath.orders.line cimport BUY, SELL, Line
from hotpath.orders.recents cimport Recents, Strategy
from hotpath.orders.sizes cimport STATE_CAUTIOUS, STATE_NORMAL, STATE_PROTECTIVE, Sizes


@cython.final
cdef class Permission:
    """Says who may trade what, where and when."""

    def __cinit__(
        self, Exposure exposure not None, Filters filters not None, Recents recents not None, Sizes sizes not None
    ):
        self.exposure, self.filters, self.recents, self.sizes = exposure, filters, recents, sizes

    cdef int mode_gate(self, Order* order) noexcept nogil:
        """C01: EMERGENCY is for a person's reduce-only orders, CAUTIOUS for instruments that were known."""
        cdef int64_t state = self.sizes.state
        cdef Line* line
        cdef bint shrinks = False
        order.line = NULL
        if 0 <= order.instrument < self.exposure.instruments_count:
            line = order.line = &self.exposure.lines[order.instrument]
            if order.side == BUY and order.growth_lots >= 0:
                shrinks = order.growth_lots <= -line.position_lots - line.buy_lots
            elif order.side == SELL and order.growth_lots >= 0:
                shrinks = order.growth_lots <= line.position_lots - line.sell_lots
        order.shrinks = shrinks
        order.exempt = order.strategy == PERSON and order.reduce_only and shrinks
        if state == STATE_NORMAL or state == STATE_PROTECTIVE or order.exempt:
            return APPROVED
        if state != STATE_CAUTIOUS:
            return deny(order, MODE_GATE, state, STATE_PROTECTIVE)
        if order.line is not NULL and not order.shrinks and not self.sizes.instruments[order.instrument].known:
            return deny(order, MODE_GATE, state, STATE_NORMAL)
        return APPROVED

    cdef int strategy_authorised(self, Order* order) noexcept nogil:
        """C02: the strategy is registered and enabled."""
        cdef Strategy* strategy = self.recents.find(order.strategy)
        if strategy is NULL or not strategy.enabled:
            return deny(order, STRATEGY_AUTHORISED, 0, 1)
        return APPROVED

    cdef int instrument_permitted(self, Order* order) noexcept nogil:
        """C03: known, allowed, not blocked; a killed one is a person's to close."""
        cdef Filter* rules
        if order.line is NULL:
            return deny(order, INSTRUMENT_PERMITTED, 0, 1)
        rules = &self.filters.filters[order.instrument]
        if not rules.permitted or (rules.killed and not order.exempt):
            return deny(order, INSTRUMENT_PERMITTED, 0, 1)
        return APPROVED

    cdef int venue_ready(self, Order* order) noexcept nogil:
        """C04: the instrument is trading, the gateway up and its reconciliation idle."""
        cdef int word = self.filters.filters[order.instrument].ready
        if word == READY:
            return APPROVED
        return deny(order, VENUE_READY_INPUT if word == TOLD_NOTHING else VENUE_READY, 0, 1)
