"""A Portfolio actor with everything around it remembered: BTCUSDT and ETHBTC, counted in USDT."""

from __future__ import annotations

from typing import Any

from msgspec import structs

from actors.portfolio.actor import Portfolio
from engine.audit.desk_state import DeskState
from engine.clock import NS_PER_SECOND
from engine.config.risk import RiskLimits
from engine.instruments import Instruments
from engine.messages.control import Action, Reconciled, Start
from engine.messages.market import Mark, Side
from engine.messages.orders import Liquidity
from engine.messages.reports import Balances, OrderFilled
from tiercel.recording import Recorder, RecordingContext
from tiercel.testing import BTCUSDT

ETHBTC = structs.replace(BTCUSDT, index=1, symbol="ETHBTC", base="ETH", quote="BTC", notional_min=0)
NOW_NS = 1_723_161_600 * NS_PER_SECOND + 3_600 * NS_PER_SECOND  # 2024-08-09 01:00:00 UTC
UNIT = 10**8
LOTS = 10**8  # one unit of the base currency


class PortfolioDesk:
    """Tell it fills, marks and balances; read `risk`, `strategy`, `safety`, `orders` and `context`."""

    def __init__(self, state: DeskState | None = None, now_ns: int = NOW_NS, **limits: Any) -> None:
        """Start a desk that has heard nothing yet."""
        self.context = RecordingContext(now_ns)
        self.risk, self.strategy, self.safety, self.orders = (Recorder() for _ in range(4))
        limits = {"currency": "USDT"} | limits
        self.limits = RiskLimits(**limits)
        self.actor = Portfolio(Instruments([BTCUSDT, ETHBTC]), ["one"], self.limits, state)
        self.actor.context = self.context
        self.actor.risk, self.actor.safety, self.actor.strategies = self.risk, self.safety, [self.strategy]
        self.actor.agreement.safety, self.actor.agreement.orders = self.safety, self.orders
        self.actor.orders = self.orders
        self.handlers = self.actor.handlers()
        self.trade_id = 0
        self.tell(Start())

    def tell(self, message: Any) -> None:
        """Have a message handled."""
        self.handlers[type(message)](message)
        for position in self.actor.positions:
            position.check()

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        until_ns = self.context.now_ns + int(seconds * NS_PER_SECOND)
        while (message := self.context.take_due(until_ns)) is not None:
            self.tell(message)
        self.context.now_ns = until_ns

    def balances(self, **units: float) -> None:
        """Hear what the venue says we own."""
        told = tuple((asset, round(amount * UNIT), 0) for asset, amount in units.items())
        self.tell(Balances("binance_spot", told, self.context.now_ns))

    def reconciled(self, *differences: str) -> None:
        """Hear that orders and venue agree, or where they do not."""
        self.tell(Reconciled("binance_spot", 0, differences, self.context.now_ns))

    def mark(self, price: float, instrument: int = 0) -> None:
        """Bring a mid in whole units of the quote currency."""
        self.tell(Mark(instrument, round(2 * price * 100), self.context.now_ns))

    def fill(
        self,
        side: Side,
        lots: int,
        price: int,
        *,
        fee: int = 0,
        fee_currency: str = "USDT",
        instrument: int = 0,
        strategy: int = 0,
    ) -> None:
        """Bring an execution at a price in whole units of the quote currency."""
        self.trade_id += 1
        self.tell(
            OrderFilled(
                strategy, 7, instrument, side, 1, "t1-1-1", self.trade_id, price * 100, lots, 0, True, fee,
                fee_currency, Liquidity.MAKER, 33, self.context.now_ns, BTCUSDT.scale,
            )
        )  # fmt: skip

    def records(self, action: Action, resource_type: str = "") -> list[dict[str, Any]]:
        """Return what was recorded of an action."""
        return [
            record
            for record in self.context.recorded
            if record["action"] is action and resource_type in ("", record["resource_type"])
        ]
