"""The words of Binance spot for tests: answers and events as the venue prints them."""

from __future__ import annotations

import json
from typing import Any

from engine.instruments import Instrument
from engine.runtime.port import InputKind
from gateways.binance.gateway import BinanceGateway, Urls
from gateways.binance.signing import NullSigner
from gateways.throttle import RateLimit, Throttle
from hotpath.core.units import Scale
from tests.contract.venue_testbed import SECOND, HandLink, Testbed, open_gate

BTC = Instrument(
    0, "binance_spot", "BTCUSDT", "BTC", "USDT", Scale(2, 8), 1, 1_000, 1_000, 10**12, 10**12, 1, 10**8, 10**9, True
)
LIMITS = [RateLimit(False, 6_000, 60 * SECOND), RateLimit(True, 50, 10 * SECOND)]
TICKER = (
    b'{"stream":"btcusdt@bookTicker","data":{"u":7,"s":"BTCUSDT","b":"61837.63000000","B":"3.78826000",'
    b'"a":"61837.64000000","A":"1.54698000"}}'
)
TRADE = (
    b'{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161255343,"s":"BTCUSDT","t":3735683259,'
    b'"p":"61837.63000000","q":"0.02000000","T":1723161255342,"m":true,"M":true}}'
)
DEPTH = (
    b'{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1723161255308,"s":"BTCUSDT","U":50093239203,'
    b'"u":50093239207,"b":[["55653.87000000","0.00000000"]],"a":[["61838.04000000","0.32332000"]]}}'
)
ASKS_TIME = b'"method":"time"'
SNAPSHOT = b'{"lastUpdateId":5,"bids":[["4.00000000","431.00000000"]],"asks":[["4.01000000","12.00000000"]]}'


def answer(request_id: int, result: Any) -> bytes:
    """Return a yes."""
    return json.dumps({"id": request_id, "status": 200, "result": result, "rateLimits": []}).encode()


def refusal(request_id: int | None, status: int, code: int, text: str = "No.", data: Any = None) -> bytes:
    """Return a no."""
    error = {"code": code, "msg": text} | ({"data": data} if data is not None else {})
    return json.dumps({"id": request_id, "status": status, "error": error, "rateLimits": []}).encode()


def event(kind: str, **fields: Any) -> bytes:
    """Return an event of the user stream."""
    return json.dumps({"subscriptionId": 0, "event": {"e": kind, "E": 1, **fields}}).encode()


def report(execution: str, order: str, **fields: Any) -> bytes:
    """Return an executionReport; what is not named is as the venue prints it for a fresh order."""
    return event(
        "executionReport",
        **{
            "s": "BTCUSDT", "c": order, "S": "BUY", "o": "LIMIT", "f": "GTC", "q": "1.00000000", "p": "61837.63000000",
            "P": "0.00000000", "F": "0.00000000", "g": -1, "C": "", "x": execution, "X": "NEW", "r": "NONE", "i": 42,
            "l": "0.00000000", "z": "0.00000000", "L": "0.00000000", "n": "0", "N": None, "T": 1, "t": -1, "I": 9,
            "w": True, "m": False, "M": False, "O": 1, "Z": "0.00000000", "Y": "0.00000000", "Q": "0.00000000",
            "W": 1, "V": "NONE",
        }
        | fields,
    )  # fmt: skip


def canceled(order: str, **fields: Any) -> bytes:
    """Return the report of a cancel: the order's own id stands in C."""
    return report("CANCELED", "the-cancels-own-id", C=order, X="CANCELED", **fields)


def fill(order: str, **fields: Any) -> bytes:
    """Return the report of one execution."""
    words = {"X": "PARTIALLY_FILLED", "l": "0.40000000", "L": "61837.63000000", "z": "0.40000000", "t": 77}
    return report("TRADE", order, **(words | {"n": "0.00040000", "N": "BTC"} | fields))


class BinanceVenue:
    """What the contract test must know of this venue."""

    def testbed(self, *, logs_on: bool = True, limits: list[RateLimit] | None = None) -> Testbed:
        """Return a gateway on a bench, not started."""
        gate, cells = open_gate()
        urls = Urls("ws://venue.test", "ws://venue.test")
        throttle = Throttle(LIMITS if limits is None else limits)
        gateway = BinanceGateway("binance_spot", urls, [BTC], NullSigner(logs_on=logs_on), gate, throttle)
        return Testbed(gateway, cells)

    def open_stream(self, bed: Testbed) -> None:
        """Let the market stream connect."""
        bed.bring(bed.stream, InputKind.OPENED)

    def open_api(self, bed: Testbed) -> None:
        """Let the private session connect, log on and subscribe."""
        bed.bring(bed.api, InputKind.OPENED)
        for method in ("session.logon", "userDataStream.subscribe"):
            (request,) = bed.api.take()
            assert json.loads(request)["method"] == method
            result = {"apiKey": "*", "userDataStream": False} if method == "session.logon" else {"subscriptionId": 0}
            self.say(bed, answer(json.loads(request)["id"], result))
        self.tell_time(bed, bed.api.take())

    def tell_time(self, bed: Testbed, requests: list[bytes]) -> list[bytes]:
        """Answer the questions for the time among these requests, by the gateway's own clock; return the others."""
        for request in requests:
            if ASKS_TIME in request:
                self.say(bed, answer(json.loads(request)["id"], {"serverTime": bed.context.now_ns // 1_000_000}))
        return [request for request in requests if ASKS_TIME not in request]

    def say(self, bed: Testbed, payload: bytes) -> None:
        """Bring bytes of the private session."""
        bed.bring(bed.api, InputKind.BYTES, payload)

    def market(self, bed: Testbed) -> None:
        """Bring one sound market message."""
        bed.bring(bed.stream, InputKind.BYTES, TRADE)

    def accept(self, bed: Testbed, request: bytes) -> None:
        """Take an order into the book."""
        order = json.loads(request)
        self.say(bed, answer(order["id"], {"orderId": 42}))
        self.say(bed, report("NEW", order["params"]["newClientOrderId"]))

    def refuse(self, bed: Testbed, request: bytes) -> None:
        """Refuse an order for good."""
        self.say(bed, refusal(json.loads(request)["id"], 400, -2010, "Account has insufficient balance."))

    def fail(self, bed: Testbed, request: bytes) -> None:
        """Answer that nobody knows."""
        self.say(bed, refusal(json.loads(request)["id"], 503, -1007, "Timeout waiting for response."))

    def cancel(self, bed: Testbed, request: bytes) -> None:
        """Cancel the order of a cancel request."""
        cancel = json.loads(request)
        self.say(bed, answer(cancel["id"], {"status": "CANCELED"}))
        self.say(bed, canceled(cancel["params"]["origClientOrderId"]))

    def silence(self, bed: Testbed, request: bytes) -> None:
        """Answer a request with a demand for 30 s of silence."""
        data = {"serverTime": 1_000_000, "retryAfter": 1_030_000}
        self.say(bed, refusal(json.loads(request)["id"], 429, -1003, "Too much request weight used.", data))

    def garbage(self, bed: Testbed, link: HandLink) -> None:
        """Break the venue's rules."""
        bed.bring(link, InputKind.BYTES, b'{"stream":"btcusdt@trade","data":{"s":"BTCUSDT"')
