"""The orders that leave for those that wait: when they may, what they bring, and what follows when they end.

One order of a group is at the venue at a time: another one's turn begins with the first one's end, and an execution
shrinks the others before anybody hears of it. An order that protects a position is tried again at every fresh quote for
as long as it lives; any other is over when its child is. It judges no price: actor.py says when something is set off.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from actors.triggers.emulated import Emulated, TriggerBook
from actors.triggers.told import Told
from actors.triggers.transitions import OVER, TRIGGER_TABLE, TriggerEvent, TriggerState
from engine.clock import NS_PER_SECOND
from engine.errors import InvariantError
from engine.instruments import Instruments
from engine.messages.control import Action
from engine.messages.market import Quote
from engine.messages.orders import CancelIntent, OrderDenied, WaitingOver
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
from engine.runtime.actor import Context, Ref
from hotpath.core.mailbox import ACCEPTED
from hotpath.core.units import Scale

S, E = TriggerState, TriggerEvent
ALERT_NS = 10 * NS_PER_SECOND
"""How often it is said that an order which protects a position cannot leave, while that lasts."""

ChildReport = (
    OrderAccepted
    | OrderAmended
    | OrderCanceled
    | OrderExpired
    | OrderRejected
    | OrderDenied
    | OrderCancelRejected
    | OrderUnknown
)
"""What may be told of an order that is out, fills apart: those count for orders that are over, too."""


class Children:
    """Sends the orders that were set off, and follows them."""

    context: Context
    risk: Ref

    def __init__(self, instruments: Instruments, strategy_names: Sequence[str], capacity: int) -> None:
        """`capacity`: orders that may wait at once."""
        self.book = TriggerBook(capacity, len(instruments))
        self.told = Told(instruments, strategy_names)
        self.fresh = [False] * len(instruments)
        """Whether the book of each instrument may be used."""
        self.quotes: list[Quote | None] = [None] * len(instruments)
        """The last quote that may be used."""
        self._instruments = instruments
        self._over: Callable[[Emulated], None] = lambda _: None

    def connect(self, context: Context, risk: Ref, over: Callable[[Emulated], None]) -> None:
        """`over` hears of every order that is."""
        self.context, self.risk, self._over = context, risk, over

    def scale(self, order: Emulated) -> Scale:
        """Return the scale of an order's instrument."""
        return self._instruments[order.instrument].scale

    # ---- what leaves

    def send(self, order: Emulated) -> None:
        """Send what is left of an order that was set off, if the market is fresh and it is its turn."""
        quote = self.quotes[order.instrument]
        if order.state is not S.FIRING or quote is None or not order.leaves_lots:
            return
        if not self._has_its_turn(order):
            return
        entry = self.book.entry_of(order)
        if entry is not None:
            self.cancel(entry, f"{order.id}, which lives by its fills, was set off")
        context = self.context
        child = order.child_intent(context.next_seq, quote, context.now_ns)
        order.cause = context.audit(Action.TRADE_DECISION, child, order.cause)
        self.book.sent(order, child.intent)
        order.state = TRIGGER_TABLE[order.state, E.SENT]
        if self.risk.tell(child) != ACCEPTED:
            context.halt(f"risk could not take the order of {order.id}")

    def _has_its_turn(self, order: Emulated) -> bool:
        """Return whether no other order of the group is out; one that is, is called back."""
        for other in self.book.siblings(order):
            if other.out:
                if other.state is S.WORKING:
                    self._move(other, E.RECALL, f"it is the turn of {order.id}")
                    self._cancel_child(other, must=True)
                return False
        return True

    def cancel(self, order: Emulated, reason: str, *, must: bool = True) -> None:
        """Cancel an order: at once while it waits, else when the order that is out for it is gone.

        What only its strategy wishes the venue may refuse; anybody else's wish stands until it is so.
        """
        self._give_up(order, E.CANCEL, reason, must=must)

    def lapse(self, order: Emulated) -> None:
        """The time of an order is over."""
        self._give_up(order, E.LAPSE, "its time is over", must=True)

    def _give_up(self, order: Emulated, event: TriggerEvent, reason: str, *, must: bool) -> None:
        before = order.state
        if before in OVER:
            return  # with its entry, a moment ago
        after = TRIGGER_TABLE[before, event]
        if after in OVER:
            self._end(order, event, reason)
        elif after is not before or (must and not order.given_up):
            order.given_up = order.given_up or must
            self._move(order, event, reason)
            self._cancel_child(order, must=order.given_up)

    def _cancel_child(self, order: Emulated, *, must: bool) -> None:
        """Ask for the end of the order that is out; what must go is asked for until it is gone."""
        if order.child:
            wish = CancelIntent(order.intent.strategy, order.child, must, self.context.now_ns)
            if self.risk.tell(wish) != ACCEPTED:
                self.context.halt(f"risk could not take the cancel of {order.id}")

    # ---- fills

    def on_filled(self, fill: OrderFilled) -> None:
        """One execution: the others of the group shrink first, those that live by it grow, then the strategy hears."""
        order = self.book.of_child(fill.strategy, fill.intent)
        if order is None:
            self.told.tell_strategy(fill.strategy, fill)
            return
        late = fill.intent != order.child
        counted_lots = min(order.owed_lots, fill.lots) if late else 0
        order.owed_lots -= counted_lots
        if not late:
            order.child_filled_lots += fill.lots
        order.filled_lots += fill.lots
        self._shrink_others(order, fill.lots - counted_lots)
        if order.state in OVER:
            self.told.filled_by(order, fill, done=True)
            self._grow_legs(order, fill.lots - counted_lots)
            return
        if fill.done and not late:
            order.child = 0
        event = self._outcome(order, E.DONE) if order.out and not order.child else None
        done = event is not None and TRIGGER_TABLE[order.state, event] is S.FILLED
        self.told.filled_by(order, fill, done=done)
        self._grow_legs(order, fill.lots - counted_lots)
        if event is not None:
            self._child_over(order, event, "its order is filled")

    def _shrink_others(self, order: Emulated, lots: int) -> None:
        """Take from the others of a group what one of them has done, told or not."""
        for other in list(self.book.siblings(order)) if lots else ():
            self._shrink(other, lots)

    def _shrink(self, order: Emulated, lots: int) -> None:
        """Take from an order what another one of its group has done."""
        order.lots = max(order.lots - lots, order.filled_lots)
        if order.state is S.PENDING:
            return
        if order.leaves_lots or order.out or self.book.entry_of(order) is not None:
            self.told.moved(order, order.state, "another order of its group was filled")
            self.told.amended(order, "another order of its group was filled", accepted=True)
        else:
            self._end(order, E.CANCEL, "another order of its group did all of it")

    def _grow_legs(self, entry: Emulated, lots: int) -> None:
        """Have what lives by the fills of an entry protect what was filled, told or not."""
        for leg in list(self.book.legs(entry)) if lots else ():
            self._grow(leg, lots)

    def _grow(self, order: Emulated, lots: int) -> None:
        """Bring an order to life, or let it grow, by what its entry was filled."""
        order.lots = min(order.lots + lots, order.intent.lots)
        if order.state is S.DORMANT:
            self.wake(order)
        elif order.state is not S.PENDING:
            self._move(order, E.WOKEN, "its entry was filled")
            self.told.amended(order, "its entry was filled", accepted=True)

    def wake(self, order: Emulated) -> None:
        """An order that lived by another one's fills waits for the market now."""
        self._move(order, E.WOKEN, "its entry was filled")
        self.told.armed += 1
        self.told.accepted(order)

    # ---- the ends of children

    def on_canceled(self, report: OrderCanceled) -> None:
        """An order that was out was taken back."""
        self._gone(report, E.GONE, "its order was canceled")

    def on_expired(self, report: OrderExpired) -> None:
        """The venue took an order out that was out."""
        self._gone(report, E.OUT, "its order expired at the venue")

    def _gone(self, report: OrderCanceled | OrderExpired, event: TriggerEvent, reason: str) -> None:
        order = self._of(report)
        if order is not None:
            owed_lots = max(report.filled_lots - order.child_filled_lots, 0)
            order.owed_lots += owed_lots
            order.child = 0
            self._shrink_others(order, owed_lots)
            self._grow_legs(order, owed_lots)
            self._over_with(order, event, reason)

    def on_rejected(self, report: OrderRejected) -> None:
        """An order never came to the venue, or was refused there."""
        order = self._of(report)
        if order is None:
            return
        order.child = 0
        if order.protective and not report.sent:
            self._alert(order, report.text)
            self._over_with(order, E.AGAIN, f"its order did not leave: {report.text}")
        else:
            self._over_with(order, E.REFUSED, report.text, code=report.code, sent=report.sent)

    def on_denied(self, denied: OrderDenied) -> None:
        """Risk denied an order that was set off: what protects a position is tried again, anything else is over."""
        order = self._of(denied)
        if order is None:
            return
        order.child = 0
        text = f"risk denied its order: {denied.reason.name}, {denied.observed} against {denied.limit}"
        if order.protective:
            self._alert(order, text)
            self._over_with(order, E.AGAIN, text)
        else:
            self._over_with(order, E.REFUSED, text)

    def on_cancel_rejected(self, report: OrderCancelRejected) -> None:
        """A cancel was refused: the order that is out works on."""
        order = self._of(report)
        if order is not None and order.out:
            if order.state is not S.ENDING or not order.given_up:
                self._move(order, E.CANCEL_REFUSED, report.text)
            self.told.passed_on(order, report)

    def on_unknown(self, report: OrderUnknown) -> None:
        """Nobody knows the fate of an order that is out; the strategy hears it under its own number."""
        order = self._of(report)
        if order is not None:
            self.told.passed_on(order, report)

    def on_nothing_new(self, report: OrderAccepted | OrderAmended) -> None:
        """The order that is out works: after it was UNKNOWN the strategy hears so."""
        order = self._of(report)
        if order is not None and isinstance(report, OrderAmended):
            self.told.passed_on(order, report)

    def _over_with(
        self, order: Emulated, event: TriggerEvent, reason: str, *, code: int = 0, sent: bool = False
    ) -> None:
        """No order is out any more; executions that the venue counts and nobody told are waited for."""
        outcome = self._outcome(order, event)
        if outcome is not None:
            self._child_over(order, outcome, reason, code=code, sent=sent)

    def _outcome(self, order: Emulated, event: TriggerEvent) -> TriggerEvent | None:
        """Return what the end of the order that was out means for the one that waits; None: more is to be told."""
        working = order.state is S.WORKING
        if not order.leaves_lots:
            if order.owed_lots:
                return None
            lives_on = self.book.entry_of(order) is not None and order.state in (S.WORKING, S.RECALLING)
            return E.BACK if lives_on else E.DONE
        if order.state is S.RECALLING:
            return E.BACK
        if working and (event is E.DONE or (event in (E.GONE, E.OUT) and order.protective and order.at_market)):
            return E.AGAIN  # it has grown meanwhile, or it protects and the market was too thin
        if not working and event in (E.DONE, E.AGAIN):
            return E.GONE if event is E.DONE else E.REFUSED
        return event

    def _child_over(
        self, order: Emulated, event: TriggerEvent, reason: str, *, code: int = 0, sent: bool = False
    ) -> None:
        """The order is over, waits anew or sends another one; then it may be the turn of another one of its group."""
        if TRIGGER_TABLE[order.state, event] in OVER:
            self._end(order, event, reason, code=code, sent=sent)
        else:
            self._move(order, event, reason)
        for other in list(self.book.siblings(order)):
            if other.state is S.FIRING and not other.waits_for_disk:
                self.send(other)

    def _alert(self, order: Emulated, reason: str) -> None:
        now_ns = self.context.now_ns
        if not order.alerted_ns or now_ns - order.alerted_ns >= ALERT_NS:
            order.alerted_ns = now_ns
            self.told.alert(order, reason)

    # ---- inside

    def _of(self, report: ChildReport) -> Emulated | None:
        """Return the order whose child a report is about, if that child is out now."""
        order = self.book.of_child(report.strategy, report.intent)
        return order if order is not None and order.child == report.intent else None

    def _move(self, order: Emulated, event: TriggerEvent, reason: str) -> None:
        before = order.state
        after = TRIGGER_TABLE.get((before, event))
        if after is None:
            raise InvariantError(f"{order.id} is {before.name}: {event.name} cannot happen to it")
        order.state = after
        self.told.moved(order, before, reason)

    def _end(self, order: Emulated, event: TriggerEvent, reason: str, *, code: int = 0, sent: bool = False) -> None:
        """An order is over; those that lived by its fills end with it, or with what they have."""
        self._move(order, event, reason)
        self.told.ended(order, reason, code=code, sent=sent)
        self._over(order)
        for leg in list(self.book.legs(order)):
            if leg.out or leg.leaves_lots:
                continue
            self._end(leg, E.CANCEL, "its entry is over")

    def forget(self, order: Emulated) -> None:
        """Have risk keep nothing for an order that is over."""
        if self.risk.tell(WaitingOver(*order.key)) != ACCEPTED:
            self.context.halt(f"risk could not hear that {order.id} is over")
