"""Wants one order at a time, at the best bid, and waits for as long as it takes."""

from __future__ import annotations

from decimal import Decimal

from tiercel import Quote, Side, Strategy


class Steady(Strategy):
    """Buys, and never changes its mind."""

    def on_quote(self, quote: Quote) -> None:
        """Ask for an order when none is out."""
        if self.working(quote.instrument, Side.BUY) is None:
            self.buy(quote.instrument, Decimal("0.001"), price=quote.bid)
