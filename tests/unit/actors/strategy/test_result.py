"""The result of a request at each moment of its life, as a strategy reads it off the handle."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from actors.strategy.order import WorkingOrder
from actors.strategy.strategy import Strategy
from engine.messages.execution import ExecutionStatus
from engine.messages.market import Side
from engine.messages.orders import DenialReason
from tiercel.testing import StrategyHarness

E = ExecutionStatus
type_of_harness = StrategyHarness[Strategy]


def asked(side: Side = Side.BUY) -> tuple[type_of_harness, WorkingOrder]:
    """Return a harness and an order for 0.1 at 60010, decided at a mid of 60000."""
    harness: type_of_harness = StrategyHarness(Strategy)
    harness.quote("59990", "60010")
    ask = harness.strategy.buy if side is Side.BUY else harness.strategy.sell
    return harness, ask(0, "0.1", "60010")


def nothing(_: type_of_harness, __: WorkingOrder) -> None:
    """Leave it as it was asked for."""


def accept(harness: type_of_harness, order: WorkingOrder) -> None:
    harness.accept(order)


def part(harness: type_of_harness, order: WorkingOrder) -> None:
    harness.accept(order)
    harness.fill(order, "0.04")


def whole(harness: type_of_harness, order: WorkingOrder) -> None:
    harness.fill(order)


def cancel(harness: type_of_harness, order: WorkingOrder) -> None:
    harness.canceled(order)


def cancel_rest(harness: type_of_harness, order: WorkingOrder) -> None:
    harness.fill(order, "0.04")
    harness.canceled(order)


def expire(harness: type_of_harness, order: WorkingOrder) -> None:
    harness.expired(order)


def reject(harness: type_of_harness, order: WorkingOrder) -> None:
    harness.rejected(order)


def never_sent(harness: type_of_harness, order: WorkingOrder) -> None:
    harness.rejected(order, code=0, text="the gate is closed", sent=False)


def deny(harness: type_of_harness, order: WorkingOrder) -> None:
    harness.denied(order, DenialReason.MAX_ORDER_VALUE)


def lose(harness: type_of_harness, order: WorkingOrder) -> None:
    harness.unknown(order)


@pytest.mark.parametrize(
    ("happens", "status", "success", "error"),
    [
        (nothing, E.PENDING, False, ""),
        (accept, E.SUBMITTED, True, ""),
        (part, E.PARTIAL, True, ""),
        (whole, E.FILLED, True, ""),
        (cancel, E.CANCELLED, False, ""),
        (cancel_rest, E.CANCELLED, True, ""),
        (expire, E.EXPIRED, False, ""),
        (reject, E.REJECTED, False, "-2010: rejected"),
        (never_sent, E.FAILED, False, "the gate is closed"),
        (deny, E.DENIED, False, "MAX_ORDER_VALUE: , limit "),
        (lose, E.UNKNOWN, False, "no answer"),
    ],
)
def test_each_status_follows_from_what_happened(
    happens: Callable[[type_of_harness, WorkingOrder], None], status: E, success: bool, error: str
) -> None:
    harness, order = asked()
    happens(harness, order)
    result = order.result
    assert (result.status, result.success, result.error) == (status, success, error)


def test_it_tells_the_average_price_and_the_slippage_from_the_mid_of_the_decision() -> None:
    harness, order = asked()
    harness.advance(1)
    harness.fill(order, "0.04", "60000")
    harness.fill(order, "0.06", "60010")
    result = order.result
    assert (result.fill_price, result.fill_quantity) == (Decimal(60006), Decimal("0.1"))
    assert result.slippage_bps == Decimal("1.0000")
    assert result.order_id == "t1-1-" + str(order.intent)
    assert result.timestamp == harness.strategy.now
    assert result.metadata["side"] == "BUY"
    assert result.metadata["leaves"] == 0


def test_a_better_price_than_the_mid_is_negative_slippage() -> None:
    harness, order = asked(Side.SELL)
    harness.fill(order, price="60060")
    assert order.result.slippage_bps == Decimal("-10.0000")


def test_without_a_quote_at_the_decision_nobody_knows_the_slippage() -> None:
    harness: type_of_harness = StrategyHarness(Strategy)
    order = harness.strategy.buy(0, "0.1", "60010")
    harness.fill(order)
    assert order.result.slippage_bps is None
    assert order.result.fill_price == Decimal(60010)


def test_a_strategy_asks_for_the_result_by_a_report() -> None:
    seen = []

    class Asker(Strategy):
        def on_canceled(self, report: object) -> None:
            seen.append(self.result(report))

    harness = StrategyHarness(Asker)
    order = harness.strategy.buy(0, "0.1", "60010")
    harness.canceled(order)
    assert [result.status for result in seen if result is not None] == [E.CANCELLED]
    other = harness.strategy.buy(0, "0.1", "60010")
    harness.canceled(other)
    assert harness.strategy.result(order.last) is None
