"""Buy a little below the market and sell what was bought a little above its price. An example, not a way to riches.

It shows parameters, a timer, the rounding to what the venue accepts, and how fills and cancels are met. All decisions
are made in one place, `look`, from what the strategy has at that moment; callbacks only remember.
"""

from __future__ import annotations

from decimal import Decimal

from tiercel import OrderDenied, OrderFilled, Side, Strategy, StrategyParams


class TakeProfit(Strategy):
    """Rest one bid below the best one, then one offer above what was paid."""

    class Params(StrategyParams):
        """What the configuration may set; prices in quote currency, the quantity in base currency."""

        quantity: Decimal = Decimal("0.001")
        discount: Decimal = Decimal("0.10")
        margin: Decimal = Decimal("0.20")
        patience_s: int = 2

    params: Params

    def __init__(self) -> None:
        """Begin with nothing bought; parameters and instruments are in place already."""
        self.instrument = self.instruments[0]
        self.paid = Decimal(0)

    def on_start(self) -> None:
        """Look every few seconds."""
        self.every(self.params.patience_s, self.look)

    def look(self) -> None:
        """Sell what there is, or move the bid after the market."""
        quote = self.quote(self.instrument)
        if quote is None or not self.synchronised(self.instrument):
            return
        bid = self.working(self.instrument, Side.BUY)
        held = self.round_quantity(self.instrument, self.position(self.instrument))
        if bid is not None:
            self.cancel(bid)  # what becomes of it is known at the next look
        elif held > 0:
            self.offer(held)
        elif not self.orders(self.instrument):
            price = self.round_price(self.instrument, quote.bid - self.params.discount, Side.BUY)
            self.buy(self.instrument, self.params.quantity, price=price, post_only=True)

    def offer(self, quantity: Decimal) -> None:
        """Offer what is held, once."""
        if self.working(self.instrument, Side.SELL) is None:
            price = self.round_price(self.instrument, self.paid + self.params.margin, Side.SELL)
            self.sell(self.instrument, quantity, price=price)

    def on_filled(self, fill: OrderFilled) -> None:
        """Remember what was paid."""
        if fill.side is Side.BUY:
            self.paid = fill.price

    def on_denied(self, denial: OrderDenied) -> None:
        """Say why an order did not leave."""
        self.log(f"{denial.reason.name}: {denial.observed}, limit {denial.limit}")
