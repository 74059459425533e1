"""One option at a time, from Python."""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture

from hotpath.options.black import CALL, greeks, price
from hotpath.options.implied_vol import Reason, implied_volatility

TERMS = (100.0, 105.0, 0.5, 0.04, 0.01)


def test_price(benchmark: BenchmarkFixture) -> None:
    """Measure a price."""
    assert 4 < benchmark(price, CALL, *TERMS, 0.2) < 5


def test_greeks(benchmark: BenchmarkFixture) -> None:
    """Measure a price and eight Greeks."""
    assert benchmark(greeks, CALL, *TERMS, 0.2).price == price(CALL, *TERMS, 0.2)


def test_implied_volatility(benchmark: BenchmarkFixture) -> None:
    """Measure a volatility."""
    assert benchmark(implied_volatility, CALL, 4.5, *TERMS)[1] == Reason.SOLVED
