"""A taker: it follows a move that was fast enough, and leaves at a profit, at a loss, or after a while.

Entries and exits are IOC orders, so nothing of it ever rests in the book. It pays the spread and two fees for each
round and will lose money unless moves go on for longer than that; it is here to show how such a strategy is written: a
bounded memory of the past, one position at a time, and every way out of it.
"""

from __future__ import annotations

from collections import deque
from decimal import Decimal

from actors.strategy.order import WorkingOrder
from actors.strategy.params import StrategyParams
from actors.strategy.strategy import Strategy
from engine.messages.market import Quote
from engine.messages.orders import OrderDenied, TimeInForce
from engine.messages.reports import OrderFilled

NS_PER_SECOND = 1_000_000_000
PPM = 1_000_000
PPM_PER_BPS = 100
PAST_MAX = 20_000


class Momentum(Strategy):
    """Follow fast moves of the first instrument."""

    class Params(StrategyParams):
        """What the strategy can be told."""

        quantity: Decimal = Decimal("0.001")
        """How much to trade, in base currency."""
        window_seconds: Decimal = Decimal(2)
        """Over how long a move is measured."""
        entry_bps: Decimal = Decimal("0.8")
        """A move of the mid price that is followed, in hundredths of a percent."""
        profit_bps: Decimal = Decimal(2)
        """Leave when the mid price has gained this much."""
        loss_bps: Decimal = Decimal(1)
        """Leave when the mid price has lost this much."""
        hold_seconds: Decimal = Decimal(10)
        """Leave after this time in any case."""
        pause_seconds: Decimal = Decimal(1)
        """How long to wait after a trade or a denial."""

    params: Params

    def on_start(self) -> None:
        """Turn what was configured into integers, once: the comparisons below are then exact and cheap."""
        instrument = self.instruments[0]
        self.lots = instrument.scale.lots(self.params.quantity)
        self.step_lots = instrument.quantity_step_lots
        self.window_ns = int(self.params.window_seconds * NS_PER_SECOND)
        self.hold_ns = int(self.params.hold_seconds * NS_PER_SECOND)
        self.entry_ppm = int(self.params.entry_bps * PPM_PER_BPS)
        self.profit_ppm = int(self.params.profit_bps * PPM_PER_BPS)
        self.loss_ppm = int(self.params.loss_bps * PPM_PER_BPS)
        self.past: deque[tuple[int, int]] = deque(maxlen=PAST_MAX)  # (time, twice the mid in ticks)
        self.pending: WorkingOrder | None = None
        self.entry_twice = 0
        self.entry_ns = 0
        self.paused_until_ns = 0

    def on_quote(self, quote: Quote) -> None:
        """Remember the mid price, then enter or leave."""
        if quote.instrument != self.instruments[0].index or not quote.bid_ticks or not quote.ask_ticks:
            return
        now_ns = self.now_ns
        mid_twice = quote.bid_ticks + quote.ask_ticks
        past = self.past
        while past and past[0][0] < now_ns - self.window_ns:
            past.popleft()
        past.append((now_ns, mid_twice))
        if (self.pending is not None and not self.pending.done) or now_ns < self.paused_until_ns:
            return
        held_lots = self.position_lots(quote.instrument)
        if 2 * abs(held_lots) >= self.lots:  # less is the dust that fees in base currency leave
            self.leave(quote, held_lots, mid_twice)
        else:
            self.enter(quote, mid_twice - past[0][1], mid_twice)

    def enter(self, quote: Quote, move_twice: int, mid_twice: int) -> None:
        """Take what the other side offers when the move was fast enough."""
        if abs(move_twice) * PPM < self.entry_ppm * mid_twice:
            return
        self.entry_twice = mid_twice
        self.entry_ns = self.now_ns
        if move_twice > 0:
            self.pending = self.buy_lots(quote.instrument, self.lots, quote.ask_ticks, time_in_force=TimeInForce.IOC)
        else:
            self.pending = self.sell_lots(quote.instrument, self.lots, quote.bid_ticks, time_in_force=TimeInForce.IOC)

    def leave(self, quote: Quote, held_lots: int, mid_twice: int) -> None:
        """Close the position at a profit, at a loss, or when its time is over."""
        gain = (mid_twice - self.entry_twice) * (1 if held_lots > 0 else -1) * PPM
        profit = gain >= self.profit_ppm * self.entry_twice
        loss = -gain >= self.loss_ppm * self.entry_twice
        late = self.now_ns - self.entry_ns >= self.hold_ns
        if not (profit or loss or late):
            return
        lots = abs(held_lots) // self.step_lots * self.step_lots
        if held_lots > 0:
            self.pending = self.sell_lots(quote.instrument, lots, quote.bid_ticks, time_in_force=TimeInForce.IOC)
        else:
            self.pending = self.buy_lots(quote.instrument, lots, quote.ask_ticks, time_in_force=TimeInForce.IOC)

    def on_filled(self, fill: OrderFilled) -> None:
        """Let the dust settle."""
        self.pause()

    def on_denied(self, denial: OrderDenied) -> None:
        """Wait a little: what risk refused now it will refuse again at once."""
        self.pause()
        self.log(f"denied: {denial.reason.name} ({denial.observed}, limit {denial.limit})")

    def pause(self) -> None:
        """Place nothing for `pause_seconds`."""
        self.paused_until_ns = self.now_ns + int(self.params.pause_seconds * NS_PER_SECOND)
