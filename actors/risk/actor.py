"""Risk: the only one who can approve an order. It checks, then reserves, in one handler, and hears what became of it.

The checks are one compiled pass (hotpath.orders.limits); this actor keeps its inputs up to date from the messages of
the desk, words denials and remembers which reservation belongs to which intent. A reservation is given back on the
venue's proof alone: an UNKNOWN order keeps it. Cancels always pass. It sends nothing to a venue itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from actors.risk.approval import APPROVED, NO_ORDER, Approval
from actors.risk.bounds import apply
from actors.risk.denials import Denials, MergedDenials
from actors.risk.inputs import DISK_FREE_PCT_MIN, Inputs
from actors.risk.manual import Manual, ManualExpired, ManualRules
from actors.risk.parking import Parking
from actors.risk.plans import Plans
from actors.risk.reservations import Reservations
from actors.risk.setup import Assets, build, restore
from actors.risk.slippage import Arrivals
from actors.risk.warnings import Warnings
from engine.audit.desk_state import DeskState
from engine.audit.fold import timestamp_ns
from engine.clock import NS_PER_MS
from engine.config.risk import RiskLimits
from engine.instruments import Instruments
from engine.limits import OPEN_ORDERS_MAX
from engine.messages.control import (
    Account,
    Action,
    ClockOffset,
    Health,
    InstrumentsKilled,
    LimitsChanged,
    ManualChanged,
    ManualDecision,
    Start,
    StateChanged,
    Stop,
    StopStrategy,
    StrategyEnabled,
    StrategyStopped,
    TradingState,
)
from engine.messages.market import FeedGap, FeedState, Quote, TopDepth
from engine.messages.orders import (
    AmendIntent,
    ApprovedAmend,
    ApprovedCancel,
    CancelIntent,
    DenialReason,
    OrderDenied,
    OrderIntent,
    ParentClosed,
    ParentOpened,
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
from hotpath.core.units import lots_to_money

_WHY = {
    DenialReason.EXECUTION_THROTTLE: "EXECUTION_THROTTLE: too many fills of one side of one instrument in a short time",
    DenialReason.REJECT_STREAK: "REJECT_STREAK: the venue refused too many of its orders in a row",
}
ORDER_APPROVE = Action.ORDER_APPROVE
BUSY = DenialReason.BUSY


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
        *,
        limits_version: int = 1,
        manual: ManualRules | None = None,
    ) -> None:
        """Take up what earlier runs left.

        Args:
            instruments: of the run.
            strategy_names: in the order of their indices.
            limits: those in force.
            state: positions, live orders, counts and intent numbers of earlier runs; None before the first run.
            capacity: orders that may live at once.
            venues: what the venue of each instrument takes as it is; Binance spot's when left out.
            limits_version: under which the limits are counted.
            manual: whether each order of a strategy waits for a person, and how long.

        Raises:
            ConfigError: the limits do not fit the instruments.
        """
        self.instruments = instruments
        self.limits_version = limits_version
        self.warnings = Warnings()
        self._state = state or DeskState()
        self._names = strategy_names
        self._adopting = limits.adopt and not self._state.opening
        self._assets = Assets()
        self.limits = build(instruments, strategy_names, limits, self._assets, capacity)
        self.exposure = self.limits.exposure
        self.account = self.limits.account
        self._handles, by_order = restore(self.limits, self._state, instruments, strategy_names)
        self.inputs = Inputs(self.limits, instruments, limits)
        self._arrivals = arrivals = Arrivals(self.limits.slippage, instruments, limits)
        arrivals.take_up(self._state, strategy_names, self._handles, by_order)
        told = (self._stop_strategy, arrivals, self._slipped)
        self.reservations = Reservations(self.limits, instruments, self._assets, self._handles, by_order, *told)
        if limits.adopt:
            self._adopt(self._state.opening)
        self._denials = Denials(instruments, len(strategy_names), limits.denials_max)
        self._told_state = TradingState.EMERGENCY
        self._crashed = not self._state.clean_stop
        """Whether this run follows a crash, and has not been NORMAL yet."""
        self._plans = Plans(self.limits.parents, self.limits_version)
        age_ns = limits.approval_age_ms * NS_PER_MS
        self._approval = Approval(self.limits, self._handles, self.limits_version, age_ns, arrivals)
        takes = venues or [VenueOrders()] * len(instruments)
        self._parking = Parking(self.limits, self._approval, self._denials, takes, self.limits_version)
        self.manual = self._manual_by(manual or ManualRules())

    def _manual_by(self, rules: ManualRules) -> Manual:
        self._approval.holding = rules.on
        return Manual(self, self._names, rules, self._handles, self._parking, self._state.unapproved)

    def handlers(self) -> type_of_handlers:
        """Name the handler of each message."""
        return {
            Start: self.on_start,
            Stop: self.on_stop,
            Quote: self._approval.on_quote,
            FeedState: self.inputs.on_feed_state,
            FeedGap: self.inputs.on_feed_gap,
            TopDepth: self.inputs.on_depth,
            OrderIntent: self._approval.on_order_intent,
            ParentOpened: self._plans.on_opened,
            ParentClosed: self._plans.on_closed,
            CancelIntent: self.on_cancel_intent,
            AmendIntent: self.on_amend_intent,
            OrderAccepted: self.reservations.on_accepted,
            OrderFilled: self.reservations.on_filled,
            OrderCanceled: self.reservations.on_gone,
            OrderExpired: self.reservations.on_gone,
            OrderRejected: self.reservations.on_rejected,
            OrderAmended: self.reservations.on_amended,
            OrderCancelRejected: self.reservations.on_nothing_new,
            OrderUnknown: self.reservations.on_unknown,
            WaitingOver: self._parking.on_over,
            Balances: self.on_balances,
            GatewayState: self.inputs.on_gateway_state,
            Account: self.inputs.on_account,
            ClockOffset: self.inputs.on_clock_offset,
            Health: self.on_health,
            StateChanged: self.on_state_changed,
            InstrumentsKilled: self.on_instruments_killed,
            LimitsChanged: self.on_limits_changed,
            ManualChanged: self.on_manual_changed,
            ManualDecision: self.manual.on_decision,
            ManualExpired: self.manual.on_expired,
            StrategyStopped: self.on_strategy_stopped,
            StrategyEnabled: self.on_strategy_enabled,
            MergedDenials: self._denials.on_merged,
        }

    @property
    def denied_count(self) -> int:
        """How many intents were denied."""
        return self._denials.count

    @property
    def last_denial(self) -> OrderDenied | None:
        """The latest of them."""
        return self._denials.last

    def on_start(self, _: Start) -> None:
        """Go on counting the orders of the day where an earlier run left off."""
        self._approval.connect(self.context, self.orders, self._aside, self._tell)
        self._denials.context = self._plans.context = self.context
        self._denials.safety = self.safety
        self._denials.strategies = self.strategies
        self._parking.connect(self.context, self.triggers, self._state, self.instruments, self._names)
        self.manual.begin()
        self.inputs.begin(self._state, self.context.now_ns)
        for strategy, reason in self.inputs.recall(self._state, self._names, self.context.now_ns):
            self._stop_strategy(strategy, reason)
        if self._state.day:
            self.limits.set_daily_count(timestamp_ns(f"{self._state.day}T12:00:00.000000000Z"), self._state.day_orders)

    def on_stop(self, _: Stop) -> None:
        """Record the denials that wait to be merged, and drop what nobody will decide about any more."""
        self.manual.drop_all("the run ends")
        self._denials.flush()

    # What the checks read.

    def on_balances(self, balances: Balances) -> None:
        """Take the venue's word for what we own; the fills in it were told before."""
        for asset, free, locked in balances.balances:
            self.account.set_balance(self._assets.number(asset), free + locked)
        if self._adopting:
            self._adopting = False
            self._adopt({asset: free + locked for asset, free, locked in balances.balances})

    def on_state_changed(self, change: StateChanged) -> None:
        """Take the trading state."""
        self._told_state = change.state
        self._crashed = self._crashed and change.state is not TradingState.NORMAL
        self._approval.set_epoch(change.epoch)
        self._set_state()
        if change.state is TradingState.EMERGENCY:
            self.manual.drop_all(change.reason)

    def on_limits_changed(self, change: LimitsChanged) -> None:
        """Judge by these limits from now on; what is reserved, counted or spent stays as it is."""
        limits = change.limits
        apply(self.limits, self.instruments, self._names, limits)
        self.inputs.set_bounds(limits)
        self._arrivals.set_bounds(limits)
        self._denials.set_max(limits.denials_max)
        self.limits_version = change.version
        self._approval.set_limits(change.version, limits.approval_age_ms * NS_PER_MS)
        self._parking.set_version(change.version)
        self._plans.set_version(change.version)

    def on_manual_changed(self, change: ManualChanged) -> None:
        """From now on let what strategies want wait for a person, or not; what waits already goes on waiting."""
        self._approval.holding = change.on

    def on_health(self, health: Health) -> None:
        """Take how the engine is; a disk that is nearly full lets nothing but reducing through, before it fails."""
        was_full = self.inputs.disk_is_full
        self.inputs.on_health(health)
        if self.inputs.disk_is_full is not was_full:
            self._set_state()
            self.context.record(
                Action.RISK_BLOCK,
                "disk",
                "data directory",
                before={"reduce_only": was_full},
                after={"reduce_only": not was_full},
                reason=f"{health.disk_free_pct} % of the disk are free, and {DISK_FREE_PCT_MIN} % are needed",
                metadata={"limits_version": self.limits_version},
            )

    def _set_state(self) -> None:
        full = self.inputs.disk_is_full
        state = min(self._told_state, TradingState.PROTECTIVE) if full else self._told_state
        self.limits.set_state(state, self._crashed)

    def on_instruments_killed(self, killed: InstrumentsKilled) -> None:
        """Permit nothing in these instruments but what a person closes there."""
        for instrument in self.instruments:
            self.limits.filters.set_killed(instrument.index, instrument.index in killed.instruments)

    def on_strategy_stopped(self, stopped: StrategyStopped) -> None:
        """Approve nothing of this strategy any more."""
        self.manual.drop_of(stopped.strategy)
        self.limits.recents.enable(stopped.strategy, False)
        self._plans.end_all(stopped.strategy)

    def on_strategy_enabled(self, enabled: StrategyEnabled) -> None:
        """A person enabled a strategy again; its denials are counted anew."""
        self.limits.recents.enable(enabled.strategy, True)
        self.limits.rates.forgive(enabled.strategy)
        self._denials.forgive(enabled.strategy)

    # What is asked of risk.

    def _aside(self, intent: OrderIntent) -> bool:
        """Keep an intent that waits for a person, or for the market; False when it goes the usual way."""
        if self._approval.holding and self.manual.hold(intent):
            return True
        return intent.terms is not None and self._parking.take(intent)

    def _tell(self, intent: OrderIntent, code: int) -> None:
        """Say what was not simply approved: denied, not deliverable, or approved with a limit nearly used up."""
        limits = self.limits
        if code == APPROVED:
            self.warnings.note(limits.warned, self.context.now_ns)
        elif code == BUSY:
            self.warnings.note(limits.warned, self.context.now_ns)
            self.reservations.release(intent.strategy, intent.intent, "")
            self.deny(intent.strategy, intent.intent, intent.instrument, DenialReason.BUSY, 0, 0)
            self.context.halt(f"orders could not take the approval of intent {intent.intent}")
        elif code == NO_ORDER:
            self.deny(intent.strategy, intent.intent, intent.instrument, DenialReason.ORDER_WELL_FORMED, 0, 0)
        else:
            reason = DenialReason(code)
            self.deny(intent.strategy, intent.intent, intent.instrument, reason, limits.observed, limits.limit)

    def on_cancel_intent(self, intent: CancelIntent) -> None:
        """Pass a cancel on: getting out of the market is never judged, and counted all the same."""
        if self._parking.waiting and self._parking.cancel(intent):
            return
        if self.manual.waiting and self.manual.withdraw(intent):
            return
        handle = self._handles.get((intent.strategy, intent.intent), 0)
        if handle:
            self.limits.rates.note_cancel(intent.strategy, self.exposure.order(handle)[0], self.context.now_ns)
        if self.orders.tell(ApprovedCancel(intent)) != ACCEPTED:
            self.context.halt(f"orders could not take the cancel of intent {intent.intent}")

    def on_amend_intent(self, intent: AmendIntent) -> None:
        """Judge what an amend adds, and reserve the larger of old and new."""
        if self._approval.holding and self.manual.hold(intent):
            return
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
            self.deny(intent.strategy, intent.intent, instrument, reason, limits.observed, limits.limit)
            return
        if limits.slippage.takes:
            self._arrivals.begin_amended(handle, instrument)
        side = self.exposure.order(handle)[1]
        seal = self._approval.seal_of_amend(instrument, side, intent.price_ticks, intent.lots)
        approved = ApprovedAmend(intent, handle, self.context.next_seq, seal)
        self.context.audit(ORDER_APPROVE, approved, intent.decision)
        if self.orders.tell(approved) != ACCEPTED:
            self.context.halt(f"orders could not take the amend of intent {intent.intent}")

    def judge(self, intent: OrderIntent | AmendIntent) -> None:
        """Judge an intent that waits no longer."""
        holding, self._approval.holding = self._approval.holding, False
        if isinstance(intent, OrderIntent):
            self._approval.on_order_intent(intent)
        else:
            self.on_amend_intent(intent)
        self._approval.holding = holding

    def deny(
        self, strategy: int, intent: int, instrument: int, reason: DenialReason, observed: int, limit: int
    ) -> None:
        """Say no; a strategy that hears it too often is not listened to any more, before safety stops it."""
        if self._denials.deny(strategy, intent, instrument, reason, observed, limit, self.limits_version):
            self.limits.recents.enable(strategy, False)

    def _stop_strategy(self, strategy: int, reason: DenialReason) -> None:
        """A strategy did too much of something: the checks approve nothing of it any more, and safety stops it."""
        if self.safety.tell(StopStrategy(strategy, _WHY[reason])) != ACCEPTED:
            self.context.halt(f"strategy {strategy} must be stopped ({_WHY[reason]}), and safety could not hear it")

    def _slipped(self, alarm: str, report: OrderFilled) -> None:
        """Tell, once a minute, of a fill that cost too much beyond the mid of its decision."""
        if self.warnings.once(DenialReason.SLIPPAGE_BUDGET, self.context.now_ns):
            metadata = {"limits_version": self.limits_version, "trade_id": report.trade_id}
            name = self.instruments[report.instrument].name
            self.context.record(Action.RISK_BLOCK, "slippage", name, reason=alarm, metadata=metadata)

    def _adopt(self, balances: dict[str, int]) -> None:
        """Make positions of balances that were found: each in the first instrument that trades its asset."""
        left = dict(balances)
        for instrument in self.instruments:
            self.exposure.move(instrument.index, left.pop(instrument.base, 0) // lots_to_money(1, instrument.scale))
