"""A client of the simulated venue in tests: it speaks JSON, keeps its own time and collects what it hears."""

from __future__ import annotations

import base64
import hmac
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gateways.binance.simulator import BinanceSimulator
from gateways.binance.simulator_session import SimulatorKeys

MS_NS = 1_000_000
START_NS = 1_700_000_000_000 * MS_NS
API, STREAMS = 1, 2
ALL_STREAMS = "/stream?streams=btcusdt@depth@100ms/btcusdt@bookTicker/btcusdt@trade"
Content = dict[str, Any]

SNAPSHOT = (
    '{"lastUpdateId":10,"bids":[["100.00","5.00000000"],["99.00","5.0"]],"asks":[["102.00","3.0"],["103.00","4.0"]]}'
)
"""A book of bids 100x5 99x5 and asks 102x3 103x4."""


def depth(first_id: int, last_id: int, bids: list[tuple[str, str]], asks: list[tuple[str, str]]) -> str:
    """Return a recorded depth frame."""
    data = {"e": "depthUpdate", "E": 1, "s": "BTCUSDT", "U": first_id, "u": last_id, "b": bids, "a": asks}
    return msgspec.json.encode({"stream": "btcusdt@depth@100ms", "data": data}).decode()


def ticker(update_id: int, bid: str, bid_quantity: str, ask: str, ask_quantity: str) -> str:
    """Return a recorded bookTicker frame."""
    data = {"u": update_id, "s": "BTCUSDT", "b": bid, "B": bid_quantity, "a": ask, "A": ask_quantity}
    return msgspec.json.encode({"stream": "btcusdt@bookTicker", "data": data}).decode()


def trade(trade_id: int, price: str, quantity: str, *, buyer_is_maker: bool) -> str:
    """Return a recorded trade frame."""
    data = {"e": "trade", "E": 1, "s": "BTCUSDT", "t": trade_id, "p": price, "q": quantity, "T": 1, "m": buyer_is_maker}
    return msgspec.json.encode({"stream": "btcusdt@trade", "data": data | {"M": True}}).decode()


def capture(path: Path, *lines: str) -> Path:
    """Write a capture with a line every millisecond from START_NS on."""
    path.write_text("".join(f"{START_NS + place * MS_NS} {line}\n" for place, line in enumerate(lines)))
    return path


def signature_of(keys: SimulatorKeys, params: Content) -> str:
    """Sign parameters with the key that they name."""
    payload = "&".join(f"{name}={params[name]}" for name in sorted(params)).encode()
    if params["apiKey"] == keys.hmac.api_key:
        return hmac.digest(keys.hmac.secret.encode(), payload, "sha256").hex()
    key = load_pem_private_key(keys.ed25519.private_key_pem, password=None)
    assert isinstance(key, Ed25519PrivateKey)
    return base64.b64encode(key.sign(payload)).decode()


class SimulatedClient:
    """One client with an API connection and a stream connection."""

    def __init__(self, venue: BinanceSimulator, now_ns: int = START_NS) -> None:
        """Take the other end of `venue`."""
        self.venue = venue
        self.now_ns = now_ns
        self.heard: list[tuple[int, bytes]] = []
        self.closes: list[tuple[int, int]] = []
        venue.send = lambda connection, payload: self.heard.append((connection, payload))
        venue.close = lambda connection, code: self.closes.append((connection, code))

    @property
    def now_ms(self) -> int:
        """The client's time as the venue wants it."""
        return self.now_ns // MS_NS

    def listen(self, path: str = ALL_STREAMS) -> None:
        """Open the stream connection."""
        self.venue.open(STREAMS, path, self.now_ns)

    def log_on(self) -> None:
        """Open the API connection, log on and subscribe to the user stream."""
        self.venue.open(API, "/ws-api/v3", self.now_ns)
        assert self.signed("session.logon")["status"] == 200
        assert self.call("userDataStream.subscribe")["result"] == {"subscriptionId": 0}

    def play(self, milliseconds: int) -> None:
        """Let time pass."""
        self.now_ns += milliseconds * MS_NS
        self.venue.advance(self.now_ns)

    def play_all(self) -> None:
        """Play a recording to its end."""
        while (next_ns := self.venue.next_event_ns()) is not None:
            self.now_ns = max(self.now_ns, next_ns)
            self.venue.advance(self.now_ns)

    def call(self, method: str, **params: Any) -> Content:
        """Send a request and return its answer; events are kept for events()."""
        return self.sent({"id": 7, "method": method, "params": params} if params else {"id": 7, "method": method})

    def sent(self, request: Any) -> Content:
        """Send anything and return the answer that follows."""
        payload = request if isinstance(request, bytes) else msgspec.json.encode(request)
        before = len(self.heard)
        self.venue.receive(API, payload, self.now_ns)
        return next((one for one in self.contents(API, before) if "event" not in one), {})

    def order(self, method: str, **params: Any) -> Content:
        """Send a request about BTCUSDT with a timestamp."""
        return self.call(method, symbol="BTCUSDT", timestamp=self.now_ms, **params)

    def buy(self, price: str, quantity: str, name: str, **params: Any) -> Content:
        """Place a limit order to buy."""
        kind = {"type": "LIMIT", "timeInForce": "GTC"} | params
        return self.order("order.place", side="BUY", price=price, quantity=quantity, newClientOrderId=name, **kind)

    def signed(self, method: str, *, hmac_key: bool = False, **params: Any) -> Content:
        """Send a signed request."""
        keys = self.venue.keys
        pair = keys.hmac if hmac_key else keys.ed25519
        params = {"apiKey": pair.api_key, "timestamp": self.now_ms} | params
        return self.call(method, **params, signature=signature_of(keys, params))

    def contents(self, connection: int, since: int = 0) -> list[Content]:
        """Return what a connection heard, decoded."""
        return [msgspec.json.decode(payload) for heard, payload in self.heard[since:] if heard == connection]

    def events(self) -> list[Content]:
        """Return the user stream's events so far, and forget everything that was heard."""
        found = [content["event"] for content in self.contents(API) if "event" in content]
        self.heard.clear()
        return found

    def get(self, path: str) -> tuple[int, Any]:
        """Ask over REST; (0, None) while there is no answer."""
        answers: list[tuple[int, bytes]] = []
        self.venue.request("GET", path, self.now_ns, lambda status, body: answers.append((status, body)))
        return (answers[0][0], msgspec.json.decode(answers[0][1])) if answers else (0, None)
