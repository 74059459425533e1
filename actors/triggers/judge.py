"""Whether the market sets an order off: every fresh quote and trade is compared with everything that waits for it.

A quote is fresh while its book is synchronised and it is not crossed; what is not fresh sets nothing off, and the first
that is judges everything again. It owns that, and what a restart found reached; it sends nothing (children.py does).
"""

from __future__ import annotations

from actors.triggers.children import Children
from actors.triggers.conditions import reached, seen_twice, trailed, usable
from actors.triggers.emulated import Emulated
from actors.triggers.transitions import TriggerState
from engine.config.triggers import OnRestart
from engine.messages.control import TradingState
from engine.messages.market import FeedGap, FeedState, FeedStatus, Quote, Trade, TradesMissed
from engine.messages.orders import OrderType, TriggerBy

S = TriggerState
ARMED, FIRING, LAST = S.ARMED, S.FIRING, TriggerBy.LAST
LIMIT, MARKET, TRAILING = OrderType.LIMIT, OrderType.MARKET, OrderType.TRAILING_STOP


class Judge:
    """Compares the market with what waits for it."""

    def __init__(self, children: Children, recorded: dict[int, Emulated], on_restart: OnRestart) -> None:
        """`recorded`: what waits for the disk, by the seq of its record."""
        self._children = children
        self._book, self._told = children.book, children.told
        self._fresh, self._quotes = children.fresh, children.quotes
        self._recorded = recorded
        self._on_restart = on_restart
        self.state = TradingState.PROTECTIVE

    def on_quote(self, quote: Quote) -> None:
        """Judge every order of an instrument by a quote that may be used."""
        instrument = quote.instrument
        if not self._fresh[instrument] or not usable(quote.bid_ticks, quote.ask_ticks):
            self._quotes[instrument] = None
            return
        self._quotes[instrument] = quote
        for order in self._book.on(instrument):
            self.judge(order, quote)

    def on_trade(self, trade: Trade) -> None:
        """Judge those who look at trades; while the book is STALE nobody does."""
        if self._fresh[trade.instrument]:
            for order in self._book.on(trade.instrument):
                if order.terms.trigger_by is LAST and order.state is S.ARMED and order.leaves_lots:
                    self._look(order, 2 * trade.price_ticks)

    def on_trades_missed(self, _: TradesMissed) -> None:
        """Trades without a price set nothing off; the next one that is told does."""

    def on_feed_state(self, state: FeedState) -> None:
        """Note whether a book may be used; the first quote after it judges everything again."""
        self._fresh[state.instrument] = state.status is FeedStatus.SYNCHRONISED
        self._quotes[state.instrument] = None

    def on_feed_gap(self, gap: FeedGap) -> None:
        """A book with a gap may not be used."""
        self._fresh[gap.instrument] = False
        self._quotes[gap.instrument] = None

    def again(self, order: Emulated) -> None:
        """Judge an order by what is known of the market, if that is fresh."""
        quote = self._quotes[order.instrument]
        if quote is not None:
            self.judge(order, quote)

    def judge(self, order: Emulated, quote: Quote) -> None:
        """Look whether a quote sets an order off, or lets one leave that was set off before."""
        state = order.state
        if state is FIRING:
            if not order.waits_for_disk:
                self._children.send(order)
        elif state is ARMED and order.lots > order.filled_lots + order.owed_lots:
            if order.returned and not order.protective and self.state <= TradingState.PROTECTIVE:
                return  # it would be denied: nothing but protection leaves before the venue's truth is known
            intent, by = order.intent, order.terms.trigger_by
            if order.fired or intent.type is LIMIT or intent.type is MARKET:
                self.fire(order, "it was set off before the restart")
            elif by is not LAST:
                self._look(order, seen_twice(intent.side, by, quote.bid_ticks, quote.ask_ticks))

    def _look(self, order: Emulated, twice: int) -> None:
        """Compare the market with what an order waits for; a trailing stop follows it first."""
        intent = order.intent
        if intent.type is TRAILING:
            terms = order.terms
            level_ticks = trailed(intent.side, order.level_ticks, twice, terms.trail_ticks, terms.trail_ppm)
            if level_ticks != order.level_ticks:
                order.level_ticks = level_ticks
                self._told.moved(order, order.state, "it followed the market")
        if reached(intent.type, intent.side, twice, order.level_ticks):
            scale = self._children.scale(order)
            seen = scale.price_text(twice // 2) + (" and a half tick" if twice % 2 else "")
            self.fire(order, f"the market was seen at {seen}")
        else:
            order.returned = False

    def fire(self, order: Emulated, why: str, *, recorded: bool = False) -> None:
        """Set an order off; an entry leaves when that is on disk, because fired twice it would be twice as large."""
        if order.returned:
            order.returned = False
            why = f"reached while the engine was down; triggers.on_restart is {self._on_restart.value}: {why}"
            if self._on_restart is OnRestart.CANCEL:
                self._children.cancel(order, why)
                return
        waits = not recorded and not order.protective
        order.state = S.FIRING
        self._told.fired += 1
        if not recorded:
            seq = self._told.moved(order, S.ARMED, why, durable=waits)
            if waits:
                order.waits_for_disk = True
                self._recorded[seq] = order
                return
        self._children.send(order)

    def forget(self, instrument: int) -> None:
        """Nobody tells us of an instrument any more."""
        self._fresh[instrument] = False
        self._quotes[instrument] = None
