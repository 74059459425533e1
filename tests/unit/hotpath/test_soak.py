"""Memory stays flat: what counts fills, positions and books for days holds no more after millions of operations.

TIERCEL_SOAK=1 makes ten million operations of each; without it they are few, so that the test itself cannot rot. The
memory of the process is compared: a byte lost with each operation would show, a block that an allocator keeps not.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from hotpath.core.units import Scale
from hotpath.market.book import Book
from hotpath.orders.fills import Average, sweep_book
from hotpath.orders.position import Position
from tests.conftest import BUILD

OPERATIONS = 10_000_000 if os.environ.get("TIERCEL_SOAK") == "1" else 20_000
BATCH = 10_000
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
GROWTH_BYTES_MAX = 1 << 20
STATM = Path("/proc/self/statm")

type_of_batch = Callable[[], None]


def resident_bytes() -> int:
    return int(STATM.read_text().split()[1]) * PAGE_BYTES


def position() -> type_of_batch:
    held, chance = Position(Scale(2, 8), "BTC", "USDT", parcels_max=64), Random(1)

    def batch() -> None:
        for _ in range(BATCH):
            side = -1 if held.lots > 10**9 or (held.lots > -(10**9) and chance.random() < 0.5) else 1
            held.fill(side, chance.randrange(5_000_000, 7_000_000), chance.randrange(1, 10**7), 7, "BNB")
        held.check()

    return batch


def fills() -> type_of_batch:
    chance, book = Random(2), Book()
    for step in range(1, 200):
        book.update(1, 1_000 - step, step)
        book.update(-1, 1_000 + step, step)

    def batch() -> None:
        average = Average()
        for _ in range(BATCH // 4):
            average.add(chance.randrange(1, 10**6), chance.randrange(1, 10**6))
            assert average.slippage_bps(1, 500_000) is not None
            swept = sweep_book(book, chance.choice((1, -1)), chance.randrange(1, 20_000))
            assert swept.price_ticks
        average.check()

    return batch


def book() -> type_of_batch:
    chance, held = Random(3), Book(2_000)

    def batch() -> None:
        for _ in range(BATCH):
            side = chance.choice((1, -1))
            held.update(side, 100_000 - side * chance.randrange(1, 5_000), chance.choice((0, 0, 1, 5)))
        held.check()

    return batch


@pytest.mark.untraced
@pytest.mark.timeout(3_600)
@pytest.mark.skipif(not STATM.exists(), reason="this system does not tell the resident memory in /proc/self/statm")
@pytest.mark.skipif(BUILD == "sanitize", reason="a sanitizer keeps what was freed, to notice when it is used")
@pytest.mark.parametrize("make", [position, fills, book])
def test_memory_is_flat(make: Callable[[], type_of_batch]) -> None:
    batch = make()
    batches = OPERATIONS // BATCH
    for _ in range(max(batches // 10, 1)):
        batch()
    before = resident_bytes()
    for _ in range(batches):
        batch()
    assert resident_bytes() - before <= GROWTH_BYTES_MAX
