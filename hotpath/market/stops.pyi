from typing import final

@final
class StopOrders:
    """The stop orders of a matching engine that wait for their trigger; the engine fills it, in Cython."""

    def __init__(self, orders_max: int) -> None:
        """Make it empty, for at most `orders_max` orders, 1 to 2^24."""
    def __len__(self) -> int:
        """Count the orders that wait."""
    def check(self) -> None:
        """Raise AssertionError when an invariant is broken."""
