"""A thousand recorded order messages of MSFT: the book that they make is the recorded one, row by row."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from hotpath.market.book_l3 import BookL3, BookOutcome

LEVELS = 10
SUBMISSION, PART_CANCELED, DELETED, EXECUTED, HIDDEN = range(1, 6)
Sides = tuple[tuple[tuple[int, int], ...], ...]


def sides_of(row: list[int]) -> Sides:
    """Return (bids, asks) of a row of the recorded book: ask price, ask size, bid price, bid size, and so on."""
    return tuple(zip(row[2::4], row[3::4], strict=True)), tuple(zip(row[0::4], row[1::4], strict=True))


class Follower:
    """Follows messages from a recorded book. An order that is older than it stands in the one that seeded its price."""

    def __init__(self, seed: Sides) -> None:
        self.book = BookL3(8_192)
        self.seeds: dict[tuple[int, int], int] = {}
        self.answers: Counter[BookOutcome] = Counter()
        for side, half in zip((1, -1), seed, strict=True):
            for ticks, lots in half:
                self.seeds[side, ticks] = -len(self.seeds) - 1
                assert self.book.add(self.seeds[side, ticks], side, ticks, lots) is BookOutcome.OPEN

    def hear(self, kind: int, number: int, lots: int, ticks: int, side: int) -> None:
        """Apply one message."""
        if kind == HIDDEN:
            self.book.execute_hidden(ticks, lots)
            return
        if kind == SUBMISSION:
            answer = self.book.add(number, side, ticks, lots)
        else:
            known = number if self.book.order(number) else self.seeds.get((side, ticks), 0)
            answer = self.book.execute(known, lots) if kind == EXECUTED else self.book.reduce(known, lots)
        self.answers[answer] += 1
        self.book.check()


def test_the_top_ten_levels_agree_on_every_row(shared_data: Callable[[str], Path]) -> None:
    with gzip.open(shared_data("equities/msft_lobster_book.csv.gz"), "rt") as lines:
        rows = [sides_of([int(value) for value in row]) for row in csv.reader(lines)]
    with shared_data("equities/msft_lobster_messages.csv").open() as lines:
        messages = [[int(value) for value in row[1:]] for row in csv.reader(lines)]
    follower = Follower(rows[0])
    agreed = 0
    for message, row in zip(messages[1:], rows[1:], strict=True):
        follower.hear(*message)
        agreed += follower.book.depth(LEVELS) == tuple(half[:LEVELS] for half in row)
    assert agreed == 999
    assert follower.answers[BookOutcome.OPEN] + follower.answers[BookOutcome.GONE] == 999 - 5
    assert follower.book.hidden_executions_count == 5
    assert follower.book.executions_count == 110
