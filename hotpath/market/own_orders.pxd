"""Our own resting lots by price, for a view of the book without us."""

cimport cython
from libc.stdint cimport int64_t

from hotpath.market.book cimport Book


@cython.final
cdef class OwnOrders:
    cdef Book own           # our lots, kept as the levels of a book of their own

    cdef int change(self, int side, int64_t ticks, int64_t lots) except -1
    cdef tuple net_of(self, Book book, int side, Py_ssize_t levels)
