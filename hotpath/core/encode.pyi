from collections.abc import Sequence
from typing import final

@final
class OrderTemplate:
    """A request's text with five holes: id, price, quantity, client order id, time."""

    def __init__(self, parts: Sequence[bytes], price_decimals: int, quantity_decimals: int) -> None:
        """Take the six parts around the holes. ValueError when they are not six, or too long."""
    def fill(self, request_id: int, price_ticks: int, lots: int, name: str, time: int) -> bytes:
        """Return the text with the holes filled; prices and quantities with every digit of their scale.

        ValueError when `name` is longer than 64 or has a character other than A-Z a-z 0-9 - _.
        """
