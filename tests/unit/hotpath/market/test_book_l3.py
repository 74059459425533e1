"""The book order by order: the queue of a price is in the order of arrival, and what contradicts it changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from hotpath.market.book_l3 import BookL3, BookOutcome
from hotpath.market.price_time import PriceTimeQueues

BUY, SELL = 1, -1
INT64_MAX = 2**63 - 1


def book_of(*orders: tuple[int, int, int, int], orders_max: int = 8) -> BookL3:
    """Return a book with (number, side, ticks, lots)."""
    book = BookL3(orders_max)
    for order in orders:
        assert book.add(*order) is BookOutcome.OPEN
    return book


def test_a_new_book_is_empty() -> None:
    book = BookL3()
    assert (len(book), book.orders_max, book.best(), book.counts()) == (0, 1_048_576, (0, 0, 0, 0), (0, 0))
    assert (book.depth(5), book.order(1), book.orders_at(BUY, 1), book.crossed) == (((), ()), None, (), False)
    assert (book.executions_count, book.hidden_executions_count) == (0, 0)


def test_orders_of_a_price_stand_in_the_order_of_arrival() -> None:
    book = book_of((3, BUY, 100, 5), (1, BUY, 100, 7), (2, SELL, 101, 4), (4, BUY, 99, 1))
    assert book.orders_at(BUY, 100) == ((3, 5), (1, 7))
    assert book.depth(9) == (((100, 12), (99, 1)), ((101, 4),))
    assert (book.best(), book.counts(), book.lots_at(BUY, 100)) == ((100, 12, 101, 4), (2, 1), 12)


def test_a_part_that_is_canceled_or_executed_keeps_the_place_in_the_queue() -> None:
    book = book_of((1, BUY, 100, 5), (2, BUY, 100, 7))
    assert book.reduce(1, 2) is BookOutcome.OPEN
    assert book.execute(1, 1) is BookOutcome.OPEN
    assert book.set_lots(1, 1) is BookOutcome.OPEN
    assert book.orders_at(BUY, 100) == ((1, 1), (2, 7))
    assert book.execute(1, 1) is BookOutcome.GONE
    assert (book.orders_at(BUY, 100), book.executions_count) == (((2, 7),), 2)


def test_more_lots_and_a_replacement_go_behind_all_others() -> None:
    book = book_of((1, BUY, 100, 5), (2, BUY, 100, 7))
    assert book.set_lots(1, 6) is BookOutcome.OPEN
    assert book.orders_at(BUY, 100) == ((2, 7), (1, 6))
    assert book.replace(2, 9, 100, 3) is BookOutcome.OPEN
    assert book.orders_at(BUY, 100) == ((1, 6), (9, 3))
    assert book.replace(9, 9, 99, 3) is BookOutcome.OPEN
    assert (book.order(9), book.order(2)) == ((BUY, 99, 3), None)


def test_the_last_order_of_a_price_takes_the_price_with_it() -> None:
    book = book_of((1, SELL, 100, 5), (2, SELL, 101, 5))
    assert book.cancel(1) is BookOutcome.GONE
    assert (book.best(), book.counts()) == ((0, 0, 101, 5), (0, 1))
    assert book.reduce(2, 5) is BookOutcome.GONE
    assert len(book) == 0


def test_a_hidden_execution_is_counted_and_moves_nothing() -> None:
    book = book_of((1, BUY, 100, 5))
    book.execute_hidden(100, 50)
    assert (book.hidden_executions_count, book.lots_at(BUY, 100)) == (1, 5)
    for ticks, lots in ((0, 1), (1, 0), (-1, 1)):
        with pytest.raises(ValueError, match="must be positive"):
            book.execute_hidden(ticks, lots)
    assert book.hidden_executions_count == 1


@pytest.mark.parametrize(
    ("outcome", "name", "arguments"),
    [
        (BookOutcome.INVALID, "add", (1, 0, 100, 5)),
        (BookOutcome.INVALID, "add", (1, 2**32 + 1, 100, 5)),
        (BookOutcome.INVALID, "add", (9, BUY, 0, 5)),
        (BookOutcome.INVALID, "add", (9, BUY, 100, 0)),
        (BookOutcome.INVALID, "add", (9, BUY, 100, -5)),
        (BookOutcome.INVALID, "add", (9, BUY, 100, 5, 19)),
        (BookOutcome.INVALID, "add", (9, BUY, 100, 5, -1)),
        (BookOutcome.DUPLICATE, "add", (1, SELL, 200, 5)),
        (BookOutcome.EXCESSIVE, "add", (9, BUY, 100, INT64_MAX)),
        (BookOutcome.INVALID, "set_lots", (9, 0)),
        (BookOutcome.UNKNOWN, "set_lots", (9, 1)),
        (BookOutcome.EXCESSIVE, "set_lots", (1, INT64_MAX)),
        (BookOutcome.INVALID, "reduce", (9, 0)),
        (BookOutcome.UNKNOWN, "reduce", (9, 1)),
        (BookOutcome.EXCESSIVE, "reduce", (1, 6)),
        (BookOutcome.UNKNOWN, "execute", (9, 1)),
        (BookOutcome.EXCESSIVE, "execute", (1, 6)),
        (BookOutcome.UNKNOWN, "cancel", (9,)),
        (BookOutcome.INVALID, "replace", (9, 1, 0, 5)),
        (BookOutcome.DUPLICATE, "replace", (9, 1, 100, 5)),
        (BookOutcome.UNKNOWN, "replace", (9, 10, 100, 5)),
        (BookOutcome.EXCESSIVE, "replace", (1, 9, 100, INT64_MAX - 6)),
        (BookOutcome.EXCESSIVE, "replace", (2, 9, 100, INT64_MAX - 4)),
    ],
)
def test_what_contradicts_the_book_is_named_and_changes_nothing(
    outcome: BookOutcome, name: str, arguments: tuple[int, ...]
) -> None:
    book = book_of((1, BUY, 100, 5), (3, BUY, 100, 7), (2, BUY, 90, 1))
    assert getattr(book, name)(*arguments) is outcome
    assert book.depth(9) == (((100, 12), (90, 1)), ())
    assert (book.orders_at(BUY, 100), book.executions_count) == (((1, 5), (3, 7)), 0)
    book.check()


def test_a_full_book_refuses_another_order_and_takes_a_replacement() -> None:
    book = book_of((1, BUY, 100, 5), (2, BUY, 100, 5), orders_max=2)
    assert book.add(3, BUY, 100, 5) is BookOutcome.FULL
    assert book.replace(1, 3, 101, 5) is BookOutcome.OPEN
    assert book.cancel(2) is BookOutcome.GONE
    assert book.add(4, BUY, 100, 5) is BookOutcome.OPEN
    book.check()


def test_a_price_holds_lots_up_to_int64() -> None:
    book = book_of((1, BUY, INT64_MAX, INT64_MAX - 5))
    assert book.add(2, BUY, INT64_MAX, 6) is BookOutcome.EXCESSIVE
    assert book.add(2, BUY, INT64_MAX, 5) is BookOutcome.OPEN
    assert book.best() == (INT64_MAX, INT64_MAX, 0, 0)
    assert book.set_lots(2, 6) is BookOutcome.EXCESSIVE
    book.check()


def test_a_crossed_book_is_told_not_repaired() -> None:
    book = book_of((1, BUY, 100, 5), (2, SELL, 100, 5))
    assert book.crossed
    book.check()


def test_truncate_leaves_the_best_prices() -> None:
    book = book_of((1, BUY, 100, 5), (2, BUY, 99, 5), (3, BUY, 99, 5), (4, SELL, 101, 5), (5, SELL, 103, 5))
    assert book.truncate(1) == 3
    assert book.depth(9) == (((100, 5),), ((101, 5),))
    assert book.truncate(1) == 0
    with pytest.raises(ValueError, match="0 or more"):
        book.truncate(-1)
    book.check()


def test_clear_forgets_every_order() -> None:
    book = book_of((1, BUY, 100, 5), (2, SELL, 101, 5))
    book.clear()
    book.check()
    assert (len(book), book.counts()) == (0, (0, 0))
    assert book.add(1, BUY, 100, 5) is BookOutcome.OPEN


@pytest.mark.parametrize("value", [1.5, "1", None, float("nan"), float("inf")])
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("add", (1, BUY, 100, 5, 0)),
        ("set_lots", (1, 5, 0)),
        ("reduce", (1, 5)),
        ("execute", (1, 5)),
        ("cancel", (1,)),
        ("replace", (1, 2, 100, 5, 0)),
        ("execute_hidden", (100, 5)),
        ("truncate", (1,)),
        ("depth", (1,)),
        ("order", (1,)),
        ("orders_at", (BUY, 100)),
        ("lots_at", (BUY, 100)),
    ],
)
def test_what_is_no_int_is_refused(name: str, arguments: tuple[int, ...], value: Any) -> None:
    book = book_of((7, BUY, 100, 5))
    for place in range(len(arguments)):
        with pytest.raises(TypeError, match="expected int"):
            getattr(book, name)(*arguments[:place], value, *arguments[place + 1 :])
        with pytest.raises(OverflowError, match="does not fit int64"):
            getattr(book, name)(*arguments[:place], 2**63, *arguments[place + 1 :])
    assert book.depth(9) == (((100, 5),), ())


@pytest.mark.parametrize("name", ["orders_at", "lots_at"])
def test_a_question_about_no_side_is_an_error(name: str) -> None:
    with pytest.raises(ValueError, match="expected 1"):
        getattr(book_of(), name)(0, 100)


def test_a_depth_below_zero_is_an_error() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        book_of().depth(-1)


@pytest.mark.parametrize("orders_max", [0, -1, 2**24 + 1])
@pytest.mark.parametrize("made", [BookL3, PriceTimeQueues])
def test_capacity_has_bounds(made: type[BookL3 | PriceTimeQueues], orders_max: int) -> None:
    with pytest.raises(ValueError, match="orders_max"):
        made(orders_max)


def test_queues_begin_empty() -> None:
    queues = PriceTimeQueues(4)
    queues.check()
    assert (len(queues), queues.count, queues.orders_max) == (0, 0, 4)


def test_numbers_of_any_size_are_found_again() -> None:
    numbers = [0, -1, INT64_MAX, -(2**63), *(2**power for power in range(1, 62))]
    book = book_of(*((number, BUY, 100, 1) for number in numbers), orders_max=64 + 1)
    assert [number for number, _ in book.orders_at(BUY, 100)] == numbers
    for number in numbers[::2]:
        assert book.cancel(number) is BookOutcome.GONE
        book.check()
    assert [number for number, _ in book.orders_at(BUY, 100)] == numbers[1::2]


@pytest.mark.parametrize("ticks", [0, -1, -100, -(2**63)])
def test_no_order_stands_at_a_price_that_cannot_be(ticks: int) -> None:
    book = book_of((1, BUY, 100, 5), (2, SELL, 101, 5))
    for side in (BUY, SELL):
        assert (book.lots_at(side, ticks), book.orders_at(side, ticks)) == (0, ())
