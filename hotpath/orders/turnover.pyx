"""How much is traded in a day, how long a position is held, and whether a trade is expected to pay for itself.

What was traded today and since when a position is held are told from outside. The cost of a trade is the fee that is
reserved and the distance from the mid to the worst price at which it would be filled now; an order that rests costs the
fee alone. What makes a position smaller is held up by none of the three.
"""

cimport cython
from libc.stdint cimport int64_t
from libc.stdlib cimport free

from hotpath.core.units cimport UNITS_OK, int128
from hotpath.orders.account cimport zeroed
from hotpath.orders.denial cimport (
    APPROVED, EDGE_TO_COST, EDGE_TO_COST_INPUT, HOLD_TIME, TURNOVER, TURNOVER_INPUT,
)
from hotpath.orders.judged cimport MILLION, Order, compare_part, deny, narrowed
from hotpath.orders.line cimport BUY
from hotpath.orders.marks cimport Market, Marks
from hotpath.orders.told cimport NEVER_TOLD, TOLD, UNUSABLE, usable

cdef enum:
    TYPE_MARKET = 2
    BPS_PER_MILLION = 100       # millionths in a basis point
    EDGE_BPS_MAX = 1_000_000


@cython.final
cdef class Turnover:
    """Traded value, hold time and expected edge against their limits."""

    def __cinit__(self, Marks marks not None):
        self.marks = marks
        self.instruments_count = marks.instruments_count
        self.held_since_ns = <int64_t*>zeroed(self.instruments_count, sizeof(int64_t))

    def __dealloc__(self):
        free(self.held_since_ns)

    def set_bounds(self, *, int64_t hold_ns, int64_t turnover_ppm, int64_t edge_ratio_ppm):
        """Take the limits: a time, 0 for none; parts of equity and of cost in millionths, the latter 0 for none."""
        self.hold_ns, self.most_ppm, self.edge_ratio_ppm = hold_ns, turnover_ppm, edge_ratio_ppm

    def set_traded_today(self, value):
        """Say what was traded since midnight in risk currency; what is no amount cannot be used."""
        self.traded_told = TOLD
        self.traded = usable(value, 0, &self.traded_told)

    def set_held_since(self, int64_t instrument, int64_t time_ns):
        """Say since when a position is held; 0: there is none."""
        self.refuse(instrument)
        self.held_since_ns[instrument] = time_ns

    def overdue_ns(self, int64_t instrument, int64_t now_ns):
        """Return for how long a position should have been closed; 0 when it may be held."""
        self.refuse(instrument)
        cdef int64_t since_ns = self.held_since_ns[instrument]
        return max(now_ns - since_ns - self.hold_ns, 0) if self.hold_ns and since_ns else 0

    cdef int hold_time(self, Order* order) noexcept nogil:
        """C28: a position that is overdue may only become smaller."""
        cdef int64_t since_ns
        if self.hold_ns == 0 or order.shrinks:
            return APPROVED
        since_ns = self.held_since_ns[order.instrument]
        if since_ns == 0 or order.now_ns - since_ns <= self.hold_ns:
            return APPROVED
        return deny(order, HOLD_TIME, order.now_ns - since_ns, self.hold_ns)

    @cython.overflowcheck(False)
    cdef int turnover(self, Order* order) noexcept nogil:
        """C29: what was traded today and this order, over equity."""
        cdef int error = order.equity_error
        cdef int64_t value
        if self.traded_told == NEVER_TOLD or order.shrinks or order.growth_lots == 0:
            return APPROVED
        value = narrowed(<int128>self.traded + <int128>order.value, &error)
        if self.traded_told == UNUSABLE or error != UNITS_OK:
            return deny(order, TURNOVER_INPUT, self.traded, order.equity)
        return compare_part(order, TURNOVER, value, order.equity, self.most_ppm)

    @cython.overflowcheck(False)
    cdef int edge_to_cost(self, Order* order) noexcept nogil:
        """C29: what the strategy expects, in millionths of the mid, over what the trade costs."""
        cdef Market* market = &self.marks.markets[order.instrument]
        cdef int64_t fill_ticks = order.price_ticks
        cdef int128 twice_mid = <int128>market.bid_ticks + <int128>market.ask_ticks
        cdef int128 away                # from the mid to the price of the fill, in half ticks, against us
        cdef int128 cost, edge
        if self.edge_ratio_ppm == 0 or order.shrinks:
            return APPROVED
        if not 0 <= order.edge_bps <= EDGE_BPS_MAX:
            return deny(order, EDGE_TO_COST_INPUT, order.edge_bps, EDGE_BPS_MAX)
        if order.side == BUY:
            fill_ticks = market.ask_ticks if order.type == TYPE_MARKET else min(fill_ticks, market.ask_ticks)
            away = 2 * <int128>fill_ticks - twice_mid
        else:
            fill_ticks = market.bid_ticks if order.type == TYPE_MARKET else max(fill_ticks, market.bid_ticks)
            away = twice_mid - 2 * <int128>fill_ticks
        cost = twice_mid * <int128>self.marks.exposure.fee_ppm + max(away, <int128>0) * <int128>MILLION
        edge = twice_mid * <int128>(order.edge_bps * BPS_PER_MILLION)
        if edge * <int128>MILLION < cost * <int128>self.edge_ratio_ppm:
            return deny(order, EDGE_TO_COST, order.edge_bps, bps_of(cost * <int128>self.edge_ratio_ppm, twice_mid))
        return APPROVED

    cdef int refuse(self, int64_t instrument) except -1:
        """Raise ValueError for an instrument that is none of ours."""
        if not 0 <= instrument < self.instruments_count:
            raise ValueError(f"instrument {instrument} is unknown; there are 0 to {self.instruments_count - 1}")
        return 0


@cython.overflowcheck(False)
cdef int64_t bps_of(int128 needed, int128 twice_mid) noexcept nogil:
    """Return the edge that would have been enough, in basis points, rounded up."""
    return <int64_t>-(-needed // (twice_mid * <int128>MILLION * <int128>BPS_PER_MILLION))
