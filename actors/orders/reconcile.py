"""Comparing what we believe with what a venue says: a pure function from the two to corrections.

It trusts the venue for what it shows (an execution, an open order) and never for what it does not show: an order that
is missing from the list of open ones may have ended a moment ago, so it is asked for, not closed. Executions are
compared by trade id. Orders and executions without our prefix are somebody else's and are left alone. What is inferred
has an identity made of the venue's own words, so the same finding has the same name in every run and is booked once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from actors.orders.slot import Slot
from engine.messages.reports import Filled, VenueOrder, VenueState
from hotpath.orders.transitions import OrderState

IN_FLIGHT = OrderState.IN_FLIGHT


class MissingFill(Struct, frozen=True):
    """An execution of an order of ours that no report has told."""

    slot: Slot
    fill: Filled

    def identity(self, venue: str) -> str:
        """Return the name of this finding."""
        return _fill_identity(venue, self.fill)


class OrphanFill(Struct, frozen=True):
    """An execution under our prefix of an order that nobody knows: an earlier run's, cut off with its records."""

    fill: Filled

    def identity(self, venue: str) -> str:
        """Return the name of this finding."""
        return _fill_identity(venue, self.fill)


class Orphan(Struct, frozen=True):
    """An open order under our prefix that nobody knows."""

    order: VenueOrder


class ShownOpen(Struct, frozen=True):
    """An order of ours stands in the venue's list of open orders."""

    slot: Slot
    order: VenueOrder


class NotShown(Struct, frozen=True):
    """An order that should be open does not stand in the list: ask for it."""

    slot: Slot


Correction = MissingFill | OrphanFill | Orphan | ShownOpen | NotShown


def _fill_identity(venue: str, fill: Filled) -> str:
    return f"fill:{venue}:{fill.client_order_id}:{fill.trade_id}"


def reconcile(
    ours: Sequence[Slot],
    find: Callable[[str], Slot | None],
    is_ours: Callable[[str], bool],
    venue: VenueState,
    asked_ns: int,
) -> list[Correction]:
    """Return what follows from a venue's state, executions first, each group in the venue's order or by our number.

    Args:
        ours: the orders at this venue that are not over.
        find: returns the order with a client order id, over or not, or None.
        is_ours: returns whether a client order id carries our prefix.
        venue: what the venue says.
        asked_ns: when it was asked; an order that left later need not be in what it says.
    """
    corrections: list[Correction] = []
    seen: set[tuple[str, int]] = set()
    for fill in venue.fills:
        key = (fill.client_order_id, fill.trade_id)
        slot = find(fill.client_order_id)
        if key in seen or (slot is not None and slot.knows(fill.trade_id)):
            continue
        seen.add(key)
        if slot is not None:
            corrections.append(MissingFill(slot, fill))
        elif is_ours(fill.client_order_id):
            corrections.append(OrphanFill(fill))
    shown: set[int] = set()
    for order in venue.open_orders:
        slot = find(order.client_order_id)
        if slot is not None:
            shown.add(slot.number)
            corrections.append(ShownOpen(slot, order))
        elif is_ours(order.client_order_id):
            corrections.append(Orphan(order))
    corrections.extend(
        NotShown(slot)
        for slot in ours
        if slot.number not in shown and slot.state != IN_FLIGHT and slot.sent_ns <= asked_ns
    )
    return corrections
