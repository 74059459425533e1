"""A price-level book: two sorted arrays with the best at the end, because that is where the market changes.

A change is searched from the best downwards in growing steps. Within a message the search goes on from the level
before, since venues send them in order, and levels that come and go are carried out together, so that each other level
moves once. An ask is kept under its negated price, so that one set of functions serves both sides. It knows no sequence
and no venue; a crossed book is told, not repaired.
"""

cimport cython
from libc.stdint cimport int64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memmove

from hotpath.core.integers cimport int64_of
from hotpath.market.levels cimport Level, Levels, allocate

cdef enum:
    BUY = 1
    SELL = -1
    FIRST_RUNGS = 512       # what the first change allocates for a side: 8 KiB
    LEVELS_MAX = 20_000
    PENDING_MAX = 64        # changes of the order that are carried out together


cdef struct Pending:        # rungs that come and go, best first
    Py_ssize_t count
    Py_ssize_t net          # how many more come than go
    Py_ssize_t at[PENDING_MAX]      # where, in the ladder as it is
    Rung rungs[PENDING_MAX]         # without lots: the one that stands there goes


cdef int reserve(Ladder* ladder, Py_ssize_t count, Py_ssize_t levels_max) except -1:
    """Make room for `count` rungs, or for levels_max if that is fewer; grows by doubling."""
    cdef Py_ssize_t size = min(max(count, 2 * ladder.allocated, <Py_ssize_t>FIRST_RUNGS), levels_max)
    cdef Rung* larger
    if min(count, levels_max) <= ladder.allocated:
        return 0
    larger = <Rung*>realloc(ladder.rungs, <size_t>size * sizeof(Rung))
    if larger == NULL:
        raise MemoryError(f"no memory for {size} levels of a book")
    ladder.rungs = larger
    ladder.allocated = size
    return 0


cdef inline Py_ssize_t find(const Ladder* ladder, int64_t key, Py_ssize_t below) noexcept nogil:
    """Return how many rungs lie below `key`, which is known to be `below` at most.

    Three or four growing steps reach it, and what they leave is halved without a branch: how far a change lies from the
    best cannot be predicted.
    """
    cdef const Rung* rungs = ladder.rungs
    cdef Py_ssize_t low = below
    cdef Py_ssize_t reach = 4
    cdef Py_ssize_t half, width
    while low > 0 and rungs[low - 1].key >= key:
        below = low - 1
        low = low - reach if low > reach else 0
        reach = 8 * reach
    width = below - low
    while width > 1:
        half = width >> 1
        low += half if rungs[low + half - 1].key < key else 0
        width -= half
    return low + (1 if width == 1 and rungs[low].key < key else 0)


cdef inline void carry_out(Ladder* ladder, Pending* pending) noexcept nogil:
    """Put rungs in and take rungs out; what stands between two of them moves once, by what both sides of it add up to.

    A stretch that moves down never lands on one that moves up and has not moved yet, nor the other way round: their
    new places are apart, and in the order of the old ones. So first all go down, worst first, then all up, best first.
    """
    cdef Rung* rungs = ladder.rungs
    cdef Py_ssize_t shifts[PENDING_MAX]
    cdef Py_ssize_t shift = 0
    cdef Py_ssize_t i, start
    for i in range(pending.count - 1, -1, -1):
        shift += 1 if pending.rungs[i].lots > 0 else -1
        shifts[i] = shift
        if shift < 0:
            start = pending.at[i] + (pending.rungs[i].lots == 0)
            move(rungs, start, pending.at[i - 1] if i > 0 else ladder.count, shift)
    for i in range(pending.count):
        if shifts[i] > 0:
            start = pending.at[i] + (pending.rungs[i].lots == 0)
            move(rungs, start, pending.at[i - 1] if i > 0 else ladder.count, shifts[i])
    for i in range(pending.count):
        if pending.rungs[i].lots > 0:
            rungs[pending.at[i] + shifts[i] - 1] = pending.rungs[i]
    ladder.count += shift
    pending.count = pending.net = 0


cdef inline void move(Rung* rungs, Py_ssize_t start, Py_ssize_t end, Py_ssize_t shift) noexcept nogil:
    """Move the rungs from `start` up to `end` by `shift` places."""
    if end > start:
        memmove(&rungs[start + shift], &rungs[start], <size_t>(end - start) * sizeof(Rung))


cdef inline void note(Pending* pending, Py_ssize_t at, int64_t key, int64_t lots) noexcept nogil:
    """Remember to put a rung in at a place, or to take the one there out when `lots` is 0."""
    pending.at[pending.count] = at
    pending.rungs[pending.count].key = key
    pending.rungs[pending.count].lots = lots
    pending.count += 1
    pending.net += 1 if lots > 0 else -1


cdef inline Py_ssize_t replace_worst(Ladder* ladder, Py_ssize_t at, int64_t key, int64_t lots) noexcept nogil:
    """Put a new rung into a full ladder, which loses its worst. Returns 1: that many were lost."""
    if at > 0:
        memmove(&ladder.rungs[0], &ladder.rungs[1], <size_t>(at - 1) * sizeof(Rung))
        ladder.rungs[at - 1].key = key
        ladder.rungs[at - 1].lots = lots
    return 1


cdef Py_ssize_t change(
    Ladder* ladder, const Level* levels, Py_ssize_t count, int side, Py_ssize_t levels_max, int64_t* capped
) noexcept nogil:
    """Set `count` levels, room is reserved. Returns how many from the best were left as they were."""
    cdef Pending pending
    cdef Py_ssize_t untouched = levels_max
    cdef Py_ssize_t at = ladder.count
    cdef Py_ssize_t i, better
    cdef int64_t key, lots
    cdef int64_t key_before = 0
    pending.count = pending.net = 0
    for i in range(count):
        key = side * levels[i].ticks
        lots = levels[i].lots
        if pending.count == PENDING_MAX or (i > 0 and key >= key_before) or ladder.count + pending.net >= levels_max:
            carry_out(ladder, &pending)
            at = ladder.count
        at = find(ladder, key, at)
        key_before = key
        better = ladder.count + pending.net - at
        if at < ladder.count and ladder.rungs[at].key == key:
            better -= 1
            if ladder.rungs[at].lots == lots:
                continue
            if lots > 0:
                ladder.rungs[at].lots = lots
            else:
                note(&pending, at, key, 0)
        elif lots == 0:
            continue
        elif ladder.count + pending.net < levels_max:
            note(&pending, at, key, lots)
        else:
            capped[0] += replace_worst(ladder, at, key, lots)
            at = ladder.count
        if better < untouched:
            untouched = better
    carry_out(ladder, &pending)
    return untouched


cdef inline void keep(Ladder* ladder, Py_ssize_t count) noexcept nogil:
    """Drop what lies beyond the best `count` rungs."""
    if ladder.count > count:
        memmove(&ladder.rungs[0], &ladder.rungs[ladder.count - count], <size_t>count * sizeof(Rung))
        ladder.count = count


cdef bint is_best_first(const Level* levels, Py_ssize_t count, int side) noexcept nogil:
    """Whether levels stand as in a snapshot: none is empty, and each is worse than the one before."""
    cdef Py_ssize_t i
    for i in range(count):
        if levels[i].lots == 0 or (i > 0 and side * levels[i].ticks >= side * levels[i - 1].ticks):
            return False
    return True


cdef int fill(Ladder* ladder, Levels batch, int side, Py_ssize_t levels_max, int64_t* capped) except -1:
    """Replace a side; a snapshot in the usual order is copied from its end, any other is set level by level."""
    cdef Py_ssize_t i
    cdef Py_ssize_t count = min(batch.count, levels_max)
    reserve(ladder, batch.count, levels_max)
    ladder.count = 0
    if is_best_first(batch.levels, batch.count, side):
        for i in range(count):
            ladder.rungs[i].key = side * batch.levels[count - 1 - i].ticks
            ladder.rungs[i].lots = batch.levels[count - 1 - i].lots
        ladder.count = count
        capped[0] += batch.count - count
    else:
        change(ladder, batch.levels, batch.count, side, levels_max, capped)
    return 0


cdef int check_ladder(const Ladder* ladder, int side, Py_ssize_t levels_max) except -1:
    """Raise AssertionError unless a side is sound."""
    cdef str name = "bids" if side == BUY else "asks"
    cdef Py_ssize_t i
    if not 0 <= ladder.count <= ladder.allocated <= levels_max:
        raise AssertionError(f"{name}: {ladder.count} levels, memory for {ladder.allocated}, {levels_max} allowed")
    for i in range(ladder.count):
        if side * ladder.rungs[i].key <= 0 or ladder.rungs[i].lots <= 0:
            raise AssertionError(f"{name}: level {i} has key {ladder.rungs[i].key}, {ladder.rungs[i].lots} lots")
        if i > 0 and ladder.rungs[i].key <= ladder.rungs[i - 1].key:
            raise AssertionError(f"{name}: level {i} has key {ladder.rungs[i].key} after {ladder.rungs[i - 1].key}")
    return 0


cdef int side_of(value) except 0:
    """Return a side given by Python as BUY or SELL."""
    cdef int64_t side = int64_of(value, "side")
    if side != BUY and side != SELL:
        raise ValueError(f"side {side}: expected 1 (buy) or -1 (sell)")
    return <int>side


@cython.final
cdef class Book:
    """The price levels of one instrument. Sides are 1 (buy) and -1 (sell)."""

    def __cinit__(self, levels_max=LEVELS_MAX):
        cdef int64_t levels = int64_of(levels_max, "levels_max")
        self.bids.rungs = self.asks.rungs = NULL
        self.bids.count = self.asks.count = self.bids.allocated = self.asks.allocated = 0
        self.capped = self.untouched_count = 0
        if levels < 1:
            raise ValueError(f"levels_max {levels}: expected 1 or more levels a side")
        self.levels_max = levels
        self.settle()

    def __dealloc__(self):
        free(self.bids.rungs)
        free(self.asks.rungs)

    cdef bint settle(self) noexcept nogil:
        """Read the best of both sides anew; returns whether it changed."""
        cdef Top top
        cdef bint changed
        top.bid_ticks = top.bid_lots = top.ask_ticks = top.ask_lots = 0
        if self.bids.count > 0:
            top.bid_ticks = self.bids.rungs[self.bids.count - 1].key
            top.bid_lots = self.bids.rungs[self.bids.count - 1].lots
        if self.asks.count > 0:
            top.ask_ticks = -self.asks.rungs[self.asks.count - 1].key
            top.ask_lots = self.asks.rungs[self.asks.count - 1].lots
        changed = (
            top.bid_ticks != self.top.bid_ticks or top.bid_lots != self.top.bid_lots
            or top.ask_ticks != self.top.ask_ticks or top.ask_lots != self.top.ask_lots
        )
        self.top = top
        return changed

    cdef int apply_levels(self, Levels bids, Levels asks) except -1:
        """Set absolute quantities, bids then asks, in their order; returns whether the best changed."""
        cdef Py_ssize_t bids_untouched, asks_untouched
        reserve(&self.bids, self.bids.count + bids.count, self.levels_max)
        reserve(&self.asks, self.asks.count + asks.count, self.levels_max)
        bids_untouched = change(&self.bids, bids.levels, bids.count, BUY, self.levels_max, &self.capped)
        asks_untouched = change(&self.asks, asks.levels, asks.count, SELL, self.levels_max, &self.capped)
        self.untouched_count = min(bids_untouched, asks_untouched)
        return self.settle()

    cdef int update_level(self, int side, int64_t ticks, int64_t lots) except -1:
        """Set one level of ticks > 0 and lots >= 0; returns whether the best changed."""
        cdef Ladder* ladder = &self.bids if side == BUY else &self.asks
        cdef Level level
        level.ticks = ticks
        level.lots = lots
        reserve(ladder, ladder.count + 1, self.levels_max)
        self.untouched_count = change(ladder, &level, 1, side, self.levels_max, &self.capped)
        return self.settle()

    cdef int64_t lots_of(self, int side, int64_t ticks) noexcept nogil:
        """Return the quantity at a price, 0 where there is none."""
        cdef Ladder* ladder = &self.bids if side == BUY else &self.asks
        cdef Py_ssize_t at = find(ladder, side * ticks, ladder.count)
        return ladder.rungs[at].lots if at < ladder.count and ladder.rungs[at].key == side * ticks else 0

    cdef Levels best_of(self, int side, Py_ssize_t count):
        """Return the best `count` levels of a side as a batch, best first."""
        cdef Ladder* ladder = &self.bids if side == BUY else &self.asks
        cdef Levels batch = allocate(min(count, ladder.count))
        cdef Py_ssize_t last = ladder.count - 1
        cdef Py_ssize_t i
        batch.count = min(count, ladder.count)
        for i in range(batch.count):
            batch.levels[i].ticks = side * ladder.rungs[last - i].key
            batch.levels[i].lots = ladder.rungs[last - i].lots
        return batch

    cdef tuple depth_of(self, int side, Py_ssize_t count):
        """Return the best `count` levels of a side as (ticks, lots), best first."""
        cdef Ladder* ladder = &self.bids if side == BUY else &self.asks
        cdef Py_ssize_t last = ladder.count - 1
        cdef Py_ssize_t i
        count = min(count, ladder.count)
        return tuple([(side * ladder.rungs[last - i].key, ladder.rungs[last - i].lots) for i in range(count)])

    def load(self, Levels bids not None, Levels asks not None):
        """Replace the whole book."""
        fill(&self.bids, bids, BUY, self.levels_max, &self.capped)
        fill(&self.asks, asks, SELL, self.levels_max, &self.capped)
        self.untouched_count = 0
        self.settle()

    def apply(self, Levels bids not None, Levels asks not None):
        """Set absolute quantities, 0 deletes, in their order; returns whether the best prices or quantities changed."""
        return self.apply_levels(bids, asks) != 0

    def update(self, side, ticks, lots):
        """Set one level, 0 lots deletes; returns whether the best changed. ValueError for a level that cannot be."""
        cdef int64_t level_ticks = int64_of(ticks, "ticks")
        cdef int64_t level_lots = int64_of(lots, "lots")
        if level_ticks <= 0 or level_lots < 0:
            raise ValueError(
                f"level ({level_ticks} ticks, {level_lots} lots): expected a price above 0 and a quantity of 0 or more"
            )
        return self.update_level(side_of(side), level_ticks, level_lots) != 0

    def clear(self):
        """Empty both sides; the memory stays."""
        self.bids.count = self.asks.count = 0
        self.untouched_count = 0
        self.settle()

    def truncate(self, levels):
        """Drop every level beyond the best `levels` of each side, as some venues ask for after each message."""
        cdef int64_t levels_max = int64_of(levels, "levels")
        if levels_max < 0:
            raise ValueError(f"truncate to {levels_max} levels: expected 0 or more")
        keep(&self.bids, levels_max)
        keep(&self.asks, levels_max)
        self.untouched_count = min(self.untouched_count, levels_max)
        self.settle()

    def best(self):
        """Return (bid_ticks, bid_lots, ask_ticks, ask_lots), zeros where a side is empty."""
        return self.top.bid_ticks, self.top.bid_lots, self.top.ask_ticks, self.top.ask_lots

    def counts(self):
        """Return how many levels (bids, asks) have."""
        return self.bids.count, self.asks.count

    def depth(self, levels):
        """Return (bids, asks): the best `levels` of each side as (ticks, lots), best first."""
        cdef int64_t count = int64_of(levels, "levels")
        if count < 0:
            raise ValueError(f"depth {count}: expected 0 or more levels")
        return self.depth_of(BUY, count), self.depth_of(SELL, count)

    def best_levels(self, levels):
        """Return (bids, asks) as `depth` does, each as a batch that costs no object for a level."""
        cdef int64_t count = int64_of(levels, "levels")
        if count < 0:
            raise ValueError(f"depth {count}: expected 0 or more levels")
        return self.best_of(BUY, count), self.best_of(SELL, count)

    @property
    def crossed(self):
        """Whether the best bid is at or above the best ask."""
        return 0 < self.top.ask_ticks <= self.top.bid_ticks

    def lots_at(self, side, ticks):
        """Return the quantity at a price, 0 where there is none."""
        return self.lots_of(side_of(side), max(int64_of(ticks, "ticks"), 0))

    def check(self):
        """Raise AssertionError unless order, quantities and counters are sound."""
        check_ladder(&self.bids, BUY, self.levels_max)
        check_ladder(&self.asks, SELL, self.levels_max)
        if self.settle():
            raise AssertionError("the best kept beside the sides was not theirs")
        if self.capped < 0 or self.untouched_count < 0:
            raise AssertionError(f"capped {self.capped}, untouched_count {self.untouched_count}: below 0")
