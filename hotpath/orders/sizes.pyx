"""How large an order, a position and exposure may be: the limits as they were told, and as they are in force.

The trading state decides what is left of them: in CAUTIOUS a part of what sizes orders, positions and exposure, in
PROTECTIVE a part of an order's value. What is counted over a day or a second stays, because what was done already would
deny everything. Instruments and strategies may have tighter limits. All of it is worked out when it changes, so an
order only compares.
"""

cimport cython
from libc.stdint cimport INT64_MAX, int64_t
from libc.stdlib cimport free

from hotpath.orders.account cimport zeroed
from hotpath.orders.exposure cimport Exposure
from hotpath.orders.judged cimport hundredths
from hotpath.orders.line cimport Line

cdef enum:
    PERCENT = 100


@cython.final
cdef class Sizes:
    """The limits of sizes. Times are ns, values money of the risk currency, parts of equity and depth millionths."""

    def __cinit__(self, Exposure exposure not None, int strategies_count):
        cdef int index
        self.exposure = exposure
        self.strategies_count = strategies_count
        self.instruments = <Part*>zeroed(exposure.instruments_count, sizeof(Part))
        self.strategies = <Part*>zeroed(strategies_count, sizeof(Part))
        for index in range(exposure.instruments_count):
            self.instruments[index].order_value = self.instruments[index].position_value = INT64_MAX
        for index in range(strategies_count):
            self.strategies[index].order_value = self.strategies[index].position_value = INT64_MAX
        self.state = STATE_EMERGENCY

    def __dealloc__(self):
        free(self.instruments)
        free(self.strategies)

    def set_bounds(
        self,
        *,
        int64_t age_ns,
        int64_t cautious_age_ns,
        int64_t cautious_pct,
        int64_t protective_pct,
        int64_t order_value,
        int64_t depth_ppm,
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
        """Take the limits; what was counted and reserved stays."""
        self.base = Bounds(
            age_ns, cautious_age_ns, cautious_pct, protective_pct, order_value, depth_ppm, duplicate_window_ns,
            open_instrument, open_all, daily, position_ppm, position_value, gross_ppm, net_ppm, warn_pct,
        )  # fmt: skip
        self.lay()

    def set_state(self, int64_t state, bint crashed=False):
        """Take the trading state; after a crash CAUTIOUS knows every instrument that is configured."""
        cdef int index
        cdef Line* line
        if state == STATE_CAUTIOUS and self.state != STATE_CAUTIOUS:
            for index in range(self.exposure.instruments_count):
                line = &self.exposure.lines[index]
                self.instruments[index].known = crashed or line.position_lots != 0 or line.open_count != 0
        self.state = state
        self.lay()

    def tighten_instrument(self, int64_t instrument, int64_t order_value, int64_t position_value):
        """Give an instrument limits of its own; those of all bind as well."""
        if not 0 <= instrument < self.exposure.instruments_count:
            raise ValueError(f"instrument {instrument} is unknown; there are {self.exposure.instruments_count}")
        self.instruments[instrument].order_value = order_value
        self.instruments[instrument].position_value = position_value
        self.lay()

    def tighten_strategy(self, int64_t strategy, int64_t order_value, int64_t position_value):
        """Give a strategy limits of its own: for an order, and for what it holds and may hold in an instrument."""
        if not 0 <= strategy < self.strategies_count:
            raise ValueError(f"strategy {strategy} is unknown; there are 0 to {self.strategies_count - 1}")
        self.strategies[strategy].order_value = order_value
        self.strategies[strategy].position_value = position_value
        self.by_strategy = True
        self.lay()

    def loosen(self):
        """Take away every limit that an instrument or a strategy has of its own."""
        cdef int index
        for index in range(self.exposure.instruments_count):
            self.instruments[index].order_value = self.instruments[index].position_value = INT64_MAX
        for index in range(self.strategies_count):
            self.strategies[index].order_value = self.strategies[index].position_value = INT64_MAX
        self.by_strategy = False
        self.lay()

    cdef int64_t part_pct(self) noexcept nogil:
        """Return what the trading state leaves of sizes."""
        return self.base.cautious_pct if self.state == STATE_CAUTIOUS else PERCENT

    cdef int lay(self) except -1:
        """Work out what is in force."""
        cdef int64_t part_pct = self.part_pct()
        cdef int64_t value_pct = self.base.protective_pct if self.state == STATE_PROTECTIVE else part_pct
        cdef int index
        self.now = self.base
        if self.state == STATE_CAUTIOUS:
            self.now.age_ns = min(self.base.age_ns, self.base.cautious_age_ns)
        self.now.order_value = hundredths(self.base.order_value, value_pct)
        self.now.depth_ppm = hundredths(self.base.depth_ppm, part_pct)
        self.now.open_instrument = -hundredths(-self.base.open_instrument, part_pct)  # rounded up: one is always left
        self.now.open_all = -hundredths(-self.base.open_all, part_pct)
        self.now.position_ppm = hundredths(self.base.position_ppm, part_pct)
        self.now.position_value = hundredths(self.base.position_value, part_pct)
        self.now.gross_ppm = hundredths(self.base.gross_ppm, part_pct)
        self.now.net_ppm = hundredths(self.base.net_ppm, part_pct)
        for index in range(self.exposure.instruments_count):
            self.lay_part(&self.instruments[index], value_pct)
        for index in range(self.strategies_count):
            self.lay_part(&self.strategies[index], value_pct)
        return 0

    cdef int lay_part(self, Part* part, int64_t value_pct) except -1:
        """Work out what is in force of the limits of an instrument or a strategy: the tighter of its own and all's."""
        part.order_value_now = hundredths(min(part.order_value, self.base.order_value), value_pct)
        part.position_value_now = hundredths(min(part.position_value, self.base.position_value), self.part_pct())
        return 0
