"""The quote of one instrument: from best price or book to those who listen."""

from libc.stdint cimport int64_t

from engine.messages.best_price cimport BestPrice
from hotpath.market.book cimport Book
from hotpath.market.sequence cimport Sequence


# What becomes of a best price or a delta.
cpdef enum:
    TAKEN = 0
    OLD = 1         # it was known
    MISSING = 2     # something is missing before it
    CROSSED = 3     # it crosses bid and ask
    DIFFERS = 4     # book and best price differ at the same update


cdef class QuoteLine:
    cdef readonly object instrument
    cdef readonly object index
    cdef readonly object scale
    cdef readonly Book book
    cdef public object state            # RecoveryState of the book
    cdef public object quote            # as published last; None while the book may not be used
    cdef public int64_t quote_id        # the update that quotes have reached
    cdef public int64_t book_id         # the update that the book has reached
    cdef readonly object recent         # best prices kept for the book to catch up with
    cdef readonly Sequence sequence
    cdef public bint heard
    cdef public tuple quote_refs
    cdef public tuple depth_refs
    cdef public object depth            # the best levels as published last, None before

    # ---- counters of the summary
    cdef public int64_t applied
    cdef public int64_t dropped
    cdef public int64_t bbo_checks
    cdef public int64_t bbo_mismatches

    cdef int take_price(self, BestPrice price) except -1
    cdef int apply_delta(self, object delta) except -1
    cdef bint repeats(self, int64_t bid_ticks, int64_t bid_lots, int64_t ask_ticks, int64_t ask_lots) except -1
    cdef int publish(self, object quote) except -1
    cdef BestPrice best_price_of(self, int64_t update_id)
    cdef bint agrees(self, BestPrice price) except -1


cdef class MarketFront:
    cdef list lines
    cdef Py_ssize_t depth_levels
    cdef object keep
    cdef object broken

    cdef QuoteLine line_of(self, int64_t instrument)
