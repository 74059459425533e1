"""Our own lots by price, and the book without them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotpath.market.book import Book
from hotpath.market.levels import Levels
from hotpath.market.own_orders import OwnOrders

BUY, SELL = 1, -1
INT64_MAX = 2**63 - 1


def book_of(bids: list[tuple[int, int]], asks: list[tuple[int, int]]) -> Book:
    book = Book()
    book.load(Levels.of(bids), Levels.of(asks))
    return book


def own_of(*orders: tuple[int, int, int]) -> OwnOrders:
    own = OwnOrders()
    for order in orders:
        own.add(*order)
    return own


def test_the_book_without_us_lacks_our_lots_and_what_is_ours_alone() -> None:
    book = book_of([(100, 5), (99, 7), (98, 9)], [(101, 4), (102, 6)])
    own = own_of((BUY, 100, 5), (BUY, 99, 2), (SELL, 102, 6), (SELL, 103, 1))
    assert own.net_depth(book, 9) == (((99, 5), (98, 9)), ((101, 4),))
    assert own.net_depth(book, 1) == (((99, 5),), ((101, 4),))
    assert own.net_depth(book, 0) == ((), ())
    assert own.depth(9) == (((100, 5), (99, 2)), ((102, 6), (103, 1)))


def test_where_we_hold_more_than_is_displayed_nothing_is_left() -> None:
    own = own_of((BUY, 100, 50))
    assert own.net_depth(book_of([(100, 5), (99, 1)], []), 9) == (((99, 1),), ())


def test_without_orders_of_ours_the_book_is_as_it_is() -> None:
    book = book_of([(100, 5)], [(101, 4)])
    assert own_of().net_depth(book, 9) == book.depth(9)


def test_lots_come_and_go() -> None:
    own = own_of((BUY, 100, 5), (BUY, 100, 3), (BUY, 100, -2))
    assert (own.lots_at(BUY, 100), own.lots_at(SELL, 100)) == (6, 0)
    own.add(BUY, 100, -6)
    assert own.depth(9) == ((), ())
    own.add(SELL, 7, 0)
    own.add(SELL, 8, 1)
    own.clear()
    assert own.depth(9) == ((), ())
    own.check()


@pytest.mark.parametrize(
    ("order", "error"),
    [
        ((BUY, 100, -6), ValueError),
        ((SELL, 100, -1), ValueError),
        ((0, 100, 1), ValueError),
        ((2**32 + 1, 100, 1), ValueError),
        ((BUY, 0, 1), ValueError),
        ((BUY, 100, INT64_MAX), OverflowError),
        ((BUY, 100, 2**63), OverflowError),
        ((BUY, 100, 1.5), TypeError),
        ((BUY, None, 1), TypeError),
        ((BUY, 102, 1), OverflowError),
    ],
)
def test_what_cannot_be_changes_nothing(order: tuple[Any, Any, Any], error: type[Exception]) -> None:
    own = OwnOrders(2)
    own.add(BUY, 100, 5)
    own.add(BUY, 101, 1)
    with pytest.raises(error, match=r"expected|hold|fit"):
        own.add(*order)
    assert own.depth(9) == (((101, 1), (100, 5)), ())
    own.check()


def test_a_depth_below_zero_is_an_error() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        own_of().net_depth(Book(), -1)
    with pytest.raises(TypeError):
        own_of().net_depth(None, 1)  # type: ignore[arg-type]


prices = st.dictionaries(st.integers(1, 12), st.integers(1, 9), max_size=12)


@given(prices, prices, prices, prices, st.integers(0, 12))
def test_agrees_with_a_subtraction_by_hand(
    bids: dict[int, int], asks: dict[int, int], our_bids: dict[int, int], our_asks: dict[int, int], levels: int
) -> None:
    own = own_of(*((BUY, *level) for level in our_bids.items()), *((SELL, *level) for level in our_asks.items()))
    net = own.net_depth(book_of(list(bids.items()), list(asks.items())), levels)
    for found, half, ours, side in zip(net, (bids, asks), (our_bids, our_asks), (BUY, SELL), strict=True):
        left = {ticks: lots - ours.get(ticks, 0) for ticks, lots in half.items()}
        expected = sorted(((ticks, lots) for ticks, lots in left.items() if lots > 0), reverse=side == BUY)
        assert found == tuple(expected[:levels])
    own.check()
