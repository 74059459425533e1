"""A simulated venue behind real sockets on loopback: streams and API on one port, REST on the next.

The simulator is sans-IO; this is all the IO there is. It asks the clock that it is given, lets the simulator do what is
due, and sleeps until more is due or somebody speaks; no sleep is shorter than a millisecond, because timers of the loop
are whole milliseconds, so what falls due within one is sent together. What clients do waits for that same task, so an
error of the simulator has one way out, and it ends the server. A client that does not read is dropped when its send
buffer is full: nobody's memory grows for somebody else's fault. It listens on loopback and nowhere else, because the
keys that it accepts are made from a seed that anybody may know.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from aiohttp import web
from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server

from engine.errors import UsageError
from engine.runtime.turn import new_event_loop

SEND_BUFFER_BYTES_MAX = 32 * 1024 * 1024
"""What a client may leave unread: more than a whole recording that is played at once, because it came late."""
SLEEP_S_MIN = 0.001
SLEEP_S_MAX = 1.0
NS_PER_S = 1_000_000_000


class Simulator(Protocol):
    """A simulated venue, sans-IO."""

    send: Callable[[int, bytes], None]
    close: Callable[[int, int], None]

    def next_event_ns(self) -> int | None:
        """Return when it next does something by itself, or None."""

    def advance(self, now_ns: int) -> None:
        """Do what is due by `now_ns`."""

    def open(self, connection: int, path: str, now_ns: int) -> None:
        """Take a new connection."""

    def receive(self, connection: int, payload: bytes, now_ns: int) -> None:
        """Take one message of a client."""

    def closed(self, connection: int, now_ns: int) -> None:
        """Learn that a connection has ended."""

    def request(self, method: str, path: str, now_ns: int, respond: Callable[[int, bytes], None]) -> None:
        """Take a REST request; `respond(status, body)` may be called later."""


class Listening(NamedTuple):
    """Where a server can be reached; bases without a path."""

    rest_url: str
    stream_url: str
    api_url: str


class _Connection(WSListener):
    """One WebSocket connection's callbacks."""

    def __init__(self, server: SimulatorServer, path: str) -> None:
        self._server = server
        self._path = path
        self._number = 0

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._number = self._server.connected(transport, self._path)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.TEXT and frame.fin:
            self._server.received(self._number, frame.get_payload_as_bytes())
        elif frame.msg_type is WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code(), frame.get_close_message())
            transport.disconnect()
        elif frame.msg_type is not WSMsgType.PONG:
            transport.send_close(WSCloseCode.UNSUPPORTED_DATA)
            transport.disconnect()

    def on_ws_disconnected(self, _transport: WSTransport) -> None:
        self._server.disconnected(self._number)


class SimulatorServer:
    """The connections of one simulator, and its time."""

    def __init__(self, simulator: Simulator, now_ns: Callable[[], int]) -> None:
        """Take the simulator's ends. `now_ns` is its clock."""
        self._simulator = simulator
        self._now_ns = now_ns
        self._transports: dict[int, WSTransport] = {}
        self._connections_count = 0
        self._inputs: deque[Callable[[int], None]] = deque()
        self._woken = asyncio.Event()
        self.dropped_count = 0
        """Connections that were ended because their client did not read."""
        simulator.send = self._send
        simulator.close = self._close

    # ---- time

    async def play(self) -> None:
        """Let the simulator do what is due, for ever."""
        loop = asyncio.get_running_loop()
        first_s, first_ns = loop.time(), self._now_ns()
        while True:
            self._woken.clear()
            now_ns = self._now_ns()
            self._simulator.advance(now_ns)
            while self._inputs:
                self._inputs.popleft()(now_ns)
            next_ns = self._simulator.next_event_ns()
            if next_ns is None:
                await self._woken.wait()
                continue
            # the clock may run faster than the loop's: by how much is seen, not told
            elapsed_s = loop.time() - first_s
            pace = (now_ns - first_ns) / NS_PER_S / elapsed_s if elapsed_s > SLEEP_S_MIN else 1.0
            due_s = (next_ns - now_ns) / NS_PER_S / max(pace, SLEEP_S_MIN)
            timer = loop.call_later(min(max(due_s, SLEEP_S_MIN), SLEEP_S_MAX), self._woken.set)
            await self._woken.wait()
            timer.cancel()

    def end(self) -> None:
        """Tell every client that the venue goes away."""
        for connection in list(self._transports):
            self._close(connection, WSCloseCode.GOING_AWAY.value)

    # ---- what clients do

    def listener(self, request: WSUpgradeRequest) -> _Connection:
        """Return the callbacks of a new connection."""
        return _Connection(self, request.path.decode("ascii", "replace"))

    def connected(self, transport: WSTransport, path: str) -> int:
        """Take a new connection; returns its number."""
        self._connections_count += 1
        connection = self._connections_count
        self._transports[connection] = transport
        self._take(lambda now_ns: self._simulator.open(connection, path, now_ns))
        return connection

    def received(self, connection: int, payload: bytes) -> None:
        """Take one message of a client."""
        self._take(lambda now_ns: self._simulator.receive(connection, payload, now_ns))

    def disconnected(self, connection: int) -> None:
        """Learn that a connection is gone."""
        self._transports.pop(connection, None)
        self._take(lambda now_ns: self._simulator.closed(connection, now_ns))

    async def rest(self, request: web.BaseRequest) -> web.Response:
        """Answer a REST request, whenever the simulator does."""
        answer: asyncio.Future[tuple[int, bytes]] = asyncio.get_running_loop().create_future()

        def respond(status: int, body: bytes) -> None:
            if not answer.done():
                answer.set_result((status, body))

        self._take(lambda now_ns: self._simulator.request(request.method, request.raw_path, now_ns, respond))
        status, body = await answer
        return web.Response(status=status, body=body, content_type="application/json")

    def _take(self, act: Callable[[int], None]) -> None:
        """Let the simulator do something, in its own task and at that task's time."""
        self._inputs.append(act)
        self._woken.set()

    # ---- what the simulator does

    def _send(self, connection: int, payload: bytes) -> None:
        transport = self._transports.get(connection)
        if transport is None:
            return
        transport.send(WSMsgType.TEXT, payload)
        if transport.underlying_transport.get_write_buffer_size() > SEND_BUFFER_BYTES_MAX:
            self.dropped_count += 1
            del self._transports[connection]
            transport.disconnect(graceful=False)

    def _close(self, connection: int, code: int) -> None:
        transport = self._transports.pop(connection, None)
        if transport is not None:
            transport.send_close(WSCloseCode(code))
            transport.disconnect()


async def serve(
    simulator: Simulator,
    now_ns: Callable[[], int],
    ready: Callable[[Listening], Any],
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    until_closed: int | None = None,
) -> None:
    """Serve a simulator until it is cancelled, or until a pipe closes.

    Args:
        simulator: The venue; its `send` and `close` are set.
        now_ns: Its clock.
        ready: Called once with the addresses when everything listens.
        host: A loopback address, IPv4.
        port: Of streams and API; REST takes the next one. 0 takes two that are free.
        until_closed: A pipe's file descriptor: when its other end closes, serving ends.

    Raises:
        UsageError: the host is not loopback, or a port is in use.
    """
    if not ipaddress.IPv4Address(host).is_loopback:
        raise UsageError(f"a simulator listens on loopback only, not on {host}; use 127.0.0.1")
    server = SimulatorServer(simulator, now_ns)
    rest = web.ServerRunner(web.Server(server.rest))
    await rest.setup()
    sockets: asyncio.Server | None = None
    try:
        try:
            sockets = await ws_create_server(server.listener, host, port)
            await web.TCPSite(rest, host, port + 1 if port else 0).start()
        except OSError as problem:
            raise UsageError(f"the simulator cannot listen on {host}, port {port}: {problem.strerror}") from problem
        stream_url = f"ws://{host}:{sockets.sockets[0].getsockname()[1]}"
        ready(Listening(f"http://{host}:{rest.addresses[0][1]}", stream_url, stream_url))
        await _until(asyncio.create_task(server.play()), until_closed)
    finally:
        if sockets is not None:
            sockets.close()
        server.end()
        await rest.cleanup()


async def _until(playing: asyncio.Task[None], pipe: int | None) -> None:
    """Wait until playing fails or a pipe closes; its error is raised here."""
    loop = asyncio.get_running_loop()
    closed = loop.create_future()

    def read() -> None:
        if not os.read(pipe or 0, 4096) and not closed.done():
            closed.set_result(None)

    if pipe is not None:
        loop.add_reader(pipe, read)
    try:
        await asyncio.wait({playing, closed}, return_when=asyncio.FIRST_COMPLETED)
        if playing.done():
            playing.result()
    finally:
        playing.cancel()
        if pipe is not None:
            loop.remove_reader(pipe)


def run_server(
    simulator: Simulator,
    now_ns: Callable[[], int],
    ready: Callable[[Listening], Any],
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    until_closed: int | None = None,
) -> None:
    """Serve as serve() does, in a loop of its own."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(serve(simulator, now_ns, ready, host=host, port=port, until_closed=until_closed))
