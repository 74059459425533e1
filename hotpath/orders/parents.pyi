from typing import final

@final
class Parents:
    """The parents of orders that are sent in parts, by strategy and intent."""

    count: int
    """Parents that are open."""

    def __init__(self) -> None:
        """Begin with none."""
    def open(self, strategy: int, intent: int, cap_lots: int, filled_lots: int = 0) -> None:
        """Begin a parent; `filled_lots` is what its children had filled when a run ended.

        Raises:
            ValueError: it is open already, or the numbers are none that an intent can have.
            OverflowError: there is no place for it.
        """
    def close(self, strategy: int, intent: int) -> bool:
        """End a parent: no child any more; False when it was not open."""
    def left_lots(self, strategy: int, intent: int) -> int:
        """Return what may still be sent of a parent, or raise KeyError."""
    def filled_lots(self, strategy: int, intent: int) -> int:
        """Return what the children of a parent have filled, or raise KeyError."""
