"""Orders that waited in an earlier run, as the trail left them, and how they are taken up in this one.

What was set off before the crash is judged by what the trail knows of the order that left for it: when it was sent it
is called back first (orders cancels what it finds), and when nobody knows whether it was, an order that could grow a
position is not sent twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from actors.triggers.emulated import Emulated
from actors.triggers.transitions import TriggerState
from engine.audit.desk_state import DeskState, WaitingOrder
from engine.audit.terms import terms_from
from engine.instruments import Instrument, Instruments
from engine.messages.market import Side
from engine.messages.orders import OrderIntent, OrderType, TimeInForce

S = TriggerState


def recovered_orders(state: DeskState, instruments: Instruments, strategy_names: Sequence[str]) -> Iterator[Emulated]:
    """Yield the orders of the strategies and instruments that this run has."""
    configured = {instrument.name: instrument for instrument in instruments}
    for kept in state.waiting.values():
        if kept.strategy in strategy_names and kept.instrument in configured:
            yield _order(kept, state, configured[kept.instrument], strategy_names.index(kept.strategy))


def orphans(state: DeskState, instruments: Instruments, strategy_names: Sequence[str]) -> list[WaitingOrder]:
    """Return the orders that nobody of this run can own: their strategy or instrument is not configured any more."""
    names = {instrument.name for instrument in instruments}
    return [
        kept for kept in state.waiting.values() if kept.strategy not in strategy_names or kept.instrument not in names
    ]


def _order(kept: WaitingOrder, state: DeskState, instrument: Instrument, strategy: int) -> Emulated:
    terms = terms_from(kept.terms, instrument.scale)
    intent = OrderIntent(
        strategy, kept.intent, instrument.index, Side[kept.side], OrderType[kept.type],
        TimeInForce[kept.time_in_force], kept.post_only, kept.reduce_only, kept.price_ticks, kept.asked_lots,
        kept.decision, None, 0, terms,
    )  # fmt: skip
    order = Emulated(
        intent, terms, kept.id, kept.correlation_id, 0, kept.price_ticks, kept.lots, kept.level_ticks,
        state=S.DORMANT if kept.state == S.DORMANT.name else S.ARMED, filled_lots=kept.filled_lots,
        returned=True, fired=kept.state not in ("ARMED", "DORMANT"),
    )  # fmt: skip
    if not order.fired:
        return order
    order.over_soon = {"ENDING": "canceled before the crash", "LAPSING": "its time was over"}.get(kept.state, "")
    child = (kept.strategy, kept.child)
    alive = any((each.strategy, each.intent) == child for each in state.orders.values())
    known = alive or any((each.strategy, each.intent) == child for each in state.finished.values())
    if alive:
        order.state, order.child = S.RECALLING, kept.child
    order.ambiguous = not known and not order.protective
    return order
