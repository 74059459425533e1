"""The REST link against a real server on loopback."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import stamina
from aiohttp import web

from engine.errors import VenueError
from engine.runtime.port import InputKind, Port
from gateways.transport.http import HttpLink, fetch
from tests.contract.venue_testbed import KeptSent

Seen = asyncio.Queue[tuple[InputKind, bytes]]


def run(
    handle: Callable[[web.Request], Awaitable[web.Response]], test: Callable[[HttpLink, Seen], Awaitable[None]]
) -> None:
    async def go() -> None:
        app = web.Application()
        app.router.add_get("/api/v3/depth", handle)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        number = runner.addresses[0][1]
        seen: Seen = asyncio.Queue()
        port = Port(
            2, "rest", lambda _kind, _payload: None, lambda _port, kind, payload: seen.put_nowait((kind, payload))
        )
        link = HttpLink(port, KeptSent(), f"http://127.0.0.1:{number}")
        try:
            async with asyncio.timeout(10):
                await test(link, seen)
        finally:
            link.close()
            if link._closing is not None:
                await link._closing
            await runner.cleanup()

    with stamina.set_testing(True, attempts=3):
        asyncio.run(go())


def test_each_request_has_one_answer_under_its_own_id() -> None:
    async def handle(request: web.Request) -> web.Response:
        return web.Response(body=request.query["symbol"].encode())

    async def session(link: HttpLink, seen: Seen) -> None:
        link.request(1, "GET", "/api/v3/depth?symbol=BTCUSDT")
        link.request(2, "GET", "/api/v3/depth?symbol=ETHUSDT")
        answers = sorted([await seen.get(), await seen.get()], key=lambda answer: answer[1])
        assert answers == [(InputKind.ANSWER, b"1 200\nBTCUSDT"), (InputKind.ANSWER, b"2 200\nETHUSDT")]

    run(handle, session)


@pytest.mark.parametrize(
    ("statuses", "calls", "answer"),
    [
        ([500, 503, 200], 3, b"1 200\nbody"),
        ([500, 502, 503, 200], 3, b"1 503\nbody"),
        ([429, 200], 1, b"1 429 17\nbody"),
        ([418, 200], 1, b"1 418 17\nbody"),
        ([404, 200], 1, b"1 404\nbody"),
    ],
)
def test_only_what_a_retry_can_help_is_retried(statuses: list[int], calls: int, answer: bytes) -> None:
    seen_calls: list[int] = []

    async def handle(_request: web.Request) -> web.Response:
        status = statuses[len(seen_calls)]
        seen_calls.append(status)
        headers = {"Retry-After": "17"} if status in (418, 429) else {}
        return web.Response(status=status, body=b"body", headers=headers)

    async def session(link: HttpLink, seen: Seen) -> None:
        link.request(1, "GET", "/api/v3/depth")
        assert await seen.get() == (InputKind.ANSWER, answer)

    run(handle, session)
    assert len(seen_calls) == calls


@pytest.mark.parametrize("words", ["9" * 5_000, "1" * 10, "Wed, 21 Oct 2026 07:28:00 GMT", "-1", "²"])
def test_a_retry_after_that_is_no_time_is_none_and_the_answer_arrives(words: str) -> None:
    async def handle(_request: web.Request) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": words})

    async def session(link: HttpLink, seen: Seen) -> None:
        link.request(1, "GET", "/api/v3/depth")
        assert await seen.get() == (InputKind.ANSWER, b"1 429\n")

    run(handle, session)


def test_a_redirection_is_not_followed() -> None:
    async def handle(request: web.Request) -> web.Response:
        if "elsewhere" in request.query:
            return web.Response(body=b"another venue's book")
        raise web.HTTPFound("/api/v3/depth?elsewhere=1")

    async def session(link: HttpLink, seen: Seen) -> None:
        link.request(1, "GET", "/api/v3/depth")
        assert (await seen.get())[1].startswith(b"1 302\n")
        with pytest.raises(VenueError, match="answered 302"):
            await asyncio.to_thread(fetch, link._base_url, "/api/v3/depth")

    run(handle, session)


def test_a_server_that_is_not_there_is_an_answer_with_status_0() -> None:
    async def handle(_request: web.Request) -> web.Response:
        return web.Response()

    async def session(link: HttpLink, seen: Seen) -> None:
        link._base_url = "http://127.0.0.1:1"
        link.request(5, "GET", "/api/v3/depth")
        _, payload = await seen.get()
        assert payload.startswith(b"5 0\nClientConnectorError")

    run(handle, session)


def test_closing_gives_up_what_is_unanswered() -> None:
    entered, released = asyncio.Event(), asyncio.Event()

    async def handle(_request: web.Request) -> web.Response:
        entered.set()
        await released.wait()
        return web.Response()

    async def session(link: HttpLink, seen: Seen) -> None:
        link.request(1, "GET", "/api/v3/depth")
        await entered.wait()
        link.close()
        released.set()
        assert link._closing is not None
        await link._closing
        assert seen.empty()

    run(handle, session)


def test_a_read_before_the_run_says_what_it_found_instead() -> None:
    with pytest.raises(VenueError, match=r"http://127.0.0.1:1/api/v3/exchangeInfo cannot be read"):
        fetch("http://127.0.0.1:1", "/api/v3/exchangeInfo")


def test_a_run_without_sockets_never_imports_aiohttp() -> None:
    script = "import sys, gateways.transport.http, gateways.binance.gateway; print('aiohttp' in sys.modules)"
    root = Path(__file__).parents[4]
    shown = subprocess.run([sys.executable, "-c", script], check=True, cwd=root, capture_output=True, text=True)
    assert shown.stdout.strip() == "False"
