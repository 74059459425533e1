"""A Feed actor with everything around it remembered, and the recordings as the messages that a gateway would send."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from actors.feed.actor import Feed
from actors.feed.line import Subscriber
from actors.feed.recovery import RecoveryState
from engine.clock import NS_PER_SECOND
from engine.messages.best_price import BestPrice
from engine.messages.control import Start
from engine.messages.market import BookDelta, BookSnapshot, Side, StreamState, Trade
from hotpath.market.levels import Levels, parse_levels
from tiercel.recording import Recorder, RecordingContext
from tiercel.testing import BTCUSDT

NOW_NS = 1_723_161_253 * NS_PER_SECOND
SCALE = BTCUSDT.scale
BIDS = ((100, 5), (99, 6), (98, 7))
ASKS = ((101, 5), (102, 6), (103, 7))


class FeedDesk:
    """Tell it what a gateway says; read `gateway`, `risk`, `portfolio`, `safety`, `quotes`, `trades` and `gaps`."""

    def __init__(self, *, wants_depth: bool = False, depth_levels: int = 2, levels_max: int = 20_000) -> None:
        self.context = RecordingContext(NOW_NS)
        self.gateway, self.risk, self.portfolio, self.safety = (Recorder() for _ in range(4))
        self.quotes, self.trades, self.gaps = (Recorder() for _ in range(3))
        self.feed = Feed("binance_spot", [BTCUSDT], depth_levels=depth_levels, levels_max=levels_max)
        self.feed.context = self.context
        self.feed.gateway, self.feed.risk, self.feed.portfolio = self.gateway, self.risk, self.portfolio
        self.feed.safety = self.safety
        self.feed.subscribers = [[Subscriber(self.quotes, self.trades, self.gaps, wants_depth)]]
        self.waiting, self.waiting_trades = Recorder(), Recorder()
        self.feed.triggers = Subscriber(self.waiting, self.waiting_trades, self.waiting)
        self.handlers = self.feed.handlers()
        self.tell(Start())
        for recorder in (self.risk, self.safety, self.quotes):
            recorder.take()

    def tell(self, *messages: Any) -> None:
        for message in messages:
            self.handlers[type(message)](message)

    def advance(self, seconds: float) -> None:
        until_ns = self.context.now_ns + int(seconds * NS_PER_SECOND)
        while (message := self.context.take_due(until_ns)) is not None:
            self.tell(message)
        self.context.now_ns = until_ns

    def synchronise(self, last_id: int = 10) -> None:
        """Bring the book from nothing to SYNCHRONISED at `last_id`."""
        self.tell(StreamState("binance_spot", True, ""), delta(last_id - 1, last_id), snapshot(last_id))
        assert self.state() is RecoveryState.SYNCHRONISED

    def state(self) -> RecoveryState:
        return self.feed._lines[0].state

    @property
    def counts(self) -> dict[str, Any]:
        return self.feed.summary(0)


def delta(
    first_id: int,
    last_id: int,
    bids: Iterable[tuple[int, int]] = (),
    asks: Iterable[tuple[int, int]] = (),
) -> BookDelta:
    return BookDelta(0, first_id, last_id, Levels.of(bids), Levels.of(asks), NOW_NS)


def snapshot(
    last_id: int, bids: Iterable[tuple[int, int]] = BIDS, asks: Iterable[tuple[int, int]] = ASKS
) -> BookSnapshot:
    return BookSnapshot(0, last_id, Levels.of(bids), Levels.of(asks), NOW_NS)


def best(update_id: int, bid: tuple[int, int] = BIDS[0], ask: tuple[int, int] = ASKS[0]) -> BestPrice:
    return BestPrice(0, update_id, *bid, *ask, NOW_NS)


def trade(trade_id: int, lots: int = 1) -> Trade:
    return Trade(0, trade_id, 100, lots, Side.BUY, NOW_NS, SCALE)


def recording(path: Path) -> Iterator[tuple[int, Any]]:
    """Return (receive time, message) of every line of a Binance spot recording."""
    with gzip.open(path, "rt") as lines:
        for line in lines:
            time_ns, _, text = line.partition(" ")
            frame = msgspec.json.decode(text)
            yield int(time_ns), _message(frame.get("stream", ""), frame.get("data", frame), int(time_ns))


def _message(stream: str, data: dict[str, Any], time_ns: int) -> Any:
    if stream.endswith("@bookTicker"):
        sides = (
            SCALE.price_ticks(data["b"]),
            SCALE.lots(data["B"]),
            SCALE.price_ticks(data["a"]),
            SCALE.lots(data["A"]),
        )
        return BestPrice(0, data["u"], *sides, time_ns)
    if stream.endswith("@trade"):
        side = Side.SELL if data["m"] else Side.BUY
        return Trade(0, data["t"], SCALE.price_ticks(data["p"]), SCALE.lots(data["q"]), side, time_ns, SCALE)
    if stream:
        return BookDelta(0, data["U"], data["u"], _levels(data["b"]), _levels(data["a"]), time_ns)
    return BookSnapshot(0, data["lastUpdateId"], _levels(data["bids"]), _levels(data["asks"]), time_ns)


def _levels(pairs: list[list[str]]) -> Levels:
    return parse_levels(msgspec.json.encode(pairs), SCALE)
