"""The early-exercise premium of a put with strike 1, by collocation with as many nodes as one likes, and slowly.

Smooth pasting is asked for at each node (Kim 1990; Andersen, Lake and Offengenden 2016); the first guess is the
boundary of Barone-Adesi and Whaley's approximation, wherever that comes from.
"""

from __future__ import annotations

from collections.abc import Callable
from math import erfc, log, pi, sqrt
from typing import Any

import numpy as np
from numpy.polynomial.legendre import leggauss

Column = np.ndarray[Any, np.dtype[np.float64]]

normal = np.vectorize(lambda x: 0.5 * erfc(-x / sqrt(2)), otypes=[float])


def density(x: Column) -> Column:
    result: Column = np.exp(-x * x / 2) / sqrt(2 * pi)
    return result


def interpolation(nodes: Column, at: Column) -> Column:
    """Return the values of the cardinal polynomials of `nodes`, without the first, at some points."""
    weights = 1 / np.prod(4 * (nodes[:, None] - nodes + np.eye(len(nodes)) / 4), axis=1)
    gaps = at[..., None] - nodes
    shares = weights / np.where(gaps == 0, 1e-200, gaps)
    result: Column = (shares / shares.sum(axis=-1, keepdims=True))[..., 1:]
    return result


def rule(count: int) -> tuple[Column, Column]:
    """Return points and weights on [0, 1]."""
    points, weights = leggauss(count)
    return (points + 1) / 2, weights / 2


def premium(
    spot: float, years: float, rate: float, dividend_yield: float, volatility: float,
    guess: Callable[[float], float], nodes: int = 34, points: int = 48, samples: int = 200,
) -> float:  # fmt: skip
    """Return the premium for a positive rate; `guess` says how far below the strike, in logarithms, one exercises."""
    top = log(rate / dividend_yield) if dividend_yield > rate else 0.0
    pull = max(rate, dividend_yield)
    drift = rate - dividend_yield + volatility**2 / 2
    z = np.concatenate([[0], rule(nodes - 1)[0], [1]])
    time, root = years * z[1:] ** 4, sqrt(years) * z[1:] ** 2
    tangent, weight = rule(points)
    sine, cosine = 2 * tangent / (1 + tangent**2), (1 - tangent**2) / (1 + tangent**2)
    values = interpolation(z, z[1:, None] * np.sqrt(cosine))
    lag, span = time[:, None] * sine**2, volatility * root[:, None] * sine
    measure = time[:, None] * 4 * sine * cosine * weight / (1 + tangent**2) * np.exp(-dividend_yield * lag)
    forward = np.exp(-dividend_yield * time)
    drop = np.array([max(top + guess(t), 0.6388 * volatility * sqrt(t)) for t in time])
    for _ in range(30):
        others = values @ drop
        d = (others - drop[:, None] + drift * lag) / span
        last = (top - drop + drift * time) / (volatility * root)
        gain, mass = pull * np.exp(others) - dividend_yield, measure * density(d) / span
        residual = forward * normal(last) + (measure * dividend_yield * normal(d) - gain * mass).sum(axis=1)
        slope = mass * (dividend_yield + gain * d / span)
        jacobian = np.einsum("ik,ikj->ij", slope - mass * pull * np.exp(others), values)
        jacobian -= np.diag(forward * density(last) / (volatility * root) + slope.sum(axis=1))
        step = np.linalg.solve(jacobian, -residual)
        drop = np.clip(drop + step, drop / 2, drop * 2)
        if np.abs(step).max() < 1e-10 * drop.max():
            break
    return integral(spot, years, rate, dividend_yield, volatility, top, z, drop, samples)


def integral(
    spot: float, years: float, rate: float, dividend_yield: float, volatility: float,
    top: float, z: Column, drop: Column, samples: int,
) -> float:  # fmt: skip
    """Sum what exercising earns below the boundary; the square of the angle's tangent crowds the points at time 0."""
    if log(spot) <= top - drop[-1]:
        raise ValueError("the option is exercised")
    point, weight = rule(samples)
    tangent = point**2
    sine, cosine = 2 * tangent / (1 + tangent**2), (1 - tangent**2) / (1 + tangent**2)
    lag, span = years * sine**2, volatility * sqrt(years) * sine
    measure = years * 4 * sine * cosine * 2 * point * weight / (1 + tangent**2)
    d = (log(spot) - top + interpolation(z, np.sqrt(cosine)) @ drop) / span
    d += (rate - dividend_yield + volatility**2 / 2) * lag / span
    earned = rate * np.exp(-rate * lag) * normal(span - d)
    paid = dividend_yield * spot * np.exp(-dividend_yield * lag) * normal(-d)
    return float((measure * (earned - paid)).sum())
