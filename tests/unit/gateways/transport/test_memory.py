"""The simulated network: latency, order of arrival, one input at a time."""

from __future__ import annotations

import heapq
from collections.abc import Callable

import pytest

from engine.errors import InvariantError
from engine.runtime.port import InputKind, Port
from gateways.transport.memory import MemoryLink, MemoryNetwork, MemoryRestLink
from tests.contract.venue_testbed import KeptSent

LATENCY = 5_000_000


class TinyVenue:
    """A venue that sends frames at given times, echoes what it receives, and answers REST when told to."""

    def __init__(self, network: MemoryNetwork, frames: list[tuple[int, bytes]]) -> None:
        self.network = network
        self.frames = list(frames)
        heapq.heapify(self.frames)
        self.market = 0
        self.log: list[tuple[int, str]] = []
        self.asked: list[Callable[[int, bytes], None]] = []
        network.connect(self)

    def next_event_ns(self) -> int | None:
        return self.frames[0][0] if self.frames else None

    def advance(self, now_ns: int) -> None:
        while self.frames and self.frames[0][0] <= now_ns:
            payload = heapq.heappop(self.frames)[1]
            if payload == b"bye":
                self.network.venue_closes(self.market, 1000)
            else:
                self.network.from_venue(self.market, payload)

    def open(self, connection: int, path: str, now_ns: int) -> None:
        self.log.append((now_ns, f"open {path}"))
        if path.startswith("/stream"):
            self.market = connection

    def receive(self, connection: int, payload: bytes, now_ns: int) -> None:
        self.log.append((now_ns, f"receive {payload.decode()}"))
        self.network.from_venue(connection, b"echo " + payload)
        if payload == b"last":
            self.network.venue_closes(connection, 1001)

    def closed(self, connection: int, now_ns: int) -> None:
        self.log.append((now_ns, "closed"))

    def request(self, method: str, path: str, now_ns: int, respond: Callable[[int, bytes], None]) -> None:
        self.log.append((now_ns, f"{method} {path}"))
        self.asked.append(respond)


class Run:
    """A network with a market link, an api link and REST, and a clock that jumps from event to event."""

    def __init__(self, frames: list[tuple[int, bytes]]) -> None:
        self.now_ns = 0
        self.seen: list[tuple[int, str, InputKind, bytes]] = []
        self.network = MemoryNetwork(lambda: self.now_ns, LATENCY)
        self.venue = TinyVenue(self.network, frames)
        sent = KeptSent()
        self.market = MemoryLink(self._port(0, "market"), sent, self.network)
        self.api = MemoryLink(self._port(1, "api"), sent, self.network)
        self.rest = MemoryRestLink(self._port(2, "rest"), sent, self.network)

    def _port(self, index: int, name: str) -> Port:
        def take(port: Port, kind: InputKind, payload: bytes) -> None:
            self.seen.append((self.now_ns, port.name, kind, payload))

        return Port(index, name, lambda _kind, _payload: None, take)

    def until(self, end_ns: int) -> None:
        while (next_ns := self.network.next_ns()) is not None and next_ns <= end_ns:
            self.now_ns = max(self.now_ns, next_ns)
            before = len(self.seen)
            self.network.fire(self.now_ns)
            assert len(self.seen) <= before + 1, "at most one input a time"

    def take(self) -> list[tuple[int, str, InputKind, bytes]]:
        taken, self.seen = self.seen, []
        return taken


def test_market_frames_arrive_at_their_own_time() -> None:
    run = Run([(100, b"a"), (100, b"b"), (250, b"c")])
    run.market.open("memory://venue/stream?streams=x")
    run.until(1_000)
    assert run.take() == [
        (0, "market", InputKind.OPENED, b""),
        (100, "market", InputKind.BYTES, b"a"),
        (100, "market", InputKind.BYTES, b"b"),
        (250, "market", InputKind.BYTES, b"c"),
    ]
    assert run.venue.log == [(0, "open /stream?streams=x")]


def test_the_private_session_takes_its_latency_each_way() -> None:
    run = Run([])
    run.api.open("memory://venue/ws-api/v3")
    run.until(2 * LATENCY)
    assert run.take() == [(2 * LATENCY, "api", InputKind.OPENED, b"")]
    run.now_ns = 3 * LATENCY
    run.api.send_order(b"order")
    run.until(10 * LATENCY)
    assert run.venue.log == [(LATENCY, "open /ws-api/v3"), (4 * LATENCY, "receive order")]
    assert run.take() == [(5 * LATENCY, "api", InputKind.BYTES, b"echo order")]


def test_what_was_sent_first_arrives_first() -> None:
    run = Run([])
    run.api.open("memory://venue/ws-api/v3")
    run.until(2 * LATENCY)
    for number in range(5):
        run.api.send(b"%d" % number)
    run.take()
    run.until(10 * LATENCY)
    assert [payload for _, _, _, payload in run.take()] == [b"echo %d" % number for number in range(5)]


def test_a_rest_answer_may_come_later_and_takes_its_latency() -> None:
    run = Run([])
    run.rest.request(9, "GET", "/api/v3/depth?symbol=BTCUSDT")
    run.until(LATENCY)
    assert run.venue.log == [(LATENCY, "GET /api/v3/depth?symbol=BTCUSDT")]
    run.until(50 * LATENCY)
    assert run.take() == []
    run.venue.asked[0](200, b"{}")
    run.until(50 * LATENCY)
    ((_, name, kind, payload),) = run.take()
    assert (name, kind, payload) == ("rest", InputKind.ANSWER, b"9 200\n{}")


def test_a_close_of_ours_is_heard_after_a_way_there_and_back() -> None:
    run = Run([])
    run.api.open("memory://venue/ws-api/v3")
    run.until(2 * LATENCY)
    run.api.close()
    run.api.close()
    run.api.send(b"too late")
    run.until(10 * LATENCY)
    assert run.take()[1:] == [(4 * LATENCY, "api", InputKind.CLOSED, b"1000 closed by us")]
    assert run.venue.log[1:] == [(3 * LATENCY, "closed")]


def test_what_the_venue_said_before_it_closed_arrives() -> None:
    run = Run([])
    run.api.open("memory://venue/ws-api/v3")
    run.until(2 * LATENCY)
    run.api.send(b"last")
    run.take()
    run.until(10 * LATENCY)
    assert [(kind, payload) for _, _, kind, payload in run.take()] == [
        (InputKind.BYTES, b"echo last"),
        (InputKind.CLOSED, b"1001 closed by the venue"),
    ]


def test_opening_again_drops_the_old_connection_without_a_word() -> None:
    run = Run([])
    run.api.open("memory://venue/ws-api/v3")
    run.api.open("memory://venue/ws-api/v3")
    run.until(10 * LATENCY)
    assert [kind for _, _, kind, _ in run.take()] == [InputKind.OPENED]
    run.api.open("memory://venue/ws-api/v3")
    run.until(20 * LATENCY)
    assert [kind for _, _, kind, _ in run.take()] == [InputKind.OPENED]
    assert [what for _, what in run.venue.log] == ["closed", "open /ws-api/v3", "closed", "open /ws-api/v3"]


def test_the_end_of_a_capture_closes_the_market_stream() -> None:
    run = Run([(10, b"a"), (20, b"bye"), (30, b"nobody hears this")])
    run.market.open("memory://venue/stream?streams=x")
    run.until(1_000)
    assert [payload for _, _, _, payload in run.take()] == [b"", b"a", b"1000 closed by the venue"]
    assert run.network.next_ns() is None


def test_deliveries_go_before_the_venues_own_event_of_the_same_time() -> None:
    run = Run([(2 * LATENCY, b"frame")])
    run.market.open("memory://venue/stream?streams=x")
    run.api.open("memory://venue/ws-api/v3")
    run.until(10 * LATENCY)
    assert [name for _, name, _, _ in run.take()] == ["market", "api", "market"]


def test_nothing_happens_before_its_time() -> None:
    run = Run([(100, b"a")])
    run.network.fire(99)
    assert run.take() == []
    assert run.network.next_ns() == 100


def test_a_network_without_a_venue_says_what_to_call() -> None:
    with pytest.raises(InvariantError, match="call connect"):
        MemoryNetwork(lambda: 0, LATENCY).next_ns()
