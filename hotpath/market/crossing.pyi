from typing import final

@final
class CrossingBook:
    """The resting orders of a matching engine; the engine lets takers meet them, in Cython."""

    tracking: bool

    def __init__(self, orders_max: int, track_changes: bool) -> None:
        """Make an empty book for at most `orders_max` orders, 1 to 2^24."""
    def check(self) -> None:
        """Raise AssertionError when an invariant is broken, or the sides cross."""
