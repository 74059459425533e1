from typing import final

from hotpath.market.book import Book

@final
class OwnOrders:
    """The lots that our own orders show, by price. Sides are 1 (buy) and -1 (sell)."""

    def __init__(self, levels_max: int = 20_000) -> None:
        """Begin with none; take the most prices of a side that our orders may stand at."""
    def add(self, side: int, ticks: int, lots: int) -> None:
        """Count `lots` more at a price, fewer when negative.

        Raises:
            ValueError: no side, no price, or fewer than none would be left.
            OverflowError: the lots do not fit int64, or the prices do not fit levels_max; nothing has changed.
        """
    def lots_at(self, side: int, ticks: int) -> int:
        """Return our lots at a price."""
    def depth(self, levels: int) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
        """Return (bids, asks): our best prices of each side as (ticks, lots), best first."""
    def net_depth(self, book: Book, levels: int) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
        """Return (bids, asks) of the book less our lots, the best `levels` of each side where something is left."""
    def clear(self) -> None:
        """Forget all of them."""
    def check(self) -> None:
        """Raise AssertionError when an invariant is broken."""
