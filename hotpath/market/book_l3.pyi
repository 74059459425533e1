from enum import IntEnum
from typing import final

class BookOutcome(IntEnum):
    """What became of a message about one order, in order of precedence; up to EXCESSIVE nothing has changed."""

    INVALID = 1
    """Unknown side, a price or lots below 1, or a count of zeros outside 0 to 18."""
    DUPLICATE = 2
    """An order with this number stands in the book."""
    UNKNOWN = 3
    """No order has this number."""
    FULL = 4
    """orders_max orders stand in the book."""
    EXCESSIVE = 5
    """More lots than the order has open, or than its price can hold within int64."""
    OPEN = 6
    """The order stands in the book."""
    GONE = 7
    """The order has left the book."""

@final
class BookL3:
    """The orders of one instrument as a feed tells of them, in price-time priority. Sides are 1 (buy) and -1 (sell).

    `unprinted_zeros` says how many zeros at the end of a quantity the venue left out (1.25 at 8 decimals: 6), which
    only a checksum over printed text asks for. Every number is an int: anything else is a TypeError, what does not fit
    int64 an OverflowError that names it.
    """

    executions_count: int
    hidden_executions_count: int

    def __init__(self, orders_max: int = 1_048_576) -> None:
        """Make an empty book for at most `orders_max` orders, 1 to 2^24. Memory is taken as it is needed, and kept."""
    @property
    def orders_max(self) -> int:
        """The most orders that the book may hold."""
    @property
    def crossed(self) -> bool:
        """Whether the best bid is at or above the best ask."""
    def __len__(self) -> int:
        """Count the orders."""
    def add(self, number: int, side: int, ticks: int, lots: int, unprinted_zeros: int = 0) -> BookOutcome:
        """Put an order behind all others of its price."""
    def set_lots(self, number: int, lots: int, unprinted_zeros: int = 0) -> BookOutcome:
        """Give an order another size: with fewer lots it keeps its place, with more it goes behind all others."""
    def reduce(self, number: int, lots: int) -> BookOutcome:
        """Cancel a part of an order, `lots` of it; it keeps its place, and all of it takes it out."""
    def cancel(self, number: int) -> BookOutcome:
        """Take an order out."""
    def execute(self, number: int, lots: int) -> BookOutcome:
        """Take what was traded from an order, wherever it stands, and count it."""
    def execute_hidden(self, ticks: int, lots: int) -> None:
        """Count the execution of an order that was never shown: the book stays as it is.

        ValueError unless both are positive.
        """
    def replace(self, number: int, new_number: int, ticks: int, lots: int, unprinted_zeros: int = 0) -> BookOutcome:
        """Put an order with another number, price and size in the place of one, on its side, behind all others."""
    def clear(self) -> None:
        """Take every order out; the memory and the counters stay."""
    def truncate(self, levels: int) -> int:
        """Take out every order beyond the best `levels` prices of each side; returns how many."""
    def best(self) -> tuple[int, int, int, int]:
        """Return (bid_ticks, bid_lots, ask_ticks, ask_lots), zeros where a side is empty."""
    def counts(self) -> tuple[int, int]:
        """Return how many prices (bids, asks) have."""
    def depth(self, levels: int) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
        """Return (bids, asks): the best levels of each side as (ticks, lots), best first."""
    def lots_at(self, side: int, ticks: int) -> int:
        """Return the lots of a price, 0 where nothing rests."""
    def order(self, number: int) -> tuple[int, int, int] | None:
        """Return (side, ticks, lots) of an order, None when there is no such order."""
    def orders_at(self, side: int, ticks: int) -> tuple[tuple[int, int], ...]:
        """Return (number, lots) of the orders of a price, first to last."""
    def check(self) -> None:
        """Raise AssertionError when an invariant is broken."""
