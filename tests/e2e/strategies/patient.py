"""Has orders wait: one that is far away, one that follows the market, an entry with its exits, and one with an end."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from tiercel import OrderAccepted, OrderCanceled, Quote, Side, Strategy


class Patient(Strategy):
    """Places its orders once, when nothing of it waits."""

    def __init__(self) -> None:
        self.placed = False

    def on_start(self) -> None:
        """Say what an earlier run left, and place nothing on top."""
        left = self.orders()
        self.placed = bool(left)
        for order in left:
            self.log(f"waits still: {order.request.type.name} {order.quantity}")

    def on_quote(self, quote: Quote) -> None:
        """Place everything as soon as the account is known."""
        if self.placed or not self.equity:
            return
        self.placed = True
        far = quote.ask * Decimal("1.5")
        self.buy(quote.instrument, "0.001", stop=self.round_price(quote.instrument, far, Side.BUY))
        self.sell(quote.instrument, "0.002", trail=2_000)
        self.buy(quote.instrument, "0.003", price=quote.bid - 500, good_till=self.now + timedelta(seconds=1))
        self.bracket(quote.instrument, Side.BUY, "0.004", take_profit=quote.ask + 900, stop_loss=quote.bid - 900)

    def on_accepted(self, report: OrderAccepted) -> None:
        """Say so."""
        self.log(f"accepted {report.client_order_id}")

    def on_canceled(self, report: OrderCanceled) -> None:
        """Say so."""
        self.log(f"canceled {report.client_order_id}")
