"""Queue position: pessimistic about everything that a recording does not show."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotpath.market.queue import QueueModel, QueuePosition
from tests.models.queue import Model

BUY, SELL = 1, -1


def joined(
    side: int = BUY, lots: int = 10, displayed: int = 100, step_lots: int = 1, model: int = 1, exponent: int = 3
) -> QueuePosition:
    """Return an order at 1000 ticks behind `displayed` lots."""
    return QueuePosition(side, 1000, lots, displayed, step_lots=step_lots, model=model, exponent=exponent)


def test_everything_displayed_at_joining_stands_ahead() -> None:
    assert joined(displayed=100).ahead_lots == 100


@pytest.mark.parametrize("side", [BUY, SELL])
def test_trades_at_the_price_eat_the_queue_and_then_fill(side: int) -> None:
    order = joined(side)
    assert order.on_trade(1000, 60, -side) == 0
    assert order.on_trade(1000, 44, -side) == 4
    assert order.on_trade(1000, 50, -side) == 6
    assert order.on_trade(1000, 50, -side) == 0
    assert order.open_lots == 0
    order.check()


def test_trades_of_our_own_side_or_at_another_price_change_nothing() -> None:
    order = joined()
    assert order.on_trade(1000, 500, BUY) == 0
    assert order.on_trade(1001, 500, SELL) == 0
    assert order.on_trade(1000, 0, SELL) == 0
    assert order.ahead_lots == 100


@pytest.mark.parametrize(("side", "through"), [(BUY, 999), (SELL, 1001)])
def test_a_trade_through_the_price_fills_wholly(side: int, through: int) -> None:
    assert joined(side).on_trade(through, 1, -side) == 10


def test_a_level_that_shrinks_is_believed_to_shrink_behind_us_until_it_cannot() -> None:
    order = joined(displayed=100)
    order.on_level(150)
    assert order.ahead_lots == 100
    order.on_level(30)
    assert order.ahead_lots == 30
    order.on_level(80)
    assert order.ahead_lots == 30
    order.on_level(0)
    assert order.on_trade(1000, 3, SELL) == 3


@pytest.mark.parametrize(("side", "touching", "away"), [(BUY, 1000, 1001), (SELL, 1000, 999)])
def test_an_opposite_best_that_comes_to_cross_fills_wholly(side: int, touching: int, away: int) -> None:
    order = joined(side)
    assert order.on_best(away) == 0
    assert order.on_best(0) == 0
    assert order.on_best(touching) == 10


def test_an_opposite_best_that_crossed_at_joining_fills_only_when_it_crosses_anew() -> None:
    order = QueuePosition(BUY, 1000, 10, 0, crossed=True)
    assert order.on_best(1000) == 0
    assert order.on_best(1001) == 0
    assert order.on_best(1000) == 10


def test_fills_are_whole_steps_and_the_rest_of_a_step_is_remembered() -> None:
    order = joined(lots=20, displayed=15, step_lots=10)
    assert order.on_trade(1000, 20, SELL) == 0
    assert order.ahead_lots == -5
    assert order.on_trade(1000, 5, SELL) == 10
    assert order.on_trade(1000, 19, SELL) == 10
    order.check()


@pytest.mark.parametrize(
    ("side", "ticks", "lots", "displayed", "step"),
    [(0, 1, 1, 0, 1), (BUY, 0, 1, 0, 1), (BUY, 1, 0, 0, 1), (BUY, 1, 1, -1, 1), (BUY, 1, 1, 0, 0)],
)
def test_nonsense_is_refused(side: int, ticks: int, lots: int, displayed: int, step: int) -> None:
    with pytest.raises(ValueError, match=r"expected|above 0"):
        QueuePosition(side, ticks, lots, displayed, step_lots=step)


@given(
    st.sampled_from(list(QueueModel)),
    st.integers(1, 50).map(lambda steps: steps * 10),
    st.integers(0, 300),
    st.lists(st.tuples(st.sampled_from(["trade", "level", "best"]), st.integers(996, 1004), st.integers(0, 200))),
)
def test_fills_are_steps_and_never_exceed_the_order(
    model: QueueModel, lots: int, displayed: int, steps: list[tuple[str, int, int]]
) -> None:
    order = QueuePosition(BUY, 1000, lots, displayed, step_lots=10, model=model)
    filled = 0
    for name, ticks, size in steps:
        if name == "trade":
            got = order.on_trade(ticks, size, SELL)
        elif name == "best":
            got = order.on_best(ticks)
        else:
            got = 0
            order.on_level(size)
        filled += got
        assert got % 10 == 0
        order.check()
        assert order.open_lots == lots - filled


@pytest.mark.parametrize("model", [0, 4, 2**32 + 1])
def test_an_unknown_model_is_refused(model: int) -> None:
    with pytest.raises(ValueError, match="expected a QueueModel"):
        joined(model=model)


@pytest.mark.parametrize("exponent", [0, 9])
def test_an_exponent_has_bounds(exponent: int) -> None:
    with pytest.raises(ValueError, match="exponent"):
        joined(model=QueueModel.POWER, exponent=exponent)


@pytest.mark.parametrize("value", [1.5, None, "1", float("nan")])
def test_what_is_no_int_is_refused(value: Any) -> None:
    order = joined()
    for call in (order.on_level, order.on_best, lambda lots: order.on_trade(1000, lots, SELL)):
        with pytest.raises(TypeError, match="expected int"):
            call(value)
    with pytest.raises(TypeError, match="displayed_lots"):
        QueuePosition(BUY, 1000, 10, value)
    with pytest.raises(OverflowError, match="price_ticks"):
        QueuePosition(BUY, 2**63, 10, 0)


def test_trades_of_any_size_are_counted_without_overflow() -> None:
    order = QueuePosition(BUY, 1000, 2**63 - 1, 5, step_lots=2**62)
    assert order.on_trade(1000, 2**63 - 1, SELL) == 2**62
    assert order.on_trade(1000, 2**63 - 1, SELL) == 0
    assert order.open_lots == 2**62 - 1
    order = QueuePosition(BUY, 1000, 10, 2**63 - 1, model=QueueModel.LOGARITHMIC)
    order.on_level(5)
    assert order.ahead_lots == 5
    order.check()


def test_the_models_agree_while_nobody_stands_behind() -> None:
    for model in QueueModel:
        order = joined(model=model)
        order.on_level(60)
        assert (order.ahead_lots, order.model) == (60, model)


@pytest.mark.parametrize(
    ("model", "exponent", "ahead"),
    [
        (QueueModel.RISK_AVERSE, 3, 100),
        (QueueModel.LOGARITHMIC, 3, 100 - 4),
        (QueueModel.POWER, 1, 100 - 2),
        (QueueModel.POWER, 3, 100),
    ],
)
def test_a_shrinkage_is_shared_between_ahead_and_behind(model: QueueModel, exponent: int, ahead: int) -> None:
    order = joined(model=model, exponent=exponent)
    order.on_level(400)
    assert order.ahead_lots == 100
    order.on_level(390)
    order.on_level(390)
    assert order.ahead_lots == ahead


def test_what_was_traded_is_missing_without_anybody_having_left() -> None:
    order = joined(model=QueueModel.POWER, exponent=1)
    order.on_level(200)
    assert order.on_trade(1000, 40, SELL) == 0
    order.on_level(160)
    assert order.ahead_lots == 60
    order.on_level(80)
    assert order.ahead_lots == 30


def test_the_more_patient_the_model_the_later_the_fill() -> None:
    orders = [joined(model=model) for model in QueueModel]
    for order in orders:
        order.on_level(1_000)
        for displayed in range(980, 300, -20):
            order.on_level(displayed)
    cautious, logarithmic, power = (order.ahead_lots for order in orders)
    assert cautious >= power > logarithmic


@given(
    st.sampled_from([None, 1, 2, 3, 8]),
    st.integers(10**11, 10**12),
    st.lists(st.integers(0, 2 * 10**12), min_size=1, max_size=12),
)
def test_agrees_with_the_formulas_of_the_sources(exponent: int | None, displayed: int, levels: list[int]) -> None:
    model = QueueModel.LOGARITHMIC if exponent is None else QueueModel.POWER
    order = joined(displayed=displayed, model=model, exponent=exponent or 3)
    formula = Model(displayed, exponent)
    for lots in levels:
        order.on_level(lots)
        formula.on_level(lots)
        order.check()
        assert order.ahead_lots == pytest.approx(formula.ahead, rel=1e-6, abs=1_000)


@pytest.mark.parametrize(("ticks", "lots"), [(0, 5), (-1, 5), (-(2**63), 5), (1000, 0), (1000, -(2**63))])
@pytest.mark.parametrize("side", [BUY, SELL])
def test_what_is_no_trade_fills_nothing(side: int, ticks: int, lots: int) -> None:
    order = joined(side, displayed=0)
    assert (order.on_trade(ticks, lots, -side), order.on_best(-(2**63)), order.open_lots) == (0, 0, 10)
