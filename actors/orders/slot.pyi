from typing import final

from engine.messages.market import Side
from engine.messages.orders import TimeInForce
from hotpath.core.units import Scale

TRADES_MAX: int
NO_STRATEGY: int

@final
class Slot:
    """One order; compare two of them with `is`. What each field means stands in slot.pxd."""

    number: int
    client_order_id: str
    strategy: int
    intent: int
    instrument: int
    side: Side
    time_in_force: TimeInForce
    post_only: bool
    shrinks: bool
    price_ticks: int
    lots: int
    approval: int
    scale: Scale
    sent_ns: int
    cause: int
    for_waiting: bool
    state: int
    filled_lots: int
    earlier_lots: int
    accepted: bool
    cancel_wanted: bool
    must_cancel: bool
    contradicted: bool
    trade_ids: dict[int, None] | None
    forgotten_trade_id: int
    ask: bool
    absent: bool
    absent_since_ns: int
    short_since_ns: int
    next_id: str
    next_absent: bool
    next_price_ticks: int
    next_lots: int
    gone: bool
    ids: tuple[str, ...]

    def __init__(
        self,
        number: int,
        client_order_id: str,
        strategy: int,
        intent: int,
        instrument: int,
        side: Side,
        time_in_force: TimeInForce,
        post_only: bool,
        shrinks: bool,
        price_ticks: int,
        lots: int,
        approval: int,
        scale: Scale,
        sent_ns: int,
        cause: int,
        state: int = ...,
        filled_lots: int = 0,
        accepted: bool = False,
        next_id: str = "",
        ids: tuple[str, ...] = (),
        trade_ids: dict[int, None] | None = None,
        for_waiting: bool = False,
    ) -> None:
        """Begin IN_FLIGHT, or where an earlier run left off."""
    @property
    def leaves_lots(self) -> int:
        """What is still to be filled while the order works."""
    @property
    def over(self) -> bool:
        """Whether the order is in a terminal state."""
    def knows(self, trade_id: int) -> bool:
        """Return whether this execution was applied already."""
    def remember(self, trade_id: int) -> None:
        """Note an execution."""
    def replace_id(self) -> None:
        """Go on under the id, price and quantity of the replacement, which is proved to be in the book."""
    def drop_replacement(self) -> None:
        """Go on as before the amend."""
