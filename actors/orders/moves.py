"""Every change of an order's state, in one place: the table is asked, the slot is moved, the world is told.

It owns the book of slots and the counts of open orders. It knows nothing of approvals, sessions and reconciliation:
whoever calls it has found the slot and knows what happened. What the table calls illegal changes nothing, is counted,
and is audited once for each order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from actors.orders.reports import Reports
from actors.orders.slot import Slot
from actors.orders.slot_book import SlotBook
from engine.messages.control import Action, OpenOrders
from engine.messages.orders import CancelOrder, QueryOrder
from engine.messages.reports import AmendRejected, Canceled, Expired, Filled, Rejected
from engine.runtime.actor import Context, Ref
from hotpath.core.mailbox import ACCEPTED, REFUSED
from hotpath.orders.lifecycle import advance, is_terminal
from hotpath.orders.transitions import OrderEvent, OrderState

IN_FLIGHT, OPEN, PARTIAL = int(OrderState.IN_FLIGHT), int(OrderState.OPEN), int(OrderState.PARTIAL)
PENDING_CANCEL, PENDING_AMEND = int(OrderState.PENDING_CANCEL), int(OrderState.PENDING_AMEND)
UNKNOWN, FILLED = int(OrderState.UNKNOWN), int(OrderState.FILLED)
NEVER_WORKED = (int(OrderState.REJECTED), int(OrderState.FAILED))

E_ACCEPTED, E_FILL_PART, E_FILL_WHOLE = OrderEvent.ACCEPTED, OrderEvent.FILL_PART, OrderEvent.FILL_WHOLE

WORKING, IN_THE_DARK, OVER = range(3)
GROUP_OF = tuple(
    OVER if is_terminal(state) else IN_THE_DARK if state is OrderState.UNKNOWN else WORKING for state in OrderState
)
"""For each state whether its order counts as working, as unknown, or not at all."""


class Moves:
    """Moves orders through their life."""

    context: Context
    safety: Ref
    gateways: Sequence[Ref]

    def __init__(self, capacity: int) -> None:
        """`capacity`: how many orders may be not over at once."""
        self.book = SlotBook(capacity)
        self.reports = Reports()
        self.counts = [0, 0, 0]
        """Orders that are working, unknown, over."""
        self.duplicates_count = 0
        self.illegal_count = 0

    def begin(self, slot: Slot) -> None:
        """Take up an order of this run that will never leave: it fails in the same turn, and safety need not hear."""
        self.book.begin(slot)
        self.counts[WORKING] += 1

    def add(self, slot: Slot) -> None:
        """Take up an order of an earlier run."""
        self.book.add(slot)
        self._count(slot.state, 1)

    def move(self, slot: Slot, event: OrderEvent) -> bool:
        """Let an event happen to an order; False when it is illegal, and then nothing has changed."""
        before = slot.state
        after = advance(before, event)
        if after == before:
            return True
        if after < 0:
            self.contradict(slot, event.name)
            return False
        if after == OPEN and slot.filled_lots:
            after = PARTIAL
        slot.state = after
        if GROUP_OF[before] != GROUP_OF[after]:
            self._count(before, -1)
            self._count(after, 1)
            if GROUP_OF[after] == OVER:
                self.book.end(slot)
        return True

    def contradict(self, slot: Slot, what: str) -> None:
        """Note something that cannot be; it is audited once for each order."""
        self.illegal_count += 1
        if not slot.contradicted:
            slot.contradicted = True
            self.context.record(
                Action.DEADLETTER,
                "order",
                slot.client_order_id,
                cause=slot.cause,
                reason=f"{what} cannot happen to an order that is {OrderState(slot.state).name}; nothing was changed",
                metadata={"message": what},
            )

    # ---- the venue's reports

    def accepted(self, slot: Slot) -> None:
        """The venue has the order in its book."""
        first = not slot.accepted
        if self.move(slot, E_ACCEPTED) and first:
            self._prove(slot)
            if slot.state != UNKNOWN:
                self.reports.tell_accepted(slot)
            self.pursue(slot)

    def filled(self, slot: Slot, fill: Filled) -> None:
        """Apply one execution, once: a fill proves the accept, and counts after the end too."""
        if slot.knows(fill.trade_id):
            self.duplicates_count += 1
            return
        if fill.client_order_id == slot.next_id:
            self.amended(slot)
        slot.remember(fill.trade_id)
        was = slot.state
        if not slot.accepted:
            self._prove(slot)
            if was == IN_FLIGHT:
                self.move(slot, E_ACCEPTED)
                self.reports.tell_accepted(slot)
        slot.filled_lots += fill.lots
        if fill.client_order_id != slot.client_order_id:
            slot.earlier_lots += fill.lots
            slot.lots += fill.lots
        self.move(slot, E_FILL_WHOLE if slot.filled_lots >= slot.lots else E_FILL_PART)
        if slot.state == FILLED and was != FILLED:
            self.reports.filled += 1
        self.reports.tell_filled(slot, fill)
        if slot.filled_lots > slot.lots:
            self.context.halt(
                f"{slot.client_order_id} is filled with {slot.filled_lots} lots, more than its {slot.lots}"
            )
        if was in NEVER_WORKED:
            self.context.halt(f"{slot.client_order_id} was filled although it was {OrderState(was).name}")
        self.pursue(slot)

    def gone(self, slot: Slot, report: Canceled | Expired) -> bool:
        """The order left the book. Returns whether the venue counts executions that nobody told us yet."""
        if report.client_order_id == slot.next_id:
            self.amended(slot)
        if report.client_order_id != slot.client_order_id:
            return False
        if slot.next_id:
            slot.gone = self.move(slot, OrderEvent.REPLACED_GONE) or slot.gone
            return False
        was_over = slot.over
        canceled = isinstance(report, Canceled)
        if not self.move(slot, OrderEvent.CANCELED if canceled else OrderEvent.EXPIRED) or was_over:
            return False
        self._prove(slot)
        filled_lots = max(slot.filled_lots, slot.earlier_lots + report.filled_lots)
        if canceled:
            self.reports.tell_canceled(slot, filled_lots)
        else:
            self.reports.tell_expired(slot, filled_lots)
        return filled_lots > slot.filled_lots

    def rejected(self, slot: Slot, report: Rejected) -> None:
        """The venue refused the order."""
        if slot.accepted:
            self.contradict(slot, OrderEvent.REJECTED.name)
            return
        was_over = slot.over
        if self.move(slot, OrderEvent.REJECTED) and not was_over:
            self.reports.tell_rejected(slot, report.code, report.text, sent=True)

    def cancel_rejected(self, slot: Slot, code: int, text: str) -> None:
        """The venue refused a cancel: the order is what it was, or gone; the next round asks which."""
        was = slot.state
        if self.move(slot, OrderEvent.CANCEL_REJECTED) and was == PENDING_CANCEL:
            slot.ask = True
            slot.cancel_wanted = slot.must_cancel
            self.reports.tell_cancel_rejected(slot, code, text)

    def amended(self, slot: Slot) -> None:
        """The replacement is in the book."""
        if slot.over:
            self._send(slot, CancelOrder(slot.number, slot.next_id, slot.instrument))
            self.context.halt(
                f"{slot.next_id} replaces {slot.client_order_id}, which was over already; it is cancelled"
            )
            slot.drop_replacement()
        elif self.move(slot, OrderEvent.AMENDED):
            slot.replace_id()
            self._prove(slot)
            self.reports.tell_amended(slot, "", accepted=True)
            self.pursue(slot)

    def amend_refused(self, slot: Slot, report: AmendRejected) -> None:
        """The replacement was refused; the old order works on, or went in the attempt."""
        lost = report.old_is_gone or slot.gone
        was_over = slot.over
        if not self.move(slot, OrderEvent.AMEND_LOST if lost else OrderEvent.AMEND_REJECTED):
            return
        slot.drop_replacement()
        if was_over:
            return
        self.reports.tell_amended(slot, report.text, accepted=False)
        if lost:
            self.reports.tell_canceled(slot, slot.filled_lots)
        else:
            self.pursue(slot)

    def lose(self, slot: Slot, text: str) -> None:
        """Nobody knows what became of the last request."""
        was = slot.state
        if self.move(slot, OrderEvent.AMBIGUOUS) and not slot.over:
            slot.ask = True
            if slot.state != was:
                self.reports.tell_unknown(slot, text)
                self.query(slot)

    def not_sent(self, slot: Slot, text: str) -> None:
        """The last request never left us: a cancel is tried again at the next round, an amend is off."""
        was = slot.state
        if not self.move(slot, OrderEvent.NOT_SENT):
            return
        if was == IN_FLIGHT:
            self.reports.tell_rejected(slot, 0, text, sent=False)
        elif was == PENDING_AMEND:
            slot.drop_replacement()
            self.reports.tell_amended(slot, text, accepted=False)

    # ---- what we found out

    def proved_open(self, slot: Slot) -> None:
        """The venue shows the order in its book."""
        slot.ask = False
        slot.absent_since_ns = 0
        was = slot.state
        if self.move(slot, OrderEvent.PROVED_OPEN) and was in (UNKNOWN, IN_FLIGHT):
            self._prove(slot)
            self.reports.tell_accepted(slot)
        self.pursue(slot)

    def proved_absent(self, slot: Slot) -> None:
        """The venue never had the order."""
        if self.move(slot, OrderEvent.PROVED_ABSENT):
            self.reports.tell_rejected(slot, 0, "the venue never had it: not found after the grace period", sent=False)

    # ---- what we ask for

    def want_cancel(self, slot: Slot, *, must: bool) -> None:
        """Wish an order cancelled; it is asked for as soon as the order works."""
        slot.cancel_wanted = True
        slot.must_cancel = slot.must_cancel or must
        self.pursue(slot)

    def pursue(self, slot: Slot) -> None:
        """Send the cancel that is wished for, if the order can be cancelled now."""
        if slot.cancel_wanted and slot.state in (OPEN, PARTIAL):
            self.send_cancel(slot)

    def send_cancel(self, slot: Slot) -> None:
        """Ask the venue to cancel; an order that is UNKNOWN stays so, the cancel is a try."""
        cancel = CancelOrder(slot.number, slot.client_order_id, slot.instrument)
        slot.cause = self.context.audit(Action.ORDER_CANCEL, cancel, slot.cause)
        self.move(slot, OrderEvent.CANCEL_SENT)
        self._send(slot, cancel)

    def cancel_replaced(self, slot: Slot, client_order_id: str) -> None:
        """Ask the venue to cancel an order that was replaced and is in its book nevertheless."""
        cancel = CancelOrder(slot.number, client_order_id, slot.instrument)
        slot.cause = self.context.audit(Action.ORDER_CANCEL, cancel, slot.cause)
        self._send(slot, cancel)

    def query(self, slot: Slot) -> None:
        """Ask the venue about an order: about its replacement first, as long as that may exist."""
        asked = slot.next_id if slot.next_id and not slot.next_absent else slot.client_order_id
        self._send(slot, QueryOrder(slot.number, asked, slot.instrument))

    def _send(self, slot: Slot, message: Any) -> None:
        if self.gateways[slot.instrument].tell(message) == REFUSED:
            self.context.halt(f"the gateway could not take {type(message).__name__} of {slot.client_order_id}")

    def _prove(self, slot: Slot) -> None:
        """Note that the venue had the order in its book."""
        if not slot.accepted:
            slot.accepted = True
            self.reports.accepted += 1

    def _count(self, state: int, change: int) -> None:
        """Count an order in or out; safety hears when working or unknown orders come to or from none."""
        group = GROUP_OF[state]
        counts = self.counts
        counts[group] += change
        if group == IN_THE_DARK or (group != OVER and counts[group] == (0 if change < 0 else 1)):
            self.tell_open()

    def tell_open(self) -> None:
        """Tell safety how many orders are out."""
        if self.safety.tell(OpenOrders(self.counts[WORKING], self.counts[IN_THE_DARK])) != ACCEPTED:
            self.context.halt("safety does not hear how many orders are open")
