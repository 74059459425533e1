"""Values are exact products and quotients, rounded once; what does not fit is an error."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotpath.core.units import PrecisionError, Scale
from hotpath.orders.contract import Contract
from hotpath.orders.position import Position

INT64_MAX = 2**63 - 1
UNIT = 10**8


def test_a_coin_is_worth_its_price() -> None:
    coin = Contract(Scale(2, 4))
    assert (coin.multiplier, coin.inverse) == (UNIT, False)
    assert coin.paid(100_00, 10_000) == coin.received(100_00, 10_000) == 100 * UNIT


def test_an_inverse_contract_at_the_finest_price_is_exact() -> None:
    fine = Contract(Scale(18, 0), UNIT, inverse=True)
    assert fine.paid(9 * 10**18, 9) == fine.received(9 * 10**18, 9) == UNIT
    with pytest.raises(OverflowError, match="worth more than fits int64"):
        fine.paid(1, 1)


@given(
    st.integers(0, 18),
    st.integers(0, 8),
    st.integers(1, INT64_MAX),
    st.booleans(),
    st.integers(1, INT64_MAX),
    st.integers(1, INT64_MAX),
)
def test_a_value_is_exact_and_rounded_once_or_refused(
    price_decimals: int, quantity_decimals: int, multiplier: int, inverse: bool, ticks: int, lots: int
) -> None:
    contract = Contract(Scale(price_decimals, quantity_decimals), multiplier, inverse)
    price = Fraction(ticks, 10**price_decimals)
    size = Fraction(lots, 10**quantity_decimals) * Fraction(multiplier, UNIT)
    exact = UNIT * (size / price if inverse else size * price)
    try:
        paid = contract.paid(ticks, lots)
        received = contract.received(ticks, lots)
    except OverflowError:
        assert exact > INT64_MAX - 1 or ticks * lots * multiplier >= 2**127
    else:
        assert (paid, received) == (ceil(exact), floor(exact))


@pytest.mark.parametrize(
    ("contract", "ticks", "lots"),
    [
        (Contract(Scale(0, 0)), INT64_MAX, INT64_MAX),
        (Contract(Scale(0, 0), UNIT + 1), INT64_MAX, INT64_MAX),
        (Contract(Scale(18, 0), INT64_MAX, inverse=True), 1, INT64_MAX),
        (Contract(Scale(0, 0), INT64_MAX, inverse=True), 1, 2 * UNIT),
    ],
)
def test_a_value_that_does_not_fit_is_an_error(contract: Contract, ticks: int, lots: int) -> None:
    with pytest.raises(OverflowError, match="worth more than fits int64"):
        contract.paid(ticks, lots)


@pytest.mark.parametrize("inverse", [False, True])
def test_a_value_at_a_mid_that_does_not_fit_is_an_error(inverse: bool) -> None:
    held = Position(Scale(0, 0), "BTC", "USD", INT64_MAX, 1, multiplier=10**18, inverse=inverse)
    with pytest.raises(OverflowError, match="worth more than fits int64"):
        held.unrealised(1)


def test_a_contract_says_its_terms() -> None:
    assert repr(Contract(Scale(1, 0), 10 * UNIT, inverse=True)) == (
        "inverse contract of 10 at Scale(price_decimals=1, quantity_decimals=0)"
    )
    assert repr(Contract(Scale(1, 0), 1)).startswith("contract of 0.00000001 at")


@pytest.mark.parametrize(("ticks", "lots"), [(0, 1), (1, 0), (-1, 1), (1, -1)])
def test_prices_and_quantities_are_positive(ticks: int, lots: int) -> None:
    with pytest.raises(ValueError, match="expected a positive number"):
        Contract(Scale(0, 0)).paid(ticks, lots)


def test_a_lot_finer_than_money_is_refused() -> None:
    with pytest.raises(PrecisionError):
        Contract(Scale(0, 9))


def test_a_multiplier_is_an_integer_that_fits() -> None:
    with pytest.raises(TypeError, match=r"multiplier 0\.1 is of type float"):
        Contract(Scale(0, 0), 0.1)  # type: ignore[arg-type]
    with pytest.raises(OverflowError, match=r"multiplier \d+ does not fit"):
        Contract(Scale(0, 0), 2**63)
