"""Averages are exact pairs; no fill has no average; slippage is positive when it went against us."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotpath.core.units import Scale
from hotpath.market.book import Book
from hotpath.market.levels import Levels
from hotpath.orders.fills import Average, sweep, sweep_book

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


def book_of(bids: list[tuple[int, int]], asks: list[tuple[int, int]]) -> Book:
    book = Book()
    book.load(Levels.of(bids), Levels.of(asks))
    return book


def test_an_order_sweeps_the_other_side_of_the_book() -> None:
    book = book_of([(99, 5), (98, 5), (90, 50)], [(101, 5), (102, 5), (110, 50)])
    assert sweep_book(book, 1, 3).price_ticks == 101
    assert sweep_book(book, 1, 11).cost == 505 + 510 + 110
    assert sweep_book(book, -1, 11).cost == 495 + 490 + 90
    assert sweep_book(book, -1, 10**9).lots == 60
    assert book.counts() == (3, 3)


def test_a_book_without_the_other_side_fills_nothing() -> None:
    assert sweep_book(book_of([], [(101, 5)]), -1, 1).price_ticks is None


def test_a_sweep_of_the_deepest_levels_does_not_overflow() -> None:
    swept = sweep_book(book_of([], [(INT64_MAX - 1, INT64_MAX), (INT64_MAX, INT64_MAX)]), 1, INT64_MAX)
    assert (swept.cost, swept.lots) == ((INT64_MAX - 1) * INT64_MAX, INT64_MAX)


@pytest.mark.parametrize(("side", "lots", "said"), [(0, 1, "side is 0"), (2, 1, "side is 2"), (1, 0, "at least 1")])
def test_a_sweep_needs_a_side_and_lots(side: int, lots: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        sweep_book(Book(), side, lots)


levels = st.dictionaries(st.integers(1, 1_000), st.integers(1, INT64_MAX), max_size=30)


@given(levels, levels, st.integers(1, INT64_MAX))
def test_a_sweep_of_the_book_is_the_sweep_of_its_depth(bids: dict[int, int], asks: dict[int, int], lots: int) -> None:
    book = book_of(list(bids.items()), list(asks.items()))
    for side, shown in zip((-1, 1), book.depth(30), strict=True):
        ours, model = sweep_book(book, side, lots), sweep(shown, lots)
        ours.check()
        assert (ours.cost, ours.lots) == (model.cost, model.lots)


def test_the_effective_spread_is_twice_the_distance_from_the_mid() -> None:
    mid_twice = 100 + 103
    assert Average([(103, 10)]).effective_spread_ticks(1, mid_twice) == 3
    assert Average([(100, 10)]).effective_spread_ticks(-1, mid_twice) == 3
    assert Average([(103, 20), (104, 10)]).effective_spread_ticks(1, mid_twice) == Fraction(11, 3)
    assert Average([(101, 1)]).effective_spread_ticks(1, mid_twice) == -1


def test_the_realised_spread_is_what_the_market_left_of_it() -> None:
    bought = Average([(103, 10)])
    assert bought.realised_spread_ticks(1, 101 + 104) == 1
    impact = Fraction(101 + 104 - 100 - 103)
    assert bought.effective_spread_ticks(1, 100 + 103) == bought.realised_spread_ticks(1, 101 + 104) + impact  # type: ignore[operator]


def test_price_improvement_is_what_we_got_better_than_the_quote() -> None:
    assert Average([(102, 10), (103, 10)]).price_improvement_ticks(1, 103) == Fraction(1, 2)
    assert Average([(99, 10)]).price_improvement_ticks(-1, 100) == -1


def test_no_fill_has_no_spread_and_no_improvement() -> None:
    none = Average()
    assert none.effective_spread_ticks(1, 200) is None
    assert none.realised_spread_ticks(1, 200) is None
    assert none.price_improvement_ticks(1, 100) is None


def test_implementation_shortfall_counts_what_was_paid_and_what_was_missed() -> None:
    scale = Scale(2, 2)  # a tick x lot is 10^4 of money
    bought = Average([(101, 10), (102, 10)])
    assert bought.implementation_shortfall(1, 100, 20, 100, scale) == 30 * 10**4
    assert bought.implementation_shortfall(1, 100, 30, 105, scale) == (30 + 50) * 10**4
    assert bought.implementation_shortfall(1, 100, 30, 105, scale, fees=7) == 80 * 10**4 + 7
    assert Average([(99, 10)]).implementation_shortfall(-1, 100, 15, 98, scale) == 20 * 10**4
    assert Average().implementation_shortfall(1, 100, 10, 103, scale) == 30 * 10**4
    assert Average().implementation_shortfall(-1, 100, 10, 103, scale, fees=-5) == -30 * 10**4 - 5


def test_implementation_shortfall_is_rounded_up_once() -> None:
    assert Average([(101, 1)]).implementation_shortfall(1, 100, 2, 101, Scale(8, 8)) == 1
    assert Average([(99, 1)]).implementation_shortfall(1, 100, 2, 99, Scale(8, 8)) == 0


@pytest.mark.parametrize("ordered_lots", [0, 9, -1])
def test_no_fewer_lots_were_ordered_than_were_filled(ordered_lots: int) -> None:
    with pytest.raises(ValueError, match=f"{ordered_lots} lots ordered and 10 filled"):
        Average([(100, 10)]).implementation_shortfall(1, 100, ordered_lots, 100, Scale(2, 2))


def test_a_shortfall_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(OverflowError, match=r"implementation shortfall .*does not fit"):
        Average([(INT64_MAX, INT64_MAX)]).implementation_shortfall(1, 1, INT64_MAX, 1, Scale(0, 0))
    with pytest.raises(OverflowError, match=r"implementation shortfall .*does not fit"):
        Average([(101, 1)]).implementation_shortfall(1, 100, 1, 100, Scale(8, 8), fees=INT64_MAX)


def test_a_float_is_refused_and_never_cut() -> None:
    average = Average([(100, 1)])
    for call, arguments in (
        (average.add, (100.5, 1)),
        (average.add, (100, 1.5)),
        (average.slippage_ticks, (1, 99.5)),
        (average.effective_spread_ticks, (1.0, 200)),
        (sweep, ([(100, 1)], 1.5)),
        (sweep, ([(100.5, 1)], 1)),
    ):
        with pytest.raises(TypeError, match="of type float; expected int"):
            call(*arguments)
    assert (average.cost, average.lots) == (100, 1)


@given(fills_of_any_size)
@settings(max_examples=100)
def test_the_average_is_the_sum_of_integers(fills: list[tuple[int, int]]) -> None:
    average = Average(fills)
    average.check()
    assert average.cost == sum(price * lots for price, lots in fills)
    assert average.lots == sum(lots for _, lots in fills)
    if fills:
        assert average.slippage_ticks(1, 7) == Fraction(average.cost, average.lots) - 7
