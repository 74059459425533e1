"""What a client of the simulated venue sent: the frame, its parameters, and the order that they describe.

Parameters stay the text that was sent until they are read, because that text is what was signed. What is missing,
malformed or too precise is refused in the venue's words and with its codes, in the order in which the venue looks.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from msgspec import MsgspecError, Raw, Struct
from msgspec.json import Decoder

from engine.clock import NS_PER_MS
from engine.instruments import Instrument
from engine.messages.market import Side
from gateways.binance.simulator_rules import ORDER_TYPES, RequestError
from gateways.simulator.orders import NewOrder
from hotpath.core.units import MONEY_DECIMALS, PrecisionError
from hotpath.market.matching import Kind

CLIENT_ID = re.compile(r"[a-zA-Z0-9-_]{1,36}")
NUMBER = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?")
WINDOW = re.compile(r"[0-9]{1,5}(\.[0-9]{1,3})?")
INTEGER = re.compile(r"[0-9]{1,19}")
WINDOW_MS_MAX = 60_000
MICROSECONDS_FROM = 10**14
"""A timestamp from here on counts microseconds: as milliseconds it would lie in the year 5138."""
KINDS = {"GTC": Kind.LIMIT, "IOC": Kind.IOC, "FOK": Kind.FOK}


class Frame(Struct, gc=False):
    """One request of the WebSocket API, or of the streams."""

    id: Any = None
    method: str = ""
    params: Raw = Raw(b"")


_decode_frame = Decoder(Frame).decode
_decode_params = Decoder(dict[str, Raw]).decode
_decode_text = Decoder(str).decode
decode_texts = Decoder(list[str]).decode


def read_frame(payload: bytes) -> Frame:
    """Return a request. RequestError -1135 for what is no request."""
    try:
        frame = _decode_frame(payload)
    except (MsgspecError, RecursionError):
        raise RequestError(-1135, "Invalid JSON Request") from None
    if not (frame.id is None or isinstance(frame.id, int | str)) or not frame.method:
        raise RequestError(-1135, "Invalid JSON Request")
    return frame


class Params:
    """The parameters of one request, as text."""

    def __init__(self, raw: Raw | bytes) -> None:
        """Read them. RequestError -1135 when they are no JSON object."""
        try:
            sent = _decode_params(raw) if bytes(raw) else {}
            self._texts = {
                name: _decode_text(value) if bytes(value).startswith(b'"') else bytes(value).decode()
                for name, value in sent.items()
            }
        except (MsgspecError, UnicodeDecodeError, RecursionError):
            raise RequestError(-1135, "Invalid JSON Request") from None

    def get(self, name: str) -> str | None:
        """Return a parameter, None when it was not sent or is null."""
        text = self._texts.get(name)
        return None if text == "null" else text

    def text(self, name: str) -> str:
        """Return a mandatory parameter. RequestError -1102 without it."""
        text = self.get(name)
        if not text:
            raise missing(name)
        return text

    def integer(self, name: str) -> int | None:
        """Return a whole number, None when it was not sent. RequestError -1100 for other text."""
        text = self.get(name)
        if text is None:
            return None
        if not INTEGER.fullmatch(text) or int(text) >= 2**63:
            raise illegal(name, "^[0-9]{1,20}$")
        return int(text)

    def client_id(self, name: str) -> str | None:
        """Return a client order id, None when it was not sent. RequestError -1100 for other text."""
        text = self.get(name)
        if text is not None and not CLIENT_ID.fullmatch(text):
            raise illegal(name, "^[a-zA-Z0-9-_]{1,36}$")
        return text

    def one_of(self, name: str, allowed: tuple[str, ...], otherwise: str) -> str:
        """Return one of the allowed words, `otherwise` when none was sent. RequestError -1130 for another."""
        text = self.get(name) or otherwise
        if text not in allowed:
            raise RequestError(-1130, f"Data sent for parameter '{name}' is not valid.")
        return text

    def signed_payload(self) -> bytes:
        """Return what the signature was made over: every other parameter by name, raw UTF-8."""
        return "&".join(f"{name}={self._texts[name]}" for name in sorted(self._texts) if name != "signature").encode()


def missing(name: str) -> RequestError:
    """Return the refusal of a request without a mandatory parameter."""
    return RequestError(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def illegal(name: str, legal: str) -> RequestError:
    """Return the refusal of a parameter with characters that it may not have."""
    return RequestError(-1100, f"Illegal characters found in parameter '{name}'; legal range is '{legal}'.")


def check_timing(params: Params, now_ns: int) -> None:
    """Check `timestamp` and `recvWindow`. RequestError -1021 when the request is too old or from the future."""
    stamp = params.integer("timestamp")
    if stamp is None:
        raise missing("timestamp")
    window_text = params.get("recvWindow") or "5000"
    if not WINDOW.fullmatch(window_text):
        raise illegal("recvWindow", "^[0-9]{1,5}(\\.[0-9]{1,3})?$")
    window_ns = int(Decimal(window_text) * NS_PER_MS)
    if window_ns > WINDOW_MS_MAX * NS_PER_MS:
        raise RequestError(-1102, f"'recvWindow' contains unexpected value. Cannot be greater than {WINDOW_MS_MAX}.")
    stamp_ns = stamp * 1_000 if stamp >= MICROSECONDS_FROM else stamp * NS_PER_MS
    if stamp_ns >= now_ns + 1_000 * NS_PER_MS:
        raise RequestError(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
    if now_ns - now_ns % NS_PER_MS - stamp_ns > window_ns:
        raise RequestError(-1021, "Timestamp for this request is outside of the recvWindow.")


def read_order(params: Params, instrument: Instrument, generated_id: str) -> NewOrder:
    """Return the new order that parameters describe. RequestError says what is wrong with them."""
    side = params.text("side")
    if side not in ("BUY", "SELL"):
        raise RequestError(-1117, "Invalid side.")
    order_type = params.text("type")
    if order_type not in ORDER_TYPES:
        raise RequestError(-1116, "Invalid orderType.")
    for name in ("stopPrice", "trailingDelta", "icebergQty", "quoteOrderQty", "pegPriceType"):
        if params.get(name) is not None:
            raise RequestError(-1106, f"Parameter '{name}' sent when not required.")
    return NewOrder(
        client_order_id=params.client_id("newClientOrderId") or generated_id,
        side=Side[side],
        kind=_kind(params, order_type),
        price_ticks=0 if order_type == "MARKET" else _ticks(params, instrument),
        lots=_lots(params, instrument),
    )


def _kind(params: Params, order_type: str) -> Kind:
    """Return how the order meets the book, from its type and time in force."""
    if order_type == "LIMIT":
        time_in_force = params.text("timeInForce")
        if time_in_force not in KINDS:
            raise RequestError(-1115, "Invalid timeInForce.")
        return KINDS[time_in_force]
    if params.get("timeInForce") is not None:
        raise RequestError(-1106, "Parameter 'timeInForce' sent when not required.")
    if order_type == "LIMIT_MAKER":
        return Kind.POST_ONLY
    if params.get("price") is not None:
        raise RequestError(-1106, "Parameter 'price' sent when not required.")
    return Kind.MARKET


def _number(params: Params, name: str) -> str:
    """Return a decimal's text. RequestError -1100 or -1111 when the venue would not read it."""
    text = params.text(name)
    if not NUMBER.fullmatch(text):
        raise illegal(name, "^([0-9]{1,20})(\\.[0-9]{1,20})?$")
    if len(text.partition(".")[2].rstrip("0")) > MONEY_DECIMALS:
        raise RequestError(-1111, f"Parameter '{name}' has too much precision.")
    return text


def _ticks(params: Params, instrument: Instrument) -> int:
    try:
        return instrument.scale.price_ticks(_number(params, "price"))
    except (PrecisionError, OverflowError):
        raise RequestError(-1013, "Filter failure: PRICE_FILTER") from None


def _lots(params: Params, instrument: Instrument) -> int:
    try:
        return instrument.scale.lots(_number(params, "quantity"))
    except (PrecisionError, OverflowError):
        raise RequestError(-1013, "Filter failure: LOT_SIZE") from None
