"""What became of an order, told: to the audit trail first, then to risk, portfolio and the strategy, in that order.

It owns the wording of the outgoing reports and the counters of the summary. It decides nothing: whoever calls it has
moved the order already. A report that risk or portfolio cannot take halts; a strategy that cannot take one is stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from actors.orders.slot import Slot
from engine.messages.control import Action, StopStrategy
from engine.messages.reports import (
    Filled,
    OrderAccepted,
    OrderAmended,
    OrderCanceled,
    OrderCancelRejected,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderUnknown,
)
from engine.runtime.actor import Context, Ref
from hotpath.core.mailbox import REFUSED
from hotpath.orders.transitions import OrderState

ORDER_ACCEPT, ORDER_FILL, ORDER_CANCEL = Action.ORDER_ACCEPT, Action.ORDER_FILL, Action.ORDER_CANCEL


class Reports:
    """Tells reports and counts them."""

    __slots__ = (
        "accepted",
        "canceled",
        "context",
        "expired",
        "failed",
        "filled",
        "fills",
        "portfolio",
        "rejected",
        "rejected_takes",
        "risk",
        "safety",
        "strategies",
        "triggers",
        "unknown",
    )  # fmt: skip

    context: Context
    risk: Ref
    portfolio: Ref
    safety: Ref
    strategies: Sequence[Ref]
    triggers: Ref

    def __init__(self) -> None:
        """Begin with nothing counted."""
        self.accepted = 0
        self.fills = 0
        self.filled = 0
        self.canceled = 0
        self.expired = 0
        self.rejected = 0
        self.rejected_takes = 0
        """Post-only orders among them: that they would have taken is what their author wanted to know."""
        self.failed = 0
        self.unknown = 0

    def counts(self) -> dict[str, int]:
        """Return the counters of the summary; `submitted` is submission's, `denied` risk's."""
        return {
            "accepted": self.accepted,
            "filled": self.filled,
            "canceled": self.canceled,
            "rejected": self.rejected + self.failed,
            "expired": self.expired,
            "unknown": self.unknown,
        }

    def tell_accepted(self, slot: Slot) -> None:
        """The order works."""
        report = OrderAccepted(
            slot.strategy, slot.intent, slot.instrument, slot.side, slot.approval, slot.client_order_id,
            slot.price_ticks, slot.lots, self.context.now_ns,
        )  # fmt: skip
        self._tell(slot, ORDER_ACCEPT, report)

    def tell_filled(self, slot: Slot, fill: Filled) -> None:
        """One execution, applied; nothing is left of an order that is over."""
        self.fills += 1
        done = slot.over
        context = self.context
        report = OrderFilled(
            slot.strategy, slot.intent, slot.instrument, slot.side, slot.approval, slot.client_order_id,
            fill.trade_id, fill.price_ticks, fill.lots, 0 if done else slot.leaves_lots, done, fill.fee,
            fill.fee_currency, fill.liquidity,
            context.next_seq, context.now_ns, slot.scale,
        )  # fmt: skip
        slot.cause = context.audit(ORDER_FILL, report, slot.cause)
        if self.risk.tell(report) == REFUSED or self.portfolio.tell(report) == REFUSED:
            self._lost(report)
        self._tell_strategy(slot, report)

    def tell_canceled(self, slot: Slot, filled_lots: int) -> None:
        """The order is out of the book at our request."""
        self.canceled += 1
        report = OrderCanceled(
            slot.strategy, slot.intent, slot.instrument, slot.side, slot.approval, slot.client_order_id,
            filled_lots, self.context.now_ns,
        )  # fmt: skip
        self._tell(slot, ORDER_CANCEL, report)

    def tell_expired(self, slot: Slot, filled_lots: int) -> None:
        """The venue took the order out."""
        self.expired += 1
        report = OrderExpired(
            slot.strategy, slot.intent, slot.instrument, slot.side, slot.approval, slot.client_order_id,
            filled_lots, self.context.now_ns,
        )  # fmt: skip
        self._tell(slot, Action.ORDER_EXPIRE, report)

    def tell_rejected(self, slot: Slot, code: int, text: str, *, sent: bool) -> None:
        """The order never was in the book: the venue refused it, or it never left us."""
        if sent:
            self.rejected += 1
            self.rejected_takes += slot.post_only
        else:
            self.failed += 1
        report = OrderRejected(
            slot.strategy, slot.intent, slot.instrument, slot.side, slot.approval, slot.client_order_id,
            sent, code, text, self.context.now_ns,
        )  # fmt: skip
        self._tell(slot, Action.ORDER_REJECT, report)

    def tell_amended(self, slot: Slot, text: str, *, accepted: bool) -> None:
        """An amend is settled: these are the values that the order stands with."""
        report = OrderAmended(
            slot.strategy, slot.intent, slot.instrument, slot.side, slot.approval, slot.client_order_id,
            accepted, slot.price_ticks, slot.lots, text, self.context.now_ns, slot.state == OrderState.UNKNOWN,
        )  # fmt: skip
        self._tell(slot, Action.ORDER_MODIFY, report)

    def tell_cancel_rejected(self, slot: Slot, code: int, text: str) -> None:
        """A cancel was refused; the order works on."""
        report = OrderCancelRejected(
            slot.strategy, slot.intent, slot.instrument, slot.side, slot.approval, slot.client_order_id,
            code, text, self.context.now_ns,
        )  # fmt: skip
        self._tell(slot, Action.ORDER_MODIFY, report)

    def tell_unknown(self, slot: Slot, text: str) -> None:
        """Nobody knows the order's fate for now."""
        self.unknown += 1
        report = OrderUnknown(
            slot.strategy, slot.intent, slot.instrument, slot.side, slot.approval, slot.client_order_id,
            text, self.context.now_ns,
        )  # fmt: skip
        self._tell(slot, Action.ORDER_UNKNOWN, report)

    def _tell(self, slot: Slot, action: Action, report: Any) -> None:
        slot.cause = self.context.audit(action, report, slot.cause)
        if self.risk.tell(report) == REFUSED:
            self._lost(report)
        self._tell_strategy(slot, report)

    def _tell_strategy(self, slot: Slot, report: Any) -> None:
        """Tell the strategy, or triggers about an order that it sent for one that waited."""
        strategy = slot.strategy
        if slot.for_waiting:
            if self.triggers.tell(report) == REFUSED:
                self._lost(report)
            return
        if strategy < 0 or self.strategies[strategy].tell(report) != REFUSED:
            return
        reason = f"its mailbox of reports is full: it refused {type(report).__name__}"
        if self.safety.tell(StopStrategy(strategy, reason)) == REFUSED:
            self._lost(report)

    def _lost(self, report: Any) -> None:
        reason = f"{type(report).__name__} of {report.client_order_id} could not be delivered: reconcile before trading"
        self.context.halt(reason)
