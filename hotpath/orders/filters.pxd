"""What the venue accepts in an order of each instrument, for compiled code."""

cimport cython
from libc.stdint cimport int64_t


cdef enum:
    TOLD_NOTHING = 0
    READY = 1
    NOT_READY = 2


cdef struct Filter:
    int64_t price_step_ticks
    int64_t quantity_step_lots
    int64_t lots_min
    int64_t lots_max            # 0: no maximum
    int64_t market_lots_max     # 0: no maximum of its own
    int64_t price_ticks_min
    int64_t price_ticks_max     # 0: no maximum
    int64_t notional_min        # money of the quote currency
    int decimals
    bint permitted
    int ready                   # whether its venue takes orders of it now: one of the three words above
    bint killed                 # by a person, until a person lifts it


@cython.final
cdef class Filters:
    cdef Filter* filters
    cdef readonly int instruments_count

    # Whether the venue would take it; `mid_ticks` prices a market order.
    cdef bint accepts(
        self, int64_t instrument, int side, int type, int time_in_force, bint post_only, int64_t price_ticks,
        int64_t lots, int64_t mid_ticks,
    ) noexcept nogil
    cdef int refuse(self, int64_t instrument) except -1


cdef int refuse_arguments(lots, price_ticks, post_only, reduce_only) except -1
