"""What a price-level book says beyond its best: reading only."""

from libc.stdint cimport int64_t

from hotpath.core.units cimport int128
from hotpath.market.book cimport Book


cdef struct Swept:
    int128 cost_ticks_lots
    int64_t lots            # fewer than asked for where the book ends
    int64_t worst_ticks     # the last price that was needed; 0 for none
    Py_ssize_t levels


# Hot calls. `side` is the side of an order that takes, `of_side` one of the book.
cdef Swept sweep_levels(Book book, int side, int64_t lots) noexcept nogil
cdef int128 lots_to_level(Book book, int of_side, Py_ssize_t levels) noexcept nogil
cdef int128 lots_to_price(Book book, int of_side, int64_t ticks) noexcept nogil
# Both need lots on each side.
cdef double imbalance_of(Book book, Py_ssize_t levels) noexcept nogil
cdef double microprice_of(Book book) noexcept nogil
