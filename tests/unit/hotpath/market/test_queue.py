"""Queue position: pessimistic about everything that a recording does not show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotpath.market.queue import QueuePosition

BUY, SELL = 1, -1


def joined(side: int = BUY, lots: int = 10, displayed: int = 100, step_lots: int = 1) -> QueuePosition:
    """Return an order at 1000 ticks behind `displayed` lots."""
    return QueuePosition(side, 1000, lots, displayed, step_lots=step_lots)


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
    st.integers(1, 50).map(lambda steps: steps * 10),
    st.integers(0, 300),
    st.lists(st.tuples(st.sampled_from(["trade", "level", "best"]), st.integers(996, 1004), st.integers(0, 200))),
)
def test_fills_are_steps_and_never_exceed_the_order(
    lots: int, displayed: int, steps: list[tuple[str, int, int]]
) -> None:
    order = QueuePosition(BUY, 1000, lots, displayed, step_lots=10)
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
