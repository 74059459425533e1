"""The gateway and the simulated venue speak to each other over the in-memory network, with either kind of key."""

from __future__ import annotations

import heapq
from typing import Any

import pytest

from engine.messages.best_price import BestPrice
from engine.messages.control import GateWord, Start
from engine.messages.market import BookDelta, BookSnapshot, Side, SnapshotRequest, Trade
from engine.messages.orders import (
    AmendOrder,
    CancelOrder,
    OrderType,
    QueryOrder,
    ReconcileRequest,
    SubmitOrder,
    TimeInForce,
)
from engine.messages.reports import (
    Accepted,
    Amended,
    AmendRejected,
    Canceled,
    CancelRejected,
    Expired,
    Filled,
    GatewayState,
    Rejected,
    VenueOrder,
    VenueState,
)
from engine.runtime.port import InputKind, Port
from gateways.binance.gateway import BinanceGateway, Urls
from gateways.binance.market import parse_exchange_info, parse_rate_limits
from gateways.binance.signing import signer_of
from gateways.binance.simulator import BinanceSimulator
from gateways.gate import Gate
from gateways.gate_file import memory_cells
from gateways.throttle import Throttle
from gateways.transport.memory import MemoryLink, MemoryNetwork, MemoryRestLink
from tests.contract.venue_testbed import SECOND, START_NS, HandContext, KeptRef, KeptSent
from tests.models.seals import submitted


class Desk:
    """A gateway at a simulated venue, on one clock."""

    def __init__(self, key: str) -> None:
        self.context = HandContext()
        self.received: list[bytes] = []
        venue = BinanceSimulator.synthetic()
        network = MemoryNetwork(lambda: self.context.now_ns, 5_000_000)
        venue.send, venue.close = network.from_venue, network.venue_closes
        network.connect(venue)
        bodies: list[bytes] = []
        venue.request("GET", "/api/v3/exchangeInfo", START_NS, lambda _status, body: bodies.append(body))
        instruments = parse_exchange_info(bodies[0], "binance_spot", ["BTCUSDT"])
        throttle = Throttle(parse_rate_limits(bodies[0], "binance_spot"))
        signer = signer_of(venue.keys.ed25519 if key == "ed25519" else venue.keys.hmac)
        gate = Gate(memory_cells(GateWord.OPEN))
        urls = Urls("memory://venue", "memory://venue")
        self.gateway = BinanceGateway("binance_spot", urls, instruments, signer, gate, throttle)
        self.gateway.context = self.context
        self.feed, self.orders, self.sent = KeptRef(), KeptRef(), KeptSent()
        self.gateway.feed, self.gateway.orders = self.feed, self.orders
        self.gateway.risk, self.gateway.safety = KeptRef(), KeptRef()
        self.network = network
        self.gateway.attach(
            MemoryLink(self._port(0, "stream"), self.sent, network),
            MemoryLink(self._port(1, "api"), self.sent, network),
            MemoryRestLink(self._port(2, "rest"), self.sent, network),
        )
        self.secrets = [venue.keys.ed25519.api_key, venue.keys.hmac.api_key, venue.keys.hmac.secret]

    def _port(self, index: int, name: str) -> Port:
        def deliver(port: Port, kind: InputKind, payload: bytes) -> None:
            self.received.append(payload)
            port.receive(kind, payload)

        receive = {"stream": self.gateway.on_stream, "api": self.gateway.on_api, "rest": self.gateway.on_rest}[name]
        return Port(index, name, receive, deliver)

    def tell(self, message: Any) -> None:
        self.gateway.handlers()[type(message)](message)

    def run(self, seconds: float) -> list[Any]:
        """Let time pass and return what orders was told."""
        end_ns = self.context.now_ns + int(seconds * SECOND)
        timers = self.context.timers
        while True:
            event_ns = self.network.next_ns()
            due_ns = timers[0][0] if timers else end_ns + 1
            if event_ns is not None and event_ns < due_ns and event_ns <= end_ns:
                self.context.now_ns = max(self.context.now_ns, event_ns)
                self.network.fire(self.context.now_ns)
            elif due_ns <= end_ns:
                _, number, period_ns, message = heapq.heappop(timers)
                self.context.now_ns = max(self.context.now_ns, due_ns)
                if period_ns:
                    heapq.heappush(timers, (due_ns + period_ns, number, period_ns, message))
                self.tell(message)
            else:
                self.context.now_ns = end_ns
                return self.orders.take()

    def best(self) -> BestPrice:
        """Return the newest best price."""
        return [message for message in self.feed.messages if isinstance(message, BestPrice)][-1]


@pytest.fixture(params=["ed25519", "hmac"])
def desk(request: pytest.FixtureRequest) -> Desk:
    """Return a desk that is connected and has reconciled."""
    found = Desk(request.param)
    found.tell(Start())
    (state,) = found.run(1)
    assert isinstance(state, GatewayState)
    assert state.ready
    return found


def order(number: int, side: Side, ticks: int, **words: Any) -> SubmitOrder:
    kind = words.get("kind", OrderType.LIMIT)
    time_in_force = words.get("time_in_force", TimeInForce.GTC)
    lots = words.get("lots", 1_000_000)
    name = f"t1-1-{number}"
    return submitted(
        SubmitOrder(number, name, 0, side, kind, time_in_force, words.get("post_only", False), ticks, lots, False)
    )


def amend(old: str, new: str, ticks: int) -> AmendOrder:
    return AmendOrder(1, old, new, 0, Side.BUY, OrderType.LIMIT, TimeInForce.GTC, True, ticks, 2_000_000, False)


def kinds(reports: list[Any]) -> list[str]:
    told = (Accepted, Amended, AmendRejected, Canceled, CancelRejected, Expired, Filled, Rejected, VenueOrder)
    return [f"{type(item).__name__} {item.client_order_id}" for item in reports if isinstance(item, told)]


def test_the_market_flows_and_a_snapshot_comes_when_asked_for(desk: Desk) -> None:
    desk.tell(SnapshotRequest(0))
    desk.run(2)
    told = {type(message) for message in desk.feed.messages}
    assert {BookDelta, BestPrice, Trade, BookSnapshot} <= told
    assert desk.gateway.protocol_errors_count == 0


def test_the_life_of_orders(desk: Desk) -> None:
    best = desk.best()
    low, high = best.bid_ticks * 9 // 10, best.ask_ticks * 11 // 10
    desk.tell(order(1, Side.BUY, low, post_only=True))
    desk.tell(order(2, Side.BUY, high, kind=OrderType.MARKET))
    desk.tell(order(3, Side.BUY, high, post_only=True))
    desk.tell(order(4, Side.BUY, low, time_in_force=TimeInForce.FOK))
    desk.tell(order(5, Side.BUY, low, lots=10**12))
    told = kinds(desk.run(1))
    assert told[:3] == ["Accepted t1-1-1", "Accepted t1-1-2", "Filled t1-1-2"]
    assert "Rejected t1-1-3" in told
    assert told.index("Accepted t1-1-4") < told.index("Expired t1-1-4")
    assert "Rejected t1-1-5" in told

    desk.tell(amend("t1-1-1", "t1-1-6", low - 100))
    assert kinds(desk.run(1)) == ["Amended t1-1-1"]
    desk.tell(amend("t1-1-6", "t1-1-7", high))
    assert kinds(desk.run(1)) == ["AmendRejected t1-1-6", "Canceled t1-1-6"]
    desk.tell(amend("t1-1-6", "t1-1-8", low))
    desk.tell(CancelOrder(6, "t1-1-6", 0))
    assert kinds(desk.run(1)) == ["AmendRejected t1-1-6", "CancelRejected t1-1-6"]
    desk.tell(order(9, Side.SELL, high))
    desk.run(1)
    desk.tell(CancelOrder(9, "t1-1-9", 0))
    assert kinds(desk.run(1)) == ["Canceled t1-1-9"]
    assert len(desk.gateway.account.requests) == 0


def test_what_became_of_orders_can_be_asked(desk: Desk) -> None:
    low = desk.best().bid_ticks * 9 // 10
    desk.tell(order(1, Side.BUY, low))
    desk.run(1)
    desk.tell(QueryOrder(1, "t1-1-1", 0))
    desk.tell(QueryOrder(2, "t1-1-2", 0))
    known, missing = desk.run(1)
    assert (known.status, known.price_ticks, known.lots, known.filled_lots) == ("NEW", low, 1_000_000, 0)
    assert missing.status == "NOT_FOUND"


def test_reconciliation_finds_orders_fills_and_balances(desk: Desk) -> None:
    best = desk.best()
    desk.tell(order(1, Side.BUY, best.bid_ticks * 9 // 10))
    desk.tell(order(2, Side.BUY, best.ask_ticks * 11 // 10, time_in_force=TimeInForce.IOC))
    fills = [report for report in desk.run(1) if isinstance(report, Filled)]
    desk.gateway.account.executions.client_order_ids.clear()
    desk.tell(ReconcileRequest(START_NS))
    (state,) = [report for report in desk.run(1) if isinstance(report, VenueState)]
    assert [item.client_order_id for item in state.open_orders] == ["t1-1-1"]
    assert [(item.client_order_id, item.trade_id, item.lots, item.fee) for item in state.fills] == [
        (item.client_order_id, item.trade_id, item.lots, item.fee) for item in fills
    ]
    assert {asset for asset, _, _ in state.balances} == {"BTC", "USDT"}


def test_a_session_lives_on_through_its_heartbeats(desk: Desk) -> None:
    assert [report for report in desk.run(40) if isinstance(report, GatewayState)] == []
    assert desk.gateway.protocol_errors_count == desk.gateway.account.ignored_count == 0


def test_no_secret_is_among_the_bytes_that_are_kept(desk: Desk) -> None:
    desk.tell(order(1, Side.BUY, desk.best().bid_ticks * 9 // 10))
    desk.run(20)
    kept = b"".join(payload for _, payload in desk.sent.payloads) + b"".join(desk.received)
    assert b"order.place" in kept
    assert (b'"apiKey":"*","authorizedSince"' in kept) == desk.gateway.account._logs_on, "the venue repeats the key"
    assert not [secret for secret in desk.secrets if secret.encode() in kept]


def test_two_runs_send_the_same_bytes() -> None:
    def sent() -> list[tuple[str, bytes]]:
        desk = Desk("hmac")
        desk.tell(Start())
        desk.run(3)
        desk.tell(order(1, Side.BUY, desk.best().ask_ticks))
        desk.run(20)
        return desk.sent.payloads

    assert sent() == sent()
