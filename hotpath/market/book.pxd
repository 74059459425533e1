"""A price-level book. Compiled code reads `top` and the ladders and calls the cdef methods.

Sides are 1 (buy) and -1 (sell). Nobody but the book writes to a ladder.
"""

cimport cython
from libc.stdint cimport int64_t

from hotpath.market.levels cimport Levels


cdef struct Rung:
    int64_t key         # ticks of a bid, -ticks of an ask: on both sides the best is the largest
    int64_t lots        # above 0


cdef struct Ladder:     # one side, keys ascending, so that the best is the last and most changes move little memory
    Rung* rungs
    Py_ssize_t count
    Py_ssize_t allocated


cdef struct Top:        # all 0 for an empty side
    int64_t bid_ticks
    int64_t bid_lots
    int64_t ask_ticks
    int64_t ask_lots


@cython.final
cdef class Book:
    cdef Ladder bids
    cdef Ladder asks
    cdef Top top
    cdef readonly Py_ssize_t levels_max         # of each side
    cdef readonly int64_t capped                # levels dropped because their side was full
    cdef readonly Py_ssize_t untouched_count    # levels from the best that the last change left alone, on both sides

    # Absolute quantities, 0 deletes; the result is whether `top` changed.
    cdef int apply_levels(self, Levels bids, Levels asks) except -1
    cdef int update_level(self, int side, int64_t ticks, int64_t lots) except -1

    # 0 where there is no such level.
    cdef int64_t lots_of(self, int side, int64_t ticks) noexcept nogil

    cdef bint settle(self) noexcept nogil
    cdef tuple depth_of(self, int side, Py_ssize_t count)
    cdef Levels best_of(self, int side, Py_ssize_t count)
