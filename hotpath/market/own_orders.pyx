"""Our own resting lots by price, and the market's book without them.

What we show is in the venue's book too: a strategy that reads its own order as the market's follows itself. Whoever
knows our orders tells what was placed, filled and cancelled, as lots more or fewer at a price. Venue and reports are
never at the same moment, so at a price we may hold more than is displayed: then nothing is left of it, never less.
"""

cimport cython
from libc.stdint cimport INT64_MAX, int64_t

from hotpath.core.integers cimport int64_of
from hotpath.market.book cimport Book, Ladder

cdef enum:
    BUY = 1
    SELL = -1


@cython.final
cdef class OwnOrders:
    def __cinit__(self, levels_max=20_000):
        self.own = Book(levels_max)

    cdef int change(self, int side, int64_t ticks, int64_t lots) except -1:
        """Change our lots at a price by `lots`; all or nothing."""
        cdef int64_t held = self.own.lots_of(side, ticks)
        cdef Ladder* ladder = &self.own.bids if side == BUY else &self.own.asks
        if lots < -held:
            raise ValueError(f"{lots} lots at {ticks} ticks, where we hold {held}: we cannot hold less than nothing")
        if lots > INT64_MAX - held:
            raise OverflowError(f"{held} lots at {ticks} ticks and {lots} more do not fit int64")
        if held == 0 and lots > 0 and ladder.count == self.own.levels_max:
            raise OverflowError(f"our orders stand at {self.own.levels_max} prices: expected no more; raise levels_max")
        return self.own.update_level(side, ticks, held + lots)

    cdef tuple net_of(self, Book book, int side, Py_ssize_t levels):
        """Return the best `levels` of a side of the market, best first: both ladders are walked side by side."""
        cdef const Ladder* displayed = &book.bids if side == BUY else &book.asks
        cdef const Ladder* ours = &self.own.bids if side == BUY else &self.own.asks
        cdef Py_ssize_t i = displayed.count - 1
        cdef Py_ssize_t at = ours.count - 1
        cdef int64_t lots
        cdef list found = []
        while i >= 0 and len(found) < levels:
            while at >= 0 and ours.rungs[at].key > displayed.rungs[i].key:
                at -= 1
            lots = displayed.rungs[i].lots
            if at >= 0 and ours.rungs[at].key == displayed.rungs[i].key:
                lots -= ours.rungs[at].lots
            if lots > 0:
                found.append((side * displayed.rungs[i].key, lots))
            i -= 1
        return tuple(found)

    def add(self, side, ticks, lots):
        cdef int64_t wanted = int64_of(side, "side")
        cdef int64_t price = int64_of(ticks, "ticks")
        cdef int64_t more = int64_of(lots, "lots")
        if (wanted != BUY and wanted != SELL) or price <= 0:
            raise ValueError(f"side {wanted}, {price} ticks: expected 1 (buy) or -1 (sell) and a price above 0")
        self.change(<int>wanted, price, more)

    def lots_at(self, side, ticks):
        return self.own.lots_at(side, ticks)

    def depth(self, levels):
        return self.own.depth(levels)

    def net_depth(self, Book book not None, levels):
        cdef int64_t count = int64_of(levels, "levels")
        if count < 0:
            raise ValueError(f"depth {count}: expected 0 or more levels")
        return self.net_of(book, BUY, count), self.net_of(book, SELL, count)

    def clear(self):
        self.own.clear()

    def check(self):
        self.own.check()
        assert self.own.capped == 0, f"{self.own.capped} prices of ours were dropped"
