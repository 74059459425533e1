"""Positions, profit, the day and equity follow from fills and marks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from engine.audit.desk_state import DeskState
from engine.clock import NS_PER_DAY
from engine.config.amounts import TighterLimits
from engine.messages.control import Account, Action, FlattenRequest, LimitsChanged, Stop
from engine.messages.market import Mark, Side
from engine.messages.orders import OrderIntent, OrderType, TimeInForce
from tests.models.portfolio_desk import LOTS, NOW_NS, UNIT, PortfolioDesk
from tiercel.testing import BTCUSDT

MIDNIGHT_NS = NOW_NS // NS_PER_DAY * NS_PER_DAY + NS_PER_DAY


def trades(desk: PortfolioDesk) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    return [
        (record["action"].value, record["before"], record["after"])
        for record in desk.context.recorded
        if record["resource_type"] == "position"
    ]


def days(desk: PortfolioDesk) -> list[tuple[str, dict[str, Any], str]]:
    return [
        (record["resource_id"], record["after"], record["reason"])
        for record in desk.records(Action.STATE_CHANGE, "day")
    ]


def test_a_position_is_opened_modified_and_closed() -> None:
    desk = PortfolioDesk()
    desk.fill(Side.BUY, 2 * LOTS, 100)
    desk.fill(Side.SELL, LOTS, 110)
    desk.fill(Side.SELL, LOTS, 120)
    none = {"quantity": "0.00000000", "average_price": "0"}
    two = {"quantity": "2.00000000", "average_price": "100"}
    one = {"quantity": "1.00000000", "average_price": "100"}
    assert trades(desk) == [
        ("trade.open", none, {**two, "state": "OPEN"}),
        ("trade.modify", two, {**one, "state": "OPEN", "realised": "10"}),
        ("trade.close", one, {**none, "state": "CLOSED", "realised": "20", "result": "30", "losses_in_row": 0}),
    ]
    assert desk.context.recorded[0]["metadata"] == {
        "client_order_id": "t1-1-1",
        "instrument": "binance_spot:BTCUSDT",
        "intent": 7,
        "strategy": "one",
        "trade_id": 1,
    }
    assert desk.context.recorded[0]["cause"] == 33


def test_what_a_strategy_holds_is_its_fills_less_base_fees_since_the_ledger_began() -> None:
    desk = PortfolioDesk(DeskState(held={"one": {"binance_spot:BTCUSDT": 5, "gone": 7}, "other": {"gone": 1}}))
    assert desk.actor.held(0) == {0: 5}
    desk.fill(Side.BUY, LOTS, 100, fee=30, fee_currency="BTC")
    desk.fill(Side.SELL, LOTS // 2, 100, fee=30)
    desk.fill(Side.SELL, LOTS // 4, 100, strategy=-1)
    desk.fill(Side.SELL, LOTS, 100, instrument=1)
    assert desk.actor.held(0) == {0: 5 + LOTS - 30 - LOTS // 2, 1: -LOTS}


def test_a_flip_closes_one_and_opens_the_other() -> None:
    desk = PortfolioDesk()
    desk.fill(Side.BUY, LOTS, 100)
    desk.fill(Side.SELL, 3 * LOTS, 110, strategy=-1)
    assert [(action, after["quantity"]) for action, _, after in trades(desk)] == [
        ("trade.open", "1.00000000"),
        ("trade.close", "0.00000000"),
        ("trade.open", "-2.00000000"),
    ]
    assert desk.context.recorded[-1]["metadata"]["strategy"] == "operator"


def test_the_summary_says_positions_and_profit_as_text() -> None:
    desk = PortfolioDesk()
    desk.balances(USDT=1_000, BTC=1)
    desk.mark(100)
    desk.fill(Side.BUY, 3 * LOTS, 100, fee=UNIT // 2)
    desk.fill(Side.SELL, LOTS, 110, fee=UNIT // 1_000, fee_currency="BTC")
    desk.mark(120)
    summary = desk.actor.summary()
    assert summary["positions"] == [
        {"instrument": "binance_spot:BTCUSDT", "quantity": "1.99900000", "average_price": "100", "unrealised": "39.98"}
    ]
    assert summary["pnl"] == {"currency": "USDT", "realised": "10.01", "unrealised": "39.98", "fees": "0.62"}
    assert summary["day"] == {"date": "2024-08-09", "realised": "10.01", "fees": "0.62", "equity": "1100"}
    assert (summary["equity"], summary["peak_equity"]) == ("1169.38", "1169.38")


def test_equity_is_unknown_while_the_worth_of_a_balance_is() -> None:
    desk = PortfolioDesk()
    desk.balances(USDT=1_000, ETH=1)
    desk.mark(100)
    assert desk.actor.equity is None
    assert desk.actor.summary()["equity"] is None
    desk.advance(1)
    assert desk.strategy.messages == []


def test_amounts_of_other_currencies_are_converted_only_to_be_shown() -> None:
    desk = PortfolioDesk()
    desk.fill(Side.BUY, LOTS, 10, instrument=1)
    desk.fill(Side.SELL, LOTS, 12, instrument=1)
    assert desk.actor.realised == {"BTC": 2 * UNIT}
    assert desk.actor.summary()["pnl"]["realised"] == "0"
    desk.mark(100)
    assert desk.actor.summary()["pnl"]["realised"] == "200"


def test_an_asset_that_is_quoted_the_other_way_round_has_a_worth() -> None:
    desk = PortfolioDesk(currency="BTC")
    desk.balances(USDT=1_000, ETH=1)
    desk.mark(100)
    desk.tell(Mark(1, 0, NOW_NS))
    assert desk.actor.equity is None
    desk.mark(2, instrument=1)
    assert desk.actor.equity == 12 * UNIT


def test_a_position_without_a_mark_is_shown_without_profit() -> None:
    desk = PortfolioDesk()
    desk.fill(Side.BUY, LOTS, 100)
    assert desk.actor.summary()["positions"][0]["unrealised"] == "0"
    assert desk.actor.unrealised == 0


def test_the_day_begins_with_equity_at_its_first_mark() -> None:
    desk = PortfolioDesk()
    desk.mark(90)
    assert days(desk) == []
    desk.balances(USDT=1_000, BTC=1)
    desk.mark(100)
    desk.mark(101)
    assert days(desk) == [
        ("2024-08-09", {"currency": "USDT", "equity": "1100", "peak_equity": "1100", "unrealised": "0"}, "")
    ]
    assert desk.actor.peak_equity == 1_101 * UNIT


def test_profit_begins_anew_at_midnight() -> None:
    desk = PortfolioDesk(now_ns=MIDNIGHT_NS - 10**9)
    desk.balances(USDT=1_000, BTC=1)
    desk.mark(100)
    desk.fill(Side.BUY, LOTS, 100, fee=UNIT)
    desk.fill(Side.SELL, LOTS, 110)
    assert desk.actor.summary()["day"]["realised"] == "10"
    desk.context.now_ns = MIDNIGHT_NS
    desk.mark(100)
    assert desk.actor.summary()["day"] == {"date": "2024-08-10", "realised": "0", "fees": "0", "equity": "1109"}
    assert desk.actor.summary()["pnl"]["realised"] == "10"
    assert [day for day, _, _ in days(desk)] == ["2024-08-09", "2024-08-10"]


def test_a_peak_reaches_the_trail_once_a_minute() -> None:
    desk = PortfolioDesk()
    desk.balances(USDT=1_000, BTC=1)
    for price in (100, 100.5, 101):
        desk.mark(price)
    assert len(days(desk)) == 1
    desk.advance(60)
    desk.mark(100)
    desk.mark(100.5)
    assert [after["peak_equity"] for _, after, _ in days(desk)] == ["1100", "1101"]


def test_a_restart_goes_on_with_the_day() -> None:
    state = DeskState(
        ledger={"USDT": 1_000 * UNIT}, day="2024-08-09", day_equity=1_200 * UNIT, peak_equity=1_500 * UNIT,
        day_realised={"USDT": 5 * UNIT}, day_fees={"USDT": UNIT},
    )  # fmt: skip
    desk = PortfolioDesk(state)
    desk.mark(100)
    assert desk.actor.summary()["day"] == {"date": "2024-08-09", "realised": "5", "fees": "1", "equity": "1200"}
    assert (desk.actor.peak_equity, days(desk)) == (1_500 * UNIT, [])
    later = PortfolioDesk(state, now_ns=MIDNIGHT_NS)
    assert later.actor.summary()["day"] == {"date": "2024-08-10", "realised": "0", "fees": "0", "equity": None}


def test_strategies_hear_the_account_once_a_second() -> None:
    desk = PortfolioDesk()
    desk.balances(USDT=1_000)
    desk.fill(Side.BUY, LOTS, 100, fee=UNIT)
    desk.mark(110)
    desk.advance(2)
    assert [message for message in desk.strategy.messages if message.time_ns > NOW_NS] == [
        Account(
            1_009 * UNIT, 0, 10 * UNIT, UNIT, NOW_NS + seconds * 10**9, 1_009 * UNIT, 1_009 * UNIT, 0, 100 * UNIT, -UNIT
        )
        for seconds in (1, 2)
    ]
    assert desk.risk.messages == desk.safety.messages == desk.strategy.messages


def test_a_fall_of_equity_by_more_than_a_thousandth_is_told_at_once() -> None:
    desk = PortfolioDesk()
    desk.balances(USDT=900, BTC=1)
    desk.mark(100)
    desk.advance(1)
    told = len(desk.safety.messages)
    desk.mark(99)
    assert len(desk.safety.messages) == told, "a thousandth is not more than a thousandth"
    desk.mark(98)
    assert (desk.safety.messages[-1].equity, desk.safety.messages[-1].day_equity) == (998 * UNIT, 1_000 * UNIT)
    desk.mark(97.5)
    assert len(desk.safety.messages) == told + 1
    desk.mark(97)
    assert len(desk.safety.messages) == told + 2


def test_an_account_is_told_by_nobody_before_the_ledger_began_or_while_a_worth_is_unknown() -> None:
    desk = PortfolioDesk()
    desk.mark(100)
    desk.advance(2)
    assert desk.risk.messages == []
    desk.balances(USDT=1_000, DOGE=1)
    desk.advance(2)
    assert desk.risk.messages == []


def test_losses_in_a_row_are_trades_that_closed_below_their_fees() -> None:
    desk = PortfolioDesk()
    desk.balances(USDT=10_000)
    desk.mark(100)
    for close, fee, losses in ((99, 0, 1), (100, UNIT, 2), (100, 0, 0), (90, 0, 1)):
        desk.fill(Side.BUY, LOTS, 100)
        desk.fill(Side.SELL, LOTS, close, fee=fee)
        desk.advance(1)
        assert desk.risk.messages[-1].losses_in_row == losses
    assert [record["after"]["losses_in_row"] for record in desk.records(Action.TRADE_CLOSE)] == [1, 2, 0, 1]
    assert [record["after"]["result"] for record in desk.records(Action.TRADE_CLOSE)] == ["-1", "-1", "0", "-10"]


def test_a_loss_is_told_at_once_because_the_next_order_depends_on_it() -> None:
    desk = PortfolioDesk()
    desk.balances(USDT=10_000)
    desk.mark(100)
    desk.fill(Side.BUY, LOTS, 100)
    told = len(desk.risk.messages)
    desk.fill(Side.SELL, LOTS, 99)
    assert [message.losses_in_row for message in desk.risk.messages[told:]] == [1]
    assert desk.safety.messages[-1] == desk.risk.messages[-1]


def test_a_position_that_flips_closes_one_trade_and_begins_another() -> None:
    desk = PortfolioDesk()
    desk.balances(USDT=10_000)
    desk.mark(100)
    desk.fill(Side.BUY, LOTS, 100)
    desk.fill(Side.SELL, 3 * LOTS, 90)
    assert desk.actor.trades.losses_in_row == 1
    desk.fill(Side.BUY, 2 * LOTS, 95)
    assert desk.actor.trades.losses_in_row == 2


def test_what_is_traded_in_a_day_begins_anew_at_midnight() -> None:
    desk = PortfolioDesk()
    desk.balances(USDT=10_000)
    desk.mark(100)
    desk.fill(Side.BUY, LOTS, 100)
    desk.fill(Side.SELL, LOTS, 101)
    desk.advance(1)
    assert desk.risk.messages[-1].traded_today == 201 * UNIT
    desk.advance((MIDNIGHT_NS - NOW_NS) // 10**9)
    assert desk.risk.messages[-1].traded_today == 0


def test_a_restart_goes_on_with_losses_turnover_and_the_trade_that_is_open() -> None:
    state = DeskState(
        ledger={"USDT": 1_000 * UNIT}, day="2024-08-09", day_traded={"USDT": 70 * UNIT}, losses_in_row=2,
        trades={BTCUSDT.name: {"USDT": -UNIT}}, closing={"binance_spot:OLD": {"USDT": -1}},
    )  # fmt: skip
    desk = PortfolioDesk(state)
    desk.mark(100)
    desk.advance(1)
    assert (desk.risk.messages[-1].losses_in_row, desk.risk.messages[-1].traded_today) == (3, 70 * UNIT)
    desk.fill(Side.BUY, LOTS, 100)
    desk.fill(Side.SELL, LOTS, 100)
    assert desk.actor.trades.losses_in_row == 4, "the open trade had lost before the restart"


def test_a_peak_that_rose_by_more_than_a_thousandth_is_in_the_trail_at_once() -> None:
    desk = PortfolioDesk()
    desk.balances(USDT=900, BTC=1)
    desk.mark(100)
    desk.mark(100.5)
    assert len(days(desk)) == 1
    desk.mark(102)
    assert days(desk)[-1][1]["peak_equity"] == "1002"


def test_the_baselines_stand_in_the_trail_when_the_run_ends() -> None:
    desk = PortfolioDesk()
    desk.tell(Stop("done"))
    assert days(desk) == []
    desk.balances(USDT=1_000)
    desk.mark(100)
    desk.tell(Stop("done"))
    assert days(desk)[-1] == (
        "2024-08-09", {"currency": "USDT", "equity": "1000", "peak_equity": "1000", "unrealised": "0"}, "the run ends",
    )  # fmt: skip


def test_inventory_becomes_a_position_at_the_mark_when_it_is_adopted() -> None:
    desk = PortfolioDesk(adopt=True)
    desk.mark(100)
    desk.balances(USDT=1_000, BTC=2)
    desk.mark(100)
    assert desk.actor.positions[0].lots == 0
    desk.mark(1, instrument=1)
    assert desk.actor.positions[0].average == (200 * UNIT, 2 * LOTS)
    assert desk.actor.positions[1].lots == 0
    assert (desk.actor.unrealised, desk.actor.realised) == (0, {})


def test_flattening_asks_for_the_orders_that_close_every_position() -> None:
    desk = PortfolioDesk()
    desk.fill(Side.BUY, LOTS + 1, 100)
    desk.fill(Side.SELL, LOTS, 100, instrument=1)
    desk.tell(FlattenRequest("ann", NOW_NS))
    long, short = desk.risk.take()
    assert long == OrderIntent(
        -1, long.decision, 0, Side.SELL, OrderType.MARKET, TimeInForce.IOC, False, True, 0, LOTS, long.decision, None,
        NOW_NS,
    )  # fmt: skip
    assert (short.instrument, short.side, short.lots, short.decision) == (1, Side.BUY, LOTS, long.decision + 1)
    assert [action for action, _, _ in desk.context.audited] == [Action.TRADE_DECISION] * 2


def test_flattening_asks_again_until_nothing_is_left_to_close() -> None:
    desk = PortfolioDesk()
    desk.mark(1_000)
    desk.fill(Side.BUY, LOTS, 1_000)
    desk.tell(FlattenRequest("ann", NOW_NS))
    desk.fill(Side.SELL, LOTS // 2, 1_000)
    desk.advance(1)
    assert [intent.lots for intent in desk.risk.take()] == [LOTS, LOTS // 2]
    desk.fill(Side.SELL, LOTS // 2 - 100_000, 1_000)
    desk.advance(100)
    assert desk.risk.take() == []


def test_flattening_never_asks_for_more_than_one_order_may_be_worth() -> None:
    desk = PortfolioDesk(max_order_value=Decimal(5_000), price_collar_pct=Decimal(10))
    desk.mark(1_000)
    desk.fill(Side.BUY, 7 * LOTS, 1_000)
    desk.tell(FlattenRequest("ann", NOW_NS))
    for _ in range(3):
        lots = desk.risk.messages[-1].lots
        assert lots * 1_100 // LOTS <= 5_000  # risk values it at the collar's edge
        desk.fill(Side.SELL, lots, 1_000)
        desk.advance(1)
    first, second = desk.risk.take()
    assert first.lots > 4 * LOTS
    assert first.lots + second.lots == 7 * LOTS


@pytest.mark.parametrize(
    "tighter",
    [
        {"max_order_value": Decimal(2_000)},
        {"instruments": {"BTCUSDT": TighterLimits(max_order_value=Decimal(2_000))}},
        {"venues": {"binance_spot": TighterLimits(max_order_value=Decimal(2_000))}},
    ],
)
def test_flattening_keeps_to_the_limits_of_now(tighter: dict[str, Any]) -> None:
    desk = PortfolioDesk(max_order_value=Decimal(5_000), price_collar_pct=Decimal(10))
    desk.mark(1_000)
    desk.fill(Side.BUY, 7 * LOTS, 1_000)
    desk.tell(LimitsChanged(structs.replace(desk.limits, **tighter), 2))
    desk.tell(FlattenRequest("ann", NOW_NS))
    assert 1_900 < desk.risk.messages[-1].lots * 1_100 // LOTS <= 2_000


def test_flattening_ends_after_half_a_minute_or_with_the_run() -> None:
    desk = PortfolioDesk()
    desk.fill(Side.BUY, LOTS, 100)
    desk.tell(FlattenRequest("ann", NOW_NS))
    desk.advance(100)
    assert len(desk.risk.take()) == 30
    desk.tell(FlattenRequest("ann", NOW_NS))
    desk.tell(Stop("done"))
    desk.advance(5)
    assert len(desk.risk.take()) == 1


def test_when_risk_cannot_hear_it_trading_halts() -> None:
    desk = PortfolioDesk()
    desk.fill(Side.BUY, LOTS, 100)
    desk.risk.full = True
    desk.tell(FlattenRequest("ann", NOW_NS))
    assert len(desk.context.halts) == 1
