"""Orders that wait are checked when they are asked for, and each order that leaves for one passes every check again."""

from __future__ import annotations

from typing import Any

import pytest

from engine.audit.desk_state import DeskState, WaitingOrder
from engine.messages.control import Action, StateChanged, StrategyStopped, TradingState
from engine.messages.market import Side
from engine.messages.orders import (
    IS_ENTRY,
    AmendIntent,
    ApprovedAmend,
    ApprovedCancel,
    ApprovedOrder,
    CancelIntent,
    DenialReason,
    OrderDenied,
    OrderIntent,
    OrderTerms,
    OrderType,
    TimeInForce,
    WaitingOver,
)
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
    assert isinstance(approved, ApprovedOrder)
    assert approved.intent.intent == intent
    assert desk.orders.messages == []
    assert desk.context.audited[-1][0] is Action.ORDER_APPROVE


def test_it_is_not_in_the_worst_case() -> None:
    desk = RiskDesk()
    ask(desk, STOP)
    assert desk.worst_lots() == (0, 0)


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
    ask(desk, OrderTerms(edge_bps=50), type=OrderType.LIMIT, price_ticks=TICKS)
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


def test_what_triggers_cannot_take_halts() -> None:
    desk = RiskDesk()
    desk.triggers.full = True
    ask(desk, STOP)
    assert desk.context.halts == ["triggers could not take ApprovedOrder"]
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
    desk = RiskDesk(DeskState(waiting={kept.id: kept, lost.id: lost}))
    desk.tell(CancelIntent(1, 55, True, NOW_NS))
    assert [type(message) for message in desk.triggers.messages] == [ApprovedCancel]
