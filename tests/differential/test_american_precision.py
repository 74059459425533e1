"""The premium of American puts against the same integral equation with more nodes, in numpy.

TIERCEL_SOAK=1 compares more of them; `-s` prints the largest errors.
"""

from __future__ import annotations

import math
import os

import numpy as np

from hotpath.options import american, black
from hotpath.options.black import PUT
from tests.models.exercise import premium

COUNT = 1_000 if os.environ.get("TIERCEL_SOAK") == "1" else 20


def whaley_drop(years: float, rate: float, dividend_yield: float, volatility: float) -> float:
    """Return how far below the strike, in logarithms, Barone-Adesi and Whaley exercise; no yield above the rate."""
    near, far = 1e-12, 10.0
    while far / near > 1.001:
        middle = math.sqrt(near * far)
        spot = math.exp(-middle)
        price = american.price_whaley(PUT, spot, 1.0, years, rate, min(rate, dividend_yield), volatility)
        near, far = (near, middle) if price == 1.0 - spot else (middle, far)
    return far


def test_the_premium_is_that_of_more_nodes() -> None:
    chance = np.random.default_rng(2016)
    errors: list[float] = []
    while len(errors) < COUNT:
        years, volatility = float(np.exp(chance.uniform(-5.3, 0.7))), float(np.exp(chance.uniform(-3.5, 0.0)))
        rate, dividend_yield = float(chance.uniform(0.001, 0.08)), float(chance.uniform(-0.02, 0.08))
        spot = math.exp(chance.uniform(-1, 3) * volatility * math.sqrt(years))
        terms = (years, rate, dividend_yield, volatility)
        found = american.price(PUT, spot, 1.0, *terms)
        if found > 1.0 - spot:
            expected = premium(spot, *terms, guess=lambda t: whaley_drop(t, *terms[1:]))  # noqa: B023
            errors.append(abs(found - black.price(PUT, spot, 1.0, *terms) - expected))
    errors.sort()
    print(f"errors of {COUNT} premiums, in strikes: half {errors[COUNT // 2]:.1e}, largest {errors[-1]:.1e}")
    assert errors[COUNT // 2] < 1e-12
    assert errors[9 * COUNT // 10] < 1e-10
    assert errors[-1] < 3e-8
