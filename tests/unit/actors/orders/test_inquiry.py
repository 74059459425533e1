"""UNKNOWN leaves by proof alone, and what nobody knows is looked for, never dropped (C-04, I12)."""

from __future__ import annotations

import pytest
from msgspec import structs

from actors.orders.recovered import RecoveredOrder
from actors.orders.venue_view import Timing
from engine.clock import NS_PER_SECOND
from engine.messages.control import Action, Reconciled
from engine.messages.market import Side
from engine.messages.orders import CancelAll, CancelOrder, QueryOrder, ReconcileRequest
from engine.messages.reports import (
    Accepted,
    Ambiguous,
    Balances,
    Canceled,
    CancelRejected,
    GatewayState,
    OrderCanceled,
    OrderFilled,
    OrderRejected,
    Rejected,
)
from hotpath.orders.transitions import OrderState
from tests.models.orders_desk import LOTS, NOW_NS, TICKS, OrdersDesk, fill, kinds, venue_order

NAME, NEXT = "t1-7-1", "t1-7-2"
OLD = "t1-6-40"
GRACE_S = Timing().grace_ns("binance_spot") // NS_PER_SECOND


@pytest.fixture
def desk() -> OrdersDesk:
    """A desk that is connected, reconciled, and has one order whose fate is unknown."""
    desk = OrdersDesk()
    desk.ready()
    desk.approve()
    desk.tell(Ambiguous(NAME, "no answer within 5000 ms", NOW_NS))
    return desk


def reconciled(desk: OrdersDesk) -> list[Reconciled]:
    return [message for message in desk.portfolio.messages if isinstance(message, Reconciled)]


def test_an_unknown_order_is_told_and_asked_for_at_once_and_every_round(desk: OrdersDesk) -> None:
    assert kinds(desk.strategy.messages) == ["OrderUnknown"]
    assert desk.venue.messages[-1] == QueryOrder(1, NAME, 0)
    desk.advance(4)
    assert desk.venue.messages.count(QueryOrder(1, NAME, 0)) == 3
    assert desk.actor.summary()["unknown"] == 1
    assert "SubmitOrder" not in kinds(desk.venue.messages[2:])


def test_a_session_that_is_down_is_not_asked(desk: OrdersDesk) -> None:
    desk.tell(GatewayState("binance_spot", False, "closed", NOW_NS))
    desk.venue.take()
    desk.advance(10)
    assert desk.venue.messages == []


@pytest.mark.parametrize(
    ("status", "end"),
    [
        ("NEW", OrderState.OPEN),
        ("CANCELED", OrderState.CANCELED),
        ("EXPIRED", OrderState.EXPIRED),
        ("REJECTED", OrderState.REJECTED),
    ],
)
def test_the_answer_proves_what_happened(desk: OrdersDesk, status: str, end: OrderState) -> None:
    desk.tell(venue_order(NAME, status))
    assert desk.state(NAME) is end


def test_a_late_accept_or_part_of_a_fill_proves_nothing(desk: OrdersDesk) -> None:
    desk.tell(Accepted(NAME, "1", NOW_NS), fill(NAME, 5, 10))
    assert desk.state(NAME) is OrderState.UNKNOWN
    desk.tell(venue_order(NAME, "PARTIALLY_FILLED", filled_lots=10))
    assert desk.state(NAME) is OrderState.PARTIAL
    assert kinds(desk.strategy.messages) == ["OrderUnknown", "OrderFilled", "OrderAccepted"]


def test_executions_that_the_venue_counts_are_fetched_before_the_order_ends(desk: OrdersDesk) -> None:
    desk.tell(venue_order(NAME, "CANCELED", filled_lots=30))
    assert desk.state(NAME) is OrderState.UNKNOWN
    assert isinstance(desk.venue.messages[-1], ReconcileRequest)
    desk.truth(fill(NAME, 5, 30))
    assert desk.slot(NAME).filled_lots == 30
    desk.tell(venue_order(NAME, "CANCELED", filled_lots=30))
    assert desk.state(NAME) is OrderState.CANCELED


def test_executions_that_are_counted_and_never_shown_halt(desk: OrdersDesk) -> None:
    for _ in range(GRACE_S // 2 + 2):
        desk.tell(venue_order(NAME, "CANCELED", filled_lots=30))
        desk.truth()
        desk.advance(2)
    assert "does not show" in desk.context.halts[0]
    assert desk.state(NAME) is OrderState.UNKNOWN


def test_not_found_counts_only_after_the_grace_and_a_reconciliation(desk: OrdersDesk) -> None:
    desk.tell(venue_order(NAME, "NOT_FOUND"))
    assert desk.state(NAME) is OrderState.UNKNOWN
    desk.advance(GRACE_S)
    desk.venue.take()
    desk.tell(venue_order(NAME, "NOT_FOUND"))
    assert desk.state(NAME) is OrderState.UNKNOWN
    assert kinds(desk.venue.messages) == ["ReconcileRequest"]
    desk.truth()
    assert desk.state(NAME) is OrderState.UNKNOWN
    desk.tell(venue_order(NAME, "NOT_FOUND"))
    assert desk.state(NAME) is OrderState.FAILED
    report = desk.risk.messages[-1]
    assert isinstance(report, OrderRejected)
    assert not report.sent


def test_a_truth_that_shows_the_order_is_no_proof_of_absence(desk: OrdersDesk) -> None:
    desk.advance(GRACE_S)
    desk.truth(open_orders=[venue_order(NAME, "NEW")])
    assert desk.state(NAME) is OrderState.OPEN


def test_a_venue_that_denies_an_order_it_accepted_halts_and_the_order_stays(desk: OrdersDesk) -> None:
    desk.tell(venue_order(NAME, "NEW"))
    desk.cancel()
    desk.tell(Ambiguous(NAME, "late", NOW_NS))
    desk.tell(venue_order(NAME, "NOT_FOUND"))
    desk.advance(GRACE_S)
    desk.tell(venue_order(NAME, "NOT_FOUND"), venue_order(NAME, "NOT_FOUND"))
    assert desk.state(NAME) is OrderState.UNKNOWN
    assert len(desk.context.halts) == 1


def test_a_kill_tries_to_cancel_what_is_unknown_at_once_and_once(desk: OrdersDesk) -> None:
    desk.tell(CancelAll(-1, "kill"), CancelAll(-1, "kill"))
    assert kinds(desk.venue.messages).count("CancelOrder") == 1
    desk.advance(2)
    assert kinds(desk.venue.messages).count("CancelOrder") == 2


def test_nothing_is_asked_of_a_venue_that_is_down(desk: OrdersDesk) -> None:
    desk.tell(GatewayState("binance_spot", False, "closed", NOW_NS), CancelAll(-1, "kill"))
    assert "CancelOrder" not in kinds(desk.venue.messages)


def test_a_wished_cancel_survives_the_unknown(desk: OrdersDesk) -> None:
    desk.tell(CancelAll(-1, "kill"))
    desk.advance(2)
    assert "CancelOrder" in kinds(desk.venue.messages)
    assert desk.state(NAME) is OrderState.UNKNOWN
    desk.tell(CancelRejected(NAME, -2011, "Unknown order sent.", NOW_NS))
    assert desk.state(NAME) is OrderState.UNKNOWN
    desk.tell(venue_order(NAME, "NEW"))
    assert desk.state(NAME) is OrderState.PENDING_CANCEL
    desk.tell(Canceled(NAME, 0, NOW_NS))
    assert desk.state(NAME) is OrderState.CANCELED


def test_a_refused_cancel_that_the_desk_demands_is_sent_again(desk: OrdersDesk) -> None:
    desk.tell(venue_order(NAME, "NEW"), CancelAll(-1, "kill"), CancelRejected(NAME, -1, "busy", NOW_NS))
    assert desk.state(NAME) is OrderState.OPEN
    desk.advance(2)
    assert desk.state(NAME) is OrderState.PENDING_CANCEL


@pytest.mark.parametrize(
    ("replacement", "old", "end", "current"),
    [
        ("NEW", "", OrderState.OPEN, NEXT),
        ("CANCELED", "", OrderState.CANCELED, NEXT),
        ("REJECTED", "NEW", OrderState.OPEN, NAME),
        ("REJECTED", "CANCELED", OrderState.CANCELED, NAME),
        ("NOT_FOUND", "NEW", OrderState.OPEN, NAME),
    ],
)
def test_an_unknown_amend_is_decided_by_both_ids(
    desk: OrdersDesk, replacement: str, old: str, end: OrderState, current: str
) -> None:
    desk.tell(venue_order(NAME, "NEW"))
    desk.amend(TICKS - 1, LOTS)
    desk.tell(Ambiguous(NAME, "late", NOW_NS))
    assert desk.venue.messages[-1] == QueryOrder(1, NEXT, 0)
    desk.advance(GRACE_S)
    desk.tell(venue_order(NEXT, replacement))
    if old:
        assert desk.state(NAME) is OrderState.UNKNOWN
        desk.advance(2)
        assert desk.venue.messages[-1] == QueryOrder(1, NAME, 0)
        desk.tell(venue_order(NAME, old))
    assert (desk.state(NAME), desk.slot(NAME).client_order_id) == (end, current)


def test_the_old_order_alone_does_not_decide_an_unknown_amend(desk: OrdersDesk) -> None:
    desk.tell(venue_order(NAME, "NEW"))
    desk.amend(TICKS - 1, LOTS)
    desk.tell(Ambiguous(NAME, "late", NOW_NS), venue_order(NAME, "CANCELED"))
    assert desk.state(NAME) is OrderState.UNKNOWN
    desk.tell(venue_order(NEXT, "NEW"))
    assert desk.state(NEXT) is OrderState.OPEN


def test_a_new_session_loses_what_the_old_one_was_asked(desk: OrdersDesk) -> None:
    desk.tell(venue_order(NAME, "NEW"))
    desk.approve()
    desk.tell(GatewayState("binance_spot", False, "closed", NOW_NS))
    desk.ready(open_orders=[venue_order(NAME, "NEW")])
    assert [desk.state(NAME), desk.state(NEXT)] == [OrderState.OPEN, OrderState.UNKNOWN]


def test_a_start_reconciles_and_says_so() -> None:
    desk = OrdersDesk()
    desk.ready()
    assert desk.venue.messages == [ReconcileRequest(NOW_NS)]
    assert desk.risk.messages == [Balances("binance_spot", (("BTC", 5, 0),), NOW_NS)]
    assert kinds(desk.portfolio.messages) == ["Balances", "Reconciled"]
    assert reconciled(desk) == [Reconciled("binance_spot", 0, (), NOW_NS)]


def test_reconciled_waits_until_nothing_is_left_to_ask(desk: OrdersDesk) -> None:
    desk.portfolio.take()
    desk.tell(GatewayState("binance_spot", False, "closed", NOW_NS))
    desk.ready()
    assert reconciled(desk) == []
    desk.tell(venue_order(NAME, "CANCELED"))
    assert len(reconciled(desk)) == 1


def test_an_order_that_is_not_shown_any_more_is_asked_for_and_closed(desk: OrdersDesk) -> None:
    desk.tell(venue_order(NAME, "NEW"))
    desk.portfolio.take()
    desk.ready()
    assert desk.venue.messages[-1] == QueryOrder(1, NAME, 0)
    assert reconciled(desk) == []
    desk.advance(2)
    assert desk.venue.messages[-1] == QueryOrder(1, NAME, 0)
    desk.tell(venue_order(NAME, "CANCELED"))
    assert isinstance(desk.risk.messages[-1], OrderCanceled)
    assert len(reconciled(desk)) == 1


def test_executions_that_were_missed_are_applied_once(desk: OrdersDesk) -> None:
    desk.tell(fill(NAME, 5, 10))
    desk.ready(fill(NAME, 5, 10), fill(NAME, 6, LOTS - 10), fill(NAME, 6, LOTS - 10))
    assert desk.state(NAME) is OrderState.FILLED
    assert [message.trade_id for message in desk.portfolio.messages if isinstance(message, OrderFilled)] == [5, 6]
    assert reconciled(desk)[-1].corrections == 1
    assert desk.context.recorded[-1]["action"] is Action.ORDER_RECOVERED


def test_a_missing_execution_of_a_canceled_order_is_fetched(desk: OrdersDesk) -> None:
    desk.tell(venue_order(NAME, "NEW"), Canceled(NAME, 30, NOW_NS))
    assert isinstance(desk.venue.messages[-1], ReconcileRequest)
    desk.truth(fill(NAME, 5, 30))
    desk.advance(2)
    desk.tell(venue_order(NAME, "CANCELED", filled_lots=30))
    assert (desk.state(NAME), desk.slot(NAME).filled_lots) == (OrderState.CANCELED, 30)
    desk.venue.take()
    desk.advance(4)
    assert desk.venue.messages == []


def recovered(state: OrderState, filled_lots: int = 0, trade_ids: tuple[int, ...] = ()) -> RecoveredOrder:
    sent_ns = NOW_NS - 30 * NS_PER_SECOND
    return RecoveredOrder(OLD, 0, 12, 0, Side.BUY, TICKS, LOTS, filled_lots, state, sent_ns, trade_ids)


def test_an_order_of_an_earlier_run_is_unknown_until_proved_and_then_cancelled() -> None:
    desk = OrdersDesk([recovered(OrderState.OPEN)])
    assert desk.state(OLD) is OrderState.UNKNOWN
    desk.ready(open_orders=[venue_order(OLD, "NEW")])
    assert desk.state(OLD) is OrderState.PENDING_CANCEL
    assert desk.venue.messages[0] == ReconcileRequest(NOW_NS - 90 * NS_PER_SECOND)
    desk.tell(Canceled(OLD, 0, NOW_NS))
    assert [type(message).__name__ for message in desk.strategy.messages] == ["OrderAccepted", "OrderCanceled"]


def test_an_amend_that_an_earlier_run_left_unsettled_is_decided() -> None:
    left = structs.replace(recovered(OrderState.PENDING_AMEND), pending_id="t1-6-41")
    desk = OrdersDesk([left])
    desk.ready()
    assert desk.venue.messages[-1] == QueryOrder(-1, "t1-6-41", 0)
    desk.tell(venue_order("t1-6-41", "NEW", lots=LOTS // 2))
    slot = desk.slot(OLD)
    assert (slot.client_order_id, slot.lots) == ("t1-6-41", LOTS // 2)
    assert desk.state(OLD) is OrderState.PENDING_CANCEL


def test_a_replaced_order_that_is_in_the_book_nevertheless_is_cancelled() -> None:
    left = structs.replace(recovered(OrderState.CANCELED), other_ids=("t1-6-39",))
    desk = OrdersDesk([left])
    desk.ready(open_orders=[venue_order("t1-6-39", "NEW")])
    assert desk.venue.messages[-1] == CancelOrder(-1, "t1-6-39", 0)
    assert desk.state(OLD) is OrderState.CANCELED


def test_the_first_reconciliation_reaches_back_behind_what_the_trail_knows() -> None:
    told = OrdersDesk([recovered(OrderState.FILLED, LOTS, (5,))], since_ns=NOW_NS - 3_600 * NS_PER_SECOND)
    told.ready()
    assert told.venue.messages == [ReconcileRequest(NOW_NS - 3_600 * NS_PER_SECOND)]


def test_executions_of_an_order_that_was_over_are_recognised() -> None:
    desk = OrdersDesk([recovered(OrderState.FILLED, LOTS, (5,))])
    desk.ready(fill(OLD, 5, LOTS))
    assert kinds(desk.portfolio.messages) == ["Balances", "Reconciled"]
    assert reconciled(desk)[0].corrections == 0


def test_orders_whose_records_were_cut_off_are_taken_up_and_cancelled() -> None:
    desk = OrdersDesk()
    desk.ready(fill(OLD, 5, 40), open_orders=[venue_order(OLD, "PARTIALLY_FILLED", filled_lots=40)])
    assert desk.state(OLD) is OrderState.PENDING_CANCEL
    told = desk.portfolio.messages[0]
    assert (told.strategy, told.lots, told.side) == (-1, 40, Side.BUY)
    assert desk.strategy.messages == []
    assert desk.context.audited[0][0] is Action.ORDER_RECOVERED
    assert desk.context.halts == []
    assert reconciled(desk)[0].corrections == 2


def test_an_execution_whose_order_is_over_is_looked_for_first() -> None:
    desk = OrdersDesk()
    desk.ready(fill(OLD, 5, LOTS))
    assert desk.venue.messages[-1] == QueryOrder(0, OLD, 0)
    assert reconciled(desk) == []
    desk.tell(venue_order(OLD, "FILLED", filled_lots=LOTS))
    assert desk.state(OLD) is OrderState.FILLED
    assert desk.portfolio.messages[-2].lots == LOTS
    assert len(reconciled(desk)) == 1


def test_an_old_execution_of_an_order_that_is_forgotten_is_not_booked_again() -> None:
    """An order that lived long makes us ask far back, where orders stand that are over and forgotten."""
    left = structs.replace(recovered(OrderState.OPEN), sent_ns=NOW_NS - 7_200 * NS_PER_SECOND)
    desk = OrdersDesk([left], since_ns=NOW_NS - 60 * NS_PER_SECOND)
    forgotten = structs.replace(fill("t1-6-41", 4, LOTS), time_ns=NOW_NS - 3_600 * NS_PER_SECOND)
    missed = structs.replace(fill(OLD, 5, 10), time_ns=NOW_NS - 3_500 * NS_PER_SECOND)
    desk.ready(forgotten, missed, open_orders=[venue_order(OLD, "PARTIALLY_FILLED", filled_lots=10)])
    assert QueryOrder(0, "t1-6-41", 0) not in desk.venue.messages
    assert [message.lots for message in desk.portfolio.messages if isinstance(message, OrderFilled)] == [10]
    assert len(reconciled(desk)) == 1


def test_executions_of_one_order_are_recognised_however_many_there_are(
    desk: OrdersDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.orders.slot.TRADES_MAX", 3)
    fills = [fill(NAME, trade_id, 10) for trade_id in range(5, 12)]
    desk.tell(venue_order(NAME, "NEW"), *fills)
    desk.ready(*fills, open_orders=[venue_order(NAME, "PARTIALLY_FILLED", filled_lots=70)])
    assert (desk.slot(NAME).filled_lots, len(desk.slot(NAME).trade_ids or ())) == (70, 3)


def test_a_fill_for_an_unknown_order_is_kept_looked_for_and_halts(desk: OrdersDesk) -> None:
    desk.tell(venue_order(NAME, "CANCELED"))
    desk.tell(fill(OLD, 5, 10), fill(OLD, 5, 10))
    assert "an order that nobody knows" in desk.context.halts[0]
    assert desk.context.recorded[0]["action"] is Action.ORDER_RECOVERED
    assert QueryOrder(0, OLD, 0) in desk.venue.messages
    desk.tell(venue_order(OLD, "PARTIALLY_FILLED", filled_lots=10))
    assert [message.lots for message in desk.portfolio.messages if isinstance(message, OrderFilled)] == [10]
    assert desk.state(OLD) is OrderState.PENDING_CANCEL


def test_a_fill_that_no_venue_can_explain_halts_again(desk: OrdersDesk) -> None:
    desk.tell(fill(OLD, 5, 10))
    desk.tell(venue_order(OLD, "NOT_FOUND"))
    desk.advance(GRACE_S + 2)
    assert "which has executions" in desk.context.halts[-1]


def test_somebody_elses_fill_halts_and_other_reports_are_counted(desk: OrdersDesk) -> None:
    desk.tell(Accepted("by-hand", "9", NOW_NS), Rejected("by-hand", 1, "", NOW_NS))
    assert desk.actor.inquiry.foreign_count == 2
    assert desk.context.halts == []
    desk.tell(fill("by-hand", 5, 10))
    assert "'by-hand'" in desk.context.halts[0]
    assert "OrderFilled" not in kinds(desk.portfolio.messages)


def test_a_report_of_an_order_of_ours_that_nobody_knows_is_looked_for_and_forgotten(desk: OrdersDesk) -> None:
    desk.tell(Accepted(OLD, "9", NOW_NS))
    assert desk.venue.messages[-1] == QueryOrder(0, OLD, 0)
    desk.advance(GRACE_S + 2)
    desk.tell(venue_order(NAME, "CANCELED"))
    desk.venue.take()
    desk.advance(4)
    assert desk.venue.messages == []
