"""One order that waits in the engine, and the book of all of them: found by its own number or by that of its child.

It owns what is known of each, and nothing that happens: whoever changes a state asks the table first (transitions.py).
A child is the order that leaves for it; there is one at a time, under an intent number of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from actors.triggers.conditions import AT_MARKET
from actors.triggers.transitions import OUT_THERE, TriggerState
from engine.messages.market import Quote, Side
from engine.messages.orders import OrderIntent, OrderTerms, OrderType, TimeInForce

CHILDREN_MAX = 4_096
"""Children of orders that are over and still known, for executions that are told late."""

PLAIN = frozenset({OrderType.LIMIT, OrderType.MARKET})
"""Types that wait for nothing of the market: they are here for their time, or as the entry of others."""


class Emulated(Struct, eq=False):
    """An order that waits. `lots` is what it is for now: less than was asked for while its entry is filled in part."""

    intent: OrderIntent
    terms: OrderTerms
    id: str
    correlation_id: str
    approval: int
    price_ticks: int
    lots: int
    level_ticks: int
    """The price that it waits for; of a trailing stop where it stands now, 0 before the first look at the market."""
    state: TriggerState = TriggerState.PENDING
    filled_lots: int = 0
    owed_lots: int = 0
    """Executions that the venue counts and that nobody told yet."""
    child: int = 0
    """The intent of the order that is out for it; 0 when none is."""
    child_filled_lots: int = 0
    cause: int = 0
    """The seq of its last record."""
    waits_for_disk: bool = False
    """It was set off, and leaves when the record of that is on disk."""
    returned: bool = False
    """It comes from an earlier run and was not judged since."""
    fired: bool = False
    """It was set off in an earlier run."""
    ambiguous: bool = False
    """It was set off in an earlier run, and the trail does not know whether an order left for it."""
    over_soon: str = ""
    """Why it ends as soon as nothing is out for it: it was being given up when the earlier run ended."""
    given_up: bool = False
    """It has to end, whatever a venue says to a cancel: it may never leave again."""
    alerted_ns: int = 0

    @property
    def key(self) -> tuple[int, int]:
        """The strategy and the number of the intent."""
        return self.intent.strategy, self.intent.intent

    @property
    def instrument(self) -> int:
        """The index of its instrument."""
        return self.intent.instrument

    @property
    def side(self) -> Side:
        """BUY or SELL."""
        return self.intent.side

    @property
    def kind(self) -> OrderType:
        """What it waits for."""
        return self.intent.type

    @property
    def protective(self) -> bool:
        """Whether it can only make the position smaller: then it is tried until it is done."""
        return self.intent.reduce_only

    @property
    def leaves_lots(self) -> int:
        """What is still to be done of what it is for now."""
        return max(self.lots - self.filled_lots - self.owed_lots, 0)

    @property
    def at_market(self) -> bool:
        """Whether its child is a market order."""
        return self.kind in AT_MARKET

    @property
    def out(self) -> bool:
        """Whether an order of the venue is out for it."""
        return self.state in OUT_THERE

    def child_intent(self, number: int, quote: Quote, now_ns: int) -> OrderIntent:
        """Return the intent of an order for what is left: a new one, which risk judges like any other."""
        wish = self.intent
        time_in_force = TimeInForce.IOC if self.at_market else wish.time_in_force
        if time_in_force in (TimeInForce.GTD, TimeInForce.DAY):
            time_in_force = TimeInForce.GTC
        terms = OrderTerms(
            display_lots=self.terms.display_lots,
            parent=self.terms.parent,
            edge_bps=self.terms.edge_bps,
            urgency=self.terms.urgency,
            fired_by=wish.intent,
        )
        return OrderIntent(
            wish.strategy, number, wish.instrument, wish.side,
            OrderType.MARKET if self.at_market else OrderType.LIMIT, time_in_force, wish.post_only, wish.reduce_only,
            0 if self.at_market else self.price_ticks, self.leaves_lots, number, quote, now_ns, terms,
        )  # fmt: skip


class TriggerBook:
    """Every order that waits."""

    def __init__(self, capacity: int, instruments_count: int) -> None:
        """`capacity`: how many may wait at once."""
        self.capacity = capacity
        self.orders: dict[tuple[int, int], Emulated] = {}
        self._by_child: dict[tuple[int, int], Emulated] = {}
        self._by_instrument: list[dict[tuple[int, int], Emulated]] = [{} for _ in range(instruments_count)]

    @property
    def full(self) -> bool:
        """Whether no more may wait."""
        return len(self.orders) >= self.capacity

    def add(self, order: Emulated) -> None:
        """Take up an order."""
        self.orders[order.key] = order
        self._by_instrument[order.instrument][order.key] = order

    def remove(self, order: Emulated) -> None:
        """Forget an order that is over; its children are known a little longer."""
        self.orders.pop(order.key, None)
        self._by_instrument[order.instrument].pop(order.key, None)

    def of_child(self, strategy: int, intent: int) -> Emulated | None:
        """Return the order that a child was sent for, also one that is over."""
        return self._by_child.get((strategy, intent))

    def sent(self, order: Emulated, child: int) -> None:
        """Note the child that is out for an order now."""
        order.child = child
        order.child_filled_lots = 0
        if len(self._by_child) >= CHILDREN_MAX:
            del self._by_child[next(iter(self._by_child))]
        self._by_child[order.intent.strategy, child] = order

    def on(self, instrument: int) -> list[Emulated]:
        """Return the orders of an instrument, oldest first."""
        return list(self._by_instrument[instrument].values())

    def siblings(self, order: Emulated) -> Iterator[Emulated]:
        """Yield the other orders of the same group."""
        group = order.terms.group
        if group:
            for other in self.on(order.instrument):
                if other is not order and other.terms.group == group and other.key[0] == order.key[0]:
                    yield other

    def legs(self, entry: Emulated) -> Iterator[Emulated]:
        """Yield the orders that live by the fills of another one."""
        for other in list(self.orders.values()):
            if other.terms.entry == entry.intent.intent and other.key[0] == entry.key[0]:
                yield other

    def entry_of(self, order: Emulated) -> Emulated | None:
        """Return the order by whose fills another one lives, as long as it is not over."""
        return self.orders.get((order.key[0], order.terms.entry)) if order.terms.entry > 0 else None
