"""The samples do what they say, tried without an engine."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from actors.strategy.loading import load_strategy
from actors.strategy.samples.join_the_bid import JoinTheBid
from actors.strategy.samples.momentum import Momentum
from actors.strategy.samples.two_sided import TwoSided
from engine.messages.orders import TimeInForce
from tiercel import DenialReason, Side
from tiercel.testing import StrategyHarness


@pytest.mark.parametrize("name", ["join_the_bid:JoinTheBid", "two_sided:TwoSided", "momentum:Momentum"])
def test_each_is_found_by_its_name(name: str, tmp_path: Path) -> None:
    loaded = load_strategy(f"actors.strategy.samples.{name}", tmp_path, {"quantity": "0.002"})
    assert loaded.params.quantity == Decimal("0.002")  # type: ignore[attr-defined]


def test_join_the_bid_follows_the_bid_and_waits_after_a_denial() -> None:
    harness = StrategyHarness(JoinTheBid)
    harness.quote("60000.00", "60000.01")
    first = harness.orders[0]
    assert (first.price, first.request.post_only) == (Decimal("60000.00"), True)
    harness.denied(first, DenialReason.DUPLICATE_ORDER)
    harness.quote("60000.00", "60000.02")
    assert harness.orders == []
    harness.advance(0.6)
    harness.quote("60000.00", "60000.01")
    harness.quote("59999.99", "60000.01")
    assert harness.orders[0].cancelling


def test_join_the_bid_stops_when_it_holds_enough() -> None:
    harness = StrategyHarness(JoinTheBid, params={"position_max": "0.001"})
    harness.quote("60000.00", "60000.01")
    harness.fill(harness.orders[0])
    harness.quote("60000.00", "60000.02")
    assert harness.orders == []


@pytest.fixture
def maker() -> StrategyHarness[TwoSided]:
    harness = StrategyHarness(TwoSided, params={"skew_ticks": 10, "refresh_ticks": 5, "position_max": "0.002"})
    harness.quote("60000.00", "60001.00")
    return harness


def prices(harness: StrategyHarness[TwoSided]) -> list[tuple[Side, str]]:
    return [(order.side, str(order.price)) for order in harness.orders if not order.cancelling]


def test_two_sided_quotes_both_sides_and_moves_only_what_is_far_off(maker: StrategyHarness[TwoSided]) -> None:
    assert prices(maker) == [(Side.BUY, "60000.00"), (Side.SELL, "60001.00")]
    maker.quote("60000.05", "60001.05")
    assert maker.cancels == []
    maker.quote("60000.06", "60001.00")
    assert [cancel.intent for cancel in maker.cancels] == [maker.orders[0].intent]
    maker.quote("60000.07", "60001.00")
    assert len(maker.intents) == 2
    maker.canceled(maker.orders[0])
    maker.quote("60000.08", "60001.00")
    assert prices(maker) == [(Side.SELL, "60001.00"), (Side.BUY, "60000.08")]


def test_two_sided_leans_against_its_position_and_stops_at_the_limit(maker: StrategyHarness[TwoSided]) -> None:
    maker.fill(maker.orders[0])
    maker.quote("60000.00", "60001.00")
    assert maker.orders[0].cancelling
    assert prices(maker) == [(Side.BUY, "59999.90")]
    maker.canceled(maker.orders[0])
    maker.fill(maker.orders[0])
    maker.quote("60000.00", "60001.00")
    assert prices(maker) == [(Side.SELL, "60000.80")]


def test_two_sided_never_crosses_the_spread() -> None:
    harness = StrategyHarness(TwoSided, params={"skew_ticks": 1_000})
    harness.quote("60000.00", "60000.01")
    harness.fill(harness.orders[1])
    harness.quote("60000.00", "60000.01")
    harness.canceled(harness.orders[0])
    harness.quote("60000.00", "60000.01")
    assert harness.orders[-1].price == Decimal("60000.00")


def test_two_sided_waits_after_a_denial_and_leaves_at_a_gap(maker: StrategyHarness[TwoSided]) -> None:
    maker.denied(maker.orders[0], DenialReason.POSITION_LIMIT)
    assert "POSITION_LIMIT" in maker.logged[0]
    maker.quote("60000.00", "60001.01")
    assert prices(maker) == [(Side.SELL, "60001.00")]
    maker.advance(1)
    maker.quote("60000.00", "60001.00")
    assert len(prices(maker)) == 2
    maker.gap()
    assert prices(maker) == []


@pytest.fixture
def taker() -> StrategyHarness[Momentum]:
    harness = StrategyHarness(Momentum)
    harness.quote("60000.00", "60000.01")
    return harness


@pytest.mark.parametrize(
    ("bid", "ask", "side", "price"),
    [("60006.00", "60006.01", Side.BUY, "60006.01"), ("59994.00", "59994.01", Side.SELL, "59994.00")],
)
def test_momentum_follows_a_fast_move(
    taker: StrategyHarness[Momentum], bid: str, ask: str, side: Side, price: str
) -> None:
    taker.quote("60003.00", "60003.01")
    assert taker.intents == []
    taker.quote(bid, ask)
    order = taker.orders[0]
    assert (order.side, order.price, order.request.time_in_force) == (side, Decimal(price), TimeInForce.IOC)
    taker.quote("60020.00", "60020.01")
    assert len(taker.intents) == 1


def test_momentum_forgets_a_move_that_was_slow(taker: StrategyHarness[Momentum]) -> None:
    taker.advance(3)
    taker.quote("60006.00", "60006.01")
    assert taker.intents == []


@pytest.mark.parametrize(
    ("seconds", "bid", "why"),
    [(1, "60030.00", "profit"), (1, "59998.00", "loss"), (10, "60006.00", "late")],
)
def test_momentum_leaves_at_a_profit_at_a_loss_or_late(
    taker: StrategyHarness[Momentum], seconds: int, bid: str, why: str
) -> None:
    taker.quote("60006.00", "60006.01")
    taker.fill(taker.orders[0], fee="0.000001", fee_currency="BTC")
    taker.quote("60030.00", "60030.01")
    assert len(taker.intents) == 1
    taker.advance(seconds)
    taker.quote(bid, bid[:-1] + "1")
    leaving = taker.orders[0]
    assert (leaving.side, leaving.price, leaving.quantity) == (Side.SELL, Decimal(bid), Decimal("0.00099")), why
    taker.fill(leaving)
    taker.advance(3)
    taker.quote(bid, bid[:-1] + "1")
    assert taker.orders == []


def test_momentum_covers_a_short_and_waits_after_a_denial(taker: StrategyHarness[Momentum]) -> None:
    taker.quote("59994.00", "59994.01")
    taker.fill(taker.orders[0])
    taker.advance(1)
    taker.quote("59970.00", "59970.01")
    assert (taker.orders[0].side, taker.orders[0].price) == (Side.BUY, Decimal("59970.01"))
    taker.denied(taker.orders[0], DenialReason.MAX_OPEN_ORDERS)
    assert "MAX_OPEN_ORDERS" in taker.logged[0]
    taker.quote("59970.00", "59970.02")
    assert taker.orders == []
