from collections.abc import Sequence
from typing import final

from actors.orders.slot import Slot
from engine.ids import OrderIds
from engine.messages.orders import ApprovedOrder
from engine.runtime.actor import Context, Ref
from hotpath.core.units import Scale

@final
class Submission:
    """Makes the slot of an approval with `take`, or sends its order as well with `send`."""

    count: int
    """Orders that were sent, or would have been but for their gateway."""

    def __init__(
        self,
        ids: OrderIds,
        live: dict[int, Slot],
        by_id: dict[str, Slot],
        by_intent: dict[tuple[int, int], Slot],
        scales: Sequence[Scale],
    ) -> None:
        """Put orders into the three dictionaries of the book; scales go by the instrument's index."""
    def connect(self, context: Context, gateways: Sequence[Ref]) -> None:
        """Give orders to the gateway of their instrument, and tell the trail through `context`."""
    def take(self, approved: ApprovedOrder) -> Slot:
        """Number the order of an approval; returns its slot, which is in no book."""
    def send(self, approved: ApprovedOrder) -> Slot | None:
        """Number the order, record it, put it into the book and give it to its gateway.

        Returns None, or its slot when the gateway could not take it.

        Raises:
            TypeError: it is no ApprovedOrder.
            IndexError: no instrument of the run.
        """
