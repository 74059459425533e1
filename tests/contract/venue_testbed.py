"""A gateway on a bench: its links, its clock and its timers in the hands of the test, its neighbours' mail in lists.

No socket and no event loop. What a test brings in goes through the same methods that ports call; what the gateway sends
and tells is kept in order. `fire_timers` moves the clock to each timer that is due, as a turn would.
"""

from __future__ import annotations

import heapq
from random import Random
from typing import Any

from engine.messages.control import GateWord, Start
from engine.runtime.port import InputKind, Port
from gateways.gate import Gate
from gateways.gate_file import memory_cells
from gateways.gateway import Gateway
from gateways.transport.link import Link, RestLink, answer_payload
from hotpath.core.mailbox import ACCEPTED, REFUSED

START_NS = 1_723_161_255_000_000_000
SECOND = 1_000_000_000


class KeptSent:
    """The bytes that were handed over, as the digest would see them."""

    def __init__(self) -> None:
        self.payloads: list[tuple[str, bytes]] = []

    def add(self, link_name: str, payload: bytes) -> None:
        self.payloads.append((link_name, payload))


class KeptRef:
    """A mailbox that keeps what it is told; with `full` it refuses."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.full = False

    def tell(self, message: Any) -> int:
        if self.full:
            return REFUSED
        self.messages.append(message)
        return ACCEPTED

    def take(self, kind: type[Any] | None = None) -> list[Any]:
        """Return what was told since the last time, of one type or of all."""
        taken = [message for message in self.messages if kind is None or isinstance(message, kind)]
        self.messages = [] if kind is None else [message for message in self.messages if message not in taken]
        return taken


class HandContext:
    """A context whose clock stands still until the test moves it."""

    def __init__(self) -> None:
        self.now_ns = START_NS
        self.step = 0
        self.next_seq = 0
        self.rng = Random(7)
        self.halts: list[str] = []
        self.timers: list[tuple[int, int, int, Any]] = []
        self._count = 0

    def after(self, delay_ns: int, message: Any) -> int:
        return self._add(delay_ns, 0, message)

    def every(self, period_ns: int, message: Any) -> int:
        return self._add(period_ns, period_ns, message)

    def _add(self, delay_ns: int, period_ns: int, message: Any) -> int:
        self._count += 1
        heapq.heappush(self.timers, (self.now_ns + delay_ns, self._count, period_ns, message))
        return self._count

    def cancel_timer(self, timer: int) -> None:
        self.timers[:] = [entry for entry in self.timers if entry[1] != timer]
        heapq.heapify(self.timers)

    def audit(self, *_arguments: Any, **_words: Any) -> int:
        return 0

    def record(self, *_arguments: Any, **_words: Any) -> int:
        return 0

    def halt(self, reason: str) -> None:
        self.halts.append(reason)


class HandLink(Link):
    """A link whose transport is the test."""

    def __init__(self, port: Port, sent: KeptSent) -> None:
        super().__init__(port, sent)
        self.opened: list[str] = []
        self.closed: list[int] = []
        self.transmitted: list[bytes] = []

    def close(self, code: int = 1000) -> None:
        self.closed.append(code)

    def _connect_to(self, url: str) -> None:
        self.opened.append(url)

    def _transmit(self, payload: bytes) -> None:
        self.transmitted.append(payload)

    def take(self) -> list[bytes]:
        """Return what was handed over since the last time."""
        taken, self.transmitted = self.transmitted, []
        return taken


class HandRest(RestLink):
    """A REST link that the test answers."""

    def __init__(self, port: Port, sent: KeptSent) -> None:
        super().__init__(port, sent)
        self.asked: list[tuple[int, str, str]] = []

    def _ask(self, request_id: int, method: str, path: str) -> None:
        self.asked.append((request_id, method, path))


class Testbed:
    """One gateway, started."""

    __test__ = False

    def __init__(self, gateway: Gateway, cells: list[int]) -> None:
        self.gateway = gateway
        self.cells = cells
        self.context = HandContext()
        gateway.context = self.context
        self.feed, self.orders, self.risk, self.safety = KeptRef(), KeptRef(), KeptRef(), KeptRef()
        gateway.feed, gateway.orders, gateway.risk, gateway.safety = self.feed, self.orders, self.risk, self.safety
        self.sent = KeptSent()
        receivers = (("stream", gateway.on_stream), ("api", gateway.on_api), ("rest", gateway.on_rest))
        ports = [
            Port(index, name, receive, lambda port, kind, payload: port.receive(kind, payload))
            for index, (name, receive) in enumerate(receivers)
        ]
        self.stream, self.api = HandLink(ports[0], self.sent), HandLink(ports[1], self.sent)
        self.rest = HandRest(ports[2], self.sent)
        gateway.attach(self.stream, self.api, self.rest)

    def start(self) -> None:
        self.handle(Start())

    def handle(self, message: Any) -> None:
        """Let the gateway handle one message."""
        self.gateway.handlers()[type(message)](message)

    def bring(self, link: Link | RestLink, kind: InputKind, payload: bytes = b"") -> None:
        """Bring one input to the gateway."""
        link.port.deliver(kind, payload)

    def answer(self, request_id: int, status: int, body: bytes = b"", retry_after_s: int = 0) -> None:
        """Answer a REST request."""
        self.bring(self.rest, InputKind.ANSWER, answer_payload(request_id, status, body, retry_after_s))

    def set_gate(self, word: GateWord) -> None:
        """Store a word as another process would."""
        self.cells[1] = int(word)

    def fire_timers(self, seconds: float) -> None:
        """Let time pass, and everything that is due within it happen."""
        end_ns = self.context.now_ns + int(seconds * SECOND)
        while self.context.timers and self.context.timers[0][0] <= end_ns:
            timers = self.context.timers
            due_ns, number, period_ns, message = heapq.heappop(timers)
            self.context.now_ns = max(self.context.now_ns, due_ns)
            if period_ns:
                heapq.heappush(timers, (due_ns + period_ns, number, period_ns, message))
            self.handle(message)
        self.context.now_ns = end_ns


def open_gate() -> tuple[Gate, list[int]]:
    """Return an open gate without a file, and its cells."""
    cells = memory_cells(GateWord.OPEN)
    return Gate(cells), cells
