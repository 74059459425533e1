"""A price-level book fed from Python, with the levels of the recorded session in the order in which they came.

Measured is the book alone: every level is what our own feed hands over (a side, ticks and lots; a message as two
batches) and was made beforehand. Other libraries get the same levels as the objects that they take, also made before.
The session is timed in parts, so that one is over before another process takes the core; a figure is that of a level.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from benchmarks.macro.market import Kind, decoder, load_market
from benchmarks.measurement import Measurement, of_loops, type_of_measurements
from engine.messages.market import BookDelta, BookSnapshot
from hotpath.core.histogram import stamp
from hotpath.market.book import Book

BUY, SELL = 1, -1
PASSES, PASSES_TINY = 8, 2
PART_LEVELS = 500

type_of_level = tuple[int, tuple[int, int]]
type_of_part = tuple[Sequence[Any], int]
"""What is played in one go, and how many levels that is."""


class Session(NamedTuple):
    """A snapshot, and the messages that follow it, in parts of `PART_LEVELS` levels or a message more."""

    snapshot: BookSnapshot
    parts: list[list[BookDelta]]
    source: str

    @property
    def end(self) -> Book:
        """The book that it comes to."""
        book = Book()
        book.load(self.snapshot.bids, self.snapshot.asks)
        for part in self.parts:
            for delta in part:
                book.apply(delta.bids, delta.asks)
        return book

    def measurement(self, times_ns: Sequence[int], work: object) -> Measurement:
        """Return the figure of a level from the times of `time_parts`."""
        messages = [delta for part in self.parts for delta in part]
        levels_count = sum(len(delta.bids) + len(delta.asks) for delta in messages)
        return of_loops(
            times_ns, PART_LEVELS, work, f"{levels_count} levels of {len(messages)} messages, {self.source}"
        )


def levels_of(*messages: BookDelta | BookSnapshot) -> list[type_of_level]:
    """Return (side, (ticks, lots)) of messages, bids first."""
    return [
        (side, level)
        for message in messages
        for side, levels in ((BUY, message.bids), (SELL, message.asks))
        for level in levels
    ]


def load_session(quick: bool) -> Session:
    """Return the session of the rows."""
    market = load_market(quick)
    decode = decoder(market).decode
    snapshot = decoder(market).decode_snapshot(market.instrument, market.snapshot, 0)
    parts: list[list[BookDelta]] = [[]]
    levels_count = 0
    for frame in market.frames:
        delta = decode(frame.payload, frame.time_ns) if frame.kind is Kind.DEPTH else None
        if isinstance(delta, BookDelta) and delta.last_id > snapshot.last_id:
            parts[-1].append(delta)
            levels_count += len(delta.bids) + len(delta.asks)
            if levels_count >= PART_LEVELS:
                parts.append([])
                levels_count = 0
    return Session(snapshot, [part for part in parts if levels_of(*part)], market.source)


def time_parts(
    quick: bool, begin: Callable[[], tuple[Callable[[Sequence[Any]], object], Iterable[type_of_part]]]
) -> list[int]:
    """Return how long each part of each pass took, in ns for `PART_LEVELS` levels.

    `begin` makes everything anew for a pass, untimed: what plays a part, and the parts. The first pass warms up.
    """
    times_ns = []
    for number in range(1 + (PASSES_TINY if quick else PASSES)):
        play, parts = begin()
        for items, levels_count in parts:
            begun_ns = stamp()
            play(items)
            ended_ns = stamp()
            if number:
                times_ns.append((ended_ns - begun_ns) * PART_LEVELS // levels_count)
    return times_ns


def book_levels(quick: bool) -> type_of_measurements:
    """Measure one level at a time, and whole messages."""
    session = load_session(quick)
    levels = [[(side, *level) for side, level in levels_of(*part)] for part in session.parts]
    counts = [len(part) for part in levels]
    book = Book()

    def one_by_one(part: Sequence[tuple[int, int, int]]) -> None:
        update = book.update
        for side, ticks, lots in part:
            update(side, ticks, lots)

    def message_by_message(part: Sequence[BookDelta]) -> None:
        apply = book.apply
        for delta in part:
            apply(delta.bids, delta.asks)

    def begin(
        play: Callable[[Sequence[Any]], object], parts: Sequence[Sequence[Any]]
    ) -> tuple[Callable[[Sequence[Any]], object], Iterable[type_of_part]]:
        book.load(session.snapshot.bids, session.snapshot.asks)
        return play, zip(parts, counts, strict=True)

    found = {}
    times_ns = time_parts(quick, lambda: begin(one_by_one, levels))
    found["book_update"] = session.measurement(times_ns, (book.counts(), book.depth(1_000)))
    times_ns = time_parts(quick, lambda: begin(message_by_message, session.parts))
    found["book_message"] = session.measurement(times_ns, (book.counts(), book.depth(1_000)))
    return found
