"""European prices and Greeks: published values, the ends of the domain, and what arrays must be like."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotpath.options.black import CALL, PUT, Greeks, greeks, greeks_76, normal, price, price_76, value, value_76
from tests.models.option_cases import edge_options, extreme_options, random_options, valued

RIGHTS = {"Call": CALL, "Put": PUT}
finite = st.floats(0.01, 1000)


def published(path: Path) -> list[dict[str, str]]:
    with path.open() as lines:
        return list(csv.DictReader(lines))


def arguments(row: dict[str, str]) -> tuple[int, float, float, float, float, float, float]:
    """Return what a published row says, in the order of `price`."""
    spot, strike, years, rate, dividend_yield, volatility = (
        float(row[name]) for name in ("spot", "strike", "t", "r", "q", "vol")
    )
    return RIGHTS[row["type"]], spot, strike, years, rate, dividend_yield, volatility


def test_prices_are_those_of_haug(shared_data: Callable[[str], Path]) -> None:
    rows = published(shared_data("pricing/haug_european_values.csv"))
    assert len(rows) == 43
    for row in rows:
        assert price(*arguments(row)) == pytest.approx(float(row["value"]), abs=1e-4)


def test_greeks_are_those_of_haug(shared_data: Callable[[str], Path]) -> None:
    rows = published(shared_data("pricing/haug_european_greeks.csv"))
    assert {row["greek"] for row in rows} >= {"delta", "gamma", "vega", "theta", "rho"}
    for row in rows:
        found = greeks(*arguments(row))
        dollar_delta = found.delta * float(row["spot"])
        ours = found._asdict() | {
            "elasticity": dollar_delta / found.price,
            "dividendRho": -dollar_delta * float(row["t"]),
            "theta_per_day(365)": found.theta / 365,
        }
        assert ours[row["greek"]] == pytest.approx(float(row["value"]), abs=1e-4), row


def test_prices_and_greeks_are_those_of_vollib(shared_data: Callable[[str], Path]) -> None:
    data = json.loads(shared_data("pricing/vollib_test_data.json").read_bytes())
    assert len(data["data"]) == 101
    for values in data["data"]:
        row = dict(zip(data["columns"], values, strict=True))
        for right, letter in ((CALL, "C"), (PUT, "P")):
            found = greeks(right, row["S"], row["K"], row["t"], row["R"], 0.0, row["v"])
            assert found.price == pytest.approx(row["bs_call" if right == CALL else "bs_put"], abs=1e-6)
            ours = {"D": found.delta, "G": found.gamma, "T": found.theta, "V": found.vega, "R": found.rho}
            for name, one in ours.items():
                assert one == pytest.approx(row[f"{letter}{name}"], abs=1e-6), (name, row)


def test_black_76_values_are_the_published_ones() -> None:
    call, put = (greeks_76(right, 49.0, 50.0, 0.3846, 0.05, 0.2) for right in (CALL, PUT))
    expected = {
        call.delta: 0.45107017482201828,
        call.gamma: 0.0640646705882,
        call.vega / 100: 0.118317785624,
        call.theta / 365: -0.00816236877462,
        put.theta / 365: -0.00802799155312,
        call.rho / 100: -0.0074705380059582258,
        put.rho / 100: -0.011243286001308292,
    }
    for ours, theirs in expected.items():
        assert ours == pytest.approx(theirs, rel=1e-9)
    assert price_76(CALL, 100.0, 100.0, 0.5, 0.0, 0.2) == pytest.approx(5.637197779701664, rel=1e-14)


@given(finite, finite, st.floats(0.001, 5), st.floats(-0.1, 0.2), st.floats(-0.1, 0.2), st.floats(0.001, 3))
def test_a_call_less_a_put_is_the_forward(
    spot: float, strike: float, years: float, rate: float, dividend_yield: float, volatility: float
) -> None:
    call, put = (greeks(right, spot, strike, years, rate, dividend_yield, volatility) for right in (CALL, PUT))
    asset, cash = spot * math.exp(-dividend_yield * years), strike * math.exp(-rate * years)
    assert call.price - put.price == pytest.approx(asset - cash, abs=4e-15 * (asset + cash))
    assert call.delta - put.delta == pytest.approx(math.exp(-dividend_yield * years), rel=1e-14)
    assert (call.gamma, call.vega, call.vanna, call.volga) == (put.gamma, put.vega, put.vanna, put.volga)
    assert 0 <= put.price <= cash * (1 + 1e-14)
    assert 0 <= call.price <= asset * (1 + 1e-14)


@given(finite, finite, st.floats(0.01, 5), st.floats(-0.1, 0.2), st.floats(-0.1, 0.2), st.floats(0.05, 1))
def test_greeks_are_the_slopes_of_the_price(
    spot: float, strike: float, years: float, rate: float, dividend_yield: float, volatility: float
) -> None:
    terms = [spot, strike, years, rate, dividend_yield, volatility]
    scale = spot + strike

    def slope(at: int, name: str = "price") -> float:
        width = 1e-6 * max(terms[at], 1.0 if at in (3, 4) else 0.0)
        up, down = list(terms), list(terms)
        up[at] += width
        down[at] -= width
        field = Greeks._fields.index(name)
        return (greeks(CALL, *up)[field] - greeks(CALL, *down)[field]) / (2 * width)

    found = greeks(CALL, *terms)
    assert found.delta == pytest.approx(slope(0), abs=1e-7 * scale / spot)
    assert found.theta == pytest.approx(-slope(2), abs=1e-6 * scale / years)
    assert found.rho == pytest.approx(slope(3), abs=1e-6 * scale)
    assert found.vega == pytest.approx(slope(5), abs=1e-6 * scale / volatility)
    assert found.gamma * spot == pytest.approx(slope(0, "delta") * spot, abs=1e-4 / volatility**2 / years)
    assert found.vanna == pytest.approx(slope(5, "delta"), abs=1e-4 / volatility**2)
    assert found.charm == pytest.approx(-slope(2, "delta"), abs=1e-4 / years**2)
    assert found.volga == pytest.approx(slope(5, "vega"), abs=1e-4 * scale / volatility**2)


@pytest.mark.parametrize("dead", [{"years": 0.0}, {"volatility": 0.0}, {"years": 0.0, "volatility": 0.0}])
@pytest.mark.parametrize(("right", "spot", "moneyness"), [(CALL, 120, 1), (CALL, 80, 0), (PUT, 80, 1), (PUT, 120, 0)])
def test_without_variance_an_option_is_its_discounted_intrinsic_value(
    dead: dict[str, float], right: int, spot: float, moneyness: int
) -> None:
    terms = {
        "spot": spot,
        "strike": 100.0,
        "years": 0.5,
        "rate": 0.04,
        "dividend_yield": 0.02,
        "volatility": 0.3,
    } | dead
    years, rate, dividend_yield = terms["years"], terms["rate"], terms["dividend_yield"]
    asset, cash = spot * math.exp(-dividend_yield * years), 100 * math.exp(-rate * years)
    found = greeks(right, **terms)
    assert found.price == pytest.approx(moneyness * right * (asset - cash), rel=1e-14)
    assert found.delta == pytest.approx(moneyness * right * math.exp(-dividend_yield * years))
    assert found.rho == pytest.approx(moneyness * right * years * cash)
    assert found.theta == pytest.approx(moneyness * right * (dividend_yield * asset - rate * cash))
    assert found.charm == pytest.approx(dividend_yield * found.delta)
    assert (found.gamma, found.vega, found.vanna, found.volga) == (0, 0, 0, 0)


def test_exactly_at_the_money_without_variance_half_a_forward_is_held() -> None:
    call, put = (greeks(right, 100.0, 100.0, 0.0, 0.05, 0.01, 0.2) for right in (CALL, PUT))
    assert (call.price, call.delta, call.gamma, call.vega) == (0, 0.5, 0, 0)
    assert (put.price, put.delta) == (0, -0.5)


@pytest.mark.parametrize(
    ("right", "spot", "strike", "worth", "delta"),
    [
        (CALL, 0.0, 100.0, 0.0, 0.0),
        (PUT, 0.0, 100.0, 100.0, -1.0),
        (CALL, 100.0, 0.0, 100.0, 1.0),
        (PUT, 100.0, 0.0, 0.0, 0.0),
        (CALL, 0.0, 0.0, 0.0, 0.5),
        (PUT, 5e-324, 100.0, 100.0, -1.0),
    ],
)
def test_a_price_of_zero_is_the_limit(right: int, spot: float, strike: float, worth: float, delta: float) -> None:
    found = greeks(right, spot, strike, 0.5, 0.0, 0.0, 0.2)
    assert (found.price, found.delta, found.gamma, found.vega) == (worth, delta, 0, 0)


@pytest.mark.parametrize(
    "terms",
    [
        {name: bad}
        for name in ("spot", "strike", "years", "rate", "dividend_yield", "volatility")
        for bad in (math.nan, math.inf, -math.inf)
    ]
    + [{"spot": -1.0}, {"strike": -1e-9}, {"years": -1e-9}, {"volatility": -0.2}]
    + [{"spot": 1.1e100}, {"strike": 1e101}, {"years": 10_001.0}, {"volatility": 10_001.0}, {"rate": 601.0}],
    ids=str,
)
def test_outside_the_domain_every_result_is_nan(terms: dict[str, float]) -> None:
    usual = {"spot": 100.0, "strike": 90.0, "years": 0.5, "rate": 0.04, "dividend_yield": 0.02, "volatility": 0.3}
    assert all(math.isnan(one) for one in greeks(CALL, **(usual | terms)))
    assert not any(math.isnan(one) for one in greeks(CALL, **usual))


def test_every_end_of_every_argument_gives_numbers_or_nan_throughout() -> None:
    options = edge_options()
    found = valued(options)
    nothing = np.isnan(found)
    assert np.all(nothing.all(axis=0) == nothing.any(axis=0))
    assert 0.5 < nothing.all(axis=0).mean() < 1
    assert not np.isnan(valued(extreme_options(20_000))).any()
    # the bits of NaN are the same too: a replay compares bytes
    assert set(found[nothing].view(np.uint64).tolist()) == {0x7FF8000000000000}
    assert np.all(found[0][~nothing[0]] >= 0)


@pytest.mark.parametrize(("x", "expected"), [(0.0, 0.5), (-40.0, 0.0), (40.0, 1.0), (-math.inf, 0.0), (math.inf, 1.0)])
def test_the_normal_distribution_at_its_ends(x: float, expected: float) -> None:
    assert normal(x) == expected
    assert math.isnan(normal(math.nan))


@pytest.mark.parametrize("right", [0, 2, -2])
def test_a_right_that_is_none_is_refused(right: int) -> None:
    with pytest.raises(ValueError, match=f"right is {right}; expected CALL"):
        price(right, 100.0, 100.0, 1.0, 0.0, 0.0, 0.2)
    with pytest.raises(ValueError, match=f"right is {right}; expected CALL"):
        greeks_76(right, 100.0, 100.0, 1.0, 0.0, 0.2)


@pytest.mark.parametrize("rows", [1, 6, 9])
def test_fewer_rows_are_the_first_ones(rows: int) -> None:
    options = random_options(777)
    assert valued(options, rows).tobytes() == valued(options)[:rows].tobytes()
    assert Greeks._fields[:6] == ("price", "delta", "gamma", "vega", "theta", "rho")


def wrong_arrays() -> list[tuple[str, object, str]]:
    """Return (argument, value, what the error says)."""
    return [
        ("spot", np.ones(3), "spot has 3 elements and the first array 4"),
        ("strike", np.ones(4, np.float32), "strike: Buffer dtype mismatch"),
        ("years", np.ones((4, 1)), "years: Buffer has wrong number of dimensions"),
        ("rate", np.ones(8)[::2], "rate: ndarray is not C-contiguous"),
        ("dividend_yield", [0.1] * 4, "dividend_yield: .*expected a contiguous float64 array"),
        ("volatility", None, "volatility: .*expected a contiguous float64 array"),
        ("right", np.ones(4), "right: Buffer dtype mismatch"),
        ("right", np.array([1, -1, 3, 1], np.int8), r"right\[2\] is 3; expected CALL"),
        ("out", np.ones((2, 4)), r"out has the shape \(2, 4\); expected 4 columns"),
        ("out", np.ones((6, 5)), r"out has the shape \(6, 5\); expected 4 columns"),
        ("out", np.ones((4, 6)).T, "out: ndarray is not C-contiguous"),
        ("out", np.broadcast_to(1.0, (1, 4)), "out: .*expected a writable float64 array"),
    ]


@pytest.mark.parametrize(("name", "wrong", "message"), wrong_arrays(), ids=[each[2][:30] for each in wrong_arrays()])
def test_an_array_that_is_not_as_it_must_be_is_named(name: str, wrong: object, message: str) -> None:
    out = np.full((6, 4), 7.0)
    columns: dict[str, Any] = {**random_options(4), "out": out, name: wrong}
    with pytest.raises(ValueError, match=message):
        value(**columns)
    assert np.all(out == 7)


@pytest.mark.parametrize("shared", ["spot", "strike", "years", "rate", "dividend_yield", "volatility"])
def test_results_may_not_overwrite_what_is_still_read(shared: str) -> None:
    memory = np.ones((6, 4))
    with pytest.raises(ValueError, match="shares memory"):
        value(**{**random_options(4), shared: memory[5], "out": memory})


def test_nothing_is_valued_without_options_and_a_read_only_input_is_welcome() -> None:
    none = {name: column[:0] for name, column in random_options(1).items()}
    assert valued(none).shape == (9, 0)
    options = random_options(5)
    for column in options.values():
        column.flags.writeable = False
    assert np.isfinite(valued(options)).all()
    out = np.empty((1, 5))
    del options["dividend_yield"]
    value_76(future=options.pop("spot"), **options, out=out)
    assert np.isfinite(out).all()
