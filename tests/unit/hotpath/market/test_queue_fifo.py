"""Queue position by order: who came before us is ahead, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotpath.market.book_l3 import BookL3
from hotpath.market.matching import Kind, MatchingEngine, Outcome
from hotpath.market.queue_fifo import FifoPosition

BUY, SELL = 1, -1


def book_of(*orders: tuple[int, int, int, int]) -> BookL3:
    book = BookL3(64)
    for order in orders:
        book.add(*order)
    return book


def test_who_came_before_us_is_ahead_whatever_joins_leaves_or_moves() -> None:
    book = book_of((1, BUY, 100, 5), (2, BUY, 100, 7), (3, BUY, 99, 9))
    ours = FifoPosition(book, BUY, 100, 10)
    assert ours.ahead_lots == 12
    book.add(4, BUY, 100, 50)
    book.reduce(1, 2)
    assert ours.ahead_lots == 10
    book.replace(2, 5, 100, 7)
    assert ours.ahead_lots == 3
    book.set_lots(1, 4)
    assert ours.ahead_lots == 0
    ours.check()


@pytest.mark.parametrize("side", [BUY, SELL])
def test_executions_fill_us_once_they_reach_those_behind(side: int) -> None:
    book = book_of((1, side, 100, 5))
    ours = FifoPosition(book, side, 100, 10)
    book.add(2, side, 100, 50)
    assert ours.on_execution(1, 5) == 0
    assert ours.on_execution(2, 4) == 4
    assert ours.on_execution(2, 40) == 6
    assert (ours.on_execution(2, 40), ours.open_lots) == (0, 0)


def test_an_execution_through_our_price_fills_wholly_and_a_better_one_not_at_all() -> None:
    book = book_of((1, BUY, 101, 5), (2, BUY, 99, 5), (3, SELL, 102, 5))
    ours = FifoPosition(book, BUY, 100, 10)
    assert ours.on_execution(1, 5) == 0
    assert ours.on_execution(3, 5) == 0
    assert ours.on_execution(2, 1) == 10


def test_hidden_orders_stand_behind_us() -> None:
    ours = FifoPosition(book_of((1, BUY, 100, 5)), BUY, 100, 10)
    assert ours.on_hidden_execution(BUY, 101, 5) == 0
    assert ours.on_hidden_execution(SELL, 100, 5) == 0
    assert ours.on_hidden_execution(BUY, 100, 3) == 3
    assert ours.on_hidden_execution(BUY, 99, 1) == 7


def test_an_opposite_best_at_our_price_fills_wholly() -> None:
    ours = FifoPosition(book_of(), SELL, 100, 10)
    assert (ours.on_best(0), ours.on_best(99), ours.on_best(100), ours.on_best(100)) == (0, 0, 10, 0)
    assert ours.ahead_lots == 0


def test_an_execution_must_be_told_before_the_book_hears_of_it() -> None:
    book = book_of((1, BUY, 100, 5))
    ours = FifoPosition(book, BUY, 100, 10)
    with pytest.raises(ValueError, match="before the book hears"):
        ours.on_execution(9, 1)
    for lots in (0, -1, 6):
        with pytest.raises(ValueError, match="expected 1 to its 5"):
            ours.on_execution(1, lots)
    assert ours.open_lots == 10


@pytest.mark.parametrize(("side", "ticks", "lots"), [(0, 100, 1), (BUY, 0, 1), (BUY, 100, 0)])
def test_what_is_no_order_or_execution_is_refused(side: int, ticks: int, lots: int) -> None:
    with pytest.raises(ValueError, match=r"expected|above 0"):
        FifoPosition(book_of(), side, ticks, lots)
    with pytest.raises(ValueError, match="expected"):
        FifoPosition(book_of(), BUY, 100, 1).on_hidden_execution(side, ticks, lots)


@pytest.mark.parametrize("value", [1.5, None, float("inf")])
def test_what_is_no_int_is_refused(value: Any) -> None:
    ours = FifoPosition(book_of((1, BUY, 100, 5)), BUY, 100, 10)
    for call in (ours.on_best, lambda lots: ours.on_execution(1, lots), lambda t: ours.on_hidden_execution(BUY, t, 1)):
        with pytest.raises(TypeError, match="expected int"):
            call(value)
    with pytest.raises(TypeError, match="book"):
        FifoPosition(None, BUY, 100, 10)  # type: ignore[arg-type]


orders = st.lists(st.tuples(st.sampled_from([BUY, SELL]), st.integers(98, 102), st.integers(1, 9)), max_size=40)


@given(st.lists(st.integers(1, 9), max_size=6), st.integers(1, 9), orders)
def test_fills_what_a_matching_engine_would_have_filled(
    ahead: list[int], lots: int, steps: list[tuple[int, int, int]]
) -> None:
    """Ours rests in one engine and is watched beside another, until that one trades through our price."""
    real, without = MatchingEngine(64), MatchingEngine(64)
    book = BookL3(64)
    for number, size in enumerate(ahead):
        for engine in (real, without):
            engine.submit(number, BUY, Kind.LIMIT, 100, size)
        book.add(number, BUY, 100, size)
    ours = FifoPosition(book, BUY, 100, lots)
    real.submit(1_000, BUY, Kind.LIMIT, 100, lots)
    for number, (side, ticks, size) in enumerate(steps, len(ahead)):
        kind = Kind.LIMIT if side == BUY else Kind.IOC
        assert ours.ahead_lots == sum(left for n, left in book.orders_at(BUY, 100) if n < len(ahead))
        filled = sum(one[3] for one in real.submit(number, side, kind, ticks, size)[1] if one[0] == 1_000)
        outcome, executions = without.submit(number, side, kind, ticks, size)
        if any(one[2] < 100 for one in executions) or (side == SELL and ticks <= 100 and outcome is Outcome.EXPIRED):
            return
        if outcome is Outcome.RESTING:
            book.add(number, side, ticks, size)
        expected = 0
        for maker, _, _, traded, _ in executions:
            expected += ours.on_execution(maker, traded)
            book.execute(maker, traded)
        assert expected == filled
        ours.check()
