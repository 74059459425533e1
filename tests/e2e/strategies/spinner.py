"""Rests an order, and after a number of quotes does not return any more."""

from __future__ import annotations

import time
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

from tiercel import Quote, Side, Strategy, StrategyParams

TOLD = Path(__file__).parent / "spinning"


class Spinner(Strategy):
    """Keeps a bid a little below the best one, then spins; the moment is written down for whoever waits for it."""

    class Params(StrategyParams):
        """When it spins, and how."""

        spins_at: int = 300
        catches: bool = False

    params: Params

    def on_start(self) -> None:
        self._quotes_count = 0

    def on_quote(self, quote: Quote) -> None:
        """Have an order out, then spin; an author who catches everything catches the interruption too."""
        self._quotes_count += 1
        if self.working(quote.instrument, Side.BUY) is None:
            self.buy(quote.instrument, "0.001", price=quote.bid - Decimal(5), post_only=True)
        if self._quotes_count < self.params.spins_at:
            return
        TOLD.write_text(str(time.monotonic_ns()))
        while not self.params.catches:
            pass
        while True:
            with suppress(Exception):
                sum(range(100))
