from typing import final

@final
class DepthScanner:
    """Reads `head TIME first ID last ID bids [...] asks [...] tail`, and nothing else."""

    def __init__(self, head: bytes, first: bytes, last: bytes, bids: bytes, asks: bytes, tail: bytes) -> None:
        """Know the texts between numbers and arrays.

        Raises:
            ValueError: `asks`, between the arrays, has no letter at its third byte: that is how their border is found.
        """
    def scan(self, payload: bytes) -> tuple[int, int, bytes, bytes] | None:
        """Return (first id, last id, text of the bids, text of the asks), or None for any other form."""
