"""What each strategy did last: whether it may trade, its last intent number, and the orders it placed a moment ago.

A hash table holds the last orders of all, so that the same order twice within a window is seen in constant time. A
place is free again when the window has passed over it. An order that finds every place of its own taken cannot be
compared any more, and what cannot be compared counts as a repetition.
"""

cimport cython
from libc.stdint cimport int64_t, uint64_t
from libc.stdlib cimport free

from hotpath.orders.account cimport zeroed

cdef enum:
    PERSON = -1
    NS_PER_MS = 1_000_000

cdef uint64_t MIX = 0x9E3779B97F4A7C15  # 2^64 over the golden ratio: spreads neighbouring prices (Knuth 1998, 6.4)


@cython.overflowcheck(False)
cpdef uint64_t key_of(
    int64_t strategy, int64_t instrument, int64_t side, int64_t price_ticks, int64_t lots
) noexcept nogil:
    """Return 64 bits that tell orders apart: of 10,000 two agree by chance once in 10^11 windows. Never 0."""
    cdef uint64_t mixed = <uint64_t>price_ticks * MIX
    mixed = (mixed ^ (mixed >> 29) ^ <uint64_t>lots) * MIX
    mixed = (mixed ^ (mixed >> 29) ^ <uint64_t>(instrument * 4 + side)) * MIX
    mixed = (mixed ^ (mixed >> 29) ^ <uint64_t>strategy) * MIX
    return mixed if mixed else 1


@cython.final
cdef class Recents:
    """What each strategy did last. Strategies are numbered from 0; -1 is a person, who may always act."""

    def __cinit__(self, int strategies_count):
        if strategies_count < 0:
            raise ValueError(f"{strategies_count} strategies; expected none or more")
        self.strategies_count = strategies_count
        self.strategies = <Strategy*>zeroed(strategies_count + 1, sizeof(Strategy))
        self.table = <Recent*>zeroed(RECENT_MAX, sizeof(Recent))
        self.strategies[strategies_count].enabled = True

    def __dealloc__(self):
        free(self.strategies)
        free(self.table)

    def enable(self, int64_t strategy, bint enabled):
        """Say whether a strategy may trade."""
        self.strategy_of(strategy).enabled = enabled

    def is_enabled(self, int64_t strategy):
        """Return whether a strategy may trade; one that nobody knows may not."""
        cdef Strategy* found = self.find(strategy)
        return found is not NULL and found.enabled

    def set_last_intent(self, int64_t strategy, int64_t intent):
        """Say which intent number of a strategy was the last one."""
        self.strategy_of(strategy).last_intent = intent

    def last_intent(self, int64_t strategy):
        """Return the highest intent number that was seen of a strategy."""
        return self.strategy_of(strategy).last_intent

    cdef Strategy* find(self, int64_t strategy) noexcept nogil:
        """Return a strategy's state, or NULL when there is none with this number; the person's is the last."""
        if not PERSON <= strategy < self.strategies_count:
            return NULL
        return &self.strategies[strategy if strategy >= 0 else self.strategies_count]

    @cython.overflowcheck(False)
    cdef Recent* place_of(self, uint64_t key, int64_t now_ns, int64_t window_ns) noexcept nogil:
        """Return where an order is, or else where it may be put; NULL when all its places are taken."""
        cdef Recent* place
        cdef Recent* free_place = NULL
        cdef int probe
        for probe in range(PROBES_MAX):
            place = &self.table[((key >> (64 - RECENT_BITS)) + <uint64_t>probe) & (RECENT_MAX - 1)]
            if place.key == key:
                return place
            if place.key == 0:
                return place if free_place is NULL else free_place
            if free_place is NULL and now_ns - place.time_ns >= window_ns:
                free_place = place
        return free_place

    cdef bint repeats(self, uint64_t key, int64_t now_ns, int64_t window_ns) noexcept nogil:
        """Return whether the same order was placed within the window, or nobody can say any more."""
        cdef Recent* place
        self.looked_at = NULL
        if window_ns <= 0:
            return False
        place = self.looked_at = self.place_of(key, now_ns, window_ns)
        return place is NULL or (place.key == key and now_ns - place.time_ns < window_ns)

    cdef int64_t age_ms(self, uint64_t key, int64_t now_ns, int64_t window_ns) noexcept nogil:
        """Return how long ago an order that repeats was placed; 0 when it could not be compared."""
        cdef Recent* place = self.place_of(key, now_ns, window_ns)
        return (now_ns - place.time_ns) // NS_PER_MS if place is not NULL else 0

    cdef void remember(self, uint64_t key, int64_t now_ns) noexcept nogil:
        """Note the order that was looked for last, which was approved, in its place; without a window it has none."""
        if self.looked_at is not NULL:
            self.looked_at.key, self.looked_at.time_ns = key, now_ns

    cdef Strategy* strategy_of(self, int64_t strategy) except NULL:
        """Return a strategy's state or raise ValueError."""
        cdef Strategy* found = self.find(strategy)
        if found is NULL:
            raise ValueError(f"strategy {strategy} is unknown; there are 0 to {self.strategies_count - 1}, -1 a person")
        return found
