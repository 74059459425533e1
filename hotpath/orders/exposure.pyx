"""What could happen at worst: positions, what live orders reserve, and the funds that they tie up.

The worst case of a side is the position plus everything that is open, in flight, unknown or about to be cancelled on
that side; an amend counts with the larger of old and new, whose quantity the venue was told: fills leave it whole.
Buys never cancel out sells. Only `release` gives back, and the caller calls it on the venue's proof alone. Each
operation changes one slot, one line and the sums: constant time. What has the GIL raises; what has not says by its
result whether it worked. The limits stand in hotpath.orders.limits.
"""

cimport cython
from libc.stdint cimport INT64_MAX, int64_t
from libc.stdlib cimport free

from hotpath.core.units cimport UNITS_OK, UNITS_OVERFLOW, Scale, int128, money_down, money_up, wide
from hotpath.orders.account cimport converted, zeroed

from hotpath.core.units import lots_to_money

cdef enum:
    SLOTS_BITS = 16          # a handle is (serial, slot): a stale one is recognised
    SLOTS_MAX = 65_536
    MILLION = 1_000_000


@cython.final
cdef class Exposure:
    """What could happen at worst: positions, reservations of live orders, and the funds that they tie up.

    Instruments and assets are numbers. The worst case of a side is position + everything reserved on that side; buys
    and sells never cancel out. It is priced at the collar's edge, in risk currency, rounded up.
    """

    def __cinit__(self, instruments, int assets_max, int capacity, int64_t fee_ppm=0):
        cdef int index
        if not 1 <= capacity <= SLOTS_MAX:
            raise ValueError(f"capacity is {capacity}; expected 1 to {SLOTS_MAX} slots")
        if not 0 <= fee_ppm <= MILLION:
            raise ValueError(f"fee_ppm is {fee_ppm}; expected 0 to {MILLION}")
        self.slots = <Slot*>zeroed(capacity, sizeof(Slot))
        self.lines = <Line*>zeroed(len(instruments), sizeof(Line))
        self.reserved_by_asset = <int64_t*>zeroed(max(assets_max, 0), sizeof(int64_t))
        self.capacity = capacity
        self.instruments_count = len(instruments)
        self.assets_max = assets_max
        self.fee_ppm = fee_ppm
        for index in range(capacity):
            self.slots[index].next_free = index + 1 if index + 1 < capacity else -1
        for index, (scale, base_asset, quote_asset) in enumerate(instruments):
            self.start_line(&self.lines[index], scale, base_asset, quote_asset)

    def __dealloc__(self):
        free(self.slots)
        free(self.lines)
        free(self.reserved_by_asset)

    cdef int start_line(self, Line* line, Scale scale, int base_asset, int quote_asset) except -1:
        """Set up an instrument without position, price or rate."""
        if not (0 <= base_asset < self.assets_max and 0 <= quote_asset < self.assets_max):
            raise ValueError(f"assets {base_asset} and {quote_asset}; expected 0 to {self.assets_max - 1}")
        line.lot_money = lots_to_money(1, scale)
        line.decimals = scale.price_decimals + scale.quantity_decimals
        line.base_asset = base_asset
        line.quote_asset = quote_asset
        return 0

    cdef Slot* find(self, int64_t handle) noexcept nogil:
        """Return the slot of a live order, or NULL."""
        cdef int64_t index = handle & (SLOTS_MAX - 1)
        if handle <= 0 or index >= self.capacity or self.slots[index].handle != handle:
            return NULL
        return &self.slots[index]

    @cython.overflowcheck(False)
    cdef int64_t funds_of(self, Line* line, int side, int64_t price_ticks, int64_t lots, int* error) noexcept nogil:
        """Return what an order ties up: quote currency and a fee for a buy, base currency for a sell."""
        cdef int128 funds
        cdef int64_t value
        if side < 0:
            funds = <int128>lots * <int128>line.lot_money
        else:
            value = money_up(<int128>price_ticks * <int128>lots, line.decimals, error)
            if error[0] != UNITS_OK:
                return 0
            funds = <int128>value - (-(<int128>value * <int128>self.fee_ppm) // <int128>MILLION)
        if funds > <int128>INT64_MAX:
            error[0] = UNITS_OVERFLOW
            return 0
        return <int64_t>funds

    @cython.overflowcheck(False)
    cdef int worth_of(self, Line* line, int64_t position, int64_t buys, int64_t sells, Worth* worth) noexcept nogil:
        """Value what an instrument's worst cases would be with these lots; UNITS_OVERFLOW when it has no price."""
        cdef int error = UNITS_OK
        cdef int64_t long_lots = position + buys
        cdef int64_t short_lots = sells - position
        worth.long_side = worth.short_side = worth.net_long = worth.net_short = 0
        if position == 0 and buys == 0 and sells == 0:
            return UNITS_OK
        worth.net_long = side_worth(line, long_lots, &error)
        if error == UNITS_OK:
            worth.net_short = side_worth(line, short_lots, &error)
        worth.long_side = worth.net_long if worth.net_long > 0 else 0
        worth.short_side = worth.net_short if worth.net_short > 0 else 0
        return error

    @cython.overflowcheck(False)
    cdef void value(self, Line* line) noexcept nogil:
        """Value a line anew and keep the sums right."""
        cdef Worth worth
        cdef bint unpriced = self.worth_of(line, line.position_lots, line.buy_lots, line.sell_lots, &worth) != UNITS_OK
        if unpriced:
            worth.long_side = worth.short_side = worth.net_long = worth.net_short = 0
        self.gross_sum += <int128>max(worth.long_side, worth.short_side)
        self.gross_sum -= <int128>max(line.worth.long_side, line.worth.short_side)
        self.net_long_sum += <int128>worth.net_long - <int128>line.worth.net_long
        self.net_short_sum += <int128>worth.net_short - <int128>line.worth.net_short
        self.unpriced_count += <int>unpriced - <int>line.unpriced
        line.worth = worth
        line.unpriced = unpriced

    @cython.overflowcheck(False)
    cdef int hold(self, Slot* slot) noexcept nogil:
        """Reserve what a slot says now: the larger of the order and its amend. Nothing changes when it does not fit."""
        cdef int error = UNITS_OK
        cdef Line* line = &self.lines[slot.instrument]
        cdef int64_t* side_lots = &line.buy_lots if slot.side > 0 else &line.sell_lots
        cdef int64_t* reserved = &self.reserved_by_asset[line.quote_asset if slot.side > 0 else line.base_asset]
        cdef int64_t lots = max(slot.lots - slot.filled_lots, 0)
        cdef int64_t funds = self.funds_of(line, slot.side, slot.price_ticks, lots, &error)
        cdef int64_t amend_funds
        if slot.amend_lots > 0 and error == UNITS_OK:
            amend_funds = self.funds_of(line, slot.side, slot.amend_price_ticks, slot.amend_lots, &error)
            funds = max(funds, amend_funds)
            lots = max(lots, slot.amend_lots)
        if error != UNITS_OK or lots > lots_bound() - (side_lots[0] - slot.reserved_lots):
            return EXPOSURE_OVERFLOW
        if funds > INT64_MAX - (reserved[0] - slot.reserved_funds):
            return EXPOSURE_OVERFLOW
        side_lots[0] += lots - slot.reserved_lots
        reserved[0] += funds - slot.reserved_funds
        slot.reserved_lots, slot.reserved_funds = lots, funds
        self.value(line)
        return EXPOSURE_OK

    cdef int64_t take(self, int instrument, int side, int64_t price_ticks, int64_t lots) noexcept nogil:
        """Reserve an order in a free slot: its handle, EXPOSURE_FULL or EXPOSURE_OVERFLOW."""
        cdef int index = self.free_head
        cdef Slot* slot
        if index < 0:
            return EXPOSURE_FULL
        slot = &self.slots[index]
        slot.instrument = instrument
        slot.side = side
        slot.price_ticks = price_ticks
        slot.lots = lots
        slot.filled_lots = slot.amend_price_ticks = slot.amend_lots = slot.reserved_lots = slot.reserved_funds = 0
        slot.reduce_only = False
        if self.hold(slot) != EXPOSURE_OK:
            return EXPOSURE_OVERFLOW
        self.free_head = slot.next_free
        self.serial += 1
        slot.handle = (self.serial << SLOTS_BITS) | index
        self.open_count += 1
        self.lines[instrument].open_count += 1
        return slot.handle

    cdef int change(self, Slot* slot, int64_t price_ticks, int64_t lots) noexcept nogil:
        """Note an amend that is on its way."""
        cdef int64_t price_ticks_before = slot.amend_price_ticks
        cdef int64_t lots_before = slot.amend_lots
        slot.amend_price_ticks, slot.amend_lots = price_ticks, max(lots - slot.filled_lots, 0)
        if self.hold(slot) != EXPOSURE_OK:
            slot.amend_price_ticks, slot.amend_lots = price_ticks_before, lots_before
            return EXPOSURE_OVERFLOW
        return EXPOSURE_OK

    @cython.overflowcheck(False)
    cdef int shift(self, Line* line, int64_t lots) noexcept nogil:
        """Move a position by signed lots and value the line."""
        cdef int128 position = <int128>line.position_lots + <int128>lots
        if position > <int128>lots_bound() or position < -<int128>lots_bound():
            return EXPOSURE_OVERFLOW
        line.position_lots = <int64_t>position
        self.value(line)
        return EXPOSURE_OK

    cdef void drop(self, Slot* slot) noexcept nogil:
        """Give back what a live order had reserved and free its slot."""
        cdef Line* line = &self.lines[slot.instrument]
        cdef int index = <int>(slot.handle & (SLOTS_MAX - 1))
        slot.lots = slot.filled_lots = slot.amend_lots = 0
        self.hold(slot)
        line.open_count -= 1
        self.open_count -= 1
        slot.handle = 0
        slot.next_free = self.free_head
        self.free_head = index

    cdef void price(self, int instrument, int64_t low_ticks, int64_t high_ticks) noexcept nogil:
        """Take the collar's edges of an instrument."""
        cdef Line* line = &self.lines[instrument]
        line.low_ticks, line.high_ticks = low_ticks, high_ticks
        self.value(line)

    cdef void convert(self, int instrument, int64_t numerator, int64_t denominator) noexcept nogil:
        """Take the rate of an instrument's quote currency."""
        cdef Line* line = &self.lines[instrument]
        line.rate_numerator, line.rate_denominator = numerator, denominator
        self.value(line)

    cdef Line* line_of(self, int64_t instrument) except NULL:
        """Return an instrument's line or raise ValueError."""
        if not 0 <= instrument < self.instruments_count:
            raise ValueError(f"instrument {instrument} is unknown; there are 0 to {self.instruments_count - 1}")
        return &self.lines[instrument]

    cdef Slot* slot_of(self, int64_t handle) except NULL:
        """Return a live order's slot or raise KeyError."""
        cdef Slot* slot = self.find(handle)
        if slot is NULL:
            raise KeyError(f"handle {handle} is not in use: the order is over, or was never reserved")
        return slot

    @property
    def gross(self):
        """Sum of the larger worst case of each instrument; None when one has no price."""
        return None if self.unpriced_count else wide(self.gross_sum)

    @property
    def net(self):
        """Worst case of long minus short, or of short minus long, whichever is larger; None when one has no price."""
        return None if self.unpriced_count else max(wide(self.net_long_sum), wide(self.net_short_sum))

    def worst_lots(self, int64_t instrument):
        """Return the worst case of (buying, selling) in lots; negative where the position is on the other side."""
        cdef Line* line = self.line_of(instrument)
        return line.position_lots + line.buy_lots, line.sell_lots - line.position_lots

    def worst_value(self, int64_t instrument):
        """Return the worst case of (long, short) in risk currency, at least 0 each; None when it has no price."""
        cdef Line* line = self.line_of(instrument)
        return None if line.unpriced else (line.worth.long_side, line.worth.short_side)

    def position_lots(self, int64_t instrument):
        """Return the position, signed."""
        return self.line_of(instrument).position_lots

    def open_orders(self, int64_t instrument):
        """Return how many slots the instrument uses."""
        return self.line_of(instrument).open_count

    def reserved(self, int64_t asset):
        """Return the money of an asset that live orders tie up."""
        if not 0 <= asset < self.assets_max:
            raise ValueError(f"asset {asset} is unknown; there are 0 to {self.assets_max - 1}")
        return self.reserved_by_asset[asset]

    def order(self, int64_t handle):
        """Return (instrument, side, price_ticks, lots, filled_lots) of a live order, or raise KeyError."""
        cdef Slot* slot = self.slot_of(handle)
        return slot.instrument, slot.side, slot.price_ticks, slot.lots, slot.filled_lots

    def is_open(self, int64_t handle):
        """Return whether the handle is in use."""
        return self.find(handle) is not NULL

    def reserve(self, int64_t instrument, int side, int64_t price_ticks, int64_t lots, int64_t filled_lots=0):
        """Reserve an order's worst case and return its handle, which is never given again, or raise OverflowError."""
        self.line_of(instrument)
        refuse_order(side, price_ticks, lots if 0 <= filled_lots < lots else 0)
        cdef int64_t handle = self.take(<int>instrument, side, price_ticks, lots - filled_lots)
        cdef Slot* slot = self.find(handle)
        if handle == EXPOSURE_FULL:
            raise OverflowError(f"all {self.capacity} slots are in use; wait for an end or raise the capacity")
        refuse_size(handle == EXPOSURE_OVERFLOW, price_ticks, lots)
        slot.lots, slot.filled_lots = lots, filled_lots
        return handle

    def amend(self, int64_t handle, int64_t price_ticks, int64_t lots):
        """Reserve the larger of what the order is and what it shall be; `lots` is its whole quantity."""
        cdef Slot* slot = self.slot_of(handle)
        refuse_order(slot.side, price_ticks, lots)
        refuse_size(self.change(slot, price_ticks, lots) != EXPOSURE_OK, price_ticks, lots)

    def settle(self, int64_t handle, int64_t price_ticks, int64_t lots):
        """Say what the order is after an amend was accepted or refused."""
        cdef Slot* slot = self.slot_of(handle)
        refuse_order(slot.side, price_ticks, lots)
        cdef Slot before = slot[0]
        slot.price_ticks = price_ticks
        slot.lots = lots
        slot.amend_lots = 0
        if self.hold(slot) != EXPOSURE_OK:
            slot[0] = before
            refuse_size(True, price_ticks, lots)

    def fill(self, int64_t handle, int64_t lots, int64_t leaves_lots=0):
        """Turn reserved lots into position and return what is still open: no less than the report's `leaves_lots`."""
        cdef Slot* slot = self.slot_of(handle)
        if lots <= 0 or lots > INT64_MAX - slot.filled_lots:
            raise ValueError(f"a fill of {lots} lots after {slot.filled_lots}; expected at least 1")
        if self.shift(&self.lines[slot.instrument], slot.side * lots) != EXPOSURE_OK:
            raise OverflowError(f"a position with {lots} lots more does not fit: the most is {lots_bound()} lots")
        slot.filled_lots += lots
        if lots_bound() > leaves_lots > slot.lots - slot.filled_lots:
            slot.lots = slot.filled_lots + leaves_lots
        self.hold(slot)
        return max(slot.lots - slot.filled_lots, 0)

    def release(self, int64_t handle):
        """Give back what an order that is over had reserved; False when the handle was not in use."""
        cdef Slot* slot = self.find(handle)
        if slot is NULL:
            return False
        self.drop(slot)
        return True

    def move(self, int64_t instrument, int64_t lots):
        """Change a position by signed lots that no live order had reserved."""
        if self.shift(self.line_of(instrument), lots) != EXPOSURE_OK:
            raise OverflowError(f"a position with {lots} lots more does not fit: the most is {lots_bound()} lots")

    @cython.overflowcheck(False)
    def take_fee(self, int64_t instrument, int64_t base_fee):
        """Take a fee in base currency off the position; what is below a lot waits."""
        cdef Line* line = self.line_of(instrument)
        cdef int128 rest = <int128>line.base_rest + <int128>base_fee
        cdef int128 lots = rest // <int128>line.lot_money
        self.move(instrument, -<int64_t>lots)
        line.base_rest = <int64_t>(rest - lots * <int128>line.lot_money)

    def mark(self, int64_t instrument, int64_t low_ticks, int64_t high_ticks):
        """Price an instrument: the collar's edges; 0 and 0 when there is no price."""
        self.line_of(instrument)
        if not 0 <= low_ticks <= high_ticks:
            raise ValueError(f"the collar is {low_ticks} to {high_ticks} ticks; expected 0 <= low <= high")
        self.price(<int>instrument, low_ticks, high_ticks)

    def rate(self, int64_t instrument, int64_t numerator, int64_t denominator):
        """Say what its quote currency is worth in risk currency, as a ratio; 0 / 0 when nobody knows."""
        self.line_of(instrument)
        self.convert(<int>instrument, numerator, denominator)

    def check(self):
        """Raise AssertionError when a sum is not the sum of its parts."""
        cdef int index
        lines = [self.lines[index] for index in range(self.instruments_count)]
        slots = [self.slots[index] for index in range(self.capacity) if self.slots[index].handle]
        assert self.open_count == len(slots), f"open_count {self.open_count}, {len(slots)} slots are in use"
        for index, line in enumerate(lines):
            mine = [slot for slot in slots if slot["instrument"] == index]
            for side, reserved_lots in ((1, line["buy_lots"]), (-1, line["sell_lots"])):
                total = sum([slot["reserved_lots"] for slot in mine if slot["side"] == side])
                assert reserved_lots == total, f"instrument {index} side {side}: {reserved_lots}, slots say {total}"
            assert line["open_count"] == len(mine), f"instrument {index}: {line['open_count']} open, {len(mine)} slots"
        worths = [line["worth"] for line in lines]
        assert wide(self.gross_sum) == sum([max(worth["long_side"], worth["short_side"]) for worth in worths]), "gross"
        assert wide(self.net_long_sum) == sum([worth["net_long"] for worth in worths]), "net long"
        assert wide(self.net_short_sum) == sum([worth["net_short"] for worth in worths]), "net short"
        assert self.unpriced_count == sum([line["unpriced"] for line in lines]), "instruments without a price"
        tied_up = [0] * self.assets_max
        for slot in slots:
            line = lines[slot["instrument"]]
            tied_up[line["quote_asset"] if slot["side"] > 0 else line["base_asset"]] += slot["reserved_funds"]
        assert tied_up == [self.reserved_by_asset[index] for index in range(self.assets_max)], "funds by asset"


@cython.overflowcheck(False)
cdef int64_t side_worth(Line* line, int64_t lots, int* error) noexcept nogil:
    """Return signed lots in risk currency: what could be ours at the high edge, what offsets it at the low one."""
    cdef int64_t money
    if line.high_ticks <= 0 or line.rate_numerator <= 0:
        error[0] = UNITS_OVERFLOW
        return 0
    if lots >= 0:
        money = money_up(<int128>lots * <int128>line.high_ticks, line.decimals, error)
        return converted(money, line.rate_numerator, line.rate_denominator, True, error) if error[0] == UNITS_OK else 0
    money = money_down(-<int128>lots * <int128>line.low_ticks, line.decimals, error)
    return -converted(money, line.rate_numerator, line.rate_denominator, False, error) if error[0] == UNITS_OK else 0


cdef int refuse_order(int side, int64_t price_ticks, int64_t lots) except -1:
    """Raise ValueError for what cannot be an order."""
    if side != 1 and side != -1:
        raise ValueError(f"side is {side}; expected 1 to buy or -1 to sell")
    if price_ticks <= 0 or lots <= 0:
        raise ValueError(f"an order of {lots} lots at {price_ticks} ticks: both must be positive")
    return 0


cdef int refuse_size(bint refused, int64_t price_ticks, int64_t lots) except -1:
    """Raise OverflowError when a reservation was refused."""
    if refused:
        raise OverflowError(f"{lots} lots at {price_ticks} ticks do not fit beside what is reserved already")
    return 0
