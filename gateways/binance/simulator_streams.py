"""The simulated venue's market streams: who listens to what, and the frames of a recorded or a synthetic market.

A feed plays one market: it moves the book that orders meet and publishes frames to the connections that subscribed.
Recorded frames go out byte for byte, whatever they say; one that cannot be read moves nothing here and is the client's
to judge. Nothing is published that nobody hears.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol
from urllib.parse import parse_qs

from msgspec import MsgspecError
from msgspec.json import encode

from engine.errors import UsageError, VenueProtocolError
from engine.instruments import Instrument
from engine.messages.best_price import BestPrice
from engine.messages.market import BookDelta, Trade
from gateways.binance.market import MarketDecoder
from gateways.binance.simulator_public import PublicAnswers
from gateways.binance.simulator_requests import decode_texts, read_frame
from gateways.binance.simulator_rules import RequestError, milliseconds, price_text, quantity_text
from gateways.simulator.exchange import Exchange
from gateways.simulator.market import RecordedMarket
from gateways.simulator.recorded import RecordedBook
from gateways.simulator.synthetic import BestChanged, DepthChanged, MarketFact, SyntheticMarket

SNAPSHOT_MARK = b'"lastUpdateId"'
STREAM_HEAD = b'{"stream":"'
STREAMS_MAX = 1_024
"""Streams of one connection, as at the venue."""


class Streams:
    """The stream connections and their subscriptions."""

    def __init__(self, send: Callable[[int, bytes], None]) -> None:
        """`send` is called with (connection, payload)."""
        self._send = send
        self._names_of: dict[int, dict[str, None]] = {}
        self._listeners: dict[str, dict[int, None]] = {}

    def open(self, connection: int, path: str) -> None:
        """Take a new connection with the streams that its path names."""
        self._names_of[connection] = {}
        named = parse_qs(path.partition("?")[2]).get("streams", [""])[-1]
        self._subscribe(connection, [name for name in named.split("/") if name])

    def holds(self, connection: int) -> bool:
        """Say whether a connection is one of the streams'."""
        return connection in self._names_of

    def connections(self) -> list[int]:
        """Return the open connections, oldest first."""
        return list(self._names_of)

    def closed(self, connection: int) -> None:
        """Forget a connection."""
        self._unsubscribe(connection, list(self._names_of.pop(connection, ())))

    @property
    def heard(self) -> bool:
        """Whether anybody listens to anything."""
        return bool(self._listeners)

    def hears(self, stream: str) -> bool:
        """Say whether anybody listens to a stream."""
        return stream in self._listeners

    def publish(self, stream: str, payload: bytes) -> None:
        """Send a frame to everybody who listens to its stream."""
        for connection in list(self._listeners.get(stream, ())):
            self._send(connection, payload)

    def receive(self, connection: int, payload: bytes) -> None:
        """Carry out SUBSCRIBE, UNSUBSCRIBE or LIST_SUBSCRIPTIONS."""
        try:
            frame = read_frame(payload)
        except RequestError:
            self._send(connection, b'{"code":3,"msg":"Invalid JSON: expected value at line 1 column 1"}')
            return
        result: Any = None
        try:
            if frame.method == "SUBSCRIBE":
                self._subscribe(connection, decode_texts(frame.params))
            elif frame.method == "UNSUBSCRIBE":
                self._unsubscribe(connection, decode_texts(frame.params))
            elif frame.method == "LIST_SUBSCRIPTIONS":
                result = list(self._names_of[connection])
            else:
                text = (
                    f"Invalid request: unknown variant {frame.method}, "
                    "expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`"
                )
                self._send(connection, encode({"code": 2, "msg": text, "id": frame.id}))
                return
        except MsgspecError:
            self._send(connection, encode({"code": 2, "msg": "Invalid request: params must be texts", "id": frame.id}))
            return
        self._send(connection, encode({"result": result, "id": frame.id}))

    def _subscribe(self, connection: int, names: Iterable[str]) -> None:
        subscribed = self._names_of[connection]
        for name in names:
            if len(subscribed) < STREAMS_MAX:
                subscribed[name] = None
                self._listeners.setdefault(name, {})[connection] = None

    def _unsubscribe(self, connection: int, names: Iterable[str]) -> None:
        for name in names:
            self._names_of.get(connection, {}).pop(name, None)
            listeners = self._listeners.get(name, {})
            listeners.pop(connection, None)
            if not listeners:
                self._listeners.pop(name, None)


class Feed(Protocol):
    """One market being played."""

    exchange: Exchange

    @property
    def next_ns(self) -> int | None:
        """When something next happens, None before the start and after the end."""

    @property
    def ended(self) -> bool:
        """Whether everything was played."""

    def start(self, now_ns: int) -> None:
        """Begin to play; a second call changes nothing."""

    def step(self) -> None:
        """Play what is next."""

    def publish(self) -> None:
        """Publish what clients' orders did to the market."""


class RecordedFeed:
    """A recorded session of one instrument."""

    def __init__(
        self,
        market: RecordedMarket,
        book: RecordedBook,
        exchange: Exchange,
        streams: Streams,
        public: PublicAnswers,
        *,
        begins_when_heard: bool,
    ) -> None:
        """Play `market` at its recorded times, or from the moment at which somebody first subscribes.

        Raises:
            UsageError: the session holds no book to begin with.
        """
        if not market.holds(SNAPSHOT_MARK):
            raise UsageError(
                f"{market.place()}: the session holds no REST depth snapshot, so there is no book to trade with; "
                "put the capture before it that does"
            )
        self.exchange = exchange
        self._market = market
        self._book = book
        self._streams = streams
        self._public = public
        self._decoder = MarketDecoder(exchange.instrument.venue, [exchange.instrument])
        self._started = False
        self._begins_when_heard = begins_when_heard
        self.unread_count = 0
        """Recorded frames that this venue's own parser refused; they were sent all the same."""
        public.expect_recorded()

    @property
    def next_ns(self) -> int | None:
        """The time of the next line, None before the first subscription and after the end."""
        return self._market.next_ns if self._started else None

    @property
    def ended(self) -> bool:
        """Whether every line was played."""
        return self._market.next_ns is None

    def start(self, now_ns: int) -> None:
        """Begin to play; what lies behind the client's clock is played at once."""
        if not self._started and self._begins_when_heard:
            self._market.begin_at(now_ns)
        self._started = True

    def step(self) -> None:
        """Play one line."""
        line = self._market.take()
        if line.payload.startswith(b"{" + SNAPSHOT_MARK):
            self._play_snapshot(line.payload, line.time_ns)
        else:
            self._play_frame(line.payload, line.time_ns)
        self.exchange.settle_resting()
        if self.ended:
            self._public.end_recording()

    def publish(self) -> None:
        """Publish nothing: a recording is not disturbed."""

    def _play_snapshot(self, payload: bytes, time_ns: int) -> None:
        try:
            self._book.load(self._decoder.decode_snapshot(self.exchange.instrument, payload, time_ns))
        except VenueProtocolError:
            self.unread_count += 1
        self._public.take_recorded(payload)

    def _play_frame(self, payload: bytes, time_ns: int) -> None:
        try:
            message = self._decoder.decode(payload, time_ns)
        except VenueProtocolError:
            self.unread_count += 1
        else:
            if isinstance(message, BookDelta):
                self._book.apply(message)
            elif isinstance(message, BestPrice):
                self._book.best_price(message)
            elif isinstance(message, Trade):
                self._book.trade(message)
        name = payload[len(STREAM_HEAD) : payload.find(b'"', len(STREAM_HEAD))].decode("ascii", "replace")
        self._streams.publish(name, payload)


class SyntheticFeed:
    """A synthetic market of one instrument, written as the venue writes it."""

    ended = False
    """A synthetic market never ends."""

    def __init__(self, market: SyntheticMarket, exchange: Exchange, streams: Streams) -> None:
        """Play `market`."""
        self.exchange = exchange
        self._market = market
        self._streams = streams
        self._writer = FrameWriter(market.instrument)

    @property
    def next_ns(self) -> int | None:
        """The time of the market's next event, None before the first subscription."""
        return self._market.next_ns

    def start(self, now_ns: int) -> None:
        """Let the market live from now on."""
        self._market.start(now_ns)

    def step(self) -> None:
        """Play one event."""
        self._market.step()
        self.publish()
        self.exchange.settle_resting()

    def publish(self) -> None:
        """Publish the facts that wait."""
        for fact in self._market.facts:
            name = self._writer.stream_of(fact)
            if self._streams.hears(name):
                self._streams.publish(name, self._writer.write(fact))
        self._market.facts.clear()


class FrameWriter:
    """Facts of a market as frames of the combined stream."""

    def __init__(self, instrument: Instrument) -> None:
        """Write for one instrument."""
        self._instrument = instrument
        lower = instrument.symbol.lower()
        self._depth = f"{lower}@depth@100ms"
        self._ticker = f"{lower}@bookTicker"
        self._trade = f"{lower}@trade"

    def stream_of(self, fact: MarketFact) -> str:
        """Return the stream that a fact belongs to."""
        if isinstance(fact, DepthChanged):
            return self._depth
        return self._ticker if isinstance(fact, BestChanged) else self._trade

    def write(self, fact: MarketFact) -> bytes:
        """Return the frame of a fact."""
        symbol = self._instrument.symbol
        if isinstance(fact, DepthChanged):
            data = (
                f'"e":"depthUpdate","E":{milliseconds(fact.time_ns)},"s":"{symbol}","U":{fact.first_id},"u":{fact.last_id},'
                f'"b":{self._levels(fact.bids)},"a":{self._levels(fact.asks)}'
            )
        elif isinstance(fact, BestChanged):
            data = (
                f'"u":{fact.update_id},"s":"{symbol}","b":"{self._price(fact.bid_ticks)}",'
                f'"B":"{self._quantity(fact.bid_lots)}","a":"{self._price(fact.ask_ticks)}",'
                f'"A":"{self._quantity(fact.ask_lots)}"'
            )
        else:
            time_ms = milliseconds(fact.time_ns)
            data = (
                f'"e":"trade","E":{time_ms},"s":"{symbol}","t":{fact.trade_id},"p":"{self._price(fact.price_ticks)}",'
                f'"q":"{self._quantity(fact.lots)}","T":{time_ms},"m":{str(fact.buyer_is_maker).lower()},"M":true'
            )
        return f'{{"stream":"{self.stream_of(fact)}","data":{{{data}}}}}'.encode()

    def _price(self, ticks: int) -> str:
        return price_text(self._instrument, ticks)

    def _quantity(self, lots: int) -> str:
        return quantity_text(self._instrument, lots)

    def _levels(self, levels: Sequence[tuple[int, int]]) -> str:
        return "[" + ",".join(f'["{self._price(ticks)}","{self._quantity(lots)}"]' for ticks, lots in levels) + "]"
