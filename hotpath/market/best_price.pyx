"""A best-price message of the form that a venue always prints, read in one go.

The texts between the five numbers are given and compared byte by byte: an exact form is checked, never assumed. A
message of any other form is not judged here; `scan` returns None and a real JSON decoder decides. It costs a fifth of
that decoder, on the message that a busy market sends most.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport int64_t
from libc.string cimport memchr, memcmp

from hotpath.core.text cimport TEXT_OK, scan_decimal
from hotpath.core.units cimport Scale


@cython.overflowcheck(False)  # which cannot subtract pointers
cdef const unsigned char* skip(
    const unsigned char* p, const unsigned char* end, const char* text, Py_ssize_t length
) noexcept nogil:
    """Return what follows `text`, or NULL when something else stands there."""
    if p == NULL or end - p < length or memcmp(p, text, length) != 0:
        return NULL
    return p + length


@cython.final
cdef class BestPriceScanner:
    """Reads `head ID middle BID bid_lots LOTS ask ASK ask_lots LOTS tail`, and nothing else."""

    def __init__(
        self, bytes head not None, bytes middle not None, bytes bid_lots not None, bytes ask not None,
        bytes ask_lots not None, bytes tail not None, Scale scale not None,
    ):
        self.head = head
        self.middle = middle
        self.bid_lots = bid_lots
        self.ask = ask
        self.ask_lots = ask_lots
        self.tail = tail
        self.price_decimals = scale.price_decimals
        self.quantity_decimals = scale.quantity_decimals

    @cython.overflowcheck(False)  # as above
    def scan(self, bytes payload not None):
        """Return (update id, bid ticks, bid lots, ask ticks, ask lots), all above 0, or None for any other form."""
        cdef const unsigned char* p = <const unsigned char*>PyBytes_AS_STRING(payload)
        cdef const unsigned char* end = p + PyBytes_GET_SIZE(payload)
        cdef const unsigned char* number
        cdef int64_t values[5]
        cdef int error = TEXT_OK
        cdef int index
        cdef bytes before
        for index in range(5):
            if index == 0:
                before = self.head
            elif index == 1:
                before = self.middle
            elif index == 2:
                before = self.bid_lots
            elif index == 3:
                before = self.ask
            else:
                before = self.ask_lots
            p = skip(p, end, PyBytes_AS_STRING(before), PyBytes_GET_SIZE(before))
            if p == NULL:
                return None
            if index == 0:
                number = p
                p = scan_decimal(p, end, 0, &values[index], &error)
                if number[0] == c'0' or memchr(number, c'.', <size_t>(p - number)) != NULL:
                    return None  # a decimal may be written so, a JSON integer may not
            elif index % 2:
                p = scan_decimal(p, end, self.price_decimals, &values[index], &error)
            else:
                p = scan_decimal(p, end, self.quantity_decimals, &values[index], &error)
            if error != TEXT_OK or values[index] <= 0:
                return None
        if skip(p, end, PyBytes_AS_STRING(self.tail), PyBytes_GET_SIZE(self.tail)) != end:
            return None
        return values[0], values[1], values[2], values[3], values[4]
