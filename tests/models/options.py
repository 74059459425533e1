"""European options by their formulas in 50 digits: no trick, no series, nothing that could be wrong in the same way."""

from __future__ import annotations

from typing import NamedTuple

import mpmath as mp
import numpy as np
import numpy.typing as npt

from hotpath.options.black import Greeks
from tests.models.option_cases import type_of_options

mp.mp.dps = 50


class Term(NamedTuple):
    """A value, and the sum of the magnitudes of the terms that its formula adds up."""

    value: mp.mpf
    size: mp.mpf


def of_terms(*terms: mp.mpf) -> Term:
    """Add up the terms of a formula."""
    return Term(sum(terms), sum(abs(term) for term in terms))


def normal(x: mp.mpf) -> mp.mpf:
    """Return the standard normal distribution function."""
    return mp.erfc(-x / mp.sqrt(2)) / 2


def exact(
    right: int, spot: float, strike: float, years: float, rate: float, dividend_yield: float, volatility: float
) -> dict[str, Term]:
    """Return price and Greeks of Black-Scholes-Merton, by the names of Greeks; the inputs are taken as they are."""
    s, k, t, r, q, v = (mp.mpf(float(value)) for value in (spot, strike, years, rate, dividend_yield, volatility))
    root = v * mp.sqrt(t)
    d1 = (mp.log(s / k) + (r - q + v * v / 2) * t) / root
    d2 = d1 - root
    growth = mp.exp(-q * t)
    asset, cash, density = s * growth, k * mp.exp(-r * t), mp.npdf(d1)
    n1, n2 = normal(right * d1), normal(right * d2)
    vega = asset * density * mp.sqrt(t)
    return {
        "price": Term(right * (asset * n1 - cash * n2), s),
        "delta": of_terms(right * growth * n1),
        "gamma": of_terms(growth * density / (s * root)),
        "vega": of_terms(vega),
        "theta": of_terms(-asset * density * v / (2 * mp.sqrt(t)), -right * r * cash * n2, right * q * asset * n1),
        "rho": of_terms(right * t * cash * n2),
        "vanna": of_terms(-growth * density * d2 / v),
        "charm": of_terms(right * q * growth * n1, -growth * density * (r - q) / root, growth * density * d2 / (2 * t)),
        "volga": of_terms(vega * d1 * d2 / v),
    }


def error(found: float, term: Term) -> float:
    """Return the error in units of the term's size; of results below 1e-290 it is 0 where they are as small."""
    if abs(term.value) < mp.mpf("1e-290"):
        return 0.0 if abs(found) < 1e-289 else float("inf")
    return float(abs(mp.mpf(float(found)) - term.value) / term.size)


def errors(options: type_of_options, found: npt.NDArray[np.float64]) -> dict[str, float]:
    """Return the largest error of each row of valued columns."""
    largest = dict.fromkeys(Greeks._fields, 0.0)
    for at in range(found.shape[1]):
        terms = exact(*(column[at] for column in options.values()))
        for row, name in enumerate(Greeks._fields):
            largest[name] = max(largest[name], error(found[row, at], terms[name]))
    return largest
