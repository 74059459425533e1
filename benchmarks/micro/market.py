"""A book by order and a matching engine under streams of operations that compiled loops play (benchmarks/loops).

A stream is made beforehand from a seed. Each pass begins with the orders that rest at first, which are not timed, and
then plays the whole stream in loops of a thousand: a figure is the time of an operation among all the others, not of
one kind of them, and a loop is over before another process takes the core.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol, TypeVar

from benchmarks.loops.market import OrderStream, RequestStream
from benchmarks.measurement import of_loops, type_of_measurements
from hotpath.core.histogram import stamp
from hotpath.market.book_l3 import BookL3
from hotpath.market.matching import MatchingEngine

Played = TypeVar("Played", bound=BookL3 | MatchingEngine, contravariant=True)
SEED = 7
LOOP = 1_000
OPERATIONS, OPERATIONS_TINY = 500 * LOOP, 5 * LOOP
PASSES, PASSES_TINY = 5, 2
FEW, MANY, MANY_TINY = 100, 100_000, 1_000
ORDERS_MAX = 131_072
RESTING = 10_000


class Stream(Protocol[Played]):
    """What a compiled loop plays."""

    count: int

    def begin(self, played: Played, /) -> None:
        """Let the orders rest that stand there from the beginning."""

    def play(self, played: Played, first: int, count: int, /) -> int:
        """Let a part of everything else happen."""


def book_l3(quick: bool) -> type_of_measurements:
    """Measure operations on a book by order with few orders in it, and on one of the same bound with many."""
    found = {}
    for name, resting in (("book_l3_100", FEW), ("book_l3", MANY_TINY if quick else MANY)):
        book = BookL3(ORDERS_MAX)
        stream = OrderStream(resting, OPERATIONS_TINY if quick else OPERATIONS, SEED)
        times_ns, outcomes = _passes(stream, partial(_cleared, book), quick)
        note = f"about {resting} orders rest; {book.counts()[0]} bid and {book.counts()[1]} ask prices at the end"
        found[name] = of_loops(times_ns, LOOP, (outcomes, book.depth(100)), note, is_rate=True)
    return found


def matching(quick: bool) -> type_of_measurements:
    """Measure orders that meet the engine; the cancels between them cost time and do not count."""
    stream = RequestStream(RESTING // 100 if quick else RESTING, OPERATIONS_TINY if quick else OPERATIONS, SEED)
    times_ns, outcomes = _passes(stream, lambda: MatchingEngine(4 * stream.resting + 1_024), quick)
    note = f"{stream.orders_count} orders and {stream.count - stream.orders_count} cancels, {stream.resting} rest"
    orders_a_loop = LOOP * stream.orders_count // stream.count
    return {"matching": of_loops(times_ns, orders_a_loop, outcomes, note, is_rate=True)}


def _cleared(book: BookL3) -> BookL3:
    book.clear()
    return book


def _passes(stream: Stream[Played], make: Callable[[], Played], quick: bool) -> tuple[list[int], list[int]]:
    """Return how long each loop of each pass took, and the outcomes of the passes. The first pass warms up."""
    times_ns: list[int] = []
    outcomes = []
    for number in range(1 + (PASSES_TINY if quick else PASSES)):
        played = make()
        stream.begin(played)
        outcome = 0
        for first in range(0, stream.count, LOOP):
            begun_ns = stamp()
            outcome += stream.play(played, first, LOOP)
            ended_ns = stamp()
            if number:
                times_ns.append(ended_ns - begun_ns)
        outcomes.append(outcome)
    return times_ns, outcomes
