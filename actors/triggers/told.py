"""What the trail and the strategies hear of orders that wait: records spelled out, reports under the parent's identity.

It owns the wording and decides nothing. A strategy sees one order from the wish to the last fill, whatever number of
orders left for it; the trail shows each of them, and all under one correlation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import structs

from actors.triggers.emulated import Emulated
from actors.triggers.transitions import TriggerState
from engine.audit.desk_state import WaitingOrder
from engine.audit.terms import terms_of
from engine.instruments import Instruments
from engine.messages.control import Action, StopStrategy
from engine.messages.reports import (
    OrderAccepted,
    OrderAmended,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
)
from engine.runtime.actor import Context, Ref
from hotpath.core.mailbox import REFUSED

S = TriggerState
ENDS = {
    S.FILLED: Action.ORDER_MODIFY,
    S.CANCELED: Action.ORDER_CANCEL,
    S.EXPIRED: Action.ORDER_EXPIRE,
    S.REJECTED: Action.ORDER_REJECT,
}
"""The action that records the end; executions are recorded with the orders that they belong to, never twice."""


class Told:
    """Tells records and reports."""

    context: Context
    strategies: Sequence[Ref]
    safety: Ref
    myself: Ref

    def __init__(self, instruments: Instruments, strategy_names: Sequence[str]) -> None:
        """Take the names that stand in records."""
        self._instruments = instruments
        self._names = strategy_names
        self.armed = self.fired = self.canceled = self.expired = self.rejected = self.filled = 0

    def counts(self) -> dict[str, int]:
        """Return how many orders waited, were set off, and how they ended."""
        return {
            "armed": self.armed,
            "fired": self.fired,
            "filled": self.filled,
            "canceled": self.canceled,
            "expired": self.expired,
            "rejected": self.rejected,
        }

    # ---- records

    def taken(self, order: Emulated, state: TriggerState, cause: int) -> int:
        """Record all that an order is rebuilt from after a restart; returns the seq whose durability is awaited."""
        wish = order.intent
        more = {
            "decision": wish.decision,
            "post_only": wish.post_only,
            "reduce_only": wish.reduce_only,
            "asked": self._scale(order).lots_text(wish.lots),
            "terms": terms_of(order.terms, self._scale(order)),
            "time_in_force": wish.time_in_force.name,
            "type": wish.type.name,
        }
        order.cause = cause
        return self.record(order, Action.ORDER_ACCEPT, "APPROVED", state.name, "it waits", more, durable=True)

    def moved(self, order: Emulated, before: TriggerState, reason: str, *, durable: bool = False) -> int:
        """Record that something about an order changed: its state, or what it waits for."""
        action = ENDS.get(order.state, Action.ORDER_MODIFY)
        return self.record(order, action, before.name, order.state.name, reason, {}, durable=durable)

    def record(
        self, order: Emulated, action: Action, before: str, after: str, reason: str, more: dict[str, Any], *,
        durable: bool,
    ) -> int:  # fmt: skip
        """Record a fact about an order."""
        scale = self._scale(order)
        wish = order.intent
        order.cause = self.context.record(
            action,
            "trigger",
            order.id,
            cause=order.cause,
            correlation_id=order.correlation_id,
            before={"state": before},
            after={
                "filled": scale.lots_text(order.filled_lots),
                "level": scale.price_text(order.level_ticks) if order.level_ticks else None,
                "price": scale.price_text(order.price_ticks) if order.price_ticks else None,
                "quantity": scale.lots_text(order.lots),
                "state": after,
            },
            reason=reason,
            metadata={
                "approval": order.approval,
                "code": 0,
                "instrument": self._instruments[order.instrument].name,
                "intent": wish.intent,
                "side": wish.side.name,
                "strategy": self._names[wish.strategy],
                **more,
            },
            reply_to=self.myself if durable else None,
        )
        return order.cause

    def alert(self, order: Emulated, reason: str) -> None:
        """Say that an order which protects a position cannot leave."""
        self.context.record(
            Action.RISK_BLOCK,
            "trigger",
            order.id,
            cause=order.cause,
            correlation_id=order.correlation_id,
            reason=reason,
            metadata={
                "instrument": self._instruments[order.instrument].name,
                "intent": order.intent.intent,
                "limits_version": 0,
                "strategy": self._names[order.intent.strategy],
            },
        )

    def orphaned(self, kept: WaitingOrder) -> None:
        """Record the end of an order of an earlier run that nobody of this one can own."""
        self.context.record(
            Action.ORDER_CANCEL,
            "trigger",
            kept.id,
            correlation_id=kept.correlation_id,
            before={"state": kept.state},
            after={"level": None, "price": None, "quantity": "0", "state": S.CANCELED.name},
            reason="its strategy or its instrument is not configured any more",
            metadata={
                "approval": 0,
                "instrument": kept.instrument,
                "intent": kept.intent,
                "side": kept.side,
                "strategy": kept.strategy,
            },
        )

    # ---- reports

    def accepted(self, order: Emulated) -> None:
        """The order waits."""
        self.tell(order, OrderAccepted(*self._named(order), order.price_ticks, order.lots, self.context.now_ns))

    def filled_by(self, order: Emulated, fill: OrderFilled, *, done: bool) -> None:
        """One execution of a child."""
        leaves_lots = 0 if done else max(order.lots - order.filled_lots, 0)
        self.tell(
            order,
            structs.replace(
                fill, intent=order.intent.intent, approval=order.approval, leaves_lots=leaves_lots, done=done,
                client_order_id=order.id,
            ),
        )  # fmt: skip

    def amended(self, order: Emulated, text: str, *, accepted: bool) -> None:
        """The order stands with these values now."""
        now_ns = self.context.now_ns
        self.tell(order, OrderAmended(*self._named(order), accepted, order.price_ticks, order.lots, text, now_ns))

    def ended(self, order: Emulated, text: str, *, code: int = 0, sent: bool = False) -> None:
        """The order is over; one that was filled heard so with its last execution."""
        named, now_ns = self._named(order), self.context.now_ns
        if order.state is S.FILLED:
            self.filled += 1
        elif order.state is S.CANCELED:
            self.canceled += 1
            self.tell(order, OrderCanceled(*named, order.filled_lots, now_ns))
        elif order.state is S.EXPIRED:
            self.expired += 1
            self.tell(order, OrderExpired(*named, order.filled_lots, now_ns))
        else:
            self.rejected += 1
            self.tell(order, OrderRejected(*named, sent, code, text, now_ns))

    def passed_on(self, order: Emulated, report: Any) -> None:
        """Tell what an order of the venue heard, under the parent's identity."""
        self.tell(
            order,
            structs.replace(
                report, intent=order.intent.intent, approval=order.approval, client_order_id=order.id
            ),
        )  # fmt: skip

    def tell(self, order: Emulated, report: Any) -> None:
        """Tell the strategy; one that cannot listen is stopped."""
        self.tell_strategy(order.intent.strategy, report)

    def tell_strategy(self, strategy: int, report: Any) -> None:
        """Tell a strategy; one that cannot listen is stopped."""
        if strategy < 0 or self.strategies[strategy].tell(report) != REFUSED:
            return
        reason = f"its mailbox of reports is full: it refused {type(report).__name__}"
        if self.safety.tell(StopStrategy(strategy, reason)) == REFUSED:
            self.context.halt(f"strategy {strategy} must be stopped ({reason}), and safety could not hear it")

    def _named(self, order: Emulated) -> tuple[int, int, int, Any, int, str]:
        wish = order.intent
        return wish.strategy, wish.intent, wish.instrument, wish.side, order.approval, order.id

    def _scale(self, order: Emulated) -> Any:
        return self._instruments[order.instrument].scale
