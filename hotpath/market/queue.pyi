from typing import final

@final
class QueuePosition:
    """Where one resting order stands in the queue of its price. Sides are 1 (buy) and -1 (sell)."""

    side: int
    price_ticks: int
    open_lots: int
    step_lots: int
    ahead_lots: int
    """Lots before us; below 0 while less than a whole step has traded past the front."""

    def __init__(
        self,
        side: int,
        price_ticks: int,
        lots: int,
        displayed_lots: int,
        *,
        step_lots: int = 1,
        crossed: bool = False,
    ) -> None:
        """Join the queue behind `displayed_lots`.

        Fills are whole steps. `crossed` says that the opposite best crosses our price already, because we took what we
        wanted of it: only when it comes to cross anew are we filled by it.
        """
    def on_trade(self, price_ticks: int, lots: int, aggressor_side: int) -> int:
        """Return the lots of ours that a trade of the market fills."""
    def on_level(self, displayed_lots: int) -> None:
        """Learn what the level at our price displays now."""
    def on_best(self, opposite_ticks: int) -> int:
        """Return the lots filled because the opposite best price, 0 when there is none, came to cross ours."""
    def check(self) -> None:
        """Raise AssertionError when an invariant is broken."""
