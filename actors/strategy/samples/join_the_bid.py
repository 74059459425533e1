"""The smallest strategy that trades: it keeps one buy order at the best bid, and never crosses the spread.

What it shows: parameters, an order, a cancel, and good manners. It stops buying before the desk's position limit would
stop everybody, and after a denial it waits, because risk would refuse the same order again at once (the default limits
take no second one like it within half a second).
"""

from __future__ import annotations

from decimal import Decimal

from actors.strategy.params import StrategyParams
from actors.strategy.strategy import Strategy
from engine.messages.market import Quote, Side
from engine.messages.orders import OrderDenied


class JoinTheBid(Strategy):
    """Keep one post-only buy at the best bid."""

    class Params(StrategyParams):
        """What the strategy can be told."""

        quantity: Decimal = Decimal("0.001")
        """How much to buy at a time, in base currency."""
        position_max: Decimal = Decimal("0.05")
        """Buy no more once this much is held, in base currency."""
        pause_ms: int = 600
        """How long to wait after a denial."""

    params: Params
    paused_until_ns = 0

    def on_quote(self, quote: Quote) -> None:
        """Place the order, or take it away when the bid has moved."""
        mine = self.working(quote.instrument, Side.BUY)  # newest in flight or open, not being cancelled
        if mine is None:
            if self.now_ns >= self.paused_until_ns and self.position(quote.instrument) < self.params.position_max:
                self.buy(quote.instrument, self.params.quantity, price=quote.bid, post_only=True)
        elif mine.price_ticks != quote.bid_ticks:
            self.cancel(mine)  # the next quote places the new one

    def on_denied(self, denial: OrderDenied) -> None:
        """Wait a little."""
        self.paused_until_ns = self.now_ns + self.params.pause_ms * 1_000_000
