"""The book order by order and its model hear the same messages and must answer and look the same after each."""

from __future__ import annotations

import zlib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hotpath.market.book_l3 import BookL3, BookOutcome
from hotpath.market.checksum import orders_checksum
from tests.models.book_l3 import Model

ORDERS_MAX = 12

numbers = st.integers(1, 20)
sides = st.sampled_from([1, -1])
ticks = st.integers(0, 14)
lots = st.one_of(st.integers(0, 9), st.sampled_from([100, 2_000, 2**62, 2**63 - 1]))
zeros = st.integers(-1, 19)
messages = st.one_of(
    st.tuples(st.just("add"), numbers, sides, ticks, lots, zeros),
    st.tuples(st.just("add"), numbers, sides, ticks, lots),
    st.tuples(st.just("add"), numbers, st.integers(-2, 2), ticks, lots),
    st.tuples(st.just("set_lots"), numbers, lots, zeros),
    st.tuples(st.just("reduce"), numbers, lots),
    st.tuples(st.just("execute"), numbers, lots),
    st.tuples(st.just("cancel"), numbers),
    st.tuples(st.just("replace"), numbers, numbers, ticks, lots, zeros),
    st.tuples(st.just("truncate"), st.integers(0, 12)),
    st.just(("clear",)),
)


@settings(max_examples=400)
@given(st.lists(messages, max_size=100))
def test_agrees_with_the_model_after_every_message(steps: list[tuple[Any, ...]]) -> None:
    book, model = BookL3(ORDERS_MAX), Model(ORDERS_MAX)
    for name, *arguments in steps:
        assert getattr(book, name)(*arguments) == getattr(model, name)(*arguments)
        book.check()
        bids, asks = book.depth(99)
        assert (bids, asks) == model.depth(99)
        assert book.counts() == (len(bids), len(asks))
        assert len(book) == len(model.orders)
        assert book.best() == (*(bids[0] if bids else (0, 0)), *(asks[0] if asks else (0, 0)))
        assert book.crossed == bool(bids and asks and bids[0][0] >= asks[0][0])
        assert all(book.order(o.number) == (o.side, o.ticks, o.lots) for o in model.orders)
        assert orders_checksum(book) == zlib.crc32(model.checksum_text().encode())
    for side in (1, -1):
        for price in range(1, 15):
            assert book.orders_at(side, price) == model.orders_at(side, price)
            assert book.lots_at(side, price) == model.lots_at(side, price)


@given(st.lists(st.tuples(numbers, sides, ticks, st.integers(1, 9)), max_size=40))
def test_what_is_refused_changes_nothing(orders: list[tuple[int, int, int, int]]) -> None:
    book = BookL3(ORDERS_MAX)
    for order in orders:
        before = book.depth(99)
        if book.add(*order) <= BookOutcome.EXCESSIVE:
            assert book.depth(99) == before
