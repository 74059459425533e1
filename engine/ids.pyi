import re
from typing import final

from engine.lease import Lease

LOW_COUNT: int
NODE_CHARS_MAX: int
NODE_FORM: re.Pattern[str]

@final
class OrderIds:
    """Gives out the ids of one run."""

    node: str
    last_number: int
    """The number that was given out last; 0 before the first."""

    def __init__(self, node: str, lease: Lease) -> None:
        """Take the node's name, which stands in every id. UsageError when it cannot."""
    def next(self) -> tuple[int, str]:
        """Return a number and the id that it stands in; renews the lease in place when no number is left."""
    def renew_if_low(self) -> None:
        """Lease the next block when a quarter of one is left. Call it where an fsync hurts nobody."""
    def parse(self, client_order_id: str) -> tuple[int, int] | None:
        """Return epoch and number of an id of this node, or None when it is nobody's or another's."""
