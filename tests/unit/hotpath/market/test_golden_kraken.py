"""Kraken's own checksums: of the two worked examples of its documentation, and of 510 recorded messages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hotpath.core.units import Scale
from hotpath.market.book import Book
from hotpath.market.book_l3 import BookL3, BookOutcome
from hotpath.market.checksum import checksum, orders_checksum
from hotpath.market.levels import Levels

SCALE = Scale(1, 8)
DEPTH = 10
BUY, SELL = 1, -1


def read(path: Path) -> Any:
    return json.loads(path.read_text(), parse_float=Decimal)


def levels(rows: list[Any]) -> Levels:
    """Return the levels of a message: rows of (price, quantity), or objects with `price` and `qty`."""
    pairs = [(row["price"], row["qty"]) if isinstance(row, dict) else row for row in rows]
    return Levels.of((SCALE.price_ticks(price), SCALE.lots(quantity)) for price, quantity in pairs)


def recorded(path: Path) -> Iterator[dict[str, Any]]:
    """Yield what is in each message, the snapshot first."""
    recording = read(path)
    for message in (recording["init"], *recording["updates"]):
        yield from message["data"]


def test_the_worked_example_of_a_book(shared_data: Callable[[str], Path]) -> None:
    example = read(shared_data("kraken/checksum_examples.json"))["book_v2"]
    book = Book()
    book.load(levels(example["bids"]), levels(example["asks"]))
    assert checksum(book) == example["checksum"] == 3310070434


def test_the_worked_example_of_a_book_by_order(shared_data: Callable[[str], Path]) -> None:
    example = read(shared_data("kraken/checksum_examples.json"))["level3_v2"]
    book = BookL3(64)
    rows = [(SELL, *row) for row in example["asks_in_order"]] + [(BUY, *row) for row in example["bids_in_order"]]
    for number, (side, price, quantity) in enumerate(rows):
        unprinted = 8 - len(quantity.partition(".")[2])
        assert book.add(number, side, SCALE.price_ticks(price), SCALE.lots(quantity), unprinted) is BookOutcome.OPEN
    assert orders_checksum(book) == example["checksum"] == 1063832831
    assert book.add(99, BUY, book.best()[0], 1) is BookOutcome.OPEN
    assert orders_checksum(book) != example["checksum"]


def test_every_recorded_checksum_is_that_of_the_book(shared_data: Callable[[str], Path]) -> None:
    book = Book()
    valid = 0
    for number, message in enumerate(recorded(shared_data("kraken/book_v2_btcusd.json"))):
        take = book.apply if number else book.load
        take(levels(message.get("bids", [])), levels(message.get("asks", [])))
        book.truncate(DEPTH)
        book.check()
        valid += checksum(book) == message["checksum"]
    assert valid == 510
    book.update(BUY, SCALE.price_ticks("29430.3"), SCALE.lots("1.69289565"))
    book.truncate(DEPTH)
    assert checksum(book) != 2438868880


@pytest.mark.parametrize("side", [BUY, SELL])
def test_only_the_best_ten_prices_count(side: int) -> None:
    book, orders = Book(), BookL3(32)
    for step in range(10):
        book.update(side, 1_000 - side * step, 5)
        orders.add(step, side, 1_000 - side * step, 5)
    before = checksum(book)
    assert orders_checksum(orders) == before
    book.update(side, 1_000 - side * 10, 5)
    orders.add(10, side, 1_000 - side * 10, 5)
    assert (checksum(book), orders_checksum(orders)) == (before, before)


def test_an_empty_book_has_the_checksum_of_no_text() -> None:
    assert (checksum(Book()), orders_checksum(BookL3(1))) == (0, 0)
