"""The book: best at hand, absolute quantities, a bound on each side."""

from __future__ import annotations

import gc
import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from engine.messages.market import Side
from hotpath.market.book import Book
from hotpath.market.levels import Levels

EMPTY = Levels()


def book_of(bids: list[tuple[int, int]], asks: list[tuple[int, int]], levels_max: int = 100) -> Book:
    book = Book(levels_max)
    book.load(Levels.of(bids), Levels.of(asks))
    book.check()
    return book


def test_a_new_book_is_empty() -> None:
    book = Book()
    book.check()
    assert book.best() == (0, 0, 0, 0)
    assert book.counts() == (0, 0)
    assert book.depth(5) == ((), ())
    assert (book.levels_max, book.capped, book.crossed) == (20_000, 0, False)
    assert book.lots_at(Side.BUY, 100) == 0
    assert not gc.is_tracked(book)


def test_load_replaces_everything() -> None:
    book = book_of([(100, 1), (99, 2)], [(101, 3)])
    book.load(Levels.of([(50, 5)]), EMPTY)
    assert book.best() == (50, 5, 0, 0)
    assert book.counts() == (1, 0)
    assert book.untouched_count == 0


@pytest.mark.parametrize("bids", list(itertools.permutations([(100, 1), (99, 2), (98, 3)])))
def test_load_takes_any_order(bids: Sequence[tuple[int, int]]) -> None:
    assert book_of(list(bids), []).depth(9)[0] == ((100, 1), (99, 2), (98, 3))


def test_load_reads_twice_the_same_price_as_the_later_quantity_and_leaves_out_empty_levels() -> None:
    book = book_of([(100, 1), (100, 7), (99, 0), (98, 5), (98, 0)], [(101, 2), (101, 0), (102, 4)])
    assert book.depth(9) == (((100, 7),), ((102, 4),))


def test_apply_sets_deletes_and_tells_whether_the_best_changed() -> None:
    book = book_of([(100, 1), (99, 2)], [(101, 3), (102, 4)])
    assert book.apply(Levels.of([(98, 9)]), Levels.of([(103, 9)])) is False
    assert book.apply(Levels.of([(100, 5)]), EMPTY) is True
    assert book.apply(Levels.of([(100, 5)]), EMPTY) is False
    assert book.apply(EMPTY, Levels.of([(101, 0)])) is True
    assert book.best() == (100, 5, 102, 4)
    assert book.depth(2) == (((100, 5), (99, 2)), ((102, 4), (103, 9)))
    book.check()


def test_deleting_an_unknown_level_changes_nothing() -> None:
    book = book_of([(100, 1)], [(101, 3)])
    assert book.apply(Levels.of([(97, 0), (150, 0)]), Levels.of([(1, 0)])) is False
    assert book.counts() == (1, 1)
    assert book.untouched_count == book.levels_max


def test_within_a_message_the_later_quantity_counts() -> None:
    book = book_of([], [])
    book.apply(Levels.of([(100, 1), (90, 1), (100, 2), (90, 0)]), Levels.of([(101, 1), (101, 0), (101, 6)]))
    assert book.depth(3) == (((100, 2),), ((101, 6),))


def test_update_sets_one_level_of_either_side() -> None:
    book = Book()
    assert book.update(1, 100, 5) is True
    assert book.update(-1, 101, 6) is True
    assert book.update(Side.BUY, 99, 1) is False
    assert book.update(Side.SELL, 101, 0) is True
    assert book.best() == (100, 5, 0, 0)
    assert book.lots_at(Side.BUY, 99) == 1
    assert book.lots_at(Side.SELL, 99) == 0
    book.check()


@pytest.mark.parametrize(("side", "ticks", "lots"), [(0, 1, 1), (2, 1, 1), (1, 0, 1), (1, -1, 1), (-1, 1, -1)])
def test_a_level_that_cannot_be_is_refused_and_changes_nothing(side: int, ticks: int, lots: int) -> None:
    book = Book()
    with pytest.raises(ValueError, match="expected"):
        book.update(side, ticks, lots)
    assert book.counts() == (0, 0)


def test_a_crossed_book_is_reported_not_repaired() -> None:
    assert not book_of([(100, 1)], [(101, 1)]).crossed
    assert book_of([(100, 1)], [(100, 1)]).crossed
    assert book_of([(102, 1)], [(100, 1)]).crossed
    assert not book_of([(102, 1)], []).crossed
    assert not book_of([], [(100, 1)]).crossed


def test_clear_empties_both_sides() -> None:
    book = book_of([(100, 1)], [(101, 1)])
    book.clear()
    book.check()
    assert (book.best(), book.counts()) == ((0, 0, 0, 0), (0, 0))


def test_beyond_levels_max_the_worst_level_is_dropped_and_counted() -> None:
    book = book_of([(100, 1), (99, 1)], [(101, 1), (102, 1)], levels_max=2)
    book.update(1, 101, 1)
    book.update(-1, 100, 1)
    assert book.depth(9) == (((101, 1), (100, 1)), ((100, 1), (101, 1)))
    assert book.capped == 2
    book.update(1, 5, 1)
    book.update(-1, 500, 1)
    assert book.depth(9) == (((101, 1), (100, 1)), ((100, 1), (101, 1)))
    assert book.capped == 4
    book.check()


def test_a_snapshot_beyond_levels_max_keeps_the_best() -> None:
    book = book_of([(ticks, 1) for ticks in range(10, 0, -1)], [(ticks, 1) for ticks in (13, 11, 12, 14)], levels_max=3)
    assert book.depth(9) == (((10, 1), (9, 1), (8, 1)), ((11, 1), (12, 1), (13, 1)))
    assert book.capped == 7 + 1


def test_untouched_count_says_how_deep_the_best_levels_stand_as_before() -> None:
    book = book_of([(100, 1), (99, 1), (98, 1)], [(101, 1), (102, 1)])
    book.apply(Levels.of([(98, 5), (97, 1)]), Levels.of([(102, 1)]))
    assert book.untouched_count == 2
    book.apply(EMPTY, Levels.of([(102, 0)]))
    assert book.untouched_count == 1
    book.update(1, 101, 1)
    assert book.untouched_count == 0
    book.apply(EMPTY, EMPTY)
    assert book.untouched_count == book.levels_max


def test_depth_of_0_is_empty_and_below_0_an_error() -> None:
    book = book_of([(100, 1)], [(101, 1)])
    assert book.depth(0) == ((), ())
    with pytest.raises(ValueError, match="depth -1"):
        book.depth(-1)


def test_the_largest_numbers_stay_exact() -> None:
    largest = 2**63 - 1
    book = book_of([(largest - 1, largest)], [(largest, largest)])
    assert book.best() == (largest - 1, largest, largest, largest)
    assert book.lots_at(-1, largest) == largest
    assert book.lots_at(1, -(2**63) + 1) == 0


@pytest.mark.parametrize("levels_max", [0, -1])
def test_a_book_holds_at_least_one_level_a_side(levels_max: int) -> None:
    with pytest.raises(ValueError, match="expected 1 or more"):
        Book(levels_max)


@pytest.mark.parametrize("value", [1.0, "1", None])
def test_integers_must_be_integers(value: Any) -> None:
    book = Book()
    for call in (
        *(lambda: book.update(value, 1, 1), lambda: book.update(1, value, 1), lambda: book.update(1, 1, value)),
        *(lambda: book.depth(value), lambda: book.lots_at(1, value), lambda: Book(value)),
    ):
        with pytest.raises(TypeError, match="expected int"):
            call()


def test_a_missing_batch_is_a_type_error() -> None:
    book = Book()
    for bids, asks in ((None, EMPTY), (EMPTY, None), ([], EMPTY)):
        with pytest.raises(TypeError):
            book.apply(bids, asks)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            book.load(bids, asks)  # type: ignore[arg-type]


def test_the_best_levels_as_batches_are_those_of_the_depth() -> None:
    book = Book()
    book.load(Levels.of([(100 - step, 1 + step) for step in range(5)]), Levels.of([(101, 7)]))
    for count in (0, 1, 3, 9):
        bids, asks = book.best_levels(count)
        assert (tuple(bids), tuple(asks)) == book.depth(count)
    with pytest.raises(ValueError, match="expected 0 or more"):
        book.best_levels(-1)
