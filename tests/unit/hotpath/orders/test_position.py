"""Fills become signed lots, cost and realised profit, and no unit of money is ever lost."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotpath.core.units import PrecisionError, Scale
from hotpath.orders.position import Position
from tests.models.position import ModelPosition

INT64_MAX = 2**63 - 1
UNIT = 10**8  # one unit of a currency as money
SCALE = Scale(2, 4)  # a tick of 0.01, a lot of 0.0001
LOT = 10_000  # one unit of the base currency in lots


def position(**start: Any) -> Position:
    return Position(SCALE, "BASE", "QUOTE", **start)


def test_a_long_position_realises_what_it_sold_above_its_cost() -> None:
    held = position()
    assert held.fill(1, 100_00, 10 * LOT) == 0
    assert (held.lots, held.cost) == (10 * LOT, 1_000 * UNIT)
    assert held.fill(-1, 110_00, 4 * LOT) == 40 * UNIT
    assert (held.lots, held.cost, held.realised, held.cash) == (6 * LOT, 600 * UNIT, 40 * UNIT, -560 * UNIT)


def test_a_short_position_realises_what_it_bought_below_its_proceeds() -> None:
    held = position()
    held.fill(-1, 100_00, 10 * LOT)
    assert (held.lots, held.cost) == (-10 * LOT, -1_000 * UNIT)
    assert held.fill(1, 90_00, 10 * LOT) == 100 * UNIT
    assert (held.lots, held.cost, held.average) == (0, 0, None)


@pytest.mark.parametrize("side", [1, -1])
def test_a_flip_closes_everything_and_opens_the_rest_at_the_new_price(side: int) -> None:
    held = position()
    held.fill(side, 100_00, 10 * LOT)
    assert held.fill(-side, 110_00, 15 * LOT) == side * 100 * UNIT
    assert (held.lots, held.cost) == (-side * 5 * LOT, -side * 550 * UNIT)


def test_the_average_is_a_pair_and_is_divided_only_to_be_shown() -> None:
    held = position()
    assert held.average_price is None
    held.fill(1, 100_00, 20 * LOT)
    held.fill(1, 120_00, 10 * LOT)
    assert held.average == (3_200 * UNIT, 30 * LOT)
    assert held.average_price == Fraction(3_200, 30)


def test_closing_a_part_removes_the_floor_of_its_cost() -> None:
    held = position(lots=3, cost=1_000)
    assert held.fill(-1, 100, 1) == 10_000 - 333
    assert (held.lots, held.cost) == (2, 667)
    short = position(lots=-3, cost=-1_000)
    assert short.fill(1, 100, 1) == 333 - 10_000
    assert (short.lots, short.cost) == (-2, -667)


def test_what_we_pay_is_rounded_up_and_what_we_receive_down() -> None:
    fine = Position(Scale(6, 6), "BASE", "QUOTE")
    fine.fill(1, 1, 1)
    assert fine.cash == -1
    fine.fill(-1, 1, 1)
    assert (fine.cash, fine.realised) == (-1, -1)


def test_a_quote_fee_is_paid_in_cash() -> None:
    held = position()
    held.fill(1, 100_00, LOT, UNIT // 10, "QUOTE")
    assert (held.lots, held.cost, held.cash) == (LOT, 100 * UNIT, -100 * UNIT - UNIT // 10)
    assert held.fees == {"QUOTE": UNIT // 10}


def test_a_base_fee_takes_lots_from_the_fill_and_no_profit() -> None:
    held = position()
    assert held.fill(1, 100_00, LOT, UNIT // 1_000, "BASE") == 0
    assert (held.lots, held.cost, held.fee_cost) == (LOT - 10, 99_90 * UNIT // 100, UNIT // 10)
    assert held.fees == {"BASE": UNIT // 1_000}


def test_a_base_fee_on_a_sale_takes_lots_as_well() -> None:
    held = position(lots=2 * LOT, cost=200 * UNIT)
    assert held.fill(-1, 100_00, LOT, UNIT // 1_000, "BASE") == 0
    assert (held.lots, held.cost, held.fee_cost) == (LOT - 10, 99_90 * UNIT // 100, UNIT // 10)


def test_a_base_fee_below_a_lot_waits_until_it_is_one() -> None:
    held = position()
    held.fill(1, 100_00, LOT, 6_000, "BASE")
    assert (held.lots, held.base_rest) == (LOT, 6_000)
    held.fill(1, 100_00, LOT, 6_000, "BASE")
    assert (held.lots, held.base_rest) == (2 * LOT - 1, 2_000)


def test_a_fill_may_be_eaten_by_its_fee_whole() -> None:
    held = position(lots=-5, cost=-5_000)
    assert held.fill(1, 100, 1, 10_000, "BASE") == 0
    assert (held.lots, held.cost, held.fee_cost) == (-5, -5_000, 10_000)


def test_a_fee_in_a_third_currency_stays_there() -> None:
    held = position()
    held.fill(1, 100_00, LOT, 7, "BNB")
    held.fill(1, 100_00, LOT, -2, "BNB")
    assert held.fees == {"BNB": 5}
    assert (held.lots, held.cash) == (2 * LOT, -200 * UNIT)


def test_unrealised_profit_is_at_the_mid_and_rounded_down() -> None:
    held = position(lots=LOT, cost=100 * UNIT)
    assert held.unrealised(2 * 101_00 + 1) == UNIT + UNIT // 200
    short = position(lots=-LOT, cost=-100 * UNIT)
    assert short.unrealised(2 * 101_00) == -UNIT
    assert Position(Scale(8, 8), "BASE", "QUOTE", 1, 0).unrealised(1) == 0
    assert Position(Scale(8, 8), "BASE", "QUOTE", -1, 0).unrealised(1) == -1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((0, 1, 1), "side is 0"),
        ((1, 0, 1), "both must be positive"),
        ((1, 1, -1), "both must be positive"),
        ((1, 1, 1, 5), "without a currency"),
        ((1, 1, 1, 20_000, "BASE"), "cannot be larger than the fill"),
        ((1, 1, 1, -20_000, "BASE"), "cannot be larger than the fill"),
    ],
)
def test_what_cannot_be_a_fill_is_refused(arguments: tuple[Any, ...], said: str) -> None:
    held = position()
    with pytest.raises(ValueError, match=said):
        held.fill(*arguments)
    assert (held.lots, held.cost, held.cash, held.fees) == (0, 0, 0, {})


@pytest.mark.parametrize(
    ("start", "arguments"),
    [
        ({}, (1, INT64_MAX, INT64_MAX)),
        ({"lots": INT64_MAX, "cost": 1}, (1, 1, 1)),
        ({"lots": 1, "cost": INT64_MAX}, (1, 1, 1)),
        ({"lots": LOT, "cost": LOT, "realised": INT64_MAX}, (-1, 100_00, LOT)),
        ({}, (1, 1, 1, -INT64_MAX, "QUOTE")),
    ],
)
def test_what_does_not_fit_is_an_error_and_changes_nothing(start: dict[str, int], arguments: tuple[Any, ...]) -> None:
    held = position(**start)
    if len(arguments) > 3:
        held.fill(*arguments)
        start = {"lots": 1, "cost": 100}
    with pytest.raises(OverflowError, match="fit"):
        held.fill(*arguments)
    assert (held.lots, held.cost) == (start.get("lots", 0), start.get("cost", 0))


def test_an_unrealised_profit_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(OverflowError, match="worth more than fits"):
        position(lots=INT64_MAX, cost=1).unrealised(INT64_MAX)
    with pytest.raises(OverflowError, match="worth more than fits"):
        position(lots=INT64_MAX, cost=1).unrealised(10**8)


@pytest.mark.parametrize("mid", [0, -1])
def test_an_unrealised_profit_needs_a_price(mid: int) -> None:
    with pytest.raises(ValueError, match=f"is {mid} ticks"):
        position(lots=LOT, cost=UNIT).unrealised(mid)


@pytest.mark.parametrize("arguments", [(1, 1.5, 1), (1, 1, 1.5), (1.0, 1, 1), (1, 1, 1, 0.5, "QUOTE")])
def test_a_float_is_refused_and_never_cut(arguments: tuple[Any, ...]) -> None:
    held = position()
    with pytest.raises(TypeError, match="of type float; expected int"):
        held.fill(*arguments)
    assert (held.lots, held.cash) == (0, 0)


def test_fees_in_too_many_currencies_are_an_error() -> None:
    held = position()
    for number in range(16):
        held.fill(1, 1, 1, 1, f"COIN{number}")
    held.fill(1, 1, 1, 1, "COIN3")
    with pytest.raises(OverflowError, match="16 currencies"):
        held.fill(1, 1, 1, 1, "COIN16")
    assert held.lots == 17


@pytest.mark.parametrize("start", [{"lots": 1, "cost": -1}, {"lots": -1, "cost": 1}, {"cost": 1}])
def test_lots_and_cost_of_different_signs_are_refused(start: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="same sign"):
        position(**start)


def test_a_rest_of_a_whole_lot_is_refused() -> None:
    with pytest.raises(ValueError, match="base_rest is 10000"):
        position(base_rest=10_000)


def test_a_scale_finer_than_money_is_refused() -> None:
    with pytest.raises(PrecisionError):
        Position(Scale(2, 9), "BASE", "QUOTE")


type_of_fill = tuple[int, int, int, int, str]
fills = st.lists(
    st.tuples(
        st.sampled_from([1, -1]),
        st.integers(1, 10**4),
        st.integers(1, 10**5),
        st.integers(-100, 1_000),
        st.sampled_from(["BASE", "QUOTE", "BNB"]),
    ),
    max_size=40,
)
multipliers = st.one_of(st.none(), st.sampled_from([1, 10**7, 10**8, 10**10]), st.integers(1, 10**12))


@given(fills, st.integers(0, 8), st.integers(0, 8), multipliers, st.booleans())
def test_cash_position_and_fees_are_conserved_to_the_last_unit(
    history: list[type_of_fill], price_decimals: int, quantity_decimals: int, multiplier: int | None, inverse: bool
) -> None:
    held = Position(Scale(price_decimals, quantity_decimals), "BASE", "QUOTE", multiplier=multiplier, inverse=inverse)
    model = ModelPosition(price_decimals, quantity_decimals, multiplier, inverse)
    sense = -1 if inverse else 1
    for side, price_ticks, lots, fee_bps, currency in history:
        fee = lots * 10 ** (8 - quantity_decimals) * fee_bps // 10_000
        before = held.realised
        realised = held.fill(side, price_ticks, lots, fee, currency)
        model.fill(side, price_ticks, lots, fee, currency)
        held.check()
        assert realised == held.realised - before
        moved = held.cash + held.fees.get(held.settlement, 0) + held.fee_cost
        assert moved + sense * held.cost == held.realised
        assert moved + sense * held.cost_fifo == held.realised_fifo
        assert held.unrealised(2 * price_ticks + 1) == model.unrealised(
            Fraction(2 * price_ticks + 1, 2 * 10**price_decimals)
        )
    assert (held.lots, held.cost, held.realised) == (model.lots, model.cost, model.realised)
    assert (held.parcels, held.realised_fifo) == (tuple(model.parcels), model.realised_fifo)
    assert (held.cash, held.fee_cost, held.base_rest) == (model.cash, model.fee_cost, model.base_rest)
    assert held.lots or held.realised == held.realised_fifo


@given(fills, st.integers(0, 8))
def test_lots_are_the_fills_less_the_base_fees(history: list[type_of_fill], quantity_decimals: int) -> None:
    held = Position(Scale(2, quantity_decimals), "BASE", "QUOTE")
    lot_money = 10 ** (8 - quantity_decimals)
    for side, price_ticks, lots, fee_bps, currency in history:
        held.fill(side, price_ticks, lots, lots * lot_money * fee_bps // 10_000, currency)
    net_lots = sum(side * lots for side, _, lots, _, _ in history)
    assert held.lots * lot_money - held.base_rest == net_lots * lot_money - held.fees.get("BASE", 0)


@given(fills, st.integers(1, 5))
def test_a_bounded_queue_of_parcels_loses_no_unit(history: list[type_of_fill], parcels_max: int) -> None:
    held = Position(SCALE, "BASE", "QUOTE", parcels_max=parcels_max)
    whole = Position(SCALE, "BASE", "QUOTE")
    for side, price_ticks, lots, _, _ in history:
        held.fill(side, price_ticks, lots)
        whole.fill(side, price_ticks, lots)
        held.check()
        assert len(held.parcels) <= parcels_max
        assert held.cash + held.cost_fifo == held.realised_fifo
        assert (held.lots, held.cost, held.realised) == (whole.lots, whole.cost, whole.realised)
    assert held.parcels_merged or (held.realised_fifo, held.parcels) == (whole.realised_fifo, whole.parcels)
