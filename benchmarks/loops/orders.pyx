"""Loops over what fills cost, in compiled code: nothing of Python stands between two operations."""

from libc.stdint cimport int64_t

from hotpath.market.book cimport Book
from hotpath.orders.fills cimport Average, expected_fill


def average_fill(Average average not None, int64_t price_ticks, Py_ssize_t count):
    """Count `count` fills of one lot in, at this price and one tick above in turn."""
    cdef Py_ssize_t i
    for i in range(count):
        average.add_fill(price_ticks + (i & 1), 1)


def sweep(Book book not None, int64_t lots, Py_ssize_t count):
    """Ask `count` times what buying or selling `lots` would cost, in turn; returns the lots that there were."""
    cdef int64_t filled = 0
    cdef Py_ssize_t i
    for i in range(count):
        filled += expected_fill(book, 1 if i & 1 else -1, lots).lots
    return filled
