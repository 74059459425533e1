"""Reconciliation: what is asked, in which order, and what the answers add up to."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from engine.errors import VenueProtocolError
from engine.messages.market import Side
from engine.messages.orders import Liquidity
from engine.messages.reports import Filled, VenueOrder
from gateways.binance.reconcile import PAGES_MAX, TRADES_PER_PAGE, Reconciliation, Step
from tests.contract.binance_venue import BTC

DAY_MS = 86_400_000
NOW_MS = 1_723_161_255_000
NOW = NOW_MS * 1_000_000


def order(order_id: int, client_order_id: str, **fields: Any) -> dict[str, Any]:
    return {
        "symbol": "BTCUSDT", "orderId": order_id, "clientOrderId": client_order_id, "price": "61837.63000000",
        "origQty": "1.00000000", "executedQty": "0.25000000", "status": "PARTIALLY_FILLED", "side": "BUY",
    } | fields  # fmt: skip


def trade(trade_id: int, order_id: int, time_ms: int = NOW_MS) -> dict[str, Any]:
    return {
        "symbol": "BTCUSDT", "id": trade_id, "orderId": order_id, "price": "61837.63000000", "qty": "0.25000000",
        "commission": "0.00025000", "commissionAsset": "BTC", "time": time_ms, "isMaker": True, "isBuyer": True,
    }  # fmt: skip


def run(reconciliation: Reconciliation, venue: Callable[[Step], Any]) -> list[Step]:
    """Answer every step and return what was asked."""
    asked: list[Step] = []
    while reconciliation.step is not None:
        asked.append(reconciliation.step)
        reconciliation.take(msgspec.Raw(json.dumps(venue(reconciliation.step)).encode()))
    return asked


def quiet_venue(step: Step) -> Any:
    return {"balances": []} if step.method == "account.status" else []


def test_open_orders_executions_and_balances_make_the_state() -> None:
    def venue(step: Step) -> Any:
        if step.method == "openOrders.status":
            return [order(42, "t1-1-1")]
        if step.method == "myTrades":
            return [] if "fromId" in step.params else [trade(8, 42), trade(7, 41, NOW_MS - 1)]
        if step.method == "order.status":
            assert step.params == {"symbol": "BTCUSDT", "orderId": 41}
            return order(41, "t1-0-9", status="FILLED")
        return {"balances": [{"asset": "BTC", "free": "1.5", "locked": "0.08600000"}]}

    reconciliation = Reconciliation("binance_spot", [BTC], NOW - 10**9, NOW, {})
    asked = run(reconciliation, venue)
    assert [step.method for step in asked] == [
        "openOrders.status", "myTrades", "myTrades", "order.status", "account.status",
    ]  # fmt: skip
    state = reconciliation.state(NOW)
    assert state.open_orders == (
        VenueOrder("t1-1-1", "42", 0, Side.BUY, 6183763, 10**8, 25_000_000, "PARTIALLY_FILLED", NOW),
    )
    assert [(fill.trade_id, fill.client_order_id) for fill in state.fills] == [(7, "t1-0-9"), (8, "t1-1-1")]
    assert state.fills[0] == Filled(
        "t1-0-9", "41", 7, 6183763, 25_000_000, 25_000, "BTC", Liquidity.MAKER, (NOW_MS - 1) * 1_000_000
    )
    assert state.balances == (("BTC", 150_000_000, 8_600_000),)


def test_an_order_id_that_is_known_is_not_asked_for() -> None:
    def venue(step: Step) -> Any:
        if step.method == "myTrades" and "fromId" not in step.params:
            return [trade(8, 42)]
        return quiet_venue(step)

    reconciliation = Reconciliation("binance_spot", [BTC], NOW - 1, NOW, {42: "t1-1-1"})
    assert "order.status" not in [step.method for step in run(reconciliation, venue)]
    assert reconciliation.state(NOW).fills[0].client_order_id == "t1-1-1"


def test_executions_are_read_by_days_until_one_is_found_then_by_id() -> None:
    found_ms = NOW_MS - DAY_MS - 5
    windows: list[tuple[int, int]] = []
    pages: list[int] = []

    def venue(step: Step) -> Any:
        if step.method != "myTrades":
            return quiet_venue(step) if step.method != "order.status" else order(1, "t1-1-1")
        if "fromId" in step.params:
            pages.append(step.params["fromId"])
            return [trade(number, 1) for number in range(101, 101 + TRADES_PER_PAGE)] if len(pages) == 1 else []
        start_ms, end_ms = step.params["startTime"], step.params["endTime"]
        windows.append((start_ms, end_ms))
        return [trade(100, 1, found_ms)] if start_ms <= found_ms <= end_ms else []

    reconciliation = Reconciliation("binance_spot", [BTC], NOW - 5 * DAY_MS * 1_000_000, NOW, {})
    run(reconciliation, venue)
    assert len(windows) == 4
    assert all(end_ms - start_ms < DAY_MS for start_ms, end_ms in windows)
    assert pages == [101, 101 + TRADES_PER_PAGE]
    assert len(reconciliation.state(NOW).fills) == 1 + TRADES_PER_PAGE


def test_windows_reach_to_now_and_not_beyond() -> None:
    reconciliation = Reconciliation("binance_spot", [BTC], NOW - 3 * DAY_MS * 1_000_000, NOW, {})
    windows = [step.params for step in run(reconciliation, quiet_venue) if step.method == "myTrades"]
    assert windows[0]["startTime"] == NOW_MS - 3 * DAY_MS
    assert NOW_MS <= windows[-1]["endTime"] <= NOW_MS + 1
    for earlier, later in pairwise(windows):
        assert later["startTime"] == earlier["endTime"] + 1


def test_since_the_beginning_is_read_by_id() -> None:
    reconciliation = Reconciliation("binance_spot", [BTC], 0, NOW, {})
    (step,) = [step for step in run(reconciliation, quiet_venue) if step.method == "myTrades"]
    assert step.params["fromId"] == 0


def test_a_history_without_end_is_a_fault() -> None:
    def venue(step: Step) -> Any:
        return [trade(1, 1)] * TRADES_PER_PAGE if step.method == "myTrades" else quiet_venue(step)

    with pytest.raises(VenueProtocolError, match=f"more than {PAGES_MAX} pages"):
        run(Reconciliation("binance_spot", [BTC], 0, NOW, {}), venue)


@pytest.mark.parametrize("field", [{"status": "TELEPORTED"}, {"side": "LONG"}, {"price": "1.001"}])
def test_an_open_order_that_makes_no_sense_is_refused(field: dict[str, str]) -> None:
    def venue(step: Step) -> Any:
        return [order(42, "t1-1-1", **field)] if step.method == "openOrders.status" else quiet_venue(step)

    reconciliation = Reconciliation("binance_spot", [BTC], NOW, NOW, {})
    run(reconciliation, venue)
    with pytest.raises(ValueError, match=r"TELEPORTED|LONG|1\.001"):
        reconciliation.state(NOW)
