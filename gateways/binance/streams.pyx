"""Frames of the combined stream of one venue, read by the stream that their first bytes name.

Every input of a busy market passes here, so it is compiled: best prices and updates of the usual form are scanned in
one go, level arrays are parsed where they lie, and everything else goes to the typed decoders of schema.py. It judges a
frame by the venue's own rules and repairs nothing; what a broken one is called is decided by whoever made it.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport int64_t
from libc.string cimport memchr, memcmp

from engine.messages.best_price cimport BestPrice
from hotpath.core.mailbox cimport C_REFUSED, tell_ref
from hotpath.core.moment cimport now_of
from hotpath.market.best_price cimport BestPriceScanner
from hotpath.market.depth_update cimport DepthScanner, DepthText
from hotpath.market.levels cimport read_levels

from engine.errors import VenueProtocolError
from engine.messages.market import BookDelta, Side, Trade
from engine.runtime.port import InputKind
from gateways.binance.schema import ServerShutdown, decode_depth, decode_ticker, decode_trade
from gateways.session import SessionState
from hotpath.market.levels import parse_levels

cdef enum:
    NAME_AT = 11    # where the stream's name begins, behind HEAD

HEAD = b'{"stream":"'

DEPTH_STREAM, TICKER_STREAM, TRADE_STREAM = DEPTH, TICKER, TRADE

cdef object make_delta = BookDelta
cdef object Shutdown = ServerShutdown
cdef object BYTES = InputKind.BYTES
cdef object READY = SessionState.READY
cdef object BUY = Side.BUY
cdef object SELL = Side.SELL


cdef inline bint startswith(const char* text, bytes head) noexcept:
    """Whether a text, which is no shorter, begins so."""
    return memcmp(text, PyBytes_AS_STRING(head), <size_t>PyBytes_GET_SIZE(head)) == 0


cdef int check_side(str side, int64_t ticks, int64_t lots) except -1:
    """Accept an empty side, which the venue prints as 0 at 0, and nothing else that is not positive."""
    if ticks < 0 or lots < 0 or (ticks == 0) != (lots == 0):
        raise ValueError(f"best {side} of {lots} lots at {ticks} ticks; both must be above 0, or both 0")
    return 0


@cython.final
cdef class InstrumentStreams:
    """The three streams of one instrument."""

    def __init__(self, instrument, BestPriceScanner scanner not None, DepthScanner depth_scanner not None):
        self.index = instrument.index
        self.symbol = instrument.symbol
        self.scale = instrument.scale
        self.scanner = scanner
        self.depth_scanner = depth_scanner
        self.ahead_ns = 0

    cdef object ticker(self, bytes payload, int64_t now_ns):
        """Read a best price."""
        cdef int64_t values[5]
        cdef BestPrice price
        if not self.ahead_ns:
            self.ahead_ns = now_ns
        if not self.scanner.read(payload, values):
            self.unusual_ticker(payload, values)
        price = BestPrice.__new__(BestPrice)
        price.instrument, price.update_id, price.time_ns = self.index, values[0], now_ns
        price.bid_ticks, price.bid_lots = values[1], values[2]
        price.ask_ticks, price.ask_lots = values[3], values[4]
        return price

    cdef int unusual_ticker(self, bytes payload, int64_t* values) except -1:
        """Read a best price of an unusual form."""
        data = decode_ticker(payload).data
        self.check_symbol(data.symbol)
        values[0] = data.update_id
        values[1] = self.scale.price_ticks(data.bid)
        values[2] = self.scale.lots(data.bid_quantity)
        values[3] = self.scale.price_ticks(data.ask)
        values[4] = self.scale.lots(data.ask_quantity)
        check_side("bid", values[1], values[2])
        check_side("ask", values[3], values[4])
        return 0

    cdef object depth(self, bytes payload, int64_t now_ns):
        """Read an update of the book."""
        cdef DepthText text
        self.ahead_ns = 0
        if not self.depth_scanner.read(payload, &text):
            return self.unusual_depth(payload, now_ns)
        return self.delta(
            text.first_id, text.last_id, read_levels(text.bids, text.bids_bytes, self.scale),
            read_levels(text.asks, text.asks_bytes, self.scale), now_ns,
        )

    cdef object unusual_depth(self, bytes payload, int64_t now_ns):
        """Read an update of an unusual form."""
        data = decode_depth(payload).data
        self.check_symbol(data.symbol)
        bids, asks = parse_levels(data.bids, self.scale), parse_levels(data.asks, self.scale)
        return self.delta(data.first_id, data.last_id, bids, asks, now_ns)

    cdef object delta(self, int64_t first_id, int64_t last_id, object bids, object asks, int64_t now_ns):
        """Make the message of an update whose numbers are in order."""
        if first_id > last_id:
            raise ValueError(f"first update id U {first_id} is above the last u {last_id}")
        return make_delta(self.index, first_id, last_id, bids, asks, now_ns)

    cdef object trade(self, bytes payload, int64_t now_ns):
        """Read a trade."""
        data = decode_trade(payload).data
        self.check_symbol(data.symbol)
        price_ticks, lots = self.scale.price_ticks(data.price), self.scale.lots(data.quantity)
        if price_ticks <= 0 or lots <= 0:
            raise ValueError(f"a trade of {data.quantity} at {data.price}; both must be above 0")
        return Trade(
            self.index, data.trade_id, price_ticks, lots, SELL if data.buyer_is_maker else BUY, now_ns, self.scale
        )

    cdef int check_symbol(self, str symbol) except -1:
        """Refuse a frame of another instrument."""
        if symbol != self.symbol:
            raise ValueError(f"symbol {symbol!r} in the stream of {self.symbol}")
        return 0


@cython.final
cdef class Stream:
    """One stream of an instrument."""

    def __init__(self, InstrumentStreams owner not None, StreamKind kind):
        self.owner = owner
        self.kind = kind


@cython.final
cdef class Streams:
    """Every stream that was asked for."""

    def __init__(self, dict streams not None, malformed):
        self.streams = streams
        self.latest_head, self.latest = b"", None
        self.malformed = malformed
        self.seen_ns = 0

    cpdef object read(self, bytes payload, int64_t now_ns):
        """Return the message of one frame, None for a halted instrument; raises what `malformed` makes of a problem."""
        cdef Stream stream
        cdef object found
        if payload is None:
            raise TypeError("a frame is None; expected bytes")
        self.seen_ns = now_ns
        found = self.find(payload)
        if found is self:
            raise self.malformed(b"", None, payload)
        if type(found) is not Stream:
            return found
        stream = <Stream>found
        try:
            if stream.kind == TICKER:
                return stream.owner.ticker(payload, now_ns)
            if stream.kind == DEPTH:
                return stream.owner.depth(payload, now_ns)
            return stream.owner.trade(payload, now_ns)
        except Exception as problem:
            told = self.malformed(self.latest_head, problem, payload)
            if told is problem:
                raise
            raise told from problem

    @cython.overflowcheck(False)  # which cannot subtract pointers
    cdef object find(self, bytes payload):
        """Return what the head of a frame, all up to the end of its stream's name, stands for; self for no stream."""
        cdef const char* text = PyBytes_AS_STRING(payload)
        cdef Py_ssize_t length = PyBytes_GET_SIZE(payload)
        cdef Py_ssize_t known = PyBytes_GET_SIZE(self.latest_head)
        cdef const char* end = NULL
        cdef bytes head
        cdef object found
        if self.latest is not None and length > known and text[known] == c'"' and startswith(text, self.latest_head):
            return self.latest
        if length > NAME_AT:
            end = <const char*>memchr(text + NAME_AT, c'"', <size_t>(length - NAME_AT))
        head = text[:end - text] if end != NULL else b""
        found = self.streams.get(head, self)
        if type(found) is Stream:
            self.latest_head, self.latest = head, <Stream>found
        return found

    def halt(self, bytes head not None):
        """Read no more of a stream: its frames mean nothing."""
        self.streams[head] = self.latest = None


@cython.final
cdef class Frames:
    """The market stream's way from its port to feed."""

    def __init__(self, Streams streams not None):
        self.streams = streams

    def connect(self, owner not None):
        """Pass frames on to the feed of a gateway, while its stream is READY."""
        self.owner = owner
        self.context = owner.context
        self.session = owner.stream
        self.feed = owner.feed

    def on_stream(self, kind, bytes payload not None):
        """Take an input of the market stream."""
        cdef int64_t now_ns
        cdef object message
        if kind is not BYTES:
            self.owner.stream.take(kind, payload)
            return
        if self.session.state is not READY:
            return
        now_ns = now_of(self.context)
        try:
            message = self.streams.read(payload, now_ns)
        except VenueProtocolError as problem:
            self.owner.bad_frame(problem)
            return
        if message is None:
            return
        if type(message) is Shutdown:
            self.owner.shutdown_announced()
        elif tell_ref(self.feed, message) == C_REFUSED:
            self.owner.feed_refused_count += 1
