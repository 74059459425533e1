"""How many lots a fraction closes, by the table of the rule and by what must hold for every number."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import ceil, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.strategy.positions.closing import close_count
from engine.errors import UsageError

COUNTS = st.integers(0, 10**15)
FRACTIONS = st.decimals(min_value="0.0001", max_value="1", allow_nan=False, allow_infinity=False, places=4)


@pytest.mark.parametrize(
    ("held", "fraction", "closed"),
    [
        (1, "0.30", 0),
        (1, "0.50", 0),
        (1, "0.60", 0),
        (1, "1.00", 1),
        (2, "0.50", 1),
        (3, "0.33", 1),
        (5, "0.20", 1),
        (10, "0.10", 1),
        (10, "0.30", 3),
        (100, "0.25", 25),
    ],
)
def test_the_ten_examples_of_the_rule(held: int, fraction: str, closed: int) -> None:
    assert close_count(held, Decimal(fraction)) == closed


@given(COUNTS, FRACTIONS)
def test_it_is_the_formula_in_exact_numbers(held: int, fraction: Decimal) -> None:
    wanted = held if fraction == 1 or held == 0 else min(ceil(held * Fraction(fraction) - Fraction(1, 2)), held - 1)
    assert close_count(held, fraction) == wanted


@given(st.integers(1, 10**15), FRACTIONS)
def test_a_part_leaves_at_least_one_lot_and_everything_leaves_none(held: int, fraction: Decimal) -> None:
    closed = close_count(held, fraction)
    assert 0 <= closed <= held
    assert (closed == held) == (fraction == 1)


@given(st.integers(1, 10**9), FRACTIONS, FRACTIONS)
def test_a_larger_fraction_never_closes_less(held: int, one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    assert close_count(held, low) <= close_count(held, high)


@given(st.integers(2, 10**9), FRACTIONS)
def test_it_is_within_half_a_lot_of_the_exact_part_unless_one_must_stay(held: int, fraction: Decimal) -> None:
    exact = held * Fraction(fraction)
    if exact <= held - 1:
        assert abs(close_count(held, fraction) - exact) <= Fraction(1, 2)


def test_flat_closes_nothing() -> None:
    assert close_count(0, Decimal("0.5")) == close_count(0, Decimal(1)) == 0


@pytest.mark.parametrize("fraction", ["0", "-0.1", "1.0001", "NaN", "Infinity", "-Infinity", "sNaN", "half"])
def test_a_fraction_that_is_none_is_refused_with_its_name(fraction: str) -> None:
    with pytest.raises(UsageError, match="fraction is"):
        close_count(10, fraction)  # type: ignore[arg-type]


@pytest.mark.parametrize("fraction", [0.5, nan, True])
def test_a_float_is_refused_because_it_is_not_exact(fraction: float) -> None:
    with pytest.raises(TypeError, match="a float is not exact"):
        close_count(10, fraction)  # type: ignore[arg-type]


def test_a_size_with_a_sign_or_without_a_whole_number_is_refused() -> None:
    with pytest.raises(UsageError, match="without its sign"):
        close_count(-1, Decimal("0.5"))
    with pytest.raises(TypeError, match="whole number"):
        close_count(Decimal(3), Decimal("0.5"))  # type: ignore[arg-type]
