"""The simulated venue's WebSocket API: one frame in, one answer out, and the user stream beside it.

A request is weighed, proved, carried out and answered; what it did to orders and money follows as events, after its
answer, to every connection that subscribed. A fault plan may lose, delay or repeat any of it for requests about orders.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from msgspec.json import Encoder

from gateways.binance import simulator_reports as reports
from gateways.binance.simulator_orders import Orders
from gateways.binance.simulator_public import PublicAnswers, depth_weight
from gateways.binance.simulator_requests import Frame, Params, read_frame
from gateways.binance.simulator_rules import RequestError, milliseconds
from gateways.binance.simulator_session import ApiSession, SimulatorKeys
from gateways.simulator.accounts import Fees
from gateways.simulator.faults import Fault, FaultPlan

GOING_AWAY = 1001
STATUS_UNKNOWN = {
    "code": -1006,
    "msg": "An unexpected response was received from the message bus. Execution status unknown.",
}

encode = Encoder().encode
Content = dict[str, Any]
Handler = Callable[[ApiSession, Params, int], Any]


class Method(NamedTuple):
    """What the venue knows of one request."""

    handler: Handler
    weight: Callable[[Params], int]
    is_private: bool = False
    is_order: bool = False
    """Whether it acts on orders, so that faults may hit it."""
    is_new_order: bool = False
    """Whether it counts as a new order, so that its answer shows the limits of orders."""


def _about_orders(act: Callable[[Params, int], Any]) -> Handler:
    return lambda _session, params, now_ns: act(params, now_ns)


def _weight(weight: int) -> Callable[[Params], int]:
    return lambda _params: weight


class Api:
    """The connections of the WebSocket API."""

    def __init__(
        self,
        orders: Orders,
        public: PublicAnswers,
        *,
        keys: SimulatorKeys,
        fees: Fees,
        faults: FaultPlan,
        send: Callable[[int, bytes], None],
        send_later: Callable[[int, int, bytes], None],
        hang_up: Callable[[int, int], None],
    ) -> None:
        """Serve `orders` and `public`.

        Args:
            orders: What requests act on.
            public: What anybody may ask.
            keys: The pairs that are accepted.
            fees: What `account.status` says of them.
            faults: What goes wrong.
            send: Called with (connection, payload).
            send_later: Called with (time, connection, payload).
            hang_up: Called with (connection, close code) when the venue ends a connection.
        """
        self._orders = orders
        self._public = public
        self._keys = keys
        self._fees = fees
        self._faults = faults
        self._send = send
        self._send_later = send_later
        self._hang_up = hang_up
        self._sessions: dict[int, ApiSession] = {}
        self._methods = self._table()

    def _table(self) -> dict[str, Method]:
        orders = self._orders
        public = self._public
        order_methods = {
            "order.place": orders.place,
            "order.cancel": orders.cancel,
            "order.cancelReplace": orders.replace,
            "openOrders.cancelAll": orders.cancel_all,
        }
        methods = {
            "ping": Method(lambda _session, _params, _now_ns: {}, _weight(1)),
            "time": Method(lambda _session, _params, now_ns: public.time(now_ns), _weight(1)),
            "exchangeInfo": Method(lambda _session, params, now_ns: public.exchange_info(params, now_ns), _weight(20)),
            "depth": Method(lambda _session, params, _now_ns: public.depth(params), depth_weight),
            "session.logon": Method(self._log_on, _weight(2)),
            "session.status": Method(lambda session, _params, now_ns: session.status(now_ns), _weight(2)),
            "session.logout": Method(self._log_out, _weight(2)),
            "session.subscriptions": Method(self._subscriptions, _weight(2)),
            "userDataStream.subscribe": Method(self._subscribe, _weight(2)),
            "userDataStream.subscribe.signature": Method(self._subscribe_signed, _weight(2)),
            "userDataStream.unsubscribe": Method(self._unsubscribe, _weight(2)),
            "order.status": Method(_about_orders(orders.status), _weight(4), is_private=True),
            "openOrders.status": Method(
                _about_orders(orders.open_orders),
                lambda params: 6 if params.get("symbol") else 80,
                is_private=True,
            ),
            "myTrades": Method(
                _about_orders(orders.trades),
                lambda params: 5 if params.get("orderId") else 20,
                is_private=True,
            ),
            "account.status": Method(self._account, _weight(20), is_private=True),
        }
        for name, act in order_methods.items():
            is_new = name in ("order.place", "order.cancelReplace")
            methods[name] = Method(_about_orders(act), _weight(1), True, True, is_new)
        return methods

    # ---- connections

    def open(self, connection: int, path: str, now_ns: int) -> None:
        """Take a new connection."""
        self._sessions[connection] = ApiSession(path, now_ns)

    def holds(self, connection: int) -> bool:
        """Say whether a connection is one of the API's."""
        return connection in self._sessions

    def closed(self, connection: int) -> None:
        """Forget a connection."""
        self._sessions.pop(connection, None)

    def receive(self, connection: int, payload: bytes, now_ns: int) -> None:
        """Answer one request, and let the events that it caused follow."""
        session = self._sessions[connection]
        try:
            frame = read_frame(payload)
        except RequestError as error:
            self._send(connection, encode({"id": None, "status": error.status, "error": error.content()}))
            return
        method = self._methods.get(frame.method.removeprefix("v3/"))
        fault = self._faults.draw() if method is not None and method.is_order else Fault.NONE
        if fault is Fault.LOSE_REQUEST:
            return
        answer = self._answer(session, frame, method, now_ns)
        if fault is Fault.DISCONNECT:
            self._hang_up(connection, GOING_AWAY)
        elif fault is Fault.SERVER_ERROR:
            self._send(connection, encode({"id": frame.id, "status": 500, "error": STATUS_UNKNOWN}))
        elif fault is Fault.DELAY_ANSWER:
            self._send_later(now_ns + self._faults.delay_ns, connection, answer)
        elif fault is Fault.REPORTS_FIRST:
            self.send_events(now_ns)
            self._send(connection, answer)
        elif fault is not Fault.DROP_ANSWER:
            self._send(connection, answer)
        self.send_events(now_ns, times=2 if fault is Fault.DUPLICATE_REPORT else 1)

    def send_events(self, now_ns: int, *, times: int = 1) -> None:
        """Send what happened to orders and money since the last call to everybody who subscribed."""
        for event in self._orders.take_events(now_ns):
            content = encode(event)
            for connection, session in list(self._sessions.items()):
                for number in session.subscriptions:
                    for _ in range(times):
                        self._send(connection, b'{"subscriptionId":%d,"event":%b}' % (number, content))

    # ---- one request

    def _answer(self, session: ApiSession, frame: Frame, method: Method | None, now_ns: int) -> bytes:
        """Carry a request out and return its answer."""
        returns_limits = session.returns_rate_limits
        content: Content = {"id": frame.id, "status": 200}
        try:
            if method is None:
                raise RequestError(-1020, "This operation is not supported.")
            params = Params(frame.params)
            if params.get("returnRateLimits") is not None:
                returns_limits = params.get("returnRateLimits") == "true"
            self._orders.rates.use_weight(method.weight(params), now_ns)
            if method.is_private:
                session.authorise(params, self._keys, now_ns)
            content["result"] = method.handler(session, params, now_ns)
        except RequestError as error:
            content |= {"status": error.status, "error": error.content()}
        if returns_limits:
            of_order = method is not None and method.is_new_order
            content["rateLimits"] = self._orders.rates.content(now_ns, of_order=of_order)
        return encode(content)

    # ---- session and user stream

    def _log_on(self, session: ApiSession, params: Params, now_ns: int) -> Content:
        session.log_on(params, self._keys, now_ns)
        return session.status(now_ns)

    def _log_out(self, session: ApiSession, _params: Params, now_ns: int) -> Content:
        self._terminate(session, session.log_out(), now_ns)
        return session.status(now_ns)

    def _subscriptions(self, session: ApiSession, _params: Params, _now_ns: int) -> list[Content]:
        return [{"subscriptionId": number} for number in session.subscriptions]

    def _subscribe(self, session: ApiSession, _params: Params, _now_ns: int) -> Content:
        if session.api_key is None:
            raise RequestError(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        return {"subscriptionId": session.subscribe("logon")}

    def _subscribe_signed(self, session: ApiSession, params: Params, now_ns: int) -> Content:
        params.text("apiKey")
        return {"subscriptionId": session.subscribe(session.authorise(params, self._keys, now_ns))}

    def _unsubscribe(self, session: ApiSession, params: Params, now_ns: int) -> Content:
        self._terminate(session, session.unsubscribe(params.integer("subscriptionId")), now_ns)
        return {}

    def _terminate(self, session: ApiSession, numbers: list[int], now_ns: int) -> None:
        """Say that subscriptions have ended."""
        connection = next(number for number, one in self._sessions.items() if one is session)
        for number in numbers:
            event = {"e": "eventStreamTerminated", "E": milliseconds(now_ns)}
            self._send(connection, encode({"subscriptionId": number, "event": event}))

    def _account(self, _session: ApiSession, params: Params, now_ns: int) -> Content:
        omit_zero = params.get("omitZeroBalances") == "true"
        return reports.account_status(self._orders.account, self._fees, omit_zero=omit_zero, now_ns=now_ns)
