"""What each strategy did last, for compiled code: whether it may trade, its last intent, its orders of a moment ago."""

cimport cython
from libc.stdint cimport int64_t

cdef enum:
    RECENT_MAX = 16_384  # places in the table: it stays in the cache, and holds 10,000 orders within the window
    RECENT_BITS = 14     # the same as a power of two
    PROBES_MAX = 16      # places in which an order may be


cdef struct Recent:
    int64_t time_ns
    int64_t strategy
    int64_t instrument
    int64_t side
    int64_t price_ticks
    int64_t lots


cdef struct Strategy:
    int64_t last_intent
    bint enabled


@cython.final
cdef class Recents:
    cdef Strategy* strategies
    cdef Recent* table
    cdef readonly int strategies_count

    cdef Strategy* find(self, int64_t strategy) noexcept nogil
    cdef Recent* place_of(self, Recent* order, int64_t window_ns) noexcept nogil
    cdef bint repeats(self, Recent* order, int64_t window_ns) noexcept nogil
    cdef int64_t age_ms(self, Recent* order, int64_t window_ns) noexcept nogil
    cdef void remember(self, Recent* order, int64_t window_ns) noexcept nogil
    cdef Strategy* strategy_of(self, int64_t strategy) except NULL
