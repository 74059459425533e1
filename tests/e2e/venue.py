"""A simulated venue that outlives engines, asked about its truth by nobody but us, and a wire that notes what passes.

The account is asked over the venue's own API, signed here with the key that `tiercel sim` wrote, without a line of the
engine's code. The wire stands between engine and venue: what passes is noted with the time at which it passed.
"""

from __future__ import annotations

import asyncio
import base64
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from typing import Any, NamedTuple

import aiohttp
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.e2e.engines import LOUD, Place

ADDS = ("order.place", "order.cancelReplace")
TRADES_MAX = 1_000
PIECE_BYTES = 1 << 16
LATELY_SECONDS = 0.1


class Sent(NamedTuple):
    """One request that an engine sent to the venue's API."""

    at_ns: int
    """Of the monotonic clock, which all processes of a machine share."""
    method: str
    params: dict[str, Any]


class Venue:
    """`tiercel sim`, running."""

    def __init__(self, place: Place, *words: str) -> None:
        """Start it and read what it prints."""
        self.key_file = place.root / "venue.pem"
        self.process = place.start_bare("sim", "binance_spot", "--key-file", str(self.key_file), *words)
        self.process.until(lambda: "_KEY_FILE=" in self.process.stdout, 20, "the simulator's addresses")
        told = self.process.stdout
        urls = dict(re.findall(r'^(\w+_url) = "(.*)"$', told, re.MULTILINE))
        self.rest_url, self.stream_url, self.api_url = urls["rest_url"], urls["stream_url"], urls["api_url"]
        self.environ = dict(re.findall(r"(TIERCEL_\w+)=(\S+)", told))
        self.api_key = self.environ["TIERCEL_BINANCE_SPOT_KEY"]
        key = load_pem_private_key(self.key_file.read_bytes(), password=None)
        assert isinstance(key, Ed25519PrivateKey)
        self._key = key
        self._lately: list[str] = []
        self._asked = 0.0

    def configuration(self, *strategies: str, api_url: str = "", more: str = "") -> str:
        """Return a configuration for engines that trade here, with strategies as `module:Class`."""
        tables = "".join(f'[[strategies]]\nclass = "{name}"\ninstruments = ["BTCUSDT"]\n' for name in strategies)
        return f"""
[engine]
mode = "live"
[venues.binance_spot]
environment = "local"
rest_url = "{self.rest_url}"
stream_url = "{self.stream_url}"
api_url = "{api_url or self.api_url}"
{tables}{more}{LOUD}"""

    def ask(self, method: str, **params: str | int) -> Any:
        """Return the venue's answer to a signed request; an assertion fails when it says no."""

        async def conversation() -> Any:
            asked = params | {"apiKey": self.api_key, "timestamp": time.time_ns() // 1_000_000}
            payload = "&".join(f"{name}={asked[name]}" for name in sorted(asked)).encode()
            asked["signature"] = base64.b64encode(self._key.sign(payload)).decode()
            async with aiohttp.ClientSession() as session, session.ws_connect(f"{self.api_url}/ws-api/v3") as socket_:
                await socket_.send_str(msgspec.json.encode({"id": 1, "method": method, "params": asked}).decode())
                return msgspec.json.decode((await socket_.receive(20)).data)

        answer = asyncio.run(conversation())
        assert answer["status"] == 200, answer
        return answer["result"]

    def balances(self) -> dict[str, Decimal]:
        """Return what the account owns, by asset."""
        rows = self.ask("account.status")["balances"]
        return {row["asset"]: Decimal(row["free"]) + Decimal(row["locked"]) for row in rows}

    def open_orders(self) -> list[str]:
        """Return the client order ids that rest at the venue."""
        return [order["clientOrderId"] for order in self.ask("openOrders.status", symbol="BTCUSDT")]

    def open_orders_lately(self) -> list[str]:
        """Return what was open a tenth of a second ago at most: for whoever asks again and again, the venue counts."""
        if time.monotonic() - self._asked > LATELY_SECONDS:
            self._lately, self._asked = self.open_orders(), time.monotonic()
        return self._lately

    def trades(self) -> list[dict[str, Any]]:
        """Return every trade of the account, oldest first."""
        found: list[dict[str, Any]] = []
        while True:
            first = found[-1]["id"] + 1 if found else 0
            page = self.ask("myTrades", symbol="BTCUSDT", fromId=first, limit=TRADES_MAX)
            found += page
            if len(page) < TRADES_MAX:
                return found


class Wire:
    """Forwards connections to a venue and notes every request that an engine sends."""

    def __init__(self, url: str) -> None:
        """Listen on loopback; `url` is where it leads."""
        host, port = url.removeprefix("ws://").rsplit(":", 1)
        self._target = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"ws://127.0.0.1:{self._listener.getsockname()[1]}"
        self.sent: list[Sent] = []
        self.swallows = False
        """Whether what comes is noted and goes no further, in either direction."""
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def orders(self, after_ns: int = 0) -> list[Sent]:
        """Return the requests that could add to a position, sent after a moment."""
        return [one for one in self.sent if one.at_ns > after_ns and one.method in ADDS]

    def cancels(self, after_ns: int = 0) -> list[Sent]:
        """Return the requests that take orders out, sent after a moment."""
        return [one for one in self.sent if one.at_ns > after_ns and one.method == "order.cancel"]

    def new_ids(self) -> list[str]:
        """Return the client order id of every new order, as often as it was sent."""
        return [one.params["newClientOrderId"] for one in self.orders()]

    def release(self) -> None:
        """Swallow no more; connections that have lost something are cut."""
        if self.swallows:
            self._cut(*self._sockets)
        self.swallows = False

    def close(self) -> None:
        """Cut every connection."""
        self._cut(self._listener, *self._sockets)

    def _cut(self, *sockets: socket.socket) -> None:
        for one in sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                engine, _ = self._listener.accept()
                venue = socket.create_connection(self._target)
                for one in (engine, venue):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._sockets += [engine, venue]
                threading.Thread(target=self._forward, args=(engine, venue, _Frames(self.sent)), daemon=True).start()
                threading.Thread(target=self._forward, args=(venue, engine, None), daemon=True).start()

    def _forward(self, source: socket.socket, target: socket.socket, frames: _Frames | None) -> None:
        with suppress(OSError):
            while piece := source.recv(PIECE_BYTES):
                if frames is not None:
                    frames.add(piece)
                if not self.swallows:
                    target.sendall(piece)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)


class _Frames:
    """Reads what a WebSocket client sends: after the handshake, masked frames (RFC 6455, 5.2)."""

    def __init__(self, sent: list[Sent]) -> None:
        self._sent = sent
        self._bytes = bytearray()
        self._shaken = False

    def add(self, piece: bytes) -> None:
        """Take what came, and note each whole request in it."""
        at_ns = time.monotonic_ns()
        self._bytes += piece
        if not self._shaken:
            head, blank, rest = bytes(self._bytes).partition(b"\r\n\r\n")
            if not blank or not head.startswith(b"GET"):
                return
            self._bytes, self._shaken = bytearray(rest), True
        while (frame := self._frame()) is not None:
            opcode, payload = frame
            if opcode == 1:
                request = msgspec.json.decode(payload)
                self._sent.append(Sent(at_ns, request["method"], request.get("params") or {}))

    def _frame(self) -> tuple[int, bytes] | None:
        data = self._bytes
        if len(data) < 2:
            return None
        length, offset = data[1] & 0x7F, 2
        if length >= 126:
            size = 2 if length == 126 else 8
            if len(data) < offset + size:
                return None
            length, offset = int.from_bytes(data[offset : offset + size], "big"), offset + size
        mask, offset = data[offset : offset + 4], offset + 4
        if len(data) < offset + length:
            return None
        payload = bytes(byte ^ mask[at % 4] for at, byte in enumerate(data[offset : offset + length]))
        opcode = data[0] & 0x0F
        del data[: offset + length]
        return opcode, payload


@contextmanager
def wire(url: str) -> Iterator[Wire]:
    """Lend a wire, and cut it afterwards."""
    one = Wire(url)
    try:
        yield one
    finally:
        one.close()
