"""What is true of every American option: bounds, monotonicity, symmetry, and how far the approximation is off."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotpath.options import american, black
from hotpath.options.american import Reason
from hotpath.options.black import CALL, PUT

# prices are within this of what they should be, in strikes
ERROR = 3e-8

rights = st.sampled_from([CALL, PUT])
years = st.floats(0.005, 2.0)
rates = st.floats(-0.02, 0.08)
volatilities = st.floats(0.03, 1.0)
deviations = st.floats(-3.0, 3.0)  # of the spot from the strike
steps = st.floats(0.001, 0.3)
Option = tuple[int, float, float, float, float, float, float]


@st.composite
def options(draw: st.DrawFn) -> Option:
    """Return an option with one boundary, or none, as arguments of price()."""
    right, time, rate, dividend_yield, volatility = (
        draw(rights),
        draw(years),
        draw(rates),
        draw(rates),
        draw(volatilities),
    )
    held, earned = (dividend_yield, rate) if right == CALL else (rate, dividend_yield)
    if earned < held < 0:
        rate, dividend_yield = dividend_yield, rate
    spot = 100 * math.exp(draw(deviations) * volatility * math.sqrt(time))
    return right, spot, 100.0, time, rate, dividend_yield, volatility


@given(options())
def test_a_price_lies_between_its_bounds(option: Option) -> None:
    right, spot, strike, time, rate, dividend_yield, _ = option
    greeks = american.greeks(*option)
    most = (
        spot * max(1.0, math.exp(-dividend_yield * time))
        if right == CALL
        else strike * max(1.0, math.exp(-rate * time))
    )
    assert greeks.reason is Reason.VALUED
    assert greeks.price >= max(right * (spot - strike), 0.0)
    assert greeks.price >= black.price(*option) - 1e-12
    assert greeks.price <= most * (1 + 1e-12)


@given(options())
def test_greeks_have_their_signs(option: Option) -> None:
    right, _, strike, time, _, dividend_yield, _ = option
    greeks = american.greeks(*option)
    most = max(1.0, math.exp(-dividend_yield * time))
    assert -1e-6 <= right * greeks.delta <= most + 1e-6
    assert greeks.gamma >= -1e-9
    assert greeks.vega >= -2e-6 * strike
    assert right * greeks.rho >= -1e-4 * strike * time


@given(options(), steps)
def test_a_longer_life_is_worth_no_less(option: Option, step: float) -> None:
    right, spot, strike, time, rate, dividend_yield, volatility = option
    longer = american.price(right, spot, strike, time + step, rate, dividend_yield, volatility)
    assert longer >= american.price(*option) - ERROR * strike


@given(options(), steps)
def test_more_volatility_is_worth_no_less(option: Option, step: float) -> None:
    right, spot, strike, time, rate, dividend_yield, volatility = option
    higher = american.price(right, spot, strike, time, rate, dividend_yield, volatility + step)
    assert higher >= american.price(*option) - ERROR * strike


@given(options(), steps)
def test_a_price_is_monotonous_and_convex_in_the_spot(option: Option, step: float) -> None:
    right, spot, strike, time, rate, dividend_yield, volatility = option
    low, middle, high = (
        american.price(right, spot * factor, strike, time, rate, dividend_yield, volatility)
        for factor in (1 - step, 1.0, 1 + step)
    )
    assert right * (high - low) >= -ERROR * 100
    assert low + high - 2 * middle >= -2 * ERROR * 100


@given(options())
def test_a_call_is_a_put_with_everything_exchanged(option: Option) -> None:
    """McDonald and Schroder (1998): C(S, K, r, q) = P(K, S, q, r)."""
    right, spot, strike, time, rate, dividend_yield, volatility = option
    mirrored = american.greeks(-right, strike, spot, time, dividend_yield, rate, volatility)
    greeks = american.greeks(*option)
    assert mirrored.price == pytest.approx(greeks.price, rel=1e-12, abs=1e-11)
    assert mirrored.vega == pytest.approx(greeks.vega, rel=1e-9, abs=1e-9)
    assert mirrored.theta == pytest.approx(greeks.theta, rel=1e-9, abs=1e-7)


@given(options(), st.sampled_from([0.001, 0.5, 7.0, 1e6]))
def test_a_price_has_no_unit(option: Option, unit: float) -> None:
    right, spot, strike, time, rate, dividend_yield, volatility = option
    one = american.price(*option)
    other = american.price(right, unit * spot, unit * strike, time, rate, dividend_yield, volatility)
    assert other == pytest.approx(unit * one, rel=1e-9, abs=1e-9 * unit)


@given(options(), st.floats(0.3, 3.0))
def test_time_has_no_unit(option: Option, unit: float) -> None:
    right, spot, strike, time, rate, dividend_yield, volatility = option
    other = american.price(
        right, spot, strike, time * unit, rate / unit, dividend_yield / unit, volatility / math.sqrt(unit)
    )
    assert other == pytest.approx(american.price(*option), rel=1e-9, abs=1e-9)


@given(rights, deviations, years, rates, volatilities)
def test_greeks_hold_the_equation_of_scales(
    right: int, deviation: float, time: float, rate: float, volatility: float
) -> None:
    """A unit of time changes nothing: r dV/dr + v/2 dV/dv - T dV/dT = 0 for an option on a future."""
    future = 100 * math.exp(deviation * volatility * math.sqrt(time))
    greeks = american.greeks_76(right, future, 100.0, time, rate, volatility)
    assert greeks.reason is Reason.VALUED
    assert rate * greeks.rho + volatility / 2 * greeks.vega + time * greeks.theta == pytest.approx(0, abs=1e-5)


def test_the_approximation_is_as_far_off_as_it_says() -> None:
    lives = {0.05: 0.05, 0.1: 0.05, 0.25: 0.13, 0.5: 0.13, 1.0: 0.13, 2.0: 0.37, 3.0: 0.68}
    grid = list(
        product(
            (CALL, PUT), (80.0, 90.0, 100.0, 110.0, 120.0), lives, (0.1, 0.2, 0.3, 0.4),
            (0.01, 0.03, 0.05, 0.08), (0.0, 0.02, 0.04, 0.08),
        )
    )  # fmt: skip
    names = ("right", "spot", "years", "volatility", "rate", "dividend_yield")
    columns: dict[str, Any] = {
        name: np.array(column) for name, column in zip(names, zip(*grid, strict=True), strict=True)
    }
    columns |= {"right": columns["right"].astype(np.int8), "strike": np.full(len(grid), 100.0)}
    time, reasons = columns["years"], np.empty(len(grid), np.int8)
    approximation, exact = np.empty((1, len(grid))), np.empty((1, len(grid)))
    american.value_whaley(**columns, out=approximation, reasons=reasons)
    american.value(**columns, out=exact, reasons=reasons)
    error = np.abs(approximation[0] - exact[0])
    assert len(grid) == 4_480
    for life, most in lives.items():
        assert most / 3 < error[time == life].max() <= most
    assert error[time <= 1.0].mean() < 0.025
