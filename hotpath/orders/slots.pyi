from typing import final

@final
class Slots:
    """Places for so many live orders."""

    capacity: int
    open_count: int

    def __init__(self, capacity: int) -> None:
        """Begin with every place free."""
    def live(self) -> list[tuple[int, int, int, int, bool]]:
        """Return (instrument, side, reserved lots, reserved funds, unknown) of each live order."""
