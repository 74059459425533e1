"""Buy a part of equity now and then, and let exits decide when to sell. An example, not a way to riches.

It shows sizing, every kind of exit, and what became of each request. The entry is deliberately dull: what is worth
reading is that nothing here knows how a position ends.
"""

from __future__ import annotations

from decimal import Decimal

from tiercel import (
    ByVolatility,
    Exits,
    OrderDenied,
    OrderExpired,
    OrderFilled,
    Quote,
    Strategy,
    StrategyParams,
    TimeInForce,
    fixed_fraction,
)


class WaysOut(Strategy):
    """Own a little, and leave it by the first way out that opens."""

    class Params(StrategyParams):
        """Parts are of equity and of the position, percents of the entry price."""

        part: Decimal = Decimal("0.005")
        first_gain_pct: Decimal = Decimal("0.002")
        second_gain_pct: Decimal = Decimal("0.004")
        loss_pct: Decimal = Decimal("0.01")
        trail_pct: Decimal = Decimal("0.005")
        hold_s: int = 20
        pause_s: int = 5

    params: Params

    def __init__(self) -> None:
        """Say how positions end."""
        wishes = self.params
        self.exits = Exits(
            self,
            take_profit=[(wishes.first_gain_pct, "0.5"), (wishes.second_gain_pct, "0.5")],
            stop_loss=wishes.loss_pct,
            trail=wishes.trail_pct,
            hold=wishes.hold_s,
            by_volatility=ByVolatility(stop_loss=Decimal(3), window_seconds=30),
        )
        self.next_ns = 0

    def on_quote(self, quote: Quote) -> None:
        """Leave what is held, or buy when nothing is."""
        self.exits.on_quote(quote)
        if self.now_ns < self.next_ns or self.orders(quote.instrument):
            return
        if self.round_quantity(quote.instrument, self.position(quote.instrument)) > 0:
            return
        wanted = fixed_fraction(self.equity, self.params.part, quote.ask)
        quantity = self.round_quantity(quote.instrument, wanted)
        if quantity > 0:
            self.wait()
            self.buy(quote.instrument, quantity, price=quote.ask, time_in_force=TimeInForce.IOC)

    def on_filled(self, fill: OrderFilled) -> None:
        """Let the exits know what was paid."""
        self.exits.on_filled(fill)
        self.tell(fill)

    def on_expired(self, report: OrderExpired) -> None:
        """Say what a request came to whose rest found nobody."""
        self.tell(report)

    def on_denied(self, denial: OrderDenied) -> None:
        """Say why, and wait."""
        self.wait()
        self.log(f"{denial.reason.name}: {denial.observed}, limit {denial.limit}")

    def wait(self) -> None:
        """Ask for nothing new for a while."""
        self.next_ns = self.now_ns + self.params.pause_s * 1_000_000_000

    def tell(self, report: OrderFilled | OrderExpired) -> None:
        """Write what became of a request."""
        result = self.result(report)
        if result is not None:
            self.log(f"{result.status} {result.fill_quantity} at {result.fill_price}, {result.slippage_bps} bps")
