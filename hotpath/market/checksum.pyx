"""Kraken's checksums of a book: CRC32 over the digits of the best ten prices, asks first, best first.

The rule (Kraken, WebSocket v2, "Book checksum" and "L3 checksum"): write a price and a quantity as the venue prints
them, take out the dot and the zeros in front, and put them one behind the other; order by order in the order of the
queue where orders are known. What is left of the text are the digits of an integer, so no text is needed: ticks and
lots at the venue's own decimals are these integers, less the zeros at the end that it did not print.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t

from hotpath.core.crc32 cimport crc32_of
from hotpath.core.text cimport DECIMAL_TEXT_MAX, POW10, format_decimal
from hotpath.market.book cimport Book, Ladder
from hotpath.market.book_l3 cimport BookL3
from hotpath.market.price_time cimport BUY, SELL, PriceTimeQueues, RestingOrder, Stair


cdef uint32_t digits_checksum(int64_t ticks, int64_t lots, uint32_t before) noexcept nogil:
    """Go on with the digits of a price and a quantity."""
    cdef char text[2 * DECIMAL_TEXT_MAX]
    cdef Py_ssize_t length = format_decimal(text, ticks, 0)
    length += format_decimal(text + length, lots, 0)
    return crc32_of(<const unsigned char*>text, length, before)


cdef uint32_t ladder_checksum(const Ladder* ladder, int side, uint32_t before) noexcept nogil:
    """Go on with the best levels of a side."""
    cdef Py_ssize_t i
    for i in range(ladder.count - 1, max(ladder.count - 1 - CHECKSUM_LEVELS, -1), -1):
        before = digits_checksum(side * ladder.rungs[i].key, ladder.rungs[i].lots, before)
    return before


cdef uint32_t queues_checksum(PriceTimeQueues queues, int side, uint32_t before) noexcept nogil:
    """Go on with the orders of the best prices of a side."""
    cdef Stair* stair = queues.stair_of(side)
    cdef int32_t at, slot
    cdef RestingOrder* order
    for at in range(stair.count - 1, max(stair.count - 1 - CHECKSUM_LEVELS, -1), -1):
        slot = queues.queues[stair.steps[at].queue].first
        while slot >= 0:
            order = &queues.orders[slot]
            before = digits_checksum(side * stair.steps[at].key, order.lots // POW10[order.mark], before)
            slot = order.next
    return before


cdef uint32_t checksum_of(Book book) noexcept nogil:
    return ladder_checksum(&book.bids, BUY, ladder_checksum(&book.asks, SELL, 0))


cdef uint32_t checksum_of_orders(BookL3 book) noexcept nogil:
    return queues_checksum(book.queues, BUY, queues_checksum(book.queues, SELL, 0))


def checksum(Book book not None):
    return checksum_of(book)


def orders_checksum(BookL3 book not None):
    return checksum_of_orders(book)
