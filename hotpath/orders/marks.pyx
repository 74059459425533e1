"""Reference prices: the last quote of each instrument, and what follows from it for the collar, exposure and equity.

A quote comes tens of times for each order, so it is only noted; `price_dirty` prices the instruments that were quoted
since, when somebody asks. The mark is the mid of the last quote that was not crossed. It stays when the book goes
STALE: whether it is fresh enough to send an order is a question of hotpath.orders.limits. An asset is worth the mid of
the first instrument that trades it against the risk currency.
"""

cimport cython
from libc.stdint cimport INT64_MAX, int64_t
from libc.stdlib cimport free

from hotpath.core.units cimport Scale, int128
from hotpath.orders.account cimport Account, zeroed
from hotpath.orders.exposure cimport Exposure
from hotpath.orders.told cimport TOLD, usable

cdef enum:
    MILLION = 1_000_000
    COLLAR_PPM_MAX = 500_000


@cython.final
cdef class Marks:
    """The last quote of each instrument, and what follows from it: the collar, the worth of exposure, equity.

    A quote is only noted; it is priced when somebody asks. A mark is the mid of the last quote that was not crossed and
    stays when the book goes STALE.
    """

    def __cinit__(
        self, instruments, int risk_asset, int assets_max, int capacity, int64_t collar_ppm, int64_t fee_ppm=0,
        int strategies_count=0,
    ):
        cdef int index
        cdef Scale scale
        self.exposure = Exposure(instruments, assets_max, capacity, fee_ppm, strategies_count)
        self.account = Account(assets_max)
        self.instruments_count = len(instruments)
        self.markets = <Market*>zeroed(self.instruments_count, sizeof(Market))
        self.dirty = <int*>zeroed(self.instruments_count, sizeof(int))
        self.account.rate(risk_asset, 1, 1)
        priced = {risk_asset}
        for index, (scale, base_asset, quote_asset) in enumerate(instruments):
            self.markets[index].price_unit = <object>10 ** <object>scale.price_decimals
            self.markets[index].priced_asset = -1
            if quote_asset == risk_asset:
                self.exposure.rate(index, 1, 1)
            for asset, other, inverse in ((base_asset, quote_asset, False), (quote_asset, base_asset, True)):
                if other == risk_asset and asset not in priced:
                    priced.add(asset)
                    self.markets[index].priced_asset = asset
                    self.markets[index].inverse = inverse
        self.set_collar(collar_ppm)

    def __dealloc__(self):
        free(self.markets)
        free(self.dirty)

    def on_quote(self, int64_t instrument, int64_t bid_ticks, int64_t ask_ticks, int64_t time_ns):
        """Note the best prices of an instrument."""
        self.note(instrument, bid_ticks, ask_ticks, time_ns)

    cdef int note(self, int64_t instrument, int64_t bid_ticks, int64_t ask_ticks, int64_t time_ns) except -1:
        """Note the best prices of an instrument."""
        cdef Market* market
        if not 0 <= instrument < self.instruments_count:
            self.refuse(instrument)
        market = &self.markets[instrument]
        market.bid_ticks = bid_ticks
        market.ask_ticks = ask_ticks
        market.time_ns = time_ns
        self.touch(<int>instrument)
        return 0

    def on_depth(self, int64_t instrument, bid_lots, ask_lots, time_ns):
        """Note what stands in the best levels of each side; what is no count of lots cannot be used."""
        cdef Market* market
        cdef int told = TOLD
        self.refuse(instrument)
        market = &self.markets[instrument]
        market.bid_depth_lots = usable(bid_lots, 0, &told)
        market.ask_depth_lots = usable(ask_lots, 0, &told)
        market.depth_time_ns = usable(time_ns, 0, &told)
        market.depth_told = told

    def on_status(self, int64_t instrument, bint synchronised):
        """Note whether an instrument's book can be trusted now."""
        self.refuse(instrument)
        self.markets[instrument].synchronised = synchronised

    def set_collar(self, int64_t collar_ppm):
        """Change the collar of every instrument."""
        cdef int index
        if not 0 < collar_ppm <= COLLAR_PPM_MAX:
            raise ValueError(f"the collar is {collar_ppm} ppm; expected 1 to {COLLAR_PPM_MAX}")
        self.collar_ppm = collar_ppm
        for index in range(self.instruments_count):
            self.touch(index)

    def collar(self, int64_t instrument):
        """Return the lowest and highest price in ticks; (0, 0) without a mark."""
        self.refuse(instrument)
        self.price_dirty()
        return self.exposure.lines[instrument].low_ticks, self.exposure.lines[instrument].high_ticks

    def refresh(self):
        """Price what was quoted since the last time."""
        self.price_dirty()

    cdef void touch(self, int instrument) noexcept nogil:
        """Put an instrument on the list of those to be priced."""
        if not self.markets[instrument].dirty:
            self.markets[instrument].dirty = True
            self.dirty[self.dirty_count] = instrument
            self.dirty_count += 1

    cdef void price_dirty(self) noexcept nogil:
        """Price what was quoted since the last time."""
        while self.dirty_count:
            self.dirty_count -= 1
            self.price(self.dirty[self.dirty_count])

    @cython.overflowcheck(False)
    cdef void price(self, int instrument) noexcept nogil:
        """Price one instrument. A crossed or empty quote changes nothing; one too large for its collar is no price."""
        cdef Market* market = &self.markets[instrument]
        cdef int128 twice = <int128>market.bid_ticks + <int128>market.ask_ticks
        cdef int128 low = -(-twice * <int128>(MILLION - self.collar_ppm) // <int128>(2 * MILLION))
        cdef int128 high = twice * <int128>(MILLION + self.collar_ppm) // <int128>(2 * MILLION)
        market.dirty = False
        if not 0 < market.bid_ticks < market.ask_ticks:
            return
        if twice > <int128>INT64_MAX:
            twice = low = high = 0
        self.exposure.price(instrument, <int64_t>low, <int64_t>high)
        if market.priced_asset < 0:
            return
        if twice == 0:
            self.spread_rate(market.priced_asset, 0, 0)
        elif market.inverse:
            self.spread_rate(market.priced_asset, 2 * market.price_unit, <int64_t>twice)
        else:
            self.spread_rate(market.priced_asset, <int64_t>twice, 2 * market.price_unit)

    cdef void spread_rate(self, int asset, int64_t numerator, int64_t denominator) noexcept nogil:
        """Take an asset's rate where it is owned and where it is the quote currency."""
        cdef int index
        self.account.price(asset, numerator, denominator)
        for index in range(self.instruments_count):
            if self.exposure.lines[index].quote_asset == asset:
                self.exposure.convert(index, numerator, denominator)

    cdef int refuse(self, int64_t instrument) except -1:
        """Raise ValueError for an instrument that is none of ours."""
        if not 0 <= instrument < self.instruments_count:
            raise ValueError(f"instrument {instrument} is unknown; there are 0 to {self.instruments_count - 1}")
        return 0
