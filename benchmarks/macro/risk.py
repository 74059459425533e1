"""What risk costs with Python around it: from an intent in its mailbox to the approval in the mailbox of orders.

The real actor with every check on and every input told, between real mailboxes, drained as a turn drains them; records
go to the audit lane and are dropped there. Between two intents, untimed, the market moves and the order before ends.
"""

from __future__ import annotations

from typing import Any

from msgspec import structs

from actors.risk.actor import Risk
from benchmarks.measurement import of_times, type_of_measurements
from engine.clock import NS_PER_SECOND
from engine.config.risk import RiskLimits
from engine.instruments import Instruments
from engine.messages.approved import ApprovedOrder
from engine.messages.control import Account, ClockOffset, Halt, Health, Start, StateChanged, StopStrategy, TradingState
from engine.messages.market import FeedState, FeedStatus, Quote, Side, TopDepth
from engine.messages.orders import OrderIntent, OrderType, TimeInForce
from engine.messages.reports import Balances, GatewayState, OrderCanceled
from engine.runtime.actor import Actor, type_of_handlers
from engine.runtime.system import System
from engine.supervision.directive import Directive
from hotpath.core.fact import AuditEvent
from hotpath.core.histogram import stamp
from hotpath.core.mailbox import ALL, AUDIT, HALT, ORDERS
from tiercel.testing import BTCUSDT

SAMPLES, WARM_UP = 20_000, 2_000
SAMPLES_TINY, WARM_UP_TINY = 200, 20
BEGIN_NS = 1_723_161_600 * NS_PER_SECOND
PERIOD_NS = 1_000_000
MID_TICKS = 6_000_000
PRICES = 997
LOTS = 1_000_000
UNIT = 10**8
LIMITS = RiskLimits(
    daily_orders_max=100_000_000,
    new_orders_per_second=100_000,
    messages_per_second=100_000,
    order_to_trade_from=100_000_000,
)


class Sink(Actor):
    """Takes what it is told and keeps the last of it."""

    last: Any = None

    def __init__(self, *kinds: type) -> None:
        """Take messages of these types."""
        self._kinds = kinds

    def handlers(self) -> type_of_handlers:
        """Name the handler of each message."""
        return dict.fromkeys((Start, *self._kinds), self.take)

    def take(self, message: Any) -> None:
        """Keep a message."""
        self.last = message


class RiskBench:
    """A risk actor, told everything, and the mailboxes around it."""

    def __init__(self) -> None:
        """Build it; it approves from now on."""
        self.system = system = System(1, 1, BEGIN_NS)
        self.actor = Risk(Instruments([BTCUSDT]), ["bench"], LIMITS)
        self.orders = Sink(ApprovedOrder)
        system.add("audit", Directive.ESCALATE, lambda: Sink(AuditEvent))
        system.add("safety", Directive.ESCALATE, lambda: Sink(StopStrategy, Halt))
        system.add("orders", Directive.ESCALATE, lambda: self.orders)
        system.add("risk", Directive.ESCALATE, lambda: self.actor)
        audit = system.edge("everyone", "audit", (AuditEvent,), lane=AUDIT, capacity=64, full=HALT)
        self.intents = system.edge("strategy", "risk", (OrderIntent,), lane=ORDERS, capacity=64, full=HALT)
        self.actor.orders = system.edge("risk", "orders", (ApprovedOrder,), lane=ORDERS, capacity=64, full=HALT)
        self.actor.safety = system.edge("risk", "safety", (StopStrategy,), lane=ORDERS, capacity=64, full=HALT)
        self.actor.strategies = [self.actor.safety]
        self.actor.triggers = self.actor.safety
        system.build(audit, "safety")
        self._handlers = self.actor.handlers()
        system.start()
        system.dispatcher.drain(ALL, ALL, -1)
        for message in (
            GatewayState("binance_spot", True, "", BEGIN_NS),
            StateChanged(TradingState.NORMAL, 1, "", BEGIN_NS),
            Balances("binance_spot", (("BTC", 10 * UNIT, 0), ("USDT", 1_000_000 * UNIT, 0)), BEGIN_NS),
            FeedState(0, FeedStatus.SYNCHRONISED, "", 1, BEGIN_NS),
            ClockOffset("binance_spot", 0, BEGIN_NS),
        ):
            self._tell(message)

    def approve(self, number: int) -> int:
        """Have one intent approved; returns how long that took, in ns."""
        now_ns = self._move_market(number)
        price_ticks = MID_TICKS - 1 - number % PRICES
        intent = OrderIntent(
            0, number, 0, Side.BUY, OrderType.LIMIT, TimeInForce.GTC, False, False, price_ticks, LOTS, 1, None, now_ns
        )
        drain = self.system.dispatcher.drain
        begun_ns = stamp()
        self.intents.tell(intent)
        drain(ALL, 0, -1)
        took_ns = stamp() - begun_ns
        drain(ALL, ALL, -1)
        approved = self.orders.last
        if approved is None or approved.intent is not intent:
            raise ValueError(f"intent {number} was not approved; the row needs every one to be")
        self._tell(OrderCanceled(0, number, 0, Side.BUY, approved.approval, "t1-1-1", 0, now_ns))
        return took_ns

    def _move_market(self, number: int) -> int:
        now_ns = self.system.moment.now_ns = BEGIN_NS + number * PERIOD_NS
        self._tell(Quote(0, MID_TICKS - 10, LOTS, MID_TICKS + 10, LOTS, number, now_ns, BTCUSDT.scale))
        if number % 100 == 1:
            self._tell(TopDepth(0, 1_000 * LOTS, 1_000 * LOTS, now_ns))
            self._tell(Health(0, 0, 0, 0, now_ns))
            self._tell(structs.replace(ACCOUNT, time_ns=now_ns))
        return now_ns

    def _tell(self, message: Any) -> None:
        self._handlers[type(message)](message)


ACCOUNT = Account(1_600_000 * UNIT, 0, 0, 0, BEGIN_NS, day_equity=1_600_000 * UNIT, peak_equity=1_600_000 * UNIT)


def risk_actor(quick: bool) -> type_of_measurements:
    """Measure one approval; the figure is the p99."""
    samples, warm_up = (SAMPLES_TINY, WARM_UP_TINY) if quick else (SAMPLES, WARM_UP)
    bench = RiskBench()
    times_ns = [bench.approve(number) for number in range(1, samples + warm_up + 1)][warm_up:]
    found = of_times(times_ns, bench.actor.limits.daily_orders(BEGIN_NS), f"{samples} approvals, every check on")
    return {"risk_actor": structs.replace(found, value=found.p99)}
