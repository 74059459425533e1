"""Quote and depth of an instrument: a quote comes from whichever of best price and book is further, never going back.

Best prices and deltas are what a busy market sends most, so what they do to book and quote is compiled. Only what is
news is published, and book and best price prove each other wherever they stand at the same update. What follows when
they do not agree, or when something is missing, is feed's.
"""

from cython cimport final
from libc.stdint cimport int64_t

from engine.messages.best_price cimport BestPrice
from hotpath.core.fields cimport expect, int_at, object_at, place_of
from hotpath.core.mailbox cimport tell_ref
from hotpath.market.book cimport Book
from hotpath.market.levels cimport Levels
from hotpath.market.sequence cimport DUPLICATE, GAP, Sequence

from collections import deque

from actors.feed.recovery import RecoveryState
from engine.messages.market import BookDelta, Depth, Quote

RECENT_MAX = 64
"""Best prices kept for the book to catch up with; it lags by at most 4 in the recordings."""

cdef object Delta = BookDelta
cdef object Quoted = Quote
cdef object make_quote = Quote
cdef object make_depth = Depth
cdef object IDLE = RecoveryState.IDLE
cdef object SYNCHRONISED = RecoveryState.SYNCHRONISED

cdef Py_ssize_t D_INSTRUMENT = place_of(BookDelta, "instrument")
cdef Py_ssize_t D_FIRST_ID = place_of(BookDelta, "first_id")
cdef Py_ssize_t D_LAST_ID = place_of(BookDelta, "last_id")
cdef Py_ssize_t D_TIME_NS = place_of(BookDelta, "time_ns")
cdef Py_ssize_t D_BIDS = place_of(BookDelta, "bids")
cdef Py_ssize_t D_ASKS = place_of(BookDelta, "asks")
cdef Py_ssize_t Q_BID_TICKS = place_of(Quote, "bid_ticks")
cdef Py_ssize_t Q_BID_LOTS = place_of(Quote, "bid_lots")
cdef Py_ssize_t Q_ASK_TICKS = place_of(Quote, "ask_ticks")
cdef Py_ssize_t Q_ASK_LOTS = place_of(Quote, "ask_lots")


cdef class QuoteLine:
    """What feed knows about one instrument as far as its quotes go; a base class."""

    def __init__(self, instrument, levels_max):
        self.instrument = instrument
        self.index = instrument.index
        self.scale = instrument.scale
        self.book = Book(levels_max)
        self.sequence = Sequence()
        self.state = IDLE
        self.quote = None
        self.quote_id = self.book_id = 0
        self.recent = deque(maxlen=RECENT_MAX)
        self.heard = False
        self.quote_refs = ()
        self.depth_refs = ()
        self.depth = None
        self.applied = self.dropped = self.bbo_checks = self.bbo_mismatches = 0

    cdef int take_price(self, BestPrice price) except -1:
        """Take a best price and publish it when it is news; returns TAKEN, CROSSED or DIFFERS."""
        self.heard = True
        self.recent.append(price)
        if self.state is not SYNCHRONISED:
            return TAKEN
        if price.update_id <= self.quote_id:
            return TAKEN if price.update_id != self.book_id or self.agrees(price) else DIFFERS
        self.quote_id = price.update_id
        if self.repeats(price.bid_ticks, price.bid_lots, price.ask_ticks, price.ask_lots):
            return TAKEN
        if price.bid_ticks >= price.ask_ticks > 0:
            return CROSSED
        self.publish(
            make_quote(
                self.index, price.bid_ticks, price.bid_lots, price.ask_ticks, price.ask_lots, price.update_id,
                price.time_ns, self.scale,
            )
        )
        return TAKEN

    def take(self, BestPrice price not None):
        """Take a best price and publish it when it is news; returns TAKEN, CROSSED or DIFFERS."""
        return self.take_price(price)

    def apply(self, delta):
        """Bring the book forward by one delta and prove it.

        Returns:
            TAKEN; OLD or MISSING, and the book is as it was; CROSSED or DIFFERS, and the book may not be used any more.
        """
        return self.apply_delta(delta)

    cdef int apply_delta(self, object delta) except -1:
        """Bring the book forward by one delta and prove it."""
        cdef int64_t last_id
        cdef BestPrice price
        expect(delta, Delta)
        last_id = int_at(delta, D_LAST_ID)
        cdef int verdict = self.sequence.judge(int_at(delta, D_FIRST_ID), last_id)
        if verdict == DUPLICATE:
            self.dropped += 1
            return OLD
        if verdict == GAP:
            return MISSING
        self.applied += 1
        self.book_id = last_id
        if self.book.apply_levels(<Levels?>object_at(delta, D_BIDS), <Levels?>object_at(delta, D_ASKS)):
            if 0 < self.book.top.ask_ticks <= self.book.top.bid_ticks:
                return CROSSED
        price = self.best_price_of(last_id)
        return TAKEN if price is None or self.agrees(price) else DIFFERS

    cdef BestPrice best_price_of(self, int64_t update_id):
        """Return the best price that the venue told for exactly this update, if it is still kept."""
        cdef BestPrice price
        for price in reversed(self.recent):
            if price.update_id <= update_id:
                return price if price.update_id == update_id else None
        return None

    cdef bint agrees(self, BestPrice price) except -1:
        """Compare book and best price at the same update: they must be equal."""
        cdef Book book = self.book
        self.bbo_checks += 1
        if (
            book.top.bid_ticks == price.bid_ticks and book.top.bid_lots == price.bid_lots
            and book.top.ask_ticks == price.ask_ticks and book.top.ask_lots == price.ask_lots
        ):
            return True
        self.bbo_mismatches += 1
        return False

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

    def publish_depth(self, levels_max, int64_t time_ns):
        """Publish the best levels of the book when they are news."""
        cdef object levels = self.book.best_levels(levels_max)
        cdef object depth, listener
        if levels != self.depth:
            self.depth = levels
            depth = make_depth(self.index, levels[0], levels[1], self.book_id, time_ns, self.scale)
            for listener in self.depth_refs:
                tell_ref(listener, depth)

    cdef bint repeats(self, int64_t bid_ticks, int64_t bid_lots, int64_t ask_ticks, int64_t ask_lots) except -1:
        """Whether the last quote says the same."""
        cdef object last = self.quote
        if last is None:
            return False
        expect(last, Quoted)
        return (
            int_at(last, Q_BID_LOTS) == bid_lots and int_at(last, Q_ASK_LOTS) == ask_lots
            and int_at(last, Q_BID_TICKS) == bid_ticks and int_at(last, Q_ASK_TICKS) == ask_ticks
        )

    cdef int publish(self, object quote) except -1:
        """Tell everyone who listens, in their order."""
        cdef object listener
        self.quote = quote
        for listener in self.quote_refs:
            tell_ref(listener, quote)
        return 0


@final
cdef class MarketFront:
    """What feed does with market data while nothing is wrong; the rest comes to `keep` and `broken`."""

    def __init__(self, lines, depth_levels, keep not None, broken not None):
        self.lines = list(lines)
        self.depth_levels = depth_levels
        self.keep = keep
        self.broken = broken

    def on_best_price(self, BestPrice price not None):
        """Publish a quote when the venue's best price is news; compare it where the book stands at the same update."""
        cdef QuoteLine line
        cdef int verdict
        line = self.line_of(price.instrument)
        verdict = line.take_price(price)
        if verdict != TAKEN:
            self.broken(line, verdict, price)

    def on_delta(self, delta):
        """Bring the book forward, prove it, and publish what is news; keep the delta while there is no book."""
        cdef QuoteLine line
        cdef int verdict
        expect(delta, Delta)
        line = self.line_of(int_at(delta, D_INSTRUMENT))
        line.heard = True
        if line.state is not SYNCHRONISED:
            self.keep(line, delta)
            return
        verdict = line.apply_delta(delta)
        if verdict != TAKEN:
            self.broken(line, verdict, delta)
            return
        if line.book_id > line.quote_id:
            line.take_book(int_at(delta, D_TIME_NS))
        if line.depth_refs and line.book.untouched_count < self.depth_levels:
            line.publish_depth(self.depth_levels, int_at(delta, D_TIME_NS))

    cdef QuoteLine line_of(self, int64_t instrument):
        """Return the line of an instrument."""
        if not 0 <= instrument < len(self.lines):
            raise IndexError(f"instrument {instrument} of market data; the feed has {len(self.lines)}")
        return <QuoteLine?>self.lines[<Py_ssize_t>instrument]
