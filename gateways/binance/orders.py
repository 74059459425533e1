"""What we say to the venue: every request of the WebSocket API as bytes, each with the form that the digest sees.

An order is on the hot path. Its text is a template made once for each instrument, side and kind, whose holes hotpath
fills; after a logon nothing is signed. With an HMAC secret each request carries key and signature, and its masked twin
has `*` for both. A market order does not exist here: it leaves as an IOC limit at the protection price that risk gave
it, and a post-only order as LIMIT_MAKER. An amend is a cancel-replace that places nothing when the cancel fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from engine.clock import NS_PER_MS
from engine.instruments import Instrument
from engine.messages.market import Side
from engine.messages.orders import AmendOrder, CancelOrder, OrderType, QueryOrder, SubmitOrder, TimeInForce
from gateways.binance.placement import OrderTemplates
from gateways.binance.requests import RequestKind
from gateways.binance.signing import MASK, Signer, signing_payload
from hotpath.core.encode import OrderTemplate

API_PATH = "/ws-api/v3"
QUERY_WEIGHT = 4
SESSION_WEIGHT = 2
ACCOUNT_WEIGHT = 20
OPEN_ORDERS_WEIGHT = 6
TRADES_WEIGHT = 20

Params = dict[str, Any]
Encoded = tuple[bytes, bytes | None]
"""A request, and its masked form when it holds a secret."""

_KINDS = (
    (TimeInForce.GTC, False),
    (TimeInForce.IOC, False),
    (TimeInForce.FOK, False),
    (TimeInForce.GTC, True),
)
_POST_ONLY = 3
_MARKET = OrderType.MARKET
_FOK = TimeInForce.FOK
_encode = msgspec.json.Encoder().encode


def _kind(order: SubmitOrder | AmendOrder) -> int:
    """Return the place in _KINDS of what leaves for an order."""
    if order.post_only:
        return _POST_ONLY
    if order.type is _MARKET:
        return 2 if order.time_in_force is _FOK else 1
    kind = order.time_in_force - 1
    if kind >= _POST_ONLY:
        raise ValueError(f"{order.time_in_force.name} is none of this venue's: the desk keeps the time of such orders")
    return kind


def _order_params(instrument: Instrument, side: Side, kind: int) -> Params:
    params: Params = {"symbol": instrument.symbol, "side": side.name}
    time_in_force, post_only = _KINDS[kind]
    if post_only:
        return params | {"type": "LIMIT_MAKER"}
    return params | {"type": "LIMIT", "timeInForce": time_in_force.name}


class RequestEncoder:
    """Requests of one venue's account."""

    def __init__(self, instruments: Mapping[int, Instrument], signer: Signer, receive_window_ms: int = 5_000) -> None:
        """Prepare the templates of orders. `receive_window_ms`: how old a request may be when the venue reads it."""
        self._instruments = instruments
        self._signer = signer
        self.signs = not signer.logs_on
        self._window_ms = receive_window_ms
        self.templates = OrderTemplates(
            {
                (index, side): [self._template(item, side, kind) for kind in range(len(_KINDS))]
                for index, item in instruments.items()
                for side in Side
            }
        )

    def _template(self, instrument: Instrument, side: Side, kind: int) -> OrderTemplate:
        params = _order_params(instrument, side, kind)
        params |= {"newOrderRespType": "ACK", "recvWindow": self._window_ms}
        head = b',"method":"order.place","params":' + _encode(params)[:-1] + b',"price":"'
        parts = (b'{"id":', head, b'","quantity":"', b'","newClientOrderId":"', b'","timestamp":', b"}}")
        return OrderTemplate(parts, instrument.scale.price_decimals, instrument.scale.quantity_decimals)

    def place(self, request_id: int, order: SubmitOrder, now_ns: int) -> Encoded:
        """Encode a new order."""
        if self.signs:
            return self.request(request_id, "order.place", self._place_params(order), now_ns)
        return self.templates.fill(request_id, order, now_ns), None

    def cancel(self, request_id: int, cancel: CancelOrder, now_ns: int) -> Encoded:
        """Encode a cancel, by client order id."""
        symbol = self._instruments[cancel.instrument].symbol
        params: Params = {"symbol": symbol, "origClientOrderId": cancel.client_order_id}
        return self.request(request_id, "order.cancel", params, now_ns)

    def amend(self, request_id: int, amend: AmendOrder, now_ns: int) -> Encoded:
        """Encode a cancel-replace; its quantity is that of the new order, whatever the old one has filled."""
        instrument = self._instruments[amend.instrument]
        params = _order_params(instrument, amend.side, _kind(amend)) | {
            "cancelReplaceMode": "STOP_ON_FAILURE",
            "cancelOrigClientOrderId": amend.client_order_id,
            "newClientOrderId": amend.new_client_order_id,
            "newOrderRespType": "ACK",
            "price": instrument.scale.price_text(amend.price_ticks),
            "quantity": instrument.scale.lots_text(amend.lots),
        }
        return self.request(request_id, "order.cancelReplace", params, now_ns)

    def query(self, request_id: int, query: QueryOrder, now_ns: int) -> Encoded:
        """Encode the question what became of an order."""
        symbol = self._instruments[query.instrument].symbol
        params: Params = {"symbol": symbol, "origClientOrderId": query.client_order_id}
        return self.request(request_id, "order.status", params, now_ns)

    def logon(self, request_id: int, now_ns: int) -> Encoded:
        """Encode `session.logon`, the one request that an Ed25519 key signs."""
        return self._signed(request_id, "session.logon", {}, now_ns)

    def subscribe(self, request_id: int, now_ns: int) -> Encoded:
        """Encode the subscription to the user stream, signed where there was no logon."""
        if self.signs:
            return self._signed(request_id, "userDataStream.subscribe.signature", {}, now_ns)
        return b'{"id":%d,"method":"userDataStream.subscribe"}' % request_id, None

    def question(self, kind: RequestKind, request_id: int) -> Encoded:
        """Encode what time it is, or whether the session is what it was; only a logon has a status to ask for."""
        status = b"ping" if self.signs else b"session.status"
        return b'{"id":%d,"method":"%b"}' % (request_id, b"time" if kind is RequestKind.TIME else status), None

    def request(self, request_id: int, method: str, params: Params, now_ns: int) -> Encoded:
        """Encode any request that needs our account."""
        if self.signs:
            return self._signed(request_id, method, params, now_ns)
        timed = params | {"recvWindow": self._window_ms, "timestamp": now_ns // NS_PER_MS}
        return _encode({"id": request_id, "method": method, "params": timed}), None

    def _place_params(self, order: SubmitOrder) -> Params:
        instrument = self._instruments[order.instrument]
        return _order_params(instrument, order.side, _kind(order)) | {
            "newClientOrderId": order.client_order_id,
            "newOrderRespType": "ACK",
            "price": instrument.scale.price_text(order.price_ticks),
            "quantity": instrument.scale.lots_text(order.lots),
        }

    def _signed(self, request_id: int, method: str, params: Params, now_ns: int) -> Encoded:
        timed = params | {
            "apiKey": self._signer.api_key,
            "recvWindow": self._window_ms,
            "timestamp": now_ns // NS_PER_MS,
        }
        signature = self._signer.sign(signing_payload(timed))
        masked = timed | {"apiKey": MASK, "signature": MASK}
        return (
            _encode({"id": request_id, "method": method, "params": timed | {"signature": signature}}),
            _encode({"id": request_id, "method": method, "params": masked}),
        )
