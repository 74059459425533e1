"""The shortest way between an engine and a venue in one process: what is sent is there.

The engine's own in-memory network gives every message a latency and an order; here nothing is under way, because what
runs between two ticks cools the caches of the next. One `fire` delivers one input, as in any simulated run: first what
the venue answered, then its next frame.
"""

from __future__ import annotations

from collections import deque

from benchmarks.macro.venue import BenchVenue
from engine.runtime.port import InputKind, Port
from gateways.transport.link import Link, RestLink, Sent, answer_payload, path_of

BYTES = InputKind.BYTES


class DirectNetwork:
    """Carries messages between one venue and the links of one engine; an event source of the run."""

    def __init__(self, venue: BenchVenue) -> None:
        """Stand between the venue and whoever connects."""
        self._venue = venue
        self._ports: dict[int, Port] = {}
        self._arrived: deque[tuple[Port, InputKind, bytes]] = deque()
        self._requests: deque[tuple[int, bytes]] = deque()
        self.time_ns = 0
        venue.send = self._from_venue
        venue.close = self._venue_closes

    def next_ns(self) -> int | None:
        """Return when something next happens, or None when nothing ever will."""
        if self._arrived or self._requests:
            return self.time_ns
        return self._venue.next_event_ns()

    def fire(self, now_ns: int) -> None:
        """Let the next thing happen: a request is answered, an answer or a frame is delivered."""
        self.time_ns = now_ns
        if self._requests:
            connection, payload = self._requests.popleft()
            self._venue.receive(connection, payload, now_ns)
        elif not self._arrived:
            self._venue.advance(now_ns)
        if self._arrived:
            port, kind, payload = self._arrived.popleft()
            port.deliver(kind, payload)

    def open(self, port: Port, path: str) -> int:
        """Connect a port; returns the number of its connection."""
        connection = len(self._ports) + 1
        self._ports[connection] = port
        self._arrived.append((port, InputKind.OPENED, b""))
        self._venue.open(connection, path, self.time_ns)
        return connection

    def close(self, connection: int, code: int) -> None:
        """Disconnect."""
        port = self._ports.pop(connection, None)
        if port is not None:
            self._venue.closed(connection, self.time_ns)
            self._arrived.append((port, InputKind.CLOSED, b"%d closed by us" % code))

    def to_venue(self, connection: int, payload: bytes) -> None:
        """Carry one message to the venue."""
        self._requests.append((connection, payload))

    def ask(self, port: Port, request_id: int, method: str, path: str) -> None:
        """Carry a REST request there, and its answer back."""

        def respond(status: int, body: bytes) -> None:
            self._arrived.append((port, InputKind.ANSWER, answer_payload(request_id, status, body)))

        self._venue.request(method, path, self.time_ns, respond)

    def _from_venue(self, connection: int, payload: bytes) -> None:
        port = self._ports.get(connection)
        if port is not None:
            self._arrived.append((port, BYTES, payload))

    def _venue_closes(self, connection: int, code: int) -> None:
        self.close(connection, code)


class DirectLink(Link):
    """A client's end of a connection."""

    def __init__(self, port: Port, sent: Sent, network: DirectNetwork) -> None:
        """Be a client of `network`."""
        super().__init__(port, sent)
        self._network = network
        self._connection = 0

    def open(self, url: str) -> None:
        """Connect; the host does not matter."""
        self._connection = self._network.open(self.port, path_of(url))

    def close(self, code: int = 1000) -> None:
        """Disconnect."""
        self._network.close(self._connection, code)

    def _transmit(self, payload: bytes) -> None:
        self._network.to_venue(self._connection, payload)


class DirectRestLink(RestLink):
    """A client's REST requests."""

    def __init__(self, port: Port, sent: Sent, network: DirectNetwork) -> None:
        """Be a client of `network`."""
        super().__init__(port, sent)
        self._network = network

    def _ask(self, request_id: int, method: str, path: str) -> None:
        self._network.ask(self.port, request_id, method, path)
