"""The quote of one instrument: it comes from whichever of best price and book is further, and never goes back.

A busy market sends best prices more than anything else, so their way to risk and strategies is compiled. Only what is
news is published. What the two sources prove about each other, and what follows when they differ, is feed's.
"""

from libc.stdint cimport int64_t

from hotpath.core.fields cimport expect, int_at, object_at, place_of
from hotpath.core.mailbox cimport tell_ref
from hotpath.market.book cimport Book

from collections import deque

from actors.feed.recovery import RecoveryState
from engine.messages.market import BestPrice, Quote

RECENT_MAX = 64
"""Best prices kept for the book to catch up with; it lags by at most 4 in the recordings."""

TAKEN, TO_COMPARE, CROSSED = range(3)
"""What becomes of a best price: nothing more, the book stands at the same update, or bid and ask are crossed."""

cdef enum:
    C_TAKEN = 0
    C_TO_COMPARE = 1
    C_CROSSED = 2

cdef object Price = BestPrice
cdef object make_quote = Quote
cdef object IDLE = RecoveryState.IDLE
cdef object SYNCHRONISED = RecoveryState.SYNCHRONISED

cdef Py_ssize_t P_UPDATE_ID = place_of(BestPrice, "update_id")
cdef Py_ssize_t P_BID_TICKS = place_of(BestPrice, "bid_ticks")
cdef Py_ssize_t P_BID_LOTS = place_of(BestPrice, "bid_lots")
cdef Py_ssize_t P_ASK_TICKS = place_of(BestPrice, "ask_ticks")
cdef Py_ssize_t P_ASK_LOTS = place_of(BestPrice, "ask_lots")
cdef Py_ssize_t P_TIME_NS = place_of(BestPrice, "time_ns")
cdef Py_ssize_t Q_BID_TICKS = place_of(Quote, "bid_ticks")
cdef Py_ssize_t Q_BID_LOTS = place_of(Quote, "bid_lots")
cdef Py_ssize_t Q_ASK_TICKS = place_of(Quote, "ask_ticks")
cdef Py_ssize_t Q_ASK_LOTS = place_of(Quote, "ask_lots")


cdef class QuoteLine:
    """What feed knows about one instrument as far as its quotes go; a base class."""

    def __init__(self, instrument):
        self.instrument = instrument
        self.index = instrument.index
        self.scale = instrument.scale
        self.book = Book()
        self.state = IDLE
        self.quote = None
        self.quote_id = self.book_id = 0
        self.recent = deque(maxlen=RECENT_MAX)
        self.heard = False
        self.quote_refs = ()

    def take(self, price):
        """Take a best price and publish it when it is news. Returns TAKEN, TO_COMPARE or CROSSED."""
        cdef int64_t update_id, bid_ticks, bid_lots, ask_ticks, ask_lots
        expect(price, Price)
        self.heard = True
        self.recent.append(price)
        if self.state is not SYNCHRONISED:
            return C_TAKEN
        update_id = int_at(price, P_UPDATE_ID)
        if update_id <= self.quote_id:
            return C_TO_COMPARE if update_id == self.book_id else C_TAKEN
        self.quote_id = update_id
        bid_ticks, bid_lots = int_at(price, P_BID_TICKS), int_at(price, P_BID_LOTS)
        ask_ticks, ask_lots = int_at(price, P_ASK_TICKS), int_at(price, P_ASK_LOTS)
        if self.repeats(bid_ticks, bid_lots, ask_ticks, ask_lots):
            return C_TAKEN
        if bid_ticks >= ask_ticks > 0:
            return C_CROSSED
        self.publish(
            make_quote(
                self.index, object_at(price, P_BID_TICKS), object_at(price, P_BID_LOTS),
                object_at(price, P_ASK_TICKS), object_at(price, P_ASK_LOTS), object_at(price, P_UPDATE_ID),
                object_at(price, P_TIME_NS), self.scale,
            )
        )
        return C_TAKEN

    def take_book(self, int64_t time_ns):
        """Publish the book's best, which is further than the best prices, when it is news."""
        cdef Book book = self.book
        self.quote_id = self.book_id
        if not self.repeats(book.top.bid_ticks, book.top.bid_lots, book.top.ask_ticks, book.top.ask_lots):
            self.publish(
                make_quote(
                    self.index, book.top.bid_ticks, book.top.bid_lots, book.top.ask_ticks, book.top.ask_lots,
                    self.book_id, time_ns, self.scale,
                )
            )

    cdef bint repeats(self, int64_t bid_ticks, int64_t bid_lots, int64_t ask_ticks, int64_t ask_lots) except -1:
        """Whether the last quote says the same."""
        cdef object last = self.quote
        return (
            last is not None and int_at(last, Q_BID_LOTS) == bid_lots and int_at(last, Q_ASK_LOTS) == ask_lots
            and int_at(last, Q_BID_TICKS) == bid_ticks and int_at(last, Q_ASK_TICKS) == ask_ticks
        )

    cdef int publish(self, object quote) except -1:
        """Tell everyone who listens, in their order."""
        cdef object listener
        self.quote = quote
        for listener in self.quote_refs:
            tell_ref(listener, quote)
        return 0
