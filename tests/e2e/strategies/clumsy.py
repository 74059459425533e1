"""Makes the mistakes that authors make, one for each value of `mistake`."""

from __future__ import annotations

from decimal import Decimal

from tiercel import Quote, Strategy, StrategyParams


class Clumsy(Strategy):
    """Errs at its hundredth quote."""

    class Params(StrategyParams):
        """What goes wrong."""

        mistake: str = "raise"

    params: Params

    def on_start(self) -> None:
        self._quotes_count = 0

    def on_quote(self, quote: Quote) -> None:
        """Do nothing 99 times."""
        self._quotes_count += 1
        if self._quotes_count != 100:
            return
        if self.params.mistake == "raise":
            self._divide(quote.bid, Decimal(0))
        elif self.params.mistake == "off_step":
            self.buy(quote.instrument, Decimal("0.00100001"), price=quote.bid)

    def _divide(self, price: Decimal, by: Decimal) -> Decimal:
        return price / by
