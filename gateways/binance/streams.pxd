"""Frames of the combined stream of one venue, read by the stream that their first bytes name."""

from libc.stdint cimport int64_t

from hotpath.core.units cimport Scale
from hotpath.market.best_price cimport BestPriceScanner
from hotpath.market.depth_update cimport DepthScanner

cdef enum StreamKind:
    DEPTH
    TICKER
    TRADE


cdef class InstrumentStreams:
    cdef object index
    cdef str symbol
    cdef Scale scale
    cdef BestPriceScanner scanner
    cdef DepthScanner depth_scanner
    cdef public int64_t ahead_ns    # when a best price came that no update of the book has followed; 0 when one has

    cdef object ticker(self, bytes payload, int64_t now_ns)
    cdef object depth(self, bytes payload, int64_t now_ns)
    cdef object unusual_depth(self, bytes payload, int64_t now_ns)
    cdef object delta(self, int64_t first_id, int64_t last_id, object bids, object asks, int64_t now_ns)
    cdef object trade(self, bytes payload, int64_t now_ns)
    cdef int unusual_ticker(self, bytes payload, int64_t* values) except -1
    cdef int check_symbol(self, str symbol) except -1


cdef class Stream:
    cdef InstrumentStreams owner
    cdef StreamKind kind


cdef class Streams:
    cdef dict streams               # by the first bytes of a frame: a Stream, or the message that any frame means
    cdef Stream latest              # of the frame before, because a stream often comes again; None after a halt
    cdef bytes latest_head
    cdef object malformed
    cdef public int64_t seen_ns     # when the last frame came

    cpdef object read(self, bytes payload, int64_t now_ns)
    cdef object find(self, bytes payload)


cdef class Frames:
    cdef Streams streams
    cdef object context
    cdef object session
    cdef object feed
    cdef object owner       # takes what is no frame of a live session, and what becomes of bad ones
