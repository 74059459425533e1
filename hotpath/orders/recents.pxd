"""What each strategy did last, for compiled code: whether it may trade, its last intent, its orders of a moment ago."""

cimport cython
from libc.stdint cimport int64_t, uint64_t

cdef enum:
    RECENT_MAX = 16_384  # places in the table: a quarter of a MiB, and 10,000 orders within the window
    RECENT_BITS = 14     # the same as a power of two
    PROBES_MAX = 16      # places in which an order may be


cdef struct Recent:
    uint64_t key     # fingerprint of everything but the time; 0 where nothing is
    int64_t time_ns


cdef struct Strategy:
    int64_t last_intent
    bint enabled


cpdef uint64_t key_of(
    int64_t strategy, int64_t instrument, int64_t side, int64_t price_ticks, int64_t lots
) noexcept nogil


@cython.final
cdef class Recents:
    cdef Strategy* strategies
    cdef Recent* table
    cdef Recent* looked_at   # the place of the last order that was looked for; NULL: it has none
    cdef readonly int strategies_count

    cdef Strategy* find(self, int64_t strategy) noexcept nogil
    cdef Recent* place_of(self, uint64_t key, int64_t now_ns, int64_t window_ns) noexcept nogil
    cdef bint repeats(self, uint64_t key, int64_t now_ns, int64_t window_ns) noexcept nogil
    cdef int64_t age_ms(self, uint64_t key, int64_t now_ns, int64_t window_ns) noexcept nogil
    cdef void remember(self, uint64_t key, int64_t now_ns) noexcept nogil
    cdef Strategy* strategy_of(self, int64_t strategy) except NULL
