"""American prices and Greeks against a binomial tree."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hotpath.options import american
from hotpath.options.black import CALL, PUT
from tests.models import american as model

Terms = tuple[int, float, float, float, float, float, float]

TERMS: list[Terms] = [
    # right, spot, strike, years, rate, dividend yield, volatility
    (PUT, 100.0, 100.0, 1.0, 0.05, 0.0, 0.25),
    (PUT, 90.0, 100.0, 0.5, 0.08, 0.02, 0.2),
    (PUT, 115.0, 100.0, 2.0, 0.03, 0.03, 0.4),
    (PUT, 104.0, 100.0, 0.1, 0.06, 0.01, 0.15),
    (PUT, 95.0, 100.0, 1.0, 0.02, 0.07, 0.3),
    (PUT, 100.0, 100.0, 1.0, 0.04, -0.02, 0.25),
    (PUT, 100.0, 100.0, 1.5, 0.005, -0.04, 0.2),
    (CALL, 100.0, 100.0, 1.0, 0.03, 0.06, 0.25),
    (CALL, 110.0, 100.0, 0.25, 0.02, 0.09, 0.35),
    (CALL, 90.0, 100.0, 2.0, 0.05, 0.05, 0.3),
    (CALL, 105.0, 100.0, 1.0, -0.02, 0.01, 0.2),
    (CALL, 100.0, 100.0, 0.75, -0.005, -0.01, 0.2),
]
# a Greek, which of the terms it is to, how far that is moved each way, and what the tree's own error may make of it
MOVES = [("delta", 1, 0.5, 1e-4), ("vega", 6, 0.005, 1e-2), ("rho", 4, 0.002, 2e-2), ("theta", 3, 0.02, 2e-3)]


def slope(price: Callable[..., float], terms: Terms, at: int, move: float) -> float:
    """Return the central difference of a price by one of its terms."""
    above = [*terms[:at], terms[at] + move, *terms[at + 1 :]]
    below = [*terms[:at], terms[at] - move, *terms[at + 1 :]]
    return (price(*above) - price(*below)) / (2 * move)


@pytest.mark.parametrize("terms", TERMS)
def test_the_price_is_that_of_the_tree(terms: Terms) -> None:
    assert american.price(*terms) == pytest.approx(model.american(*terms), abs=2e-4)


@pytest.mark.parametrize("terms", TERMS)
@pytest.mark.parametrize(("greek", "at", "move", "error"), MOVES)
def test_each_term_moves_the_price_as_it_moves_the_tree_s(
    terms: Terms, greek: str, at: int, move: float, error: float
) -> None:
    of_tree = slope(model.american, terms, at, move)
    assert slope(american.price, terms, at, move) == pytest.approx(of_tree, abs=error)
    found = getattr(american.greeks(*terms), greek)
    assert found == pytest.approx(-of_tree if greek == "theta" else of_tree, abs=error, rel=4e-3)


@pytest.mark.parametrize("terms", TERMS)
def test_gamma_bends_the_price_as_the_tree_s(terms: Terms) -> None:
    right, spot, *rest = terms
    above, here, below = (model.american(right, spot + move, *rest) for move in (3.0, 0.0, -3.0))
    assert american.greeks(*terms).gamma == pytest.approx((above - 2 * here + below) / 9, abs=2e-3)
