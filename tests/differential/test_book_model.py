"""The book and its model take the same steps and must be the same after each."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from hotpath.market.book import Book
from hotpath.market.levels import Levels
from tests.models.book import BookModel

pairs = st.tuples(st.integers(1, 30), st.integers(0, 4))
batches = st.lists(pairs, max_size=12)
ordered = st.lists(pairs, max_size=12).map(sorted)
either = st.one_of(batches, ordered, ordered.map(lambda rows: rows[::-1]))
steps = st.one_of(
    st.tuples(st.sampled_from(["load", "apply"]), either, either),
    st.tuples(st.just("update"), st.sampled_from([1, -1]), pairs),
    st.tuples(st.just("clear")),
)


def assert_same(book: Book, model: BookModel) -> None:
    book.check()
    assert book.depth(1000) == model.depth(1000)
    assert book.best() == model.best()
    assert book.counts() == (len(model.sides[1]), len(model.sides[-1]))
    assert book.crossed == model.crossed()
    assert book.capped == model.capped


def take(book: Book, model: BookModel, step: tuple) -> bool | None:  # type: ignore[type-arg]
    """Take one step on both; returns what the book said about its best."""
    if step[0] == "update":
        _, side, (ticks, lots) = step
        model.set(side, ticks, lots)
        return book.update(side, ticks, lots)
    if step[0] == "clear":
        model.clear()
        book.clear()
        return None
    _, bids, asks = step
    getattr(model, step[0])(bids, asks)
    said: bool | None = getattr(book, step[0])(Levels.of(bids), Levels.of(asks))
    return said


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 12), st.lists(steps, max_size=15))
def test_any_steps_make_the_book_of_the_model(levels_max: int, path: list) -> None:  # type: ignore[type-arg]
    book, model = Book(levels_max), BookModel(levels_max)
    for step in path:
        before, best_before = book.depth(1000), book.best()
        said = take(book, model, step)
        assert_same(book, model)
        if said is not None:
            assert said == (book.best() != best_before)
        untouched = book.untouched_count
        assert [side[:untouched] for side in book.depth(1000)] == [side[:untouched] for side in before]


def test_a_deep_book_walks_as_its_model_does() -> None:
    chance = random.Random(8)
    book, model = Book(), BookModel(20_000)
    middle = 100_000
    for number in range(400):
        middle += chance.randint(-5, 5)
        message = [
            [(middle - side * int(chance.expovariate(0.002) + 1), max(0, chance.randint(-9, 9))) for _ in range(150)]
            for side in (1, -1)
        ]
        message[0].sort(reverse=True)
        message[1].sort()
        take(book, model, ("apply", *message))
        if number % 4 == 0:
            assert_same(book, model)
    assert_same(book, model)
    assert min(book.counts()) > 600
    assert all(book.lots_at(side, ticks) == lots for side in (1, -1) for ticks, lots in model.sides[side].items())
