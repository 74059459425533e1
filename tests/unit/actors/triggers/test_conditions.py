"""When a price is reached, and that a trailing stop never loosens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.triggers.conditions import reached, seen_twice, trailed, usable
from engine.messages.market import Side
from engine.messages.orders import OrderType, TriggerBy

PRICES = st.integers(1, 10**12)


@pytest.mark.parametrize(
    ("kind", "side", "below", "at", "above"),
    [
        (OrderType.STOP, Side.BUY, False, True, True),
        (OrderType.STOP, Side.SELL, True, True, False),
        (OrderType.STOP_LIMIT, Side.BUY, False, True, True),
        (OrderType.STOP_LIMIT, Side.SELL, True, True, False),
        (OrderType.TRAILING_STOP, Side.BUY, False, True, True),
        (OrderType.TRAILING_STOP, Side.SELL, True, True, False),
        (OrderType.MARKET_IF_TOUCHED, Side.BUY, True, True, False),
        (OrderType.MARKET_IF_TOUCHED, Side.SELL, False, True, True),
        (OrderType.LIMIT_IF_TOUCHED, Side.BUY, True, True, False),
        (OrderType.LIMIT_IF_TOUCHED, Side.SELL, False, True, True),
    ],
)
def test_a_price_is_reached_on_its_side(kind: OrderType, side: Side, below: bool, at: bool, above: bool) -> None:
    assert [reached(kind, side, twice, 100) for twice in (199, 200, 201)] == [below, at, above]


@pytest.mark.parametrize(
    ("by", "side", "twice"),
    [
        (TriggerBy.BID_ASK, Side.BUY, 204),
        (TriggerBy.BID_ASK, Side.SELL, 202),
        (TriggerBy.MID, Side.BUY, 203),
        (TriggerBy.MID, Side.SELL, 203),
    ],
)
def test_a_quote_is_looked_at_where_the_order_could_trade_or_in_the_middle(
    by: TriggerBy, side: Side, twice: int
) -> None:
    assert seen_twice(side, by, 101, 102) == twice


@pytest.mark.parametrize(("bid", "ask", "fit"), [(100, 101, True), (101, 101, False), (102, 101, False), (0, 1, False)])
def test_a_crossed_or_one_sided_quote_is_of_no_use(bid: int, ask: int, fit: bool) -> None:
    assert usable(bid, ask) is fit


@given(
    side=st.sampled_from(Side),
    seen=st.lists(PRICES, min_size=1, max_size=30),
    trail=st.integers(0, 10**6),
    ppm=st.integers(1, 999_999),
    start=st.sampled_from([0, 10**6]),
)
def test_a_trailing_stop_never_loosens(side: Side, seen: list[int], trail: int, ppm: int, start: int) -> None:
    level = start
    for twice in seen:
        moved = trailed(side, level, twice, trail, ppm)
        assert moved > 0
        if level:
            assert moved <= level if side is Side.BUY else moved >= level
        level = moved


@given(side=st.sampled_from(Side), twice=PRICES, trail=st.integers(1, 10**6))
def test_a_trailing_stop_stands_at_its_distance_from_the_best_price(side: Side, twice: int, trail: int) -> None:
    level = trailed(side, 0, twice, trail, 0)
    price = -(-twice // 2) if side is Side.BUY else twice // 2
    assert level == (price + trail if side is Side.BUY else max(price - trail, 1))


def test_a_percentage_is_of_the_price() -> None:
    assert trailed(Side.SELL, 0, 2 * 60_000, 0, 10_000) == 59_400
    assert trailed(Side.BUY, 0, 2 * 60_000, 0, 10_000) == 60_600


def test_a_percentage_that_comes_to_nothing_is_one_tick() -> None:
    assert trailed(Side.SELL, 0, 200, 0, 1) == 99
    assert trailed(Side.BUY, 0, 200, 0, 1) == 101
