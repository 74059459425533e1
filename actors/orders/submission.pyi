from collections.abc import Callable, Sequence
from typing import final

from actors.orders.slot import Slot
from engine.ids import OrderIds
from engine.messages.approved import ApprovedOrder
from engine.messages.control import LimitsChanged
from engine.messages.orders import ApprovedAmend
from engine.runtime.actor import Context, Ref
from hotpath.core.units import Scale

@final
class Submission:
    """Makes the slot of an approval with `take`, or sends its order as well with `send`."""

    count: int
    """Orders that were sent, or would have been but for their gateway."""

    epoch: int
    """Of the trading state; an approval of another one is worth nothing."""
    limits_version: int
    """The newest that was told or seen; an approval of another one is worth nothing."""
    halting: bool
    """Whether trading stops, so that each order is asked about."""

    def __init__(
        self,
        ids: OrderIds,
        live: dict[int, Slot],
        by_id: dict[str, Slot],
        by_intent: dict[tuple[int, int], Slot],
        scales: Sequence[Scale],
        stopped: list[bool],
        counts: list[int],
        capacity: int,
    ) -> None:
        """Put orders into the three dictionaries of the book.

        Args:
            ids: numbers and names of orders.
            live: the book by number, which holds at most `capacity` orders.
            by_id: the book by client order id.
            by_intent: the book by strategy and intent.
            scales: by the instrument's index.
            stopped: whether each strategy was stopped; asked for every order.
            counts: of orders that are working, unknown, over; the first is counted up.
            capacity: orders that may be not over at once.
        """
    def connect(
        self,
        context: Context,
        gateways: Sequence[Ref],
        safety: Ref,
        hold: Callable[[ApprovedOrder], bool],
        lost: Callable[[Slot], None],
    ) -> None:
        """Give orders to the gateway of their instrument.

        Args:
            context: tells the trail.
            gateways: by the instrument's index.
            safety: hears of the first order that works, behind the order itself, which must not wait for it.
            hold: is asked when something may hold an order; True when it does, and then the order is dealt with.
            lost: takes the slot of an order that its gateway could not take.
        """
    def on_limits_changed(self, change: LimitsChanged) -> None:
        """Send nothing any more that was approved under other limits."""
    def take(self, approved: ApprovedOrder) -> Slot:
        """Number the order of an approval; returns its slot, which is in no book."""
    def unbound(self, approved: ApprovedOrder) -> str:
        """Return why an approval does not bind this order, or an empty text."""
    def unbound_amend(self, approved: ApprovedAmend, slot: Slot) -> str:
        """Return why an approval does not bind this amend of an order, or an empty text."""
    def on_approved(self, approved: ApprovedOrder) -> None:
        """Number the order, record it, mark it in flight, then give it to its gateway; unless something holds it.

        Raises:
            TypeError: it is no ApprovedOrder.
            IndexError: no instrument, or no strategy, of the run.
        """
