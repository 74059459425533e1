"""Bytes to book: a depth message from the socket's bytes to a changed book.

The whole session is replayed, so the book is as deep as it was and the messages that are measured (16 to 20 levels)
come between those of every other size. Measured is what the gateway and feed do with the bytes: recognise the stream,
decode, scan both sides, apply them.
"""

from __future__ import annotations

from typing import Any

from benchmarks.macro.market import Kind, decoder, load_market
from benchmarks.measurement import of_times, type_of_measurements
from engine.messages.market import BookDelta
from hotpath.core.histogram import stamp
from hotpath.market.book import Book

LEVELS_MIN, LEVELS_MAX = 16, 20
PASSES, PASSES_TINY = 10, 1


def bytes_to_book(quick: bool) -> type_of_measurements:
    """Measure decode and apply of each depth message of 16 to 20 levels."""
    market = load_market(quick)
    decode = decoder(market).decode
    snapshot = decoder(market).decode_snapshot(market.instrument, market.snapshot, 0)
    frames = [frame for frame in market.frames if frame.kind is Kind.DEPTH]
    updates = [(frame, decode(frame.payload, frame.time_ns)) for frame in frames]
    wanted = [
        (frame.payload, frame.time_ns, LEVELS_MIN <= len(update.bids) + len(update.asks) <= LEVELS_MAX)
        for frame, update in updates
        if isinstance(update, BookDelta) and update.last_id > snapshot.last_id
    ]
    book = Book()
    apply = book.apply
    times_ns: list[int] = []
    for number in range((PASSES_TINY if quick else PASSES) + 1):
        book.load(snapshot.bids, snapshot.asks)
        if number == 1:
            times_ns.clear()  # the first pass warmed up
        for payload, time_ns, measured in wanted:
            begun_ns = stamp()
            delta: Any = decode(payload, time_ns)
            apply(delta.bids, delta.asks)
            ended_ns = stamp()
            if measured:
                times_ns.append(ended_ns - begun_ns)
    note = f"{len(times_ns)} messages of {LEVELS_MIN} to {LEVELS_MAX} levels, {market.source}"
    return {"bytes_to_book": of_times(times_ns, (book.counts(), book.depth(1_000)), note)}
