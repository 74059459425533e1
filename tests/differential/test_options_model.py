"""European options against 50-digit arithmetic: the bounds that are promised, in the tails as in the middle.

TIERCEL_SOAK=1 compares 10,000 random options and as many arguments of the normal distribution instead of hundreds.
"""

from __future__ import annotations

import os

import mpmath as mp
import numpy as np
import numpy.typing as npt

from hotpath.options.black import greeks, greeks_76, normal, value_76
from hotpath.options.implied_vol import Reason
from tests.models.option_cases import implied, random_options, type_of_options, valued
from tests.models.options import errors, exact
from tests.models.options import normal as exact_normal

SOAK = os.environ.get("TIERCEL_SOAK", "") == "1"
POINTS = 10_000 if SOAK else 400
BOUNDS = {
    "price": 1e-14,
    "delta": 1e-13,
    "gamma": 1e-13,
    "vega": 1e-13,
    "theta": 1e-12,
    "rho": 1e-13,
    "vanna": 1e-12,
    "charm": 1e-12,
    "volga": 1e-12,
}


def test_price_and_greeks_are_within_their_bounds() -> None:
    options = random_options(POINTS)
    largest = errors(options, valued(options))
    print(f"largest errors of {POINTS}: {largest}")
    assert {name: found for name, found in largest.items() if found > BOUNDS[name]} == {}


def test_the_normal_distribution_is_within_1e_14_of_itself_from_minus_37_to_8() -> None:
    arguments = np.concatenate([np.random.default_rng(5).uniform(-37, 8, POINTS), [-37.0, -1e-300, 0.0, 8.0]])
    largest = max(abs(mp.mpf(normal(x)) / exact_normal(mp.mpf(float(x))) - 1) for x in arguments)
    print(f"largest relative error of the normal distribution over {len(arguments)}: {float(largest):.2e}")
    assert largest <= 1e-14


def test_black_76_is_the_same_formula_at_a_yield_equal_to_the_rate_but_for_rho() -> None:
    options = random_options(50, seed=7)
    out = np.empty((9, 50))
    value_76(
        options["right"],
        options["spot"],
        options["strike"],
        options["years"],
        options["rate"],
        options["volatility"],
        out,
    )
    same = valued({**options, "dividend_yield": options["rate"]})
    same[5] = -options["years"] * same[0]
    assert out.tobytes() == same.tobytes()


def test_one_option_alone_has_the_bits_of_the_same_option_in_a_column() -> None:
    options = random_options(300, seed=8)
    out = valued(options)
    for at in range(300):
        alone = {name: column[at] for name, column in options.items()}
        assert greeks(**alone) == tuple(out[:, at])
    spot, strike, years, rate, _, volatility = (float(column[0]) for column in list(options.values())[1:])
    same = greeks(1, spot, strike, years, rate, rate, volatility)
    assert greeks_76(1, spot, strike, years, rate, volatility) == same._replace(rho=-years * same.price)


def implied_cases(count: int, seed: int) -> tuple[type_of_options, npt.NDArray[np.float64]]:
    """Return options with s = v sqrt(T) from 1e-9 to 15, strikes up to 8 s from the forward, and exact prices."""
    chance = np.random.default_rng(seed)
    s = np.exp(chance.uniform(np.log(1e-9), np.log(15), count))
    options = random_options(count, seed)
    options["volatility"] = s / np.sqrt(options["years"])
    drift = (options["rate"] - options["dividend_yield"]) * options["years"]
    options["strike"] = options["spot"] * np.exp(drift - np.clip(chance.uniform(-8, 8, count) * s, -20, 20))
    prices = [float(exact(*(column[at] for column in options.values()))["price"].value) for at in range(count)]
    return options, np.array(prices)


def attainable(options: type_of_options, price: float, at: int) -> float:
    """Return what rounding makes of the volatility, relative to it: of the price, of A and B, of ln(A/B) by 1e-18."""
    row = [column[at] for column in options.values()]
    right, spot, strike, years, rate, dividend_yield, volatility = (mp.mpf(float(each)) for each in row)
    terms = exact(*row)
    asset, cash = spot * mp.exp(-dividend_yield * years), strike * mp.exp(-rate * years)
    rounding = max(asset, cash) if right * (asset - cash) > 0 else min(asset, cash, 2 * mp.mpf(price))
    lost = abs(mp.mpf(price) - terms["price"].value) + mp.mpf(2) ** -52 * rounding
    if not terms["vega"].value:
        return float("inf")
    return float(lost / (terms["vega"].value * volatility) + mp.mpf("1e-18") / (volatility * mp.sqrt(years)))


def test_an_implied_volatility_is_as_close_as_the_price_allows_at_every_deviation() -> None:
    options, prices = implied_cases(POINTS, seed=11)
    found, reasons = implied(options, prices)
    compared, worst, worst_of_all = 0, 0.0, 0.0
    for at in range(POINTS):
        allowed = attainable(options, prices[at], at)
        if allowed > 1e-3:  # the price says nothing about the volatility
            continue
        assert reasons[at] == Reason.SOLVED
        off = abs(found[at] / options["volatility"][at] - 1)
        compared += 1
        worst, worst_of_all = max(worst, off / (allowed + 2**-52)), max(worst_of_all, off if allowed < 1e-14 else 0)
    print(
        f"{compared} of {POINTS} prices compared: at most {worst:.1f} roundings, {worst_of_all:.1e} where vega is ample"
    )
    assert compared > POINTS // 2
    assert worst <= 10
    assert worst_of_all <= 1e-12


def test_a_volatility_comes_back_from_its_own_price() -> None:
    options = random_options(20_000, seed=12)
    price = valued(options, rows=1)[0]
    found, reasons = implied(options, price)
    s = options["volatility"] * np.sqrt(options["years"])
    vega = valued(options, rows=6)[3]
    allowed = vega * options["volatility"] > 1e-3 * np.maximum(options["spot"], options["strike"])
    compared = (s >= 0.01) & allowed
    off = np.abs(found / options["volatility"] - 1)[compared]
    print(f"round trip of {compared.sum()}: {off.max():.1e}")
    assert compared.sum() > 10_000
    assert np.all(reasons[compared] == Reason.SOLVED)
    assert off.max() <= 1e-12


def test_a_small_volatility_comes_back_from_its_own_price_too() -> None:
    """Below v sqrt(T) = 0.01 price and solver are series; out of the money nothing is lost, down to 1e-9."""
    chance = np.random.default_rng(13)
    options = random_options(20_000, seed=13)
    s = np.exp(chance.uniform(np.log(1e-9), np.log(0.012), 20_000))
    options["rate"][:] = options["dividend_yield"][:] = (
        0.0  # discounting rounds A and B, and the price has that much noise
    )
    options["volatility"] = s / np.sqrt(options["years"])
    options["strike"] = options["spot"] * np.exp(options["right"] * chance.uniform(0, 6, 20_000) * s)
    found, reasons = implied(options, valued(options, rows=1)[0])
    solved = reasons == Reason.SOLVED
    off = np.abs(found / options["volatility"] - 1)[solved]
    print(f"round trip of {solved.sum()} small volatilities: {off.max():.1e}")
    assert solved.mean() > 0.99
    assert off.max() <= 1e-12
