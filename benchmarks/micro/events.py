"""Level-2 events through a book in compiled code, its best prices looked at after each: what books cost a backtest.

The stream is the same for every library: a mid that walks, levels around it, three in ten events a deletion.
"""

from __future__ import annotations

from functools import partial
from random import Random
from typing import NamedTuple

from benchmarks.loops import events
from benchmarks.measurement import of_loops, time_loops, type_of_measurements
from hotpath.market.book import Book
from hotpath.market.levels import Levels

EVENTS, EVENTS_TINY = 500_000, 2_000
LOOPS = 4
SEED = 5
FIRST_MID = 350_000
MID_RANGE = 500
"""Ticks that the mid may walk away: without a bound the book would be full of levels that nobody deletes any more."""


class Event(NamedTuple):
    """One level set to a quantity; 0 deletes it."""

    side: int
    ticks: int
    lots: int


def stream(quick: bool) -> list[Event]:
    """Return the events."""
    chance, mid = Random(SEED), FIRST_MID
    made = []
    for _ in range(EVENTS_TINY if quick else EVENTS):
        mid = min(max(mid + chance.choice((-1, 0, 0, 0, 1)), FIRST_MID - MID_RANGE), FIRST_MID + MID_RANGE)
        side = chance.choice((1, -1))
        lots = 0 if chance.random() < 0.3 else chance.randint(1, 999)
        made.append(Event(side, mid - side * (1 + int(chance.expovariate(1 / 6))), lots))
    return made


def book_events(quick: bool) -> type_of_measurements:
    """Measure events set one by one."""
    made, book = stream(quick), Book()
    levels = Levels.of((event.ticks, event.lots) for event in made)
    sides = bytes(event.side == 1 for event in made)
    times_ns = time_loops(partial(events.set_levels, book, levels, sides), LOOPS)
    return {"book_events": of_loops(times_ns, len(made), (book.counts(), book.best()), is_rate=True)}
