"""What an order would make of the worst case: position, gross and net exposure, and the funds that it ties up.

Where an order can only make a position smaller, exposure needs neither equity nor marks to say yes: getting out must
not depend on them. A part of equity is compared by multiplication; it is divided only to say no.
"""

cimport cython
from libc.stdint cimport int64_t

from hotpath.core.units cimport UNITS_OK, int128
from hotpath.orders.denial cimport (
    APPROVED, FUNDS_RESERVED, FUNDS_RESERVED_INPUT, GROSS_EXPOSURE, GROSS_EXPOSURE_INPUT, NET_EXPOSURE,
    NET_EXPOSURE_INPUT, POSITION_LIMIT, POSITION_LIMIT_INPUT,
)
from hotpath.orders.exposure cimport Exposure
from hotpath.orders.judged cimport (
    PERSON, Order, compare, compare_part, deny, narrowed, part_overflows, part_of,
)
from hotpath.orders.line cimport BUY, SELL, Line, Share, funds_of, lots_bound, side_worth, worth_of


@cython.final
cdef class WorstCase:
    """Compares the worst case after an order with its limits."""

    def __cinit__(self, Exposure exposure not None, Account account not None, Sizes sizes not None):
        self.exposure, self.account, self.sizes = exposure, account, sizes

    @cython.overflowcheck(False)
    cdef int position_limit(self, Order* order) noexcept nogil:
        """C14: the worst case of the order's side; the tighter of the absolute and the relative limit."""
        cdef Line* line = order.line
        cdef int error = UNITS_OK
        cdef int64_t buys, sells, worst
        cdef int64_t most = self.sizes.instruments[order.instrument].position_value_now
        cdef int64_t ppm = self.sizes.now.position_ppm
        order.equity_error = UNITS_OK
        order.equity = self.account.equity_now(&order.equity_error)
        if order.growth_lots > lots_bound() - max(line.buy_lots, line.sell_lots):
            return deny(order, POSITION_LIMIT_INPUT, order.growth_lots, lots_bound())
        buys = line.buy_lots + (order.growth_lots if order.side == BUY else 0)
        sells = line.sell_lots + (order.growth_lots if order.side == SELL else 0)
        order.after_error = worth_of(line, line.position_lots, buys, sells, &order.after)
        if order.shrinks or order.growth_lots == 0:
            return APPROVED
        if order.equity_error != UNITS_OK or order.after_error != UNITS_OK or part_overflows(order.equity, ppm):
            return deny(order, POSITION_LIMIT_INPUT, order.equity, 0)
        worst = order.after.long_side if order.side == BUY else order.after.short_side
        if compare(order, POSITION_LIMIT, worst, most) or compare_part(order, POSITION_LIMIT, worst, order.equity, ppm):
            return deny(order, POSITION_LIMIT, worst, min(most, part_of(order.equity, ppm, &error)))
        if self.sizes.by_strategy and order.strategy != PERSON:
            return self.strategy_position(order, self.sizes.strategies[order.strategy].position_value_now)
        return APPROVED

    cdef int strategy_position(self, Order* order, int64_t limit) noexcept nogil:
        """C14 of one strategy: what it holds and what its own orders could make of that."""
        cdef Share* share = self.exposure.share_of(order.strategy, order.instrument)
        cdef int error = UNITS_OK
        cdef int64_t lots, worst
        if share is NULL:
            return deny(order, POSITION_LIMIT_INPUT, order.growth_lots, limit)
        if order.side == BUY:
            lots = share.position_lots + share.buy_lots
        else:
            lots = share.sell_lots - share.position_lots
        worst = side_worth(order.line, lots + order.growth_lots, &error)
        if error != UNITS_OK:
            return deny(order, POSITION_LIMIT_INPUT, order.growth_lots, limit)
        return compare(order, POSITION_LIMIT, worst, limit)

    @cython.overflowcheck(False)
    cdef int gross_exposure(self, Order* order) noexcept nogil:
        """C15a: the sum of all instruments' worst cases; an order that leaves it as it is passes."""
        cdef Line* line = order.line
        cdef int64_t ppm = self.sizes.now.gross_ppm
        cdef int error = self.exposure.unpriced_count - <int>line.unpriced
        cdef int64_t before, after, gross
        if order.shrinks or order.growth_lots == 0:
            return APPROVED
        before = max(line.worth.long_side, line.worth.short_side)
        after = max(order.after.long_side, order.after.short_side)
        gross = narrowed(self.exposure.gross_sum - <int128>before + <int128>after, &error)
        if error != UNITS_OK or part_overflows(order.equity, ppm):
            return deny(order, GROSS_EXPOSURE_INPUT, gross, 0)
        return compare_part(order, GROSS_EXPOSURE, gross, order.equity, ppm) if after > before else APPROVED

    @cython.overflowcheck(False)
    cdef int net_exposure(self, Order* order) noexcept nogil:
        """C15b: longs less shorts or the other way round, when only this side is filled; closing a hedge can add."""
        cdef Line* line = order.line
        cdef int64_t ppm = self.sizes.now.net_ppm
        cdef int error = order.after_error + self.exposure.unpriced_count - <int>line.unpriced
        cdef int128 net = self.exposure.net_short_sum - <int128>line.worth.net_short + <int128>order.after.net_short
        if order.growth_lots == 0 or (order.shrinks and order.strategy == PERSON):
            return APPROVED
        if order.side == BUY:
            net = self.exposure.net_long_sum - <int128>line.worth.net_long + <int128>order.after.net_long
        if error == UNITS_OK and net <= <int128>0:
            return APPROVED
        if error != UNITS_OK or order.equity_error != UNITS_OK or part_overflows(order.equity, ppm):
            return deny(order, NET_EXPOSURE_INPUT, narrowed(net, &error), 0)
        return compare_part(order, NET_EXPOSURE, narrowed(net, &error), order.equity, ppm)

    @cython.overflowcheck(False)
    cdef int funds_reserved(self, Order* order) noexcept nogil:
        """C16: the balance pays for what is reserved already and for this; an asset that is not there is zero."""
        cdef int asset = order.line.quote_asset if order.side == BUY else order.line.base_asset
        cdef int64_t balance = self.account.assets[asset].balance
        cdef int error = UNITS_OK
        cdef int64_t needed, more
        order.funds = funds_of(
            order.line, self.exposure.fee_ppm, order.side, order.sent_price_ticks, order.open_lots, &error
        )
        more = order.funds if order.slot is NULL else max(order.funds - order.slot.reserved_funds, 0)
        needed = narrowed(<int128>self.exposure.reserved_by_asset[asset] + <int128>more, &error)
        if error != UNITS_OK or balance < 0:
            return deny(order, FUNDS_RESERVED_INPUT, needed, balance)
        if more and needed > balance:
            return deny(order, FUNDS_RESERVED, needed, balance)
        return APPROVED
