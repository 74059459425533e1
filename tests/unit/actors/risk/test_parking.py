"""Orders that wait are checked when they are asked for, and each order that leaves for one passes every check again."""

from __future__ import annotations

from typing import Any

import pytest

from engine.audit.desk_state import DeskState, WaitingOrder
from engine.limits import TRIGGERS_MAX
from engine.messages.control import Action, StateChanged, StrategyStopped, TradingState
from engine.messages.market import Side
from engine.messages.orders import (
    IS_ENTRY,
    AmendIntent,
    ApprovedAmend,
    ApprovedCancel,
    ApprovedToWait,
    CancelIntent,
    DenialReason,
    OrderDenied,
    OrderIntent,
    OrderTerms,
    OrderType,
    TimeInForce,
    WaitingOver,
)
from engine.messages.reports import Balances
from tests.models.risk_desk import LOTS, NOW_NS, TICKS, RiskDesk


def ask(desk: RiskDesk, terms: OrderTerms, **words: Any) -> int:
    """Ask for an order with terms; returns the number of its intent."""
    desk.intent += 1
    values: dict[str, Any] = {
        "strategy": 0, "intent": desk.intent, "instrument": 0, "side": Side.SELL, "type": OrderType.STOP,
        "time_in_force": TimeInForce.GTC, "post_only": False, "reduce_only": False, "price_ticks": 0, "lots": LOTS,
        "decision": 77, "quote": None, "time_ns": desk.context.now_ns, "terms": terms,
    }  # fmt: skip
    desk.tell(OrderIntent(**values | words))
    return desk.intent


STOP = OrderTerms(TICKS - 1_000)


def test_it_is_checked_at_acceptance_as_if_live_and_goes_to_triggers_alone() -> None:
    desk = RiskDesk()
    intent = ask(desk, STOP)
    (approved,) = desk.triggers.messages
    assert isinstance(approved, ApprovedToWait)
    assert approved.intent.intent == intent
    assert desk.orders.messages == []
    assert desk.context.audited[-1][0] is Action.ORDER_APPROVE


def test_it_counts_in_c13_and_not_in_the_worst_case_and_is_no_order_of_the_day() -> None:
    desk = RiskDesk(open_orders_instrument_max=2)
    before = desk.actor.limits.daily_orders(NOW_NS)
    for number in range(3):
        desk.advance(1)
        ask(desk, STOP, lots=LOTS + 1_000 * number)
    assert desk.worst_lots() == (0, 0)
    assert desk.reasons() == [DenialReason.MAX_OPEN_ORDERS]
    assert desk.actor.limits.daily_orders(desk.context.now_ns) == before
    desk.tell(WaitingOver(0, 101))
    desk.advance(1)
    ask(desk, STOP)
    assert len(desk.triggers.messages) == 3


def test_it_counts_in_c16_until_it_leaves_or_is_over() -> None:
    desk = RiskDesk()
    desk.tell(Balances("binance_spot", (("BTC", LOTS * 3 // 2, 0),), NOW_NS))
    first = ask(desk, STOP)
    desk.advance(1)
    ask(desk, STOP)
    assert desk.reasons() == [DenialReason.FUNDS_RESERVED]
    desk.advance(1)
    ask(desk, OrderTerms(fired_by=first), type=OrderType.MARKET, time_in_force=TimeInForce.IOC)
    assert len(desk.orders.messages) == 1, "what was tied up for it is there when it leaves"


def test_exits_that_share_a_quantity_tie_it_up_once() -> None:
    desk = RiskDesk()
    desk.tell(Balances("binance_spot", (("BTC", LOTS * 3 // 2, 0),), NOW_NS))
    terms = OrderTerms(TICKS - 1_000, group=7)
    first = ask(desk, terms)
    desk.advance(1)
    second = ask(desk, terms)
    assert desk.actor.exposure.open_count == 1
    desk.tell(WaitingOver(0, second))
    assert desk.actor.exposure.open_count == 1, "the other one still needs it"
    desk.tell(WaitingOver(0, first))
    desk.tell(WaitingOver(0, 999))
    assert desk.actor.exposure.open_count == 0


def test_an_exit_that_is_denied_leaves_the_other_as_it_was() -> None:
    desk = RiskDesk()
    terms = OrderTerms(TICKS - 1_000, group=7)
    ask(desk, terms)
    ask(desk, terms, lots=100 * LOTS)
    assert desk.reasons() == [DenialReason.MAX_ORDER_VALUE]
    assert desk.actor.exposure.open_count == 1


def test_a_leg_that_leaves_frees_what_its_group_tied_up() -> None:
    desk = RiskDesk()
    desk.tell(Balances("binance_spot", (("BTC", LOTS * 3 // 2, 0),), NOW_NS))
    first = ask(desk, OrderTerms(TICKS - 1_000, group=7))
    desk.advance(1)
    ask(desk, OrderTerms(TICKS - 1_000, group=7))
    desk.advance(1)
    ask(desk, OrderTerms(fired_by=first), type=OrderType.MARKET, time_in_force=TimeInForce.IOC)
    assert len(desk.orders.messages) == 1


def test_beyond_the_bound_nothing_more_may_wait() -> None:
    desk = RiskDesk()
    for number in range(TRIGGERS_MAX):
        ask(desk, OrderTerms(entry=IS_ENTRY), type=OrderType.LIMIT, price_ticks=TICKS + number)
    ask(desk, STOP)
    assert desk.reasons() == [DenialReason.MAX_OPEN_ORDERS]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ({"lots": 0}, DenialReason.ORDER_WELL_FORMED),
        ({"lots": 2**70}, DenialReason.ORDER_WELL_FORMED),
        ({"lots": 100 * LOTS}, DenialReason.MAX_ORDER_VALUE),
        ({"instrument": 9}, DenialReason.INSTRUMENT_PERMITTED),
        (
            {"instrument": 9, "type": OrderType.LIMIT, "time_in_force": TimeInForce.DAY},
            DenialReason.INSTRUMENT_PERMITTED,
        ),
    ],
)
def test_an_order_that_may_not_live_may_not_wait(words: dict[str, Any], reason: DenialReason) -> None:
    desk = RiskDesk()
    ask(desk, words.pop("terms", STOP), **words)
    assert desk.reasons() == [reason]
    assert desk.triggers.messages == []


@pytest.mark.parametrize("terms", [STOP, OrderTerms(entry=IS_ENTRY), OrderTerms(TICKS, entry=5)])
def test_nothing_waits_in_an_emergency_nor_for_a_stopped_strategy(terms: OrderTerms) -> None:
    desk = RiskDesk()
    desk.tell(StrategyStopped(0, "it raised", False, NOW_NS))
    ask(desk, terms)
    desk.tell(StateChanged(TradingState.EMERGENCY, 2, "kill", NOW_NS))
    ask(desk, terms)
    assert desk.reasons() == [DenialReason.STRATEGY_AUTHORISED, DenialReason.MODE_GATE]


def test_terms_that_the_venue_needs_no_help_for_leave_like_a_plain_order() -> None:
    desk = RiskDesk()
    ask(desk, OrderTerms(edge_bps=500), type=OrderType.LIMIT, price_ticks=TICKS)
    assert desk.triggers.messages == []
    assert len(desk.orders.messages) == 1


def test_each_trigger_is_a_new_intent_through_all_checks_with_a_new_approval() -> None:
    desk = RiskDesk()
    parent = ask(desk, STOP)
    desk.advance(1)
    child = ask(desk, OrderTerms(fired_by=parent), type=OrderType.MARKET, time_in_force=TimeInForce.IOC)
    waiting, leaving = desk.triggers.messages[0], desk.orders.messages[0]
    assert leaving.intent.intent == child
    assert leaving.approval != waiting.approval
    assert leaving.price_ticks < TICKS, "a market order has a protection price"
    assert desk.worst_lots() != (0, 0)


def test_a_denied_child_is_told_to_triggers_and_not_to_the_strategy() -> None:
    desk = RiskDesk()
    parent = ask(desk, STOP)
    for lots in (100 * LOTS, 2**70):
        child = ask(desk, OrderTerms(fired_by=parent), type=OrderType.MARKET, lots=lots)
        denied = desk.triggers.messages[-1]
        assert isinstance(denied, OrderDenied)
        assert denied.intent == child
    assert desk.denials() == []
    assert desk.actor.denied_count == 2


def test_children_that_are_denied_do_not_stop_their_strategy() -> None:
    desk = RiskDesk(denials_max=3)
    parent = ask(desk, STOP)
    for _ in range(20):
        ask(desk, OrderTerms(fired_by=parent), type=OrderType.MARKET, lots=100 * LOTS)
    assert desk.safety.messages == []


def test_a_reduce_only_child_passes_in_protective() -> None:
    desk = RiskDesk()
    bought = desk.approved(Side.BUY, 2 * LOTS)
    desk.actor.exposure.fill(bought.approval, 2 * LOTS, 0)
    desk.actor.exposure.release(bought.approval)
    parent = ask(desk, STOP, reduce_only=True)
    desk.tell(StateChanged(TradingState.PROTECTIVE, 2, "drawdown", NOW_NS))
    desk.advance(1)
    market = {"type": OrderType.MARKET, "time_in_force": TimeInForce.IOC}
    ask(desk, OrderTerms(fired_by=parent), **market)
    assert desk.triggers.messages[-1].reason is DenialReason.REDUCE_ONLY
    child = ask(desk, OrderTerms(fired_by=parent), reduce_only=True, **market)
    assert desk.orders.messages[-1].intent.intent == child


def test_a_cancel_and_an_amend_find_the_order_that_waits_until_it_is_over() -> None:
    desk = RiskDesk()
    intent = ask(desk, STOP)
    cancel = CancelIntent(0, intent, False, NOW_NS)
    desk.tell(cancel)
    desk.tell(AmendIntent(0, intent, 999, 0, LOTS, 5, NOW_NS, TICKS - 2_000))
    assert [type(message) for message in desk.triggers.messages[1:]] == [ApprovedCancel, ApprovedAmend]
    assert desk.orders.messages == []
    desk.tell(WaitingOver(0, intent))
    desk.tell(cancel)
    assert [type(message) for message in desk.orders.messages] == [ApprovedCancel]


def test_an_amend_is_judged_as_a_new_order_and_a_denied_one_leaves_everything_as_it_was() -> None:
    desk = RiskDesk()
    intent = ask(desk, STOP)
    desk.advance(1)
    desk.tell(AmendIntent(0, intent, 900, 0, 100 * LOTS, 5, NOW_NS))
    assert (desk.reasons(), desk.denials()[0].intent) == ([DenialReason.MAX_ORDER_VALUE], 900)
    assert desk.actor.exposure.open_count == 1
    desk.tell(AmendIntent(0, intent, 901, 0, 2 * LOTS, 5, NOW_NS))
    assert isinstance(desk.triggers.messages[-1], ApprovedAmend)
    assert desk.actor.exposure.open_count == 1


def test_what_triggers_cannot_take_halts() -> None:
    desk = RiskDesk()
    desk.triggers.full = True
    ask(desk, STOP)
    assert desk.context.halts == ["triggers could not take ApprovedToWait"]
    desk.triggers.full = False
    desk.orders.full = True
    desk.advance(1)
    ask(desk, OrderTerms(fired_by=101), type=OrderType.MARKET)
    assert "orders could not take the approval" in desk.context.halts[-1]


def test_a_cancel_finds_an_order_that_waits_since_an_earlier_run() -> None:
    kept = WaitingOrder(
        "trigger-55", "two", 55, "binance_spot:BTCUSDT", "SELL", "STOP", "GTC", False, True, 55, LOTS, {}, "6-two-55"
    )
    lost = WaitingOrder("trigger-56", "three", 56, kept.instrument, "SELL", "STOP", "GTC", False, True, 5, 5, {}, "")
    kept.lots, kept.level_ticks = LOTS, TICKS
    desk = RiskDesk(DeskState(waiting={kept.id: kept, lost.id: lost}))
    assert desk.actor.exposure.open_count == 1, "and ties up again what it did"
    desk.tell(CancelIntent(1, 55, True, NOW_NS))
    assert [type(message) for message in desk.triggers.messages] == [ApprovedCancel]


def test_what_is_tied_up_stays_so_when_what_leaves_is_denied() -> None:
    desk = RiskDesk()
    desk.tell(Balances("binance_spot", (("BTC", LOTS * 3 // 2, 0),), NOW_NS))
    first = ask(desk, STOP)
    desk.advance(1)
    desk.tell(StateChanged(TradingState.PROTECTIVE, 1, "", NOW_NS))
    ask(desk, OrderTerms(fired_by=first), type=OrderType.MARKET, time_in_force=TimeInForce.IOC)
    desk.tell(StateChanged(TradingState.NORMAL, 1, "", NOW_NS))
    desk.advance(1)
    assert desk.send(Side.SELL, price_ticks=TICKS + 20) is None
    assert desk.reasons() == [DenialReason.FUNDS_RESERVED]
    ask(desk, OrderTerms(fired_by=first), type=OrderType.MARKET, time_in_force=TimeInForce.IOC)
    assert len(desk.orders.messages) == 1
    assert desk.actor.exposure.open_count == 1


def test_a_strategy_that_is_denied_too_often_may_ask_for_nothing_that_waits_either() -> None:
    desk = RiskDesk(denials_max=2, blocked=("BTC",))
    for _ in range(4):
        ask(desk, STOP)
    assert desk.reasons()[-1] is DenialReason.STRATEGY_AUTHORISED


ENTRY = {"type": OrderType.LIMIT, "time_in_force": TimeInForce.GTC, "side": Side.BUY, "price_ticks": TICKS}


def test_the_number_of_an_order_that_waits_is_not_given_twice() -> None:
    desk = RiskDesk()
    number = ask(desk, STOP)
    ask(desk, OrderTerms(entry=IS_ENTRY), **ENTRY, intent=number)
    assert desk.reasons() == [DenialReason.DUPLICATE_ORDER]
    desk.tell(WaitingOver(0, number))
    assert desk.actor.exposure.open_count == 0, "what was tied up for the first is given back with it"


@pytest.mark.parametrize(
    ("news", "reason"),
    [
        (StateChanged(TradingState.EMERGENCY, 2, "", NOW_NS), DenialReason.MODE_GATE),
        (StrategyStopped(0, "", True, NOW_NS), DenialReason.STRATEGY_AUTHORISED),
    ],
)
def test_an_order_that_ties_up_nothing_yet_is_not_amended_either_by_whom_nothing_is_taken(
    news: Any, reason: DenialReason
) -> None:
    desk = RiskDesk()
    number = ask(desk, OrderTerms(entry=IS_ENTRY), **ENTRY)
    desk.tell(news)
    told = len(desk.triggers.messages)
    desk.tell(AmendIntent(0, number, number + 50, TICKS, 2 * LOTS, 78, NOW_NS))
    assert desk.reasons() == [reason]
    assert len(desk.triggers.messages) == told
