"""Averages are exact pairs; no fill has no average; slippage is positive when it went against us."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotpath.core.units import Scale
from hotpath.orders.fills import Average, sweep

INT64_MAX = 2**63 - 1
fills_of_any_size = st.lists(st.tuples(st.integers(1, INT64_MAX), st.integers(1, 2**55)), max_size=20)


def test_the_average_weighs_by_quantity() -> None:
    assert Average([(100, 10), (110, 10)]).price_ticks == 105
    assert Average([(100, 20), (120, 10)]).price_ticks == Fraction(3200, 30)


def test_cost_and_lots_stay_integers() -> None:
    average = Average([(100, 20), (120, 10)])
    assert (average.cost, average.lots) == (3200, 30)


def test_no_fill_has_no_average_and_no_slippage() -> None:
    average = Average()
    assert average.price_ticks is None
    assert average.slippage_ticks(1, 100) is None
    assert average.slippage_bps(1, 100) is None
    assert average.slippage_money(1, 100, Scale(2, 2)) is None


@pytest.mark.parametrize(("price_ticks", "lots"), [(0, 1), (-1, 1), (1, 0), (1, -1)])
def test_a_fill_needs_a_positive_price_and_quantity(price_ticks: int, lots: int) -> None:
    average = Average([(100, 1)])
    with pytest.raises(ValueError, match="both must be positive"):
        average.add(price_ticks, lots)
    assert (average.cost, average.lots) == (100, 1)


def test_lots_beyond_int64_are_refused_and_change_nothing() -> None:
    average = Average([(INT64_MAX, INT64_MAX)])
    with pytest.raises(OverflowError, match="do not fit"):
        average.add(1, 1)
    assert (average.cost, average.lots) == (INT64_MAX * INT64_MAX, INT64_MAX)
    average.check()


def test_slippage_is_what_we_paid_beyond_the_reference() -> None:
    bought = Average([(101, 10), (102, 10)])
    assert bought.slippage_ticks(1, 100) == Fraction(3, 2)
    assert bought.slippage_bps(1, 100) == 150
    assert bought.slippage_money(1, 100, Scale(2, 2)) == 30 * 10**4


def test_slippage_of_a_sale_is_what_we_got_less() -> None:
    sold = Average([(99, 10), (98, 10)])
    assert sold.slippage_ticks(-1, 100) == Fraction(3, 2)
    assert sold.slippage_bps(-1, 100) == 150
    assert sold.slippage_money(-1, 100, Scale(2, 2)) == 30 * 10**4


def test_a_better_price_is_negative_slippage() -> None:
    assert Average([(99, 10)]).slippage_ticks(1, 100) == -1
    assert Average([(101, 10)]).slippage_bps(-1, 100) == -100


def test_slippage_money_is_rounded_up_once() -> None:
    assert Average([(101, 1)]).slippage_money(1, 100, Scale(8, 8)) == 1
    assert Average([(99, 1)]).slippage_money(1, 100, Scale(8, 8)) == 0


def test_slippage_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(OverflowError, match="does not fit"):
        Average([(INT64_MAX, INT64_MAX)]).slippage_money(1, 1, Scale(0, 0))


@pytest.mark.parametrize(("side", "reference_ticks", "said"), [(0, 100, "side is 0"), (1, 0, "reference price is 0")])
def test_a_side_or_reference_that_is_none_is_refused(side: int, reference_ticks: int, said: str) -> None:
    average = Average([(100, 1)])
    for call in (average.slippage_ticks, average.slippage_bps):
        with pytest.raises(ValueError, match=said):
            call(side, reference_ticks)
    with pytest.raises(ValueError, match=said):
        average.slippage_money(side, reference_ticks, Scale(2, 2))


def test_a_sweep_takes_the_best_levels_first() -> None:
    levels = [(100, 5), (101, 5), (105, 100)]
    assert sweep(levels, 3).price_ticks == 100
    assert sweep(levels, 7).price_ticks == Fraction(702, 7)
    assert sweep(levels, 10).price_ticks == Fraction(201, 2)
    assert sweep(levels, 11).cost == 1005 + 105


def test_a_sweep_ends_where_the_book_ends() -> None:
    assert sweep([(100, 5)], 7).lots == 5
    assert sweep([], 7).price_ticks is None


def test_a_sweep_needs_lots() -> None:
    with pytest.raises(ValueError, match="expected at least 1"):
        sweep([(100, 5)], 0)


@given(fills_of_any_size)
@settings(max_examples=100)
def test_the_average_is_the_sum_of_integers(fills: list[tuple[int, int]]) -> None:
    average = Average(fills)
    average.check()
    assert average.cost == sum(price * lots for price, lots in fills)
    assert average.lots == sum(lots for _, lots in fills)
    if fills:
        assert average.slippage_ticks(1, 7) == Fraction(average.cost, average.lots) - 7
