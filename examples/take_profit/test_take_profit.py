"""What TakeProfit does, tried without an engine."""
# ruff: noqa: D103 - the name of a test is its sentence

from __future__ import annotations

from decimal import Decimal

from take_profit import TakeProfit

from tiercel import DenialReason
from tiercel.testing import StrategyHarness


def started() -> StrategyHarness[TakeProfit]:
    harness = StrategyHarness(TakeProfit, params={"discount": "0.50", "margin": "1.00", "patience_s": 2})
    harness.synchronised()
    harness.quote("60000.00", "60000.01")
    return harness


def test_it_bids_below_the_best_bid_at_the_first_look() -> None:
    harness = started()
    assert harness.orders == []
    harness.advance(2)
    (bid,) = harness.orders
    assert (bid.price, bid.quantity) == (Decimal("59999.50"), Decimal("0.001"))


def test_it_lets_go_of_a_bid_that_nobody_hit() -> None:
    harness = started()
    harness.advance(2)
    harness.accept(harness.orders[0])
    harness.advance(2)
    assert [cancel.intent for cancel in harness.cancels] == [harness.orders[0].intent]


def test_it_offers_what_is_left_after_the_fee_above_what_was_paid() -> None:
    harness = started()
    harness.advance(2)
    harness.fill(harness.orders[0], fee="0.000001", fee_currency="BTC")
    harness.advance(2)
    (offer,) = harness.orders
    assert (offer.price, offer.quantity) == (Decimal("60000.50"), Decimal("0.00099"))


def test_it_does_nothing_while_the_book_is_stale() -> None:
    harness = started()
    harness.gap()
    harness.advance(10)
    assert harness.intents == []


def test_it_says_why_an_order_was_denied() -> None:
    harness = started()
    harness.advance(2)
    harness.denied(harness.orders[0], DenialReason.MAX_DAILY_ORDERS)
    assert harness.logged == ["MAX_DAILY_ORDERS: , limit "]
