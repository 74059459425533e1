from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, final

from actors.feed.recovery import RecoveryState
from engine.instruments import Instrument
from engine.messages.best_price import BestPrice
from engine.messages.market import BookDelta, Quote
from engine.runtime.actor import Ref
from hotpath.core.units import Scale
from hotpath.market.book import Book
from hotpath.market.levels import Levels
from hotpath.market.sequence import Sequence as UpdateSequence

RECENT_MAX: int
TAKEN: int
OLD: int
MISSING: int
CROSSED: int
DIFFERS: int

class QuoteLine:
    """What feed knows about one instrument as far as its quotes go; a base class."""

    instrument: Instrument
    index: int
    scale: Scale
    book: Book
    state: RecoveryState
    quote: Quote | None
    """As published last; None while the book may not be used."""
    quote_id: int
    """The update that quotes have reached."""
    book_id: int
    """The update that the book has reached."""
    recent: deque[BestPrice]
    """Best prices kept for the book to catch up with."""
    sequence: UpdateSequence
    heard: bool
    applied: int
    dropped: int
    bbo_checks: int
    bbo_mismatches: int
    quote_refs: tuple[Ref, ...]
    """Who is told quotes, in this order."""
    depth_refs: tuple[Ref, ...]
    """Who is told depth, in this order."""
    depth: tuple[Levels, Levels] | None
    """The best levels as published last, None before."""

    def __init__(self, instrument: Instrument, levels_max: int) -> None:
        """Begin IDLE, with nobody listening; a side of the book holds `levels_max` levels."""
    def take(self, price: BestPrice) -> int:
        """Take a best price and publish it when it is news; returns TAKEN, CROSSED or DIFFERS."""
    def apply(self, delta: BookDelta) -> int:
        """Bring the book forward by one delta and prove it.

        Returns:
            TAKEN; OLD or MISSING, and the book is as it was; CROSSED or DIFFERS, and the book may not be used any more.
        """
    def take_book(self, time_ns: int) -> None:
        """Publish the book's best, which is further than the best prices, when it is news."""
    def publish_depth(self, levels_max: int, time_ns: int) -> None:
        """Publish the best levels of the book when they are news."""

@final
class MarketFront:
    """What feed does with market data while nothing is wrong."""

    def __init__(
        self,
        lines: Sequence[QuoteLine],
        depth_levels: int,
        keep: Callable[[Any, BookDelta], None],
        broken: Callable[[Any, int, Any], None],
    ) -> None:
        """Know the lines by the index of their instrument.

        Args:
            lines: by instrument.
            depth_levels: levels a side of a Depth.
            keep: takes a line and the delta that it cannot use yet.
            broken: takes a line, what is wrong (OLD included) and the best price or delta that showed it.
        """
    def on_best_price(self, price: BestPrice) -> None:
        """Publish a quote when the venue's best price is news; compare it where the book stands at the same update."""
    def on_delta(self, delta: BookDelta) -> None:
        """Bring the book forward, prove it, and publish what is news; keep the delta while there is no book."""
