"""Memory over ten million operations: what a book or an engine took in the first million is all that it ever takes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hotpath.market.book import Book
from hotpath.market.book_l3 import BookL3
from hotpath.market.matching import MatchingEngine

loops = pytest.importorskip("benchmarks.loops.market", reason="the loops of the benchmarks are not built (make bench)")
STATM = Path("/proc/self/statm")
PAGE_KIB = 4
MILLIONS = 10
GROWTH_KIB_MAX = 256

pytestmark = [
    pytest.mark.untraced,
    pytest.mark.skipif(os.environ.get("TIERCEL_BUILD") == "sanitize", reason="sanitizers keep what was freed"),
    pytest.mark.skipif(not STATM.exists(), reason="this system does not tell a process its memory as Linux does"),
]


def growth_kib(million: Callable[[], object]) -> int:
    """Return what ten calls added to the resident memory after the second of them, which touched every page."""
    sizes = []
    for _ in range(MILLIONS):
        million()
        sizes.append(int(STATM.read_text().split()[1]) * PAGE_KIB)
    return sizes[-1] - sizes[1]


def test_a_book_by_order_is_flat_over_ten_million_operations() -> None:
    book, stream = BookL3(8_192), loops.OrderStream(2_000, 1_000_000, 11)

    def million() -> None:
        stream.begin(book)
        stream.play(book, 0, stream.count)

    assert growth_kib(million) <= GROWTH_KIB_MAX
    assert 1_000 < len(book) <= 8_192
    book.check()


def test_a_matching_engine_is_flat_over_ten_million_requests() -> None:
    stream = loops.RequestStream(2_000, 1_000_000, 11)

    def million() -> None:
        engine = MatchingEngine(16_384)
        stream.begin(engine)
        stream.play(engine, 0, stream.count)
        engine.check()

    assert growth_kib(million) <= GROWTH_KIB_MAX


def test_a_book_of_levels_is_flat_over_ten_million_operations() -> None:
    book = Book(1_000)

    def million() -> None:
        update = book.update
        for number in range(500_000):
            update(1, 1 + number * 7_919 % 100_003, number)
            update(-1, 200_000 + number * 7_919 % 100_003, number)

    assert growth_kib(million) <= GROWTH_KIB_MAX
    assert book.counts() == (1_000, 1_000)
    assert book.capped > 0
    book.check()
