"""The server: the simulated venue over real sockets on loopback, for whoever keeps to its rules."""

from __future__ import annotations

import asyncio
import base64
import itertools
import os
import socket
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec
import pytest
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from engine.errors import UsageError
from gateways.binance.simulator import BinanceSimulator
from gateways.simulator import server as server_module
from gateways.simulator.server import Listening, Simulator, run_server, serve
from tests.unit.gateways.binance.simulated import ALL_STREAMS, SNAPSHOT, START_NS, capture, signature_of, ticker, trade

HOUR_NS = 3_600_000_000_000
FRAMES = (ticker(9, "100.00", "5.0", "102.00", "3.0"), SNAPSHOT, trade(1, "100.00", "0.5", buyer_is_maker=True))


class Idle:
    """A venue that says what it is told to, and keeps what it hears."""

    def __init__(self, says: bytes = b"", times: int = 0) -> None:
        """Say something so many times to everybody who connects."""
        self.send: Callable[[int, bytes], None] = lambda *_: None
        self.close: Callable[[int, int], None] = lambda *_: None
        self.says, self.times = says, times
        self.heard: asyncio.Queue[object] = asyncio.Queue()

    def next_event_ns(self) -> int | None:
        """Return that nothing ever happens."""
        return None

    def advance(self, now_ns: int) -> None:
        """Do nothing."""

    def open(self, connection: int, path: str, now_ns: int) -> None:
        """Say it."""
        for _ in range(self.times):
            self.send(connection, self.says)
        self.heard.put_nowait(("open", connection, path))

    def receive(self, connection: int, payload: bytes, now_ns: int) -> None:
        """Break on anything but b"close"."""
        if payload != b"close":
            raise UsageError("the venue broke")
        self.close(connection, 1001)

    def closed(self, connection: int, now_ns: int) -> None:
        """Keep it."""
        self.heard.put_nowait(("closed", connection))

    def request(self, method: str, path: str, now_ns: int, respond: Callable[[int, bytes], None]) -> None:
        """Answer twice; the second answer goes nowhere."""
        respond(200, b"1")
        respond(200, b"2")


class Listener(WSListener):
    """A client that collects text frames and the close code."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.frames: list[bytes] = []
        self.code: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Collect a frame."""
        if frame.msg_type is WSMsgType.TEXT:
            self.frames.append(frame.get_payload_as_bytes())
        elif frame.msg_type is WSMsgType.CLOSE:
            self.code.set_result(frame.get_close_code().value)
            transport.disconnect()


def served(
    simulator: Simulator,
    act: Callable[[Listening], Awaitable[None]],
    now_ns: Callable[[], int] = lambda: START_NS + HOUR_NS,
) -> None:
    """Serve a simulator, let `act` happen, and close the pipe that it serves for."""

    async def go() -> None:
        ready: asyncio.Future[Listening] = asyncio.get_running_loop().create_future()
        read_end, write_end = os.pipe()
        serving = asyncio.create_task(serve(simulator, now_ns, ready.set_result, until_closed=read_end))
        async with asyncio.timeout(20):
            waiting: set[asyncio.Future[Any]] = {serving, ready}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if not serving.done():
                await act(ready.result())
            os.close(write_end)
            await serving
        os.close(read_end)

    asyncio.run(go())


def test_a_recording_is_heard_over_sockets_and_ends_with_1000(tmp_path: Path) -> None:
    venue = BinanceSimulator.recorded([capture(tmp_path / "capture.txt", *FRAMES)])

    async def act(listening: Listening) -> None:
        _, listener = await ws_connect(Listener, listening.stream_url + ALL_STREAMS)
        assert isinstance(listener, Listener)
        assert await listener.code == 1000
        assert listener.frames == [FRAMES[0].encode(), FRAMES[2].encode()]
        async with (
            aiohttp.ClientSession() as session,
            session.get(listening.rest_url + "/api/v3/depth?symbol=BTCUSDT&limit=5000") as answer,
        ):
            assert (answer.status, await answer.read()) == (200, SNAPSHOT.encode())

    served(venue, act)


def test_the_api_logs_on_and_trades_over_a_socket() -> None:
    venue = BinanceSimulator.synthetic()
    now_ms = (START_NS + HOUR_NS) // 1_000_000

    async def act(listening: Listening) -> None:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(listening.api_url + "/ws-api/v3") as socket_,
        ):
            params = {"apiKey": venue.keys.ed25519.api_key, "timestamp": now_ms}
            logon = {
                "id": 1,
                "method": "session.logon",
                "params": params | {"signature": signature_of(venue.keys, params)},
            }
            order = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT_MAKER", "price": "50000.00", "quantity": "0.01"}
            place = {"id": 3, "method": "order.place", "params": order | {"timestamp": now_ms}}
            heard = []
            for request in (logon, {"id": 2, "method": "userDataStream.subscribe"}, place):
                await socket_.send_str(msgspec.json.encode(request).decode())
                heard.append(await socket_.receive_json())
            assert [answer["status"] for answer in heard] == [200, 200, 200]
            assert (await socket_.receive_json())["event"]["x"] == "NEW"

    served(venue, act)


@pytest.mark.parametrize("speed", [1, 100])
def test_a_market_lives_by_the_clock_it_is_given(speed: int) -> None:
    started_ns = time.monotonic_ns()

    async def act(listening: Listening) -> None:
        url = listening.stream_url + "/stream?streams=btcusdt@depth@100ms"
        async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket_:
            times_ms = [(await socket_.receive_json())["data"]["E"] for _ in range(3)]
            assert [later - earlier for earlier, later in itertools.pairwise(times_ms)] == [100, 100]
            assert times_ms[-1] <= clock_ns() // 1_000_000

    def clock_ns() -> int:
        return START_NS + speed * (time.monotonic_ns() - started_ns)

    served(BinanceSimulator.synthetic(), act, clock_ns)


def test_rest_answers_with_status_and_body_once() -> None:
    async def act(listening: Listening) -> None:
        async with aiohttp.ClientSession() as session, session.get(listening.rest_url + "/x?y=%41") as answer:
            assert (answer.status, answer.content_type, await answer.read()) == (200, "application/json", b"1")

    served(Idle(), act)


def test_the_venue_can_close_a_connection_with_a_code() -> None:
    async def act(listening: Listening) -> None:
        transport, listener = await ws_connect(Listener, listening.stream_url + "/stream")
        assert isinstance(listener, Listener)
        transport.send(WSMsgType.TEXT, b"close")
        assert await listener.code == 1001

    served(Idle(), act)


@pytest.mark.parametrize("kind", [WSMsgType.BINARY, WSMsgType.CLOSE])
def test_what_is_no_text_ends_the_connection(kind: WSMsgType) -> None:
    venue = Idle()

    async def act(listening: Listening) -> None:
        transport, _ = await ws_connect(Listener, listening.stream_url + "/stream")
        transport.send(kind, b"" if kind is WSMsgType.BINARY else b"\x03\xe8")
        assert await venue.heard.get() == ("open", 1, "/stream")
        assert await venue.heard.get() == ("closed", 1)

    served(venue, act)


def test_a_client_that_does_not_read_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "SEND_BUFFER_BYTES_MAX", 100_000)
    venue = Idle(b"x" * 100_000, 500)

    async def act(listening: Listening) -> None:
        address = urlsplit(listening.stream_url)
        key = base64.b64encode(b"0123456789abcdef").decode()
        with socket.create_connection((address.hostname, address.port)) as client:
            upgrade = (
                f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13"
            )
            client.sendall(f"GET /stream HTTP/1.1\r\nHost: localhost\r\n{upgrade}\r\n\r\n".encode())
            assert await venue.heard.get() == ("open", 1, "/stream")
            assert await venue.heard.get() == ("closed", 1)

    served(venue, act)


def test_an_error_of_the_venue_ends_the_server_with_that_error() -> None:
    async def act(listening: Listening) -> None:
        transport, listener = await ws_connect(Listener, listening.stream_url + "/stream")
        assert isinstance(listener, Listener)
        transport.send(WSMsgType.TEXT, b"anything")
        assert await listener.code == 1001

    with pytest.raises(UsageError, match="the venue broke"):
        served(Idle(), act)


def test_a_port_in_use_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"cannot listen on 127.0.0.1, port {port}"):
            asyncio.run(serve(Idle(), lambda: 0, lambda _: None, port=port))


def test_only_loopback_is_served() -> None:
    with pytest.raises(UsageError, match="loopback only"):
        run_server(Idle(), lambda: 0, lambda _: None, host="0.0.0.0")


def test_a_server_runs_in_a_loop_of_its_own_until_its_pipe_closes() -> None:
    read_end, write_end = os.pipe()
    shown: list[Listening] = []

    def ready(listening: Listening) -> None:
        shown.append(listening)
        os.close(write_end)

    run_server(Idle(), lambda: 0, ready, until_closed=read_end)
    os.close(read_end)
    assert shown[0].rest_url.startswith("http://127.0.0.1:")
    assert shown[0].stream_url == shown[0].api_url
