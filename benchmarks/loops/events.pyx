"""A loop over level-2 events, in compiled code."""

from hotpath.market.book cimport Book
from hotpath.market.levels cimport Levels


def set_levels(Book book not None, Levels levels not None, const unsigned char[:] sides):
    """Set one level after the other, a bid where its byte is 1; returns how often both sides had a best price."""
    cdef Py_ssize_t both = 0
    cdef Py_ssize_t i
    for i in range(min(levels.count, sides.shape[0])):
        book.update_level(1 if sides[i] else -1, levels.levels[i].ticks, levels.levels[i].lots)
        both += book.top.bid_ticks > 0 and book.top.ask_ticks > 0
    return both
