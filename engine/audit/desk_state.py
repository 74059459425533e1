"""What a run starts from: everything about the desk that earlier runs decided, as numbers and names.

It owns the shape, plain enough to stand in a tape's head and in state/risk.json as JSON. Names are names, because
indices belong to one configuration; amounts are money (1e-8), prices are ticks and quantities lots of `scales`.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from engine.audit.record import GENESIS
from engine.policy.policy import Policy


class PositionState(Struct):
    """What hotpath.orders.position.Position goes on from."""

    base: str
    quote: str
    lots: int = 0
    cost: int = 0
    realised: int = 0
    base_rest: int = 0


class OrderState(Struct):
    """An order as the records left it; `state` is a name of hotpath.orders.transitions.OrderState."""

    client_order_id: str
    strategy: str
    """Empty when nobody knows who asked for it."""
    intent: int
    instrument: str
    side: str
    type: str
    time_in_force: str
    post_only: bool
    price_ticks: int
    lots: int
    state: str
    sent_ns: int
    correlation_id: str = ""
    mid_ticks_twice: int = 0
    """At its decision, when it was decided to trade at once; its slippage is measured from there."""
    approval: int = 0
    filled_lots: int = 0
    accepted: bool = False
    pending_id: str = ""
    """The id of an amend that is not settled."""
    other_ids: list[str] = []
    """Ids that amends gave it before."""
    trade_ids: list[int] = []


class WaitingOrder(Struct):
    """An order that waits in the engine, as the records left it; `state` is a name of the life in actors/triggers."""

    id: str
    strategy: str
    intent: int
    instrument: str
    side: str
    type: str
    time_in_force: str
    post_only: bool
    reduce_only: bool
    decision: int
    asked_lots: int
    terms: dict[str, Any]
    """As the record of it has them."""
    correlation_id: str
    state: str = "PENDING"
    price_ticks: int = 0
    lots: int = 0
    level_ticks: int = 0
    filled_lots: int = 0
    child: int = 0
    """The intent of the order that left for it last."""


class Done(Struct):
    """Something that was done `count` times in a second by one strategy, in one instrument and on one side."""

    second_ns: int
    strategy: str
    """Empty when nobody knows who."""
    instrument: str
    side: str
    count: int = 1


class DeskState(Struct):
    """The state of the desk after record `seq` of the trail."""

    seq: int = 0
    head: str = GENESIS
    time_ns: int = 0
    """When that record was made; 0 before the first."""
    epoch: int = 0
    clean_stop: bool = True
    """Whether the last run said goodbye; true before the first run."""
    last_number: int = 0
    """The last order number that the trail knows of `epoch`."""
    trading_state: str = ""
    latched: bool = False
    latch_reason: str = ""
    scales: dict[str, tuple[int, int]] = {}
    """Instrument -> decimals of its prices and quantities."""
    opening: dict[str, int] = {}
    """Asset -> balance before our fills: what was found at the first start, moved by transfers."""
    ledger: dict[str, int] = {}
    """Asset -> what the venue should hold now: opening + fills - fees."""
    positions: dict[str, PositionState] = {}
    held: dict[str, dict[str, int]] = {}
    """Strategy -> instrument -> what it bought less what it sold and paid as fees, in 1e-8 of the base currency."""
    held_since: dict[str, dict[str, int]] = {}
    """Strategy -> instrument -> since when it holds a step or more on one side, in ns."""
    fees: dict[str, int] = {}
    """Currency -> fees since the ledger began."""
    day: str = ""
    """The UTC date that the next five belong to."""
    day_realised: dict[str, int] = {}
    day_fees: dict[str, int] = {}
    day_traded: dict[str, int] = {}
    """Quote currency -> what was bought and sold today, at the prices that were paid."""
    day_slippage: dict[str, int] = {}
    """Currency -> what takers paid beyond the mid of their decision; what was won does not count."""
    day_orders: int = 0
    day_equity: int | None = None
    """Equity at the first mark of the day, in `currency`; None when the day has no mark yet."""
    day_unrealised: int = 0
    """Unrealised profit at the first mark of the day."""
    peak_equity: int | None = None
    currency: str = ""
    trades: dict[str, dict[str, int]] = {}
    """Instrument -> currency -> what the trade that is open has earned so far, fees taken off."""
    closing: dict[str, dict[str, int]] = {}
    """The same of trades whose last fill is in the trail and whose end is not."""
    losses_in_row: int = 0
    """Trades closed at a loss since the last one that was not."""
    fills: list[Done] = []
    """Executions that a window can still see, oldest first; so are the next two."""
    messages: list[Done] = []
    """New orders, amends and cancels that were sent."""
    rejects: list[Done] = []
    """Orders that the venue refused, since it took one of the same strategy."""
    orders: dict[str, OrderState] = {}
    """Orders that are not over, by the id that they have now."""
    finished: dict[str, OrderState] = {}
    """The newest orders that are over, because a venue may show their executions again."""
    last_intents: dict[str, int] = {}
    mode: str = ""
    """Of the run that the last records belong to."""
    disabled: dict[str, str] = {}
    """Strategy -> why it may not trade."""
    disabled_before: dict[str, str] = {}
    """The same when the run began: what a backtest disables counts for itself alone."""
    killed: dict[str, str] = {}
    """`LEVEL NAME` of an instrument or a venue -> why a person killed it."""
    last_trade_ids: dict[str, int] = {}
    waiting: dict[str, WaitingOrder] = {}
    """Orders that wait in the engine, by their id."""
    policy: Policy = Policy()
    """What persons decided at run time; a backtest knows none."""
    unapproved: dict[str, str] = {}
    """Intents that wait for a person, in words by their number."""
    limits_sha256: str = ""
    """Of the limits that the last run had in force."""

    def without_account(self) -> DeskState:
        """Return what goes on although the account is made anew with the run: latch, strategies, the chain."""
        return DeskState(
            seq=self.seq,
            head=self.head,
            time_ns=self.time_ns,
            epoch=self.epoch,
            clean_stop=self.clean_stop,
            day=self.day,
            trading_state=self.trading_state,
            latched=self.latched,
            latch_reason=self.latch_reason,
            mode=self.mode,
            disabled=self.disabled,
            disabled_before=self.disabled_before,
            killed=self.killed,
            policy=self.policy,
            unapproved=self.unapproved,
            limits_sha256=self.limits_sha256,
        )

    def plain(self) -> dict[str, Any]:
        """Return what a tape's head keeps."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    @classmethod
    def of(cls, plain: dict[str, Any]) -> DeskState:
        """Return the state that a tape's head kept. msgspec.ValidationError when it is none."""
        return msgspec.convert(plain, cls)
