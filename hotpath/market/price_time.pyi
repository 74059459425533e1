from typing import final

@final
class PriceTimeQueues:
    """The orders of one instrument by price and time; books and engines fill it, in Cython."""

    orders_max: int
    count: int

    def __init__(self, orders_max: int) -> None:
        """Make empty queues for at most `orders_max` orders, 1 to 2^24."""
    def __len__(self) -> int:
        """Count the orders."""
    def check(self) -> None:
        """Raise AssertionError when an invariant is broken."""
