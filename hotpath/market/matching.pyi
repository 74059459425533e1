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
    STOP = 6
    """Waits for a trade at its trigger (a buy: or above, a sell: or below), then is a MARKET order."""
    STOP_LIMIT = 7
    """Waits as a STOP does, then is a LIMIT order."""

class Prevention(IntEnum):
    """What a taking order does when it meets one of the same owner; owner 0 is nobody and meets anybody."""

    ALLOW = 0
    """They trade."""
    CANCEL_NEWEST = 1
    """What is left of the taking order is cancelled."""
    CANCEL_OLDEST = 2
    """The resting order is cancelled, the taking one goes on."""
    CANCEL_BOTH = 3
    """Both are cancelled."""

class Outcome(IntEnum):
    """What became of a request, in order of precedence; up to KILLED nothing has changed."""

    INVALID = 1
    """Unknown side, kind or prevention, lots outside 1 to lots_max, a price below 1, or what the kind cannot have.

    A stop needs a trigger, nothing else has one. Only what may stay expires, after the time of the last expire().
    """
    DUPLICATE = 2
    """An open order has this number."""
    UNKNOWN = 3
    """No open order has this number; to amend, no resting one: a stop that waits is cancelled and placed anew."""
    FULL = 4
    """orders_max orders are open already and this one might have to stay."""
    WOULD_TAKE = 5
    """A post-only order would have taken."""
    KILLED = 6
    """A fill-or-kill order could not be filled whole."""
    FILLED = 7
    """Filled whole."""
    PREVENTED = 8
    """It met an order of its owner, and its rest was cancelled."""
    EXPIRED = 9
    """Filled in part or not at all; the rest is dropped, or its time has come."""
    RESTING = 10
    """In the book, whole or with what is left."""
    WAITING = 11
    """A stop, until a trade elects it."""
    REDUCED = 12
    """Amended where it stands: its place in the queue is kept."""
    CANCELED = 13
    """Out of the book."""

@final
class MatchingEngine:
    """The open orders of one instrument under price-time priority. Sides are 1 (buy) and -1 (sell).

    An execution is (maker number, taker number, price ticks, lots, maker's owner), in the order in which they happened.
    Trades elect stops: each match those between its lowest and highest price, buys before sells, each side by what the
    price reached first, then by arrival. When the request itself is done they meet the book in that order, and what
    they elect in turn goes to the end. A stop whose trigger the last trade has reached already is elected at once.

    Every number is an int: anything else is a TypeError, what does not fit int64 an OverflowError that names it.
    """

    orders_max: int
    lots_max: int
    last_ticks: int
    """The price of the last execution, 0 before the first."""
    now_ns: int
    """The time of the last expire(), 0 before the first."""

    def __init__(self, orders_max: int = 65536, *, track_changes: bool = False) -> None:
        """Make an empty engine for at most `orders_max` open orders, 1 to 2^24."""
    @property
    def tracking(self) -> bool:
        """Whether changes() is answered."""
    def __len__(self) -> int:
        """Count the orders that rest or wait."""
    def submit(
        self,
        number: int,
        side: int,
        kind: int,
        price_ticks: int,
        lots: int,
        owner: int = 0,
        *,
        stop_ticks: int = 0,
        expires_ns: int = 0,
        prevention: int = 0,
    ) -> tuple[Outcome, list[tuple[int, int, int, int, int]]]:
        """Let an order meet the book, or wait; returns what became of it and every execution that came of it.

        Args:
            number: Its number, free when nothing open has it.
            side: 1 to buy, -1 to sell.
            kind: A Kind.
            price_ticks: Its worst price; not looked at for MARKET and STOP.
            lots: Its size.
            owner: Whose it is, told with executions; 0 is nobody.
            stop_ticks: The trigger of a stop.
            expires_ns: When expire() takes it out; 0 for never.
            prevention: A Prevention, for when it takes.
        """
    def cancel(self, number: int) -> Outcome:
        """Take an order out, whether it rests or waits: CANCELED or UNKNOWN."""
    def amend(self, number: int, price_ticks: int, lots: int) -> tuple[Outcome, list[tuple[int, int, int, int, int]]]:
        """Give a resting order a new price and a new number of open lots.

        Fewer lots at the same price keep its place (REDUCED); anything else is a new arrival, which may take. A
        post-only order that would take is left as it was.
        """
    def expire(self, now_ns: int) -> list[tuple[int, Outcome, int]]:
        """Take out what was good till `now_ns` or before: (number, EXPIRED, open lots), by time, then by number.

        ValueError when time goes back.
        """
    def consequences(self) -> list[tuple[int, Outcome, int]]:
        """Return what the last request did to other orders: (number, outcome, lots), in the order in which it happened.

        A resting order that prevention cancelled is CANCELED with the lots that it had open. A stop that was elected is
        FILLED, PREVENTED, EXPIRED or RESTING with the lots that were left of it.
        """
    def best(self) -> tuple[int, int, int, int]:
        """Return bid ticks and lots, ask ticks and lots; zeros for an empty side."""
    def depth(self, levels_max: int) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
        """Return the best (ticks, lots) of bids and asks, best first."""
    def lots_at(self, side: int, price_ticks: int) -> int:
        """Return the lots resting at a price, 0 when there are none. ValueError for what is no side."""
    def open_lots(self, number: int) -> int:
        """Return what is open of an order, 0 when there is no such order."""
    def changes(self) -> list[tuple[int, int, int]]:
        """Return (side, ticks, lots) of each level touched since the last call: bids, then asks, best first.

        Raises ValueError unless made with track_changes, OverflowError when too many levels changed to remember.
        """
    def check(self) -> None:
        """Raise AssertionError when an invariant is broken."""
