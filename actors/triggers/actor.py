"""The actor that keeps orders for which the venue has no type: they wait here for the market, the clock or a fill.

It owns when an order leaves, never whether: what is set off is a new intent that risk judges like any other, and what
risk denies does not leave. Prices set something off only while their book is synchronised and not crossed. Its orders
are on disk before a strategy hears of them, so that a restart finds them all; what an order's state becomes stands in
transitions.py, what happens to the orders that leave in children.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from actors.triggers.children import Children
from actors.triggers.emulated import PLAIN, Emulated
from actors.triggers.judge import Judge
from actors.triggers.transitions import TriggerEvent, TriggerState
from engine.audit.desk_state import WaitingOrder
from engine.config.triggers import OnRestart
from engine.instruments import Instruments
from engine.limits import TRIGGERS_MAX
from engine.messages.control import (
    Durable,
    Start,
    StateChanged,
    Stop,
    StrategyEnabled,
    StrategyStopped,
    TradingState,
)
from engine.messages.market import FeedGap, FeedState, Quote, Trade, TradesMissed, Watch
from engine.messages.orders import (
    ApprovedAmend,
    ApprovedCancel,
    ApprovedToWait,
    CancelAll,
    OrderDenied,
    OrderIntent,
    OrderType,
    TriggerBy,
)
from engine.messages.reports import (
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

S, E = TriggerState, TriggerEvent
LAST = TriggerBy.LAST


class _Due(Struct, frozen=True, gc=False):
    """The time of some order is over."""


class Triggers(Actor):
    """Keeps the orders that wait."""

    risk: Ref
    safety: Ref
    strategies: Sequence[Ref]
    feeds: Sequence[Ref]
    """The feed of each instrument, by the instrument's index."""
    myself: Ref
    """Where the audit writer says what is on disk."""

    def __init__(
        self,
        instruments: Instruments,
        strategy_names: Sequence[str],
        epoch: int,
        recovered: Sequence[Emulated] = (),
        on_restart: OnRestart = OnRestart.FIRE,
        capacity: int = TRIGGERS_MAX,
        orphans: Sequence[WaitingOrder] = (),
    ) -> None:
        """Take up what earlier runs left waiting.

        Args:
            instruments: of the run.
            strategy_names: in the order of their indices.
            epoch: stands in the name of each order's story in the trail.
            recovered: the orders of earlier runs that were not over.
            on_restart: what becomes of those of them that the market has reached meanwhile.
            capacity: orders that may wait at once.
            orphans: those of earlier runs that nobody of this one can own; they end with the start.
        """
        self._orphans = orphans
        self._names = strategy_names
        self._epoch = epoch
        self._recovered = recovered
        self.children = Children(instruments, strategy_names, capacity)
        self.book = self.children.book
        self.told = self.children.told
        for order in recovered:
            self.book.add(order)
        self.watched: dict[int, Watch] = {}
        """What feed was asked for, by the instrument's index; a feed that is made anew goes on with it."""
        self._recorded: dict[int, Emulated] = {}
        """What waits for the disk, by the seq of its record: one for each order at most."""
        self.judge = Judge(self.children, self._recorded, on_restart)
        self._stopped = [False] * len(strategy_names)
        self._halted = ""
        self._due_ns = 0
        self._timer = 0

    def handlers(self) -> type_of_handlers:
        """Name the handler of each message."""
        children, judge = self.children, self.judge
        return {
            Quote: judge.on_quote,
            Trade: judge.on_trade,
            TradesMissed: judge.on_trades_missed,
            FeedState: judge.on_feed_state,
            FeedGap: judge.on_feed_gap,
            ApprovedToWait: self.on_approved,
            ApprovedCancel: self.on_approved_cancel,
            ApprovedAmend: self.on_approved_amend,
            Durable: self.on_durable,
            OrderFilled: children.on_filled,
            OrderCanceled: children.on_canceled,
            OrderExpired: children.on_expired,
            OrderRejected: children.on_rejected,
            OrderDenied: children.on_denied,
            OrderAccepted: children.on_nothing_new,
            OrderAmended: children.on_nothing_new,
            OrderCancelRejected: children.on_cancel_rejected,
            OrderUnknown: children.on_unknown,
            CancelAll: self.on_cancel_all,
            StrategyStopped: self.on_strategy_stopped,
            StrategyEnabled: self.on_strategy_enabled,
            StateChanged: self.on_state_changed,
            Start: self.on_start,
            Stop: self.on_stop,
            _Due: self.on_due,
        }

    def summary(self) -> dict[str, int]:
        """Return how many orders wait, and what became of the others."""
        return {"waiting": len(self.book.orders), **self.told.counts()}

    def kept(self, strategy: int) -> list[tuple[OrderIntent, int, int, int]]:
        """Return a strategy's orders that wait, each with price, lots and filled lots, for one that begins anew."""
        return [
            (order.intent, order.price_ticks, order.lots, order.filled_lots)
            for order in self.book.orders.values()
            if order.intent.strategy == strategy
        ]

    # ---- the run

    def on_start(self, _: Start) -> None:
        """Arm again what earlier runs left, before anybody trades."""
        self.children.connect(self.context, self.risk, self.over)
        self.told.context, self.told.strategies = self.context, self.strategies
        self.told.safety, self.told.myself = self.safety, self.myself
        for kept in self._orphans:
            self.told.orphaned(kept)
        for order in self._recovered:
            if order.child:
                self.book.sent(order, order.child)
            self.told.moved(order, order.state, "kept over a restart")
            if order.terms.entry > 0 and not order.lots and self.book.entry_of(order) is None:
                self.children.cancel(order, "its entry is over")
            elif order.ambiguous:
                self.children.cancel(order, "nobody knows whether its order left before the crash: none is sent twice")
            elif order.over_soon:
                self.children.cancel(order, order.over_soon)
            else:
                self._look_after(order)

    def on_stop(self, _: Stop) -> None:
        """The run ends: nothing waits any more."""
        self._halted = "the run ends"
        self._cancel_where(reason=self._halted)

    def on_state_changed(self, change: StateChanged) -> None:
        """In an EMERGENCY nothing waits any more."""
        self.judge.state = change.state
        if change.state is TradingState.EMERGENCY:
            self._halted = f"trading is in EMERGENCY: {change.reason}"
            self._cancel_where(reason=self._halted)
        elif self._halted != "the run ends":
            self._halted = ""

    def on_strategy_stopped(self, stopped: StrategyStopped) -> None:
        """A stopped strategy's orders wait no more."""
        self._stopped[stopped.strategy] = True
        self._cancel_where(strategy=stopped.strategy, reason=f"the strategy was stopped: {stopped.reason}")

    def on_strategy_enabled(self, enabled: StrategyEnabled) -> None:
        """A person enabled a strategy again."""
        self._stopped[enabled.strategy] = False

    def on_cancel_all(self, everything: CancelAll) -> None:
        """Cancel every order, or those of a strategy or an instrument."""
        self._cancel_where(
            strategy=everything.strategy,
            instrument=everything.instrument,
            order=everything.order,
            reason=everything.reason,
        )

    # ---- from risk

    def on_approved(self, approved: ApprovedToWait) -> None:
        """Take an order up: it is recorded, and told when that is on disk."""
        intent = approved.intent
        terms = intent.terms
        assert terms is not None, "risk sends here what has terms"
        name = f"{self._epoch}-{self._names[intent.strategy]}-{intent.intent}"
        order = Emulated(
            intent, terms, f"trigger-{intent.intent}", name, approved.approval, intent.price_ticks, intent.lots,
            terms.trigger_ticks, cause=approved.audit_seq,
        )  # fmt: skip
        dormant = terms.entry > 0
        refusal = self._refusal(order)
        if refusal:
            order.state = S.REJECTED
            self.told.moved(order, S.PENDING, refusal)
            self.told.ended(order, refusal)
            self._forget(order)
            return
        if dormant:
            order.lots = 0
        self.book.add(order)
        after = S.DORMANT if dormant else S.FIRING if order.kind in PLAIN else S.ARMED
        self._recorded[self.told.taken(order, after, approved.audit_seq)] = order
        self._set_timer(terms.good_till_ns)

    def on_approved_cancel(self, approved: ApprovedCancel) -> None:
        """Cancel an order that waits, or the one that is out for it."""
        wish = approved.intent
        order = self.book.orders.get((wish.strategy, wish.intent))
        if order is not None:
            words = "canceled by a person" if wish.by_person else "canceled"
            self.children.cancel(order, words, must=wish.by_person)

    def on_approved_amend(self, approved: ApprovedAmend) -> None:
        """Change what an order waits for, or what it is for, while it waits."""
        wish = approved.intent
        order = self.book.orders.get((wish.strategy, wish.intent))
        if order is None:
            return
        trailing = order.kind is OrderType.TRAILING_STOP
        if order.state is not S.ARMED:
            self.told.amended(order, f"it is {order.state.name}: only an order that waits is amended", accepted=False)
        elif wish.lots <= order.filled_lots:
            self.told.amended(order, f"{order.filled_lots} lots are filled already", accepted=False)
        elif wish.trigger_ticks and trailing:
            self.told.amended(order, "a trailing stop follows the market and is not put", accepted=False)
        else:
            order.price_ticks, order.lots = wish.price_ticks, wish.lots
            order.level_ticks = wish.trigger_ticks or order.level_ticks
            order.cause = approved.audit_seq
            self.told.moved(order, order.state, "amended")
            self.told.amended(order, "", accepted=True)
            self.judge.again(order)

    def on_durable(self, durable: Durable) -> None:
        """Go on with what waited for the disk."""
        order = self._recorded.pop(durable.seq, None)
        if order is None:
            return
        if order.waits_for_disk:
            order.waits_for_disk = False
            self.children.send(order)
        elif order.state is S.PENDING:
            if order.terms.entry <= 0 and not order.leaves_lots:
                self.children.cancel(order, "another order of its group did all of it")
                return
            if order.terms.entry > 0:
                order.state = S.DORMANT
                if order.lots:
                    self.children.wake(order)
            else:
                order.state = S.ARMED
                self.told.armed += 1
                self.told.accepted(order)
            self._look_after(order)
            if order.kind in PLAIN and order.state is S.ARMED:
                self.judge.fire(order, "it waits for nothing", recorded=True)
            else:
                self.judge.again(order)

    # ---- the clock

    def on_due(self, _: _Due) -> None:
        """Take out every order whose time is over, and wait for the next."""
        now_ns = self.context.now_ns
        self._due_ns = 0
        for order in list(self.book.orders.values()):
            good_till_ns = order.terms.good_till_ns
            if good_till_ns and good_till_ns <= now_ns:
                self.children.lapse(order)
            elif good_till_ns:
                self._set_timer(good_till_ns)

    def _set_timer(self, due_ns: int) -> None:
        """See to it that somebody looks at the clock then: one timer serves all, the nearest end first."""
        if due_ns and (not self._due_ns or due_ns < self._due_ns):
            self.context.cancel_timer(self._timer)
            self._due_ns = due_ns
            self._timer = self.context.after(due_ns - self.context.now_ns, _Due())

    # ---- inside

    def _refusal(self, order: Emulated) -> str:
        """Return why an approved order may not wait, or nothing."""
        if self._halted:
            return self._halted
        if self._stopped[order.intent.strategy]:
            return "the strategy was stopped"
        if self.book.full:
            return f"{self.book.capacity} orders wait already (engine/limits.py, TRIGGERS_MAX)"
        if order.terms.entry > 0 and self.book.entry_of(order) is None:
            return "its entry is not there: it was denied, or is over"
        return ""

    def _cancel_where(self, *, strategy: int = -1, instrument: int = -1, order: str = "", reason: str) -> None:
        for each in list(self.book.orders.values()):
            whose = strategy in (-1, each.intent.strategy) and instrument in (-1, each.instrument)
            if whose and order in ("", each.id):
                self.children.cancel(each, reason)

    def over(self, order: Emulated) -> None:
        """An order is over: nobody keeps anything for it any more."""
        self.book.remove(order)
        self._forget(order)
        self._watch(order.instrument)

    def _look_after(self, order: Emulated) -> None:
        """Have the market of an order told, and its end watched."""
        self._set_timer(order.terms.good_till_ns)
        self._watch(order.instrument)

    def _watch(self, instrument: int) -> None:
        """Ask feed for what the orders of an instrument look at, and for nothing when there are none."""
        orders = self.book.on(instrument)
        watch = Watch(instrument, bool(orders), any(order.terms.trigger_by is LAST for order in orders))
        if watch != self.watched.get(instrument, Watch(instrument, False, False)):
            self.watched[instrument] = watch
            if not watch.quotes:
                self.judge.forget(instrument)
            self.feeds[instrument].tell(watch)

    def _forget(self, order: Emulated) -> None:
        self.children.forget(order)
