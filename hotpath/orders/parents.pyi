from typing import final

@final
class Parents:
    """The parents of orders that are sent in parts, by number."""

    count: int
    """Parents that are open."""

    def __init__(self) -> None:
        """Begin with none."""
    def open(self, number: int, cap_lots: int, filled_lots: int = 0) -> None:
        """Begin a parent; `filled_lots` is what its children had filled when a run ended.

        Raises:
            ValueError: the number is open already, or the lots are no quantity.
            OverflowError: there is no place for it.
        """
    def close(self, number: int) -> bool:
        """End a parent: no child any more; False when it was not open."""
    def left_lots(self, number: int) -> int:
        """Return what may still be sent of a parent, or raise KeyError."""
    def filled_lots(self, number: int) -> int:
        """Return what the children of a parent have filled, or raise KeyError."""
