"""The standard desk: who may say what to whom, in which lane, how much of it may wait, and what happens beyond.

Read it from top to bottom and a tick goes by: gateway, feed, strategy, risk, orders, gateway. Full rules are trading
decisions: market data conflates, an intent is refused, and what must not be lost halts. It builds no gateway: those are
siblings, handed in by the composition root and met as messages only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine import limits
from engine.messages.approved import ApprovedOrder
from engine.messages.best_price import BestPrice
from engine.messages.control import (
    Account,
    ClockOffset,
    Command,
    CompareAll,
    CountOrders,
    Durable,
    FlattenRequest,
    Halt,
    Health,
    InstrumentsKilled,
    LimitsChanged,
    ManualChanged,
    ManualDecision,
    ManualOutcome,
    OpenOrders,
    OrderCounts,
    PeakReset,
    Reconciled,
    RefreshDeadMan,
    ResolveOrder,
    StateChanged,
    StopStrategy,
    StrategyEnabled,
    StrategyStopped,
)
from engine.messages.market import (
    BookDelta,
    BookSnapshot,
    Depth,
    FeedGap,
    FeedState,
    Mark,
    Quote,
    SnapshotRequest,
    StreamState,
    TopDepth,
    Trade,
    TradesMissed,
    Watch,
)
from engine.messages.orders import (
    AmendIntent,
    AmendOrder,
    ApprovedAmend,
    ApprovedCancel,
    ApprovedToWait,
    CancelAll,
    CancelIntent,
    CancelOrder,
    OrderDenied,
    OrderIntent,
    ParentClosed,
    ParentOpened,
    QueryOrder,
    ReconcileRequest,
    SubmitOrder,
    WaitingOver,
)
from engine.messages.reports import (
    Accepted,
    Ambiguous,
    Amended,
    AmendRejected,
    Balances,
    Canceled,
    CancelRejected,
    Expired,
    Filled,
    GatewayState,
    NotSent,
    OrderAccepted,
    OrderAmended,
    OrderCanceled,
    OrderCancelRejected,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderUnknown,
    Rejected,
    VenueOrder,
    VenueState,
)
from engine.runtime.system import System
from hotpath.core.fact import AuditEvent
from hotpath.core.mailbox import AUDIT, CONFLATE, HALT, MARKET, ORDERS, REFUSE, SIGNALS, Mailbox

MARKET_DATA = (BookSnapshot, BookDelta, BestPrice, Trade, StreamState)
INTENTS = (OrderIntent, CancelIntent, AmendIntent, ParentOpened, ParentClosed)
APPROVALS = (ApprovedOrder, ApprovedCancel, ApprovedAmend)
TO_TRIGGERS = (ApprovedToWait, ApprovedCancel, ApprovedAmend, OrderDenied)
ORDER_COMMANDS = (SubmitOrder, CancelOrder, AmendOrder, QueryOrder, ReconcileRequest)
VENUE_NEWS = (GatewayState, ClockOffset)
SAFETY_NEWS = (StateChanged, StrategyStopped, StrategyEnabled)
POLICY_NEWS = (LimitsChanged, ManualChanged, ManualDecision)
VENUE_REPORTS = (
    Accepted, Filled, Canceled, Expired, Rejected, CancelRejected, Amended, AmendRejected, Ambiguous, NotSent,
    VenueOrder, VenueState, GatewayState, Balances,
)  # fmt: skip
ORDER_REPORTS = (
    OrderAccepted, OrderFilled, OrderCanceled, OrderExpired, OrderRejected, OrderAmended, OrderCancelRejected,
    OrderUnknown,
)  # fmt: skip


@dataclass(slots=True)
class Edges:
    """Every edge of the desk, by who sends on it."""

    feed_to: dict[str, Mailbox]
    quotes: list[Mailbox]
    trades: list[Mailbox]
    gaps: list[Mailbox]
    intents: list[Mailbox]
    denials: list[Mailbox]
    waiting: list[Mailbox]
    reports: list[Mailbox]
    states: list[Mailbox]
    accounts: list[Mailbox]
    to: dict[str, Mailbox]


def strategy_cell(name: str) -> str:
    """Return the actor name of a strategy."""
    return f"strategy:{name}"


def declare(system: System, venues: Sequence[str], strategies: Sequence[str], instruments_count: int) -> Edges:
    """Declare who may say what to whom. Every actor must have been added before.

    A capacity in CONFLATE mailboxes is at least instruments times types, so that conflation always finds its place.
    """
    quotes_max = limits.QUOTES_PER_INSTRUMENT_MAX * max(instruments_count, 1)
    to: dict[str, Mailbox] = {}
    feed_to: dict[str, Mailbox] = {}

    def edge(sender: str, receiver: str, accepts: tuple[type, ...], lane: int, capacity: int, full: int) -> Mailbox:
        mailbox = system.edge(sender, receiver, accepts, lane=lane, capacity=capacity, full=full)
        to[f"{sender} -> {receiver}"] = mailbox
        return mailbox

    for venue in venues:
        gateway, feed = f"gateway:{venue}", f"feed:{venue}"
        feed_to[venue] = edge(gateway, feed, MARKET_DATA, MARKET, limits.DELTAS_MAX, REFUSE)
        edge(feed, gateway, (SnapshotRequest,), ORDERS, limits.SIGNALS_MAX, HALT)
        edge(feed, "risk", (Quote, FeedState, FeedGap, TopDepth), MARKET, quotes_max, CONFLATE)
        edge(feed, "portfolio", (Mark,), MARKET, quotes_max, CONFLATE)
        edge(feed, "safety", (FeedState,), MARKET, quotes_max, CONFLATE)
        edge("orders", gateway, ORDER_COMMANDS, ORDERS, limits.APPROVALS_MAX, HALT)
        edge(gateway, "orders", VENUE_REPORTS, ORDERS, limits.REPORTS_MAX, HALT)
        edge(gateway, "risk", VENUE_NEWS, ORDERS, limits.SIGNALS_MAX, HALT)
        edge(gateway, "safety", VENUE_NEWS, ORDERS, limits.SIGNALS_MAX, HALT)
        edge("safety", gateway, (RefreshDeadMan,), SIGNALS, limits.SIGNALS_MAX, HALT)
    edge("risk", "orders", APPROVALS, ORDERS, limits.APPROVALS_MAX, HALT)
    _declare_triggers(edge, venues, instruments_count)
    edge("risk", "safety", (StopStrategy, Halt, ManualOutcome), SIGNALS, limits.SIGNALS_MAX, HALT)
    edge("orders", "risk", (*ORDER_REPORTS, Balances), ORDERS, limits.REPORTS_MAX, HALT)
    edge("orders", "portfolio", (OrderFilled, Balances, Reconciled), ORDERS, limits.REPORTS_MAX, HALT)
    edge("orders", "safety", (OpenOrders, OrderCounts, StopStrategy), ORDERS, limits.REPORTS_MAX, HALT)
    edge("portfolio", "risk", (OrderIntent, Account), ORDERS, limits.INTENTS_MAX, HALT)
    edge("portfolio", "safety", (Account, Reconciled), ORDERS, limits.SIGNALS_MAX, HALT)
    edge("portfolio", "orders", (CompareAll, CancelAll), ORDERS, limits.SIGNALS_MAX, HALT)
    edge("health", "risk", (Health,), ORDERS, limits.SIGNALS_MAX, HALT)
    edge("health", "safety", (Health,), ORDERS, limits.SIGNALS_MAX, HALT)
    edge("safety", "risk", (*SAFETY_NEWS, *POLICY_NEWS, InstrumentsKilled), SIGNALS, limits.SIGNALS_MAX, HALT)
    asked = (CancelAll, CompareAll, CountOrders, ResolveOrder)
    edge("safety", "orders", (*SAFETY_NEWS, LimitsChanged, *asked), SIGNALS, limits.SIGNALS_MAX, HALT)
    edge("safety", "portfolio", (FlattenRequest, LimitsChanged, PeakReset), SIGNALS, limits.SIGNALS_MAX, HALT)
    edge("operator", "safety", (Command,), SIGNALS, limits.SIGNALS_MAX, HALT)
    edge("audit_writer", "safety", (Durable,), ORDERS, limits.SIGNALS_MAX, HALT)
    edge("everyone", "audit_writer", (AuditEvent,), AUDIT, limits.AUDIT_EVENTS_MAX, HALT)
    cells = [strategy_cell(name) for name in strategies]
    reports_max = limits.STRATEGY_REPORTS_MAX
    return Edges(
        feed_to=feed_to,
        quotes=[edge("feed", cell, (Quote, Depth, FeedState), MARKET, 3 * quotes_max, CONFLATE) for cell in cells],
        trades=[edge("feed trades", cell, (Trade, TradesMissed), MARKET, limits.TRADES_MAX, REFUSE) for cell in cells],
        gaps=[edge("feed gaps", cell, (FeedGap,), MARKET, limits.SIGNALS_MAX, HALT) for cell in cells],
        intents=[edge(cell, "risk", INTENTS, ORDERS, limits.INTENTS_MAX, REFUSE) for cell in cells],
        denials=[edge("risk", cell, (OrderDenied,), ORDERS, reports_max, REFUSE) for cell in cells],
        waiting=[edge("triggers", cell, ORDER_REPORTS, ORDERS, reports_max, REFUSE) for cell in cells],
        reports=[edge("orders", cell, ORDER_REPORTS, ORDERS, reports_max, REFUSE) for cell in cells],
        states=[edge("safety", cell, (StateChanged,), SIGNALS, limits.SIGNALS_MAX, HALT) for cell in cells],
        accounts=[edge("portfolio", cell, (Account,), ORDERS, limits.SIGNALS_MAX, REFUSE) for cell in cells],
        to=to,
    )


def _declare_triggers(edge: Callable[..., Mailbox], venues: Sequence[str], instruments_count: int) -> None:
    """Declare the edges of triggers; feed tells it of an instrument only while an order waits for that."""
    quotes_max = limits.QUOTES_PER_INSTRUMENT_MAX * max(instruments_count, 1)
    for venue in venues:
        feed = f"feed:{venue}"
        edge(feed, "triggers", (Quote, FeedState, FeedGap), MARKET, quotes_max, CONFLATE)
        edge(f"{feed} trades", "triggers", (Trade, TradesMissed), MARKET, limits.TRADES_MAX, REFUSE)
        edge("triggers", feed, (Watch,), ORDERS, limits.SIGNALS_MAX + 2 * instruments_count, HALT)
    edge("risk", "triggers", TO_TRIGGERS, ORDERS, limits.APPROVALS_MAX, HALT)
    edge("triggers", "risk", (OrderIntent, CancelIntent, WaitingOver), ORDERS, 4 * limits.TRIGGERS_MAX, HALT)
    edge("orders", "triggers", ORDER_REPORTS, ORDERS, limits.REPORTS_MAX, HALT)
    edge("triggers", "safety", (StopStrategy,), ORDERS, limits.SIGNALS_MAX, HALT)
    edge("safety", "triggers", (*SAFETY_NEWS, CancelAll), SIGNALS, limits.SIGNALS_MAX, HALT)
    edge("audit_writer", "triggers", (Durable,), ORDERS, limits.TRIGGERS_MAX, HALT)
