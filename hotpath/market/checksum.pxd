"""The checksum that Kraken sends with its books."""

from libc.stdint cimport int64_t, uint32_t

from hotpath.market.book cimport Book, Ladder
from hotpath.market.book_l3 cimport BookL3
from hotpath.market.price_time cimport PriceTimeQueues

cdef enum:
    CHECKSUM_LEVELS = 10


# Hot calls.
cdef uint32_t checksum_of(Book book) noexcept nogil
cdef uint32_t checksum_of_orders(BookL3 book) noexcept nogil

cdef uint32_t ladder_checksum(const Ladder* ladder, int side, uint32_t before) noexcept nogil
cdef uint32_t queues_checksum(PriceTimeQueues queues, int side, uint32_t before) noexcept nogil
cdef uint32_t digits_checksum(int64_t ticks, int64_t lots, uint32_t before) noexcept nogil
