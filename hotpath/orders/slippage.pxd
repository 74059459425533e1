"""The slippage budget: what an order that takes is expected to cost beyond the mid, against what may be spent."""

cimport cython
from libc.stdint cimport int64_t

from hotpath.core.units cimport Scale, int128
from hotpath.market.levels cimport Level
from hotpath.orders.judged cimport Order
from hotpath.orders.marks cimport Marks

cdef enum:
    WITHIN_BUDGET = 0
    OVER_BUDGET = 1
    BUDGET_INPUT = 2        # something that is needed cannot be used


cdef struct Ladder:         # one instrument
    Level* bids             # best first, kept alive by `Slippage.bids`; NULL: no depth is known
    Level* asks
    Py_ssize_t bids_count
    Py_ssize_t asks_count
    int64_t spent           # of the day, money of the quote currency
    int64_t reserved        # expected of orders that are not over


cdef struct Sweep:          # what an order would take at once
    int128 excess_twice     # twice ticks x lots paid beyond the mid
    int64_t lots


@cython.final
cdef class Slippage:
    cdef Marks marks
    cdef Ladder* ladders
    cdef list bids              # the depth that was told last of each instrument
    cdef list asks
    cdef int64_t trade_ppm
    cdef int64_t alert_ppm
    cdef int64_t session
    cdef int64_t day
    cdef readonly bint takes    # whether the last order would trade at once
    cdef readonly int64_t mid_ticks_twice   # that it was measured from; 0 when that fits no order
    cdef readonly bint alerted
    cdef readonly int64_t cost
    cdef readonly int64_t observed
    cdef readonly int64_t limit

    cdef int budget(self, Order* order) noexcept nogil
    cdef int judge(
        self, int instrument, int side, int64_t lots, int64_t sent_ticks, bint free, int64_t now_ns
    ) noexcept nogil
    cdef int judge_taker(
        self, int instrument, int side, int64_t lots, int64_t sent_ticks, bint free, int64_t now_ns
    ) noexcept nogil
    cdef Sweep sweep(self, int instrument, int side, int64_t lots, int64_t sent_ticks) noexcept nogil
    cdef int64_t total(self, int* error) noexcept nogil
    cdef void roll(self, int64_t now_ns) noexcept nogil
    cdef Ladder* ladder_of(self, int64_t instrument) except NULL


# What a fill cost beyond the mid of its decision, money of the quote currency rounded up; 0 when it cost nothing.
cpdef object slippage_cost(int side, int64_t price_ticks, int64_t lots, int64_t mid_ticks_twice, Scale scale)
