"""American options on a binomial tree: short enough to be seen to be right, and slow.

Cox, Ross and Rubinstein (1979), with the European formula in the last step (Broadie and Detemple 1996) and Richardson's
extrapolation from two trees, which leaves about 1e-4 of a strike of 100.
"""

from __future__ import annotations

from math import erf, exp, sqrt
from typing import Any

import numpy as np

Column = np.ndarray[Any, np.dtype[np.float64]]

normal = np.vectorize(lambda x: 0.5 * (1 + erf(x / sqrt(2))), otypes=[float])


def european(
    right: int, spot: Column, strike: float, years: float, rate: float, dividend_yield: float, volatility: float
) -> Column:
    """Return Black-Scholes-Merton prices at several spots."""
    deviation = volatility * sqrt(years)
    d1 = (np.log(spot / strike) + (rate - dividend_yield) * years) / deviation + deviation / 2
    asset = spot * exp(-dividend_yield * years) * normal(right * d1)
    value: Column = right * (asset - strike * exp(-rate * years) * normal(right * (d1 - deviation)))
    return value


def tree(
    right: int,
    spot: float,
    strike: float,
    years: float,
    rate: float,
    dividend_yield: float,
    volatility: float,
    steps: int,
) -> float:
    """Return the price on one tree."""
    step = years / steps
    up = exp(volatility * sqrt(step))
    chance = (exp((rate - dividend_yield) * step) - 1 / up) / (up - 1 / up)
    discount = exp(-rate * step)
    spots = spot * up ** np.arange(steps - 1, -steps, -2.0)
    held = european(right, spots, strike, step, rate, dividend_yield, volatility)
    values: Column = np.maximum(held, right * (spots - strike))
    for _ in range(steps - 1):
        spots = spots[:-1] / up
        held = discount * (chance * values[:-1] + (1 - chance) * values[1:])
        values = np.maximum(held, right * (spots - strike))
    return float(values[0])


def american(
    right: int, spot: float, strike: float, years: float, rate: float, dividend_yield: float, volatility: float
) -> float:
    """Return the price by extrapolation from 600 and 1,200 steps."""
    terms = (strike, years, rate, dividend_yield, volatility)
    return 2 * tree(right, spot, *terms, steps=1_200) - tree(right, spot, *terms, steps=600)
