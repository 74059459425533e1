"""What fills cost compiled code: counting one into an average, asking the book what a size would pay.

The loops run in compiled code (benchmarks/loops), because a call from Python costs more than what is measured here.
"""

from __future__ import annotations

from functools import partial

from benchmarks.loops import orders
from benchmarks.measurement import of_loops, time_loops, type_of_measurements
from hotpath.market.book import Book
from hotpath.market.levels import Levels
from hotpath.orders.fills import Average, sweep_book

OPERATIONS = 1_000
LOOPS, LOOPS_TINY = 2_000, 20
PRICE_TICKS = 6_168_599
BOOK_LEVELS = 1_000
SWEPT_LEVELS = 10
LEVEL_LOTS = 10**8


def average_fill(quick: bool) -> type_of_measurements:
    """Measure one fill counted into an average."""
    average = Average()
    times_ns = time_loops(partial(orders.average_fill, average, PRICE_TICKS, OPERATIONS), _loops(quick))
    return {"average_fill": of_loops(times_ns, OPERATIONS, (average.cost, average.lots))}


def sweep(quick: bool) -> type_of_measurements:
    """Measure what a size of ten levels would pay, from a book of a thousand to an average of its own."""
    book = Book()
    steps = range(1, BOOK_LEVELS + 1)
    bids = Levels.of((PRICE_TICKS - step, LEVEL_LOTS) for step in steps)
    asks = Levels.of((PRICE_TICKS + step, LEVEL_LOTS) for step in steps)
    book.load(bids, asks)
    lots = SWEPT_LEVELS * LEVEL_LOTS - LEVEL_LOTS // 2
    times_ns = time_loops(partial(orders.sweep, book, lots, OPERATIONS), _loops(quick))
    work = [sweep_book(book, side, lots).cost for side in (1, -1)]
    note = f"{SWEPT_LEVELS} levels of a book of {BOOK_LEVELS} a side"
    return {"sweep": of_loops(times_ns, OPERATIONS, work, note)}


def _loops(quick: bool) -> int:
    return LOOPS_TINY if quick else LOOPS
