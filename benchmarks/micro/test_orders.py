"""One step at a time of what an order pays: every check, the reservation, its life, its fill."""

from __future__ import annotations

from itertools import count

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.micro.limits import START_NS, desk
from hotpath.core.units import Scale, cost
from hotpath.market.book import Book
from hotpath.orders.exposure import Exposure
from hotpath.orders.fills import Average, sweep_book
from hotpath.orders.lifecycle import advance
from hotpath.orders.position import Position
from hotpath.orders.transitions import OrderEvent, OrderState

SCALE = Scale(2, 8)
BASE, QUOTE = 0, 1
INSTRUMENTS = [(SCALE, BASE, QUOTE)]
BID_TICKS, ASK_TICKS = 6_168_599, 6_168_600
LOTS = 200_000


def test_every_check_and_the_reservation(benchmark: BenchmarkFixture) -> None:
    """Measure the whole pass over an order, and the release of what it reserved."""
    limits, numbers = desk(), count(1)
    codes: list[int] = []

    def order() -> None:
        number = next(numbers)
        lots = 1_000 + 10 * (number % 9_973)
        now_ns = START_NS + 1_000 * number
        code = limits.check_and_reserve(0, number, 0, 1, 1, 2, False, False, 9_990 - number % 499, lots, now_ns)
        limits.exposure.release(limits.handle)
        codes.append(code)

    benchmark(order)
    assert set(codes) == {0}


def test_reserve_and_release(benchmark: BenchmarkFixture) -> None:
    """Measure the reservation alone."""
    exposure = Exposure(INSTRUMENTS, 2, 4_096)
    exposure.mark(0, BID_TICKS, ASK_TICKS)
    benchmark(lambda: exposure.release(exposure.reserve(0, 1, BID_TICKS, LOTS)))
    assert exposure.open_count == 0


def test_one_step_of_an_order_s_life(benchmark: BenchmarkFixture) -> None:
    """Measure the compiled table."""
    assert benchmark(advance, int(OrderState.IN_FLIGHT), int(OrderEvent.ACCEPTED)) == OrderState.OPEN


def test_count_a_fill_into_an_average(benchmark: BenchmarkFixture) -> None:
    """Measure one fill, called from Python."""
    average = Average()
    benchmark(average.add, ASK_TICKS, LOTS)
    assert average.price_ticks == ASK_TICKS


def test_sweep_ten_levels_of_a_book(benchmark: BenchmarkFixture) -> None:
    """Measure what a size would pay, called from Python."""
    book = Book()
    for step in range(1_000):
        book.update(-1, ASK_TICKS + step, LOTS)
    assert benchmark(sweep_book, book, 1, 10 * LOTS).lots == 10 * LOTS


def test_count_a_fill_into_a_position(benchmark: BenchmarkFixture) -> None:
    """Measure a purchase and its sale, called from Python."""
    position = Position(SCALE, "BTC", "USDT")

    def both() -> None:
        position.fill(1, ASK_TICKS, LOTS, 7, "USDT")
        position.fill(-1, BID_TICKS, LOTS, 7, "USDT")

    benchmark(both)
    assert (position.lots, position.realised) == (0, position.realised_fifo)


def test_cost_of_a_fill(benchmark: BenchmarkFixture) -> None:
    """Measure ticks times lots, rounded once."""
    assert benchmark(cost, ASK_TICKS, LOTS, SCALE) == ASK_TICKS * LOTS // 100
