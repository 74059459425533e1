from collections.abc import Callable, Sequence
from typing import final

from actors.orders.slot import Slot
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
        context: Context,
        next_id: Callable[[], tuple[int, str]],
        live: dict[int, Slot],
        by_id: dict[str, Slot],
        by_intent: dict[tuple[int, int], Slot],
        scales: Sequence[Scale],
        gateways: Sequence[Ref],
    ) -> None:
        """Put orders into the three dictionaries of the book; scales and gateways go by the instrument's index."""
    def take(self, approved: ApprovedOrder) -> Slot:
        """Number the order of an approval; returns its slot, which is in no book."""
    def send(self, approved: ApprovedOrder) -> Slot | None:
        """Number the order, record it, put it into the book and give it to its gateway.

        Returns None, or its slot when the gateway could not take it.

        Raises:
            TypeError: it is no ApprovedOrder.
            IndexError: no instrument of the run.
        """
