"""The strategies of the full-engine rows: one that orders on every quote, and one that only looks.

The first orders in ticks and lots, alternating sides, as IOC away from the market; distance and quantity change from
order to order, so none repeats another, none trades, and each passes every check of risk. Where the book changed
without a new quote the depth is answered instead, so a depth message has its order, too.
"""

from __future__ import annotations

from engine.messages.orders import TimeInForce
from tiercel import Depth, Quote, Strategy, StrategyParams

IOC = TimeInForce.IOC
DISTANCES, QUANTITIES = 499, 5_003
"""Primes. A quantity alone comes again long after any window for duplicates; distances only keep prices apart."""


class OrderOnEveryQuote(Strategy):
    """Sends an order on every change of the best prices."""

    class Params(StrategyParams):
        """What to order."""

        lots: int = 200_000
        step_lots: int = 1_000

    params: Params

    def on_start(self) -> None:
        """Begin with the nearest distance."""
        self._count = 0
        self._update_id = 0

    def on_quote(self, quote: Quote) -> None:
        """Order near the side that the count says."""
        self._update_id = quote.update_id
        self._order(quote.instrument, quote.bid_ticks, quote.ask_ticks)

    def on_depth(self, depth: Depth) -> None:
        """Order when this update brought no quote."""
        if depth.update_id > self._update_id and depth.bid_levels and depth.ask_levels:
            self._update_id = depth.update_id
            self._order(depth.instrument, depth.bid_levels[0][0], depth.ask_levels[0][0])

    def _order(self, instrument: int, bid_ticks: int, ask_ticks: int) -> None:
        self._count = count = self._count + 1
        distance_ticks = 1 + count % DISTANCES
        lots = self.params.lots + self.params.step_lots * (count % QUANTITIES)
        if count & 1:
            self.buy_lots(instrument, lots, bid_ticks - distance_ticks, time_in_force=IOC)
        else:
            self.sell_lots(instrument, lots, ask_ticks + distance_ticks, time_in_force=IOC)


class OnlyLooks(Strategy):
    """Sees every quote and never orders."""

    def on_start(self) -> None:
        """Begin to count."""
        self.quotes_count = 0

    def on_quote(self, quote: Quote) -> None:
        """Count it."""
        self.quotes_count += 1
