"""A best-price message of the form that a venue always prints, read in one go.

The texts between the five numbers are given and compared byte by byte: an exact form is checked, never assumed. A
message of any other form is not judged here; `scan` returns None and a real JSON decoder decides. It costs a fifth of
that decoder, on the message that a busy market sends most.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport int64_t

from hotpath.core.text cimport TEXT_MALFORMED, TEXT_OK, scan_decimal
from hotpath.core.units cimport Scale
from hotpath.market.fixed_form cimport scan_id, skip


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

    def scan(self, bytes payload not None):
        """Return (update id, bid ticks, bid lots, ask ticks, ask lots), all above 0, or None for any other form."""
        cdef int64_t values[5]
        if not self.read(payload, values):
            return None
        return values[0], values[1], values[2], values[3], values[4]

    cdef bint read(self, bytes payload, int64_t* values) noexcept:
        """Read the five numbers; False for any other form."""
        cdef const unsigned char* p = <const unsigned char*>PyBytes_AS_STRING(payload)
        cdef const unsigned char* end = p + PyBytes_GET_SIZE(payload)
        cdef int error = TEXT_OK
        p = skip(p, end, PyBytes_AS_STRING(self.head), PyBytes_GET_SIZE(self.head))
        p = scan_id(p, end, &values[0])
        if p == NULL:
            return False
        p = self.number(p, end, self.middle, self.price_decimals, &values[1], &error)
        p = self.number(p, end, self.bid_lots, self.quantity_decimals, &values[2], &error)
        p = self.number(p, end, self.ask, self.price_decimals, &values[3], &error)
        p = self.number(p, end, self.ask_lots, self.quantity_decimals, &values[4], &error)
        return error == TEXT_OK and skip(p, end, PyBytes_AS_STRING(self.tail), PyBytes_GET_SIZE(self.tail)) == end

    cdef const unsigned char* number(
        self, const unsigned char* p, const unsigned char* end, bytes before, int decimals, int64_t* value, int* error
    ) noexcept:
        """Read one number above 0 behind the text before it; after an error nothing is read."""
        p = skip(p, end, PyBytes_AS_STRING(before), PyBytes_GET_SIZE(before))
        if p == NULL or error[0] != TEXT_OK:
            error[0] = TEXT_MALFORMED
            return NULL
        p = scan_decimal(p, end, decimals, value, error)
        if value[0] <= 0:
            error[0] = TEXT_MALFORMED
        return p
