"""What the market says: from the gateway to feed, and from feed to those who decide.

Gateway to feed: BookSnapshot, BookDelta, BestPrice, TradePrint, StreamState. Feed to strategy and risk: Quote,
Depth, Trade, TradesMissed, FeedGap, FeedState. A Quote carries integers; its Decimal properties are computed when
somebody asks, so that a strategy pays only for what it reads.
"""

from __future__ import annotations

from decimal import Decimal
from enum import IntEnum

from msgspec import Struct

from hotpath.core.units import Scale
from hotpath.market.levels import Levels


class Side(IntEnum):
    """The side of an order; a trade has the side of its aggressor."""

    BUY = 1
    SELL = -1

    @property
    def opposite(self) -> Side:
        """The other side."""
        return Side.SELL if self is Side.BUY else Side.BUY


class FeedStatus(IntEnum):
    """What an instrument's book may be used for."""

    STALE = 0
    SYNCHRONISED = 1


class BookSnapshot(Struct, frozen=True, gc=False):
    """The whole book of an instrument as the venue had it at `last_id`."""

    instrument: int
    last_id: int
    bids: Levels
    asks: Levels
    time_ns: int


class BookDelta(Struct, frozen=True, gc=False):
    """Absolute quantities of the levels that changed between `first_id` and `last_id`; 0 lots deletes a level."""

    instrument: int
    first_id: int
    last_id: int
    bids: Levels
    asks: Levels
    time_ns: int


class StreamState(Struct, frozen=True, gc=False):
    """Whether the venue's market stream is connected and subscribed; when it is not, every book of it is STALE."""

    venue: str
    live: bool
    reason: str


class Watch(Struct, frozen=True, gc=False):
    """triggers -> feed: tell me, or do not tell me any more, of the quotes and of the trades of an instrument."""

    instrument: int
    quotes: bool
    trades: bool


class SnapshotRequest(Struct, frozen=True, gc=False):
    """Feed asks the gateway for a snapshot of one instrument."""

    instrument: int


class Trade(Struct, frozen=True, gc=False):
    """A trade of the market. `side` is the aggressor's. Goes from the gateway through feed to strategies unchanged."""

    instrument: int
    trade_id: int
    price_ticks: int
    lots: int
    side: Side
    time_ns: int
    scale: Scale

    @property
    def price(self) -> Decimal:
        """The price in quote currency."""
        return self.scale.price(self.price_ticks)

    @property
    def quantity(self) -> Decimal:
        """The quantity in base currency."""
        return self.scale.quantity(self.lots)


class Quote(Struct, frozen=True, gc=False):
    """Best bid and ask with their quantities; published only when one of the four changed."""

    instrument: int
    bid_ticks: int
    bid_lots: int
    ask_ticks: int
    ask_lots: int
    update_id: int
    time_ns: int
    scale: Scale

    @property
    def bid(self) -> Decimal:
        """The best bid in quote currency."""
        return self.scale.price(self.bid_ticks)

    @property
    def ask(self) -> Decimal:
        """The best ask in quote currency."""
        return self.scale.price(self.ask_ticks)

    @property
    def bid_quantity(self) -> Decimal:
        """The quantity at the best bid in base currency."""
        return self.scale.quantity(self.bid_lots)

    @property
    def ask_quantity(self) -> Decimal:
        """The quantity at the best ask in base currency."""
        return self.scale.quantity(self.ask_lots)

    @property
    def mid(self) -> Decimal:
        """Halfway between bid and ask."""
        return (self.bid + self.ask) / 2

    @property
    def spread(self) -> Decimal:
        """Ask minus bid."""
        return self.ask - self.bid


class Depth(Struct, frozen=True, gc=False):
    """The best levels of both sides, best first; each level is read as a (ticks, lots) pair."""

    instrument: int
    bid_levels: Levels
    ask_levels: Levels
    update_id: int
    time_ns: int
    scale: Scale

    @property
    def bids(self) -> list[tuple[Decimal, Decimal]]:
        """(price, quantity) of the bid levels, best first."""
        return [(self.scale.price(ticks), self.scale.quantity(lots)) for ticks, lots in self.bid_levels]

    @property
    def asks(self) -> list[tuple[Decimal, Decimal]]:
        """(price, quantity) of the ask levels, best first."""
        return [(self.scale.price(ticks), self.scale.quantity(lots)) for ticks, lots in self.ask_levels]


class TradesMissed(Struct, frozen=True, gc=False):
    """Trades that a full mailbox could not take, merged; delivered before the next Trade."""

    instrument: int
    count: int
    lots: int
    first_id: int
    last_id: int


class FeedGap(Struct, frozen=True, gc=False):
    """The venue's sequence broke: the book is STALE until it is synchronised again."""

    instrument: int
    expected_id: int
    received_id: int
    time_ns: int


class FeedState(Struct, frozen=True, gc=False):
    """An instrument's book became SYNCHRONISED or STALE, and why."""

    instrument: int
    status: FeedStatus
    reason: str
    update_id: int
    time_ns: int


class TopDepth(Struct, frozen=True, gc=False):
    """What stands on the best ten levels of each side, at most ten times a second: all that risk needs of a book."""

    instrument: int
    bid_lots: int
    ask_lots: int
    time_ns: int
    bids: Levels | None = None
    asks: Levels | None = None


class Mark(Struct, frozen=True, gc=False):
    """Twice the mid price of an instrument in ticks (an integer without rounding), at most ten times a second."""

    instrument: int
    mid_ticks_twice: int
    time_ns: int
