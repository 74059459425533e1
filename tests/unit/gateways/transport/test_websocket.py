"""The WebSocket link against a real server on loopback."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import picows
import pytest

from engine.runtime.port import InputKind, Port
from gateways.transport import websocket
from gateways.transport.websocket import WebSocketLink
from tests.contract.venue_testbed import KeptSent

Seen = asyncio.Queue[tuple[InputKind, bytes]]


class Server(picows.WSListener):
    """Echoes text; some words make it act otherwise."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()

    def on_ws_disconnected(self, transport: picows.WSTransport) -> None:
        self.gone.set()

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        if frame.msg_type == picows.WSMsgType.PONG:
            transport.send(picows.WSMsgType.TEXT, b"ponged")
        elif frame.msg_type == picows.WSMsgType.CLOSE:
            transport.disconnect()
        elif frame.get_payload_as_bytes() == b"bye":
            transport.send_close(picows.WSCloseCode.GOING_AWAY, b"maintenance")
        elif frame.get_payload_as_bytes() == b"ping me":
            transport.send_ping(b"are you there")
        elif frame.get_payload_as_bytes() == b"in parts":
            transport.send(picows.WSMsgType.TEXT, b"one ", fin=False)
            transport.send(picows.WSMsgType.CONTINUATION, b"two ", fin=False)
            transport.send(picows.WSMsgType.CONTINUATION, b"three")
        elif frame.get_payload_as_bytes() == b"sleep":
            transport.underlying_transport.pause_reading()
            transport.send(picows.WSMsgType.TEXT, b"asleep")
            asyncio.get_running_loop().call_later(1, transport.disconnect, False)
        elif frame.get_payload_as_bytes() == b"drop":
            transport.disconnect(graceful=False)
        else:
            transport.send(picows.WSMsgType.TEXT, b"echo " + frame.get_payload_as_bytes())


def run(test: Callable[[WebSocketLink, str, Seen], Awaitable[None]], deliver: Any = None) -> None:
    async def go() -> None:
        served: list[Server] = []

        def serve(_request: picows.WSUpgradeRequest) -> Server:
            served.append(Server())
            return served[-1]

        server = await picows.ws_create_server(serve, "127.0.0.1", 0)
        number = server.sockets[0].getsockname()[1]
        seen: Seen = asyncio.Queue()
        put = deliver or (lambda _port, kind, payload: seen.put_nowait((kind, payload)))
        link = WebSocketLink(Port(0, "api", lambda _kind, _payload: None, put), KeptSent())
        try:
            async with asyncio.timeout(10):
                await test(link, f"ws://127.0.0.1:{number}/ws-api/v3", seen)
                for listener in served:
                    await listener.gone.wait()
        finally:
            server.close()

    asyncio.run(go())


def test_a_session_from_open_to_close() -> None:
    async def session(link: WebSocketLink, url: str, seen: Seen) -> None:
        link.open(url)
        assert await seen.get() == (InputKind.OPENED, b"")
        link.send_order(b"order")
        assert await seen.get() == (InputKind.BYTES, b"echo order")
        link.send(b"in parts")
        assert await seen.get() == (InputKind.BYTES, b"one two three")
        link.send(b"ping me")
        assert await seen.get() == (InputKind.BYTES, b"ponged"), "pings are answered below us"
        link.close()
        assert await seen.get() == (InputKind.CLOSED, b"1000 closed by us")
        link.send(b"lost")
        link.close()
        link.open(url)
        assert await seen.get() == (InputKind.OPENED, b"")
        link.close()
        assert (await seen.get())[0] is InputKind.CLOSED

    run(session)


def test_what_the_venue_repeats_is_masked_before_the_port_sees_it() -> None:
    async def session(link: WebSocketLink, url: str, seen: Seen) -> None:
        link.mask = lambda payload: payload.replace(b"key", b"*")
        link.open(url)
        await seen.get()
        link.send(b"the key")
        assert await seen.get() == (InputKind.BYTES, b"echo the *")
        link.close()
        await seen.get()

    run(session)


def test_the_venues_goodbye_and_a_lost_connection_are_told_apart() -> None:
    async def session(link: WebSocketLink, url: str, seen: Seen) -> None:
        link.open(url)
        await seen.get()
        link.send(b"bye")
        assert await seen.get() == (InputKind.CLOSED, b"1001 maintenance")
        link.open(url)
        await seen.get()
        link.send(b"drop")
        assert await seen.get() == (InputKind.CLOSED, b"1006 connection lost")

    run(session)


def test_a_venue_that_reads_no_more_cannot_keep_a_connection_from_ending(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "CLOSE_S_MAX", 0.01)

    async def session(link: WebSocketLink, url: str, seen: Seen) -> None:
        link.open(url)
        await seen.get()
        link.send(b"sleep")
        assert await seen.get() == (InputKind.BYTES, b"asleep")
        for _ in range(200):
            link.send(bytes(100_000))
        link.close()
        async with asyncio.timeout(0.8):
            assert await seen.get() == (InputKind.CLOSED, b"1000 closed by us")
        link.open(url)
        assert await seen.get() == (InputKind.OPENED, b"")
        link.close()
        await seen.get()

    run(session)


def test_a_connection_that_cannot_be_had_is_refused() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]

    async def session(link: WebSocketLink, _url: str, seen: Seen) -> None:
        link.open(f"ws://127.0.0.1:{number}/")
        kind, reason = await seen.get()
        assert kind is InputKind.REFUSED
        assert b"Connect" in reason or b"refused" in reason
        link.open("no url at all")
        assert (await seen.get())[0] is InputKind.REFUSED

    run(session)


def test_opening_again_drops_the_old_connection_without_a_word() -> None:
    async def session(link: WebSocketLink, url: str, seen: Seen) -> None:
        link.open(url)
        link.open(url)
        assert await seen.get() == (InputKind.OPENED, b"")
        link.send(b"old")
        link.open(url)
        assert await seen.get() == (InputKind.OPENED, b"")
        link.send(b"new")
        assert await seen.get() == (InputKind.BYTES, b"echo new")
        link.close()
        assert await seen.get() == (InputKind.CLOSED, b"1000 closed by us")
        assert seen.empty()
        assert link.openings_count == 3

    run(session)


def test_giving_up_while_connecting_is_a_refusal() -> None:
    async def session(link: WebSocketLink, url: str, seen: Seen) -> None:
        link.open(url)
        link.close()
        assert await seen.get() == (InputKind.REFUSED, b"given up by us")

    run(session)


def test_an_exception_behind_the_port_does_not_end_the_connection() -> None:
    brought: Seen = asyncio.Queue()
    errors: list[dict[str, Any]] = []

    def deliver(_port: Port, kind: InputKind, payload: bytes) -> None:
        brought.put_nowait((kind, payload))
        if payload == b"echo boom":
            raise RuntimeError("a fault behind the port")

    async def session(link: WebSocketLink, url: str, _seen: Seen) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: errors.append(context))
        link.open(url)
        await brought.get()
        for word in (b"boom", b"still here"):
            link.send(word)
            assert await brought.get() == (InputKind.BYTES, b"echo " + word)
        link.close()
        assert await brought.get() == (InputKind.CLOSED, b"1000 closed by us")

    run(session, deliver)
    assert [str(context["exception"]) for context in errors] == ["a fault behind the port"]


def test_a_paused_link_reads_nothing_until_it_is_resumed() -> None:
    async def session(link: WebSocketLink, url: str, seen: Seen) -> None:
        link.pause()
        link.resume()
        link.open(url)
        await seen.get()
        link.pause()
        link.send(b"later")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(seen.get(), 0.05)
        link.resume()
        assert await seen.get() == (InputKind.BYTES, b"echo later")
        link.close()
        await seen.get()

    run(session)


def test_small_orders_do_not_wait_for_company() -> None:
    async def session(link: WebSocketLink, url: str, seen: Seen) -> None:
        link.open(url)
        await seen.get()
        assert link._transport is not None
        connection = link._transport.underlying_transport.get_extra_info("socket")
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        link.close()
        await seen.get()

    run(session)
