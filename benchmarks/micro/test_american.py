"""American options: one at a time, and columns in which each option has a boundary of its own or shares one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from hotpath.options import american
from hotpath.options.black import PUT

TERMS = (PUT, 100.0, 100.0, 1.0, 0.05, 0.02, 0.25)
COUNT = 500


def _columns() -> dict[str, Any]:
    """Return puts of one underlying and strikes from 60 to 140, each with a volatility of its own."""
    return {
        "right": np.full(COUNT, PUT, np.int8),
        "spot": np.full(COUNT, 100.0),
        "strike": np.linspace(60, 140, COUNT),
        "years": np.full(COUNT, 0.5),
        "rate": np.full(COUNT, 0.05),
        "dividend_yield": np.full(COUNT, 0.02),
        "volatility": np.linspace(0.35, 0.2, COUNT),
        "reasons": np.empty(COUNT, np.int8),
    }


def test_price_of_one(benchmark: BenchmarkFixture) -> None:
    """Measure the high-precision price."""
    assert benchmark(american.price, *TERMS) == pytest.approx(8.11, abs=0.5)


def test_greeks_of_one(benchmark: BenchmarkFixture) -> None:
    """Measure the high-precision price with its Greeks."""
    assert benchmark(american.greeks, *TERMS).reason is american.Reason.VALUED


def test_approximation_of_one(benchmark: BenchmarkFixture) -> None:
    """Measure Barone-Adesi and Whaley's price."""
    assert benchmark(american.price_whaley, *TERMS) == pytest.approx(american.price(*TERMS), abs=0.05)


def test_greeks_of_500_with_boundaries_of_their_own(benchmark: BenchmarkFixture) -> None:
    """Measure a smile: nothing is shared."""
    columns, out = _columns(), np.empty((6, COUNT))
    benchmark(american.value, **columns, out=out)
    assert not columns["reasons"].any()


def test_greeks_of_500_with_one_boundary(benchmark: BenchmarkFixture) -> None:
    """Measure an expiry at one volatility: the boundary is shared."""
    columns, out = _columns(), np.empty((6, COUNT))
    columns["volatility"][:] = 0.25
    benchmark(american.value, **columns, out=out)
    assert not columns["reasons"].any()


def test_approximations_of_500(benchmark: BenchmarkFixture) -> None:
    """Measure Barone-Adesi and Whaley's prices of the smile."""
    columns, out = _columns(), np.empty((1, COUNT))
    benchmark(american.value_whaley, **columns, out=out)
    assert not columns["reasons"].any()
