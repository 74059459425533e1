from collections.abc import Iterable
from fractions import Fraction
from typing import final

from hotpath.core.units import Scale
from hotpath.market.book import Book

@final
class Average:
    """A weighted average price, kept as (cost, lots) and divided only to be shown.

    What is measured against a reference is positive when it went against us, price improvement when it went for us.
    A side is 1 (buy) or -1 (sell); ValueError for another one, and for a reference that is not positive.
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
            OverflowError: one of them, or the lots in all, does not fit int64; nothing was added.
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
    def effective_spread_ticks(self, side: int, mid_ticks_twice: int) -> Fraction | None:
        """Return twice how far the average is beyond the mid of the moment when the order came; None without a fill.

        Source: Huang and Stoll (1996), effective spread 2 D (P - M); SEC Rule 605 measures the same.
        """
    def realised_spread_ticks(self, side: int, later_mid_ticks_twice: int) -> Fraction | None:
        """Return the same against the mid some time after the fill: what was left of the spread for its giver.

        Source: Huang and Stoll (1996), realised spread 2 D (P - M later). Effective less realised is the price impact.
        """
    def price_improvement_ticks(self, side: int, quote_ticks: int) -> Fraction | None:
        """Return how many ticks better than the quote on the other side the average is; None when nothing was filled.

        Source: SEC Rule 605, per share against the best quote when the order came; negative is disimprovement.
        """
    def implementation_shortfall(
        self, side: int, decision_ticks: int, ordered_lots: int, last_ticks: int, scale: Scale, fees: int = 0
    ) -> int:
        """Return what deciding at one price and trading at others cost, money of the quote currency rounded up.

        The filled lots cost what they paid beyond the decision price, those that were not filled what the market has
        moved away since, and fees (money of the quote currency) are added. Without a fill only the rest counts.

        Source: Perold (1988), paper return less real return.

        Raises:
            ValueError: fewer lots were ordered than were filled, or a price or quantity is not positive.
            OverflowError: it does not fit int64.
        """
    def check(self) -> None:
        """Raise AssertionError when the average contradicts itself."""

def sweep_book(book: Book, side: int, lots: int) -> Average:
    """Return what an order of `lots` would pay through the book; its lots are fewer where the book ends.

    Raises:
        ValueError: no side, or `lots` is not positive.
    """

def sweep(levels: Iterable[tuple[int, int]], lots: int) -> Average:
    """Return what `lots` would pay through the levels of one side, best first; its lots are fewer where the book ends.

    Raises:
        ValueError: `lots` or what a level holds is not positive.
    """
