"""An order of an earlier run as the trail left it, and how it is taken up: UNKNOWN until the venue proves what it is.

An order that is over is taken up too when its executions may be shown again, so that they are recognised. Numbers of
this run are not used for either: they are negative, and belong to nobody else.
"""

from __future__ import annotations

from msgspec import Struct

from actors.orders.slot import Slot
from engine.messages.market import Side
from engine.messages.orders import TimeInForce
from hotpath.core.units import Scale
from hotpath.orders.lifecycle import is_terminal
from hotpath.orders.transitions import OrderState


class RecoveredOrder(Struct, frozen=True):
    """An order of an earlier run, as the trail left it; also one that was over, if its fills may be shown again."""

    client_order_id: str
    strategy: int
    """Its index in this run; -1 when the strategy is not configured any more."""
    intent: int
    instrument: int
    side: Side
    price_ticks: int
    lots: int
    filled_lots: int
    state: OrderState
    """What the records said; an order that was not over becomes UNKNOWN until the venue proves what it is."""
    sent_ns: int
    trade_ids: tuple[int, ...] = ()
    accepted: bool = True
    approval: int = 0
    other_ids: tuple[str, ...] = ()
    """Ids that amends gave it before."""
    pending_id: str = ""
    """The id of a replacement that had been asked for and was not settled."""
    for_waiting: bool = False
    """Triggers sent it for an order that waits, and hears of it instead of the strategy."""


def slot_of(order: RecoveredOrder, number: int, scale: Scale) -> Slot:
    """Return the slot of an order of an earlier run."""
    return Slot(
        number=number,
        client_order_id=order.client_order_id,
        strategy=order.strategy,
        intent=order.intent,
        instrument=order.instrument,
        side=order.side,
        time_in_force=TimeInForce.GTC,
        post_only=False,
        shrinks=False,
        price_ticks=order.price_ticks,
        lots=order.lots,
        approval=order.approval,
        scale=scale,
        sent_ns=order.sent_ns,
        cause=0,
        state=int(order.state if is_terminal(order.state) else OrderState.UNKNOWN),
        filled_lots=order.filled_lots,
        accepted=order.accepted,
        next_id="" if is_terminal(order.state) else order.pending_id,
        ids=order.other_ids,
        trade_ids=dict.fromkeys(order.trade_ids),
        for_waiting=order.for_waiting,
    )
