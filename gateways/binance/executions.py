"""Execution reports as our reports: the facts of an order's life, in the venue's order.

Two things make this more than a table. On CANCELED the venue puts a fresh id in `c` and the order's own in `C`. And a
cancel-replace shows as the end of one order and the birth of another: the end is held back until the birth proves the
amend, or its failure proves the end. A report about a symbol that is not configured belongs to somebody else's trading
on the account and is counted only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.instruments import Instrument
from engine.messages.orders import Liquidity
from engine.messages.reports import Accepted, Ambiguous, Amended, Canceled, Expired, Filled, Rejected
from gateways.binance.requests import Requests
from gateways.binance.schema import ExecutionReport
from hotpath.core.units import money

IDS_KNOWN_MAX = 8_192
"""Client order ids kept by venue order id: twice the orders that can be open."""

Reports = list[Any]


class Executions:
    """Turns execution reports into reports; shares the table of requests with the account."""

    def __init__(self, instruments: Sequence[Instrument], requests: Requests) -> None:
        """Know the instruments that are traded."""
        self._instruments = {instrument.symbol: instrument for instrument in instruments}
        self._requests = requests
        self.client_order_ids: dict[int, str] = {}
        """Our ids by the venue's order id, the newest IDS_KNOWN_MAX."""
        self.foreign_count = 0
        self._handlers: dict[str, Callable[[ExecutionReport, Instrument, int], Reports]] = {
            "NEW": self._on_new,
            "CANCELED": self._on_canceled,
            "REPLACED": self._on_replaced,
            "REJECTED": self._on_rejected,
            "TRADE": self._on_trade,
            "EXPIRED": self._on_expired,
            "TRADE_PREVENTION": self._on_trade_prevention,
        }

    def report(self, event: ExecutionReport, now_ns: int) -> Reports:
        """Return the reports of one event.

        Raises:
            ValueError, OverflowError: a number that the venue cannot print.
        """
        instrument = self._instruments.get(event.symbol)
        if instrument is None:
            self.foreign_count += 1
            return []
        handler = self._handlers.get(event.execution)
        if handler is None:
            return [Ambiguous(_own_id(event), f"execution type {event.execution!r} is not documented", now_ns)]
        return handler(event, instrument, now_ns)

    def _know(self, event: ExecutionReport) -> None:
        known = self.client_order_ids
        if event.order_id not in known:
            known[event.order_id] = event.client_order_id
            if len(known) > IDS_KNOWN_MAX:
                del known[next(iter(known))]

    def _on_new(self, event: ExecutionReport, _instrument: Instrument, now_ns: int) -> Reports:
        self._know(event)
        new_id = event.client_order_id
        amend = self._requests.replacing(new_id)
        self._requests.reported(new_id, canceled=False)
        if amend is None:
            return [Accepted(new_id, str(event.order_id), now_ns)]
        amend.held = None
        return [Amended(amend.subject.client_order_id, new_id, str(event.order_id), now_ns)]

    def _on_canceled(self, event: ExecutionReport, instrument: Instrument, now_ns: int) -> Reports:
        order = _own_id(event)
        canceled = Canceled(order, _filled_lots(event, instrument), now_ns)
        self._requests.reported(order, canceled=True)
        amend = self._requests.amending(order)
        if amend is not None:
            if not amend.reported:
                amend.held = canceled
            return []
        return [canceled]

    def _on_replaced(self, event: ExecutionReport, _instrument: Instrument, now_ns: int) -> Reports:
        self._know(event)
        return [Amended(event.original_id, event.client_order_id, str(event.order_id), now_ns)]

    def _on_rejected(self, event: ExecutionReport, _instrument: Instrument, now_ns: int) -> Reports:
        order = event.client_order_id
        if self._requests.replacing(order) is not None:
            return []  # the answer of the amend says it, and whether the old order is gone
        self._requests.reported(order, canceled=False)
        return [Rejected(order, 0, event.reject_reason, now_ns)]

    def _on_trade(self, event: ExecutionReport, instrument: Instrument, now_ns: int) -> Reports:
        self._know(event)
        order = event.client_order_id
        price_ticks = instrument.scale.price_ticks(event.last_price)
        lots = instrument.scale.lots(event.last_quantity)
        fee = money(event.commission)
        asset = event.commission_asset or ("" if fee else instrument.quote)  # who charges nothing may name no asset
        if price_ticks <= 0 or lots <= 0 or event.trade_id < 0 or not asset:
            raise ValueError(
                f"a fill of {order} with quantity {event.last_quantity}, price {event.last_price}, "
                f"trade id {event.trade_id} and fee asset {event.commission_asset}"
            )
        self._requests.reported(order, canceled=False)
        liquidity = Liquidity.MAKER if event.is_maker else Liquidity.TAKER
        venue_id = str(event.order_id)
        return [Filled(order, venue_id, event.trade_id, price_ticks, lots, fee, asset, liquidity, now_ns)]

    def _on_expired(self, event: ExecutionReport, instrument: Instrument, now_ns: int) -> Reports:
        order = event.client_order_id
        self._requests.reported(order, canceled=False)
        return [Expired(order, _filled_lots(event, instrument), now_ns)]

    def _on_trade_prevention(self, event: ExecutionReport, instrument: Instrument, now_ns: int) -> Reports:
        if event.status == "EXPIRED_IN_MATCH":
            return self._on_expired(event, instrument, now_ns)
        text = f"self-trade prevention left the order {event.status} with another quantity"
        return [Ambiguous(event.client_order_id, text, now_ns)]


def _own_id(event: ExecutionReport) -> str:
    """Return our id of the order: on a cancel `c` is the cancel's and `C` the order's."""
    return event.original_id or event.client_order_id


def _filled_lots(event: ExecutionReport, instrument: Instrument) -> int:
    lots = instrument.scale.lots(event.filled_quantity)
    if lots < 0:
        raise ValueError(f"order {_own_id(event)} with a filled quantity of {event.filled_quantity}")
    return lots
