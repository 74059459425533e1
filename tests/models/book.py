"""A price-level book as two sorted dictionaries: short, obvious and slow."""

from __future__ import annotations

from collections.abc import Iterable

from sortedcontainers import SortedDict  # type: ignore[import-untyped]

BUY, SELL = 1, -1


class BookModel:
    """What hotpath.market.book.Book must be equal to after the same steps."""

    def __init__(self, levels_max: int) -> None:
        """Begin empty; a side holds `levels_max` levels at most."""
        self.levels_max = levels_max
        self.capped = 0
        self.sides: dict[int, SortedDict[int, int]] = {BUY: SortedDict(), SELL: SortedDict()}

    def set(self, side: int, ticks: int, lots: int) -> None:
        """Set one level; 0 lots deletes."""
        levels = self.sides[side]
        if lots == 0:
            levels.pop(ticks, None)
            return
        levels[ticks] = lots
        if len(levels) > self.levels_max:
            levels.popitem(0 if side == BUY else -1)
            self.capped += 1

    def apply(self, bids: Iterable[tuple[int, int]], asks: Iterable[tuple[int, int]]) -> None:
        """Set levels of both sides in their order."""
        for ticks, lots in bids:
            self.set(BUY, ticks, lots)
        for ticks, lots in asks:
            self.set(SELL, ticks, lots)

    def load(self, bids: Iterable[tuple[int, int]], asks: Iterable[tuple[int, int]]) -> None:
        """Replace the whole book."""
        self.clear()
        self.apply(bids, asks)

    def clear(self) -> None:
        """Empty both sides."""
        for levels in self.sides.values():
            levels.clear()

    def depth(self, count: int) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
        """Return the best `count` levels of both sides, best first."""
        bids = tuple(reversed(self.sides[BUY].items()))
        return bids[:count], tuple(self.sides[SELL].items())[:count]

    def best(self) -> tuple[int, int, int, int]:
        """Return (bid_ticks, bid_lots, ask_ticks, ask_lots), zeros where a side is empty."""
        bids, asks = self.depth(1)
        return (*(bids[0] if bids else (0, 0)), *(asks[0] if asks else (0, 0)))

    def crossed(self) -> bool:
        """Whether the best bid is at or above the best ask."""
        bid_ticks, _, ask_ticks, _ = self.best()
        return bid_ticks >= ask_ticks > 0
