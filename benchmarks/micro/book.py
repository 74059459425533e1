"""A price-level book fed from Python, with the levels of the recorded session in the order in which they came.

Measured is the book alone: every level is what our own feed hands over (a side, ticks and lots; a message as two
batches) and was made beforehand. Other libraries get the same levels as the objects that they take, also made before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from benchmarks.macro.market import Kind, decoder, load_market
from benchmarks.measurement import of_loops, type_of_measurements
from engine.messages.market import BookDelta, BookSnapshot
from hotpath.core.histogram import stamp
from hotpath.market.book import Book

BUY, SELL = 1, -1
PASSES, PASSES_TINY = 8, 2


class Session(NamedTuple):
    """A snapshot, and the messages that follow it."""

    snapshot: BookSnapshot
    deltas: list[BookDelta]
    source: str

    @property
    def levels(self) -> list[tuple[int, int, int]]:
        """Every level of the messages as (side, ticks, lots)."""
        return [(side, *level) for delta in self.deltas for side, level in levels_of(delta)]

    @property
    def end(self) -> Book:
        """The book that it comes to."""
        book = Book()
        book.load(self.snapshot.bids, self.snapshot.asks)
        for delta in self.deltas:
            book.apply(delta.bids, delta.asks)
        return book


def levels_of(message: BookDelta | BookSnapshot) -> list[tuple[int, tuple[int, int]]]:
    """Return (side, (ticks, lots)) of a message, bids first."""
    return [*((BUY, level) for level in message.bids), *((SELL, level) for level in message.asks)]


def load_session(quick: bool) -> Session:
    """Return the session of the rows."""
    market = load_market(quick)
    decode = decoder(market).decode
    snapshot = decoder(market).decode_snapshot(market.instrument, market.snapshot, 0)
    messages = [decode(frame.payload, frame.time_ns) for frame in market.frames if frame.kind is Kind.DEPTH]
    deltas = [one for one in messages if isinstance(one, BookDelta) and one.last_id > snapshot.last_id]
    return Session(snapshot, deltas, market.source)


def time_passes(quick: bool, begin: Callable[[], Callable[[], object]]) -> list[int]:
    """Return how long each pass took: `begin` makes what it needs, untimed, and returns it. The first warms up."""
    times_ns = []
    for _ in range(1 + (PASSES_TINY if quick else PASSES)):
        play = begin()
        begun_ns = stamp()
        play()
        times_ns.append(stamp() - begun_ns)
    return times_ns[1:]


def book_levels(quick: bool) -> type_of_measurements:
    """Measure one level at a time, and whole messages."""
    session = load_session(quick)
    levels = session.levels
    book = Book()

    def begin_levels() -> Callable[[], object]:
        book.load(session.snapshot.bids, session.snapshot.asks)
        return one_by_one

    def one_by_one() -> None:
        update = book.update
        for side, ticks, lots in levels:
            update(side, ticks, lots)

    def begin_messages() -> Callable[[], object]:
        book.load(session.snapshot.bids, session.snapshot.asks)
        return message_by_message

    def message_by_message() -> None:
        apply = book.apply
        for delta in session.deltas:
            apply(delta.bids, delta.asks)

    found = {}
    for name, begin in (("book_update", begin_levels), ("book_message", begin_messages)):
        times_ns = time_passes(quick, begin)
        note = f"{len(levels)} levels of {len(session.deltas)} messages, {session.source}"
        found[name] = of_loops(times_ns, len(levels), (book.counts(), book.depth(1_000)), note)
    return found
