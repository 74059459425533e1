"""A market maker in its simplest honest form: one order on each side, leaning against its own position.

Both prices are shifted away from what the strategy already holds, so that the side which would reduce the position
becomes the better one. An order is left alone until it is `refresh_ticks` off, because a new one goes to the end of the
queue. What it shows: ticks and lots instead of Decimal, positions, a timer, and reports.
"""

from __future__ import annotations

from decimal import Decimal

from actors.strategy.order import WorkingOrder
from actors.strategy.params import StrategyParams
from actors.strategy.strategy import Strategy
from engine.messages.market import FeedGap, Quote, Side
from engine.messages.orders import OrderDenied

BUY, SELL = Side.BUY, Side.SELL


class TwoSided(Strategy):
    """Quote both sides of the first instrument."""

    class Params(StrategyParams):
        """What the strategy can be told."""

        quantity: Decimal = Decimal("0.001")
        """The quantity of each order, in base currency."""
        position_max: Decimal = Decimal("0.01")
        """The side that would carry the position beyond this is not quoted, in base currency."""
        edge_ticks: int = 0
        """How far behind the best price of its side an order is put, in ticks."""
        skew_ticks: int = 50
        """How far both prices are shifted for each `quantity` that is held, in ticks."""
        refresh_ticks: int = 100
        """How far an order may be off its price before it is moved, in ticks."""
        pause_seconds: Decimal = Decimal(1)
        """How long to wait after a denial or a gap."""

    params: Params

    def on_start(self) -> None:
        """Turn what was configured into ticks and lots, once."""
        instrument = self.instruments[0]
        self.lots = instrument.scale.lots(self.params.quantity)
        self.lots_max = instrument.scale.lots(self.params.position_max)
        self.step_ticks = instrument.price_step_ticks
        self.paused_until_ns = 0

    def on_quote(self, quote: Quote) -> None:
        """Bring both orders to where they belong."""
        if quote.instrument != self.instruments[0].index or not quote.bid_ticks or not quote.ask_ticks:
            return
        position_lots = self.position_lots(quote.instrument)
        lean_ticks = position_lots * self.params.skew_ticks // self.lots
        bid_ticks = min(quote.bid_ticks - self.params.edge_ticks - lean_ticks, quote.ask_ticks - self.step_ticks)
        ask_ticks = max(quote.ask_ticks + self.params.edge_ticks - lean_ticks, quote.bid_ticks + self.step_ticks)
        self.keep(quote.instrument, BUY, bid_ticks, wanted=position_lots < self.lots_max)
        self.keep(quote.instrument, SELL, ask_ticks, wanted=position_lots > -self.lots_max)

    def keep(self, instrument: int, side: Side, price_ticks: int, *, wanted: bool) -> None:
        """Have one order of a side at a price, or none when none is wanted."""
        mine = self.working(instrument, side)
        if mine is not None:
            if not wanted or abs(mine.price_ticks - price_ticks) > self.params.refresh_ticks:
                self.cancel(mine)
        elif wanted and self.now_ns >= self.paused_until_ns and not self.leaving(instrument, side):
            price_ticks -= price_ticks % self.step_ticks
            place = self.buy_lots if side is BUY else self.sell_lots
            place(instrument, self.lots, price_ticks, post_only=True)

    def leaving(self, instrument: int, side: Side) -> list[WorkingOrder]:
        """Return the orders of a side that are being cancelled: until they are gone they may fill."""
        return [order for order in self.orders(instrument) if order.side is side and order.cancelling]

    def on_denied(self, denial: OrderDenied) -> None:
        """Wait a little: what risk refused now it will refuse again at once."""
        self.pause()
        self.log(f"denied: {denial.reason.name} ({denial.observed}, limit {denial.limit})")

    def on_gap(self, gap: FeedGap) -> None:
        """Take both orders away while nobody knows the market."""
        self.pause()
        for order in self.orders(gap.instrument):
            self.cancel(order)

    def pause(self) -> None:
        """Place nothing for `pause_seconds`."""
        self.paused_until_ns = self.now_ns + int(self.params.pause_seconds * 1_000_000_000)
