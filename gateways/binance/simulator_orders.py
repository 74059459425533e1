"""Orders at the simulated venue: place, cancel, replace and ask, in the venue's terms.

It reads parameters, applies filters and limits, lets the exchange act and says what came of it. It knows neither
connections nor signatures. What exchanges report on the way is collected as events of the user stream, in order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.instruments import Instrument
from gateways.binance import simulator_reports as reports
from gateways.binance.simulator_requests import Params, read_order
from gateways.binance.simulator_rules import (
    REFUSALS,
    Limits,
    RateLimits,
    RequestError,
    check_filters,
    milliseconds,
    reference_ticks,
)
from gateways.simulator.accounts import Account
from gateways.simulator.exchange import Exchange, OrderEvent
from gateways.simulator.orders import ClientOrder, Fill, NewOrder, Refusal

TRADES_DEFAULT = 500
TRADES_MAX = 1_000
DETAILS = ("ACK", "RESULT", "FULL")
MODES = ("STOP_ON_FAILURE", "ALLOW_FAILURE")
UNKNOWN_ORDER = (-2011, "Unknown order sent.")
NO_SUCH_ORDER = (-2013, "Order does not exist.")

Content = dict[str, Any]


class Orders:
    """The orders of the one account, in every instrument."""

    def __init__(self, account: Account, limits: Limits) -> None:
        """Serve `account`; add() gives it the exchanges."""
        self.account = account
        self.limits = limits
        self.rates = RateLimits(limits)
        self.exchanges: dict[str, Exchange] = {}
        self._events: list[Content] = []
        self._executions_count = 0
        self._generated_count = 0
        self._cancel_id = ""

    def add(self, exchange: Exchange) -> None:
        """Take orders in one more instrument."""
        self.exchanges[exchange.instrument.symbol] = exchange

    # ---- events of the user stream

    def report(self, instrument: Instrument, order: ClientOrder, event: OrderEvent, fill: Fill | None) -> None:
        """Note what an exchange says of an order."""
        self._executions_count += 1
        number = self._executions_count
        self._events.append(reports.execution_report(instrument, order, event, fill, self._cancel_id, number))
        if fill is not None and fill.lots == order.filled_lots:
            self.rates.order_filled(fill.time_ns)

    def deposit(self, asset: str, amount: int, now_ns: int) -> None:
        """Let money come from outside, or go there when `amount` is below 0."""
        self.account.deposit(asset, amount)
        self._events.append(reports.balance_update(asset, amount, now_ns))

    def take_events(self, now_ns: int) -> list[Content]:
        """Return the events since the last call; the balances that they changed come last."""
        events = self._events
        if self.account.changed:
            events.append(reports.account_position(self.account, list(self.account.changed), now_ns))
            self.account.changed.clear()
        self._events = []
        return events

    # ---- requests

    def place(self, params: Params, now_ns: int) -> Content:
        """Carry out `order.place`."""
        exchange = self._exchange(params)
        new = read_order(params, exchange.instrument, self._generated_id())
        detail = _detail(params)
        self._check(exchange, new, now_ns, leaving_count=0)
        return self._place(exchange, new, detail, now_ns)

    def cancel(self, params: Params, now_ns: int) -> Content:
        """Carry out `order.cancel`."""
        exchange = self._exchange(params)
        cancel_id = params.client_id("newClientOrderId") or self._generated_id()
        order = _open_order(exchange, params, "orderId", "origClientOrderId")
        return self._cancel(exchange, order, cancel_id, now_ns)

    def cancel_all(self, params: Params, now_ns: int) -> list[Content]:
        """Carry out `openOrders.cancelAll`."""
        exchange = self._exchange(params)
        orders = exchange.open_orders()
        if not orders:
            raise RequestError(*UNKNOWN_ORDER)
        return [self._cancel(exchange, order, self._generated_id(), now_ns) for order in orders]

    def replace(self, params: Params, now_ns: int) -> Content:
        """Carry out `order.cancelReplace`. RequestError -2021 or -2022 when it failed in part or wholly."""
        exchange = self._exchange(params)
        mode = params.text("cancelReplaceMode")
        if mode not in MODES:
            raise RequestError(-1130, "Data sent for parameter 'cancelReplaceMode' is not valid.")
        new = read_order(params, exchange.instrument, self._generated_id())
        detail = _detail(params)
        cancel_id = params.client_id("cancelNewClientOrderId") or self._generated_id()
        self._check(exchange, new, now_ns, leaving_count=1)
        outcome: Content = {"cancelResult": "SUCCESS", "newOrderResult": "SUCCESS"}
        try:
            order = _open_order(exchange, params, "cancelOrderId", "cancelOrigClientOrderId")
            outcome["cancelResponse"] = self._cancel(exchange, order, cancel_id, now_ns)
        except RequestError as error:
            if error.code != UNKNOWN_ORDER[0]:
                raise
            outcome |= {"cancelResult": "FAILURE", "cancelResponse": error.content()}
            if mode == "STOP_ON_FAILURE":
                outcome |= {"newOrderResult": "NOT_ATTEMPTED", "newOrderResponse": None}
                raise RequestError(-2022, "Order cancel-replace failed.", 400, outcome) from None
        try:
            outcome["newOrderResponse"] = self._place(exchange, new, detail, now_ns)
        except RequestError as error:
            outcome |= {"newOrderResult": "FAILURE", "newOrderResponse": error.content()}
        results = (outcome["cancelResult"], outcome["newOrderResult"])
        if results == ("FAILURE", "FAILURE"):
            raise RequestError(-2022, "Order cancel-replace failed.", 400, outcome)
        if "FAILURE" in results:
            raise RequestError(-2021, "Order cancel-replace partially failed.", 409, outcome)
        return outcome

    # ---- questions

    def status(self, params: Params, _now_ns: int) -> Content:
        """Answer `order.status`."""
        exchange = self._exchange(params)
        order = _find(exchange, params, "orderId", "origClientOrderId", NO_SUCH_ORDER)
        return reports.state(exchange.instrument, order)

    def open_orders(self, params: Params, _now_ns: int) -> list[Content]:
        """Answer `openOrders.status`."""
        asked: Mapping[str, Exchange] = self.exchanges
        if params.get("symbol") is not None:
            exchange = self._exchange(params)
            asked = {exchange.instrument.symbol: exchange}
        return [reports.state(one.instrument, order) for one in asked.values() for order in one.open_orders()]

    def trades(self, params: Params, _now_ns: int) -> list[Content]:
        """Answer `myTrades`: from an id or a time the oldest, else the newest."""
        exchange = self._exchange(params)
        from_id, number = params.integer("fromId"), params.integer("orderId")
        start, end = params.integer("startTime"), params.integer("endTime")
        limit = params.integer("limit") or TRADES_DEFAULT
        if from_id is not None and (start is not None or end is not None):
            raise RequestError(-1128, "Combination of optional parameters invalid.")
        found = [
            fill
            for fill in exchange.fills
            if (from_id is None or fill.trade_id >= from_id)
            and (number is None or fill.number == number)
            and (start is None or milliseconds(fill.time_ns) >= start)
            and (end is None or milliseconds(fill.time_ns) <= end)
        ]
        limit = min(limit, TRADES_MAX)
        chosen = found[:limit] if from_id is not None or start is not None else found[-limit:]
        return [reports.trade(exchange.instrument, fill) for fill in chosen]

    # ---- parts of requests

    def _exchange(self, params: Params) -> Exchange:
        exchange = self.exchanges.get(params.text("symbol"))
        if exchange is None:
            raise RequestError(-1121, "Invalid symbol.")
        return exchange

    def _generated_id(self) -> str:
        """Return an id for what a client did not name."""
        self._generated_count += 1
        return f"simulator{self._generated_count:013d}"

    def _check(self, exchange: Exchange, new: NewOrder, now_ns: int, *, leaving_count: int) -> None:
        """Apply filters and order limits. RequestError for the first that fails."""
        open_count = len(exchange.open_orders()) - leaving_count
        check_filters(exchange.instrument, new, reference_ticks(exchange.book.best()), open_count, self.limits)
        self.rates.use_order(now_ns)

    def _place(self, exchange: Exchange, new: NewOrder, detail: str, now_ns: int) -> Content:
        fills_before_count = exchange.fills_count
        placed = exchange.place(new, now_ns)
        if isinstance(placed, Refusal):
            raise RequestError(-2010, REFUSALS[placed])
        fills = exchange.fills_since(fills_before_count)
        taken = [fill for fill in fills if fill.number == placed.number and not fill.is_maker]
        return reports.placed(exchange.instrument, placed, taken, detail)

    def _cancel(self, exchange: Exchange, order: ClientOrder, cancel_id: str, now_ns: int) -> Content:
        self._cancel_id = cancel_id
        exchange.cancel(order, now_ns)
        return reports.canceled(exchange.instrument, order, cancel_id)


def _detail(params: Params) -> str:
    """Return how much an answer says: all of it, unless the order only rests."""
    return params.one_of("newOrderRespType", DETAILS, "ACK" if params.get("type") == "LIMIT_MAKER" else "FULL")


def _find(exchange: Exchange, params: Params, number_name: str, id_name: str, unknown: tuple[int, str]) -> ClientOrder:
    """Return the order that a request names by number, by client order id, or by both, which must agree."""
    number, client_id = params.integer(number_name), params.get(id_name)
    if number is None and client_id is None:
        raise RequestError(-1102, f"Param '{id_name}' or '{number_name}' must be sent, but both were empty/null!")
    order = exchange.order(number) if number is not None else exchange.order_of(client_id or "")
    if order is None or client_id not in (None, order.client_order_id):
        raise RequestError(*unknown)
    return order


def _open_order(exchange: Exchange, params: Params, number_name: str, id_name: str) -> ClientOrder:
    """Return the open order that a request names. RequestError -2011 when there is none."""
    order = _find(exchange, params, number_name, id_name, UNKNOWN_ORDER)
    if not order.is_open:
        raise RequestError(*UNKNOWN_ORDER)
    return order
