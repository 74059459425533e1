"""What a gateway holds of the network: a Link for a stream of messages, a RestLink for requests with one answer each.

A link hands bytes over and brings inputs to its Port; it knows no venue. Everything that it hands over is added to the
sent digest first, with secrets masked, so that a replay can prove that it would have sent the same; what a venue says
is masked before the port, and so the tape, sees it: venues repeat the key that logged on. A send never fails:
when the connection is already gone the bytes are lost, CLOSED is on its way, and whoever asked counts the request as
ambiguous. That keeps the decision on the tape, where a return value would not be.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

from engine.runtime.port import Port
from gateways.transport.sending import Sender


class Sent(Protocol):
    """Whoever counts and hashes the bytes that were handed to transports."""

    def add(self, link_name: str, payload: bytes) -> None:
        """Add one payload, in order."""


def path_of(url: str) -> str:
    """Return path and query of a URL, as a server sees them."""
    parts = urlsplit(url)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


class Link(Sender):
    """One connection at a time that carries whole messages both ways.

    After `open` the port gets OPENED or REFUSED; after OPENED any number of BYTES and, whatever happens, one CLOSED.
    """

    def __init__(self, port: Port, sent: Sent) -> None:
        """Bring inputs to `port` and add what is sent to `sent`, under the port's name."""
        super().__init__(port.name, sent, self._transmit)
        self.port = port
        self.mask: Callable[[bytes], bytes] | None = None
        """Puts `*` in the place of a secret that the venue may repeat; set where there is one."""
        self.openings_count = 0
        """How often it was opened; more than none when a new gateway takes over from one that failed."""

    def open(self, url: str) -> None:
        """Begin to connect; the outcome comes to the port. An earlier connection is dropped without a word."""
        self.openings_count += 1
        self._connect_to(url)

    def close(self, code: int = 1000) -> None:
        """Begin to close; CLOSED comes to the port. Without a connection nothing happens."""
        raise NotImplementedError

    def pause(self) -> None:
        """Read no more until `resume`: the receiver is behind."""

    def resume(self) -> None:
        """Read again."""

    def _connect_to(self, url: str) -> None:
        raise NotImplementedError

    def _transmit(self, payload: bytes) -> None:
        raise NotImplementedError


class RestLink:
    """Requests over HTTP, each answered once: an ANSWER input that begins with the request's id."""

    def __init__(self, port: Port, sent: Sent) -> None:
        """Bring answers to `port` and add what is asked to `sent`, under the port's name."""
        self.port = port
        self.name = port.name
        self._sent = sent
        self._last_id = 0

    def next_id(self) -> int:
        """Return an id that no request over this link has had, whichever gateway made it."""
        self._last_id += 1
        return self._last_id

    def request(self, request_id: int, method: str, path: str) -> None:
        """Ask for `path`; the answer comes to the port, with status 0 when there was none."""
        self._sent.add(self.name, f"{method} {path}".encode())
        self._ask(request_id, method, path)

    def close(self) -> None:
        """Give up what is unanswered."""

    def _ask(self, request_id: int, method: str, path: str) -> None:
        raise NotImplementedError


def answer_payload(request_id: int, status: int, body: bytes, retry_after_s: int = 0) -> bytes:
    """Encode an ANSWER input. `retry_after_s` is the venue's Retry-After, written only where there is one."""
    retry = f" {retry_after_s}" if retry_after_s else ""
    return f"{request_id} {status}{retry}\n".encode() + body


def parse_answer(payload: bytes) -> tuple[int, int, int, bytes]:
    """Return (request id, HTTP status, Retry-After in seconds or 0, body) of an ANSWER input."""
    head, _, body = payload.partition(b"\n")
    words = head.split(b" ")
    return int(words[0]), int(words[1]), int(words[2]) if len(words) > 2 else 0, body


class NullLink(Link):
    """A link of a replay: what would be sent is added to the digest, and every input comes from the tape."""

    def close(self, code: int = 1000) -> None:
        """Do nothing: the tape says when it was closed."""

    def _connect_to(self, url: str) -> None:
        pass

    def _transmit(self, payload: bytes) -> None:
        pass


class NullRestLink(RestLink):
    """A REST link of a replay."""

    def _ask(self, request_id: int, method: str, path: str) -> None:
        pass
