"""Orders that wait: what sets them off, what leaves for them, and what the strategy hears."""

from __future__ import annotations

from typing import Any

import pytest

from actors.triggers.transitions import TriggerState
from engine.clock import NS_PER_DAY, NS_PER_SECOND
from engine.messages.control import (
    Action,
    StateChanged,
    Stop,
    StopStrategy,
    StrategyEnabled,
    StrategyStopped,
    TradingState,
)
from engine.messages.market import FeedGap, FeedState, FeedStatus, Side, TradesMissed, Watch
from engine.messages.orders import CancelAll, OrderTerms, OrderType, TimeInForce, TriggerBy, WaitingOver
from engine.messages.reports import OrderAmended, OrderCancelRejected, OrderFilled, OrderRejected, OrderUnknown
from tests.models.triggers_desk import ASK, BID, LOTS, NOW_NS, TriggersDesk

BUY, SELL = Side.BUY, Side.SELL
STOP, STOP_LIMIT, TRAILING = OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP
MIT, LIT = OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED


@pytest.fixture
def desk() -> TriggersDesk:
    desk = TriggersDesk()
    desk.approve(STOP, BUY, trigger_ticks=ASK + 10**6)  # far away: it has the market told
    desk.quote()
    desk.strategy.take()
    desk.risk.take()
    return desk


def stop(desk: TriggersDesk, **words: Any) -> int:
    """Have a stop wait that protects a long position."""
    return desk.approve(STOP, SELL, trigger_ticks=BID - 100, reduce_only=True, **words)


# ---- acceptance


def test_it_is_durable_before_the_strategy_hears_on_accepted(desk: TriggersDesk) -> None:
    intent = desk.approve(STOP, SELL, trigger_ticks=BID - 100, synced=False)
    record = desk.context.recorded[-1]
    assert (record["action"], record["resource_id"], record["reply_to"]) == (
        Action.ORDER_ACCEPT, f"trigger-{intent}", desk.disk,
    )  # fmt: skip
    assert desk.heard == []
    assert desk.state(intent) == "PENDING"
    desk.sync()
    assert desk.heard == ["OrderAccepted"]
    assert desk.state(intent) == "ARMED"


def test_a_price_sets_nothing_off_before_the_order_is_durable(desk: TriggersDesk) -> None:
    stop(desk, synced=False)
    desk.quote(BID - 200, ASK)
    assert desk.children == []
    desk.sync()
    assert len(desk.children) == 1


def test_feed_is_asked_for_an_instrument_while_something_waits_for_it_and_no_longer() -> None:
    desk = TriggersDesk()
    assert desk.feed.messages == []
    first = stop(desk)
    desk.approve(STOP, SELL, trigger_ticks=BID - 100, trigger_by=TriggerBy.LAST)
    assert desk.feed.take() == [Watch(0, True, False), Watch(0, True, True)]
    desk.cancel(first + 1)
    desk.cancel(first)
    assert desk.feed.take() == [Watch(0, True, False), Watch(0, False, False)]


def test_beyond_the_bound_an_order_is_refused_with_the_reason() -> None:
    desk = TriggersDesk(capacity=1)
    stop(desk)
    stop(desk)
    assert desk.heard == ["OrderAccepted", "OrderRejected"]
    assert "1 orders wait already" in desk.strategy.messages[-1].text
    assert desk.risk.messages == [WaitingOver(0, 102)]


# ---- what sets off


@pytest.mark.parametrize(
    ("kind", "side", "trigger", "quote", "leaves"),
    [
        (STOP, SELL, BID - 100, (BID - 100, ASK), (OrderType.MARKET, TimeInForce.IOC, 0)),
        (STOP, BUY, ASK + 100, (BID, ASK + 100), (OrderType.MARKET, TimeInForce.IOC, 0)),
        (STOP_LIMIT, SELL, BID - 100, (BID - 150, ASK), (OrderType.LIMIT, TimeInForce.GTC, BID - 120)),
        (STOP_LIMIT, BUY, ASK + 100, (BID, ASK + 150), (OrderType.LIMIT, TimeInForce.GTC, ASK + 120)),
        (MIT, SELL, BID + 100, (BID + 100, ASK + 200), (OrderType.MARKET, TimeInForce.IOC, 0)),
        (MIT, BUY, ASK - 100, (BID - 200, ASK - 100), (OrderType.MARKET, TimeInForce.IOC, 0)),
        (LIT, SELL, BID + 100, (BID + 100, ASK + 200), (OrderType.LIMIT, TimeInForce.GTC, BID + 90)),
        (LIT, BUY, ASK - 100, (BID - 200, ASK - 100), (OrderType.LIMIT, TimeInForce.GTC, ASK - 90)),
    ],
)
def test_each_type_leaves_as_it_says_when_the_market_is_there(
    desk: TriggersDesk, kind: OrderType, side: Side, trigger: int, quote: tuple[int, int], leaves: tuple[Any, ...]
) -> None:
    intent = desk.approve(kind, side, trigger_ticks=trigger, price_ticks=leaves[2], reduce_only=True)
    desk.quote()
    assert desk.children == []
    desk.quote(*quote)
    (child,) = desk.children
    assert (child.type, child.time_in_force, child.price_ticks) == leaves
    assert (child.side, child.lots, child.reduce_only) == (side, LOTS, True)
    assert child.terms == OrderTerms(fired_by=intent)
    assert child.intent > intent, "a new intent, with a number of its own"
    assert desk.state(intent) == "WORKING"


def test_an_entry_leaves_when_it_is_on_disk_that_it_was_set_off(desk: TriggersDesk) -> None:
    intent = desk.approve(STOP, BUY, trigger_ticks=ASK + 100)
    desk.quote(BID, ASK + 200)
    assert (desk.children, desk.state(intent)) == ([], "FIRING")
    desk.quote(BID, ASK + 300)
    assert desk.children == []
    desk.sync()
    assert len(desk.children) == 1


def test_a_trailing_stop_follows_by_amount_and_its_level_is_recorded(desk: TriggersDesk) -> None:
    intent = desk.approve(TRAILING, SELL, trail_ticks=500, reduce_only=True)
    assert desk.order(intent).level_ticks == BID - 500
    desk.quote(BID + 300, ASK + 300)
    assert desk.context.recorded[-1]["after"]["level"] == f"{(BID - 200) / 100:.2f}"
    desk.quote(BID - 199, ASK)
    assert (desk.order(intent).level_ticks, desk.children) == (BID - 200, [])
    desk.quote(BID - 200, ASK)
    assert len(desk.children) == 1


def test_a_trailing_stop_follows_by_percent(desk: TriggersDesk) -> None:
    intent = desk.approve(TRAILING, BUY, trail_ppm=10_000, reduce_only=True)
    assert desk.order(intent).level_ticks == ASK + ASK // 100


def test_a_trade_sets_off_who_looks_at_trades_and_a_quote_does_not(desk: TriggersDesk) -> None:
    desk.approve(STOP, SELL, trigger_ticks=BID - 100, trigger_by=TriggerBy.LAST, reduce_only=True)
    desk.quote(BID - 300, ASK)
    desk.trade(BID)
    desk.tell(TradesMissed(0, 3, 10, 1, 3))
    assert desk.children == []
    desk.trade(BID - 100)
    assert len(desk.children) == 1


def test_the_middle_sets_off_who_looks_at_it(desk: TriggersDesk) -> None:
    desk.approve(STOP, SELL, trigger_ticks=BID, trigger_by=TriggerBy.MID, reduce_only=True)
    desk.quote(BID - 10, BID + 11)
    assert desk.children == []
    desk.quote(BID - 11, BID + 10)
    assert len(desk.children) == 1


def test_it_never_triggers_on_a_crossed_book_and_is_judged_again_at_the_first_fresh_one(desk: TriggersDesk) -> None:
    stop(desk)
    desk.quote(BID - 200, BID - 200)
    desk.quote(BID - 200, BID - 300)
    assert desk.children == []
    desk.quote(BID - 200, BID - 100)
    assert len(desk.children) == 1


@pytest.mark.parametrize(
    "news", [FeedState(0, FeedStatus.STALE, "silent", 1, NOW_NS), FeedGap(0, 1, 5, NOW_NS)], ids=["stale", "gap"]
)
def test_it_never_triggers_on_a_stale_book_and_is_judged_again_at_the_first_fresh_one(
    desk: TriggersDesk, news: FeedState | FeedGap
) -> None:
    stop(desk)
    desk.approve(STOP, SELL, trigger_ticks=BID - 100, trigger_by=TriggerBy.LAST, reduce_only=True)
    desk.tell(news)
    desk.quote(BID - 200, ASK)
    desk.trade(BID - 200)
    assert desk.children == []
    desk.tell(FeedState(0, FeedStatus.SYNCHRONISED, "", 2, NOW_NS))
    assert desk.children == []
    desk.quote(BID - 200, ASK)
    assert len(desk.children) == 1
    desk.trade(BID - 200)
    assert len(desk.children) == 2


# ---- what becomes of the child


def test_child_reports_reach_the_strategy_under_the_parents_identity(desk: TriggersDesk) -> None:
    intent = stop(desk)
    desk.quote(BID - 200, ASK)
    (child,) = desk.children
    desk.strategy.take()
    unknown = OrderUnknown(0, child.intent, 0, SELL, 9, "t1-7-1", "no answer", NOW_NS)
    desk.tell(unknown)
    desk.fill(child, LOTS // 4)
    desk.fill(child, LOTS - LOTS // 4, done=True)
    told = desk.strategy.take()
    assert [(type(each).__name__, each.intent, each.client_order_id) for each in told] == [
        ("OrderUnknown", intent, f"trigger-{intent}"),
        ("OrderFilled", intent, f"trigger-{intent}"),
        ("OrderFilled", intent, f"trigger-{intent}"),
    ]
    assert [(fill.lots, fill.leaves_lots, fill.done) for fill in told if isinstance(fill, OrderFilled)] == [
        (LOTS // 4, LOTS - LOTS // 4, False),
        (LOTS - LOTS // 4, 0, True),
    ]
    assert (0, intent) not in desk.actor.book.orders
    assert desk.risk.messages[-1] == WaitingOver(0, intent)


def test_a_reduce_only_child_that_is_denied_is_retried_on_every_fresh_quote_with_an_alert(desk: TriggersDesk) -> None:
    intent = stop(desk)
    for count in range(1, 5):
        desk.quote(BID - 200 - count, ASK)
        assert len(desk.children) == count
        desk.deny(desk.children[-1])
        assert desk.state(intent) == "FIRING"
    alerts = [record for record in desk.context.recorded if record["action"] is Action.RISK_BLOCK]
    assert [alert["resource_id"] for alert in alerts] == [f"trigger-{intent}"]
    assert "POSITION_LIMIT" in alerts[0]["reason"]
    numbers = [child.intent for child in desk.children]
    assert numbers == sorted(set(numbers)), "each is a new intent"
    desk.cancel(intent)
    desk.quote(BID - 300, ASK)
    assert len(desk.children) == 4, "its parent lives no more"


def test_an_entry_that_is_denied_is_over_and_says_why(desk: TriggersDesk) -> None:
    intent = desk.approve(STOP, BUY, trigger_ticks=ASK + 100)
    desk.quote(BID, ASK + 200)
    desk.sync()
    desk.deny(desk.children[0])
    report = desk.strategy.messages[-1]
    assert isinstance(report, OrderRejected)
    assert (report.intent, report.sent) == (intent, False)
    assert report.text == "risk denied its order: POSITION_LIMIT, 2 against 1"
    assert (0, intent) not in desk.actor.book.orders


@pytest.mark.parametrize("sent", [True, False])
def test_a_child_that_did_not_leave_is_tried_again_and_one_that_the_venue_refused_is_not(
    desk: TriggersDesk, sent: bool
) -> None:
    intent = stop(desk)
    desk.quote(BID - 200, ASK)
    desk.rejected(desk.children[0], sent=sent)
    desk.quote(BID - 201, ASK)
    assert len(desk.children) == (1 if sent else 2)
    assert ((0, intent) in desk.actor.book.orders) is not sent


def test_what_a_thin_market_left_of_a_protecting_order_is_sent_again(desk: TriggersDesk) -> None:
    stop(desk)
    desk.quote(BID - 200, ASK)
    desk.fill(desk.children[0], LOTS // 4)
    desk.expired(desk.children[0], LOTS // 4)
    desk.quote(BID - 200, ASK)
    assert [child.lots for child in desk.children] == [LOTS, LOTS - LOTS // 4]


def test_executions_that_the_venue_counts_are_not_sold_twice(desk: TriggersDesk) -> None:
    intent = stop(desk)
    desk.quote(BID - 200, ASK)
    first = desk.children[0]
    desk.expired(first, LOTS // 2)
    desk.quote(BID - 200, ASK)
    assert desk.children[-1].lots == LOTS - LOTS // 2
    desk.fill(first, LOTS // 2)
    desk.fill(desk.children[-1], LOTS - LOTS // 2, done=True)
    assert desk.strategy.messages[-1].done
    assert (0, intent) not in desk.actor.book.orders


def test_an_end_waits_for_the_executions_that_belong_to_it(desk: TriggersDesk) -> None:
    intent = stop(desk)
    desk.quote(BID - 200, ASK)
    desk.expired(desk.children[0], LOTS)
    assert desk.state(intent) == "WORKING"
    desk.fill(desk.children[0], LOTS)
    assert desk.strategy.messages[-1].done
    assert (0, intent) not in desk.actor.book.orders
    desk.fill(desk.children[0], 1)
    assert desk.strategy.messages[-1].intent == intent, "a fill after the end is real and is told"


def test_an_entry_ends_as_its_child_ends(desk: TriggersDesk) -> None:
    for end, word in ((desk.canceled, "OrderCanceled"), (desk.expired, "OrderExpired")):
        desk.approve(STOP_LIMIT, BUY, trigger_ticks=ASK + 100, price_ticks=ASK + 100)
        desk.quote(BID, ASK + 200)
        desk.sync()
        end(desk.children[-1])
        assert desk.heard[-1] == word
        desk.quote()


def test_a_report_of_an_order_that_nobody_remembers_is_passed_on(desk: TriggersDesk) -> None:
    stop(desk)
    desk.quote(BID - 200, ASK)
    stranger = desk.children[0].__class__(
        **{name: getattr(desk.children[0], name) for name in desk.children[0].__struct_fields__} | {"intent": 55}
    )
    desk.fill(stranger, 5, done=True)
    desk.canceled(stranger)
    assert desk.strategy.messages[-1].intent == 55


# ---- cancel, amend, time


def test_cancel_of_an_armed_order_is_at_once(desk: TriggersDesk) -> None:
    intent = stop(desk)
    desk.cancel(intent)
    assert desk.heard == ["OrderAccepted", "OrderCanceled"]
    desk.quote(BID - 200, ASK)
    assert desk.children == []
    desk.cancel(intent)
    assert desk.heard == ["OrderAccepted", "OrderCanceled"], "nothing to cancel any more"


def test_cancel_before_the_disk_answered(desk: TriggersDesk) -> None:
    intent = stop(desk, synced=False)
    desk.cancel(intent)
    desk.sync()
    assert desk.heard == ["OrderCanceled"]


def test_cancel_of_an_order_that_is_out_takes_its_child_back(desk: TriggersDesk) -> None:
    intent = stop(desk)
    desk.quote(BID - 200, ASK)
    child = desk.children[0]
    desk.cancel(intent)
    assert (desk.cancels, desk.state(intent)) == ([child.intent], "ENDING")
    desk.tell(OrderCancelRejected(0, child.intent, 0, SELL, 9, "t1-7-1", -2011, "no", NOW_NS))
    assert (desk.heard[-1], desk.state(intent)) == ("OrderCancelRejected", "WORKING")
    desk.cancel(intent)
    desk.fill(child, 5)
    desk.canceled(child, 5)
    assert desk.heard[-1] == "OrderCanceled"
    assert desk.strategy.messages[-1].filled_lots == 5


def test_amend_of_an_armed_order_moves_what_it_waits_for(desk: TriggersDesk) -> None:
    intent = stop(desk)
    desk.amend(intent, 0, LOTS // 2, BID - 300)
    amended = desk.strategy.messages[-1]
    assert isinstance(amended, OrderAmended)
    assert (amended.accepted, amended.lots) == (True, LOTS // 2)
    desk.quote(BID - 200, ASK)
    assert desk.children == []
    desk.quote(BID - 300, ASK)
    assert [child.lots for child in desk.children] == [LOTS // 2]
    desk.amend(intent, 0, LOTS, 5)
    assert not desk.strategy.messages[-1].accepted
    desk.amend(999_999, 0, LOTS, 5)


@pytest.mark.parametrize(("lots", "trigger", "why"), [(0, 0, "filled already"), (LOTS, 5, "follows the market")])
def test_an_amend_that_makes_no_sense_is_refused(desk: TriggersDesk, lots: int, trigger: int, why: str) -> None:
    intent = desk.approve(TRAILING, SELL, trail_ticks=500, reduce_only=True)
    desk.amend(intent, 0, lots, trigger)
    assert not desk.strategy.messages[-1].accepted
    assert why in desk.strategy.messages[-1].text


def test_good_till_expires_by_the_engines_clock_and_one_timer_serves_all(desk: TriggersDesk) -> None:
    late = stop(desk, good_till_ns=NOW_NS + 20 * NS_PER_SECOND)
    soon = stop(desk, good_till_ns=NOW_NS + 10 * NS_PER_SECOND)
    desk.advance(9)
    assert "OrderExpired" not in desk.heard
    desk.advance(1)
    assert [desk.strategy.messages[-1].intent, desk.heard[-1]] == [soon, "OrderExpired"]
    desk.advance(10)
    assert [desk.strategy.messages[-1].intent, desk.heard[-1]] == [late, "OrderExpired"]


def test_a_day_order_is_cancelled_at_midnight_utc(desk: TriggersDesk) -> None:
    midnight_ns = (NOW_NS // NS_PER_DAY + 1) * NS_PER_DAY
    stop(desk, good_till_ns=midnight_ns, time_in_force=TimeInForce.DAY)
    desk.advance(NS_PER_DAY / NS_PER_SECOND - 1)
    assert desk.heard == ["OrderAccepted"]
    desk.advance(1)
    assert desk.heard == ["OrderAccepted", "OrderExpired"]


def test_a_limit_order_with_an_end_leaves_at_once_and_is_taken_back_at_its_end(desk: TriggersDesk) -> None:
    intent = desk.approve(
        OrderType.LIMIT, BUY, price_ticks=BID, time_in_force=TimeInForce.GTD, good_till_ns=NOW_NS + NS_PER_SECOND
    )
    (child,) = desk.children
    assert (child.type, child.time_in_force, child.price_ticks) == (OrderType.LIMIT, TimeInForce.GTC, BID)
    desk.advance(1)
    assert (desk.cancels, desk.state(intent)) == ([child.intent], "LAPSING")
    desk.tell(OrderCancelRejected(0, child.intent, 0, BUY, 9, "t1-7-1", -2011, "no", NOW_NS))
    assert desk.state(intent) == "LAPSING"
    desk.canceled(child)
    assert desk.heard[-1] == "OrderExpired"


# ---- the house


def test_the_end_of_a_run_cancels_everything_and_takes_nothing_up(desk: TriggersDesk) -> None:
    stop(desk)
    desk.tell(Stop("test"))
    assert desk.actor.book.orders == {}
    desk.tell(StateChanged(TradingState.NORMAL, 5, "", NOW_NS))
    stop(desk)
    assert desk.heard[-1] == "OrderRejected"
    assert desk.strategy.messages[-1].text == "the run ends"


def test_an_emergency_cancels_everything_until_it_is_over(desk: TriggersDesk) -> None:
    stop(desk)
    desk.tell(StateChanged(TradingState.EMERGENCY, 2, "kill", NOW_NS))
    assert desk.actor.book.orders == {}
    stop(desk)
    assert desk.heard[-1] == "OrderRejected"
    desk.tell(StateChanged(TradingState.PROTECTIVE, 3, "re-armed", NOW_NS))
    stop(desk)
    assert desk.heard[-1] == "OrderAccepted"


def test_a_stopped_strategys_orders_wait_no_more_until_it_is_enabled(desk: TriggersDesk) -> None:
    other = stop(desk, strategy=1)
    mine = stop(desk)
    desk.tell(StrategyStopped(0, "it raised", False, NOW_NS))
    assert list(desk.actor.book.orders) == [(1, other)]
    assert mine != other
    stop(desk)
    assert desk.strategy.messages[-1].text == "the strategy was stopped"
    desk.tell(StrategyEnabled(0, NOW_NS))
    stop(desk)
    assert desk.heard[-1] == "OrderAccepted"


@pytest.mark.parametrize(
    ("everything", "left"),
    [
        (CancelAll(-1, "kill"), 0),
        (CancelAll(0, "x"), 1),
        (CancelAll(-1, "x", 0), 0),
        (CancelAll(-1, "x", 5), 2),
        (CancelAll(-1, "x", -1, "trigger-101"), 1),
    ],
)
def test_a_person_cancels_by_strategy_by_instrument_or_all(everything: CancelAll, left: int) -> None:
    desk = TriggersDesk()
    stop(desk)
    stop(desk, strategy=1)
    desk.tell(everything)
    assert len(desk.actor.book.orders) == left


def test_a_strategy_that_cannot_listen_is_stopped(desk: TriggersDesk) -> None:
    desk.strategy.full = True
    stop(desk)
    assert [type(message) for message in desk.safety.messages] == [StopStrategy]
    desk.safety.full = True
    stop(desk)
    assert desk.context.halts


def test_what_risk_cannot_take_halts(desk: TriggersDesk) -> None:
    intent = stop(desk)
    desk.risk.full = True
    desk.quote(BID - 200, ASK)
    desk.cancel(intent)
    desk.canceled(desk.actor.book.orders[0, intent].child_intent(desk.order(intent).child, None, 0))  # type: ignore[arg-type]
    assert len(desk.context.halts) == 3


def test_the_summary_counts_what_waited_and_how_it_ended(desk: TriggersDesk) -> None:
    stop(desk)
    done = stop(desk)
    desk.cancel(done)
    desk.quote(BID - 200, ASK)
    assert desk.actor.summary() == {
        "waiting": 2, "armed": 3, "fired": 1, "filled": 0, "canceled": 1, "expired": 0, "rejected": 0,
    }  # fmt: skip
    assert TriggerState.WORKING.name == desk.state(done - 1)
