"""Finding out: orders that are UNKNOWN, reports of orders that nobody knows, and reconciliation with each venue.

It asks and never guesses. An UNKNOWN order is asked for every two seconds; that the venue does not know it counts only
after the grace period (the venue's own window for late requests, and time for it to show what it has) and a
reconciliation, asked for after that, which did not show it either. An id of ours that we do not know is looked for on
every instrument, taken up, and cancelled. Each venue is compared at its connect and from then on without end; when
nothing is left to ask portfolio hears Reconciled, compares the money, and tells safety.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from actors.orders.moves import IN_FLIGHT, PENDING_AMEND, PENDING_CANCEL, UNKNOWN, Moves
from actors.orders.reconcile import MissingFill, NotShown, Orphan, OrphanFill, ShownOpen, reconcile
from actors.orders.slot import NO_STRATEGY, Slot
from actors.orders.strangers import Strangers
from actors.orders.venue_view import OVERLAP_NS, Timing, Venue
from engine.instruments import Instruments
from engine.messages.control import Action, Reconciled
from engine.messages.orders import QueryOrder, ReconcileRequest, TimeInForce
from engine.messages.reports import AmendRejected, Canceled, Expired, Filled, Rejected, VenueOrder, VenueState
from engine.runtime.actor import Context, Ref
from hotpath.core.mailbox import REFUSED
from hotpath.orders.transitions import OrderState

OPEN_STATUSES = ("NEW", "PARTIALLY_FILLED")


class Inquiry:
    """Everything that has to be asked for."""

    context: Context
    safety: Ref
    portfolio: Ref
    gateways: Sequence[Ref]

    def __init__(
        self,
        instruments: Instruments,
        moves: Moves,
        parse: Callable[[str], object],
        since_ns: int,
        timing: Timing,
    ) -> None:
        """`parse` returns None for an id that is not ours; the first reconciliation begins at `since_ns`."""
        self._instruments = instruments
        self._moves = moves
        self._is_ours: Callable[[str], bool] = lambda name: parse(name) is not None
        self._every_ns = timing.every_ns
        self.foreign_count = 0
        self.venues: dict[str, Venue] = {}
        for instrument in instruments:
            name = instrument.venue
            self.venues.setdefault(name, Venue(name, instrument.index, since_ns, timing.grace_ns(name)))
        grace_ns = max((venue.grace_ns for venue in self.venues.values()), default=0)
        self.strangers = Strangers(self._ask_everywhere, grace_ns)

    # ---- sessions and rounds

    def session(self, name: str, *, ready: bool) -> None:
        """A venue's session came or went; a new one cannot answer what the old one was asked."""
        venue = self.venues[name]
        venue.ready = ready
        venue.fetching = False
        if not ready:
            return
        for slot in list(self._of(venue)):
            if slot.state in (IN_FLIGHT, PENDING_CANCEL, PENDING_AMEND):
                self._moves.lose(slot, "the session that was asked is gone")
        self.begin(venue)

    def begin_all(self) -> None:
        """Reconcile with every venue that is up; one that is down is compared when it is back."""
        for venue in self.venues.values():
            if venue.ready:
                self.begin(venue)

    def begin(self, venue: Venue) -> None:
        """Reconcile from the beginning."""
        venue.owe(self.context.now_ns)
        venue.asked.clear()
        self._fetch(venue)

    def _compare_again(self, venue: Venue) -> None:
        """Compare a venue that has been compared before; one whose last comparison is not settled goes on with it."""
        now_ns = self.context.now_ns
        if venue.fetching or now_ns - venue.begun_ns < self._every_ns:
            return
        if venue.owed:
            venue.begun_ns = now_ns
        else:
            venue.owe(now_ns)
        self._fetch(venue, routine=True)

    def round(self) -> None:
        """Ask again for what is still unknown, cancel again what must go, and compare what was not for a while."""
        for venue in self.venues.values():
            if not venue.ready:
                continue
            self._compare_again(venue)
            for slot in list(self._of(venue)):
                if slot.state == UNKNOWN or slot.ask:
                    self._moves.query(slot)
                if slot.cancel_wanted:
                    self._cancel_again(slot)
            for client_order_id, instrument in venue.asked.items():
                slot_asked = self._moves.book.get(client_order_id)
                if slot_asked is None or slot_asked.over or not slot_asked.ask:
                    self._query(client_order_id, instrument)
        self.strangers.look()

    def demand_cancel(self, slot: Slot) -> None:
        """Have an order cancelled because the desk must; of one whose fate is unknown that is tried at once."""
        known = slot.must_cancel
        self._moves.want_cancel(slot, must=True)
        if slot.state == UNKNOWN and not known and self._venue_of(slot).ready:
            self._moves.send_cancel(slot)

    def _cancel_again(self, slot: Slot) -> None:
        if slot.state == UNKNOWN:
            self._moves.send_cancel(slot)
        else:
            self._moves.pursue(slot)

    # ---- reconciliation

    def compare(self, state: VenueState) -> None:
        """Take a venue's truth: apply what it shows and ask for what it does not."""
        venue = self.venues[state.venue]
        venue.fetching = False
        self._note_absent(venue, state)
        live = list(self._of(venue))
        revived: dict[str, int] = {}
        for correction in reconcile(live, self._moves.book.get, self._is_ours, state, venue.fetched_ns):
            match correction:
                case MissingFill(slot, fill):
                    venue.corrections += 1
                    self._record_recovered(fill, slot, correction.identity(venue.name))
                    self._moves.filled(slot, fill)
                case OrphanFill(fill) if fill.time_ns >= venue.since_ns:  # older ones were compared or told before
                    venue.corrections += 1
                    self._record_recovered(fill, None, correction.identity(venue.name))
                    self.strangers.hold(fill)
                case Orphan(order):
                    venue.corrections += 1
                    self._adopt(order)
                case ShownOpen(slot, order) if slot.over and order.client_order_id == slot.client_order_id:
                    self._shown_after_its_end(venue, slot, revived)
                case ShownOpen(slot, order):
                    self._resolve(slot, order)
                case NotShown(slot) if not slot.over:
                    venue.asked[slot.client_order_id] = slot.instrument
                    self._moves.query(slot)
        self.strangers.look()
        venue.revived = revived
        venue.since_ns = max(venue.since_ns, state.time_ns - OVERLAP_NS)

    def _shown_after_its_end(self, venue: Venue, slot: Slot, revived: dict[str, int]) -> None:
        """Cancel what is over and stands in two truths in a row: the first may have been older than the end."""
        order = slot.client_order_id
        revived[order] = 1
        if order in venue.revived:
            venue.corrections += 1
            self._moves.cancel_replaced(slot, order)
            self._moves.contradict(slot, "NEW")
            self.context.halt(f"the venue has {order} in its book, which is over; it is cancelled")

    def settle(self) -> None:
        """Tell portfolio that a venue's orders are reconciled, as soon as nothing is left to ask there."""
        for venue in self.venues.values():
            if not venue.owed or not venue.ready or venue.fetching or venue.asked or self.strangers:
                continue
            if any(slot.state == UNKNOWN or slot.ask for slot in self._of(venue)):
                continue
            venue.owed = False
            done = Reconciled(venue.name, venue.corrections, tuple(venue.differences), self.context.now_ns)
            if self.portfolio.tell(done) == REFUSED:
                self.context.halt(f"{venue.name} is reconciled and nobody could hear it")

    def fetch_fills(self, slot: Slot) -> None:
        """Ask for the executions that the venue counts for an order and that nobody told us, until it shows them."""
        venue = self._venue_of(slot)
        now_ns = self.context.now_ns
        slot.short_since_ns = slot.short_since_ns or now_ns
        if now_ns - slot.short_since_ns >= venue.grace_ns:
            venue.differences.append(f"executions of {slot.client_order_id} are missing")
            self.context.halt(f"the venue counts executions of {slot.client_order_id} that it does not show")
            return
        venue.asked[slot.client_order_id] = slot.instrument
        self._fetch(venue, slot.sent_ns)

    def _fetch(self, venue: Venue, from_ns: int = 0, *, routine: bool = False) -> None:
        """Ask for the venue's whole truth, unless it is on its way; what is urgent overtakes what is routine."""
        if not venue.ready or (venue.fetching and not venue.routine):
            return
        venue.fetching, venue.routine, venue.fetched_ns = True, routine, self.context.now_ns
        since_ns = min([venue.since_ns, *(slot.sent_ns for slot in self._of(venue))])
        request = ReconcileRequest(max(min(since_ns, from_ns or since_ns), 0), routine)
        if self.gateways[venue.index].tell(request) == REFUSED:
            self.context.halt(f"the gateway of {venue.name} could not take the request to reconcile")

    def _note_absent(self, venue: Venue, state: VenueState) -> None:
        """Mark the orders that a truth asked for after the grace period does not show."""
        shown = {order.client_order_id for order in state.open_orders}
        shown.update(fill.client_order_id for fill in state.fills)
        for slot in self._of(venue):
            if slot.state == UNKNOWN and not slot.accepted and slot.client_order_id not in shown:
                slot.absent = venue.fetched_ns - slot.sent_ns >= venue.grace_ns

    # ---- one order

    def answer(self, order: VenueOrder) -> None:
        """Take the venue's answer about one order."""
        slot = self._moves.book.get(order.client_order_id)
        venue = self.venues[self._instruments[order.instrument].venue]
        venue.asked.pop(order.client_order_id, None)
        if slot is not None:
            self._resolve(slot, order)
        elif order.client_order_id in self.strangers and order.status != "NOT_FOUND":
            self._adopt(order)

    def _resolve(self, slot: Slot, order: VenueOrder) -> None:
        """Let the venue's word about an order decide what it is."""
        if order.client_order_id == slot.next_id:
            if order.status in ("NOT_FOUND", "REJECTED"):
                sure = order.status == "REJECTED" or self.context.now_ns - slot.sent_ns >= self._venue_of(slot).grace_ns
                slot.next_absent = slot.next_absent or sure
                return
            slot.next_price_ticks, slot.next_lots = order.price_ticks, order.lots
            self._moves.amended(slot)
        if order.client_order_id != slot.client_order_id:
            if order.status in OPEN_STATUSES:
                self._moves.cancel_replaced(slot, order.client_order_id)
            return
        if order.status == "NOT_FOUND":
            self._not_found(slot)
            return
        if order.filled_lots > slot.filled_lots - slot.earlier_lots:
            slot.ask = False
            self.fetch_fills(slot)
            return
        slot.short_since_ns = 0
        if slot.next_id:
            self._resolve_amend(slot, order)
            return
        slot.ask = False
        if order.status in OPEN_STATUSES:
            self._moves.proved_open(slot)
        elif order.status == "CANCELED":
            self._moves.gone(slot, Canceled(order.client_order_id, order.filled_lots, order.time_ns))
        elif order.status == "EXPIRED":
            self._moves.gone(slot, Expired(order.client_order_id, order.filled_lots, order.time_ns))
        elif order.status == "REJECTED":
            self._moves.rejected(slot, Rejected(order.client_order_id, 0, "rejected", order.time_ns))
        elif not slot.over:
            self._moves.contradict(slot, f"{order.status} with {order.filled_lots} lots, all of them known,")

    def _resolve_amend(self, slot: Slot, order: VenueOrder) -> None:
        """Decide an amend whose replacement the venue does not have, by what the old order is."""
        if not slot.next_absent:
            if slot.state == UNKNOWN:
                self._moves.query(slot)
            return
        gone = order.status not in OPEN_STATUSES
        text = "the venue does not have the replacement"
        slot.ask = False
        self._moves.amend_refused(slot, AmendRejected(slot.client_order_id, slot.next_id, gone, 0, text, order.time_ns))

    def _not_found(self, slot: Slot) -> None:
        """Believe that the venue does not have an order only when it had every chance to show it."""
        now_ns, grace_ns = self.context.now_ns, self._venue_of(slot).grace_ns
        slot.absent_since_ns = slot.absent_since_ns or now_ns
        if slot.accepted:
            if now_ns - slot.absent_since_ns >= grace_ns and not slot.contradicted:
                self._moves.contradict(slot, "NOT_FOUND")
                self.context.halt(f"the venue does not know {slot.client_order_id}, which was in its book")
        elif slot.state == UNKNOWN and now_ns - slot.sent_ns >= grace_ns:
            if slot.absent:
                self._moves.proved_absent(slot)
            else:
                self._fetch(self._venue_of(slot), slot.sent_ns)

    def resolved_by(self, user: str, client_order_id: str) -> None:
        """Take a person's word that an order is over: only where asking had its time and proved nothing."""
        slot = self._moves.book.get(client_order_id)
        if slot is None or slot.state != UNKNOWN:
            refusal = "no such order" if slot is None else "it is not UNKNOWN"
        elif self.context.now_ns - slot.sent_ns < self._venue_of(slot).grace_ns:
            refusal = "the venue may still show it; wait until the grace period is over"
        else:
            refusal = ""
        self.context.record(
            Action.ORDER_RECOVERED,
            "order",
            client_order_id,
            actor=f"user:{user}",
            cause=0 if slot is None else slot.cause,
            reason=f"refused: {refusal}" if refusal else "a person says that it is over",
        )
        if slot is not None and not refusal:
            self._venue_of(slot).asked.pop(client_order_id, None)
            slot.drop_replacement()
            if slot.accepted:
                filled_lots = slot.filled_lots - slot.earlier_lots
                self._moves.gone(slot, Canceled(client_order_id, filled_lots, self.context.now_ns))
            else:
                self._moves.proved_absent(slot)
            self.settle()

    # ---- ids of ours that nobody knows

    def stray_fill(self, fill: Filled) -> None:
        """Keep an execution of an order that nobody knows: it is recorded, looked for, and trading halts.

        While a reconciliation is under way it may be of an earlier run whose records were cut off: then nothing halts.
        """
        ours = self._is_ours(fill.client_order_id)
        self._record_recovered(fill, None)
        if ours:
            self.strangers.filled(fill)
        if not ours or not any(venue.owed for venue in self.venues.values()):
            self.context.halt(f"trade {fill.trade_id} belongs to {fill.client_order_id!r}, an order that nobody knows")

    def stray(self, client_order_id: str) -> None:
        """Take any other report of an order that nobody knows: look for it if it is ours, count it if not."""
        if self._is_ours(client_order_id):
            self.strangers.look_for(client_order_id)
        else:
            self.foreign_count += 1

    def _adopt(self, order: VenueOrder) -> None:
        """Take up an order of ours that we did not know, and have it cancelled."""
        slot = Slot(
            number=self._moves.book.next_negative(),
            client_order_id=order.client_order_id,
            strategy=NO_STRATEGY,
            intent=0,
            instrument=order.instrument,
            side=order.side,
            time_in_force=TimeInForce.GTC,
            post_only=False,
            shrinks=False,
            price_ticks=order.price_ticks,
            lots=order.lots,
            approval=0,
            scale=self._instruments[order.instrument].scale,
            sent_ns=self.context.now_ns,
            cause=self.context.audit(Action.ORDER_RECOVERED, order),
            state=UNKNOWN,
            accepted=True,
        )
        self._moves.add(slot)
        for fill in self.strangers.take(order.client_order_id):
            self._moves.filled(slot, fill)
        self._moves.want_cancel(slot, must=True)
        self._resolve(slot, order)

    def _record_recovered(self, fill: Filled, slot: Slot | None, correction: str = "") -> None:
        """Say that an execution was found; the record of the execution itself follows as soon as its order is known."""
        self.context.record(
            Action.ORDER_RECOVERED,
            "order",
            fill.client_order_id,
            cause=0 if slot is None else slot.cause,
            after={"state": "UNKNOWN" if slot is None else OrderState(slot.state).name},
            reason=f"an execution {'of an order that nobody knows' if slot is None else 'that no report had told'}",
            metadata={
                "correction": correction,
                "lots": fill.lots,
                "price_ticks": fill.price_ticks,
                "trade_id": fill.trade_id,
            },
        )

    def _ask_everywhere(self, client_order_id: str) -> None:
        for instrument in self._instruments:
            self._query(client_order_id, instrument.index)

    def _query(self, client_order_id: str, instrument: int) -> None:
        slot = self._moves.book.get(client_order_id)
        question = QueryOrder(0 if slot is None else slot.number, client_order_id, instrument)
        if self.gateways[instrument].tell(question) == REFUSED:
            self.context.halt(f"the gateway could not take a question about {client_order_id}")

    def _venue_of(self, slot: Slot) -> Venue:
        return self.venues[self._instruments[slot.instrument].venue]

    def _of(self, venue: Venue) -> list[Slot]:
        instruments = self._instruments
        return [slot for slot in self._moves.book.live.values() if instruments[slot.instrument].venue == venue.name]
