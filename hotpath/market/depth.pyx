"""What a price-level book says beyond its best: what a size would cost, how much stands where, which side leans.

It reads a Book and keeps nothing. Costs and sums are exact: ticks x lots and sums of lots are 128 bits wide. Imbalance
and microprice are ratios, hence floats: estimates of where a price goes, never the price of an order. An empty side has
neither, and that is None, not a number.
"""

cimport cython
from libc.stdint cimport int64_t

from hotpath.core.integers cimport int64_of
from hotpath.core.units cimport int128, wide
from hotpath.market.book cimport Book, Ladder

cdef enum:
    BUY = 1
    SELL = -1


cdef inline const Ladder* ladder_of(Book book, int of_side) noexcept nogil:
    return &book.bids if of_side == BUY else &book.asks


@cython.overflowcheck(False)
cdef Swept sweep_levels(Book book, int side, int64_t lots) noexcept nogil:
    """Walk the other side until `lots` are there."""
    cdef const Ladder* ladder = ladder_of(book, -side)
    cdef Py_ssize_t i = ladder.count - 1
    cdef int64_t taken
    cdef Swept swept
    swept.cost_ticks_lots = 0
    swept.lots = swept.worst_ticks = 0
    swept.levels = 0
    while i >= 0 and swept.lots < lots:
        taken = min(lots - swept.lots, ladder.rungs[i].lots)
        swept.worst_ticks = -side * ladder.rungs[i].key
        swept.cost_ticks_lots += <int128>swept.worst_ticks * <int128>taken
        swept.lots += taken
        swept.levels += 1
        i -= 1
    return swept


@cython.overflowcheck(False)
cdef int128 lots_to_level(Book book, int of_side, Py_ssize_t levels) noexcept nogil:
    """Return the lots of the best `levels` of a side."""
    cdef const Ladder* ladder = ladder_of(book, of_side)
    cdef Py_ssize_t i
    cdef int128 lots = 0
    for i in range(ladder.count - min(levels, ladder.count), ladder.count):
        lots += <int128>ladder.rungs[i].lots
    return lots


@cython.overflowcheck(False)
cdef int128 lots_to_price(Book book, int of_side, int64_t ticks) noexcept nogil:
    """Return the lots of a side at `ticks` or better."""
    cdef const Ladder* ladder = ladder_of(book, of_side)
    cdef Py_ssize_t i = ladder.count - 1
    cdef int128 lots = 0
    while i >= 0 and ladder.rungs[i].key >= of_side * ticks:
        lots += <int128>ladder.rungs[i].lots
        i -= 1
    return lots


@cython.cdivision(True)  # neither side is empty
@cython.overflowcheck(False)
cdef double imbalance_of(Book book, Py_ssize_t levels) noexcept nogil:
    """Return how far the best levels lean to the bids, -1 to 1."""
    cdef int128 bid = lots_to_level(book, BUY, levels)
    cdef int128 ask = lots_to_level(book, SELL, levels)
    return <double>(bid - ask) / <double>(bid + ask)


@cython.cdivision(True)
@cython.overflowcheck(False)
cdef double microprice_of(Book book) noexcept nogil:
    """Return the mean of the best prices, each weighted with the lots of the other side.

    As the bid and a part of the spread it keeps its digits: what is rounded is the part.
    """
    cdef int64_t spread = book.top.ask_ticks - book.top.bid_ticks
    cdef double weight = <double>book.top.bid_lots / (<double>book.top.bid_lots + <double>book.top.ask_lots)
    return <double>book.top.bid_ticks + weight * <double>spread


cdef int side_of(value) except 0:
    """Return a side given by Python as 1 or -1."""
    cdef int64_t side = int64_of(value, "side")
    if side != BUY and side != SELL:
        raise ValueError(f"side {side}: expected 1 (buy) or -1 (sell)")
    return <int>side


cdef int64_t levels_of(value) except -1:
    """Return a number of levels given by Python."""
    cdef int64_t levels = int64_of(value, "levels")
    if levels < 1:
        raise ValueError(f"levels {levels}: expected 1 or more")
    return levels


def sweep_cost(Book book not None, side, lots):
    cdef int64_t wanted = int64_of(lots, "lots")
    cdef Swept swept
    if wanted < 1:
        raise ValueError(f"a sweep of {wanted} lots: expected 1 or more")
    swept = sweep_levels(book, side_of(side), wanted)
    return wide(swept.cost_ticks_lots), swept.lots, swept.worst_ticks


def cumulative_depth(Book book not None, side, levels):
    cdef int of_side = side_of(side)
    cdef const Ladder* ladder = ladder_of(book, of_side)
    cdef Py_ssize_t count = min(levels_of(levels), ladder.count)
    cdef Py_ssize_t i
    cdef object lots = 0
    cdef list found = []
    for i in range(ladder.count - 1, ladder.count - 1 - count, -1):
        lots += ladder.rungs[i].lots
        found.append((of_side * ladder.rungs[i].key, lots))
    return tuple(found)


def lots_within(Book book not None, side, ticks):
    return wide(lots_to_price(book, side_of(side), max(int64_of(ticks, "ticks"), 0)))


def imbalance(Book book not None, levels=1):
    cdef int64_t count = levels_of(levels)
    return imbalance_of(book, count) if book.bids.count > 0 and book.asks.count > 0 else None


def microprice(Book book not None):
    return microprice_of(book) if book.bids.count > 0 and book.asks.count > 0 else None
