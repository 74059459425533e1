"""A client's order as a simulated venue keeps it, and what can become of it.

The venue's record, not the engine's: it has no state for what is in flight or unknown, because a venue always knows.
"""

from __future__ import annotations

from enum import Enum, IntEnum

from msgspec import Struct

from engine.messages.market import Side
from hotpath.market.matching import Kind


class OrderStatus(Enum):
    """Where an order is; the first two are open."""

    NEW = "NEW"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"


class Refusal(IntEnum):
    """Why the exchange refused an order, in order of precedence; nothing has changed."""

    CLOSED = 1
    """There is no book yet."""
    DUPLICATE = 2
    """An open order has this client order id."""
    FUNDS = 3
    """Not enough is free."""
    TOO_MANY = 4
    """The book cannot hold another order."""
    WOULD_TAKE = 5
    """A post-only order would take."""


class NewOrder(Struct, frozen=True, gc=False):
    """What a client asks for; `price_ticks` is 0 for a market order."""

    client_order_id: str
    side: Side
    kind: Kind
    price_ticks: int
    lots: int


class ClientOrder:
    """One order of a client; money is 1e-8 of the quote asset."""

    __slots__ = (
        "client_order_id",
        "created_ns",
        "filled_lots",
        "filled_quote",
        "kind",
        "locked",
        "lots",
        "number",
        "price_ticks",
        "side",
        "status",
        "updated_ns",
    )

    def __init__(self, number: int, new: NewOrder, now_ns: int) -> None:
        """Take a request under the venue's own number."""
        self.number = number
        self.client_order_id = new.client_order_id
        self.side = new.side
        self.kind = new.kind
        self.price_ticks = new.price_ticks
        self.lots = new.lots
        self.filled_lots = 0
        self.filled_quote = 0
        self.locked = 0
        self.status = OrderStatus.NEW
        self.created_ns = now_ns
        self.updated_ns = now_ns

    @property
    def open_lots(self) -> int:
        """What is not filled."""
        return self.lots - self.filled_lots

    @property
    def is_open(self) -> bool:
        """Whether more can happen to it."""
        return self.status in (OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED)


class Fill(Struct, frozen=True, gc=False):
    """One execution of a client's order; `quote` and `fee` are money of 1e-8 of their asset."""

    trade_id: int
    number: int
    side: Side
    price_ticks: int
    lots: int
    quote: int
    fee: int
    fee_asset: str
    is_maker: bool
    time_ns: int
