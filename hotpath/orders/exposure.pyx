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

from hotpath.core.units cimport UNITS_OK, Scale, int128, wide
from hotpath.orders.account cimport zeroed
from hotpath.orders.line cimport BUY, Line, Own, Share, Slot, Worth, funds_of, lots_bound, worth_of
from hotpath.orders.own_prices cimport best_own, join_own, leave_own, reprice_own
from hotpath.orders.slots cimport Slots, refuse_order, refuse_size

from hotpath.core.units import lots_to_money

cdef enum:
    MILLION = 1_000_000


@cython.final
cdef class Exposure:
    """What could happen at worst: positions, reservations of live orders, and the funds that they tie up.

    Instruments and assets are numbers. The worst case of a side is position + everything reserved on that side; buys
    and sells never cancel out. It is priced at the collar's edge, in risk currency, rounded up.
    """

    def __cinit__(self, instruments, int assets_max, int capacity, int64_t fee_ppm=0, int strategies_count=0):
        cdef int index
        self.slots = Slots(capacity)
        if not 0 <= fee_ppm <= MILLION:
            raise ValueError(f"fee_ppm is {fee_ppm}; expected 0 to {MILLION}")
        if assets_max < 0 or strategies_count < 0:
            raise ValueError(f"{assets_max} assets, {strategies_count} strategies; expected none or more")
        self.lines = <Line*>zeroed(len(instruments), sizeof(Line))
        self.shares = <Share*>zeroed(strategies_count * len(instruments), sizeof(Share))
        self.reserved_by_asset = <int64_t*>zeroed(assets_max, sizeof(int64_t))
        self.changed = <int*>zeroed(len(instruments), sizeof(int))
        self.strategies_count = strategies_count
        self.instruments_count = len(instruments)
        self.assets_max = assets_max
        self.fee_ppm = fee_ppm
        for index, (scale, base_asset, quote_asset) in enumerate(instruments):
            self.start_line(&self.lines[index], scale, base_asset, quote_asset)

    def __dealloc__(self):
        free(self.lines)
        free(self.shares)
        free(self.changed)
        free(self.reserved_by_asset)

    cdef int start_line(self, Line* line, Scale scale, int base_asset, int quote_asset) except -1:
        """Set up an instrument without position, price or rate."""
        if not (0 <= base_asset < self.assets_max and 0 <= quote_asset < self.assets_max):
            raise ValueError(f"assets {base_asset} and {quote_asset}; expected 0 to {self.assets_max - 1}")
        line.lot_money = lots_to_money(1, scale)
        line.decimals = scale.price_decimals + scale.quantity_decimals
        line.base_asset = base_asset
        line.quote_asset = quote_asset
        line.buys.head = line.sells.head = -1
        return 0

    cdef void value(self, Line* line) noexcept nogil:
        """Value a line anew and keep the sums right."""
        cdef Worth worth
        cdef bint unpriced = worth_of(line, line.position_lots, line.buy_lots, line.sell_lots, &worth) != UNITS_OK
        if unpriced:
            worth.long_side = worth.short_side = worth.net_long = worth.net_short = 0
        self.put(line, &worth, unpriced)

    @cython.overflowcheck(False)
    cdef void put(self, Line* line, Worth* worth, bint unpriced) noexcept nogil:
        """Take a line's worth into the sums, and note that it changed where somebody watches."""
        if line.watched and not line.changed:
            line.changed = True
            self.changed[self.changed_count] = <int>(line - self.lines)
            self.changed_count += 1
        self.gross_sum += <int128>max(worth.long_side, worth.short_side)
        self.gross_sum -= <int128>max(line.worth.long_side, line.worth.short_side)
        self.net_long_sum += <int128>worth.net_long - <int128>line.worth.net_long
        self.net_short_sum += <int128>worth.net_short - <int128>line.worth.net_short
        self.unpriced_count += <int>unpriced - <int>line.unpriced
        line.worth = worth[0]
        line.unpriced = unpriced

    cdef int hold(self, Slot* slot) noexcept nogil:
        """Reserve what a slot says now: the larger of the order and its amend. Nothing changes when it does not fit."""
        cdef int error = UNITS_OK
        cdef Line* line = &self.lines[slot.instrument]
        cdef int64_t lots = max(slot.lots - slot.filled_lots, 0)
        cdef int64_t funds = funds_of(line, self.fee_ppm, slot.side, slot.price_ticks, lots, &error)
        cdef int64_t amend_funds
        if slot.amend_lots and error == UNITS_OK:
            amend_funds = funds_of(line, self.fee_ppm, slot.side, slot.amend_price_ticks, slot.amend_lots, &error)
            funds = max(funds, amend_funds)
            lots = max(lots, slot.amend_lots)
        if error != UNITS_OK:
            return EXPOSURE_OVERFLOW
        return self.book(slot, lots, funds, NULL)

    cdef int book(self, Slot* slot, int64_t lots, int64_t funds, Worth* after) noexcept nogil:
        """Reserve lots and funds for a slot; `after` is what its line is worth then, or NULL to find out."""
        cdef Line* line = &self.lines[slot.instrument]
        cdef bint buys = slot.side == BUY
        cdef int64_t* side_lots = &line.buy_lots if buys else &line.sell_lots
        cdef int64_t* reserved = &self.reserved_by_asset[line.quote_asset if buys else line.base_asset]
        cdef int64_t more = (0 if slot.parked else lots) - slot.reserved_lots
        if more > lots_bound() - side_lots[0] or funds - slot.reserved_funds > INT64_MAX - reserved[0]:
            return EXPOSURE_OVERFLOW
        side_lots[0] += more
        reserved[0] += funds - slot.reserved_funds
        slot.reserved_lots, slot.reserved_funds = slot.reserved_lots + more, funds
        if slot.share is not NULL:
            if buys:
                slot.share.buy_lots += more
            else:
                slot.share.sell_lots += more
        if slot.parent is not NULL:
            slot.parent.live_lots += more
        if after is NULL:
            self.value(line)
        else:
            self.put(line, after, False)
        return EXPOSURE_OK

    cdef int64_t enter(self, Slot* slot) noexcept nogil:
        """Count the slot that was offered last and has reserved, and return its handle."""
        cdef int64_t handle = self.slots.enter(slot)
        self.lines[slot.instrument].open_count += 1
        if slot.resting:
            join_own(self.slots.slots, self.own_of(slot), self.slots.index_of(slot))
        return handle

    cdef int change(self, Slot* slot, int64_t price_ticks, int64_t lots) noexcept nogil:
        """Note an amend that is on its way."""
        cdef int64_t price_ticks_before = slot.amend_price_ticks
        cdef int64_t lots_before = slot.amend_lots
        slot.amend_price_ticks, slot.amend_lots = price_ticks, max(lots - slot.filled_lots, 0)
        if self.hold(slot) != EXPOSURE_OK:
            slot.amend_price_ticks, slot.amend_lots = price_ticks_before, lots_before
            return EXPOSURE_OVERFLOW
        self.reprice(slot)
        return EXPOSURE_OK

    cdef void reprice(self, Slot* slot) noexcept nogil:
        """Tell the list of our own prices that a slot has another one."""
        if slot.resting:
            reprice_own(self.own_of(slot))

    cdef Own* own_of(self, Slot* slot) noexcept nogil:
        """Return the list of our own prices that a slot belongs to."""
        return &self.lines[slot.instrument].buys if slot.side == BUY else &self.lines[slot.instrument].sells

    cdef Share* share_of(self, int64_t strategy, int64_t instrument) noexcept nogil:
        """Return what a strategy has in an instrument; NULL for a person and for who is not counted."""
        if not 0 <= strategy < self.strategies_count:
            return NULL
        return &self.shares[strategy * self.instruments_count + instrument]

    cdef int watch(self, int instrument) except -1:
        """Note from now on when an instrument's line changes."""
        self.line_of(instrument).watched = True
        return 0

    cdef void note_unknown(self, Slot* slot, bint unknown) noexcept nogil:
        """Count an order as unresolved, or no longer."""
        cdef int more = <int>unknown - <int>slot.unknown
        slot.unknown = unknown
        self.unknown_count += more
        self.lines[slot.instrument].unknown_count += more

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
        if slot.resting:
            leave_own(self.slots.slots, self.own_of(slot), self.slots.index_of(slot))
        self.note_unknown(slot, False)
        slot.lots = slot.filled_lots = slot.amend_lots = 0
        self.hold(slot)
        line.open_count -= 1
        self.slots.leave(slot)

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

    @property
    def capacity(self):
        """How many orders may live at once."""
        return self.slots.capacity

    @property
    def open_count(self):
        """Live orders."""
        return self.slots.open_count

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
        cdef Slot* slot = self.slots.slot_of(handle)
        return slot.instrument, slot.side, slot.price_ticks, slot.lots, slot.filled_lots

    def is_open(self, int64_t handle):
        """Return whether the handle is in use."""
        return self.slots.find(handle) is not NULL

    def reserve(
        self, int64_t instrument, int side, int64_t price_ticks, int64_t lots, int64_t filled_lots=0,
        int64_t strategy=-1, bint parked=False,
    ):
        """Reserve an order's worst case and return its handle, which is never given again, or raise OverflowError."""
        self.line_of(instrument)
        refuse_order(side, price_ticks, lots if 0 <= filled_lots < lots else 0)
        cdef Slot* slot = self.slots.offer(<int>instrument, side, price_ticks, lots)
        if slot is NULL:
            raise OverflowError(f"all {self.capacity} slots are in use; wait for an end or raise the capacity")
        slot.filled_lots, slot.resting, slot.parked = filled_lots, not parked, parked
        slot.share = self.share_of(strategy, instrument)
        refuse_size(self.hold(slot) != EXPOSURE_OK, price_ticks, lots)
        return self.enter(slot)

    def set_unknown(self, int64_t handle, bint unknown):
        """Say whether nobody knows what became of an order; False when the handle is not in use."""
        cdef Slot* slot = self.slots.find(handle)
        if slot is NULL:
            return False
        self.note_unknown(slot, unknown)
        return True

    def own_best(self, int64_t instrument, int side):
        """Return the best price in ticks of our own orders that may stand in the book on a side; 0: none."""
        cdef Line* line = self.line_of(instrument)
        return best_own(self.slots.slots, &line.buys if side == BUY else &line.sells, side)

    def amend(self, int64_t handle, int64_t price_ticks, int64_t lots):
        """Reserve the larger of what the order is and what it shall be; `lots` is its whole quantity."""
        cdef Slot* slot = self.slots.slot_of(handle)
        refuse_order(slot.side, price_ticks, lots)
        refuse_size(self.change(slot, price_ticks, lots) != EXPOSURE_OK, price_ticks, lots)

    def settle(self, int64_t handle, int64_t price_ticks, int64_t lots):
        """Say what the order is after an amend was accepted or refused."""
        cdef Slot* slot = self.slots.slot_of(handle)
        refuse_order(slot.side, price_ticks, lots)
        cdef Slot before = slot[0]
        slot.price_ticks = price_ticks
        slot.lots = lots
        slot.amend_lots = 0
        if self.hold(slot) != EXPOSURE_OK:
            slot[0] = before
            refuse_size(True, price_ticks, lots)
        self.reprice(slot)

    def fill(self, int64_t handle, int64_t lots, int64_t leaves_lots=0):
        """Turn reserved lots into position and return what is still open: no less than the report's `leaves_lots`."""
        cdef Slot* slot = self.slots.slot_of(handle)
        if lots <= 0 or lots > INT64_MAX - slot.filled_lots:
            raise ValueError(f"a fill of {lots} lots after {slot.filled_lots}; expected at least 1")
        if self.shift(&self.lines[slot.instrument], slot.side * lots) != EXPOSURE_OK:
            raise OverflowError(f"a position with {lots} lots more does not fit: the most is {lots_bound()} lots")
        slot.filled_lots += lots
        if slot.share is not NULL:
            slot.share.position_lots += slot.side * lots
        if slot.parent is not NULL:
            slot.parent.filled_lots += lots
        if lots_bound() > leaves_lots > slot.lots - slot.filled_lots:
            slot.lots = slot.filled_lots + leaves_lots
        self.hold(slot)
        if slot.resting and slot.reserved_lots == 0:
            leave_own(self.slots.slots, self.own_of(slot), self.slots.index_of(slot))
            slot.resting = False
        return max(slot.lots - slot.filled_lots, 0)

    def release(self, int64_t handle):
        """Give back what an order that is over had reserved; False when the handle was not in use."""
        cdef Slot* slot = self.slots.find(handle)
        if slot is NULL:
            return False
        self.drop(slot)
        return True

    def move(self, int64_t instrument, int64_t lots, int64_t strategy=-1):
        """Change a position by signed lots that no live order had reserved, and the strategy's part of it."""
        cdef Share* share
        if self.shift(self.line_of(instrument), lots) != EXPOSURE_OK:
            raise OverflowError(f"a position with {lots} lots more does not fit: the most is {lots_bound()} lots")
        share = self.share_of(strategy, instrument)
        if share is not NULL:
            share.position_lots += lots

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
        slots = self.slots.live()
        assert self.open_count == len(slots), f"open_count {self.open_count}, {len(slots)} slots are in use"
        assert self.unknown_count == sum([slot[4] for slot in slots]), f"{self.unknown_count} unknown"
        for index, line in enumerate(lines):
            mine = [slot for slot in slots if slot[0] == index]
            for side, reserved_lots in ((1, line["buy_lots"]), (-1, line["sell_lots"])):
                total = sum([slot[2] for slot in mine if slot[1] == side])
                assert reserved_lots == total, f"instrument {index} side {side}: {reserved_lots}, slots say {total}"
            assert line["open_count"] == len(mine), f"instrument {index}: {line['open_count']} open, {len(mine)} slots"
        worths = [line["worth"] for line in lines]
        assert wide(self.gross_sum) == sum([max(worth["long_side"], worth["short_side"]) for worth in worths]), "gross"
        assert wide(self.net_long_sum) == sum([worth["net_long"] for worth in worths]), "net long"
        assert wide(self.net_short_sum) == sum([worth["net_short"] for worth in worths]), "net short"
        assert self.unpriced_count == sum([line["unpriced"] for line in lines]), "instruments without a price"
        tied_up = [0] * self.assets_max
        for instrument, side, _, reserved_funds, _ in slots:
            tied_up[lines[instrument]["quote_asset" if side > 0 else "base_asset"]] += reserved_funds
        assert tied_up == [self.reserved_by_asset[index] for index in range(self.assets_max)], "funds by asset"
