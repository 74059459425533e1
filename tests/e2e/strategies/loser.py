"""Loses money at a steady pace: buys at the ask, sells at the bid, and pays two fees for it."""

from __future__ import annotations

from decimal import Decimal

from tiercel import Quote, Strategy, StrategyParams, TimeInForce

SLACK = Decimal(5)


class Loser(Strategy):
    """One half of a round trip every `rest_ms`."""

    class Params(StrategyParams):
        """How much it trades, and how often."""

        quantity: Decimal = Decimal("0.02")
        rest_ms: int = 200

    params: Params

    def on_start(self) -> None:
        """Begin when quotes come."""
        self._last_ns = 0

    def on_quote(self, quote: Quote) -> None:
        """Cross the spread, one way and then the other."""
        index = quote.instrument
        if self.orders(index) or self.now_ns - self._last_ns < self.params.rest_ms * 1_000_000:
            return
        self._last_ns = self.now_ns
        held = self.position(index)
        ioc = TimeInForce.IOC
        if held > 0:
            self.sell(index, held, price=quote.bid - SLACK, time_in_force=ioc)
        else:
            self.buy(index, self.params.quantity, price=quote.ask + SLACK, time_in_force=ioc)
