"""One step at a time of the way from text to a book."""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture

from hotpath.core.units import Scale
from hotpath.market.book import Book
from hotpath.market.book_l3 import BookL3
from hotpath.market.checksum import checksum, orders_checksum
from hotpath.market.depth import imbalance, microprice, sweep_cost
from hotpath.market.levels import Levels, parse_levels
from hotpath.market.own_orders import OwnOrders
from hotpath.market.queue import QueueModel, QueuePosition
from hotpath.market.queue_fifo import FifoPosition

SCALE = Scale(2, 8)
LEVELS_COUNT = 16
BOOK_LEVELS = 1_000
MID_TICKS = 6_000_000


def _text(levels_count: int) -> bytes:
    levels = (f'["{59_999 - number}.50000000","1.{number:08d}"]' for number in range(levels_count))
    return f"[{','.join(levels)}]".encode()


def _book() -> Book:
    book = Book()
    bids = Levels.of((MID_TICKS - number, 10**8) for number in range(1, BOOK_LEVELS + 1))
    asks = Levels.of((MID_TICKS + number, 10**8) for number in range(1, BOOK_LEVELS + 1))
    book.load(bids, asks)
    return book


def test_parse_levels(benchmark: BenchmarkFixture) -> None:
    """Measure the scan of 16 levels."""
    levels = benchmark(parse_levels, _text(LEVELS_COUNT), SCALE)
    assert len(levels) == LEVELS_COUNT


def test_parse_price(benchmark: BenchmarkFixture) -> None:
    """Measure a price from text to ticks."""
    assert benchmark(SCALE.price_ticks, "61685.99000000") == 61_685_99


def test_print_quantity(benchmark: BenchmarkFixture) -> None:
    """Measure a quantity from lots to text."""
    assert benchmark(SCALE.lots_text, 150_000) == "0.00150000"


def test_update_the_best_level(benchmark: BenchmarkFixture) -> None:
    """Measure one level at the end of the array."""
    book = _book()
    quantities = iter(range(1, 2**62))
    assert benchmark(lambda: book.update(1, MID_TICKS - 1, next(quantities)))


def test_update_a_level_in_the_middle(benchmark: BenchmarkFixture) -> None:
    """Measure one level that has to be searched for."""
    book = _book()
    quantities = iter(range(1, 2**62))
    benchmark(lambda: book.update(1, MID_TICKS - BOOK_LEVELS // 2, next(quantities)))
    assert book.counts() == (BOOK_LEVELS, BOOK_LEVELS)


def test_apply_a_message_near_the_best(benchmark: BenchmarkFixture) -> None:
    """Measure 16 levels in one call."""
    book = _book()
    bids = Levels.of((MID_TICKS - 3 * number, 5) for number in range(1, LEVELS_COUNT // 2 + 1))
    asks = Levels.of((MID_TICKS + 3 * number, 5) for number in range(1, LEVELS_COUNT // 2 + 1))
    assert benchmark(book.apply, bids, asks) is False


def test_take_ten_levels_of_depth(benchmark: BenchmarkFixture) -> None:
    """Measure what a Depth message copies."""
    bids, asks = benchmark(_book().depth, 10)
    assert (len(bids), len(asks)) == (10, 10)


def test_sweep_ten_levels(benchmark: BenchmarkFixture) -> None:
    """Measure what ten levels cost."""
    _, lots, _ = benchmark(sweep_cost, _book(), 1, 10 * 10**8)
    assert lots == 10 * 10**8


def test_lean_of_ten_levels(benchmark: BenchmarkFixture) -> None:
    """Measure the imbalance of ten levels."""
    assert benchmark(imbalance, _book(), 10) == 0


def test_microprice(benchmark: BenchmarkFixture) -> None:
    """Measure the weighted mid."""
    assert benchmark(microprice, _book()) == MID_TICKS


def test_ten_levels_without_our_orders(benchmark: BenchmarkFixture) -> None:
    """Measure a depth of ten that leaves ours out."""
    own = OwnOrders()
    own.add(1, MID_TICKS - 3, 5)
    bids, _ = benchmark(own.net_depth, _book(), 10)
    assert bids[2] == (MID_TICKS - 3, 10**8 - 5)


def test_checksum_of_ten_levels(benchmark: BenchmarkFixture) -> None:
    """Measure the checksum over levels."""
    assert benchmark(checksum, _book())


def test_checksum_of_a_hundred_orders(benchmark: BenchmarkFixture) -> None:
    """Measure the checksum over orders, five at each of ten prices a side."""
    assert benchmark(orders_checksum, _orders())


def test_a_level_that_shrinks(benchmark: BenchmarkFixture) -> None:
    """Measure the dearest of the queue models, two changes of a level at a time."""
    position = QueuePosition(1, MID_TICKS, 10, 10**6, model=QueueModel.LOGARITHMIC)

    def there_and_back() -> None:
        position.on_level(2 * 10**6)
        position.on_level(2 * 10**6 - 5)

    benchmark(there_and_back)
    assert position.open_lots == 10


def test_an_execution_seen_from_the_queue(benchmark: BenchmarkFixture) -> None:
    """Measure an execution of somebody ahead of us."""
    position = FifoPosition(_orders(), 1, MID_TICKS - 1, 10)
    assert benchmark(position.on_execution, 1, 1) == 0


def _orders() -> BookL3:
    book = BookL3(128)
    for number in range(1, 51):
        book.add(number, 1, MID_TICKS - 1 - (number - 1) // 5, 10**8)
        book.add(-number, -1, MID_TICKS + 1 + (number - 1) // 5, 10**8)
    return book
