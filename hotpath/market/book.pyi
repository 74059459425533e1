from typing import final

from hotpath.market.levels import Levels

@final
class Book:
    """The price levels of one instrument. Sides are 1 (buy) and -1 (sell), as in engine.messages.market.Side."""

    def __init__(self, levels_max: int = 20_000) -> None:
        """Take the most levels that a side may hold; beyond it the worst is dropped and counted in `capped`."""
    @property
    def levels_max(self) -> int:
        """The most levels that a side may hold."""
    @property
    def capped(self) -> int:
        """How many levels were dropped because their side was full."""
    @property
    def untouched_count(self) -> int:
        """How many levels of each side, from the best, the last load, apply, update or clear left as they were.

        depth(n) is the same as before for every n up to it.
        """
    def best_levels(self, levels: int) -> tuple[Levels, Levels]:
        """Return (bids, asks) as `depth` does, each as a batch that costs no object for a level."""
    @property
    def crossed(self) -> bool:
        """Whether the best bid is at or above the best ask."""
    def load(self, bids: Levels, asks: Levels) -> None:
        """Replace the whole book."""
    def apply(self, bids: Levels, asks: Levels) -> bool:
        """Set absolute quantities, 0 deletes, in their order; returns whether the best prices or quantities changed."""
    def update(self, side: int, ticks: int, lots: int) -> bool:
        """Set one level, 0 lots deletes; returns whether the best changed. ValueError for a level that cannot be."""
    def clear(self) -> None:
        """Empty both sides; the memory stays."""
    def truncate(self, levels: int) -> None:
        """Drop every level beyond the best `levels` of each side, as some venues ask for after each message."""
    def best(self) -> tuple[int, int, int, int]:
        """Return (bid_ticks, bid_lots, ask_ticks, ask_lots), zeros where a side is empty."""
    def counts(self) -> tuple[int, int]:
        """Return how many levels (bids, asks) have."""
    def depth(self, levels: int) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
        """Return (bids, asks): the best levels of each side as (ticks, lots), best first."""
    def lots_at(self, side: int, ticks: int) -> int:
        """Return the quantity at a price, 0 where there is none."""
    def check(self) -> None:
        """Raise AssertionError unless order, quantities and counters are sound."""
