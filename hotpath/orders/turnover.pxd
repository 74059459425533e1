"""How much is traded, for how long it is held and whether it pays, for compiled code: C28 and C29."""

cimport cython
from libc.stdint cimport int64_t

from hotpath.orders.judged cimport Order
from hotpath.orders.marks cimport Marks


@cython.final
cdef class Turnover:
    cdef Marks marks
    cdef int64_t* held_since_ns     # of each instrument's position; 0: none, or nobody said
    cdef readonly int instruments_count
    cdef int64_t traded             # today, money of the risk currency
    cdef int traded_told
    cdef int64_t hold_ns
    cdef int64_t most_ppm           # of equity
    cdef int64_t edge_ratio_ppm

    # C28, and C29 in two parts; `edge_to_cost` is for orders that say what they expect.
    cdef int hold_time(self, Order* order) noexcept nogil
    cdef int turnover(self, Order* order) noexcept nogil
    cdef int edge_to_cost(self, Order* order) noexcept nogil
    cdef int refuse(self, int64_t instrument) except -1
