"""One instrument's market data: its book, its sequence, its last quote, and who listens.

It owns the state and the bookkeeping of what could not be delivered; what an event means is decided by the feed. The
way of a quote is compiled, in quotes.pyx.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from actors.feed.quotes import QuoteLine
from engine.clock import NS_PER_MS, NS_PER_SECOND
from engine.instruments import Instrument
from engine.messages.market import BookDelta, BookSnapshot, Trade, TradesMissed
from engine.runtime.actor import Ref
from hotpath.core.mailbox import REFUSED

BUFFER_MAX = 4_096
"""Deltas kept while a snapshot is under way: 400 s of depth@100ms. Beyond it the oldest goes, and with it the fit."""

STEADY_NS = 10 * NS_PER_SECOND
"""A book that breaks again before it held so long waits longer each time: snapshots take the budget of orders."""


class Subscriber(NamedTuple):
    """One strategy's edges for an instrument; `trades` is None when it does not listen to them."""

    quotes: Ref
    trades: Ref | None
    gaps: Ref
    wants_depth: bool = False


class TradeOutlet:
    """One listener's trades, and those it could not take, merged until it can."""

    __slots__ = ("count", "first_id", "last_id", "lots", "tell")

    def __init__(self, listener: Ref) -> None:
        """Begin with nothing missed."""
        self.tell = listener.tell
        self.count = 0
        self.lots = 0
        self.first_id = 0
        self.last_id = 0

    def send(self, trade: Trade) -> None:
        """Deliver a trade, behind the word about those that were missed."""
        if self.count:
            missed = TradesMissed(trade.instrument, self.count, self.lots, self.first_id, self.last_id)
            if self.tell(missed) == REFUSED:
                self._miss(trade)
                return
            self.count = self.lots = 0
        if self.tell(trade) == REFUSED:
            self._miss(trade)

    def _miss(self, trade: Trade) -> None:
        if not self.count:
            self.first_id = trade.trade_id
        self.count += 1
        self.lots += trade.lots
        self.last_id = trade.trade_id


class Line(QuoteLine):
    """Everything that feed knows about one instrument."""

    __slots__ = (
        "attempt",
        "buffer",
        "failures",
        "gap_tells",
        "gaps",
        "heard_ns",
        "lagging_id",
        "lagging_ns",
        "marked_twice",
        "requested_ns",
        "snapshot",
        "state_tells",
        "synchronised_ns",
        "trade_outlets",
    )

    def __init__(self, instrument: Instrument, levels_max: int) -> None:
        """Begin IDLE, with nobody listening; a side of the book holds `levels_max` levels."""
        super().__init__(instrument, levels_max)
        self.buffer: deque[BookDelta] = deque(maxlen=BUFFER_MAX)
        self.snapshot: BookSnapshot | None = None
        self.heard_ns = 0
        self.lagging_id = 0
        self.lagging_ns = 0
        self.requested_ns = 0
        self.synchronised_ns = 0
        self.attempt = 0
        self.failures = 0
        self.marked_twice = 0
        self.gaps = 0
        self.gap_tells: tuple[Callable[[Any], int], ...] = ()
        self.state_tells: tuple[Callable[[Any], int], ...] = ()
        self.trade_outlets: tuple[TradeOutlet, ...] = ()

    def connect(self, risk: Ref, safety: Ref, subscribers: Sequence[Subscriber]) -> None:
        """Bind who is told what: risk always hears before any strategy."""
        quotes = [subscriber.quotes.tell for subscriber in subscribers]
        self.quote_refs = (risk, *(subscriber.quotes for subscriber in subscribers))
        self.depth_refs = tuple(subscriber.quotes for subscriber in subscribers if subscriber.wants_depth)
        self.gap_tells = (risk.tell, *(subscriber.gaps.tell for subscriber in subscribers))
        self.state_tells = (risk.tell, safety.tell, *quotes)
        kept = {outlet.tell: outlet for outlet in self.trade_outlets}  # with the word of what they missed
        self.trade_outlets = tuple(
            kept.get(subscriber.trades.tell) or TradeOutlet(subscriber.trades)
            for subscriber in subscribers
            if subscriber.trades is not None
        )

    def silence(self, now_ns: int, stale_after_ns: int) -> str:
        """Look at what was heard since the last look; returns why the book may not be used any more, or nothing.

        Best prices that go on prove that the book's own stream must have something to say.
        """
        if self.heard:
            self.heard = False
            self.heard_ns = now_ns
        elif now_ns - self.heard_ns >= stale_after_ns:
            return f"nothing was heard for {(now_ns - self.heard_ns) // NS_PER_MS} ms"
        newest_id = self.recent[-1].update_id if self.recent else 0
        if newest_id <= self.book_id or self.lagging_id != self.book_id:
            self.lagging_id = self.book_id
            self.lagging_ns = now_ns
        lag_ns = now_ns - self.lagging_ns
        if lag_ns < stale_after_ns:
            return ""
        stands = f"the book stands at update {self.book_id} for {lag_ns // NS_PER_MS} ms"
        return f"{stands} and best prices went on to {newest_id}"

    def summary(self) -> dict[str, int | str]:
        """Return the instrument's part of the run's summary."""
        bid_ticks, bid_lots, ask_ticks, ask_lots = self.book.best()
        bid_levels, ask_levels = self.book.counts()
        return {
            "applied": self.applied,
            "dropped": self.dropped,
            "gaps": self.gaps,
            "last_update_id": self.book_id,
            "best_bid": self.scale.price_text(bid_ticks),
            "best_bid_quantity": self.scale.lots_text(bid_lots),
            "best_ask": self.scale.price_text(ask_ticks),
            "best_ask_quantity": self.scale.lots_text(ask_lots),
            "bid_levels": bid_levels,
            "ask_levels": ask_levels,
            "bbo_checks": self.bbo_checks,
            "bbo_mismatches": self.bbo_mismatches,
            "levels_capped": self.book.capped,
        }
