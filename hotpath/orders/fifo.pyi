from typing import final

@final
class Fifo:
    """The open lots of one position, oldest first; lots and values are positive, whatever the side."""

    def __init__(self, parcels_max: int) -> None:
        """Take the most parcels that are kept apart; a fill beyond it joins the newest. ValueError below 1."""
    @property
    def count(self) -> int:
        """How many parcels are open."""
    @property
    def parcels_max(self) -> int:
        """The most parcels that are kept apart."""
    @property
    def merged(self) -> int:
        """How many fills joined the newest parcel because there was no room."""
    @property
    def parcels(self) -> tuple[tuple[int, int], ...]:
        """(lots, value) of what is open, oldest first."""
    def check(self) -> None:
        """Raise AssertionError when the queue contradicts itself."""
