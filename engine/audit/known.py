"""What the trail's texts are made from: names behind indices, and the orders at work.

A command to the venue names its order by id alone, while every record must tell the whole of it: who asked, under
which approval, and the state that the records before left it in. That small memory stands here. It refuses to judge:
the state is what the records said, not what the life-cycle table allows. Texts are kept as JSON, ready to be put in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from engine.audit.desk_state import DeskState, OrderState
from engine.audit.record import optional, quoted
from engine.instruments import Instruments
from engine.messages.market import Side
from engine.messages.orders import Liquidity, OrderIntent, OrderType, TimeInForce

ORDERS_MAX = 8_192
"""Orders that are remembered, twice what can be open; beyond it the oldest is forgotten: it never left us."""
ENDED_MAX = 1_024
"""Orders that ended without being filled whole and are still remembered, for executions that are told late."""

SIDES = {Side.BUY: "BUY", Side.SELL: "SELL"}
SIDES_QUOTED = {Side.BUY: '"BUY"', Side.SELL: '"SELL"'}
TYPES = {kind: kind.name for kind in OrderType}
TIMES_IN_FORCE = {time: time.name for time in TimeInForce}
LIQUIDITIES = {Liquidity.MAKER: "MAKER", Liquidity.TAKER: "TAKER"}
BOOLEANS = {False: "false", True: "true"}

FILLED = '"FILLED"'
PERSON = "operator"
"""Who stands for strategy -1: orders that a person asked for."""


class KnownOrder(Struct, gc=False):
    """What is remembered of an order at work: numbers, and texts as JSON."""

    strategy: int = -1
    intent: int | str = "null"
    instrument: int = -1
    strategy_name: str = "null"
    side: str = "null"
    approval: int | str = "null"
    limits_version: int | str = "null"
    correlation_id: str = "null"
    state: str = "null"
    id: str = ""
    pending_id: str = ""
    """The id that an amend gives it, until that is settled."""
    filled: bool = False

    @property
    def working(self) -> str:
        """The state of an order that works, as JSON: PARTIAL once something was filled."""
        return '"PARTIAL"' if self.filled else '"OPEN"'


NOBODY = KnownOrder()
"""Stands for an order that nobody told about; every text of it is null."""


def _fill_in(order: KnownOrder, kept: OrderState) -> None:
    """Take what an earlier run left of an order."""
    order.strategy_name = optional(kept.strategy)
    order.correlation_id = optional(kept.correlation_id)
    order.state = quoted(kept.state)
    order.filled = kept.filled_lots > 0
    order.id = kept.client_order_id


class Desk:
    """Names and orders at work, shared by everything that renders."""

    def __init__(self, instruments: Instruments, strategies: Sequence[str], epoch: int) -> None:
        """Take the names that stand behind the indices, and the epoch that stands in each correlation id."""
        self.instruments = instruments.by_index
        self.names = [quoted(instrument.name) for instrument in instruments]
        self.bare_names = [name[1:-1] for name in self.names]
        self.bases = [quoted(instrument.base) for instrument in instruments]
        self.quotes = [quoted(instrument.quote) for instrument in instruments]
        named = [*strategies, PERSON]  # index -1 is the last
        self.strategies = [quoted(name) for name in named]
        self.correlations = [quoted(f"{epoch}-{name}-")[:-1] for name in named]
        self._approved: dict[int | str, KnownOrder] = {}
        self._orders: dict[str, KnownOrder] = {}
        self._intents: dict[tuple[int, int | str], KnownOrder] = {}
        self._ended: dict[str, KnownOrder] = {}
        self._waiting: dict[tuple[int, int], str] = {}
        """Correlation of orders of earlier runs that wait still, by strategy and intent."""

    @property
    def known_count(self) -> int:
        """How many orders are remembered."""
        return len(self._intents)

    def instrument_texts(self, index: int) -> tuple[str, str]:
        """Return an instrument's name as JSON, and without its quotation marks; null for an index that nobody has."""
        if 0 <= index < len(self.names):
            return self.names[index], self.bare_names[index]
        return "null", "an unknown instrument"

    def approved(
        self, seq: int, strategy: int, intent: int, instrument: int, side: str, approval: int, limits_version: int,
        correlation_id: str = "",
    ) -> KnownOrder:  # fmt: skip
        """Remember an approval by the seq of its record, which the record of its order names as its cause."""
        order = self._know(strategy, intent, instrument, side, approval, limits_version)
        if correlation_id:
            order.correlation_id = correlation_id
        if len(self._approved) >= ORDERS_MAX:
            del self._approved[next(iter(self._approved))]
        self._approved[seq] = order
        return order

    def submitted(self, approve_seq: int | str, client_order_id: str) -> KnownOrder:
        """Give the approved order its id; an approval that nobody told about makes an order of nobody."""
        order = self._approved.pop(approve_seq, None)
        if order is None:
            order = KnownOrder()
        order.id = client_order_id
        order.state = '"IN_FLIGHT"'
        self._orders[client_order_id] = order
        return order

    def take_up(self, state: DeskState) -> None:
        """Take up the orders of earlier runs, those that are still at work under each id that they may have."""
        strategies = {name: index for index, name in enumerate(self.strategies[:-1])}
        instruments = {name: index for index, name in enumerate(self.names)}
        for kept in state.orders.values():
            strategy = strategies.get(quoted(kept.strategy), -1)
            instrument = instruments.get(quoted(kept.instrument), -1)
            order = self._know(strategy, kept.intent, instrument, quoted(kept.side), kept.approval, "null")
            _fill_in(order, kept)
            self._orders[order.id] = order
            self.also(order, kept.pending_id)
        for kept in state.finished.values():
            order = KnownOrder()
            _fill_in(order, kept)
            self.end(order, order.state)
        for waiting in state.waiting.values():
            strategy = strategies.get(quoted(waiting.strategy), -1)
            self._waiting[strategy, waiting.intent] = quoted(waiting.correlation_id)

    def correlation_of(self, intent: OrderIntent) -> str:
        """Return an intent's own id as JSON; what leaves for an order that waited goes on under the id of that one."""
        number = intent.intent
        if intent.terms is not None and intent.terms.fired_by:
            number = intent.terms.fired_by
            earlier = self._waiting.get((intent.strategy, number))
            if earlier is not None:
                return earlier
        return f'{self.correlations[intent.strategy]}{number}"'

    def correlation(self, order: KnownOrder, strategy: int, intent: int) -> str:
        """Return the correlation id that an order's records have carried since its decision, as JSON."""
        known = order.correlation_id
        return known if known != "null" else f'{self.correlations[strategy]}{intent}"'

    def order(self, client_order_id: str) -> KnownOrder:
        """Return the order with this id, also one that ended a while ago; else NOBODY."""
        order = self._orders.get(client_order_id)
        return order if order is not None else self._ended.get(client_order_id, NOBODY)

    def order_of(self, strategy: int, intent: int) -> KnownOrder:
        """Return the order of an intent, or NOBODY."""
        return self._intents.get((strategy, intent), NOBODY)

    def also(self, order: KnownOrder, client_order_id: str) -> None:
        """Remember an order under a second id: an amend is on its way."""
        if order is not NOBODY and client_order_id:
            order.pending_id = client_order_id
            self._orders[client_order_id] = order

    def only(self, order: KnownOrder, client_order_id: str) -> None:
        """Remember an order under one id alone: an amend is settled."""
        if order is not NOBODY:
            self._orders.pop(order.id, None)
            self._orders.pop(order.pending_id, None)
            order.id, order.pending_id = client_order_id, ""
            self._orders[client_order_id] = order

    def part(self, order: KnownOrder) -> None:
        """Note that an order is filled in part."""
        if order is not NOBODY:
            order.filled = True

    def move(self, order: KnownOrder, state: str) -> None:
        """Note the state that a record leaves an order in, as JSON."""
        if order is not NOBODY:
            order.state = state

    def end(self, order: KnownOrder, state: str) -> None:
        """Note that an order is over in a state, as JSON; executions of one that is not filled may still come."""
        self.forget(order)
        if order is not NOBODY and state != FILLED:
            order.state = state
            if len(self._ended) >= ENDED_MAX:
                del self._ended[next(iter(self._ended))]
            self._ended[order.id] = order

    def forget(self, order: KnownOrder) -> None:
        """Forget an order that is over."""
        self._orders.pop(order.id, None)
        if order.pending_id:
            self._orders.pop(order.pending_id, None)
        self._intents.pop((order.strategy, order.intent), None)

    def _know(
        self, strategy: int, intent: int, instrument: int, side: str, approval: int, limits_version: int | str
    ) -> KnownOrder:
        order = KnownOrder(
            strategy,
            intent,
            instrument,
            self.strategies[strategy],
            side,
            approval,
            limits_version,
            f'{self.correlations[strategy]}{intent}"',
            '"APPROVED"',
        )
        if len(self._intents) >= ORDERS_MAX:
            self.forget(next(iter(self._intents.values())))
        self._intents[strategy, intent] = order
        return order


def number(value: int | str) -> int | None:
    """Return a number that is remembered, and None for the null of an order of nobody."""
    return None if isinstance(value, str) else value


def said(text: str) -> Any:
    """Return what a JSON text says."""
    return msgspec.json.decode(text)
