from collections.abc import Callable
from typing import final

from actors.risk.slippage import Arrivals
from engine.messages.market import Quote
from engine.messages.orders import OrderIntent
from engine.runtime.actor import Context, Ref
from hotpath.orders.limits import Limits
from hotpath.orders.seal import Seal

APPROVED: int
NO_ORDER: int

@final
class Approval:
    """Approves intents by the limits of a run."""

    def __init__(
        self,
        limits: Limits,
        handles: dict[tuple[int, int], int],
        limits_version: int,
        age_ns: int,
        arrivals: Arrivals,
    ) -> None:
        """Keep the reservation of each (strategy, intent) in `handles`; an approval is valid for `age_ns`.

        Orders that trade at once are told to `arrivals`.
        """
    def set_limits(self, limits_version: int, age_ns: int) -> None:
        """Seal from now on with this version of the limits, for this long."""
    def set_epoch(self, epoch: int) -> None:
        """Seal from now on with this epoch of the trading state."""
    holding: bool
    """Whether every intent is shown to `aside`, not only those that have terms."""
    def connect(
        self,
        context: Context,
        orders: Ref,
        aside: Callable[[OrderIntent], bool],
        tell: Callable[[OrderIntent, int], None],
    ) -> None:
        """Say who hears what.

        Args:
            context: tells the trail.
            orders: gets the approvals.
            aside: takes an intent out of the usual way; True when it did.
            tell: hears of an intent what `take` returns, unless it was approved and no limit is nearly used up.
        """
    def on_order_intent(self, intent: OrderIntent) -> None:
        """Approve an intent that needs nobody else: the usual one, of which nothing more is to be said."""
    def on_quote(self, quote: Quote) -> None:
        """Note a reference price."""
    def seal_of_amend(self, instrument: int, side: int, price_ticks: int, lots: int) -> Seal:
        """Seal an amend that was approved: the whole order as it shall be, which rests."""
    def take(self, intent: OrderIntent) -> int:
        """Judge an intent: APPROVED and its approval is on its way, NO_ORDER, or the DenialReason why not.

        BUSY means that orders could not take the approval; its reservation stands.
        """
