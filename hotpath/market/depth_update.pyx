"""A book update of the form that a venue always prints, taken apart in one go.

The texts around the three numbers and the two arrays of levels are given and compared byte by byte: an exact form is
checked, never assumed. A message of any other form is not judged here, and a real JSON decoder decides. What stands in
the arrays is not looked at: they end at the first letter, and whoever parses them refuses what is no level.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport int64_t
from libc.string cimport memchr

from hotpath.market.fixed_form cimport scan_id, skip

cdef enum:
    KEY_AT = 2      # where the letter stands in the text between the arrays: `,"a":`


@cython.final
cdef class DepthScanner:
    """Reads `head TIME first ID last ID bids [...] asks [...] tail`, and nothing else."""

    def __init__(
        self, bytes head not None, bytes first not None, bytes last not None, bytes bids not None, bytes asks not None,
        bytes tail not None,
    ):
        if len(asks) <= KEY_AT or not asks[KEY_AT:KEY_AT + 1].isalpha():
            raise ValueError(f"{asks!r} between the arrays; expected a letter at byte {KEY_AT}, which no level holds")
        self.head = head
        self.first = first
        self.last = last
        self.bids = bids
        self.asks = asks
        self.tail = tail

    def scan(self, bytes payload not None):
        """Return (first id, last id, text of the bids, text of the asks), or None for any other form."""
        cdef DepthText found
        if not self.read(payload, &found):
            return None
        return found.first_id, found.last_id, found.bids[:found.bids_bytes], found.asks[:found.asks_bytes]

    @cython.overflowcheck(False)  # which cannot subtract pointers
    cdef bint read(self, bytes payload, DepthText* found) noexcept:
        """Find numbers and arrays; False for any other form."""
        cdef const unsigned char* p = <const unsigned char*>PyBytes_AS_STRING(payload)
        cdef const unsigned char* end = p + PyBytes_GET_SIZE(payload)
        cdef const unsigned char* stop = end - PyBytes_GET_SIZE(self.tail)
        cdef const unsigned char* key
        cdef int64_t time
        p = scan_id(skip(p, end, PyBytes_AS_STRING(self.head), PyBytes_GET_SIZE(self.head)), end, &time)
        p = skip(p, end, PyBytes_AS_STRING(self.first), PyBytes_GET_SIZE(self.first))
        p = scan_id(p, end, &found.first_id)
        p = skip(p, end, PyBytes_AS_STRING(self.last), PyBytes_GET_SIZE(self.last))
        p = scan_id(p, end, &found.last_id)
        p = skip(p, end, PyBytes_AS_STRING(self.bids), PyBytes_GET_SIZE(self.bids))
        if p == NULL or stop < p or skip(stop, end, PyBytes_AS_STRING(self.tail), end - stop) != end:
            return False
        key = <const unsigned char*>memchr(p, PyBytes_AS_STRING(self.asks)[KEY_AT], <size_t>(stop - p))
        if key == NULL or key - p < KEY_AT:
            return False
        found.bids = p
        found.bids_bytes = key - KEY_AT - p
        found.asks = skip(key - KEY_AT, stop, PyBytes_AS_STRING(self.asks), PyBytes_GET_SIZE(self.asks))
        if found.asks == NULL:
            return False
        found.asks_bytes = stop - found.asks
        return True
