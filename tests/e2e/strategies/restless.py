"""Does everything that may be done to an order, at random: both sides, all types, amends, cancels."""

from __future__ import annotations

from decimal import Decimal

from tiercel import Quote, Side, Strategy, StrategyParams, TimeInForce

STEP = Decimal("0.01")
ORDERS_MAX = 5


class Restless(Strategy):
    """Changes its mind at every eighth quote."""

    class Params(StrategyParams):
        """How much the smallest order is for."""

        quantity: Decimal = Decimal("0.01")

    params: Params

    def on_start(self) -> None:
        self._quotes_count = 0

    def on_quote(self, quote: Quote) -> None:
        """Draw what to do."""
        self._quotes_count += 1
        if self._quotes_count % 8:
            return
        draw, index = self.random, quote.instrument
        mine = self.orders(index)
        what = draw.random()
        side = draw.choice([Side.BUY, Side.SELL])
        place = self.buy if side is Side.BUY else self.sell
        quantity = self.params.quantity * draw.choice([1, 2, 3])
        near, far = (quote.bid, quote.ask) if side is Side.BUY else (quote.ask, quote.bid)
        if mine and what < 0.4:
            order = draw.choice(mine)
            price = (quote.bid if order.side is Side.BUY else quote.ask) + STEP * draw.choice([-1, 0, 1])
            more = draw.choice([Decimal(0), self.params.quantity, -self.params.quantity / 2])
            self.amend(order, price, order.quantity + more)
        elif mine and what < 0.5:
            self.cancel(draw.choice(mine))
        elif what < 0.6:
            place(index, quantity, far, time_in_force=TimeInForce.IOC)
        elif what < 0.65:
            place(index, quantity)
        elif len(mine) < ORDERS_MAX:
            place(index, quantity, near, post_only=draw.random() < 0.5)
