"""Implied volatilities: published ones, a reason for each price that has none, and the ends of what is attainable."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotpath.options.black import CALL, PUT, greeks, price, price_76
from hotpath.options.implied_vol import (
    REASONS,
    Reason,
    implied_volatility,
    implied_volatility_76,
    solve,
    solve_76,
)
from tests.models.option_cases import COLUMNS, implied, random_options, valued


def test_published_volatilities_come_out() -> None:
    undiscounted, reason = implied_volatility_76(CALL, 5.637197779701664, 100.0, 100.0, 0.5, 0.0)
    assert reason == Reason.SOLVED
    assert undiscounted == pytest.approx(0.2, rel=1e-14)
    found, reason = implied_volatility(CALL, 6.78242400926, 100.0, 100.0, 0.5, 0.01, 0.0)
    assert reason == Reason.SOLVED
    assert found == pytest.approx(0.232323232, rel=1e-11)


@pytest.mark.parametrize(
    ("right", "paid", "reason"),
    [
        (CALL, 3.0, Reason.SOLVED),
        (PUT, 3.0, Reason.SOLVED),
        (CALL, 0.0, Reason.AT_INTRINSIC),
        (PUT, 0.0, Reason.AT_INTRINSIC),
        (CALL, -1e-12, Reason.BELOW_INTRINSIC),
        (PUT, -math.inf, Reason.BELOW_INTRINSIC),
        (CALL, 100.0, Reason.ABOVE_BOUND),
        (PUT, 110.0, Reason.ABOVE_BOUND),
        (PUT, math.inf, Reason.ABOVE_BOUND),
        (CALL, math.nan, Reason.OUTSIDE),
    ],
)
def test_every_price_has_a_volatility_or_a_reason(right: int, paid: float, reason: Reason) -> None:
    strike = 110.0 if right == CALL else 90.0
    bound = 100.0 if right == CALL else strike
    paid = bound if paid in (100.0, 110.0) else paid
    found, said = implied_volatility(right, paid, 100.0, strike, 0.5, 0.0, 0.0)
    assert said == reason
    assert math.isnan(found) == (reason not in (Reason.SOLVED, Reason.AT_INTRINSIC))
    assert (found == 0) == (reason == Reason.AT_INTRINSIC)


@pytest.mark.parametrize(
    ("over", "reason"), [(0.0, Reason.AT_INTRINSIC), (-1e-12, Reason.BELOW_INTRINSIC), (1e-12, Reason.SOLVED)]
)
def test_in_the_money_the_intrinsic_value_counts(over: float, reason: Reason) -> None:
    intrinsic = price(CALL, 120.0, 100.0, 0.5, 0.03, 0.01, 0.0)
    assert implied_volatility(CALL, intrinsic + over, 120.0, 100.0, 0.5, 0.03, 0.01)[1] == reason
    assert implied_volatility(PUT, 5.0, 120.0, 100.0, 0.5, 0.03, 0.01)[1] == Reason.SOLVED


@pytest.mark.parametrize(
    "terms",
    [{name: bad} for name in ("spot", "strike", "years") for bad in (0.0, -1.0, math.nan, math.inf)]
    + [{name: bad} for name in ("rate", "dividend_yield") for bad in (math.nan, math.inf, 1e4)],
    ids=str,
)
def test_outside_comes_before_every_other_reason(terms: dict[str, float]) -> None:
    usual = {"spot": 100.0, "strike": 90.0, "years": 0.5, "rate": 0.04, "dividend_yield": 0.02}
    for paid in (-1.0, 0.0, 12.0, 1e6):
        found, reason = implied_volatility(CALL, paid, **(usual | terms))
        assert math.isnan(found)
        assert reason == Reason.OUTSIDE


@given(
    st.sampled_from([CALL, PUT]), st.floats(-6, 6), st.floats(-8, 2.5).map(lambda power: 10**power), st.floats(0.01, 10)
)
def test_every_attainable_price_has_a_volatility_that_gives_it_back(
    right: int, distance: float, deviation: float, years: float
) -> None:
    deviation = min(deviation, 12.0)
    strike = 100 * math.exp(-max(min(distance * deviation, 30.0), -30.0))
    volatility = deviation / math.sqrt(years)
    paid = price_76(right, 100.0, strike, years, 0.0, volatility)
    found, reason = implied_volatility_76(right, paid, 100.0, strike, years, 0.0)
    if reason == Reason.SOLVED:
        again = price_76(right, 100.0, strike, years, 0.0, found)
        assert again == pytest.approx(paid, rel=1e-11, abs=1e-15 * max(100.0, strike))
    else:  # the price has lost all of its time value, or all of what its bound leaves
        assert right * (100 - strike) > 0 or paid >= min(100.0, strike) * (1 - 1e-15) or paid == 0


@pytest.mark.parametrize("volatility", [1e-9, 1e-6, 1e-3, 0.05, 0.0999, 0.1001, 0.1999, 0.2001, 1.0, 5.0, 15.0])
@pytest.mark.parametrize("distance", [0.0, 1e-6, 0.1, 1.0, 5.0, 15.0])
def test_the_forms_of_the_solver_meet_without_a_gap(volatility: float, distance: float) -> None:
    """A volatility of one year is v sqrt(T); the strike lies `distance` of it above the forward."""
    strike = math.exp(distance * volatility)
    paid = price_76(CALL, 1.0, strike, 1.0, 0.0, volatility)
    found, reason = implied_volatility_76(CALL, paid, 1.0, strike, 1.0, 0.0)
    assert reason == (Reason.SOLVED if paid < 1 else Reason.ABOVE_BOUND)
    vega = greeks(CALL, 1.0, strike, 1.0, 0.0, 0.0, volatility).vega
    if paid < 1:  # the price is within an ulp of the spot, the strike is rounded
        rounding = (1e-15 + 1e-16 * strike) / (vega * volatility) if vega else math.inf
        assert found == pytest.approx(volatility, rel=1e-14 + rounding) or rounding > 1e-3


def test_the_smallest_price_has_a_volatility() -> None:
    found, reason = implied_volatility(CALL, 5e-324, 100.0, 120.0, 0.5, 0.0, 0.0)
    assert reason == Reason.SOLVED
    assert 0 < found < 0.02
    assert price(CALL, 100.0, 120.0, 0.5, 0.0, 0.0, found * 1.05) > 0


def test_a_column_has_the_bits_of_its_prices_alone_in_whatever_company() -> None:
    options = random_options(600, seed=3)
    options["volatility"][::7] *= 0.01  # some need the series, most do not
    paid = valued(options, rows=1)[0]
    paid[::11] = -1.0
    found, reasons = implied(options, paid)
    for at in range(600):
        alone = implied_volatility(price=paid[at], **{name: options[name][at] for name in COLUMNS[:6]})
        assert np.float64(alone[0]).tobytes() == found[at].tobytes()
        assert alone[1] == REASONS[reasons[at]]
    futures = {"future": options["spot"]} | {name: options[name] for name in ("right", "strike", "years", "rate")}
    solve_76(**futures, price=paid, out=found, reasons=reasons)
    alone = implied_volatility_76(price=paid[5], **{name: column[5] for name, column in futures.items()})
    assert alone == (found[5], REASONS[reasons[5]])


def test_wrong_arrays_are_named() -> None:
    options = {name: column for name, column in random_options(4).items() if name != "volatility"}
    good = {**options, "price": np.ones(4), "out": np.full(4, 7.0), "reasons": np.full(4, 7, np.int8)}
    shared = np.ones(8)
    wrong: list[tuple[dict[str, object], str]] = [
        ({"price": np.ones(5)}, "price has 5 elements"),
        ({"price": None}, "price: it is None"),
        ({"out": np.ones(4, int)}, "out: Buffer dtype mismatch"),
        ({"out": np.broadcast_to(1.0, 4)}, "out: .*writable"),
        ({"reasons": np.ones(4)}, "reasons: Buffer dtype mismatch"),
        ({"reasons": np.ones(3, np.int8)}, "reasons has 3 elements; expected 4"),
        ({"reasons": None}, "reasons: it is None"),
        ({"out": options["strike"]}, "shares memory"),
        ({"reasons": options["spot"].view(np.int8)[4:8]}, "shares memory"),
        ({"price": shared[:4], "out": shared[2:6]}, "shares memory"),
        ({"right": np.zeros(4, np.int8)}, r"right\[0\] is 0; expected CALL"),
    ]
    for change, message in wrong:
        arguments: dict[str, Any] = {**good, **change}
        with pytest.raises(ValueError, match=message):
            solve(**arguments)
    with pytest.raises(ValueError, match="right is 0; expected CALL"):
        implied_volatility(0, 1.0, 100.0, 100.0, 1.0, 0.0, 0.0)
    assert np.all(good["out"] == 7)
    assert np.all(good["reasons"] == 7)


def test_no_prices_are_solved_without_complaint() -> None:
    none = np.empty(0)
    solve(none.astype(np.int8), none, none, none, none, none, none, none.copy(), none.astype(np.int8))
    assert list(Reason) == [0, 1, 2, 3, 4]
