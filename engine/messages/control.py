"""What keeps the house in order: start and stop, trading state, commands of a person, audit events.

These travel in the lanes for signals and audit; market data can never delay the first, nor be delayed by the second.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Any

from msgspec import Struct

from engine.config.risk import RiskLimits


class TradingState(IntEnum):
    """What may be done now, worst first; a trip goes down at once."""

    EMERGENCY = 0
    PROTECTIVE = 1
    CAUTIOUS = 2
    NORMAL = 3


class GateWord(IntEnum):
    """The one word in state/gate: nothing passes, only what shrinks the worst case, everything."""

    CLOSED = 0
    REDUCE = 1
    OPEN = 2


class Start(Struct, frozen=True, gc=False):
    """The first message of every actor."""


class Stop(Struct, frozen=True, gc=False):
    """The run ends: cancel what is open, say goodbye."""

    reason: str


class Halt(Struct, frozen=True, gc=False):
    """An actor or the runtime demands EMERGENCY; safety decides what follows (it always follows)."""

    source: str
    reason: str


class StateChanged(Struct, frozen=True, gc=False):
    """Safety announces the trading state; `epoch` counts the changes."""

    state: TradingState
    epoch: int
    reason: str
    time_ns: int


class ActorFailed(Struct, frozen=True, gc=False):
    """The supervisor's word that an actor raised, and what was done about it: "restart", "stop" or "escalate"."""

    actor: str
    directive: str
    reason: str
    time_ns: int


class StopStrategy(Struct, frozen=True, gc=False):
    """An actor demands that a strategy be stopped; safety does it."""

    strategy: int
    reason: str


class FlattenRequest(Struct, frozen=True, gc=False):
    """A person wants every position closed: portfolio asks risk for the orders that do it."""

    user: str
    time_ns: int


class PeakReset(Struct, frozen=True, gc=False):
    """A person wants drawdown to be counted from the equity of this moment on."""

    user: str
    time_ns: int


class ResolveOrder(Struct, frozen=True, gc=False):
    """A person looked at the venue and says that an order, which nobody could find out about, is over."""

    client_order_id: str
    user: str
    time_ns: int


class StrategyStopped(Struct, frozen=True, gc=False):
    """A strategy may not trade any more: it failed, or a person disabled it; its orders are cancelled."""

    strategy: int
    reason: str
    by_person: bool
    time_ns: int


class StrategyEnabled(Struct, frozen=True, gc=False):
    """A person enabled a strategy again."""

    strategy: int
    time_ns: int


class InstrumentsKilled(Struct, frozen=True, gc=False):
    """These instruments, and no others, are killed: only what a person closes there is permitted."""

    instruments: tuple[int, ...]
    time_ns: int


class Reconciled(Struct, frozen=True, gc=False):
    """orders compared its view with the venue's: `corrections` were applied, `differences` remain unexplained."""

    venue: str
    corrections: int
    differences: tuple[str, ...]
    time_ns: int


class OpenOrders(Struct, frozen=True, gc=False):
    """How many orders are working or in flight, told when there are none, or some again; how many unknown, always."""

    working_count: int
    unknown_count: int


class CountOrders(Struct, frozen=True, gc=False):
    """Safety wants to know how many orders were sent and rejected: it recovers, and the venue's answers are a guard."""


class OrderCounts(Struct, frozen=True, gc=False):
    """The answer of orders, counted since the start of the run."""

    sent: int
    rejected: int
    """By the venue; a post-only order that would have taken is not counted, for that was asked for."""


class Account(Struct, frozen=True, gc=False):
    """What portfolio tells strategies, risk and safety: money of 1e-8 of the risk currency.

    It is told once a second, and at once when equity fell by more than a thousandth since it was told, or when a trade
    was closed at a loss. While the worth of one balance is not known there is no account to tell.
    """

    equity: int
    realised: int
    """Of the day, before fees."""
    unrealised: int
    fees: int
    """Of the day."""
    time_ns: int
    day_equity: int = 0
    """Equity at the first mark of the UTC day, moved by transfers."""
    peak_equity: int = 0
    """The highest equity since the ledger began, moved by transfers."""
    losses_in_row: int = 0
    """Trades that were closed at a loss, fees included, since the last one that was not."""
    traded_today: int = 0
    """The value of the day's executions, bought and sold alike."""
    day_result: int = 0
    """Realised and unrealised since 00:00 UTC, less fees; what the rest of the balances is worth does not count."""


class Health(Struct, frozen=True, gc=False):
    """How the engine is, as it measured itself: an input like any other, because checks decide by it."""

    loop_lag_ns: int
    """The longest time since the last measurement by which the loop was late."""
    loop_lag_p99_ns: int
    """What one sample in a hundred was late by, over the last ten seconds."""
    audit_lag_ns: int
    """How long the oldest record that is not on disk has waited for it."""
    audit_backlog_pct: int
    """How full the audit writer's mailbox is."""
    time_ns: int
    clock_step_ns: int = 0
    """By how much the machine's wall clock went elsewhere than its monotonic one since the start."""
    disk_free_pct: int = 100
    """Free space of the data directory's disk."""


class ClockOffset(Struct, frozen=True, gc=False):
    """How far a venue's clock is ahead of ours, measured at `time_ns`; negative: behind."""

    venue: str
    offset_ns: int
    time_ns: int


class Role(StrEnum):
    """What a person may do: look, move orders, change what the engine is, stop everything."""

    READ = "read"
    TRADE = "trade"
    ADMIN = "admin"
    KILL = "kill"


class Command(Struct, frozen=True, gc=False):
    """A person's command from the control socket, with its words; `user` and `roles` are the kernel's word."""

    request: int
    verb: str
    arguments: dict[str, str]
    user: str
    time_ns: int
    roles: tuple[Role, ...]


class LimitsChanged(Struct, frozen=True, gc=False):
    """A person changed a limit, and that is durable: these are in force, under this version."""

    limits: RiskLimits
    version: int


class ManualChanged(Struct, frozen=True, gc=False):
    """From now on each order of a strategy waits for a person, or waits no more."""

    on: bool


class ManualDecision(Struct, frozen=True, gc=False):
    """A person approves or denies the order that waits under a number."""

    request: int
    number: int
    approved: bool
    user: str


class ManualOutcome(Struct, frozen=True):
    """What came of a person's decision, for whoever asked by `request`."""

    request: int
    ok: bool
    answer: dict[str, Any]


class CompareAll(Struct, frozen=True, gc=False):
    """Safety wants every venue's truth compared with ours again."""

    reason: str


class RefreshDeadMan(Struct, frozen=True, gc=False):
    """Safety lives: the venue's dead-man timer begins anew; with `armed` False it is switched off, at a clean end."""

    armed: bool


class Durable(Struct, frozen=True, gc=False):
    """The audit writer's word that everything up to `seq` is on disk."""

    seq: int


class Action(StrEnum):
    """What an audit record is about."""

    ORDER_SUBMIT = "order.submit"
    ORDER_APPROVE = "order.approve"
    ORDER_DENY = "order.deny"
    ORDER_ACCEPT = "order.accept"
    ORDER_MODIFY = "order.modify"
    ORDER_CANCEL = "order.cancel"
    ORDER_FILL = "order.fill"
    ORDER_REJECT = "order.reject"
    ORDER_EXPIRE = "order.expire"
    ORDER_UNKNOWN = "order.unknown"
    ORDER_RECOVERED = "order.recovered"
    TRADE_DECISION = "trade.decision"
    TRADE_OPEN = "trade.open"
    TRADE_MODIFY = "trade.modify"
    TRADE_CLOSE = "trade.close"
    POSITION_ROLL = "position.roll"
    POSITION_PROFIT_TAKE_SKIPPED = "position.profit_take_skipped"
    RISK_BLOCK = "risk.block"
    RISK_LIMIT_CHANGE = "risk.limit_change"
    CIRCUIT_BREAKER_TRIP = "risk.circuit_breaker_trip"
    CIRCUIT_BREAKER_RESET = "risk.circuit_breaker_reset"
    EMERGENCY_TRIGGERED = "emergency.triggered"
    EMERGENCY_RECOVERED = "emergency.recovered"
    STATE_CHANGE = "state.change"
    STRATEGY_ENABLE = "config.strategy_enable"
    STRATEGY_DISABLE = "config.strategy_disable"
    POLICY_CHANGED = "policy.changed"
    FEED_STALE = "feed.stale"
    FEED_SYNCHRONISED = "feed.synchronised"
    SYSTEM_START = "system.start"
    SYSTEM_STOP = "system.stop"
    MANUAL_INTERVENTION = "system.manual_intervention"
    DEADLETTER = "system.deadletter"
    AUDIT_CHECKPOINT = "audit.checkpoint"
    AUDIT_RECOVERED = "audit.recovered"
    AUDIT_DELETED = "audit.deleted"
