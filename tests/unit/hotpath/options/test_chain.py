"""A chain: valued by a tick as from nothing, solved as one by one, and added up as a desk reads it."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from hotpath.options.black import CALL, PUT, greeks
from hotpath.options.chain import Chain, Exposure, portfolio, total
from hotpath.options.implied_vol import Reason, implied_volatility
from tests.models.option_cases import COLUMNS, random_options, type_of_options, valued

COUNT = 700
LABELS = np.array([20240119, 20240216, 20250117])


def chain_of(options: type_of_options, multiplier: float = 100.0) -> Chain:
    count = len(options["right"])
    chain = Chain(options["right"], options["strike"], np.resize(LABELS, count), multiplier)
    chain.terms(*(options[name] for name in COLUMNS[3:]))
    return chain


def test_a_tick_gives_what_a_valuation_from_nothing_gives_to_the_last_bit() -> None:
    options = random_options(COUNT)
    chain = chain_of(options)
    assert (chain.count, chain.expiries, chain.multiplier) == (COUNT, tuple(LABELS), 100)
    for spot in (500.0, 500.01, 3.0, 0.0):
        chain.revalue(spot)
        chain.check()
        assert chain.spot == spot
        expected = valued({**options, "spot": np.full(COUNT, spot)})
        assert chain.values.tobytes() == expected.tobytes()


def test_before_terms_and_before_a_tick_there_are_no_values() -> None:
    chain = Chain(np.ones(3, np.int8), np.full(3, 100.0), np.zeros(3, np.int64))
    chain.check()
    assert math.isnan(chain.spot)
    assert np.isnan(chain.values).all()
    chain.revalue(100.0)
    assert np.isnan(chain.values).all()
    with pytest.raises(ValueError, match="the chain has no terms"):
        chain.imply(np.ones(3))
    assert set(chain.reasons.tolist()) == {Reason.OUTSIDE}
    chain.terms(np.ones(3), np.zeros(3), np.zeros(3), np.full(3, 0.2))
    assert np.isfinite(chain.values).all()
    chain.revalue(math.nan)
    assert np.isnan(chain.values).all()


def test_new_terms_revalue_at_the_last_spot_and_the_arrays_given_stay_free() -> None:
    options = random_options(COUNT)
    chain = chain_of(options)
    chain.revalue(400.0)
    before = chain.values.copy()
    years = options["years"] / 2
    chain.terms(years, options["rate"], options["dividend_yield"], options["volatility"])
    assert not np.array_equal(chain.values, before)
    after = chain.values.copy()
    options["strike"][:] = 1.0
    years[:] = 9.0
    chain.revalue(400.0)
    assert chain.values.tobytes() == after.tobytes()


def test_every_implied_volatility_is_that_of_its_price_alone() -> None:
    options = random_options(COUNT)
    chain = chain_of(options)
    chain.revalue(450.0)
    paid = chain.values[0].copy()
    paid[:5] = [-1.0, 1e9, 0.0, math.nan, 1.0]
    solved = chain.imply(paid)
    assert solved == np.count_nonzero(chain.reasons == Reason.SOLVED) > COUNT // 2
    for at in range(COUNT):
        terms = (float(options[name][at]) for name in ("strike", "years", "rate", "dividend_yield"))
        found, reason = implied_volatility(int(options["right"][at]), paid[at], 450.0, *terms)
        assert np.array([found]).tobytes() == chain.implied[at : at + 1].tobytes()
        assert reason == chain.reasons[at]


def test_an_exposure_is_the_sum_over_what_is_held() -> None:
    options = random_options(30)
    chain = chain_of(options)
    chain.revalue(320.0)
    quantity = np.random.default_rng(1).integers(-5, 6, 30).astype(float)
    by_expiry = chain.exposure_by_expiry(quantity)
    assert list(by_expiry) == sorted(LABELS)
    for place, label in enumerate(LABELS):
        at = slice(place, None, 3)
        units = quantity[at] * 100
        price, delta, gamma, vega, theta, rho = chain.values[:6, at]
        expected = Exposure(
            value=(units * price).sum(),
            dollar_delta=(units * delta).sum() * 320,
            dollar_gamma=(units * gamma).sum() * 320**2 / 100,
            vega_point=(units * vega).sum() / 100,
            theta_day=(units * theta).sum() / 365,
            rho_point=(units * rho).sum() / 100,
        )
        assert by_expiry[int(label)] == pytest.approx(expected, rel=1e-12)
    assert chain.exposure(quantity) == pytest.approx(tuple(map(sum, zip(*by_expiry.values(), strict=True))), rel=1e-12)


def test_a_call_less_a_put_moves_like_the_underlying() -> None:
    """One contract of 100: dollar delta is what 100 shares cost, and volatility does not matter."""
    chain = Chain(np.array([CALL, PUT], np.int8), np.array([95.0, 95.0]), np.zeros(2, np.int64), 100.0)
    chain.terms(np.full(2, 0.25), np.full(2, 0.05), np.zeros(2), np.full(2, 0.3))
    chain.revalue(100.0)
    found = chain.exposure(np.array([1.0, -1.0]))
    cash = 95 * math.exp(-0.05 * 0.25)
    assert found.dollar_delta == pytest.approx(100 * 100)
    assert found.value == pytest.approx(100 * (100 - cash))
    assert found.theta_day == pytest.approx(-100 * 0.05 * cash / 365)
    assert found.rho_point == pytest.approx(100 * 0.25 * cash / 100)
    assert (found.dollar_gamma, found.vega_point) == (0, 0)
    call = greeks(CALL, 100.0, 95.0, 0.25, 0.05, 0.0, 0.3)
    assert chain.exposure(np.array([2.0, 0.0])).vega_point == pytest.approx(2 * 100 * call.vega / 100)


def test_what_is_held_without_a_value_shows_and_what_is_not_held_does_not() -> None:
    options = random_options(6)
    options["volatility"][0] = math.nan
    chain = chain_of(options)
    chain.revalue(100.0)
    assert all(math.isnan(one) for one in chain.exposure(np.ones(6)))
    held = np.array([0.0, 1, 1, 1, 1, 1])
    assert not any(math.isnan(one) for one in chain.exposure(held))


def test_a_portfolio_is_added_up_by_underlying_by_expiry_and_in_total() -> None:
    one, other = chain_of(random_options(9, seed=1)), chain_of(random_options(12, seed=2), multiplier=10.0)
    one.revalue(200.0)
    other.revalue(700.0)
    held = {"ONE": (one, np.arange(9.0)), "OTHER": (other, -np.ones(12))}
    everything, by_underlying, by_expiry = portfolio(held)
    assert by_underlying == {name: chain.exposure(quantity) for name, (chain, quantity) in held.items()}
    assert list(by_expiry) == [(name, int(label)) for name in held for label in LABELS]
    assert by_expiry["ONE", 20240216] == one.exposure_by_expiry(np.arange(9.0))[20240216]
    assert everything == total(by_underlying.values())
    assert total([]) == Exposure(0, 0, 0, 0, 0, 0)


def test_an_empty_chain_is_worth_nothing() -> None:
    none = np.empty(0)
    chain = Chain(none.astype(np.int8), none, none.astype(np.int64))
    chain.terms(none, none, none, none)
    chain.revalue(100.0)
    chain.check()
    assert chain.imply(none) == 0
    assert chain.exposure(none) == total([])


def test_views_cannot_be_written_and_check_notices_what_should_not_be() -> None:
    chain = chain_of(random_options(4))
    chain.revalue(100.0)
    for view in (chain.values, chain.implied, chain.reasons):
        with pytest.raises(ValueError, match="read-only"):
            view[...] = 0
    owner = chain.values.base
    assert owner is not None
    owner[0, 0] += 1
    with pytest.raises(AssertionError, match=r"not those of the spot 100\.0"):
        chain.check()


def test_wrong_arrays_are_named() -> None:
    right, strike, expiry = np.ones(3, np.int8), np.full(3, 100.0), np.zeros(3, np.int64)
    wrong: list[tuple[tuple[Any, ...], str]] = [
        ((right, strike[:2], expiry), "strike has 2 elements and the first array 3"),
        ((right, strike, expiry[:2]), "expiry has 2 elements and right 3"),
        ((right, strike, strike), "expiry: Buffer dtype mismatch"),
        ((right, strike, None), "expiry: it is None"),
        ((right * 2, strike, expiry), r"right\[0\] is 2; expected CALL"),
        ((right, strike, expiry, 0.0), "multiplier is 0.0; expected a positive number"),
        ((right, strike, expiry, math.nan), "multiplier is nan; expected a positive number"),
    ]
    for arguments, message in wrong:
        with pytest.raises(ValueError, match=message):
            Chain(*arguments)
    chain = Chain(right, strike, expiry)
    with pytest.raises(ValueError, match="rate has 2 elements"):
        chain.terms(strike, strike[:2], strike, strike)
    chain.terms(strike / 100, strike / 1e4, strike / 1e4, strike / 400)
    with pytest.raises(ValueError, match="price: Buffer dtype mismatch"):
        chain.imply(strike.astype(np.float32))
    with pytest.raises(ValueError, match="quantity has 4 elements"):
        chain.exposure(np.ones(4))


@pytest.mark.untraced
def test_an_engine_without_options_does_not_load_numpy() -> None:
    code = "import sys, actors.desk, engine.cli.run, gateways.binance.gateway; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
