from enum import IntEnum
from typing import final

class Kind(IntEnum):
    """How an order meets the book."""

    LIMIT = 1
    """Takes what it can, the rest stays."""
    MARKET = 2
    """Takes at any price, the rest expires; its price is not looked at."""
    IOC = 3
    """Takes down to its price, the rest expires."""
    FOK = 4
    """Takes all of its lots down to its price, or nothing."""
    POST_ONLY = 5
    """Stays, or is refused when it would take."""

class Outcome(IntEnum):
    """What became of a request, in order of precedence; up to KILLED nothing has changed."""

    INVALID = 1
    """Unknown side or kind, lots outside 1 to lots_max, or a price below 1."""
    DUPLICATE = 2
    """An open order has this number."""
    UNKNOWN = 3
    """No open order has this number."""
    FULL = 4
    """orders_max orders rest already and this one might have to."""
    WOULD_TAKE = 5
    """A post-only order would have taken."""
    KILLED = 6
    """A fill-or-kill order could not be filled whole."""
    FILLED = 7
    """Filled whole."""
    EXPIRED = 8
    """Filled in part or not at all; the rest is dropped."""
    RESTING = 9
    """In the book, whole or with what is left."""
    REDUCED = 10
    """Amended where it stands: its place in the queue is kept."""
    CANCELED = 11
    """Out of the book."""

@final
class MatchingEngine:
    """The resting orders of one instrument under price-time priority. Sides are 1 (buy) and -1 (sell).

    An execution is (maker number, taker number, price ticks, lots, maker's owner), in the order in which they happened.
    """

    orders_max: int
    lots_max: int
    tracking: bool

    def __init__(self, orders_max: int = 65536, *, track_changes: bool = False) -> None:
        """Make an empty engine for at most `orders_max` resting orders, 1 to 2^24."""
    def __len__(self) -> int:
        """Count the resting orders."""
    def submit(
        self, number: int, side: int, kind: int, price_ticks: int, lots: int, owner: int = 0
    ) -> tuple[Outcome, list[tuple[int, int, int, int, int]]]:
        """Let an order meet the book; returns what became of it and its executions."""
    def cancel(self, number: int) -> Outcome:
        """Take an order out: CANCELED or UNKNOWN."""
    def amend(self, number: int, price_ticks: int, lots: int) -> tuple[Outcome, list[tuple[int, int, int, int, int]]]:
        """Give an order a new price and a new number of open lots.

        Fewer lots at the same price keep its place (REDUCED); anything else is a new arrival, which may take. A
        post-only order that would take is left as it was.
        """
    def best(self) -> tuple[int, int, int, int]:
        """Return bid ticks and lots, ask ticks and lots; zeros for an empty side."""
    def depth(self, levels_max: int) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
        """Return the best (ticks, lots) of bids and asks, best first."""
    def lots_at(self, side: int, price_ticks: int) -> int:
        """Return the lots resting at a price, 0 when there are none."""
    def open_lots(self, number: int) -> int:
        """Return what is open of an order, 0 when there is no such order."""
    def changes(self) -> list[tuple[int, int, int]]:
        """Return (side, ticks, lots) of each level touched since the last call: bids, then asks, best first.

        Raises ValueError unless made with track_changes, OverflowError when too many levels changed to remember.
        """
    def check(self) -> None:
        """Raise AssertionError when an invariant is broken."""
