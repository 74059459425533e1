from typing import final

@final
class Expiries:
    """The orders of a matching engine that are good till a date; the engine fills it, in Cython."""

    count: int
    orders_max: int

    def __init__(self, orders_max: int) -> None:
        """Make it empty, for at most `orders_max` orders, 1 to 2^24."""
    def check(self) -> None:
        """Raise AssertionError when an invariant is broken."""
