from collections.abc import Callable, Mapping, Sequence
from typing import final

from engine.messages.market import Side
from engine.messages.orders import SubmitOrder
from engine.runtime.actor import Context
from gateways.binance.requests import Requests
from gateways.gate import Gate
from gateways.gateway import Connection
from hotpath.core.buckets import RateBuckets
from hotpath.core.encode import OrderTemplate

ORDER_WEIGHT: int

@final
class OrderTemplates:
    """The text of every order that needs no signature: a template for each instrument, side and kind."""

    def __init__(self, by_instrument_and_side: Mapping[tuple[int, Side], Sequence[OrderTemplate]]) -> None:
        """Take, for each instrument's index and side, the templates of GTC, IOC, FOK and post-only orders."""
    def fill(self, request_id: int, order: SubmitOrder, now_ns: int) -> bytes:
        """Return the bytes of an order. IndexError for an instrument without templates."""

@final
class Placement:
    """Places the orders of one session."""

    def __init__(
        self,
        buckets: RateBuckets,
        requests: Requests,
        gate: Gate,
        templates: OrderTemplates,
        sign: Callable[[int, SubmitOrder, int], tuple[bytes, bytes | None]] | None,
    ) -> None:
        """Take what an order passes; `sign` is None where nothing is signed, and returns a masked form, too."""
    def connect(
        self,
        context: Context,
        session: Connection,
        arm: Callable[[int], None],
        refuse: Callable[[SubmitOrder, str], None],
    ) -> None:
        """Send over the link of a session while it is READY.

        Args:
            context: tells the time.
            session: its link must be attached.
            arm: is called with a delay in ns when nobody watches over the deadlines of requests.
            refuse: hears of an order that did not leave, and why.
        """
    def on_submit(self, order: SubmitOrder) -> None:
        """Send an order, or report why it did not leave."""
