"""What risk does with orders that carry terms: those that wait are checked now, and once more when they leave.

An order that waits is checked at acceptance as if it left, at the worst price there is. It counts among the open orders
and ties up funds, and is in no worst case; exits that share a quantity tie it up once. What is sent for it is a new
intent and passes every check like any other; denials of such go to triggers, which knows what they are for. Plain
orders never come here. It owns who waits, by the number of the intent, so that a cancel finds its way.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from actors.risk.approval import APPROVED, NO_ORDER, Approval
from actors.risk.denials import Denials
from engine.audit.desk_state import DeskState
from engine.audit.terms import terms_from
from engine.instruments import Instruments
from engine.limits import TRIGGERS_MAX
from engine.messages.control import Action, TradingState
from engine.messages.market import Side
from engine.messages.orders import (
    AmendIntent,
    ApprovedAmend,
    ApprovedCancel,
    ApprovedToWait,
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

PLAIN = frozenset({OrderType.LIMIT.name, OrderType.MARKET.name})
"""Types that leave at once, and are judged when they do."""


class _Parked(Struct):
    """What is kept of an order that waits; `handle` is 0 when nothing is tied up for it."""

    instrument: int
    side: int
    lots: int
    price_ticks: int
    reduce_only: bool
    group: int
    handle: int = 0


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
        self.waiting: dict[tuple[int, int], _Parked] = {}
        """What waits, or is out for what waited, by strategy and intent."""

    def connect(
        self, context: Context, triggers: Ref, state: DeskState, instruments: Instruments, strategy_names: Sequence[str]
    ) -> None:
        """Take up what earlier runs left waiting."""
        self.context, self.triggers = context, triggers
        configured = {instrument.name: instrument for instrument in instruments}
        for kept in state.waiting.values():
            if kept.strategy not in strategy_names or kept.instrument not in configured:
                continue
            instrument = configured[kept.instrument]
            strategy = strategy_names.index(kept.strategy)
            group = terms_from(kept.terms, instrument.scale).group
            price_ticks = max(kept.level_ticks, kept.price_ticks, 1)
            lots = kept.lots - kept.filled_lots
            parked = _Parked(instrument.index, Side[kept.side], lots, price_ticks, kept.reduce_only, group)
            self.waiting[strategy, kept.intent] = parked
            if lots > 0 and kept.type not in PLAIN and not self._shared(strategy, group):
                self._park_again(strategy, parked)

    def place_of(self, strategy: int, intent: int) -> tuple[int, int]:
        """Return instrument and side of an order that waits, -1 and 0 when it does not."""
        parked = self.waiting.get((strategy, intent))
        return (parked.instrument, parked.side) if parked is not None else (-1, 0)

    def set_version(self, limits_version: int) -> None:
        """Count the limits that are judged by under another version."""
        self._limits_version = limits_version

    def take(self, intent: OrderIntent) -> bool:
        """Judge an intent with terms; False when it is one that leaves like a plain one."""
        terms = intent.terms
        if terms is None:
            return False
        if terms.fired_by:
            parent = self.waiting.get((intent.strategy, terms.fired_by))
            held = None
            if parent is not None:
                held = self._shared(intent.strategy, parent.group) or parent
            tied_up = held is not None and held.handle != 0
            if held is not None:
                self._unpark(held)
            if not self._judge_child(intent) and held is not None and tied_up:
                self._park_again(intent.strategy, held)
            return True
        if self._waits(intent):
            self._judge_waiting(intent, terms.group, dormant=terms.entry > 0)
            return True
        return False

    def cancel(self, intent: CancelIntent) -> bool:
        """Pass a cancel to triggers when its order waits; False when it does not."""
        if (intent.strategy, intent.intent) not in self.waiting:
            return False
        self._tell(ApprovedCancel(intent))
        return True

    def amend(self, intent: AmendIntent) -> bool:
        """Judge the amend of an order that waits as a new one; False when it does not wait."""
        parked = self.waiting.get((intent.strategy, intent.intent))
        if parked is None:
            return False
        owner = self._check_owner(intent.strategy, parked.instrument)
        if owner:
            self._deny(intent.strategy, intent.amendment, parked.instrument, owner, 0, 1)
            return True
        if parked.handle:
            before = (parked.lots, parked.price_ticks)
            self._unpark(parked)
            parked.lots = intent.lots
            code = self._park(intent.strategy, intent.amendment, parked)
            if code:
                observed, limit = self._limits.observed, self._limits.limit
                parked.lots, parked.price_ticks = before
                self._park_again(intent.strategy, parked)
                self._deny(intent.strategy, intent.amendment, parked.instrument, code, observed, limit)
                return True
        approved = ApprovedAmend(intent, parked.handle, self.context.next_seq)
        self.context.audit(Action.ORDER_APPROVE, approved, intent.decision)
        self._tell(approved)
        return True

    def on_over(self, over: WaitingOver) -> None:
        """Forget an order that waits no more; what it shares with another one stays for that."""
        parked = self.waiting.pop((over.strategy, over.intent), None)
        if parked is None or not parked.handle:
            return
        for (strategy, _), other in self.waiting.items():
            if parked.group and (strategy, other.group) == (over.strategy, parked.group):
                other.handle = parked.handle
                return
        self._unpark(parked)

    # ---- inside

    def _waits(self, intent: OrderIntent) -> bool:
        """Return whether the venue has nothing like this, or the order belongs to others."""
        terms = intent.terms
        if terms is not None and (terms.entry or terms.group):
            return True
        if not 0 <= intent.instrument < len(self._venues):
            return False  # which the checks deny
        takes = self._venues[intent.instrument]
        return intent.type not in takes.types or intent.time_in_force not in takes.times_in_force

    def _judge_waiting(self, intent: OrderIntent, group: int, *, dormant: bool) -> None:
        """Check an order as if it left, and hand it to triggers.

        What leaves at once, or not before another order is filled, is judged when it leaves: whether it may be at all
        is asked now.
        """
        strategy, context = intent.strategy, self.context
        parked = _Parked(intent.instrument, intent.side, intent.lots, 0, intent.reduce_only, group)
        code, observed, limit = 0, 0, 1
        if len(self.waiting) >= TRIGGERS_MAX:
            code, observed, limit = DenialReason.MAX_OPEN_ORDERS, len(self.waiting), TRIGGERS_MAX
        elif (strategy, intent.intent) in self.waiting:
            code, observed, limit = DenialReason.DUPLICATE_ORDER, intent.intent, intent.intent
        elif dormant or intent.type.name in PLAIN:
            code = self._check_owner(strategy, intent.instrument)
        else:
            shared = self._shared(strategy, group)
            if shared is not None:
                self._unpark(shared)
            code = self._park(strategy, intent.intent, parked)
            observed, limit = self._limits.observed, self._limits.limit
            if code and shared is not None:
                self._park_again(strategy, shared)
        if code:
            self._deny(strategy, intent.intent, intent.instrument, code, observed, limit)
            return
        approved = ApprovedToWait(intent, parked.handle, self._limits_version, context.next_seq, context.now_ns)
        context.audit(Action.ORDER_APPROVE, approved, intent.decision)
        self.waiting[strategy, intent.intent] = parked
        self._tell(approved)

    def _check_owner(self, strategy: int, instrument: int) -> int:
        """Return why nothing of this strategy and instrument may wait now, or 0."""
        limits = self._limits
        if limits.state <= TradingState.EMERGENCY:
            return DenialReason.MODE_GATE
        if not limits.recents.is_enabled(strategy):
            return DenialReason.STRATEGY_AUTHORISED
        if not 0 <= instrument < len(self._venues) or not limits.filters.is_permitted(instrument):
            return DenialReason.INSTRUMENT_PERMITTED
        return 0

    def _park(self, strategy: int, number: int, parked: _Parked) -> int:
        """Check an order at the worst price, that of a market order, and tie up what it needs; 0 or why not."""
        limits = self._limits
        try:
            code = limits.check_and_park(
                strategy, number, parked.instrument, parked.side, OrderType.MARKET, TimeInForce.IOC, False,
                parked.reduce_only, 0, parked.lots, self.context.now_ns,
            )  # fmt: skip
        except OverflowError:  # expected: a number that fits no order
            return DenialReason.ORDER_WELL_FORMED
        if not code:
            parked.handle, parked.price_ticks = limits.handle, limits.price_ticks
        return code

    def _park_again(self, strategy: int, parked: _Parked) -> None:
        """Tie up again what was tied up before; without a free slot nothing is, and the checks come when it leaves."""
        try:
            parked.handle = self._limits.exposure.reserve(
                parked.instrument, parked.side, parked.price_ticks, parked.lots, 0, strategy, True
            )
        except OverflowError:  # expected: every slot is in use
            parked.handle = 0

    def _unpark(self, parked: _Parked) -> None:
        """Give back what is tied up for an order, and for those that share it."""
        handle, parked.handle = parked.handle, 0
        if handle:
            self._limits.unpark(handle)

    def _shared(self, strategy: int, group: int) -> _Parked | None:
        """Return the order of a group for which its quantity is tied up."""
        if group:
            for (owner, _), parked in self.waiting.items():
                if owner == strategy and parked.group == group and parked.handle:
                    return parked
        return None

    def _judge_child(self, intent: OrderIntent) -> bool:
        """Judge what leaves for an order that waited; returns whether it does. Triggers hears of a denial."""
        code = self._approval.take(intent)
        if code == APPROVED:
            return True
        if code == DenialReason.BUSY:
            self.context.halt(f"orders could not take the approval of intent {intent.intent}")
        limits = self._limits
        reason = DenialReason.ORDER_WELL_FORMED if code == NO_ORDER else DenialReason(code)
        denied = self._denials.word(
            intent.strategy, intent.intent, intent.instrument, reason, limits.observed, limits.limit,
            self._limits_version,
        )  # fmt: skip
        self._tell(denied)
        return False

    def _deny(self, strategy: int, number: int, instrument: int, code: int, observed: int, limit: int) -> None:
        reason = DenialReason(code)
        if self._denials.deny(strategy, number, instrument, reason, observed, limit, self._limits_version):
            self._limits.recents.enable(strategy, False)

    def _tell(self, message: object) -> None:
        if self.triggers.tell(message) != ACCEPTED:
            self.context.halt(f"triggers could not take {type(message).__name__}")
