from collections.abc import Sequence
from typing import final

from hotpath.core.units import Scale

@final
class Filters:
    """What the venue accepts in an order of each instrument: steps, bounds, smallest value, types."""

    instruments_count: int

    def __init__(self, scales: Sequence[Scale]) -> None:
        """Take the scale of each instrument; none may be traded before its rules are known."""
    def set_filter(
        self,
        instrument: int,
        *,
        permitted: bool,
        price_step_ticks: int,
        quantity_step_lots: int,
        lots_min: int,
        lots_max: int,
        market_lots_max: int,
        price_ticks_min: int,
        price_ticks_max: int,
        notional_min: int,
    ) -> None:
        """Take the rules of one instrument; a maximum of 0 is none, `notional_min` is money of the quote currency."""
    def is_permitted(self, instrument: int) -> bool:
        """Return whether the instrument may be traded."""
    def set_ready(self, instrument: int, ready: bool | None) -> None:
        """Say whether the venue takes orders of an instrument now; None: nobody knows, as at first."""
    def set_killed(self, instrument: int, killed: bool) -> None:
        """Say whether a person killed an instrument; new rules leave that as it is."""
    def is_well_formed(
        self,
        instrument: int,
        side: int,
        type: int,
        time_in_force: int,
        post_only: bool,
        price_ticks: int,
        lots: int,
        mid_ticks: int,
    ) -> bool:
        """Return whether the venue would take such an order; a market order has price 0 and is valued at the mid."""

def check_arguments(lots: object, price_ticks: object, post_only: object, reduce_only: object) -> None:
    """Refuse arguments that are no order, whatever an instrument's rules are; their author hears it at once.

    Raises:
        TypeError: lots or ticks are not an int, or a flag is neither True nor False.
        OverflowError: a number does not fit int64.
    """
