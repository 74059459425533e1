"""The place of one simulated order in the queue of its price level."""

cimport cython
from libc.stdint cimport int64_t

cdef enum:
    RISK_AVERSE = 1
    LOGARITHMIC = 2
    POWER = 3

    EXPONENT_MAX = 8


# The share of a shrinkage that left from behind us, 0 to 1, by what stands ahead and behind.
cdef double share_behind(int model, int exponent, int64_t ahead_lots, int64_t behind_lots) noexcept nogil


@cython.final
cdef class QueuePosition:
    cdef readonly int side
    cdef readonly int64_t price_ticks
    cdef readonly int64_t open_lots
    cdef readonly int64_t step_lots
    cdef readonly int64_t ahead_lots
    cdef readonly int exponent
    cdef int model_code
    cdef int64_t displayed_lots     # at our price, as last told
    cdef int64_t traded_lots        # at our price since then: they will be missing without anybody having left
    cdef bint crossed

    cdef int64_t traded(self, int64_t ticks, int64_t lots) noexcept nogil
    cdef void displayed(self, int64_t lots) noexcept nogil
    cdef int64_t fill(self, int64_t lots) noexcept nogil
