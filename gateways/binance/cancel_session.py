"""A small session with one purpose: cancel every open order whose id begins with our prefix, and see that none is left.

Sans-IO: it says what to send and takes the answers. It asks which orders are open, symbol by symbol, cancels ours one
by one by their ids, and asks again until a whole round has found none; what else is open on the account, a person's
orders for one, is never touched. It keeps to the budget it is given, cancels with the reserve that orders leave to
them. A refusal of one cancel is no error: the next round shows whether the order still stands.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from msgspec import MsgspecError, Raw, Struct, json

from engine.clock import NS_PER_SECOND
from engine.errors import VenueError, VenueProtocolError
from gateways.binance import schema
from gateways.binance.account import rate_limited
from gateways.binance.errors import RATE_STATUSES
from gateways.binance.orders import OPEN_ORDERS_WEIGHT, SESSION_WEIGHT, Params, RequestEncoder
from gateways.binance.placement import ORDER_WEIGHT
from gateways.binance.signing import Signer
from gateways.throttle import Throttle

ROUND_NS = NS_PER_SECOND
"""Between a round that found orders and the next look: cancels take their time, and so do orders on their way."""
ROUNDS_MAX = 60
"""More are no progress: the session is given up and begun anew, after a backoff."""
LIST, CANCEL, LOGON = "openOrders.status", "order.cancel", "session.logon"

_decode_orders = json.Decoder(list[schema.OrderInfo]).decode


class _Request(Struct, frozen=True):
    method: str
    params: Params


class CancelSession:
    """One attempt over one connection; `canceled` goes on through several when the same list is given to each."""

    def __init__(
        self,
        signer: Signer,
        symbols: Sequence[str],
        prefix: str,
        throttle: Throttle,
        canceled: list[str],
        *,
        receive_window_ms: int = 5_000,
    ) -> None:
        """Cancel what begins with `prefix` in `symbols`; ids that are gone by our doing are added to `canceled`."""
        self._encoder = RequestEncoder({}, signer, receive_window_ms)
        self._symbols = list(symbols)
        self._prefix = prefix
        self._throttle = throttle
        self._canceled = canceled
        self._queue: deque[_Request] = deque()
        self._in_flight: dict[int, _Request] = {}
        self._next_id = 1
        self._rounds_count = 0
        self._found_count = 0
        self._resume_ns = 0
        self.done = False
        """A whole round has found nothing of ours."""
        if signer.logs_on:
            self._queue.append(_Request(LOGON, {}))
        else:
            self._begin_round()

    @property
    def waits(self) -> bool:
        """Whether an answer is due."""
        return bool(self._in_flight)

    def silent_ns(self, now_ns: int) -> int:
        """Return how long the venue must hear nothing of us, since it said 429 or 418."""
        return max(self._throttle.silent_until_ns - now_ns, 0)

    def due(self, now_ns: int) -> list[bytes]:
        """Return what may be sent now, in order; called again and again, nothing is sent twice."""
        out: list[bytes] = []
        if now_ns < self._resume_ns:
            return out
        while self._queue and self._may_send(self._queue[0].method, now_ns):
            request = self._queue.popleft()
            number, self._next_id = self._next_id, self._next_id + 1
            self._in_flight[number] = request
            if request.method == LOGON:
                out.append(self._encoder.logon(number, now_ns)[0])
            else:
                out.append(self._encoder.request(number, request.method, request.params, now_ns)[0])
        return out

    def take(self, payload: bytes, now_ns: int) -> None:
        """Take one answer.

        Raises:
            VenueError: the venue refuses what there is no other way for: a logon, or the list of open orders.
            VenueProtocolError: the answer makes no sense.
        """
        try:
            frame = schema.decode_api(payload)
        except MsgspecError as problem:
            raise VenueProtocolError(f"an answer that is none: {problem}: {payload[:160]!r}") from problem
        request = self._in_flight.pop(frame.id, None) if isinstance(frame.id, int) else None
        if request is None:
            return
        if frame.status in RATE_STATUSES:
            self._resume_ns = rate_limited(frame, now_ns).until_ns
            self._throttle.silence(self._resume_ns)
            self._queue.appendleft(request)
        elif request.method == CANCEL:
            if frame.status == 200:
                self._canceled.append(request.params["origClientOrderId"])
        elif frame.status != 200:
            words = f"{frame.error.code}: {frame.error.text[:200]}" if frame.error else "no reason"
            raise VenueError(f"{request.method} was refused with status {frame.status}, {words}")
        elif request.method == LIST:
            self._list(frame.result, request.params["symbol"])
        if request.method == LOGON and frame.status == 200:
            self._begin_round()
        elif not self._in_flight and not self._queue:
            self._end_round(now_ns)

    def _list(self, result: Raw, symbol: str) -> None:
        try:
            orders = _decode_orders(result)
        except MsgspecError as problem:
            raise VenueProtocolError(f"open orders of {symbol} that make no sense: {problem}") from problem
        for order in orders:
            if order.client_order_id.startswith(self._prefix):
                self._found_count += 1
                self._queue.append(_Request(CANCEL, {"symbol": symbol, "origClientOrderId": order.client_order_id}))

    def _begin_round(self) -> None:
        self._rounds_count += 1
        self._found_count = 0
        self._queue.extend(_Request(LIST, {"symbol": symbol}) for symbol in self._symbols)

    def _end_round(self, now_ns: int) -> None:
        if not self._found_count:
            self.done = True
        elif self._rounds_count >= ROUNDS_MAX:
            raise VenueError(f"{self._found_count} orders still stand after {ROUNDS_MAX} rounds of cancels")
        else:
            self._resume_ns = now_ns + (ROUND_NS if self._rounds_count > 1 else 0)
            self._begin_round()

    def _may_send(self, method: str, now_ns: int) -> bool:
        if method == CANCEL:
            return self._throttle.take_cancel(now_ns, ORDER_WEIGHT)
        return self._throttle.take_cancel(now_ns, SESSION_WEIGHT if method == LOGON else OPEN_ORDERS_WEIGHT)
