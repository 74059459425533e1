"""Orders leave for an approval only, and what becomes of them is told to risk, portfolio and strategy."""

from __future__ import annotations

import pytest

from actors.orders import slot_book
from engine.messages.approved import ApprovedOrder
from engine.messages.control import (
    Action,
    CountOrders,
    OpenOrders,
    OrderCounts,
    StateChanged,
    Stop,
    StopStrategy,
    StrategyEnabled,
    StrategyStopped,
    TradingState,
)
from engine.messages.orders import (
    AmendIntent,
    AmendOrder,
    CancelAll,
    CancelOrder,
    OrderTerms,
    OrderType,
    QueryOrder,
    SubmitOrder,
    TimeInForce,
)
from engine.messages.reports import (
    Accepted,
    Ambiguous,
    Amended,
    AmendRejected,
    Balances,
    Canceled,
    CancelRejected,
    Expired,
    NotSent,
    OrderAmended,
    OrderFilled,
    OrderRejected,
    Rejected,
)
from hotpath.orders.transitions import OrderState
from tests.models.orders_desk import LOTS, NOW_NS, TICKS, OrdersDesk, fill, kinds
from tests.models.seals import VALID_NS, submitted


@pytest.fixture
def desk() -> OrdersDesk:
    return OrdersDesk()


def test_an_approved_order_is_recorded_then_sent(desk: OrdersDesk) -> None:
    name = desk.approve()
    sent = desk.venue.messages[0]
    order = SubmitOrder(1, name, 0, sent.side, OrderType.LIMIT, TimeInForce.GTC, False, TICKS, LOTS, False)
    assert sent == submitted(order, NOW_NS + VALID_NS)
    assert desk.context.audited == [(Action.ORDER_SUBMIT, sent, 101)]
    assert desk.state(name) is OrderState.IN_FLIGHT
    assert desk.safety.messages == [OpenOrders(1, 0)]


@pytest.mark.parametrize(
    ("asked", "leaves"),
    [
        (TimeInForce.GTC, TimeInForce.IOC),
        (TimeInForce.IOC, TimeInForce.IOC),
        (TimeInForce.FOK, TimeInForce.FOK),
    ],
)
def test_a_market_order_leaves_as_a_limit_that_does_not_stay(
    desk: OrdersDesk, asked: TimeInForce, leaves: TimeInForce
) -> None:
    desk.approve(kind=OrderType.MARKET, time_in_force=asked)
    sent = desk.venue.messages[0]
    assert (sent.type, sent.time_in_force, sent.price_ticks) == (OrderType.LIMIT, leaves, TICKS)


def test_reports_go_to_risk_portfolio_and_the_strategy_that_asked(desk: OrdersDesk) -> None:
    name = desk.approve(strategy=1)
    desk.tell(Accepted(name, "1", NOW_NS), fill(name, 5, LOTS // 4), fill(name, 6, LOTS - LOTS // 4))
    assert kinds(desk.risk.messages) == ["OrderAccepted", "OrderFilled", "OrderFilled"]
    assert kinds(desk.portfolio.messages) == ["OrderFilled", "OrderFilled"]
    assert desk.other.messages == desk.risk.messages
    assert desk.strategy.messages == []
    part, last = desk.portfolio.messages
    assert (part.leaves_lots, part.done, last.leaves_lots, last.done) == (LOTS - LOTS // 4, False, 0, True)
    assert part.audit_seq == 3
    assert [(action, cause) for action, _, cause in desk.context.audited] == [
        (Action.ORDER_SUBMIT, 101), (Action.ORDER_ACCEPT, 1), (Action.ORDER_FILL, 2), (Action.ORDER_FILL, 3),
    ]  # fmt: skip
    assert desk.safety.messages == [OpenOrders(1, 0), OpenOrders(0, 0)]
    counts = desk.actor.summary()
    assert (counts["submitted"], counts["accepted"], counts["filled"], counts["fills"]) == (1, 1, 1, 2)


def test_a_fill_before_the_accept_proves_it(desk: OrdersDesk) -> None:
    name = desk.approve()
    desk.tell(fill(name, 5, 1), Accepted(name, "1", NOW_NS))
    assert kinds(desk.risk.messages) == ["OrderAccepted", "OrderFilled"]
    assert desk.state(name) is OrderState.PARTIAL
    assert desk.actor.summary()["accepted"] == 1


def test_a_repeated_execution_counts_once(desk: OrdersDesk) -> None:
    name = desk.approve()
    desk.tell(fill(name, 5, 10), fill(name, 5, 10), fill(name, 6, 10))
    assert desk.slot(name).filled_lots == 20
    assert desk.actor.moves.duplicates_count == 1


def test_a_cancel_is_sent_and_confirmed(desk: OrdersDesk) -> None:
    name = desk.approve()
    desk.tell(Accepted(name, "1", NOW_NS))
    desk.cancel()
    assert desk.venue.messages[-1] == CancelOrder(1, name, 0)
    desk.cancel()
    assert len(desk.venue.messages) == 2
    desk.tell(Canceled(name, 0, NOW_NS))
    assert desk.state(name) is OrderState.CANCELED
    assert kinds(desk.risk.messages) == ["OrderAccepted", "OrderCanceled"]
    desk.cancel()
    assert len(desk.venue.messages) == 2


def test_a_cancel_of_an_order_in_flight_waits_for_the_venues_first_word(desk: OrdersDesk) -> None:
    name = desk.approve()
    desk.cancel()
    assert kinds(desk.venue.messages) == ["SubmitOrder"]
    desk.tell(fill(name, 5, 1))
    assert kinds(desk.venue.messages) == ["SubmitOrder", "CancelOrder"]
    assert desk.state(name) is OrderState.PENDING_CANCEL


def test_a_late_fill_after_a_cancel_counts(desk: OrdersDesk) -> None:
    name = desk.approve()
    desk.tell(Accepted(name, "1", NOW_NS), Canceled(name, 30, NOW_NS))
    assert desk.risk.messages[-1].filled_lots == 30
    desk.tell(fill(name, 5, 30))
    late = desk.risk.messages[-1]
    assert isinstance(late, OrderFilled)
    assert (late.lots, late.done, late.leaves_lots) == (30, True, 0)
    assert (desk.state(name), desk.slot(name).filled_lots) == (OrderState.CANCELED, 30)
    assert desk.context.halts == []


def test_a_refused_cancel_leaves_the_order_and_asks_what_it_is(desk: OrdersDesk) -> None:
    name = desk.approve()
    desk.tell(Accepted(name, "1", NOW_NS), fill(name, 5, 1))
    desk.cancel()
    desk.tell(CancelRejected(name, -2011, "Unknown order sent.", NOW_NS))
    assert desk.state(name) is OrderState.PARTIAL
    assert kinds(desk.strategy.messages)[-1] == "OrderCancelRejected"
    desk.ready()
    desk.advance(2)
    assert QueryOrder(1, name, 0) in desk.venue.messages
    assert kinds(desk.venue.messages).count("CancelOrder") == 1


def test_an_expiry_and_a_reject_end_an_order(desk: OrdersDesk) -> None:
    first, second = desk.approve(), desk.approve()
    desk.tell(Accepted(first, "1", NOW_NS), Expired(first, 0, NOW_NS), Expired(first, 0, NOW_NS))
    desk.tell(Rejected(second, -2010, "no", NOW_NS), Rejected(second, -2010, "no", NOW_NS))
    assert (desk.state(first), desk.state(second)) == (OrderState.EXPIRED, OrderState.REJECTED)
    assert kinds(desk.risk.messages) == ["OrderAccepted", "OrderExpired", "OrderRejected"]
    assert desk.risk.messages[-1].sent
    assert desk.safety.messages[-1] == OpenOrders(0, 0)
    counts = desk.actor.summary()
    assert (counts["expired"], counts["rejected"]) == (1, 1)


def test_an_order_that_never_left_is_failed(desk: OrdersDesk) -> None:
    name = desk.approve()
    desk.tell(NotSent(name, "the gate is CLOSED", NOW_NS))
    assert desk.state(name) is OrderState.FAILED
    report = desk.risk.messages[-1]
    assert isinstance(report, OrderRejected)
    assert (report.sent, report.text) == (False, "the gate is CLOSED")


def test_a_cancel_that_never_left_is_tried_again(desk: OrdersDesk) -> None:
    name = desk.approve()
    desk.tell(Accepted(name, "1", NOW_NS))
    desk.ready()
    desk.cancel()
    desk.tell(NotSent(name, "rate budget", NOW_NS))
    assert desk.state(name) is OrderState.OPEN
    desk.advance(2)
    assert desk.state(name) is OrderState.PENDING_CANCEL


def test_what_contradicts_the_past_changes_nothing_and_is_audited_once(desk: OrdersDesk) -> None:
    name = desk.approve()
    desk.tell(Accepted(name, "1", NOW_NS))
    for _ in range(3):
        desk.tell(Rejected(name, -1, "no", NOW_NS))
    assert desk.state(name) is OrderState.OPEN
    assert desk.actor.moves.illegal_count == 3
    assert [record["action"] for record in desk.context.recorded] == [Action.DEADLETTER]
    assert kinds(desk.risk.messages) == ["OrderAccepted"]


def test_an_overfill_is_applied_and_halts(desk: OrdersDesk) -> None:
    name = desk.approve()
    desk.tell(fill(name, 5, LOTS + 1))
    assert desk.state(name) is OrderState.FILLED
    assert desk.portfolio.messages[-1].lots == LOTS + 1
    assert "more than its" in desk.context.halts[0]


def test_a_fill_of_a_rejected_order_is_applied_and_halts(desk: OrdersDesk) -> None:
    name = desk.approve()
    desk.tell(Rejected(name, -2010, "no", NOW_NS), fill(name, 5, 1))
    assert desk.portfolio.messages[-1].lots == 1
    assert "although it was REJECTED" in desk.context.halts[0]


def test_an_amend_places_what_is_left_under_a_new_id(desk: OrdersDesk) -> None:
    name = desk.approve()
    desk.tell(Accepted(name, "1", NOW_NS), fill(name, 5, 40_000))
    desk.amend(TICKS - 5, LOTS + 20_000)
    sent = desk.venue.messages[-1]
    assert isinstance(sent, AmendOrder)
    assert (sent.client_order_id, sent.new_client_order_id, sent.lots) == (name, "t1-7-2", LOTS - 20_000)
    assert desk.state(name) is OrderState.PENDING_AMEND
    desk.tell(Amended(name, "t1-7-2", "2", NOW_NS), Amended(name, "t1-7-2", "2", NOW_NS))
    report = desk.risk.messages[-1]
    assert isinstance(report, OrderAmended)
    assert (report.accepted, report.price_ticks, report.lots) == (True, TICKS - 5, LOTS + 20_000)
    assert desk.state("t1-7-2") is OrderState.PARTIAL
    desk.tell(fill("t1-7-2", 6, LOTS - 20_000))
    assert desk.state(name) is OrderState.FILLED
    assert desk.context.halts == []


def test_a_late_fill_of_the_replaced_order_makes_the_whole_larger(desk: OrdersDesk) -> None:
    name = desk.approve()
    desk.tell(Accepted(name, "1", NOW_NS))
    desk.amend(TICKS - 5, LOTS)
    desk.tell(Accepted("t1-7-2", "2", NOW_NS), fill(name, 5, 10), fill("t1-7-2", 6, LOTS))
    assert desk.state(name) is OrderState.FILLED
    assert desk.slot(name).filled_lots == LOTS + 10
    assert desk.context.halts == []


def test_a_fill_of_the_replacement_proves_the_amend(desk: OrdersDesk) -> None:
    name = desk.approve()
    desk.tell(Accepted(name, "1", NOW_NS))
    desk.amend(TICKS - 5, LOTS)
    desk.tell(fill("t1-7-2", 6, 10))
    assert kinds(desk.risk.messages) == ["OrderAccepted", "OrderAmended", "OrderFilled"]
    desk.tell(Canceled(name, 0, NOW_NS))
    assert desk.state(name) is OrderState.PARTIAL


@pytest.mark.parametrize(("old_is_gone", "end"), [(False, OrderState.OPEN), (True, OrderState.CANCELED)])
def test_a_refused_amend_leaves_the_old_order_as_it_is_now(
    desk: OrdersDesk, old_is_gone: bool, end: OrderState
) -> None:
    name = desk.approve()
    desk.tell(Accepted(name, "1", NOW_NS))
    desk.amend(TICKS - 5, LOTS)
    desk.tell(AmendRejected(name, "t1-7-2", old_is_gone, -2010, "no", NOW_NS))
    assert desk.state(name) is end
    assert kinds(desk.risk.messages)[1:] == ["OrderAmended", "OrderCanceled"][: 1 + old_is_gone]
    assert not desk.risk.messages[1].accepted


def test_the_old_orders_end_decides_when_the_replacement_is_refused(desk: OrdersDesk) -> None:
    name = desk.approve()
    desk.tell(Accepted(name, "1", NOW_NS))
    desk.amend(TICKS - 5, LOTS)
    desk.tell(Canceled(name, 0, NOW_NS))
    assert desk.state(name) is OrderState.PENDING_AMEND
    desk.tell(AmendRejected(name, "t1-7-2", False, -2011, "no", NOW_NS))
    assert desk.state(name) is OrderState.CANCELED


def test_a_replacement_of_an_order_that_is_over_is_cancelled_and_halts(desk: OrdersDesk) -> None:
    name = desk.approve()
    desk.tell(Accepted(name, "1", NOW_NS))
    desk.amend(TICKS - 5, LOTS)
    desk.tell(fill(name, 5, LOTS), Amended(name, "t1-7-2", "2", NOW_NS))
    assert desk.venue.messages[-1] == CancelOrder(1, "t1-7-2", 0)
    assert "replaces" in desk.context.halts[0]


def test_an_amend_that_cannot_be_is_refused_at_once(desk: OrdersDesk) -> None:
    name = desk.approve()
    desk.amend(TICKS, LOTS)
    desk.tell(Accepted(name, "1", NOW_NS), fill(name, 5, 10))
    desk.amend(TICKS, 10)
    desk.tell(StateChanged(TradingState.EMERGENCY, 1, "", NOW_NS))
    desk.amend(TICKS, LOTS)
    refused = [message.text for message in desk.risk.messages if isinstance(message, OrderAmended)]
    assert refused == ["the order is IN_FLIGHT", "10 lots are filled already", "the order is PENDING_CANCEL"]
    assert kinds(desk.venue.messages) == ["SubmitOrder", "CancelOrder"]


def test_an_amend_that_never_left_leaves_the_order_as_it_was(desk: OrdersDesk) -> None:
    name = desk.approve()
    desk.tell(Accepted(name, "1", NOW_NS))
    desk.amend(TICKS - 5, LOTS)
    desk.tell(NotSent(name, "gate", NOW_NS))
    assert desk.state(name) is OrderState.OPEN
    assert not desk.risk.messages[-1].accepted
    assert desk.slot(name).price_ticks == TICKS


def test_cancel_all_takes_everything_or_one_strategys(desk: OrdersDesk) -> None:
    names = [desk.approve(strategy=0), desk.approve(strategy=1)]
    for name in names:
        desk.tell(Accepted(name, "1", NOW_NS))
    desk.tell(CancelAll(1, "test"))
    assert [desk.state(name) for name in names] == [OrderState.OPEN, OrderState.PENDING_CANCEL]
    desk.tell(CancelAll(-1, "test"))
    assert desk.state(names[0]) is OrderState.PENDING_CANCEL


def test_cancel_all_of_one_instrument_leaves_the_others(desk: OrdersDesk) -> None:
    name = desk.approve()
    desk.tell(Accepted(name, "1", NOW_NS), CancelAll(-1, "test", 1))
    assert desk.state(name) is OrderState.OPEN
    desk.tell(CancelAll(-1, "test", 0))
    assert desk.state(name) is OrderState.PENDING_CANCEL


def test_safety_hears_how_many_orders_were_rejected_but_not_those_that_only_refused_to_take(desk: OrdersDesk) -> None:
    for post_only in (False, True):
        name = desk.approve(post_only=post_only)
        desk.tell(Rejected(name, -2010, "no", NOW_NS))
    desk.safety.take()
    desk.tell(CountOrders())
    assert desk.safety.take() == [OrderCounts(2, 1)]


def test_safety_hears_of_every_order_that_becomes_unknown(desk: OrdersDesk) -> None:
    names = [desk.approve() for _ in range(3)]
    desk.safety.take()
    desk.tell(*(Ambiguous(name, "timeout", NOW_NS) for name in names))
    assert {told.unknown_count for told in desk.safety.take() if isinstance(told, OpenOrders)} >= {1, 2, 3}


def test_nothing_leaves_for_a_stopped_strategy(desk: OrdersDesk) -> None:
    name = desk.approve(strategy=0)
    desk.tell(Accepted(name, "1", NOW_NS), StrategyStopped(0, "raised", False, NOW_NS))
    assert desk.state(name) is OrderState.PENDING_CANCEL
    late = desk.approve(strategy=0)
    assert desk.state(late) is OrderState.FAILED
    assert desk.risk.messages[-1].text == "the strategy was stopped"
    assert desk.state(desk.approve(strategy=1)) is OrderState.IN_FLIGHT
    assert desk.state(desk.approve(strategy=-1)) is OrderState.IN_FLIGHT
    desk.tell(StrategyEnabled(0, NOW_NS))
    assert desk.state(desk.approve(strategy=0)) is OrderState.IN_FLIGHT


def test_in_an_emergency_only_what_a_person_asked_for_leaves(desk: OrdersDesk) -> None:
    name = desk.approve()
    desk.tell(Accepted(name, "1", NOW_NS), StateChanged(TradingState.EMERGENCY, 1, "kill", NOW_NS))
    assert desk.state(name) is OrderState.PENDING_CANCEL
    assert desk.state(desk.approve()) is OrderState.FAILED
    assert desk.state(desk.approve(shrinks=True, strategy=-1)) is OrderState.IN_FLIGHT
    desk.tell(StateChanged(TradingState.NORMAL, 2, "", NOW_NS))
    assert desk.state(desk.approve()) is OrderState.IN_FLIGHT


def test_the_end_of_the_run_cancels_everything_and_says_when_nothing_is_open(desk: OrdersDesk) -> None:
    name = desk.approve()
    desk.tell(Accepted(name, "1", NOW_NS), Stop("end"))
    assert desk.safety.messages[-1] == OpenOrders(1, 0)
    assert desk.state(desk.approve()) is OrderState.FAILED
    desk.tell(Canceled(name, 0, NOW_NS))
    assert desk.safety.messages[-1] == OpenOrders(0, 0)
    idle = OrdersDesk()
    idle.tell(Stop("end"))
    assert idle.safety.messages == [OpenOrders(0, 0)]


def test_more_orders_than_slots_halt(desk: OrdersDesk) -> None:
    small = OrdersDesk(capacity=1)
    small.approve()
    assert small.state(small.approve()) is OrderState.FAILED
    assert "order slots" in small.context.halts[0]
    assert kinds(small.venue.messages) == ["SubmitOrder"]


def test_a_gateway_that_cannot_take_an_order_halts(desk: OrdersDesk) -> None:
    desk.venue.full = True
    assert desk.state(desk.approve()) is OrderState.FAILED
    assert "could not take order" in desk.context.halts[0]
    assert desk.safety.messages == [OpenOrders(0, 0)]


def test_safety_never_hears_of_an_order_that_was_refused_before_it_left(desk: OrdersDesk) -> None:
    desk.tell(StrategyStopped(0, "raised", False, NOW_NS))
    desk.safety.take()
    desk.approve(strategy=0)
    assert desk.safety.take() == [OpenOrders(0, 0)]


def test_a_persons_refused_order_is_found_when_it_is_amended(desk: OrdersDesk) -> None:
    desk.tell(StateChanged(TradingState.EMERGENCY, 1, "kill", NOW_NS))
    name = desk.approve(strategy=-1)
    assert desk.state(name) is OrderState.FAILED
    assert desk.actor.moves.book.of_intent(-1, desk.intent) is desk.slot(name)


def test_what_is_no_approval_of_an_intent_is_refused_before_a_field_is_read(desk: OrdersDesk) -> None:
    wish = AmendIntent(0, 1, 2, TICKS, LOTS, 3, NOW_NS)
    with pytest.raises(TypeError, match="AmendIntent was given where OrderIntent is read"):
        desk.actor.handlers()[ApprovedOrder](ApprovedOrder(wish, 1, TICKS, False, 1, 1, NOW_NS))  # type: ignore[arg-type]
    assert desk.venue.messages == []


def test_a_strategy_that_cannot_take_a_report_is_stopped(desk: OrdersDesk) -> None:
    desk.strategy.full = True
    desk.tell(Accepted(desk.approve(), "1", NOW_NS))
    stop = desk.safety.messages[-1]
    assert isinstance(stop, StopStrategy)
    assert "OrderAccepted" in stop.reason
    assert kinds(desk.risk.messages) == ["OrderAccepted"]


@pytest.mark.parametrize("who", ["risk", "portfolio"])
def test_a_report_that_risk_or_portfolio_cannot_take_halts(desk: OrdersDesk, who: str) -> None:
    name = desk.approve()
    getattr(desk, who).full = True
    desk.tell(fill(name, 5, 1))
    assert "could not be delivered" in desk.context.halts[0]
    desk.tell(Balances("binance_spot", (), NOW_NS))
    assert "balances" in desk.context.halts[-1]


def test_an_ambiguity_about_an_order_that_works_only_asks(desk: OrdersDesk) -> None:
    desk.ready()
    name = desk.approve()
    desk.tell(Accepted(name, "1", NOW_NS), Ambiguous(name, "late", NOW_NS))
    assert desk.state(name) is OrderState.OPEN
    desk.advance(2)
    assert desk.venue.messages[-1] == QueryOrder(1, name, 0)
    assert desk.actor.summary()["unknown"] == 0


def test_reports_of_an_order_that_left_for_one_that_waited_go_to_triggers(desk: OrdersDesk) -> None:
    name = desk.approve(terms=OrderTerms(fired_by=5))
    plain = desk.approve(terms=OrderTerms(edge_bps=5))
    for each in (name, plain):
        desk.tell(Accepted(each, "1", NOW_NS), fill(each, 1 + len(each), LOTS))
    assert kinds(desk.triggers.messages) == ["OrderAccepted", "OrderFilled"]
    assert kinds(desk.strategy.messages) == ["OrderAccepted", "OrderFilled"]
    assert len(desk.risk.messages) == 4
    desk.triggers.full = True
    desk.tell(Expired(desk.approve(terms=OrderTerms(fired_by=5)), 0, NOW_NS))
    assert desk.context.halts


def test_a_cancel_of_one_instrument_leaves_the_others(desk: OrdersDesk) -> None:
    name = desk.approve()
    desk.tell(Accepted(name, "1", NOW_NS), CancelAll(-1, "by instrument", 5))
    assert desk.state(name) is OrderState.OPEN
    desk.tell(CancelAll(-1, "another one", -1, "t1-7-99"))
    assert desk.state(name) is OrderState.OPEN
    desk.tell(CancelAll(-1, "this one", 0, name))
    assert desk.state(name) is OrderState.PENDING_CANCEL


def test_ids_of_amends_that_were_refused_are_forgotten_with_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slot_book, "ENDED_MAX", 1)
    desk = OrdersDesk()
    desk.ready()
    first = desk.approve()
    desk.tell(Accepted(first, "1", NOW_NS))
    desk.amend(TICKS - 1, LOTS)
    desk.tell(AmendRejected(first, "t1-7-2", False, -1, "no", NOW_NS), Canceled(first, 0, NOW_NS))
    desk.intent += 1  # the amend took a number
    second = desk.approve()
    desk.tell(Rejected(second, -1, "no", NOW_NS))
    assert list(desk.actor.moves.book.by_id) == [second]


def test_the_refused_amend_of_an_unknown_order_says_that_it_is_unknown_still(desk: OrdersDesk) -> None:
    client_order_id = desk.approve()
    desk.tell(Ambiguous(client_order_id, "no answer", NOW_NS))
    desk.risk.take()
    desk.amend(TICKS + 1, LOTS)
    (told,) = [message for message in desk.risk.take() if isinstance(message, OrderAmended)]
    assert (told.accepted, told.unknown) == (False, True)
