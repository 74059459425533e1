"""Multipliers, inverse contracts, and profit with the oldest lots closed first."""

from __future__ import annotations

from fractions import Fraction

import pytest

from hotpath.core.units import Scale
from hotpath.orders.position import Position

UNIT = 10**8
DOLLARS_10 = 10 * UNIT


def test_a_multiplier_scales_cost_profit_and_nothing_else() -> None:
    held = Position(Scale(2, 0), "SPX", "USD", multiplier=100 * UNIT)
    held.fill(1, 12_50, 3)
    assert (held.lots, held.cost, held.average_price) == (3, 3_750 * UNIT, Fraction(25, 2))
    assert (held.scale, held.contract.multiplier) == (Scale(2, 0), 100 * UNIT)
    assert held.unrealised(2 * 13_00) == 150 * UNIT
    assert held.fill(-1, 14_50, 2) == 400 * UNIT
    assert (held.lots, held.cash) == (1, (2_900 - 3_750) * UNIT)


def test_a_multiplier_may_be_a_fraction() -> None:
    held = Position(Scale(1, 0), "BTC", "USDT", multiplier=UNIT // 1_000)
    held.fill(-1, 60_000_0, 5)
    assert held.cost == -300 * UNIT
    assert held.fill(1, 50_000_0, 5) == 50 * UNIT


def test_an_inverse_contract_pays_in_base() -> None:
    held = Position(Scale(1, 0), "BTC", "USD", multiplier=DOLLARS_10, inverse=True)
    assert held.settlement == "BTC"
    held.fill(1, 50_000_0, 1_000)  # 10,000 dollars at 50,000: 0.2 BTC
    assert (held.lots, held.cost, held.cash) == (1_000, UNIT // 5, UNIT // 5)
    assert held.average_price == 50_000
    assert held.unrealised(2 * 62_500_0) == UNIT // 25
    assert held.fill(-1, 62_500_0, 1_000) == UNIT // 25  # 0.2 - 0.16 BTC
    assert (held.lots, held.cash, held.realised) == (0, UNIT // 25, UNIT // 25)


def test_a_short_inverse_contract_gains_when_the_price_falls() -> None:
    held = Position(Scale(1, 0), "BTC", "USD", multiplier=DOLLARS_10, inverse=True)
    held.fill(-1, 50_000_0, 1_000)
    assert held.unrealised(2 * 40_000_0) == UNIT // 20
    assert held.fill(1, 40_000_0, 500) == UNIT // 40
    assert held.cost == -UNIT // 10


def test_inverse_values_are_rounded_once_and_against_us() -> None:
    bought = Position(Scale(0, 0), "BTC", "USD", multiplier=UNIT, inverse=True)
    bought.fill(1, 3, 1)  # receives a third of a coin
    assert bought.cash == 33_333_333
    assert bought.fill(-1, 3, 1) == -1
    sold = Position(Scale(0, 0), "BTC", "USD", multiplier=UNIT, inverse=True)
    sold.fill(-1, 3, 1)
    assert sold.cash == -33_333_334


def test_the_average_of_an_inverse_contract_is_harmonic() -> None:
    held = Position(Scale(0, 0), "BTC", "USD", multiplier=UNIT, inverse=True)
    held.fill(1, 20_000, 1)
    held.fill(1, 50_000, 1)
    assert held.average_price == Fraction(2 * UNIT, UNIT // 20_000 + UNIT // 50_000)


def test_an_inverse_contract_that_is_worth_nothing_has_no_average() -> None:
    held = Position(Scale(0, 0), "BTC", "USD", multiplier=1, inverse=True)
    held.fill(1, 20_000, 1)
    assert (held.lots, held.cost, held.average_price) == (1, 0, None)


def test_a_fee_in_base_settles_an_inverse_contract_and_takes_no_lots_of_a_linear_one() -> None:
    inverse = Position(Scale(0, 0), "BTC", "USD", multiplier=DOLLARS_10, inverse=True)
    inverse.fill(1, 50_000, 1_000, 500, "BTC")
    assert (inverse.lots, inverse.cash, inverse.fees) == (1_000, UNIT // 5 - 500, {"BTC": 500})
    linear = Position(Scale(0, 0), "BTC", "USD", multiplier=UNIT)
    linear.fill(1, 50_000, 1, 500, "BTC")
    assert (linear.lots, linear.cash, linear.fee_cost) == (1, -50_000 * UNIT, 0)


def test_the_oldest_lots_are_closed_first_beside_the_average() -> None:
    held = Position(Scale(0, 0), "AAPL", "USD")
    held.fill(1, 100, 10)
    held.fill(1, 110, 10)
    assert held.fill(-1, 120, 5) == 75 * UNIT
    assert held.realised_fifo == 100 * UNIT
    assert held.parcels == ((5, 500 * UNIT), (10, 1_100 * UNIT))
    held.fill(-1, 120, 10)
    assert held.realised_fifo == (100 + 100 + 50) * UNIT
    held.fill(-1, 120, 5)
    assert held.realised == held.realised_fifo == 300 * UNIT
    assert not held.parcels


def test_a_flip_leaves_one_parcel_of_the_other_side() -> None:
    held = Position(Scale(0, 0), "AAPL", "USD")
    held.fill(1, 100, 10)
    held.fill(1, 110, 10)
    held.fill(-1, 120, 25)
    assert (held.lots, held.cost_fifo, held.parcels) == (-5, -600 * UNIT, ((5, 600 * UNIT),))


def test_a_position_that_goes_on_begins_with_one_parcel() -> None:
    held = Position(Scale(0, 0), "AAPL", "USD", -4, -400, 7)
    assert (held.parcels, held.realised_fifo) == (((4, 400),), 7)


def test_at_the_bound_a_fill_joins_the_newest_parcel_and_is_counted() -> None:
    held = Position(Scale(0, 0), "AAPL", "USD", parcels_max=2)
    for price in (100, 110, 120):
        held.fill(1, price, 1)
    assert held.parcels == ((1, 100 * UNIT), (2, 230 * UNIT))
    assert held.parcels_merged == 1
    held.fill(-1, 120, 2)
    assert held.realised_fifo == (20 + 5) * UNIT


def test_the_queue_grows_and_turns_without_losing_the_order() -> None:
    held = Position(Scale(0, 0), "AAPL", "USD")
    for price in range(1, 41):
        held.fill(1, price, 2)
        held.fill(-1, price, 1)
    assert [lots for lots, _ in held.parcels] == [2] * 20
    assert [cost // (2 * UNIT) for _, cost in held.parcels] == list(range(21, 41))


@pytest.mark.parametrize("multiplier", [0, -1])
def test_a_multiplier_that_is_not_positive_is_refused(multiplier: int) -> None:
    with pytest.raises(ValueError, match=f"the multiplier is {multiplier}"):
        Position(Scale(0, 0), "BTC", "USD", multiplier=multiplier)


def test_a_queue_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="parcels_max is 0"):
        Position(Scale(0, 0), "BTC", "USD", parcels_max=0)
