"""Random European options, and the ends of every argument: the same for each test that values them."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from hotpath.options.black import value
from hotpath.options.implied_vol import solve

RANDOM_SEED = 20_151_224
type_of_options = dict[str, Any]
"""Columns by the names that `value` gives them."""

COLUMNS = ("right", "spot", "strike", "years", "rate", "dividend_yield", "volatility")


def random_options(count: int, seed: int = RANDOM_SEED) -> type_of_options:
    """Return columns as `value` takes them: moneyness 0.5 to 2, 0.005 to 2 years, volatility 0.03 to 1."""
    chance = np.random.default_rng(seed)
    spot = chance.uniform(10, 1000, count)
    return {
        "right": chance.choice([1, -1], count).astype(np.int8),
        "spot": spot,
        "strike": spot * np.exp(chance.uniform(np.log(0.5), np.log(2), count)),
        "years": np.exp(chance.uniform(np.log(0.005), np.log(2), count)),
        "rate": chance.uniform(-0.02, 0.08, count),
        "dividend_yield": chance.uniform(-0.02, 0.08, count),
        "volatility": chance.uniform(0.03, 1, count),
    }


def extreme_options(count: int, seed: int = RANDOM_SEED) -> type_of_options:
    """Return columns from all over the domain: every magnitude of everything, half of them near the usual ones."""
    chance = np.random.default_rng(seed)

    def magnitudes(lowest: float, highest: float) -> npt.NDArray[np.float64]:
        return np.asarray(10 ** chance.uniform(lowest, highest, count))

    def either(usual: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.where(chance.random(count) < 0.5, usual, other)

    spot = magnitudes(-307, 100)
    years = either(magnitudes(-6, 2), magnitudes(-300, 4))
    rate, dividend_yield = (
        chance.choice([-1, 0, 1], count) * np.minimum(either(magnitudes(-4, 0), magnitudes(-300, 3)), 290 / years)
        for _ in range(2)
    )
    return {
        "right": chance.choice([1, -1], count).astype(np.int8),
        "spot": spot,
        "strike": np.minimum(either(spot * magnitudes(-3, 3), magnitudes(-307, 100)), 1e100),
        "years": years,
        "rate": rate,
        "dividend_yield": dividend_yield,
        "volatility": either(magnitudes(-4, 1), magnitudes(-170, 4)),
    }


def edge_options() -> type_of_options:
    """Return every combination of values at which something begins, ends or is not."""
    numbers = [np.nan, np.inf, -1.0, 0.0, 5e-324, 1e-300, 100.0]
    rows = list(
        product(
            [1, -1],
            [*numbers, 1e99, 1e101],
            [*numbers, 99.0],
            [np.nan, -1.0, 0.0, 1e-300, 0.5, 1e5],
            [np.nan, 0.0, 0.05, -1e4],
            [np.nan, 0.0, -0.03, 1e3],
            [np.nan, np.inf, -0.2, 0.0, 1e-160, 0.2, 50.0, 1e5],
        )
    )
    columns = np.array(rows).T.copy()
    return {
        name: column.astype(np.int8) if name == "right" else column
        for name, column in zip(COLUMNS, columns, strict=True)
    }


def valued(options: type_of_options, rows: int = 9) -> npt.NDArray[np.float64]:
    """Return price and Greeks of columns."""
    out = np.empty((rows, len(options["right"])))
    value(**options, out=out)
    return out


def implied(
    options: type_of_options, price: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int8]]:
    """Return the volatilities of prices, and their reasons."""
    out, reasons = np.empty(len(price)), np.empty(len(price), np.int8)
    solve(**{name: options[name] for name in COLUMNS[:6]}, price=price, out=out, reasons=reasons)
    return out, reasons
