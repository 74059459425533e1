"""Binance spot as a program: the venue's own protocol over a recorded or a synthetic market, sans-IO.

It takes connections, bytes and a time and calls `send` and `close`; the in-memory network and the server drive the same
object. It reads no clock: what happens is decided by the market, the requests, the seed and the times it is told, so
the same calls give the same bytes. A market begins to play when somebody first subscribes to it, and its next event is
announced by next_event_ns(). When a recording ends every stream connection is closed with 1000; the API stays, so that
a client can cancel what is open and leave.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path

from msgspec import Struct, field

from gateways.binance.simulator_api import Api
from gateways.binance.simulator_orders import Orders
from gateways.binance.simulator_public import PublicAnswers
from gateways.binance.simulator_rules import UNIT, Limits, listed
from gateways.binance.simulator_session import SimulatorKeys
from gateways.binance.simulator_streams import Feed, RecordedFeed, Streams, SyntheticFeed
from gateways.simulator.accounts import Account, Fees
from gateways.simulator.exchange import Exchange, TradingBook
from gateways.simulator.faults import FaultPlan
from gateways.simulator.market import RecordedMarket
from gateways.simulator.recorded import RecordedBook
from gateways.simulator.synthetic import NATURAL_RATE, SyntheticMarket

STREAM_PATH = "/stream"
API_PATH = "/ws-api/v3"
NORMAL_CLOSURE = 1000
POLICY_VIOLATION = 1008
BALANCES = {"BTC": 2 * UNIT, "USDT": 100_000 * UNIT}


class SimulatorOptions(Struct, frozen=True):
    """What a simulated venue is made of, beside its market."""

    venue: str = "binance_spot"
    seed: int = 0
    balances: Mapping[str, int] = field(default_factory=BALANCES.copy)
    """What the account begins with, in 1e-8 of each asset."""
    fees: Fees = Fees()
    limits: Limits = Limits()
    keys: SimulatorKeys | None = None
    """The pairs that are accepted; made from the seed when there are none."""
    faults: FaultPlan | None = None


class BinanceSimulator:
    """The simulated venue. Whoever drives it sets `send` and `close`."""

    def __init__(self, options: SimulatorOptions) -> None:
        """Make a venue that lists nothing yet; use recorded() or synthetic()."""
        self.send: Callable[[int, bytes], None] = lambda _connection, _payload: None
        """Called with (connection, payload): one text message for a client."""
        self.close: Callable[[int, int], None] = lambda _connection, _code: None
        """Called with (connection, close code): the venue ends a connection."""
        self.keys = options.keys or SimulatorKeys.of_seed(options.venue, options.seed)
        self.account = Account(options.balances)
        self._options = options
        self._orders = Orders(self.account, options.limits)
        self._public = PublicAnswers(self._orders.exchanges, self._orders.rates, options.limits)
        self._streams = Streams(self._send)
        self._api = Api(
            self._orders,
            self._public,
            keys=self.keys,
            fees=options.fees,
            faults=options.faults or FaultPlan(),
            send=self._send,
            send_later=self._send_later,
            hang_up=self._hang_up,
        )
        self._feeds: list[Feed] = []
        self._numbers = count(1)
        self._later: list[tuple[int, int, int, bytes]] = []
        self._later_count = 0
        self._now_ns = 0
        self.first_ns: int | None = None
        """When a recording begins; None for a synthetic market, which begins when somebody listens."""
        self.last_ns: int | None = None
        """When a recording ends; None for a synthetic market, which does not."""

    @staticmethod
    def recorded(
        paths: Sequence[Path],
        options: SimulatorOptions | None = None,
        *,
        symbol: str = "BTCUSDT",
        begins_when_heard: bool = False,
    ) -> BinanceSimulator:
        """Make a venue that plays capture files, one session in their order.

        Its clock is the recording's; with `begins_when_heard` any clock will do, and the recording begins when somebody
        first subscribes. UsageError when the files cannot be played.
        """
        venue = BinanceSimulator(options or SimulatorOptions())
        market = RecordedMarket(paths)
        book = RecordedBook(listed(symbol))
        exchange = venue._list(symbol, book)
        feed = RecordedFeed(market, book, exchange, venue._streams, venue._public, begins_when_heard=begins_when_heard)
        venue._feeds.append(feed)
        venue.first_ns, venue.last_ns = market.first_ns, market.last_ns
        return venue

    @staticmethod
    def synthetic(
        options: SimulatorOptions | None = None,
        *,
        prices_ticks: Mapping[str, int] | None = None,
        messages_per_second: int = NATURAL_RATE,
    ) -> BinanceSimulator:
        """Make a venue with a seeded market for each symbol of `prices_ticks` (default: BTCUSDT at 60,000)."""
        venue = BinanceSimulator(options or SimulatorOptions())
        for symbol, price_ticks in (prices_ticks or {"BTCUSDT": 6_000_000}).items():
            market = SyntheticMarket(
                listed(symbol),
                venue._options.seed,
                price_ticks=price_ticks,
                messages_per_second=messages_per_second,
            )
            venue._feeds.append(SyntheticFeed(market, venue._list(symbol, market), venue._streams))
        return venue

    def _list(self, symbol: str, book: TradingBook) -> Exchange:
        """List one more instrument."""
        exchange = Exchange(
            listed(symbol),
            book,
            self.account,
            fees=self._options.fees,
            numbers=self._numbers,
            report=self._orders.report,
        )
        self._orders.add(exchange)
        return exchange

    # ---- time

    @property
    def ended(self) -> bool:
        """Whether every market has been played to its end."""
        return all(feed.ended for feed in self._feeds)

    def next_event_ns(self) -> int | None:
        """Return when the venue next does something by itself, None when it never will."""
        due_ns = [feed.next_ns for feed in self._feeds if feed.next_ns is not None]
        if self._later:
            due_ns.append(self._later[0][0])
        return min(due_ns, default=None)

    def advance(self, now_ns: int) -> None:
        """Do everything that is due by `now_ns`, in order of time."""
        while (due_ns := self.next_event_ns()) is not None and due_ns <= now_ns:
            self._now_ns = max(self._now_ns, due_ns)
            if self._later and self._later[0][0] <= due_ns:
                _, _, connection, payload = heapq.heappop(self._later)
                self._send(connection, payload)
                continue
            feed = next(feed for feed in self._feeds if feed.next_ns == due_ns)
            feed.step()
            self._api.send_events(due_ns)
            if feed.ended:
                for connection in self._streams.connections():
                    self._hang_up(connection, NORMAL_CLOSURE)
        self._now_ns = max(self._now_ns, now_ns)

    # ---- connections

    def open(self, connection: int, path: str, now_ns: int) -> None:
        """Take a new connection; an unknown path is closed with 1008, a stream after the end of all with 1000."""
        self.advance(now_ns)
        if path.partition("?")[0] == API_PATH:
            self._api.open(connection, path, now_ns)
        elif path.partition("?")[0] != STREAM_PATH:
            self.close(connection, POLICY_VIOLATION)
        elif self.ended:
            self.close(connection, NORMAL_CLOSURE)
        else:
            self._streams.open(connection, path)
            self._start_feeds(now_ns)

    def receive(self, connection: int, payload: bytes, now_ns: int) -> None:
        """Take one message of a client; what comes from a connection that has ended is dropped."""
        self.advance(now_ns)
        if self._api.holds(connection):
            self._api.receive(connection, payload, now_ns)
            for feed in self._feeds:
                feed.publish()
        elif self._streams.holds(connection):
            self._streams.receive(connection, payload)
            self._start_feeds(now_ns)

    def closed(self, connection: int, now_ns: int) -> None:
        """Learn that a client's connection has ended."""
        self.advance(now_ns)
        self._forget(connection)

    def request(self, method: str, path: str, now_ns: int, respond: Callable[[int, bytes], None]) -> None:
        """Take a REST request; `respond(status, body)` is called now, or later when the answer has to wait."""
        self.advance(now_ns)
        self._public.request(method, path, now_ns, respond)

    # ---- for tests and operators

    def deposit(self, asset: str, amount: int, now_ns: int) -> None:
        """Let money come from outside, or go there when `amount` is below 0; subscribers hear of it."""
        self.advance(now_ns)
        self._orders.deposit(asset, amount, now_ns)
        self._api.send_events(now_ns)

    def check(self) -> None:
        """Raise AssertionError when an invariant is broken."""
        for exchange in self._orders.exchanges.values():
            exchange.check()

    # ---- outwards

    def _start_feeds(self, now_ns: int) -> None:
        if self._streams.heard:
            for feed in self._feeds:
                feed.start(now_ns)

    def _send(self, connection: int, payload: bytes) -> None:
        if self._api.holds(connection) or self._streams.holds(connection):
            self.send(connection, payload)

    def _send_later(self, due_ns: int, connection: int, payload: bytes) -> None:
        self._later_count += 1
        heapq.heappush(self._later, (due_ns, self._later_count, connection, payload))

    def _hang_up(self, connection: int, code: int) -> None:
        self._forget(connection)
        self.close(connection, code)

    def _forget(self, connection: int) -> None:
        self._api.closed(connection)
        self._streams.closed(connection)
