from hotpath.market.book import Book

def sweep_cost(book: Book, side: int, lots: int) -> tuple[int, int, int]:
    """Return what an order of `side` for `lots` pays through the book: (cost, filled lots, worst price in ticks).

    The cost is in ticks x lots, exact; the filled lots are fewer where the book ends, and zeros say that it is empty.

    Raises:
        ValueError: no side, or lots below 1.
    """

def cumulative_depth(book: Book, side: int, levels: int) -> tuple[tuple[int, int], ...]:
    """Return (ticks, lots at this price and better) of the best `levels` of a side, best first."""

def lots_within(book: Book, side: int, ticks: int) -> int:
    """Return the lots of a side at `ticks` or better, exact beyond int64."""

def imbalance(book: Book, levels: int = 1) -> float | None:
    """Return (bid lots - ask lots) / (bid lots + ask lots) of the best levels, -1 to 1; None where a side is empty.

    Source: Cartea, Jaimungal and Penalva, Algorithmic and High-Frequency Trading (2015), chapter 12. The sums are
    exact, the quotient is within 2 ulp.
    """

def microprice(book: Book) -> float | None:
    """Return (bid x ask lots + ask x bid lots) / (bid lots + ask lots) of the best, in ticks; None for an empty side.

    The weighted mid, as Gatheral and Oomen (Zero-intelligence realized variance estimation, 2010) use it;
    Stoikov (The micro-price, 2018) starts from it. The error is at most 2 ulp of the price and 3 of the spread. Of a
    crossed book it lies between the two prices all the same.
    """
