"""Folding what waits: from the records of orders that wait in the engine to what a restart arms again.

It owns the meaning of records about a "trigger" and of the orders that left for one. Executions are counted from
order.fill alone, as everywhere; money and positions are none of its business.
"""

from __future__ import annotations

from typing import Any

from engine.audit.desk_state import DeskState, WaitingOrder
from engine.audit.record import Record
from engine.messages.control import Action
from hotpath.core.units import Scale

WAITING = "trigger"
"""The resource type of records about an order that waits."""

OVER = frozenset({"FILLED", "CANCELED", "EXPIRED", "REJECTED"})


def fold_waiting(state: DeskState, record: Record, scale: Scale) -> None:
    """Take up an order that waits, move it, or forget it. KeyError and the like when the record does not add up."""
    after, metadata = record.after_state or {}, record.metadata or {}
    name = record.resource_id or ""
    if record.action == Action.ORDER_ACCEPT.value:
        state.waiting[name] = WaitingOrder(
            id=name,
            strategy=metadata["strategy"],
            intent=metadata["intent"],
            instrument=metadata["instrument"],
            side=metadata["side"],
            type=metadata["type"],
            time_in_force=metadata["time_in_force"],
            post_only=metadata["post_only"],
            reduce_only=metadata["reduce_only"],
            decision=metadata["decision"],
            asked_lots=scale.lots(metadata["asked"]),
            terms=metadata["terms"],
            correlation_id=record.correlation_id or "",
        )
    order = state.waiting.get(name)
    if order is None or "quantity" not in after:
        return
    order.state = after["state"]
    order.price_ticks = scale.price_ticks(after["price"]) if after["price"] is not None else 0
    order.level_ticks = scale.price_ticks(after["level"]) if after["level"] is not None else 0
    order.lots = scale.lots(after["quantity"])
    if order.state in OVER:
        del state.waiting[name]


def fold_child(state: DeskState, metadata: dict[str, Any]) -> None:
    """Note the order that left for one that waits."""
    for order in state.waiting.values():
        if (order.strategy, order.intent) == (metadata["strategy"], metadata["terms"]["fired_by"]):
            order.state = "WORKING"
            order.child = metadata["intent"]


def fold_child_fill(state: DeskState, metadata: dict[str, Any], lots: int) -> None:
    """Count an execution for the order that it belongs to."""
    for order in state.waiting.values():
        if order.child and (order.strategy, order.child) == (metadata["strategy"], metadata["intent"]):
            order.filled_lots += lots
