"""What the venue accepts in an order of each instrument: steps, bounds, the smallest value, types that go together.

Scales say what the venue can print, these say what it takes from us; the two differ. A market order has no price of its
own, cannot rest and cannot be filled or killed whole: it leaves as an immediate one at the collar's edge.
"""

cimport cython
from libc.stdint cimport int64_t
from libc.stdlib cimport free

from hotpath.core.integers cimport int64_of
from hotpath.core.units cimport UNITS_OK, Scale, int128, money_down
from hotpath.orders.account cimport zeroed

cdef enum:
    TYPE_LIMIT = 1
    TYPE_MARKET = 2
    TIME_GTC = 1
    TIME_FOK = 3


@cython.final
cdef class Filters:
    """What the venue accepts in an order of each instrument: steps, bounds, smallest value, types."""

    def __cinit__(self, scales):
        cdef int index
        cdef Scale scale
        self.instruments_count = len(scales)
        self.filters = <Filter*>zeroed(self.instruments_count, sizeof(Filter))
        for index, scale in enumerate(scales):
            self.filters[index].decimals = scale.price_decimals + scale.quantity_decimals
            self.filters[index].price_step_ticks = self.filters[index].quantity_step_lots = 1

    def __dealloc__(self):
        free(self.filters)

    def set_filter(
        self,
        int64_t instrument,
        *,
        bint permitted,
        int64_t price_step_ticks,
        int64_t quantity_step_lots,
        int64_t lots_min,
        int64_t lots_max,
        int64_t market_lots_max,
        int64_t price_ticks_min,
        int64_t price_ticks_max,
        int64_t notional_min,
    ):
        """Take the rules of one instrument; a maximum of 0 is none, `notional_min` is money of the quote currency."""
        self.refuse(instrument)
        if price_step_ticks < 1 or quantity_step_lots < 1:
            raise ValueError(f"steps of {price_step_ticks} ticks and {quantity_step_lots} lots; expected at least 1")
        cdef Filter* rules = &self.filters[instrument]
        rules.permitted = permitted
        rules.price_step_ticks, rules.quantity_step_lots = price_step_ticks, quantity_step_lots
        rules.lots_min, rules.lots_max, rules.market_lots_max = lots_min, lots_max, market_lots_max
        rules.price_ticks_min, rules.price_ticks_max = price_ticks_min, price_ticks_max
        rules.notional_min = notional_min

    def is_permitted(self, int64_t instrument):
        """Return whether the instrument may be traded."""
        self.refuse(instrument)
        return self.filters[instrument].permitted

    def set_ready(self, int64_t instrument, ready):
        """Say whether the venue takes orders of an instrument now; None: nobody knows, as at first."""
        self.refuse(instrument)
        self.filters[instrument].ready = TOLD_NOTHING if ready is None else READY if ready else NOT_READY

    def set_killed(self, int64_t instrument, bint killed):
        """Say whether a person killed an instrument; new rules leave that as it is."""
        self.refuse(instrument)
        self.filters[instrument].killed = killed

    def is_well_formed(
        self,
        int64_t instrument,
        int side,
        int type,
        int time_in_force,
        bint post_only,
        int64_t price_ticks,
        int64_t lots,
        int64_t mid_ticks,
    ):
        """Return whether the venue would take such an order; a market order has price 0 and is valued at the mid."""
        self.refuse(instrument)
        return self.accepts(instrument, side, type, time_in_force, post_only, price_ticks, lots, mid_ticks)

    @cython.overflowcheck(False)
    cdef bint accepts(
        self, int64_t instrument, int side, int type, int time_in_force, bint post_only, int64_t price_ticks,
        int64_t lots, int64_t mid_ticks,
    ) noexcept nogil:
        """Return whether the venue would take such an order."""
        cdef Filter* rules = &self.filters[instrument]
        cdef int error = UNITS_OK
        cdef int64_t value_ticks = price_ticks if type == TYPE_LIMIT else mid_ticks
        cdef int64_t notional
        if (side != 1 and side != -1) or not TIME_GTC <= time_in_force <= TIME_FOK:
            return False
        if type == TYPE_LIMIT:
            if price_ticks <= 0 or price_ticks % rules.price_step_ticks or price_ticks < rules.price_ticks_min:
                return False
            if rules.price_ticks_max and price_ticks > rules.price_ticks_max:
                return False
            if post_only and time_in_force != TIME_GTC:
                return False
        elif type != TYPE_MARKET or price_ticks != 0 or post_only or time_in_force == TIME_FOK:
            return False
        elif rules.market_lots_max and lots > rules.market_lots_max:
            return False
        if lots <= 0 or lots % rules.quantity_step_lots or lots < rules.lots_min:
            return False
        if rules.lots_max and lots > rules.lots_max:
            return False
        notional = money_down(<int128>value_ticks * <int128>lots, rules.decimals, &error)
        return error != UNITS_OK or notional >= rules.notional_min

    cdef int refuse(self, int64_t instrument) except -1:
        """Raise ValueError for an instrument that is none of ours."""
        if not 0 <= instrument < self.instruments_count:
            raise ValueError(f"instrument {instrument} is unknown; there are 0 to {self.instruments_count - 1}")
        return 0


@cython.binding(False)
def check_arguments(lots, price_ticks, post_only, reduce_only):
    """Raise TypeError or OverflowError for arguments that are no order, whatever an instrument's rules are."""
    refuse_arguments(lots, price_ticks, post_only, reduce_only)


cdef int refuse_arguments(lots, price_ticks, post_only, reduce_only) except -1:
    """Raise TypeError or OverflowError for arguments that are no order, whatever an instrument's rules are."""
    refuse_number(lots)
    refuse_number(price_ticks)
    refuse_word(post_only)
    refuse_word(reduce_only)
    return 0


cdef inline int refuse_number(value) except -1:
    """Raise TypeError or OverflowError for what is no whole number of 64 bits; a bool is none."""
    if type(value) is not int:
        raise TypeError(f"lots and ticks are whole numbers (int), and {value!r} is a {type(value).__name__}")
    int64_of(value, "lots and ticks")
    return 0


cdef inline int refuse_word(value) except -1:
    """Raise TypeError for what is neither True nor False."""
    if value is not True and value is not False:
        raise TypeError(f"post_only and reduce_only are True or False, and {value!r} is a {type(value).__name__}")
    return 0
