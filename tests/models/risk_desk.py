"""A Risk actor with everything around it remembered: BTCUSDT at 60,000, money in both assets, two strategies."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from actors.risk.actor import Risk
from engine.audit.desk_state import DeskState
from engine.clock import NS_PER_SECOND
from engine.config.risk import RiskLimits
from engine.instruments import Instruments
from engine.messages.approved import ApprovedOrder
from engine.messages.control import Account, ClockOffset, Health, Start, StateChanged, TradingState
from engine.messages.market import FeedState, FeedStatus, Quote, Side
from engine.messages.orders import (
    AmendIntent,
    DenialReason,
    Liquidity,
    OrderDenied,
    OrderIntent,
    OrderType,
    TimeInForce,
)
from engine.messages.reports import Balances, GatewayState, OrderAccepted, OrderCanceled, OrderFilled
from tiercel.recording import Recorder, RecordingContext
from tiercel.testing import BTCUSDT

NOW_NS = 1_723_161_600 * NS_PER_SECOND  # 2024-08-09 00:00:00 UTC
TICKS = 6_000_000
LOTS = 1_000_000  # 0.01 BTC
UNIT = 10**8
PERSON = -1


class RiskDesk:
    """Tell it intents and reports; read `orders`, `safety`, `strategies` and `context`."""

    def __init__(self, state: DeskState | None = None, ready: bool = True, capacity: int = 128, **limits: Any) -> None:
        """Start a desk that may trade, with what differs from the default limits."""
        self.context = RecordingContext(NOW_NS)
        self.orders, self.safety = Recorder(), Recorder()
        self.strategies = [Recorder(), Recorder()]
        self.actor = Risk(Instruments([BTCUSDT]), ["one", "two"], RiskLimits(**limits), state, capacity)
        self.actor.context = self.context
        self.actor.orders, self.actor.safety = self.orders, self.safety
        self.actor.strategies = self.strategies
        self.triggers = Recorder()
        self.actor.triggers = self.triggers
        self.handlers = self.actor.handlers()
        self.intent = 100
        self.told: list[Any] = []
        self.tell(Start())
        if ready:
            self.tell(GatewayState("binance_spot", True, "", NOW_NS))
            self.tell(StateChanged(TradingState.NORMAL, 1, "", NOW_NS))
            self.tell(
                Balances("binance_spot", (("BTC", 10 * UNIT, 0), ("USDT", 900_000 * UNIT, 100_000 * UNIT)), NOW_NS)
            )
            self.tell(FeedState(0, FeedStatus.SYNCHRONISED, "", 1, NOW_NS))
            self.tell_account()
            self.tell_vitals()
            self.quote()

    def tell(self, message: Any) -> None:
        """Have a message handled."""
        self.told.append(message)
        self.handlers[type(message)](message)
        self.actor.exposure.check()
        self.actor.account.check()

    def advance(self, seconds: float) -> None:
        """Let time pass; the market quotes on."""
        until_ns = self.context.now_ns + int(seconds * NS_PER_SECOND)
        while (message := self.context.take_due(until_ns)) is not None:
            self.tell(message)
        self.context.now_ns = until_ns
        self.tell_vitals()
        self.quote()

    def tell_account(self, day: int = 0, peak: int = 0, losses: int = 0, traded: int = 0) -> None:
        """Say the baselines, in whole units of the risk currency above a million."""
        equity = 1_000_000 * UNIT
        self.tell(
            Account(
                equity, 0, 0, 0, self.context.now_ns, equity + day * UNIT, equity + peak * UNIT, losses, traded * UNIT,
                day_result=-day * UNIT,
            )
        )  # fmt: skip

    def tell_vitals(self, **different: int) -> None:
        """Say that engine and clock are well, but for what is `different`."""
        now_ns = self.context.now_ns
        well = {"loop_lag_ns": 0, "loop_lag_p99_ns": 0, "audit_lag_ns": 0, "audit_backlog_pct": 0, "time_ns": now_ns}
        self.tell(Health(**(well | different)))
        self.tell(ClockOffset("binance_spot", 0, now_ns))

    def quote(self, bid_ticks: int = TICKS - 10, ask_ticks: int = TICKS + 10) -> None:
        """Bring a quote of this moment."""
        self.tell(Quote(0, bid_ticks, 1, ask_ticks, 1, 1, self.context.now_ns, BTCUSDT.scale))

    def send(
        self,
        side: Side = Side.BUY,
        lots: int = LOTS,
        price_ticks: int = TICKS,
        *,
        strategy: int = 0,
        instrument: int = 0,
        kind: OrderType = OrderType.LIMIT,
        reduce_only: bool = False,
        intent: int = 0,
    ) -> ApprovedOrder | None:
        """Ask for an order; returns the approval, or None."""
        self.intent += 1
        before = len(self.orders.messages)
        tif = TimeInForce.GTC
        self.tell(
            OrderIntent(
                strategy, intent or self.intent, instrument, side, kind, tif, False, reduce_only, price_ticks, lots, 77,
                None, self.context.now_ns,
            )
        )  # fmt: skip
        told = self.orders.messages[before:]
        return told[0] if told else None

    def approved(self, *arguments: Any, **more: Any) -> ApprovedOrder:
        """Ask for an order that must pass."""
        approved = self.send(*arguments, **more)
        assert approved is not None, self.denials()
        return approved

    def amend(self, approved: ApprovedOrder, price_ticks: int, lots: int) -> None:
        """Ask for an amend."""
        self.intent += 1
        intent = approved.intent
        self.tell(AmendIntent(intent.strategy, intent.intent, self.intent, price_ticks, lots, 78, self.context.now_ns))

    def denials(self, strategy: int = 0) -> list[OrderDenied]:
        """Return what a strategy heard."""
        return list(self.strategies[strategy].messages)

    def reasons(self, strategy: int = 0) -> list[DenialReason]:
        """Return the reasons that a strategy heard."""
        return [denied.reason for denied in self.denials(strategy)]

    def worst_lots(self) -> tuple[int, int]:
        """Return the worst case of buying and selling."""
        return self.actor.exposure.worst_lots(0)

    def balance(self, asset: str) -> Decimal:
        """Return what risk believes that we own."""
        return Decimal(self.actor.account.balance({"BTC": 1, "USDT": 0}[asset])) / UNIT


def accepted(approved: ApprovedOrder, client_order_id: str = "t1-1-1") -> OrderAccepted:
    intent = approved.intent
    return OrderAccepted(
        intent.strategy, intent.intent, intent.instrument, intent.side, approved.approval, client_order_id,
        approved.price_ticks, intent.lots, NOW_NS,
    )  # fmt: skip


def canceled(approved: ApprovedOrder, filled_lots: int = 0) -> OrderCanceled:
    intent = approved.intent
    return OrderCanceled(
        intent.strategy, intent.intent, intent.instrument, intent.side, approved.approval, "t1-1-1", filled_lots, NOW_NS
    )


def filled(
    approved: ApprovedOrder,
    lots: int,
    *,
    done: bool = False,
    fee: int = 0,
    fee_currency: str = "USDT",
    trade_id: int = 1,
) -> OrderFilled:
    intent = approved.intent
    return OrderFilled(
        intent.strategy, intent.intent, intent.instrument, intent.side, approved.approval, "t1-1-1", trade_id,
        approved.price_ticks, lots, 0, done, fee, fee_currency, Liquidity.MAKER, 1, NOW_NS, BTCUSDT.scale,
    )  # fmt: skip
