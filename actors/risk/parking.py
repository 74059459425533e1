"""What risk does with orders that carry terms: those that wait are checked now, and once more when they leave.

An order that waits is checked at acceptance as if it left; its worst case is reserved when it does. What is sent for it
is a new intent and passes every check like any other; denials of such go to triggers, which knows what they are for.
Plain orders never come here. It owns who waits, by the number of the intent, so that a cancel finds its way.
"""

from __future__ import annotations

from collections.abc import Sequence

from actors.risk.approval import APPROVED, NO_ORDER, Approval
from actors.risk.denials import Denials
from engine.audit.desk_state import DeskState
from engine.instruments import Instruments
from engine.limits import OPEN_ORDERS_MAX
from engine.messages.control import Action, TradingState
from engine.messages.orders import (
    AmendIntent,
    ApprovedAmend,
    ApprovedCancel,
    ApprovedOrder,
    CancelIntent,
    DenialReason,
    OrderIntent,
    OrderType,
    TimeInForce,
    VenueOrders,
    WaitingOver,
)
from engine.runtime.actor import Context, Ref
from hotpath.core.mailbox import ACCEPTED
from hotpath.orders.limits import Limits

PLAIN = frozenset({OrderType.LIMIT, OrderType.MARKET})


class Parking:
    """Keeps the orders that wait."""

    context: Context
    triggers: Ref

    def __init__(
        self,
        limits: Limits,
        approval: Approval,
        denials: Denials,
        venues: Sequence[VenueOrders],
        limits_version: int,
    ) -> None:
        """`venues`: what the venue of each instrument takes as it is."""
        self._limits = limits
        self._approval = approval
        self._denials = denials
        self._venues = venues
        self._limits_version = limits_version
        self.waiting: dict[tuple[int, int], int] = {}
        """Instrument of each order that waits or is out for one that waited, by strategy and intent."""

    def connect(
        self, context: Context, triggers: Ref, state: DeskState, instruments: Instruments, strategy_names: Sequence[str]
    ) -> None:
        """Take up what earlier runs left waiting."""
        self.context, self.triggers = context, triggers
        indices = {instrument.name: instrument.index for instrument in instruments}
        for kept in state.waiting.values():
            if kept.strategy in strategy_names and kept.instrument in indices:
                self.waiting[strategy_names.index(kept.strategy), kept.intent] = indices[kept.instrument]

    def take(self, intent: OrderIntent) -> bool:
        """Judge an intent with terms; False when it is one that leaves like a plain one."""
        terms = intent.terms
        if terms is None:
            return False
        if terms.fired_by:
            self._judge_child(intent)
            return True
        if self._waits(intent):
            self._judge_waiting(intent)
            return True
        return False

    def cancel(self, intent: CancelIntent) -> bool:
        """Pass a cancel to triggers when its order waits; False when it does not."""
        if (intent.strategy, intent.intent) not in self.waiting:
            return False
        self._tell(ApprovedCancel(intent))
        return True

    def amend(self, intent: AmendIntent) -> bool:
        """Judge the amend of an order that waits; False when it does not."""
        instrument = self.waiting.get((intent.strategy, intent.intent))
        if instrument is None:
            return False
        approved = ApprovedAmend(intent, 0, self.context.next_seq)
        self.context.audit(Action.ORDER_APPROVE, approved, intent.decision)
        self._tell(approved)
        return True

    def on_over(self, over: WaitingOver) -> None:
        """Forget an order that waits no more."""
        self.waiting.pop((over.strategy, over.intent), None)

    def _waits(self, intent: OrderIntent) -> bool:
        """Return whether the venue has nothing like this, or the order belongs to others."""
        terms = intent.terms
        if terms is not None and (terms.entry or terms.group):
            return True
        if not 0 <= intent.instrument < len(self._venues):
            return False  # which the checks deny
        takes = self._venues[intent.instrument]
        return intent.type not in takes.types or intent.time_in_force not in takes.times_in_force

    def _judge_waiting(self, intent: OrderIntent) -> None:
        """Check an order as if it left, and hand it to triggers."""
        limits, context = self._limits, self.context
        code = DenialReason.ORDER_WELL_FORMED if len(self.waiting) >= OPEN_ORDERS_MAX else self._check(intent)
        if code:
            self._denials.deny(
                intent.strategy, intent.intent, intent.instrument, DenialReason(code), limits.observed, limits.limit,
                self._limits_version,
            )  # fmt: skip
            return
        approved = ApprovedOrder(
            intent, limits.handle, intent.price_ticks, False, self._limits_version, context.next_seq, context.now_ns
        )
        context.audit(Action.ORDER_APPROVE, approved, intent.decision)
        self.waiting[intent.strategy, intent.intent] = intent.instrument
        self._tell(approved)

    def _check(self, intent: OrderIntent) -> int:
        """Return why an order may not wait, or 0: it is judged as a market order, whose price is the worst there is.

        What leaves at once, or not before another order is filled, is judged when it leaves: whether it may be at all
        is asked now.
        """
        limits, terms = self._limits, intent.terms
        if intent.type in PLAIN or (terms is not None and terms.entry > 0):
            return self._check_owner(intent)
        try:
            code = limits.check_and_reserve(
                intent.strategy, intent.intent, intent.instrument, intent.side, OrderType.MARKET, TimeInForce.IOC,
                False, intent.reduce_only, 0, intent.lots, self.context.now_ns,
            )  # fmt: skip
        except OverflowError:  # expected: a number that fits no order
            return DenialReason.ORDER_WELL_FORMED
        if not code:
            limits.exposure.release(limits.handle)
        return code

    def _check_owner(self, intent: OrderIntent) -> int:
        """Return why nothing of this strategy and instrument may wait now, or 0."""
        limits = self._limits
        if limits.state <= TradingState.EMERGENCY:
            return DenialReason.MODE_GATE
        if not limits.recents.is_enabled(intent.strategy):
            return DenialReason.STRATEGY_AUTHORISED
        if not 0 <= intent.instrument < len(self._venues) or not limits.filters.is_permitted(intent.instrument):
            return DenialReason.INSTRUMENT_PERMITTED
        return 0

    def _judge_child(self, intent: OrderIntent) -> None:
        """Judge what leaves for an order that waited; triggers hears of a denial."""
        code = self._approval.take(intent)
        if code == APPROVED:
            return
        if code == DenialReason.BUSY:
            self.context.halt(f"orders could not take the approval of intent {intent.intent}")
        limits = self._limits
        reason = DenialReason.ORDER_WELL_FORMED if code == NO_ORDER else DenialReason(code)
        denied = self._denials.word(
            intent.strategy, intent.intent, intent.instrument, reason, limits.observed, limits.limit,
            self._limits_version,
        )  # fmt: skip
        self._tell(denied)

    def _tell(self, message: object) -> None:
        if self.triggers.tell(message) != ACCEPTED:
            self.context.halt(f"triggers could not take {type(message).__name__}")
