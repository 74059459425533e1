from collections.abc import Iterable
from fractions import Fraction
from typing import final

from hotpath.core.units import Scale

@final
class Average:
    """A weighted average price, kept as (cost, lots) and divided only to be shown.

    Slippage is measured against a reference price and is positive when it went against us.
    """

    def __init__(self, fills: Iterable[tuple[int, int]] = ()) -> None:
        """Start with fills of (price in ticks, lots)."""
    @property
    def lots(self) -> int:
        """How many lots were filled."""
    @property
    def cost(self) -> int:
        """The sum of ticks x lots, exact."""
    @property
    def price_ticks(self) -> Fraction | None:
        """The average price in ticks, exact; None when nothing was filled."""
    def add(self, price_ticks: int, lots: int) -> None:
        """Count one fill in.

        Raises:
            ValueError: a price or quantity that is not positive.
            OverflowError: the lots do not fit int64; nothing was added.
        """
    def slippage_ticks(self, side: int, reference_ticks: int) -> Fraction | None:
        """Return how many ticks worse than the reference the average is; None when nothing was filled."""
    def slippage_bps(self, side: int, reference_ticks: int) -> Fraction | None:
        """Return the same in hundredths of a percent of the reference; None when nothing was filled."""
    def slippage_money(self, side: int, reference_ticks: int, scale: Scale) -> int | None:
        """Return what the difference cost, money of the quote currency rounded up; None when nothing was filled.

        Raises:
            OverflowError: it does not fit int64.
        """
    def check(self) -> None:
        """Raise AssertionError when the average contradicts itself."""

def sweep(levels: Iterable[tuple[int, int]], lots: int) -> Average:
    """Return what `lots` would pay through the levels of one side, best first; its lots are fewer where the book ends.

    Raises:
        ValueError: `lots` is not positive.
    """
