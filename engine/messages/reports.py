"""What became of orders: the venue's words, and then ours.

gateway -> orders, by the client order id that the venue was given: Accepted ... Balances. orders -> risk, portfolio and
the strategy, in that order and with our own identity of the order: OrderAccepted ... OrderUnknown. A report may come
twice, late or out of order; orders makes facts of them once.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from engine.messages.market import Side
from engine.messages.orders import Liquidity
from hotpath.core.units import Scale


class Accepted(Struct, frozen=True, gc=False):
    """The venue has the order in its book (or had: a fill may already be on its way)."""

    client_order_id: str
    venue_order_id: str
    time_ns: int


class Filled(Struct, frozen=True, gc=False):
    """One execution. `fee` is money (1e-8) of `fee_currency`; `trade_id` makes duplicates harmless."""

    client_order_id: str
    venue_order_id: str
    trade_id: int
    price_ticks: int
    lots: int
    fee: int
    fee_currency: str
    liquidity: Liquidity
    time_ns: int


class Canceled(Struct, frozen=True, gc=False):
    """The venue took the order out on our request. `filled_lots` is cumulative, -1 when the venue did not say."""

    client_order_id: str
    filled_lots: int
    time_ns: int


class Expired(Struct, frozen=True, gc=False):
    """The venue took the order out by its own rules (IOC remainder, FOK, self-trade prevention)."""

    client_order_id: str
    filled_lots: int
    time_ns: int


class Rejected(Struct, frozen=True, gc=False):
    """The venue refused the order: it was never in the book. `code` and `text` are the venue's."""

    client_order_id: str
    code: int
    text: str
    time_ns: int


class CancelRejected(Struct, frozen=True, gc=False):
    """The venue refused a cancel: the order is still what it was, or is gone already."""

    client_order_id: str
    code: int
    text: str
    time_ns: int


class Amended(Struct, frozen=True, gc=False):
    """A replacement is in the book: `client_order_id` is gone, `new_client_order_id` lives."""

    client_order_id: str
    new_client_order_id: str
    venue_order_id: str
    time_ns: int


class AmendRejected(Struct, frozen=True, gc=False):
    """A replacement was refused. `old_is_gone` when the cancel half of it succeeded."""

    client_order_id: str
    new_client_order_id: str
    old_is_gone: bool
    code: int
    text: str
    time_ns: int


class Ambiguous(Struct, frozen=True, gc=False):
    """Nobody knows: a timeout, a 5xx, a disconnect or an answer that made no sense. The order becomes UNKNOWN."""

    client_order_id: str
    text: str
    time_ns: int


class NotSent(Struct, frozen=True, gc=False):
    """The order never reached a transport: the gate was closed, the venue was down or its rate budget was spent."""

    client_order_id: str
    text: str
    time_ns: int


class VenueOrder(Struct, frozen=True, gc=False):
    """What the venue says about one order when asked; `status` is our OrderStatusReport word."""

    client_order_id: str
    venue_order_id: str
    instrument: int
    side: Side
    price_ticks: int
    lots: int
    filled_lots: int
    status: str
    """One of NEW, PARTIALLY_FILLED, FILLED, CANCELED, REJECTED, EXPIRED, NOT_FOUND."""
    time_ns: int


class VenueState(Struct, frozen=True):
    """The venue's whole truth after a connect: what orders reconciles with before anybody may trade."""

    venue: str
    balances: tuple[tuple[str, int, int], ...]
    """(asset, free, locked), money of 1e-8 of the asset."""
    open_orders: tuple[VenueOrder, ...]
    fills: tuple[Filled, ...]
    """Executions since the moment that was asked for, oldest first."""
    time_ns: int


class GatewayState(Struct, frozen=True, gc=False):
    """Whether a venue's private session can take orders now."""

    venue: str
    ready: bool
    reason: str
    time_ns: int


class Balances(Struct, frozen=True, gc=False):
    """Free and locked of the assets that changed, as the venue announced it: (asset, free, locked), money 1e-8."""

    venue: str
    balances: tuple[tuple[str, int, int], ...]
    time_ns: int


class OrderAccepted(Struct, frozen=True, gc=False):
    """The order works at the venue."""

    strategy: int
    intent: int
    instrument: int
    side: Side
    approval: int
    client_order_id: str
    price_ticks: int
    lots: int
    time_ns: int


class OrderFilled(Struct, frozen=True, gc=False):
    """One execution of our order, applied once. `leaves_lots` is what is still open; `done` when nothing is."""

    strategy: int
    intent: int
    instrument: int
    side: Side
    approval: int
    client_order_id: str
    trade_id: int
    price_ticks: int
    lots: int
    leaves_lots: int
    done: bool
    fee: int
    fee_currency: str
    liquidity: Liquidity
    audit_seq: int
    time_ns: int
    scale: Scale

    @property
    def price(self) -> Decimal:
        """The price of this execution in quote currency."""
        return self.scale.price(self.price_ticks)

    @property
    def quantity(self) -> Decimal:
        """The quantity of this execution in base currency."""
        return self.scale.quantity(self.lots)


class OrderCanceled(Struct, frozen=True, gc=False):
    """The order is out of the book at our request; `filled_lots` were executed before."""

    strategy: int
    intent: int
    instrument: int
    side: Side
    approval: int
    client_order_id: str
    filled_lots: int
    time_ns: int


class OrderExpired(Struct, frozen=True, gc=False):
    """The venue took the order out; `filled_lots` were executed before."""

    strategy: int
    intent: int
    instrument: int
    side: Side
    approval: int
    client_order_id: str
    filled_lots: int
    time_ns: int


class OrderRejected(Struct, frozen=True, gc=False):
    """The order never came into the book: the venue refused it (`sent`), or it never left us."""

    strategy: int
    intent: int
    instrument: int
    side: Side
    approval: int
    client_order_id: str
    sent: bool
    code: int
    text: str
    time_ns: int


class OrderAmended(Struct, frozen=True, gc=False):
    """An amend is settled: the order now stands with these values (unchanged when `accepted` is false)."""

    strategy: int
    intent: int
    instrument: int
    side: Side
    approval: int
    client_order_id: str
    accepted: bool
    price_ticks: int
    lots: int
    text: str
    time_ns: int
    unknown: bool = False
    """Whether nobody knows what became of the order, as before: then the amend never left us."""


class OrderCancelRejected(Struct, frozen=True, gc=False):
    """A cancel was refused; the order works on."""

    strategy: int
    intent: int
    instrument: int
    side: Side
    approval: int
    client_order_id: str
    code: int
    text: str
    time_ns: int


class OrderUnknown(Struct, frozen=True, gc=False):
    """The order's fate is unknown; its reservation stays until the venue proves what happened."""

    strategy: int
    intent: int
    instrument: int
    side: Side
    approval: int
    client_order_id: str
    text: str
    time_ns: int
