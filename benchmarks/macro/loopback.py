"""The venue of this folder behind picows, and a whole engine of ours that trades there from another process.

The engine is `tiercel run` as a user starts it, in a data directory of its own. Market frames go out as the row's
sender says; an order's arrival is noted before anything is done about it.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import msgspec
from picows import (
    WSFrame,
    WSListener,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
)

from benchmarks.macro.desk import live_configuration
from benchmarks.macro.market import VENUE, Market
from benchmarks.macro.peer import TEXT, Child, serve
from benchmarks.macro.venue import PLACE, BenchVenue
from engine.config.credentials import variable_names
from engine.cpu_latency import NOT_ASKED_US
from engine.runtime.turn import new_event_loop
from gateways.binance.simulator import STREAM_PATH
from hotpath.core.histogram import stamp


class Sender(Protocol):
    """Who sends the frames of the market."""

    def begin(self, transport: WSTransport) -> None:
        """Take the open connection of the stream."""

    def answered(self, at_ns: int) -> None:
        """Learn when an order arrived."""


class _Connection(WSListener):
    """One connection of the engine."""

    def __init__(self, peer: Loopback, number: int, path: str) -> None:
        self._peer = peer
        self._number = number
        self._path = path

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._peer.connected(self._number, self._path, transport)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        at_ns = stamp()
        if frame.msg_type is TEXT:
            self._peer.received(self._number, frame.get_payload_as_bytes(), at_ns)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._peer.disconnected(self._number)


class Loopback:
    """The venue's sockets."""

    def __init__(self, market: Market, sender: Sender) -> None:
        """Let `sender` send frames of `market`; its snapshot answers every request for the book."""
        self.venue = BenchVenue((), market.snapshot)
        self.venue.send = self._send
        self._sender = sender
        self._transports: dict[int, WSTransport] = {}
        self._connections_count = 0

    def listen(self, request: WSUpgradeRequest) -> WSListener | WSUpgradeResponseWithListener:
        """Take a connection, or answer a REST request."""
        path = request.path.decode()
        if "upgrade" in (request.headers.get("Connection") or "").lower():
            self._connections_count += 1
            return _Connection(self, self._connections_count, path)
        bodies: list[bytes] = []
        self.venue.request("GET", path, time.time_ns(), lambda _status, body: bodies.append(body))
        response = WSUpgradeResponse.create_ok_response(bodies[0], {"Content-Type": "application/json"})
        return WSUpgradeResponseWithListener(response, None)

    def connected(self, number: int, path: str, transport: WSTransport) -> None:
        """Begin a connection."""
        self._transports[number] = transport
        self.venue.open(number, path, time.time_ns())
        if path.startswith(STREAM_PATH):
            self._sender.begin(transport)

    def received(self, number: int, payload: bytes, at_ns: int) -> None:
        """Take one message of the engine, and when it came."""
        if PLACE in payload:
            self._sender.answered(at_ns)
        self.venue.receive(number, payload, time.time_ns())

    def disconnected(self, number: int) -> None:
        """End a connection."""
        self._transports.pop(number, None)
        self.venue.closed(number, time.time_ns())

    def _send(self, number: int, payload: bytes) -> None:
        transport = self._transports.get(number)
        if transport is not None:
            transport.send(TEXT, payload)


type_of_look = Callable[[Child], Awaitable[None]]


def trade(
    market: Market,
    sender: Sender,
    look: type_of_look,
    *,
    loop: str,
    strategy: str,
    cpu_latency_us: int = NOT_ASKED_US,
) -> dict[str, Any]:
    """Let an engine trade at the venue for as long as `look` takes, and return its summary.

    Raises:
        ChildProcessError: the engine did not end well, or ended before it was asked to.
    """
    events = new_event_loop()
    asyncio.set_event_loop(events)
    try:
        with tempfile.TemporaryDirectory(prefix="tiercel-bench-") as directory:
            peer = Loopback(market, sender)
            text = partial(live_configuration, loop=loop, strategy=strategy, cpu_latency_us=cpu_latency_us)
            return events.run_until_complete(_trade(Path(directory), peer, look, text))
    finally:
        asyncio.set_event_loop(None)
        events.close()


async def _trade(
    directory: Path, peer: Loopback, look: type_of_look, configured: Callable[[int], str]
) -> dict[str, Any]:
    server, port = await serve(peer.listen)
    configuration, key_file = directory / "bench.toml", directory / "key.pem"
    configuration.write_text(configured(port))
    key_file.touch(0o600)
    pair = peer.venue.keys.ed25519
    key_file.write_bytes(pair.private_key_pem)
    key_name, _, file_name = variable_names(VENUE)
    environment = {key_name: pair.api_key, file_name: str(key_file), "XDG_STATE_HOME": str(directory / "registry")}
    words = ["run", str(configuration), "--data-dir", str(directory / "data"), "--json"]
    child = Child([sys.executable, "-m", "engine", *words], environment)
    try:
        await look(child)
        said = await asyncio.get_running_loop().run_in_executor(None, child.interrupt)
    except BaseException:
        child.kill()
        raise
    finally:
        server.close()
    summary: dict[str, Any] = msgspec.json.decode(said)
    return summary
