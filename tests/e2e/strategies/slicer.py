"""Buys in slices over time, and then offers in slices of which one is shown: what C27 is for, end to end."""

from __future__ import annotations

from decimal import Decimal

from tiercel import Quote, Side, Strategy


class Slicer(Strategy):
    """One TWAP, and when it is over one iceberg."""

    def __init__(self) -> None:
        self.begun = 0

    def on_quote(self, quote: Quote) -> None:
        """Begin the next when nothing is on its way."""
        if not self.equity or self.sliced() or self.orders(quote.instrument):
            return  # before the account is known nothing may be lost, so nothing leaves
        self.begun += 1
        if self.begun == 1:
            self.twap(quote.instrument, Side.BUY, "0.01", duration=4, slices=5)
        elif self.begun == 2:
            price = self.round_price(quote.instrument, quote.bid * Decimal("0.999"), Side.SELL)
            self.iceberg(quote.instrument, Side.SELL, "0.005", price, display="0.001")
