from typing import final

from hotpath.market.book_l3 import BookL3

@final
class FifoPosition:
    """Where one resting order stands among the orders of a book. Sides are 1 (buy) and -1 (sell).

    Source: price-time priority as venues with an order-by-order feed state it (for instance Nasdaq, Equity 4, rule
    4757: price, then display, then time); as a model, hftbacktest's L3FIFOQueueModel. Assumes that the venue matches by
    price and time, that hidden orders stand behind those displayed at their price, and that nobody reacts to ours.
    """

    side: int
    price_ticks: int
    open_lots: int

    def __init__(self, book: BookL3, side: int, price_ticks: int, lots: int) -> None:
        """Join the queue of a price behind everybody who is there. ValueError for what is no order."""
    @property
    def ahead_lots(self) -> int:
        """The lots before us now; it walks over their orders."""
    def on_execution(self, number: int, lots: int) -> int:
        """Return the lots of ours that an execution of the market's order would have filled instead.

        Tell of it before the book hears: ValueError when the order, or so much of it, is not there.
        """
    def on_hidden_execution(self, side: int, price_ticks: int, lots: int) -> int:
        """Return the same for an order of `side` that was never shown. ValueError for what is no execution."""
    def on_best(self, opposite_ticks: int) -> int:
        """Return the lots filled because the opposite best price, 0 when there is none, is at ours or through it."""
    def check(self) -> None:
        """Raise AssertionError when an invariant is broken."""
