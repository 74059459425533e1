from typing import final

@final
class TouchedLevels:
    """Which levels a matching engine touched; the engine adds them, in Cython."""

    count: int
    levels_max: int
    lost: bool

    def __init__(self, levels_max: int) -> None:
        """Remember at most `levels_max` different levels, at least 1."""
    def take(self) -> list[tuple[int, int]]:
        """Return (side, ticks) of each level touched since the last call: bids, then asks, best first.

        Raises OverflowError when more levels were touched than can be remembered.
        """
    def check(self) -> None:
        """Raise AssertionError when an invariant is broken."""
