"""What the sizes come to, and that what nobody knows gives none."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.strategy.positions.sizing import fixed_fraction, kelly, kelly_fraction, volatility_target
from engine.errors import UsageError

PARTS = st.decimals(min_value="0.0001", max_value="1", places=4)
MONEY = st.decimals(min_value="0.01", max_value="1000000", places=2)


def test_a_fixed_fraction_buys_a_part_of_equity() -> None:
    assert fixed_fraction(10_000, "0.02", 50_000) == Decimal("0.004")
    assert fixed_fraction(10_000, "0.01", 3) == Decimal("33.333333333333")


@given(MONEY, PARTS, MONEY)
def test_a_fixed_fraction_never_costs_more_than_the_part(equity: Decimal, part: Decimal, price: Decimal) -> None:
    assert fixed_fraction(equity, part, price) * price <= equity * part


def test_a_target_for_volatility_halves_the_size_when_the_market_moves_twice_as_much() -> None:
    calm = volatility_target(10_000, "0.01", "0.02", 50_000)
    wild = volatility_target(10_000, "0.01", "0.04", 50_000)
    assert (calm, wild) == (Decimal("0.1"), Decimal("0.05"))


def test_a_quiet_market_does_not_end_in_a_huge_position() -> None:
    assert volatility_target(10_000, "0.01", "0.000001", 50_000) == Decimal("0.2")
    assert volatility_target(10_000, "0.01", "0.000001", 50_000, exposure_max="0.5") == Decimal("0.1")


def test_no_volatility_is_no_size() -> None:
    assert volatility_target(10_000, "0.01", 0, 50_000) == 0


def test_kelly_bets_the_edge_over_the_odds_up_to_its_cap() -> None:
    assert kelly_fraction("0.6", 1, cap=1) == Decimal("0.2")
    assert kelly_fraction("0.9", 2) == Decimal("0.25")
    assert kelly(10_000, "0.6", 1, 50_000) == Decimal("0.04")


@pytest.mark.parametrize(("wins", "payoff"), [("0.5", 1), ("0.4", 1), ("0", 10), ("0.2", "0.01")])
def test_kelly_without_an_edge_bets_nothing(wins: str, payoff: str) -> None:
    assert kelly_fraction(wins, payoff) == 0
    assert kelly(10_000, wins, payoff, 50_000) == 0


@given(PARTS, st.decimals(min_value="0.01", max_value="100", places=2), PARTS)
def test_kelly_is_between_nothing_and_its_cap(wins: Decimal, payoff: Decimal, cap: Decimal) -> None:
    assert 0 <= kelly_fraction(wins, payoff, cap) <= cap


def test_what_is_lost_stakes_nothing() -> None:
    assert fixed_fraction(-5, "0.5", 1) == volatility_target(-5, "0.5", "0.1", 1) == kelly(-5, "0.9", 1, 1) == 0


@pytest.mark.parametrize(
    ("size", "arguments"),
    [
        (fixed_fraction, ("NaN", "0.1", 1)),
        (fixed_fraction, (1, "-0.1", 1)),
        (fixed_fraction, (1, "NaN", 1)),
        (fixed_fraction, (1, "1.1", 1)),
        (fixed_fraction, (1, "0.1", 0)),
        (volatility_target, (1, "0.1", "-0.1", 1)),
        (volatility_target, (1, "0.1", "NaN", 1)),
        (volatility_target, (1, "0.1", "0.1", 1, 0)),
        (kelly_fraction, ("1.1", 1)),
        (kelly_fraction, ("-0.1", 1)),
        (kelly_fraction, ("0.5", 0)),
        (kelly_fraction, ("0.5", 1, 0)),
        (kelly, ("Infinity", "0.6", 1, 1)),
    ],
)
def test_a_number_that_makes_no_sense_is_refused(size: Callable[..., Decimal], arguments: tuple[Any, ...]) -> None:
    with pytest.raises(UsageError, match="expected"):
        size(*arguments)


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError, match="a float is not exact"):
        fixed_fraction(10_000, 0.02, 50_000)  # type: ignore[arg-type]
