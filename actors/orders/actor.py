"""The actor that owns every order: it numbers them, sends them, follows them, and answers for what became of them.

An order leaves only for an approval, under an id from the durable lease, after its record was told to the audit trail.
Reports find their order by client order id; what finds none is looked for, never dropped. It refuses to judge risk, to
resend anything, and to believe a silence: see inquiry.py for what is unknown and moves.py for what a state becomes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from actors.orders.inquiry import Inquiry
from actors.orders.moves import OPEN, PARTIAL, Moves
from actors.orders.recovered import RecoveredOrder, slot_of
from actors.orders.slot import NO_STRATEGY, Slot
from actors.orders.submission import Submission
from actors.orders.venue_view import OVERLAP_NS, Timing
from engine.clock import NS_PER_SECOND
from engine.ids import OrderIds
from engine.instruments import Instruments
from engine.limits import OPEN_ORDERS_MAX
from engine.messages.approved import ApprovedOrder
from engine.messages.control import (
    Action,
    CompareAll,
    CountOrders,
    LimitsChanged,
    OrderCounts,
    ResolveOrder,
    Start,
    StateChanged,
    Stop,
    StrategyEnabled,
    StrategyStopped,
    TradingState,
)
from engine.messages.orders import AmendOrder, ApprovedAmend, ApprovedCancel, CancelAll, OrderType
from engine.messages.reports import (
    Accepted,
    Ambiguous,
    Amended,
    AmendRejected,
    Balances,
    Canceled,
    CancelRejected,
    Expired,
    Filled,
    GatewayState,
    NotSent,
    Rejected,
    VenueOrder,
    VenueState,
)
from engine.runtime.actor import Actor, Ref, type_of_handlers
from hotpath.core.mailbox import ACCEPTED
from hotpath.orders.transitions import OrderEvent, OrderState

ROUND_NS = 2 * NS_PER_SECOND
"""How often what is unknown is asked for, and what must go is cancelled again."""

LIMIT = OrderType.LIMIT
EVERY = -1  # the instrument of a CancelAll that is about all of them


class _Round(Struct, frozen=True, gc=False):
    """Ask for what is unknown."""


class Orders(Actor):
    """Owns every order slot."""

    risk: Ref
    portfolio: Ref
    safety: Ref
    strategies: Sequence[Ref]
    triggers: Ref
    gateways: Sequence[Ref]
    """The gateway of each instrument, by the instrument's index."""

    def __init__(
        self,
        instruments: Instruments,
        strategy_names: Sequence[str],
        ids: OrderIds,
        capacity: int = OPEN_ORDERS_MAX,
        recovered: Sequence[RecoveredOrder] = (),
        since_ns: int = 0,
        timing: Timing | None = None,
    ) -> None:
        """Take up what earlier runs left behind.

        Args:
            instruments: of the run.
            strategy_names: in the order of their indices.
            ids: where client order ids come from.
            capacity: orders that may be not over at once.
            recovered: orders of earlier runs: all that were not over, or had a fill since `since_ns`, to know it again.
            since_ns: the first execution that reconciliation compares; 0: a minute before the newest `recovered` order
                was sent (a crash cuts off what came after it), or the start of this run.
            timing: how often venues are compared, and how long they may take to show an order.
        """
        self.instruments = instruments
        self.moves = Moves(capacity)
        self.inquiry = Inquiry(instruments, self.moves, ids.parse, since_ns, timing or Timing())
        self._ids = ids
        self._next_id = ids.next
        book = self.moves.book
        scales = [instrument.scale for instrument in instruments]
        self._stopped = [False] * len(strategy_names)
        self._submission = Submission(
            ids, book.live, book.by_id, book.by_intent, scales, self._stopped, self.moves.counts, capacity
        )
        self._recovered = recovered
        self._emergency = False
        self._stopping = False

    def handlers(self) -> type_of_handlers:
        """Name the handler of each message."""
        return {
            Start: self.on_start,
            Stop: self.on_stop,
            ApprovedOrder: self._submission.on_approved,
            ApprovedCancel: self.on_approved_cancel,
            ApprovedAmend: self.on_approved_amend,
            CancelAll: self.on_cancel_all,
            StrategyStopped: self.on_strategy_stopped,
            StrategyEnabled: self.on_strategy_enabled,
            StateChanged: self.on_state_changed,
            LimitsChanged: self._submission.on_limits_changed,
            CompareAll: self.on_compare_all,
            CountOrders: self.on_count_orders,
            ResolveOrder: self.on_resolve,
            Accepted: self.on_accepted,
            Filled: self.on_filled,
            Canceled: self.on_gone,
            Expired: self.on_gone,
            Rejected: self.on_rejected,
            CancelRejected: self.on_cancel_rejected,
            Amended: self.on_amended,
            AmendRejected: self.on_amend_rejected,
            Ambiguous: self.on_ambiguous,
            NotSent: self.on_not_sent,
            VenueOrder: self.on_venue_order,
            VenueState: self.on_venue_state,
            GatewayState: self.on_gateway_state,
            Balances: self.on_balances,
            _Round: self.on_round,
        }

    def summary(self) -> dict[str, int]:
        """Return the counters of the run's summary, fills included; `denied` is risk's."""
        return {"submitted": self._submission.count, **self.moves.reports.counts(), "fills": self.moves.reports.fills}

    # ---- the run

    def on_start(self, _: Start) -> None:
        """Take up the orders of earlier runs, and begin the rounds."""
        context, reports = self.context, self.moves.reports
        for part in (self.moves, reports, self.inquiry):
            part.context = context
            part.safety = self.safety
        self.inquiry.strangers.context = context
        reports.portfolio = self.inquiry.portfolio = self.portfolio
        reports.strategies = self.strategies
        reports.risk, reports.triggers = self.risk, self.triggers
        self.moves.gateways = self.inquiry.gateways = self.gateways
        self._submission.connect(context, self.gateways, self.safety, self._holds, self._lost)
        newest_ns = max((order.sent_ns for order in self._recovered), default=0)
        for venue in self.inquiry.venues.values():
            venue.since_ns = venue.since_ns or (newest_ns - OVERLAP_NS if newest_ns else context.now_ns)
        for order in self._recovered:
            slot = slot_of(order, self.moves.book.next_negative(), self.instruments[order.instrument].scale)
            self.moves.add(slot)
            if not slot.over:
                self.moves.want_cancel(slot, must=True)
        context.every(ROUND_NS, _Round())

    def on_stop(self, _: Stop) -> None:
        """The run ends: everything is cancelled, and safety hears when nothing is open."""
        self._stopping = self._submission.halting = True
        self._cancel_where(NO_STRATEGY)
        self.moves.tell_open()

    def on_round(self, _: _Round) -> None:
        """Ask for what is unknown."""
        self.inquiry.round()
        self.inquiry.settle()

    def on_state_changed(self, change: StateChanged) -> None:
        """In an EMERGENCY everything is cancelled, and nothing leaves but what a person asked for."""
        self._emergency = change.state is TradingState.EMERGENCY
        self._submission.epoch = change.epoch
        self._submission.halting = self._stopping or self._emergency
        if self._emergency:
            self._cancel_where(NO_STRATEGY)

    def on_compare_all(self, _: CompareAll) -> None:
        """Begin every reconciliation anew."""
        self.inquiry.begin_all()

    def on_count_orders(self, _: CountOrders) -> None:
        """Tell safety, which recovers, what came of the orders so far."""
        reports = self.moves.reports
        counts = OrderCounts(self._submission.count, reports.rejected - reports.rejected_takes)
        if self.safety.tell(counts) != ACCEPTED:
            self.context.halt("safety does not hear how many orders were rejected")

    def on_resolve(self, resolve: ResolveOrder) -> None:
        """A person says that an order which is UNKNOWN is over."""
        self.inquiry.resolved_by(resolve.user, resolve.client_order_id)

    def on_strategy_stopped(self, stopped: StrategyStopped) -> None:
        """A stopped strategy's orders are cancelled, and none of its approvals leaves any more."""
        self._stopped[stopped.strategy] = True
        self._cancel_where(stopped.strategy)

    def on_strategy_enabled(self, enabled: StrategyEnabled) -> None:
        """A person enabled a strategy again."""
        self._stopped[enabled.strategy] = False

    def on_cancel_all(self, everything: CancelAll) -> None:
        """Cancel every order, or those of one strategy or instrument."""
        self.context.audit(Action.ORDER_CANCEL, everything)
        self._cancel_where(everything.strategy, everything.instrument, everything.order)

    # ---- from risk

    def on_approved_cancel(self, approved: ApprovedCancel) -> None:
        """Cancel an order that is not over; while it is in flight the wish waits for the venue's first word."""
        slot = self.moves.book.of_intent(approved.intent.strategy, approved.intent.intent)
        if slot is not None and not slot.over:
            self.moves.want_cancel(slot, must=approved.intent.by_person)

    def on_approved_amend(self, approved: ApprovedAmend) -> None:
        """Replace a working order by one with the wished price, and with what is left of the wished quantity."""
        wish = approved.intent
        slot = self.moves.book.of_intent(wish.strategy, wish.intent)
        if slot is None:
            return
        lots = wish.lots - slot.filled_lots
        problem = self._submission.unbound_amend(approved, slot)
        if slot.state not in (OPEN, PARTIAL) or slot.cancel_wanted:
            problem = f"the order is {OrderState(slot.state).name}"
        elif self._submission.halting or (wish.strategy >= 0 and self._stopped[wish.strategy]):
            problem = "trading has stopped"
        elif lots <= 0:
            problem = f"{slot.filled_lots} lots are filled already"
        if problem:
            self.moves.reports.tell_amended(slot, problem, accepted=False)
        else:
            self._amend(slot, approved, lots)

    # ---- from the gateway

    def on_accepted(self, report: Accepted) -> None:
        """The venue has an order, or the replacement of one."""
        slot = self._find(report)
        if slot is None:
            return
        if report.client_order_id == slot.next_id:
            self.moves.amended(slot)
        elif report.client_order_id == slot.client_order_id:
            self.moves.accepted(slot)

    def on_filled(self, fill: Filled) -> None:
        """One execution."""
        slot = self.moves.book.get(fill.client_order_id)
        if slot is None:
            self.inquiry.stray_fill(fill)
        else:
            self.moves.filled(slot, fill)

    def on_gone(self, report: Canceled | Expired) -> None:
        """An order left the book."""
        slot = self._find(report)
        if slot is not None and self.moves.gone(slot, report):
            self.inquiry.fetch_fills(slot)

    def on_rejected(self, report: Rejected) -> None:
        """The venue refused an order."""
        slot = self._find(report)
        if slot is not None and report.client_order_id == slot.client_order_id:
            self.moves.rejected(slot, report)

    def on_cancel_rejected(self, report: CancelRejected) -> None:
        """The venue refused a cancel."""
        slot = self._find(report)
        if slot is not None:
            self.moves.cancel_rejected(slot, report.code, report.text)

    def on_amended(self, report: Amended) -> None:
        """A replacement is in the book."""
        slot = self._find(report)
        if slot is not None and report.new_client_order_id == slot.next_id:
            self.moves.amended(slot)

    def on_amend_rejected(self, report: AmendRejected) -> None:
        """A replacement was refused."""
        slot = self._find(report)
        if slot is not None and report.new_client_order_id == slot.next_id:
            self.moves.amend_refused(slot, report)

    def on_ambiguous(self, report: Ambiguous) -> None:
        """Nobody knows what became of a request."""
        slot = self._find(report)
        if slot is not None:
            self.moves.lose(slot, report.text)

    def on_not_sent(self, report: NotSent) -> None:
        """A request never left us."""
        slot = self._find(report)
        if slot is not None:
            self.moves.not_sent(slot, report.text)

    def on_venue_order(self, order: VenueOrder) -> None:
        """The answer to a question about one order."""
        self.inquiry.answer(order)
        self.inquiry.settle()

    def on_venue_state(self, state: VenueState) -> None:
        """A venue's whole truth: executions first, then balances, then the word that we agree."""
        self.inquiry.compare(state)
        self.on_balances(Balances(state.venue, state.balances, state.time_ns))
        self.inquiry.settle()

    def on_gateway_state(self, state: GatewayState) -> None:
        """A venue's session came or went; when it came, what we believe is compared with what it says."""
        self.inquiry.session(state.venue, ready=state.ready)

    def on_balances(self, balances: Balances) -> None:
        """Pass the venue's balances on, behind the fills that they contain."""
        if self.risk.tell(balances) != ACCEPTED or self.portfolio.tell(balances) != ACCEPTED:
            self.context.halt(f"balances of {balances.venue} could not be delivered")

    # ---- inside

    def _find(self, report: Any) -> Slot | None:
        slot = self.moves.book.get(report.client_order_id)
        if slot is None:
            self.inquiry.stray(report.client_order_id)
        return slot

    def _cancel_where(self, strategy: int, instrument: int = EVERY, order: str = "") -> None:
        for slot in list(self.moves.book.live.values()):
            whose = strategy in (NO_STRATEGY, slot.strategy) and instrument in (EVERY, slot.instrument)
            if whose and order in ("", slot.client_order_id):
                self.inquiry.demand_cancel(slot)

    def _holds(self, approved: ApprovedOrder) -> bool:
        """Fail an approved order that may not leave any more, or that there is no room for; False when it may."""
        reason = self._refusal(approved) or self._submission.unbound(approved)
        if not reason and len(self.moves.book.live) >= self.moves.book.capacity:
            reason = "all order slots are in use"
            self.context.halt(f"{reason} ({self.moves.book.capacity}), which risk should have prevented")
        if reason:
            slot = self._submission.take(approved)
            self.moves.begin(slot)
            self.moves.not_sent(slot, reason)
        return bool(reason)

    def _refusal(self, approved: ApprovedOrder) -> str:
        """Return why an approved order may not leave any more, or an empty text."""
        strategy = approved.intent.strategy
        if self._stopping:
            return "the run is ending"
        if self._emergency and not approved.shrinks:
            return "trading is in EMERGENCY"
        if strategy >= 0 and self._stopped[strategy]:
            return "the strategy was stopped"
        return ""

    def _lost(self, slot: Slot) -> None:
        self.context.halt(f"the gateway could not take order {slot.client_order_id}")
        self.moves.not_sent(slot, "the gateway could not take it")

    def _amend(self, slot: Slot, approved: ApprovedAmend, lots: int) -> None:
        wish = approved.intent
        _, slot.next_id = self._next_id()
        slot.next_price_ticks = wish.price_ticks
        slot.next_lots = lots
        self.moves.book.name(slot.next_id, slot)
        amend = AmendOrder(
            slot.number, slot.client_order_id, slot.next_id, slot.instrument, slot.side, LIMIT, slot.time_in_force,
            slot.post_only, wish.price_ticks, lots, slot.shrinks,
        )  # fmt: skip
        slot.cause = self.context.audit(Action.ORDER_MODIFY, amend, approved.audit_seq)
        slot.sent_ns = self.context.now_ns
        self.moves.move(slot, OrderEvent.AMEND_SENT)
        if self.gateways[slot.instrument].tell(amend) != ACCEPTED:
            self.context.halt(f"the gateway could not take the amend of {slot.client_order_id}")
            self.moves.not_sent(slot, "the gateway could not take it")
