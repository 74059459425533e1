"""The network of a simulated run: a venue and its clients in one process and on one clock.

What is sent arrives later: orders, answers and REST by the order latency each way, market frames at the time that the
venue gives them. Things due at the same time happen in the order in which they were sent, deliveries before the venue's
own next event, so a run is a pure function of what went in. One `fire` delivers at most one input: the next one is
taken when everything that followed from this one has been handled.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from typing import Protocol

from engine.errors import InvariantError
from engine.runtime.port import InputKind, Port
from gateways.transport.link import Link, RestLink, Sent, answer_payload, path_of

MARKET_PATH = "/stream"


class Venue(Protocol):
    """A simulated venue, sans-IO: it is told the time and says what it sends through MemoryNetwork.from_venue."""

    def next_event_ns(self) -> int | None:
        """Return when it next does something by itself, or None."""

    def advance(self, now_ns: int) -> None:
        """Do what is due by `now_ns`."""

    def open(self, connection: int, path: str, now_ns: int) -> None:
        """Take a new connection."""

    def receive(self, connection: int, payload: bytes, now_ns: int) -> None:
        """Take one message of a client."""

    def closed(self, connection: int, now_ns: int) -> None:
        """Learn that a client closed."""

    def request(self, method: str, path: str, now_ns: int, respond: Callable[[int, bytes], None]) -> None:
        """Take a REST request; `respond(status, body)` may be called later."""


class MemoryNetwork:
    """Everything that is under way between one venue and its clients."""

    def __init__(self, now_ns: Callable[[], int], order_latency_ns: int) -> None:
        """`now_ns` is the run's clock; `order_latency_ns` what orders, answers and REST take one way."""
        self._now_ns = now_ns
        self._latency_ns = order_latency_ns
        self._venue: Venue | None = None
        self._under_way: list[tuple[int, int, Callable[[], bool]]] = []
        self._arrived: deque[tuple[Port, InputKind, bytes]] = deque()
        self._sequence = 0
        self._time_ns = 0
        self._event_ns: int | None = None
        self._asked = False
        self._links: dict[int, MemoryLink] = {}
        self._connections_count = 0

    def connect(self, venue: Venue) -> None:
        """Put the venue at the other end."""
        self._venue = venue

    # ---- the run's side

    def next_ns(self) -> int | None:
        """Return when something next happens, or None when nothing ever will."""
        if self._arrived:
            return self._time_ns
        due_ns = self._under_way[0][0] if self._under_way else None
        event_ns = self._next_event_ns()
        if due_ns is None or (event_ns is not None and event_ns < due_ns):
            return event_ns
        return due_ns

    def fire(self, now_ns: int) -> None:
        """Let things happen until one input has been delivered or nothing more is due by `now_ns`."""
        venue = self._the_venue
        while True:
            if self._arrived:
                port, kind, payload = self._arrived.popleft()
                port.deliver(kind, payload)
                return
            due_ns = self._under_way[0][0] if self._under_way else None
            event_ns = self._next_event_ns()
            if due_ns is not None and due_ns <= now_ns and (event_ns is None or due_ns <= event_ns):
                self._time_ns = max(self._time_ns, due_ns)
                if heapq.heappop(self._under_way)[2]():
                    return
                self._asked = False
            elif event_ns is not None and event_ns <= now_ns:
                self._time_ns = max(self._time_ns, event_ns)
                venue.advance(self._time_ns)
                self._asked = False
            else:
                return

    # ---- the venue's side

    def from_venue(self, connection: int, payload: bytes) -> None:
        """Carry one message of the venue to the client; unknown connections were closed meanwhile."""
        link = self._links.get(connection)
        if link is not None:
            masked = payload if link.mask is None else link.mask(payload)
            self._deliver(link.port, link.latency_ns, InputKind.BYTES, masked)

    def venue_closes(self, connection: int, code: int) -> None:
        """Tell the client that the venue has closed."""
        link = self._links.get(connection)
        if link is not None:
            self._hang_up(connection, link, f"{code} closed by the venue")

    # ---- the clients' side

    def open(self, link: MemoryLink, path: str) -> int:
        """Carry a connection request to the venue; returns the connection's number."""
        self._connections_count += 1
        connection = self._connections_count
        self._links[connection] = link

        def arrive() -> bool:
            if connection not in self._links:
                return False
            self._deliver(link.port, link.latency_ns, InputKind.OPENED, b"")
            self._the_venue.open(connection, path, self._time_ns)
            return False

        self._send(link.latency_ns, arrive)
        return connection

    def to_venue(self, connection: int, link: MemoryLink, payload: bytes) -> None:
        """Carry one message of a client."""

        def arrive() -> bool:
            if connection in self._links:
                self._the_venue.receive(connection, payload, self._time_ns)
            return False

        self._send(link.latency_ns, arrive)

    def client_closes(self, connection: int, link: MemoryLink, code: int) -> None:
        """Carry a close to the venue; the client hears CLOSED after a way there and back."""

        def arrive() -> bool:
            if connection in self._links:
                self._the_venue.closed(connection, self._time_ns)
                self._hang_up(connection, link, f"{code} closed by us")
            return False

        self._send(link.latency_ns, arrive)

    def drop(self, connection: int) -> None:
        """Let go of a client's connection at once, without a word to the client."""
        link = self._links.pop(connection, None)
        if link is None:
            return

        def arrive() -> bool:
            self._the_venue.closed(connection, self._time_ns)
            return False

        self._send(link.latency_ns, arrive)

    def ask(self, link: MemoryRestLink, request_id: int, method: str, path: str) -> None:
        """Carry a REST request, and its answer back."""

        def respond(status: int, body: bytes) -> None:
            payload = answer_payload(request_id, status, body)
            self._deliver(link.port, self._latency_ns, InputKind.ANSWER, payload)

        def arrive() -> bool:
            self._the_venue.request(method, path, self._time_ns, respond)
            return False

        self._send(self._latency_ns, arrive)

    def latency_to(self, path: str) -> int:
        """Return how long one way to a path takes: market data carries its own times."""
        return 0 if path.startswith(MARKET_PATH) else self._latency_ns

    # ---- under way

    def _next_event_ns(self) -> int | None:
        """Return the venue's next event, asked for once until the venue has been called again."""
        if not self._asked:
            self._event_ns = self._the_venue.next_event_ns()
            self._asked = True
        return self._event_ns

    @property
    def _the_venue(self) -> Venue:
        if self._venue is None:
            raise InvariantError("the network has no venue: call connect before the run")
        return self._venue

    def _hang_up(self, connection: int, link: MemoryLink, reason: str) -> None:
        del self._links[connection]
        self._deliver(link.port, link.latency_ns, InputKind.CLOSED, reason.encode())

    def _send(self, latency_ns: int, arrive: Callable[[], bool]) -> None:
        """Let something arrive at the venue."""
        self._push(self._now_ns() + latency_ns, arrive)

    def _deliver(self, port: Port, latency_ns: int, kind: InputKind, payload: bytes) -> None:
        """Let something arrive at a client; what was sent before a close arrives before it."""
        if not latency_ns:
            self._arrived.append((port, kind, payload))
            return

        def arrive() -> bool:
            port.deliver(kind, payload)
            return True

        self._push(self._time_ns + latency_ns, arrive)

    def _push(self, due_ns: int, arrive: Callable[[], bool]) -> None:
        self._sequence += 1
        heapq.heappush(self._under_way, (due_ns, self._sequence, arrive))


class MemoryLink(Link):
    """A client's end of a connection to the simulated venue."""

    def __init__(self, port: Port, sent: Sent, network: MemoryNetwork) -> None:
        """Be a client of `network`."""
        super().__init__(port, sent)
        self.latency_ns = 0
        self._network = network
        self._connection = 0

    def close(self, code: int = 1000) -> None:
        """Begin to close."""
        self._network.client_closes(self._connection, self, code)

    def _connect_to(self, url: str) -> None:
        path = path_of(url)
        self._network.drop(self._connection)
        self.latency_ns = self._network.latency_to(path)
        self._connection = self._network.open(self, path)

    def _transmit(self, payload: bytes) -> None:
        self._network.to_venue(self._connection, self, payload)


class MemoryRestLink(RestLink):
    """A client's REST requests to the simulated venue."""

    def __init__(self, port: Port, sent: Sent, network: MemoryNetwork) -> None:
        """Be a client of `network`."""
        super().__init__(port, sent)
        self._network = network

    def _ask(self, request_id: int, method: str, path: str) -> None:
        self._network.ask(self, request_id, method, path)
