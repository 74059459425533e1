"""The venue's whole truth, asked for step by step: open orders, then executions, then balances.

Sans-IO: it says what to ask next and takes the answers. Balances come last, so that every execution they contain has
been seen before. `myTrades` names the venue's order id only; an id of ours that is not known any more is asked for, one
`order.status` each. Executions are read by windows of a day until one is found, then page by page by trade id, because
the venue refuses longer windows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Raw, Struct

from engine.clock import NS_PER_MS
from engine.errors import VenueProtocolError
from engine.instruments import Instrument
from engine.messages.market import Side
from engine.messages.orders import Liquidity
from engine.messages.reports import Filled, VenueOrder, VenueState
from gateways.binance import schema
from gateways.binance.orders import ACCOUNT_WEIGHT, OPEN_ORDERS_WEIGHT, QUERY_WEIGHT, TRADES_WEIGHT, Params
from hotpath.core.units import money

TRADES_PER_PAGE = 1_000
PAGES_MAX = 1_000
"""Pages of executions of one instrument: a year of windows, or a million executions; more is a fault, not a history."""
DAY_MS = 86_400_000

_STATUSES = {
    "NEW": "NEW",
    "PENDING_NEW": "NEW",
    "PARTIALLY_FILLED": "PARTIALLY_FILLED",
    "PENDING_CANCEL": "PARTIALLY_FILLED",
    "FILLED": "FILLED",
    "CANCELED": "CANCELED",
    "REJECTED": "REJECTED",
    "EXPIRED": "EXPIRED",
    "EXPIRED_IN_MATCH": "EXPIRED",
}
_SIDES = {"BUY": Side.BUY, "SELL": Side.SELL}


class Step(Struct, frozen=True):
    """One question."""

    method: str
    params: Params
    weight: int


def venue_order(info: schema.OrderInfo, instrument: Instrument, client_order_id: str, now_ns: int) -> VenueOrder:
    """Return what the venue says about an order, under our own id of it.

    Raises:
        ValueError: a side, status or number that the venue does not document.
    """
    status = _STATUSES.get(info.status)
    side = _SIDES.get(info.side)
    if status is None or side is None:
        raise ValueError(f"order {client_order_id} with status {info.status!r} and side {info.side!r}")
    scale = instrument.scale
    return VenueOrder(
        client_order_id,
        str(info.order_id),
        instrument.index,
        side,
        scale.price_ticks(info.price),
        scale.lots(info.quantity),
        scale.lots(info.executed),
        status,
        now_ns,
    )


class Reconciliation:
    """One reconciliation in progress."""

    def __init__(
        self,
        venue: str,
        instruments: Sequence[Instrument],
        since_ns: int,
        now_ns: int,
        client_order_ids: Mapping[int, str],
    ) -> None:
        """Ask for executions from `since_ns` to now (from the first one when it is 0).

        `client_order_ids` are the ids of ours that are known, by the venue's order id.
        """
        self._venue = venue
        self._instruments = instruments
        self._since_ms = since_ns // NS_PER_MS
        self._until_ms = now_ns // NS_PER_MS + 1
        self._known = client_order_ids
        self._found: dict[int, str] = {}
        self._orders: list[tuple[schema.OrderInfo, Instrument]] = []
        self._trades: list[tuple[schema.TradeInfo, Instrument]] = []
        self._balances: tuple[tuple[str, int, int], ...] = ()
        self._result: Raw = schema.NO_RAW
        self._steps = self._plan()
        self.step: Step | None = next(self._steps)
        """What to ask now; None when everything is known."""

    def take(self, result: Raw) -> None:
        """Take the result of the step and move on to the next.

        Raises:
            msgspec.ValidationError, ValueError, OverflowError: the result breaks the venue's rules.
        """
        self._result = result
        self.step = next(self._steps, None)

    def state(self, now_ns: int) -> VenueState:
        """Return what was found; call it when no step is left."""
        open_orders = tuple(
            venue_order(info, instrument, info.client_order_id, now_ns) for info, instrument in self._orders
        )
        trades = sorted(self._trades, key=lambda trade: (trade[0].time_ms, trade[1].index, trade[0].trade_id))
        fills = tuple(self._fill(info, instrument) for info, instrument in trades)
        return VenueState(self._venue, self._balances, open_orders, fills, now_ns)

    def _plan(self) -> Iterator[Step]:
        for instrument in self._instruments:
            yield Step("openOrders.status", {"symbol": instrument.symbol}, OPEN_ORDERS_WEIGHT)
            for info in schema.decode_orders(self._result):
                self._orders.append((info, instrument))
                self._found[info.order_id] = info.client_order_id
        for instrument in self._instruments:
            yield from self._executions(instrument)
        for trade, instrument in self._trades:
            order_id = trade.order_id
            if order_id not in self._found and order_id not in self._known:
                yield Step("order.status", {"symbol": instrument.symbol, "orderId": order_id}, QUERY_WEIGHT)
                self._found[order_id] = schema.decode_order(self._result).client_order_id
        yield Step("account.status", {}, ACCOUNT_WEIGHT)
        account = schema.decode_account(self._result)
        self._balances = tuple((item.asset, money(item.free), money(item.locked)) for item in account.balances)

    def _executions(self, instrument: Instrument) -> Iterator[Step]:
        start_ms = self._since_ms
        from_id = 0 if start_ms <= 0 else -1
        for _page in range(PAGES_MAX):
            params: dict[str, Any] = {"symbol": instrument.symbol, "limit": TRADES_PER_PAGE}
            if from_id >= 0:
                params["fromId"] = from_id
            else:
                params["startTime"] = start_ms
                params["endTime"] = min(start_ms + DAY_MS - 1, self._until_ms)
            yield Step("myTrades", params, TRADES_WEIGHT)
            page = schema.decode_trades(self._result)
            self._trades.extend((info, instrument) for info in page)
            if page:
                if from_id >= 0 and len(page) < TRADES_PER_PAGE:
                    return
                from_id = max(info.trade_id for info in page) + 1
            elif from_id >= 0 or start_ms + DAY_MS > self._until_ms:
                return
            else:
                start_ms += DAY_MS
        raise VenueProtocolError(f"{self._venue}: {instrument.symbol} has executions on more than {PAGES_MAX} pages")

    def _fill(self, info: schema.TradeInfo, instrument: Instrument) -> Filled:
        client_order_id = self._found.get(info.order_id) or self._known.get(info.order_id, "")
        return Filled(
            client_order_id,
            str(info.order_id),
            info.trade_id,
            instrument.scale.price_ticks(info.price),
            instrument.scale.lots(info.quantity),
            money(info.commission),
            info.commission_asset,
            Liquidity.MAKER if info.is_maker else Liquidity.TAKER,
            info.time_ms * NS_PER_MS,
        )
