"""An order on its way out, in the order in which it goes; what comes back stands in engine.messages.reports.

strategy -> risk: OrderIntent, CancelIntent, AmendIntent, ParentOpened, ParentClosed. risk -> orders: ApprovedOrder,
ApprovedCancel, ApprovedAmend (only risk makes them). orders -> gateway: SubmitOrder, CancelOrder, AmendOrder,
QueryOrder. An intent is named by (strategy, intent number), an order by its number under the node's epoch.
"""

from __future__ import annotations

from enum import IntEnum

from msgspec import Struct

from engine.messages.market import Quote, Side
from hotpath.orders.seal import Seal


class OrderType(IntEnum):
    """How an order meets the book; those after MARKET wait for the market first, and carry `terms`."""

    LIMIT = 1
    MARKET = 2
    STOP = 3
    STOP_LIMIT = 4
    TRAILING_STOP = 5
    MARKET_IF_TOUCHED = 6
    LIMIT_IF_TOUCHED = 7


class TimeInForce(IntEnum):
    """How long an order stays; GTD and DAY end at `terms.good_till_ns`."""

    GTC = 1
    IOC = 2
    FOK = 3
    GTD = 4
    DAY = 5


class TriggerBy(IntEnum):
    """What sets off an order that waits for the market."""

    BID_ASK = 1
    """The price that it could trade at now: the ask for a buy, the bid for a sell."""
    LAST = 2
    """The last trade."""
    MID = 3
    """The middle of bid and ask."""


class Liquidity(IntEnum):
    """Which side of a trade we were."""

    MAKER = 1
    TAKER = 2


class DenialReason(IntEnum):
    """Why an order was denied before it left, in order of precedence. `_INPUT`: what the check needs is unusable.

    The numbers say the order and nothing else; a gap is room for a reason that belongs there. None is above 63, because
    the limits that are nearly used up are bits of one word.
    """

    BUSY = 1
    MODE_GATE = 2
    STRATEGY_AUTHORISED = 3
    INSTRUMENT_PERMITTED = 4
    VENUE_READY_INPUT = 5
    VENUE_READY = 6
    MARKET_DATA_FRESH_INPUT = 7
    MARKET_DATA_FRESH = 8
    ORDER_WELL_FORMED = 9
    PRICE_COLLAR_INPUT = 10
    PRICE_COLLAR = 11
    MAX_ORDER_VALUE_INPUT = 12
    MAX_ORDER_VALUE = 13
    MAX_ORDER_QUANTITY_INPUT = 14
    MAX_ORDER_QUANTITY = 15
    MAX_MESSAGES_INPUT = 16
    MAX_MESSAGES = 17
    EXECUTION_THROTTLE = 18
    DUPLICATE_ORDER = 19
    MAX_OPEN_ORDERS = 20
    MAX_DAILY_ORDERS = 21
    POSITION_LIMIT_INPUT = 22
    POSITION_LIMIT = 23
    GROSS_EXPOSURE_INPUT = 24
    GROSS_EXPOSURE = 25
    NET_EXPOSURE_INPUT = 26
    NET_EXPOSURE = 27
    FUNDS_RESERVED_INPUT = 28
    FUNDS_RESERVED = 29
    DAILY_LOSS_INPUT = 30
    DAILY_LOSS = 31
    DRAWDOWN_INPUT = 32
    DRAWDOWN = 33
    CONSECUTIVE_LOSSES_INPUT = 34
    CONSECUTIVE_LOSSES = 35
    REJECT_STREAK = 36
    SELF_TRADE = 37
    ORDER_TO_TRADE = 38
    REDUCE_ONLY = 39
    CLOCK_HEALTHY_INPUT = 40
    CLOCK_HEALTHY = 41
    AUDIT_HEALTHY_INPUT = 42
    AUDIT_HEALTHY = 43
    UNKNOWN_ORDERS = 44
    APPROVAL_BINDING = 45
    PARENT_CHILD_CAP_INPUT = 46
    PARENT_CHILD_CAP = 47
    HOLD_TIME = 48
    TURNOVER_INPUT = 49
    TURNOVER = 50
    EDGE_TO_COST_INPUT = 51
    EDGE_TO_COST = 52
    SLIPPAGE_BUDGET_INPUT = 53
    SLIPPAGE_BUDGET = 54
    GREEKS_INPUT = 56
    DELTA_LIMIT = 57
    GAMMA_LIMIT = 58
    VEGA_LIMIT = 59
    MANUAL_DENIED = 60
    MANUAL_EXPIRED = 61
    UNKNOWN_ORDER = 62


class VenueOrders(Struct, frozen=True):
    """What a venue takes as it is; everything else waits in the engine until an order of these can leave."""

    types: frozenset[OrderType] = frozenset({OrderType.LIMIT, OrderType.MARKET})
    times_in_force: frozenset[TimeInForce] = frozenset({TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK})


IS_ENTRY = -1


class OrderTerms(Struct, frozen=True, gc=False):
    """What few orders ask for beyond side, price and quantity; 0 is not said. Plain orders carry none."""

    trigger_ticks: int = 0
    """The price that a stop or a touched order waits for; of a trailing stop where it stands at first, 0: anywhere."""
    trigger_by: TriggerBy = TriggerBy.BID_ASK
    trail_ticks: int = 0
    """How far a trailing stop stays behind the best price, in ticks ..."""
    trail_ppm: int = 0
    """... or in millionths of that price."""
    good_till_ns: int = 0
    """When a GTD or DAY order is cancelled."""
    display_lots: int = 0
    """How much of an iceberg is shown at once."""
    group: int = 0
    """Orders of a strategy in the same group share one quantity: a fill of one shrinks the others, to nothing (OCO)."""
    entry: int = 0
    """The intent whose fills bring this order to life, as many lots as it fills (OTO); IS_ENTRY: it is one."""
    parent: int = 0
    """The sliced order that this one is a part of."""
    edge_bps: int | None = None
    """What the strategy expects to earn, in basis points of the value."""
    urgency: int = 0
    """How much it may cost to be done sooner, for those who slice orders."""
    fired_by: int = 0
    """The intent of the order that waited and that this one leaves for; triggers sets it, never a strategy."""


class OrderIntent(Struct, frozen=True, gc=False):
    """A strategy wants an order. `price_ticks` is 0 for a market order, `decision` the audit seq of the decision."""

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
    terms: OrderTerms | None = None


class ParentOpened(Struct, frozen=True, gc=False):
    """A strategy will send orders in slices: those whose `terms.parent` is this may come to so many lots, no more."""

    strategy: int
    parent: int
    instrument: int
    side: Side
    lots: int
    time_ns: int


class ParentClosed(Struct, frozen=True, gc=False):
    """A strategy will send no more slices of a parent."""

    strategy: int
    parent: int
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
    trigger_ticks: int = 0
    """Of an order that waits: the price that it shall wait for; 0 leaves it as it is."""


class ApprovedToWait(Struct, frozen=True, gc=False):
    """An intent that may wait: checked as if it left, and parked under `approval`; it leaves for no venue itself."""

    intent: OrderIntent
    approval: int
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
    seal: Seal | None = None
    """Of the whole order as it shall be; orders refuse an amend without one that fits."""


class OrderDenied(Struct, frozen=True, gc=False):
    """Risk said no. `observed` and `limit` are texts in the unit of the check; equal denials are merged by `count`."""

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
    """Send this order: everything the venue's encoder needs, and the seal of its approval."""

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
    seal: Seal | None = None


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
    """Cancel every open order: of one strategy or instrument when that is >= 0, or the one that has the id `order`."""

    strategy: int
    reason: str
    instrument: int = -1
    order: str = ""


class WaitingOver(Struct, frozen=True, gc=False):
    """triggers -> risk: an order that waited is over, and nothing is kept for it any more."""

    strategy: int
    intent: int


class ReconcileRequest(Struct, frozen=True, gc=False):
    """orders asks the gateway for a VenueState with the fills since `since_ns`; what is routine leaves it room."""

    since_ns: int
    routine: bool = False
