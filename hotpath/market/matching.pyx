"""Price-time matching of one instrument: simulator, paper and backtest trade through it.

Owns the resting orders and nothing else: no funds, no fees, no clock, no opinion on who may trade with whom (an owner
meets his own orders). Better price first, then earlier arrival; an execution is at the maker's price. The same calls
give the same answers, always. Everything is allocated once: a full book refuses orders that may rest. Sizes are bounded
by INT64_MAX // orders_max, so that no sum of resting lots can overflow.
"""

from enum import IntEnum

cimport cython
from libc.stdint cimport INT64_MIN, INT64_MAX, int8_t, int32_t, int64_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memmove

from hotpath.market.touched cimport TouchedLevels

Kind = IntEnum(
    "Kind",
    [("LIMIT", LIMIT), ("MARKET", MARKET), ("IOC", IOC), ("FOK", FOK), ("POST_ONLY", POST_ONLY)],
    module=__name__,
)
Outcome = IntEnum(
    "Outcome",
    [
        ("INVALID", INVALID),
        ("DUPLICATE", DUPLICATE),
        ("UNKNOWN", UNKNOWN),
        ("FULL", FULL),
        ("WOULD_TAKE", WOULD_TAKE),
        ("KILLED", KILLED),
        ("FILLED", FILLED),
        ("EXPIRED", EXPIRED),
        ("RESTING", RESTING),
        ("REDUCED", REDUCED),
        ("CANCELED", CANCELED),
    ],
    module=__name__,
)

cdef extern from *:
    """
    #define TIERCEL_GOLDEN_RATIO 0x9E3779B97F4A7C15ULL
    """
    const uint64_t GOLDEN_RATIO "TIERCEL_GOLDEN_RATIO"


cdef class MatchingEngine:
    def __cinit__(self, int32_t orders_max=65536, *, bint track_changes=False):
        if not 1 <= orders_max <= 1 << 24:
            raise ValueError(f"orders_max is {orders_max}; it must be 1 to {1 << 24}")
        self.orders_max = orders_max
        self.lots_max = INT64_MAX // orders_max
        self.tracking = track_changes
        self.touched = TouchedLevels(4 * orders_max if track_changes else 1)
        self.free_first = -1
        cdef int bits = 1
        while (<int64_t>1 << bits) < 2 * <int64_t>orders_max:
            bits += 1
        self.slots_mask = (<int64_t>1 << bits) - 1
        self.slots_shift = 64 - bits
        # calloc gives pages that cost nothing until they are touched: a small book stays small
        self.orders = <RestingOrder*>calloc(orders_max, sizeof(RestingOrder))
        self.slots = <int32_t*>calloc(<size_t>1 << bits, sizeof(int32_t))
        self.bids.levels = <PriceLevel*>calloc(orders_max, sizeof(PriceLevel))
        self.asks.levels = <PriceLevel*>calloc(orders_max, sizeof(PriceLevel))
        self.executions = <Execution*>calloc(orders_max, sizeof(Execution))
        cdef bint no_orders = self.orders is NULL or self.slots is NULL or self.executions is NULL
        if no_orders or self.bids.levels is NULL or self.asks.levels is NULL:
            raise MemoryError(f"no memory for a matching engine of {orders_max} orders")

    def __dealloc__(self):
        free(self.orders)
        free(self.slots)
        free(self.bids.levels)
        free(self.asks.levels)
        free(self.executions)

    def __len__(self):
        return self.open_count

    # ---- requests

    def submit(self, int64_t number, int side, int kind, int64_t price_ticks, int64_t lots, int64_t owner=0):
        cdef int outcome = self.place(number, side, kind, price_ticks, lots, owner)
        return Outcome(outcome), self.executed()

    def cancel(self, int64_t number):
        return Outcome(self.take_out(number))

    def amend(self, int64_t number, int64_t price_ticks, int64_t lots):
        cdef int outcome = self.change(number, price_ticks, lots)
        return Outcome(outcome), self.executed()

    cdef int place(
        self, int64_t number, int side, int kind, int64_t ticks, int64_t lots, int64_t owner
    ) noexcept nogil:
        cdef int64_t worst_key
        cdef int64_t left
        self.executions_count = 0
        if side != BUY and side != SELL or not LIMIT <= kind <= POST_ONLY:
            return INVALID
        if not 0 < lots <= self.lots_max or (ticks <= 0 and kind != MARKET):
            return INVALID
        if self.slots[self.place_of(number)] != 0:
            return DUPLICATE
        if (kind == LIMIT or kind == POST_ONLY) and self.open_count == self.orders_max:
            return FULL
        worst_key = INT64_MIN if kind == MARKET else -side * ticks
        if kind == POST_ONLY and self.reaches(side, worst_key, 1):
            return WOULD_TAKE
        if kind == FOK and not self.reaches(side, worst_key, lots):
            return KILLED
        left = self.match(number, side, worst_key, lots)
        if left == 0:
            return FILLED
        if kind == MARKET or kind == IOC:
            return EXPIRED
        self.rest(number, side, ticks, left, owner, kind == POST_ONLY)
        return RESTING

    cdef int take_out(self, int64_t number) noexcept nogil:
        cdef int32_t slot = self.slots[self.place_of(number)] - 1
        self.executions_count = 0
        if slot < 0:
            return UNKNOWN
        self.unlink(slot)
        return CANCELED

    cdef int change(self, int64_t number, int64_t ticks, int64_t lots) noexcept nogil:
        cdef int32_t slot = self.slots[self.place_of(number)] - 1
        cdef RestingOrder* order
        cdef PriceLevel* level
        cdef RestingOrder old
        self.executions_count = 0
        if not 0 < lots <= self.lots_max or ticks <= 0:
            return INVALID
        if slot < 0:
            return UNKNOWN
        order = &self.orders[slot]
        if order.post_only and self.reaches(order.side, -order.side * ticks, 1):
            return WOULD_TAKE
        if ticks == order.ticks and lots <= order.lots:
            level = &self.side_of(order.side).levels[self.find_level(self.side_of(order.side), order.side * ticks)]
            level.lots -= order.lots - lots
            order.lots = lots
            self.touch(order.side, level.key)
            return REDUCED
        old = order[0]
        self.unlink(slot)
        return self.place(number, old.side, POST_ONLY if old.post_only else LIMIT, ticks, lots, old.owner)

    # ---- what the book shows

    def best(self):
        cdef int64_t bid_ticks = 0, bid_lots = 0, ask_ticks = 0, ask_lots = 0
        if self.bids.count:
            bid_ticks = self.bids.levels[self.bids.count - 1].key
            bid_lots = self.bids.levels[self.bids.count - 1].lots
        if self.asks.count:
            ask_ticks = -self.asks.levels[self.asks.count - 1].key
            ask_lots = self.asks.levels[self.asks.count - 1].lots
        return bid_ticks, bid_lots, ask_ticks, ask_lots

    def depth(self, int levels_max):
        return self.levels_of(BUY, levels_max), self.levels_of(SELL, levels_max)

    def lots_at(self, int side, int64_t price_ticks):
        cdef Side* half = self.side_of(side)
        cdef int32_t index = self.find_level(half, side * price_ticks)
        if index < half.count and half.levels[index].key == side * price_ticks:
            return half.levels[index].lots
        return 0

    def open_lots(self, int64_t number):
        cdef int32_t slot = self.slots[self.place_of(number)] - 1
        return self.orders[slot].lots if slot >= 0 else 0

    def changes(self):
        if not self.tracking:
            raise ValueError("this engine does not follow its changes; make it with track_changes=True")
        return [(side, ticks, self.lots_at(side, ticks)) for side, ticks in self.touched.take()]

    cdef list executed(self):
        cdef int32_t i
        cdef Execution* one
        cdef list found = []
        for i in range(self.executions_count):
            one = &self.executions[i]
            found.append((one.maker, one.taker, one.ticks, one.lots, one.maker_owner))
        return found

    cdef tuple levels_of(self, int side, int levels_max):
        cdef Side* half = self.side_of(side)
        cdef int32_t index
        cdef list found = []
        for index in range(half.count - 1, max(half.count - 1 - levels_max, -1), -1):
            found.append((side * half.levels[index].key, half.levels[index].lots))
        return tuple(found)

    # ---- matching

    cdef Side* side_of(self, int side) noexcept nogil:
        return &self.bids if side == BUY else &self.asks

    cdef int32_t find_level(self, Side* half, int64_t key) noexcept nogil:
        """Return the place of the first level whose key is at least `key`."""
        cdef int32_t low = 0
        cdef int32_t high = half.count
        cdef int32_t middle
        while low < high:
            middle = (low + high) >> 1
            if half.levels[middle].key < key:
                low = middle + 1
            else:
                high = middle
        return low

    cdef bint reaches(self, int side, int64_t worst_key, int64_t lots) noexcept nogil:
        """Say whether the other side offers at least `lots` at `worst_key` or better."""
        cdef Side* other = self.side_of(-side)
        cdef int32_t index = other.count - 1
        while index >= 0 and other.levels[index].key >= worst_key:
            lots -= other.levels[index].lots
            if lots <= 0:
                return True
            index -= 1
        return False

    cdef int64_t match(self, int64_t number, int side, int64_t worst_key, int64_t lots) noexcept nogil:
        """Execute against the other side down to `worst_key`; returns the lots that are left."""
        cdef Side* other = self.side_of(-side)
        cdef PriceLevel* level
        cdef RestingOrder* maker
        cdef int32_t slot
        cdef int64_t traded
        cdef Execution* one
        while lots > 0 and other.count > 0:
            level = &other.levels[other.count - 1]
            if level.key < worst_key:
                break
            slot = level.first
            maker = &self.orders[slot]
            traded = lots if lots < maker.lots else maker.lots
            one = &self.executions[self.executions_count]
            one.maker = maker.number
            one.taker = number
            one.ticks = maker.ticks
            one.lots = traded
            one.maker_owner = maker.owner
            self.executions_count += 1
            lots -= traded
            maker.lots -= traded
            level.lots -= traded
            if maker.lots == 0:
                self.unlink(slot)
            else:
                self.touch(-side, level.key)
        return lots

    cdef void rest(
        self, int64_t number, int side, int64_t ticks, int64_t lots, int64_t owner, bint post_only
    ) noexcept nogil:
        """Put an order behind all others of its price."""
        cdef Side* half = self.side_of(side)
        cdef int64_t key = side * ticks
        cdef int32_t index = self.find_level(half, key)
        cdef PriceLevel* level = &half.levels[index]
        cdef int32_t slot = self.free_first
        cdef RestingOrder* order
        if slot >= 0:
            self.free_first = self.orders[slot].next
        else:
            slot = self.orders_used
            self.orders_used += 1
        if index == half.count or level.key != key:
            memmove(level + 1, level, <size_t>(half.count - index) * sizeof(PriceLevel))
            half.count += 1
            level.key = key
            level.lots = 0
            level.first = -1
            level.last = -1
            level.orders_count = 0
        order = &self.orders[slot]
        order.number = number
        order.owner = owner
        order.ticks = ticks
        order.lots = lots
        order.side = <int8_t>side
        order.post_only = post_only
        order.previous = level.last
        order.next = -1
        if level.last >= 0:
            self.orders[level.last].next = slot
        else:
            level.first = slot
        level.last = slot
        level.lots += lots
        level.orders_count += 1
        self.open_count += 1
        self.slots[self.place_of(number)] = slot + 1
        self.touch(side, key)

    cdef void unlink(self, int32_t slot) noexcept nogil:
        """Take an order out of its level, and its level out of the book when it was the last there."""
        cdef RestingOrder* order = &self.orders[slot]
        cdef Side* half = self.side_of(order.side)
        cdef int64_t key = order.side * order.ticks
        cdef int32_t index = self.find_level(half, key)
        cdef PriceLevel* level = &half.levels[index]
        if order.previous >= 0:
            self.orders[order.previous].next = order.next
        else:
            level.first = order.next
        if order.next >= 0:
            self.orders[order.next].previous = order.previous
        else:
            level.last = order.previous
        level.lots -= order.lots
        level.orders_count -= 1
        if level.orders_count == 0:
            half.count -= 1
            memmove(level, level + 1, <size_t>(half.count - index) * sizeof(PriceLevel))
        self.touch(order.side, key)
        self.forget(slot)
        self.open_count -= 1
        order.next = self.free_first
        self.free_first = slot

    cdef void touch(self, int side, int64_t key) noexcept nogil:
        if self.tracking:
            self.touched.add(side, key)

    # ---- finding an order by its number: open addressing, half empty, without tombstones

    @cython.overflowcheck(False)  # a hash wraps round
    cdef int64_t home_of(self, int64_t number) noexcept nogil:
        return <int64_t>((<uint64_t>number * GOLDEN_RATIO) >> self.slots_shift)

    cdef int64_t place_of(self, int64_t number) noexcept nogil:
        """Return where the number stands in `slots`, or the empty place where it would."""
        cdef int64_t place = self.home_of(number)
        while self.slots[place] != 0 and self.orders[self.slots[place] - 1].number != number:
            place = (place + 1) & self.slots_mask
        return place

    cdef void forget(self, int32_t slot) noexcept nogil:
        """Empty an order's place and close the gap, so that no search ends early."""
        cdef int64_t hole = self.place_of(self.orders[slot].number)
        cdef int64_t place = (hole + 1) & self.slots_mask
        cdef int64_t home
        while self.slots[place] != 0:
            home = self.home_of(self.orders[self.slots[place] - 1].number)
            if ((place - home) & self.slots_mask) >= ((place - hole) & self.slots_mask):
                self.slots[hole] = self.slots[place]
                hole = place
            place = (place + 1) & self.slots_mask
        self.slots[hole] = 0

    # ---- invariants

    def check(self):
        self.touched.check()
        if self.bids.count and self.asks.count:
            bid_ticks, _, ask_ticks, _ = self.best()
            assert bid_ticks < ask_ticks, f"crossed: bid {bid_ticks} >= ask {ask_ticks}"
        cdef int found = self.check_side(BUY) + self.check_side(SELL)
        assert found == self.open_count, f"{found} orders stand in levels, {self.open_count} are counted"
        cdef int64_t place
        cdef int64_t filled = 0
        for place in range(self.slots_mask + 1):
            filled += self.slots[place] != 0
        assert filled == self.open_count, f"{filled} numbers are indexed, {self.open_count} orders are open"

    cdef int check_side(self, int side) except -1:
        """Assert that levels are sorted, chains are whole and sums agree; returns the orders found."""
        cdef Side* half = self.side_of(side)
        cdef int32_t index, slot, before
        cdef int found = 0
        cdef int64_t lots
        cdef PriceLevel* level
        for index in range(half.count):
            level = &half.levels[index]
            assert index == 0 or half.levels[index - 1].key < level.key, "levels out of order"
            assert level.orders_count > 0, "an empty level stands in the book"
            lots = 0
            before = -1
            slot = level.first
            while slot >= 0:
                assert self.orders[slot].lots > 0, "an empty order stands in the book"
                assert self.orders[slot].side * self.orders[slot].ticks == level.key, "an order stands in a wrong level"
                assert self.orders[slot].previous == before, "a level's chain is broken"
                assert self.slots[self.place_of(self.orders[slot].number)] == slot + 1, "an order cannot be found"
                lots += self.orders[slot].lots
                found += 1
                before = slot
                slot = self.orders[slot].next
            assert level.last == before, "a level's chain has a wrong end"
            assert level.lots == lots, "a level's sum is wrong"
        return found
