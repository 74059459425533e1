"""Wire to wire: a bare peer sends a prepared frame and receives the order that it causes, both ends spinning.

The peer, its pause and its clock are those of `echo`, so the ratio is what the engine adds to a frame that comes back.
Frames are those of the session of one kind alone; the peer works out beforehand which of them must cause an order.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.macro.desk import ORDERING
from benchmarks.macro.loopback import trade
from benchmarks.macro.market import Kind, Market, decoder, load_market
from benchmarks.macro.peer import Child, Prepared, Prober, spin
from benchmarks.measurement import of_times, type_of_measurements
from engine.messages.best_price import BestPrice
from engine.messages.market import BookDelta
from hotpath.market.book import Book

SAMPLES, SAMPLES_TINY = 2_500, 50
WARM_UP, WARM_UP_TINY = 500, 10
DEPTH_LEVELS = 10


def wire_to_wire_ticker(quick: bool) -> type_of_measurements:
    """Measure orders that a best price causes."""
    return _measure("wire_to_wire_ticker", Kind.TICKER, quick)


def wire_to_wire_depth(quick: bool) -> type_of_measurements:
    """Measure orders that a depth message causes."""
    return _measure("wire_to_wire_depth", Kind.DEPTH, quick)


def prepared(market: Market, kind: Kind) -> Iterator[Prepared]:
    """Yield what synchronises the book, then every frame of one kind; those that change the market must be answered."""
    decode = decoder(market).decode
    snapshot = decoder(market).decode_snapshot(market.instrument, market.snapshot, 0)
    book = Book()
    book.load(snapshot.bids, snapshot.asks)
    best: tuple[int, int, int, int] | None = None
    depth = book.depth(DEPTH_LEVELS)
    joined = False
    for frame in market.streamed():
        if joined and frame.kind is not kind:
            continue
        match decode(frame.payload, 0):
            case BookDelta(last_id=last_id, bids=bids, asks=asks) if last_id > snapshot.last_id:
                book.apply(bids, asks)
                before, depth = depth, book.depth(DEPTH_LEVELS)
                yield Prepared(frame.payload, joined and depth != before)
                joined = True
            case BestPrice(bid_ticks=bid, bid_lots=bid_lots, ask_ticks=ask, ask_lots=ask_lots) if joined:
                before_best, best = best, (bid, bid_lots, ask, ask_lots)
                yield Prepared(frame.payload, before_best is not None and best != before_best)
            case _:
                yield Prepared(frame.payload, False)


def _measure(name: str, kind: Kind, quick: bool) -> type_of_measurements:
    samples, warm_up = (SAMPLES_TINY, WARM_UP_TINY) if quick else (SAMPLES, WARM_UP)
    market = load_market(quick)
    prober = Prober(_first(prepared(market, kind), samples + warm_up), warm_up)

    async def look(child: Child) -> None:
        await spin(prober.step, lambda: prober.is_done or child.is_over)

    trade(market, prober, look, loop="spin", strategy=ORDERING)
    if prober.unanswered_count > len(prober.times_ns) // 100:
        raise ValueError(f"{prober.unanswered_count} frames had no order; the row needs one for each")
    note = f"{len(prober.times_ns)} orders, {prober.unanswered_count} frames unanswered, {market.source}"
    return {name: of_times(prober.times_ns, note=note)}


def _first(frames: Iterator[Prepared], answers: int) -> list[Prepared]:
    """Return the frames up to the given number of answers."""
    found: list[Prepared] = []
    for frame in frames:
        found.append(frame)
        answers -= frame.is_answered
        if not answers:
            break
    return found
