"""What options make of a portfolio: delta, gamma and vega at worst, by underlying and in all, before an order leaves.

Greeks are told from outside, per whole contract and in the risk currency: the value of the underlying that it moves
like, the change of that for one percent, the change of its own value for one point of volatility; so those of several
underlyings add up. The worst case takes each instrument after all its open buys or after all its open sells, whichever
is further out. Sums are integers and follow each change of a reservation, so nothing drifts and nothing is summed when
an order comes. An instrument that is no option is skipped and counted, unless somebody tells its Greeks.
"""

cimport cython
from libc.math cimport fabs, isfinite, llround
from libc.stdint cimport int64_t
from libc.stdlib cimport free

from hotpath.core.units cimport UNITS_OK, int128
from hotpath.orders.account cimport zeroed
from hotpath.orders.denial cimport APPROVED, DELTA_LIMIT, GAMMA_LIMIT, GREEKS_INPUT, VEGA_LIMIT
from hotpath.orders.exposure cimport Exposure
from hotpath.orders.judged cimport Order, compare, deny, hundredths, narrowed
from hotpath.orders.line cimport BUY, Line
from hotpath.orders.told cimport NEVER_TOLD, TOLD, UNUSABLE

cdef enum:
    MONEY_ONE = 100_000_000
    PERCENT = 100
    NO_UNDERLYING = -1

cdef double LOT_MAX = 4.0e18  # ratio: a Greek
cdef int128 VALUE_MAX = <int128>1 << 110   # so that the sum over every instrument fits


@cython.final
cdef class Greeks:
    """The Greeks of positions and open orders, and their limits in money of the risk currency."""

    def __cinit__(self, Exposure exposure not None):
        cdef int index
        self.exposure = exposure
        self.options = <Option*>zeroed(exposure.instruments_count, sizeof(Option))
        self.underlyings = <Sums*>zeroed(exposure.instruments_count, sizeof(Sums))
        self.part_pct = PERCENT
        for index in range(exposure.instruments_count):
            self.options[index].underlying = NO_UNDERLYING

    def __dealloc__(self):
        free(self.options)
        free(self.underlyings)

    def set_bounds(self, *, each, total, int64_t age_ns):
        """Take the limits of (delta, gamma, vega) of one underlying and of all, and the age of a usable word."""
        cdef int greek
        for greek in range(GREEKS):
            self.each_max[greek], self.total_max[greek] = each[greek], total[greek]
        self.age_ns = age_ns
        self.set_part(self.part_pct)

    def set_option(self, int64_t instrument, int underlying, int64_t contract_lots, bint is_option=True):
        """Say which underlying an instrument depends on, numbered from 0, and how many lots are a whole contract."""
        cdef Option* option = self.option_of(instrument)
        if not 0 <= underlying < self.exposure.instruments_count or contract_lots < 1:
            raise ValueError(f"underlying {underlying}, {contract_lots} lots in a contract; expected a number and lots")
        self.take_out(<int>instrument)
        option.underlying, option.contract_lots, option.is_option = underlying, contract_lots, is_option
        self.exposure.watch(<int>instrument)
        self.on = True
        self.put_in(<int>instrument)

    def set_greeks(self, int64_t instrument, delta, gamma, vega, int64_t time_ns=0):
        """Say the Greeks of a whole contract; what is no finite number of a sane size cannot be used.

        `time_ns` is when they held; 0 when they do not age.
        """
        cdef Option* option = self.option_of(instrument)
        cdef int greek
        cdef int told = TOLD
        cdef int64_t lot[3]
        if option.underlying == NO_UNDERLYING:
            raise ValueError(f"instrument {instrument} has no underlying; say set_option first")
        for greek, value in enumerate((delta, gamma, vega)):
            lot[greek] = self.lot_of(option, value, &told)
        self.take_out(<int>instrument)
        for greek in range(GREEKS):
            option.lot[greek] = lot[greek]
        option.told, option.time_ns = told, time_ns
        self.put_in(<int>instrument)

    def worst(self, int greek, int underlying=NO_UNDERLYING):
        """Return the worst case of a Greek (0 delta, 1 gamma, 2 vega) of one underlying, or of all."""
        cdef Sums* sums = &self.total
        cdef int error = UNITS_OK
        if not 0 <= greek < GREEKS or not NO_UNDERLYING <= underlying < self.exposure.instruments_count:
            raise ValueError(f"Greek {greek} of underlying {underlying}; expected 0 to {GREEKS - 1}, and a number")
        self.catch_up()
        if underlying != NO_UNDERLYING:
            sums = &self.underlyings[underlying]
        cdef int64_t worst = narrowed(money_of(max(sums.up[greek], sums.down[greek])), &error)
        return None if self.unknown_count or error != UNITS_OK else worst

    cdef int64_t lot_of(self, Option* option, value, int* told) except? -1:
        """Return what a lot adds; `told` is UNUSABLE for what is no finite number of a sane size."""
        cdef double lot  # ratio: a Greek
        if type(value) is not float and type(value) is not int:  # ratio: a Greek
            told[0] = UNUSABLE
            return 0
        try:
            lot = <double>value * MONEY_ONE * (1 << FRACTION_BITS) / option.contract_lots  # ratio: a Greek of a lot
        except OverflowError:
            lot = LOT_MAX
        if not isfinite(lot) or fabs(lot) >= LOT_MAX:
            told[0] = UNUSABLE
            return 0
        return llround(lot)

    cdef void set_part(self, int64_t part_pct) noexcept nogil:
        """Leave a part of the limits."""
        cdef int greek
        self.part_pct = part_pct
        for greek in range(GREEKS):
            self.each_now[greek] = hundredths(self.each_max[greek], part_pct)
            self.total_now[greek] = hundredths(self.total_max[greek], part_pct)

    cdef int check(self, Order* order) noexcept nogil:
        """Compare each Greek of the underlying and of all, at worst, with its limit."""
        cdef Option* option = &self.options[order.instrument]
        cdef int64_t age_ns = order.now_ns - option.time_ns
        cdef bint aged
        if option.underlying == NO_UNDERLYING:
            self.skipped_count += 1
            return APPROVED
        if order.exempt or order.growth_lots == 0:
            return APPROVED
        self.catch_up()
        aged = option.time_ns and not 0 <= age_ns <= self.age_ns
        if option.told != TOLD or aged or self.unknown_count:
            if order.shrinks or (option.told == NEVER_TOLD and not option.is_option):
                return APPROVED
            return deny(order, GREEKS_INPUT, age_ns if aged else self.unknown_count, self.age_ns if aged else 0)
        return (
            self.compare_greek(order, option, DELTA, DELTA_LIMIT)
            or self.compare_greek(order, option, GAMMA, GAMMA_LIMIT)
            or self.compare_greek(order, option, VEGA, VEGA_LIMIT)
        )

    @cython.overflowcheck(False)
    cdef int compare_greek(self, Order* order, Option* option, int greek, int code) noexcept nogil:
        """Compare one Greek of the underlying and of all, as they would be, where the order makes them worse."""
        cdef Line* line = order.line
        cdef int128 buys = <int128>line.position_lots + <int128>line.buy_lots
        cdef int128 sells = <int128>line.position_lots - <int128>line.sell_lots
        cdef int128 lot = <int128>option.lot[greek]
        cdef int128 up, down
        if order.side == BUY:
            buys += <int128>order.growth_lots
        else:
            sells -= <int128>order.growth_lots
        up = max(lot * buys, lot * sells) - option.up[greek]
        down = -min(lot * buys, lot * sells) - option.down[greek]
        return self.compare_sums(
            order, &self.underlyings[option.underlying], greek, up, down, code, self.each_now[greek]
        ) or self.compare_sums(order, &self.total, greek, up, down, code, self.total_now[greek])

    @cython.overflowcheck(False)
    cdef int compare_sums(
        self, Order* order, Sums* sums, int greek, int128 up, int128 down, int code, int64_t limit
    ) noexcept nogil:
        """Compare the worse side with a limit, if it becomes worse by `up` or `down`."""
        cdef int error = UNITS_OK
        cdef int128 worse = 0
        cdef int64_t observed
        if up > <int128>0:
            worse = sums.up[greek] + up
        if down > <int128>0:
            worse = max(worse, sums.down[greek] + down)
        observed = narrowed(money_of(worse), &error)
        if error != UNITS_OK:
            return deny(order, GREEKS_INPUT, 0, limit)
        return compare(order, code, observed, limit)

    cdef void catch_up(self) noexcept nogil:
        """Put what changed since the last time into the sums."""
        cdef int instrument
        while self.exposure.changed_count:
            self.exposure.changed_count -= 1
            instrument = self.exposure.changed[self.exposure.changed_count]
            self.exposure.lines[instrument].changed = False
            self.take_out(instrument)
            self.put_in(instrument)

    @cython.overflowcheck(False)
    cdef void take_out(self, int instrument) noexcept nogil:
        """Take what an instrument adds out of the sums."""
        cdef Option* option = &self.options[instrument]
        cdef int greek
        self.unknown_count -= <int>option.unknown
        option.unknown = False
        for greek in range(GREEKS):
            if option.underlying != NO_UNDERLYING:
                self.underlyings[option.underlying].up[greek] -= option.up[greek]
                self.underlyings[option.underlying].down[greek] -= option.down[greek]
            self.total.up[greek] -= option.up[greek]
            self.total.down[greek] -= option.down[greek]
            option.up[greek] = option.down[greek] = 0

    @cython.overflowcheck(False)
    cdef void put_in(self, int instrument) noexcept nogil:
        """Put what an instrument adds now into the sums; what is too large to add is as good as unknown."""
        cdef Option* option = &self.options[instrument]
        cdef Line* line = &self.exposure.lines[instrument]
        cdef int128 buys = <int128>line.position_lots + <int128>line.buy_lots
        cdef int128 sells = <int128>line.position_lots - <int128>line.sell_lots
        cdef int128 first, second
        cdef int greek
        if buys == <int128>0 and sells == <int128>0:
            return
        option.unknown = option.told == UNUSABLE or (option.is_option and option.told == NEVER_TOLD)
        for greek in range(GREEKS):
            first, second = <int128>option.lot[greek] * buys, <int128>option.lot[greek] * sells
            if max(first, second) > VALUE_MAX or min(first, second) < -VALUE_MAX:
                option.unknown = True
            else:
                option.up[greek], option.down[greek] = max(first, second), -min(first, second)
                self.underlyings[option.underlying].up[greek] += option.up[greek]
                self.underlyings[option.underlying].down[greek] += option.down[greek]
                self.total.up[greek] += option.up[greek]
                self.total.down[greek] += option.down[greek]
        self.unknown_count += <int>option.unknown

    cdef Option* option_of(self, int64_t instrument) except NULL:
        """Return what is known of an instrument or raise ValueError."""
        if not 0 <= instrument < self.exposure.instruments_count:
            raise ValueError(f"instrument {instrument} is unknown; there are {self.exposure.instruments_count}")
        return &self.options[instrument]


@cython.overflowcheck(False)
cdef int128 money_of(int128 value) noexcept nogil:
    """Return a sum as money, rounded up."""
    return -(-value >> FRACTION_BITS)
