"""What anybody may ask the simulated venue: time, rules and the book, over REST and the WebSocket API alike.

A recorded session holds the answer to one request for the book, and the first such request gets it, byte for byte: at
its place in the recording when it comes before, at once when it comes later, because whoever subscribed has heard
every update since. Every later request gets the book of its own moment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from msgspec import MsgspecError
from msgspec.json import encode

from engine.instruments import Instrument
from gateways.binance.simulator_requests import Params, decode_texts
from gateways.binance.simulator_rules import (
    Limits,
    RateLimits,
    RequestError,
    exchange_info,
    milliseconds,
    price_text,
    quantity_text,
)
from gateways.simulator.exchange import Exchange

DEPTH_DEFAULT = 100
DEPTH_MAX = 5_000
NO_BOOK = (-1008, "Server is currently overloaded with other requests. Please try again in a few minutes.", 503)

Respond = Callable[[int, bytes], None]
Content = dict[str, Any]


def depth_weight(params: Params) -> int:
    """Return what a request for the book weighs."""
    limit = params.integer("limit") or DEPTH_DEFAULT
    return 5 if limit <= 100 else 25 if limit <= 500 else 50 if limit <= 1_000 else 250


class PublicAnswers:
    """The answers that need no key."""

    def __init__(self, exchanges: Mapping[str, Exchange], rates: RateLimits, limits: Limits) -> None:
        """Answer for `exchanges`, by symbol."""
        self._exchanges = exchanges
        self._rates = rates
        self._limits = limits
        self._recorded: bytes | None = None
        self._recorded_is_due = False
        self._waiting: list[Respond] = []

    # ---- the recorded snapshot

    def expect_recorded(self) -> None:
        """Let the first request for the book wait for the recorded snapshot."""
        self._recorded_is_due = True

    def take_recorded(self, body: bytes) -> None:
        """Take the recorded snapshot at its place and answer whoever waits for it."""
        waiting, self._waiting = self._waiting, []
        if self._recorded_is_due and not waiting:
            self._recorded = body
        self._recorded_is_due = self._recorded_is_due and not waiting
        for respond in waiting:
            respond(200, body)

    def end_recording(self) -> None:
        """Answer whoever still waits: no snapshot will come."""
        waiting, self._waiting = self._waiting, []
        for respond in waiting:
            respond(NO_BOOK[2], encode(RequestError(*NO_BOOK).content()))

    # ---- answers

    def time(self, now_ns: int) -> Content:
        """Return the venue's time."""
        return {"serverTime": milliseconds(now_ns)}

    def exchange_info(self, params: Params, now_ns: int) -> Content:
        """Return the rules of the symbols asked for, of all when none was named."""
        symbols = self._symbols(params)
        return exchange_info([self._instrument(symbol) for symbol in symbols], self._limits, now_ns)

    def depth(self, params: Params) -> Content:
        """Return the book as it is now. RequestError -1008 when there is none yet."""
        exchange = self._exchange(params)
        limit = params.integer("limit")
        if limit is not None and not 1 <= limit <= DEPTH_MAX:
            raise RequestError(-1130, "Data sent for parameter 'limit' is not valid.")
        if not exchange.book.is_open:
            raise RequestError(*NO_BOOK)
        bids, asks = exchange.book.depth(limit or DEPTH_DEFAULT)
        return {
            "lastUpdateId": exchange.book.update_id,
            "bids": _levels(exchange.instrument, bids),
            "asks": _levels(exchange.instrument, asks),
        }

    def request(self, method: str, path: str, now_ns: int, respond: Respond) -> None:
        """Answer a REST request, later when it has to wait for the recorded snapshot."""
        try:
            parts = urlsplit(path)
            query = encode(dict(parse_qsl(parts.query, keep_blank_values=True)))
        except ValueError:  # expected: a path that is no path, of anybody who can reach the port
            respond(400, encode(RequestError(-1100, "Illegal characters found in the path.").content()))
            return
        try:
            if method != "GET":
                raise RequestError(-1020, "This operation is not supported.", 405)
            content = self._rest(parts.path, Params(query), now_ns, respond)
        except RequestError as error:
            respond(error.status, encode(error.content()))
            return
        if content is not None:
            respond(200, content)

    def _rest(self, path: str, params: Params, now_ns: int, respond: Respond) -> bytes | None:
        """Return the body of an answer, None when it comes later."""
        weights = {"/api/v3/ping": 1, "/api/v3/time": 1, "/api/v3/exchangeInfo": 20, "/api/v3/depth": 0}
        if path not in weights:
            raise RequestError(-1000, f"The simulated venue has no {path}.", 404)
        self._rates.use_weight(weights[path] or depth_weight(params), now_ns)
        if path == "/api/v3/ping":
            return b"{}"
        if path == "/api/v3/time":
            return encode(self.time(now_ns))
        if path == "/api/v3/exchangeInfo":
            return encode(self.exchange_info(params, now_ns))
        return self._rest_depth(params, respond)

    def _rest_depth(self, params: Params, respond: Respond) -> bytes | None:
        exchange = self._exchange(params)
        if self._recorded is not None:
            body, self._recorded = self._recorded, None
            self._recorded_is_due = False
            return body
        if not exchange.book.is_open and self._recorded_is_due:
            self._waiting.append(respond)
            return None
        return encode(self.depth(params))

    # ---- parameters

    def _exchange(self, params: Params) -> Exchange:
        exchange = self._exchanges.get(params.text("symbol"))
        if exchange is None:
            raise RequestError(-1121, "Invalid symbol.")
        return exchange

    def _instrument(self, symbol: str) -> Instrument:
        exchange = self._exchanges.get(symbol)
        if exchange is None:
            raise RequestError(-1121, "Invalid symbol.")
        return exchange.instrument

    def _symbols(self, params: Params) -> Sequence[str]:
        one, several = params.get("symbol"), params.get("symbols")
        if one is not None and several is not None:
            raise RequestError(-1128, "Combination of optional parameters invalid.")
        if several is None:
            return [one] if one is not None else list(self._exchanges)
        try:
            return decode_texts(several)
        except MsgspecError:
            raise RequestError(-1135, "JSON sent for parameter 'symbols' is not valid") from None


def _levels(instrument: Instrument, levels: Sequence[tuple[int, int]]) -> list[tuple[str, str]]:
    return [(price_text(instrument, ticks), quantity_text(instrument, lots)) for ticks, lots in levels]
