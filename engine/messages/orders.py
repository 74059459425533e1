"""The life of an order, in the order in which it is lived.

strategy -> risk: OrderIntent, CancelIntent, AmendIntent. risk -> orders: ApprovedOrder, ApprovedCancel, ApprovedAmend
(only risk makes them). orders -> gateway: SubmitOrder, CancelOrder, AmendOrder, QueryOrder. gateway -> orders, the
venue's reports by client order id: Accepted ... NotSent. orders -> risk, portfolio, strategy: OrderAccepted ... with our
own identity of the order. An intent is named by (strategy, intent number); an order by its number under the node's epoch.
"""

from __future__ import annotations

from decimal import Decimal
from enum import IntEnum

from msgspec import Struct

from engine.messages.market import Quote, Side
from hotpath.core.units import Scale


class OrderType(IntEnum):
    """How an order meets the book."""

    LIMIT = 1
    MARKET = 2


class TimeInForce(IntEnum):
    """How long an order stays."""

    GTC = 1
    IOC = 2
    FOK = 3


class Liquidity(IntEnum):
    """Which side of a trade we were."""

    MAKER = 1
    TAKER = 2


class DenialReason(IntEnum):
    """Why an order was denied before it left, in order of precedence. `_INPUT` means that what the check needs is unusable."""

    BUSY = 1
    MODE_GATE = 2
    STRATEGY_AUTHORISED = 3
    INSTRUMENT_PERMITTED = 4
    MARKET_DATA_FRESH_INPUT = 5
    MARKET_DATA_FRESH = 6
    ORDER_WELL_FORMED = 7
    PRICE_COLLAR_INPUT = 8
    PRICE_COLLAR = 9
    MAX_ORDER_VALUE_INPUT = 10
    MAX_ORDER_VALUE = 11
    DUPLICATE_ORDER = 12
    MAX_OPEN_ORDERS = 13
    MAX_DAILY_ORDERS = 14
    POSITION_LIMIT_INPUT = 15
    POSITION_LIMIT = 16
    GROSS_EXPOSURE_INPUT = 17
    GROSS_EXPOSURE = 18
    NET_EXPOSURE_INPUT = 19
    NET_EXPOSURE = 20
    FUNDS_RESERVED_INPUT = 21
    FUNDS_RESERVED = 22
    REDUCE_ONLY = 23
    UNKNOWN_ORDER = 24


class OrderIntent(Struct, frozen=True, gc=False):
    """A strategy wants an order. `price_ticks` is 0 for a market order. `decision` is the audit seq of the decision."""

    strategy: int
    intent: int
    instrument: int
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    post_only: bool
    reduce_only: bool
    price_ticks: int
    lots: int
    decision: int
    quote: Quote | None
    time_ns: int


class CancelIntent(Struct, frozen=True, gc=False):
    """Cancel the order of an earlier intent. `by_person` when the operator or safety asked, not the strategy."""

    strategy: int
    intent: int
    by_person: bool
    time_ns: int


class AmendIntent(Struct, frozen=True, gc=False):
    """Change price and quantity of the order of an earlier intent; `amendment` is a fresh intent number."""

    strategy: int
    intent: int
    amendment: int
    price_ticks: int
    lots: int
    decision: int
    time_ns: int


class ApprovedOrder(Struct, frozen=True, gc=False):
    """An intent that passed every check; its worst case is reserved under `approval` until the venue proves otherwise.

    `price_ticks` is what leaves: the intent's price, or a market order's protection price. `shrinks` says that the
    worst case cannot grow by it and that a person asked for it: such orders pass a gate that stands at REDUCE.
    """

    intent: OrderIntent
    approval: int
    price_ticks: int
    shrinks: bool
    limits_version: int
    audit_seq: int
    time_ns: int


class ApprovedCancel(Struct, frozen=True, gc=False):
    """A cancel on its way from risk to orders."""

    intent: CancelIntent


class ApprovedAmend(Struct, frozen=True, gc=False):
    """An amend that passed every check; the larger of old and new is reserved until it is settled."""

    intent: AmendIntent
    approval: int
    audit_seq: int


class OrderDenied(Struct, frozen=True, gc=False):
    """Risk said no. `observed` and `limit` are in the unit of the check, as text; `count` > 1 when equal denials were merged."""

    strategy: int
    intent: int
    instrument: int
    reason: DenialReason
    observed: str
    limit: str
    limits_version: int
    time_ns: int
    count: int = 1


class SubmitOrder(Struct, frozen=True, gc=False):
    """Send this order. Everything the venue's encoder needs, and nothing else."""

    number: int
    client_order_id: str
    instrument: int
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    post_only: bool
    price_ticks: int
    lots: int
    shrinks: bool


class CancelOrder(Struct, frozen=True, gc=False):
    """Cancel this order at the venue."""

    number: int
    client_order_id: str
    instrument: int


class AmendOrder(Struct, frozen=True, gc=False):
    """Replace an order by one with another price and quantity; the venue sees a new client order id."""

    number: int
    client_order_id: str
    new_client_order_id: str
    instrument: int
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    post_only: bool
    price_ticks: int
    lots: int
    shrinks: bool


class QueryOrder(Struct, frozen=True, gc=False):
    """Ask the venue what became of an order that is UNKNOWN."""

    number: int
    client_order_id: str
    instrument: int


class CancelAll(Struct, frozen=True, gc=False):
    """Cancel every open order: of one strategy when `strategy` >= 0, else all."""

    strategy: int
    reason: str


# ---- what the venue reported, keyed by the client order id it was given


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


class ReconcileRequest(Struct, frozen=True, gc=False):
    """orders asks the gateway for a VenueState with the fills since `since_ns`, and the orders named."""

    since_ns: int


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


# ---- what orders tells risk, portfolio and the strategy, in that order


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
