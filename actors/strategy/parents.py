"""The sliced orders of a strategy that are not over: opened with risk, on the record, and told what became of children.

It owns the registry and its bound, and the two actions that a strategy calls. How a parent slices, it does not know.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from actors.strategy.params import exact
from actors.strategy.slicing import Iceberg, Parent, Twap
from engine.errors import UsageError
from engine.instruments import Instrument
from engine.messages.control import Action
from engine.messages.market import Side
from engine.messages.orders import ParentClosed, ParentOpened
from hotpath.core.mailbox import ACCEPTED

if TYPE_CHECKING:
    from actors.strategy.actor import StrategyActor
    from actors.strategy.order import WorkingOrder

PARENTS_MAX = 256
"""Sliced orders of one strategy that are not over at once."""

Number = Decimal | str | int


class Parents:
    """The sliced orders of one strategy."""

    def __init__(self, host: StrategyActor) -> None:
        """Begin with none."""
        self._host = host
        self._parents: dict[int, Parent] = {}

    def all(self) -> list[Parent]:
        """Return those that are not over, oldest first."""
        return list(self._parents.values())

    def open(self, parent: Parent) -> int:
        """Record a parent and tell risk what its children may come to; returns its number."""
        if len(self._parents) >= PARENTS_MAX:
            raise UsageError(f"{len(self._parents)} sliced orders are not over; cancel some, or wait until they are")
        host, context, instrument = self._host, self._host.context, parent.instrument
        scale = instrument.scale
        number = context.next_seq
        price = scale.price_text(parent.price_ticks) if parent.price_ticks else None
        context.record(
            Action.TRADE_DECISION,
            "parent",
            f"{host.name}-{number}",
            after={"price": price, "quantity": scale.lots_text(parent.lots), "state": "DECIDED"},
            metadata={
                "instrument": instrument.name,
                "intent": number,
                "kind": type(parent).__name__,
                "quote": None,
                "side": parent.side.name,
                "strategy": host.name,
            },
        )
        self._parents[number] = parent
        opened = ParentOpened(host.index, number, instrument.index, parent.side, parent.lots, context.now_ns)
        if host.risk.tell(opened) != ACCEPTED:
            host.log(f"risk could not hear of sliced order {number}: its slices will be denied")
        return number

    def close(self, parent: Parent) -> None:
        """Forget a parent that is over."""
        if self._parents.pop(parent.number, None) is None:
            return
        host = self._host
        if host.risk.tell(ParentClosed(host.index, parent.number, host.context.now_ns)) != ACCEPTED:
            host.log(f"risk could not hear that sliced order {parent.number} is over")
        if parent.reason:
            host.log(f"sliced order {parent.number} is over with {parent.leaves} left: {parent.reason}")

    def ended(self, child: WorkingOrder) -> None:
        """Take the end of an order that may be somebody's child."""
        terms = child.request.terms
        parent = self._parents.get(terms.parent) if terms is not None else None
        if parent is not None:
            parent.child_ended(child)


class SlicedOrders:
    """The part of a strategy that asks for sliced orders."""

    _host: StrategyActor

    def twap(
        self,
        instrument: int | str | Instrument,
        side: Side,
        quantity: Number,
        *,
        duration: Number,
        slices: int,
        price: Number | None = None,
        reduce_only: bool = False,
    ) -> Twap:
        """Trade a quantity in equal slices over `duration` seconds: the first now, the last at its end.

        Args:
            instrument: index, name or Instrument.
            side: BUY or SELL.
            quantity: the whole, in base currency, in steps of the venue.
            duration: seconds from the first slice to the last.
            slices: how many, 2 to 10,000.
            price: no slice trades at a worse one; None takes what the market gives, within the collar.
            reduce_only: no slice may make the worst case of the position larger.

        Returns:
            The parent: `filled`, `leaves`, `done`, `reason`, and `cancel()`.

        Raises:
            TypeError: a float was given.
            UsageError: the quantity cannot be sliced like this, or an argument makes no sense.
        """
        rules, lots, ticks = self._sliced(instrument, quantity, price)
        return Twap(self._host, rules, side, lots, ticks, duration=duration, slices=slices, reduce_only=reduce_only)

    def iceberg(
        self,
        instrument: int | str | Instrument,
        side: Side,
        quantity: Number,
        price: Number,
        *,
        display: Number,
        post_only: bool = False,
        reduce_only: bool = False,
    ) -> Iceberg:
        """Rest a quantity at a price of which only `display` is in the book at a time; the rest follows as it fills.

        Result and errors are those of `twap`.
        """
        rules, lots, ticks = self._sliced(instrument, quantity, price)
        return Iceberg(
            self._host,
            rules,
            side,
            lots,
            ticks,
            display_lots=exact(rules.scale.lots, display, "display"),
            post_only=post_only,
            reduce_only=reduce_only,
        )

    def sliced(self) -> list[Parent]:
        """Return the sliced orders that are not over, oldest first."""
        return self._host.parents.all()

    def _sliced(self, instrument: Any, quantity: Number, price: Number | None) -> tuple[Instrument, int, int]:
        rules: Instrument = self._host.market(instrument).instrument
        ticks = 0 if price is None else exact(rules.scale.price_ticks, price, "price")
        if price is not None and not ticks:
            raise UsageError("a limit price of 0 is no price")
        return rules, exact(rules.scale.lots, quantity, "quantity"), ticks
