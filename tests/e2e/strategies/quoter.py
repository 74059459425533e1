"""Quotes both sides at the best price and crosses the spread now and then: many orders, fills on both sides."""

from __future__ import annotations

from decimal import Decimal

from tiercel import Quote, Side, Strategy, StrategyParams, TimeInForce


class Quoter(Strategy):
    """Trades as often as quotes come."""

    class Params(StrategyParams):
        """How much, and how often the spread is crossed."""

        quantity: Decimal = Decimal("0.001")
        crosses_every: int = 10

    params: Params

    def on_start(self) -> None:
        self._quotes_count = 0

    def on_quote(self, quote: Quote) -> None:
        """Keep an order on each side at the best price, and take every tenth quote."""
        self._quotes_count += 1
        quantity = self.params.quantity
        for side, price, place in ((Side.BUY, quote.bid, self.buy), (Side.SELL, quote.ask, self.sell)):
            mine = self.working(quote.instrument, side)
            if mine is None:
                place(quote.instrument, quantity, price=price, post_only=True)
            elif mine.price != price:
                self.cancel(mine)
        if self._quotes_count % self.params.crosses_every:
            return
        ioc = TimeInForce.IOC
        if self.position(quote.instrument) > 0:
            self.sell(quote.instrument, quantity, price=quote.bid, time_in_force=ioc)
        else:
            self.buy(quote.instrument, quantity, price=quote.ask, time_in_force=ioc)
