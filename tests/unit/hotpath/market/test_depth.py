"""Depth: what a size costs, what stands where, which side leans; the same as when it is added up by hand."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotpath.market.book import Book
from hotpath.market.depth import cumulative_depth, imbalance, lots_within, microprice, sweep_cost
from hotpath.market.levels import Levels

BUY, SELL = 1, -1
INT64_MAX = 2**63 - 1
EPSILON = 2.0**-52


def book_of(bids: list[tuple[int, int]], asks: list[tuple[int, int]]) -> Book:
    book = Book()
    book.load(Levels.of(bids), Levels.of(asks))
    return book


THREE = [(100, 5), (99, 10), (97, 20)], [(101, 4), (103, 6), (104, 30)]


@pytest.mark.parametrize(
    ("side", "lots", "expected"),
    [
        (BUY, 4, (404, 4, 101)),
        (BUY, 5, (404 + 103, 5, 103)),
        (BUY, 100, (404 + 618 + 3_120, 40, 104)),
        (SELL, 1, (100, 1, 100)),
        (SELL, 15, (500 + 990, 15, 99)),
        (SELL, 16, (500 + 990 + 97, 16, 97)),
    ],
)
def test_a_sweep_pays_the_other_side_level_by_level(side: int, lots: int, expected: tuple[int, int, int]) -> None:
    assert sweep_cost(book_of(*THREE), side, lots) == expected


def test_a_sweep_of_an_empty_side_finds_nothing() -> None:
    assert sweep_cost(book_of([(100, 5)], []), BUY, 5) == (0, 0, 0)


def test_costs_and_sums_are_exact_beyond_int64() -> None:
    book = book_of([(INT64_MAX, INT64_MAX), (INT64_MAX - 1, INT64_MAX)], [])
    assert sweep_cost(book, SELL, INT64_MAX) == (INT64_MAX * INT64_MAX, INT64_MAX, INT64_MAX)
    assert lots_within(book, BUY, 1) == 2 * INT64_MAX
    assert cumulative_depth(book, BUY, 2)[-1] == (INT64_MAX - 1, 2 * INT64_MAX)


def test_cumulative_depth_adds_up_from_the_best() -> None:
    book = book_of(*THREE)
    assert cumulative_depth(book, BUY, 9) == ((100, 5), (99, 15), (97, 35))
    assert cumulative_depth(book, SELL, 2) == ((101, 4), (103, 10))
    assert cumulative_depth(Book(), BUY, 1) == ()


@pytest.mark.parametrize(
    ("side", "ticks", "lots"),
    [(BUY, 101, 0), (BUY, 100, 5), (BUY, 98, 15), (BUY, 1, 35), (SELL, 100, 0), (SELL, 103, 10)],
)
def test_lots_within_a_price_are_those_at_it_or_better(side: int, ticks: int, lots: int) -> None:
    assert lots_within(book_of(*THREE), side, ticks) == lots


def test_imbalance_leans_to_the_side_that_shows_more() -> None:
    book = book_of(*THREE)
    assert imbalance(book) == pytest.approx(1 / 9, rel=4 * EPSILON)
    assert imbalance(book, 2) == pytest.approx(5 / 25, rel=4 * EPSILON)
    assert imbalance(book, 50) == pytest.approx(-5 / 75, rel=4 * EPSILON)
    assert imbalance(book_of([(1, INT64_MAX), (2, INT64_MAX)], [(3, 1)]), 2) == pytest.approx(1)


def test_the_microprice_lies_nearer_to_the_side_that_shows_less() -> None:
    assert microprice(book_of([(100, 30)], [(104, 10)])) == 103
    assert microprice(book_of([(100, 10)], [(104, 30)])) == 101
    assert microprice(book_of([(100, INT64_MAX)], [(104, INT64_MAX)])) == 102
    assert microprice(book_of([(104, 10)], [(100, 10)])) == 102


@pytest.mark.parametrize("sides", [([], []), ([(100, 5)], []), ([], [(100, 5)])])
def test_a_book_with_an_empty_side_has_neither(sides: tuple[list[tuple[int, int]], list[tuple[int, int]]]) -> None:
    book = book_of(*sides)
    assert (microprice(book), imbalance(book), imbalance(book, 5)) == (None, None, None)


@pytest.mark.parametrize(
    "question",
    [
        lambda book: sweep_cost(book, 0, 1),
        lambda book: sweep_cost(book, BUY, 0),
        lambda book: sweep_cost(book, BUY, -1),
        lambda book: cumulative_depth(book, BUY, 0),
        lambda book: cumulative_depth(book, 2, 1),
        lambda book: lots_within(book, 0, 1),
        lambda book: imbalance(book, 0),
    ],
)
def test_a_question_that_makes_no_sense_is_an_error(question: Callable[[Book], Any]) -> None:
    with pytest.raises(ValueError, match="expected"):
        question(book_of(*THREE))


@pytest.mark.parametrize("value", [1.5, float("nan"), "1", None])
def test_what_is_no_int_is_refused(value: Any) -> None:
    book = book_of(*THREE)
    with pytest.raises(TypeError, match="lots"):
        sweep_cost(book, BUY, value)
    with pytest.raises(TypeError, match="levels"):
        imbalance(book, value)
    with pytest.raises(TypeError, match="ticks"):
        lots_within(book, BUY, value)
    with pytest.raises(TypeError):
        microprice(value)


sides = st.dictionaries(st.integers(1, 40), st.integers(1, 10**12), max_size=12)


@given(sides, sides, st.integers(1, 10**13), st.integers(1, 15))
def test_agrees_with_sums_by_hand(bids: dict[int, int], asks: dict[int, int], lots: int, levels: int) -> None:
    book = book_of(list(bids.items()), list(asks.items()))
    for side, half in ((BUY, sorted(bids.items(), reverse=True)), (SELL, sorted(asks.items()))):
        left, cost, worst = lots, 0, 0
        for ticks, there in half:
            if left:
                cost, worst = cost + ticks * min(left, there), ticks
                left -= min(left, there)
        assert sweep_cost(book, -side, lots) == (cost, lots - left, worst)
        sums = [sum(there for _, there in half[: place + 1]) for place in range(len(half))]
        assert (
            cumulative_depth(book, side, levels)
            == tuple((ticks, total) for (ticks, _), total in zip(half, sums, strict=True))[:levels]
        )
        assert lots_within(book, side, 20) == sum(there for ticks, there in half if side * ticks >= side * 20)


@given(sides.filter(bool), sides.filter(bool), st.integers(1, 15))
def test_ratios_are_within_their_errors(bids: dict[int, int], asks: dict[int, int], levels: int) -> None:
    book = book_of(list(bids.items()), list(asks.items()))
    bid_ticks, bid_lots, ask_ticks, ask_lots = book.best()
    exact = Fraction(bid_ticks * ask_lots + ask_ticks * bid_lots, bid_lots + ask_lots)
    found = microprice(book)
    assert found is not None
    assert abs(Fraction(found) - exact) <= (2 * exact + 3 * abs(ask_ticks - bid_ticks)) * Fraction(EPSILON)
    bid, ask = (sum(lots for _, lots in half) for half in book.depth(levels))
    leaning = imbalance(book, levels)
    assert leaning is not None
    assert abs(Fraction(leaning) - Fraction(bid - ask, bid + ask)) <= 2 * abs(Fraction(leaning)) * Fraction(EPSILON)
    assert -1 <= leaning <= 1


@pytest.mark.parametrize("ticks", [0, -1, -(2**63)])
def test_every_bid_and_no_ask_is_within_a_price_that_cannot_be(ticks: int) -> None:
    book = book_of(*THREE)
    assert (lots_within(book, BUY, ticks), lots_within(book, SELL, ticks)) == (35, 0)
    assert (book.lots_at(BUY, ticks), book.lots_at(SELL, ticks)) == (0, 0)
