"""What WaysOut does, tried without an engine."""
# ruff: noqa: D103 - the name of a test is its sentence

from __future__ import annotations

from decimal import Decimal

from ways_out import WaysOut

from tiercel import ExecutionStatus
from tiercel.testing import StrategyHarness


def holding() -> StrategyHarness[WaysOut]:
    """Return a harness whose strategy has bought for half a percent of 100,000, at 50,000."""
    wishes = {"first_gain_pct": "0.5", "second_gain_pct": "1", "loss_pct": "2", "trail_pct": "1.5"}
    harness = StrategyHarness(WaysOut, params={**wishes, "hold_s": 60})
    harness.equity(100_000)
    harness.quote("49999.99", "50000.00")
    harness.fill(harness.orders[0])
    return harness


def test_it_buys_for_a_part_of_equity() -> None:
    assert holding().strategy.position("BTCUSDT") == Decimal("0.01")


def test_without_equity_it_buys_nothing() -> None:
    harness = StrategyHarness(WaysOut)
    harness.quote("49999.99", "50000.00")
    assert harness.intents == []


def test_it_sells_half_at_the_first_gain_and_half_at_the_second() -> None:
    harness = holding()
    harness.advance(10)
    harness.quote("50250.00", "50250.01")
    harness.fill(harness.orders[0])
    harness.quote("50500.00", "50500.01")
    harness.fill(harness.orders[0])
    sold = [intent.lots for intent in harness.intents if intent.reduce_only]
    assert sold == [500_000, 500_000]


def test_it_leaves_at_a_loss_and_after_a_while() -> None:
    for later, bid in ((1, "49000.00"), (60, "50000.00")):
        harness = holding()
        harness.advance(later)
        harness.quote(bid, Decimal(bid) + Decimal("0.01"))
        assert [order.quantity for order in harness.orders] == [Decimal("0.01")]


def test_it_says_what_became_of_each_request() -> None:
    harness = holding()
    assert harness.logged == ["FILLED 0.01000000 at 50000.00, 0.0010 bps"]


def test_a_request_has_a_result() -> None:
    harness = holding()
    harness.advance(60)
    harness.quote("49999.99", "50000.00")
    (order,) = harness.orders
    assert order.result.status is ExecutionStatus.PENDING
