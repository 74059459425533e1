"""Risk: the only one who can approve an order. It checks, then reserves, in one handler, and hears what became of it.

The checks are one compiled pass (hotpath.orders.limits); this actor keeps its inputs up to date from the messages of
the desk, words denials and remembers which reservation belongs to which intent. A reservation is given back on the
venue's proof alone: an UNKNOWN order keeps it. Cancels always pass. It sends nothing to a venue itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from actors.risk.approval import APPROVED, NO_ORDER, Approval
from actors.risk.denials import Denials, MergedDenials
from actors.risk.parking import Parking
from actors.risk.setup import Assets, build, restore
from engine.audit.desk_state import DeskState
from engine.audit.fold import timestamp_ns
from engine.clock import NS_PER_MS, NS_PER_SECOND
from engine.config.risk import RiskLimits
from engine.instruments import Instruments
from engine.limits import OPEN_ORDERS_MAX
from engine.messages.control import (
    Account,
    Action,
    ClockOffset,
    Health,
    InstrumentsKilled,
    Start,
    StateChanged,
    Stop,
    StrategyEnabled,
    StrategyStopped,
)
from engine.messages.market import FeedGap, FeedState, FeedStatus, Quote
from engine.messages.orders import (
    AmendIntent,
    ApprovedAmend,
    ApprovedCancel,
    CancelIntent,
    DenialReason,
    OrderIntent,
    VenueOrders,
    WaitingOver,
)
from engine.messages.reports import (
    Balances,
    GatewayState,
    OrderAccepted,
    OrderAmended,
    OrderCanceled,
    OrderCancelRejected,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderUnknown,
)
from engine.runtime.actor import Actor, Ref, type_of_handlers
from hotpath.core.mailbox import ACCEPTED
from hotpath.core.units import cost, lots_to_money, proceeds

WARN_EVERY_NS = 60 * NS_PER_SECOND
ORDER_APPROVE = Action.ORDER_APPROVE
BUSY = DenialReason.BUSY

Report = OrderAccepted | OrderFilled | OrderCanceled | OrderExpired | OrderRejected | OrderAmended


class Risk(Actor):
    """Judges every intent, and holds the worst case of all that was approved."""

    orders: Ref
    safety: Ref
    strategies: Sequence[Ref]
    triggers: Ref

    def __init__(
        self,
        instruments: Instruments,
        strategy_names: Sequence[str],
        limits: RiskLimits,
        state: DeskState | None = None,
        capacity: int = OPEN_ORDERS_MAX,
        venues: Sequence[VenueOrders] = (),
    ) -> None:
        """Take up what earlier runs left.

        Args:
            instruments: of the run.
            strategy_names: in the order of their indices.
            limits: the configured ones.
            state: positions, live orders, counts and intent numbers of earlier runs; None before the first run.
            capacity: orders that may live at once.
            venues: what the venue of each instrument takes as it is; Binance spot's when left out.

        Raises:
            ConfigError: the limits do not fit the instruments.
        """
        self.instruments = instruments
        self.limits_version = 1
        self.warnings: dict[str, int] = {}
        """How often each limit was nearly used up, once a minute at most."""
        self._state = state or DeskState()
        self._names = strategy_names
        self._adopting = limits.adopt and not self._state.opening
        self._assets = Assets()
        self.limits = build(instruments, strategy_names, limits, self._assets, capacity)
        self.exposure = self.limits.exposure
        self.account = self.limits.account
        self._handles, self._adopted = restore(self.limits, self._state, instruments, strategy_names)
        if limits.adopt:
            self._adopt(self._state.opening)
        self._owed: dict[int, None] = {}
        """Handles of orders that are over, and of which the venue counts executions that nobody told yet."""
        self._denials = Denials(instruments, len(strategy_names), limits.denials_max)
        self.vitals: dict[type, Account | ClockOffset | Health] = {}
        self._warned_ns: dict[int, int] = {}
        self._approval = Approval(self.limits, self._handles, self.limits_version, limits.approval_age_ms * NS_PER_MS)
        takes = venues or [VenueOrders()] * len(instruments)
        self._parking = Parking(self.limits, self._approval, self._denials, takes, self.limits_version)

    def handlers(self) -> type_of_handlers:
        """Name the handler of each message."""
        return {
            Start: self.on_start,
            Stop: self.on_stop,
            Quote: self._approval.on_quote,
            FeedState: self.on_feed_state,
            FeedGap: self.on_feed_gap,
            OrderIntent: self.on_order_intent,
            CancelIntent: self.on_cancel_intent,
            AmendIntent: self.on_amend_intent,
            OrderAccepted: self.on_accepted,
            OrderFilled: self.on_filled,
            OrderCanceled: self.on_gone,
            OrderExpired: self.on_gone,
            OrderRejected: self.on_rejected,
            OrderAmended: self.on_amended,
            OrderCancelRejected: self.on_nothing_new,
            OrderUnknown: self.on_nothing_new,
            WaitingOver: self._parking.on_over,
            Balances: self.on_balances,
            GatewayState: self.on_gateway_state,
            Account: self.on_vitals,
            ClockOffset: self.on_vitals,
            Health: self.on_vitals,
            StateChanged: self.on_state_changed,
            InstrumentsKilled: self.on_instruments_killed,
            StrategyStopped: self.on_strategy_stopped,
            StrategyEnabled: self.on_strategy_enabled,
            MergedDenials: self._denials.on_merged,
        }

    @property
    def denied_count(self) -> int:
        """How many intents were denied."""
        return self._denials.count

    def on_start(self, _: Start) -> None:
        """Go on counting the orders of the day where an earlier run left off."""
        self._approval.connect(self.context, self.orders)
        self._denials.context = self.context
        self._denials.safety = self.safety
        self._denials.strategies = self.strategies
        self._parking.connect(self.context, self.triggers, self._state, self.instruments, self._names)
        if self._state.day:
            self.limits.set_daily_count(timestamp_ns(f"{self._state.day}T12:00:00.000000000Z"), self._state.day_orders)

    def on_stop(self, _: Stop) -> None:
        """Record the denials that wait to be merged."""
        self._denials.flush()

    # What the checks read.

    def on_feed_state(self, state: FeedState) -> None:
        """Note whether a book can be trusted."""
        self.limits.marks.on_status(state.instrument, state.status is FeedStatus.SYNCHRONISED)

    def on_feed_gap(self, gap: FeedGap) -> None:
        """A book with a gap cannot be trusted until feed says that it is whole again."""
        self.limits.marks.on_status(gap.instrument, False)

    def on_balances(self, balances: Balances) -> None:
        """Take the venue's word for what we own; the fills in it were told before."""
        for asset, free, locked in balances.balances:
            self.account.set_balance(self._assets.number(asset), free + locked)
        if self._adopting:
            self._adopting = False
            self._adopt({asset: free + locked for asset, free, locked in balances.balances})

    def on_vitals(self, message: Account | ClockOffset | Health) -> None:
        """Note how account, clock and engine are, the last word of each."""
        self.vitals[type(message)] = message

    def on_gateway_state(self, state: GatewayState) -> None:
        """While a venue takes no orders, only cancels pass."""
        for instrument in self.instruments:
            if instrument.venue == state.venue:
                self.limits.filters.set_ready(instrument.index, state.ready and instrument.trading)

    def on_state_changed(self, change: StateChanged) -> None:
        """Take the trading state."""
        self.limits.set_state(change.state)
        self._approval.set_epoch(change.epoch)

    def on_instruments_killed(self, killed: InstrumentsKilled) -> None:
        """Permit nothing in these instruments but what a person closes there."""
        for instrument in self.instruments:
            self.limits.filters.set_killed(instrument.index, instrument.index in killed.instruments)

    def on_strategy_stopped(self, stopped: StrategyStopped) -> None:
        """Approve nothing of this strategy any more."""
        self.limits.recents.enable(stopped.strategy, False)

    def on_strategy_enabled(self, enabled: StrategyEnabled) -> None:
        """A person enabled a strategy again; its denials are counted anew."""
        self.limits.recents.enable(enabled.strategy, True)
        self._denials.forgive(enabled.strategy)

    # What is asked of risk.

    def on_order_intent(self, intent: OrderIntent) -> None:
        """Approve and reserve, or deny."""
        limits = self.limits
        if intent.terms is not None and self._parking.take(intent):
            return
        code = self._approval.take(intent)
        if code == APPROVED:
            if limits.warned:
                self._warn(limits.warned)
        elif code == BUSY:
            self._warn(limits.warned)
            self._release(intent.strategy, intent.intent, "")
            self._deny(intent.strategy, intent.intent, intent.instrument, DenialReason.BUSY, 0, 0)
            self.context.halt(f"orders could not take the approval of intent {intent.intent}")
        elif code == NO_ORDER:
            self._deny(intent.strategy, intent.intent, intent.instrument, DenialReason.ORDER_WELL_FORMED, 0, 0)
        else:
            reason = DenialReason(code)
            self._deny(intent.strategy, intent.intent, intent.instrument, reason, limits.observed, limits.limit)

    def on_cancel_intent(self, intent: CancelIntent) -> None:
        """Pass a cancel on: getting out of the market is never judged."""
        if self._parking.waiting and self._parking.cancel(intent):
            return
        if self.orders.tell(ApprovedCancel(intent)) != ACCEPTED:
            self.context.halt(f"orders could not take the cancel of intent {intent.intent}")

    def on_amend_intent(self, intent: AmendIntent) -> None:
        """Judge what an amend adds, and reserve the larger of old and new."""
        if self._parking.waiting and self._parking.amend(intent):
            return
        limits = self.limits
        handle = self._handles.get((intent.strategy, intent.intent), 0)
        instrument = self.exposure.order(handle)[0] if self.exposure.is_open(handle) else -1
        try:
            code = limits.check_amend(
                intent.strategy, handle, intent.amendment, intent.price_ticks, intent.lots, self.context.now_ns
            )
        except OverflowError:
            code = DenialReason.ORDER_WELL_FORMED
        if code:
            reason = DenialReason(code)
            self._deny(intent.strategy, intent.intent, instrument, reason, limits.observed, limits.limit)
            return
        approved = ApprovedAmend(intent, handle, self.context.next_seq)
        self.context.audit(ORDER_APPROVE, approved, intent.decision)
        if self.orders.tell(approved) != ACCEPTED:
            self.context.halt(f"orders could not take the amend of intent {intent.intent}")

    # What became of orders.

    def on_accepted(self, report: OrderAccepted) -> None:
        """The venue has the order; one that nobody here approved (an earlier run's) is reserved now."""
        if self._handle(report) is None:
            handle = self.exposure.reserve(report.instrument, report.side, max(report.price_ticks, 1), report.lots)
            self._adopted[report.client_order_id] = handle

    def on_filled(self, report: OrderFilled) -> None:
        """Turn reservation into position, and move the money; a fill after the end moves the position all the same."""
        handle = self._handle(report)
        open_lots = 0
        if handle is None:
            self.exposure.move(report.instrument, report.side * report.lots)
        else:
            open_lots = self.exposure.fill(handle, report.lots, report.leaves_lots)
        instrument = self.instruments[report.instrument]
        scale, side = instrument.scale, report.side
        pay = cost if side > 0 else proceeds
        self._move(instrument.quote, -side * pay(report.price_ticks, report.lots, scale))
        self._move(instrument.base, side * lots_to_money(report.lots, scale))
        if report.fee:
            self._move(report.fee_currency, -report.fee)
            if report.fee_currency == instrument.base:
                self.exposure.take_fee(report.instrument, report.fee)
        if report.done and not (open_lots and handle in self._owed):
            self._release(report.strategy, report.intent, report.client_order_id)

    def on_gone(self, report: OrderCanceled | OrderExpired) -> None:
        """The order left the book: give back what is left, but for executions that are counted and were not told."""
        handle = self._handles.get((report.strategy, report.intent))
        if handle is not None:
            _, _, price_ticks, _, filled_lots = self.exposure.order(handle)
            if report.filled_lots > filled_lots:
                self._owed[handle] = None
                self.exposure.settle(handle, price_ticks, report.filled_lots)
                return
        self._release(report.strategy, report.intent, report.client_order_id)

    def on_rejected(self, report: OrderRejected) -> None:
        """The order never was in the book, or never left us: give its reservation back."""
        self._release(report.strategy, report.intent, report.client_order_id)

    def on_amended(self, report: OrderAmended) -> None:
        """Reserve what the order is now, whether the amend was accepted or not."""
        handle = self._handle(report)
        if handle is not None:
            self.exposure.settle(handle, max(report.price_ticks, 1), report.lots)

    def on_nothing_new(self, _: OrderUnknown | OrderCancelRejected) -> None:
        """Keep the reservation: an UNKNOWN order may still be filled, and one that was not cancelled works on."""

    def _handle(self, report: Report) -> int | None:
        handle = self._handles.get((report.strategy, report.intent))
        return handle if handle is not None else self._adopted.get(report.client_order_id)

    def _release(self, strategy: int, intent: int, client_order_id: str) -> None:
        handle = self._handles.pop((strategy, intent), None)
        if handle is None:
            handle = self._adopted.pop(client_order_id, None)
        if handle is not None:
            self._owed.pop(handle, None)
            self.exposure.release(handle)

    def _move(self, asset: str, money: int) -> None:
        self.account.move(self._assets.number(asset), money)

    def _deny(
        self, strategy: int, intent: int, instrument: int, reason: DenialReason, observed: int, limit: int
    ) -> None:
        """Say no; a strategy that hears it too often is not listened to any more, before safety stops it."""
        if self._denials.deny(strategy, intent, instrument, reason, observed, limit, self.limits_version):
            self.limits.recents.enable(strategy, False)

    def _warn(self, warned: int) -> None:
        """Count each limit that is nearly used up, once a minute."""
        now_ns = self.context.now_ns
        for reason in DenialReason:
            if warned >> reason & 1 and now_ns - self._warned_ns.get(reason, -WARN_EVERY_NS) >= WARN_EVERY_NS:
                self._warned_ns[reason] = now_ns
                self.warnings[reason.name] = self.warnings.get(reason.name, 0) + 1

    def _adopt(self, balances: dict[str, int]) -> None:
        """Make positions of balances that were found: each in the first instrument that trades its asset."""
        left = dict(balances)
        for instrument in self.instruments:
            self.exposure.move(instrument.index, left.pop(instrument.base, 0) // lots_to_money(1, instrument.scale))
