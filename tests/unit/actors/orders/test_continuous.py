"""Each venue is compared again and again, and what happened while it was asked is no difference."""

from __future__ import annotations

from msgspec import structs

from actors.orders.venue_view import Timing
from engine.clock import NS_PER_SECOND
from engine.messages.control import Action, Reconciled
from engine.messages.orders import QueryOrder, ReconcileRequest
from engine.messages.reports import Accepted, Ambiguous, Canceled, GatewayState
from hotpath.orders.transitions import OrderState
from tests.models.orders_desk import LOTS, NOW_NS, OrdersDesk, fill, venue_order

NAME = "t1-7-1"
EVERY_S = Timing().every_ns // NS_PER_SECOND


def settled() -> OrdersDesk:
    """A desk that has been compared once and holds one order that works."""
    desk = OrdersDesk()
    desk.ready()
    desk.approve()
    desk.tell(Accepted(NAME, "1", NOW_NS))
    desk.venue.take()
    desk.portfolio.take()
    return desk


def requests(desk: OrdersDesk) -> list[ReconcileRequest]:
    return [message for message in desk.venue.messages if isinstance(message, ReconcileRequest)]


def told(desk: OrdersDesk) -> list[Reconciled]:
    return [message for message in desk.portfolio.messages if isinstance(message, Reconciled)]


def test_a_venue_is_compared_every_thirty_seconds_and_each_time_somebody_hears() -> None:
    desk = settled()
    for times in range(1, 4):
        desk.advance(EVERY_S)
        assert len(requests(desk)) == times
        desk.truth(open_orders=[venue_order(NAME, "NEW")])
        assert len(told(desk)) == times
    assert all(request.routine for request in requests(desk))
    assert "QueryOrder" not in [type(message).__name__ for message in desk.venue.messages]


def test_the_period_is_configuration() -> None:
    desk = OrdersDesk(timing=Timing(every_ns=6 * NS_PER_SECOND))
    desk.ready()
    desk.advance(6)
    assert len(requests(desk)) == 2


def test_a_comparison_that_is_under_way_is_not_begun_again_and_a_venue_that_is_down_is_not_asked() -> None:
    desk = settled()
    desk.advance(3 * EVERY_S)
    assert len(requests(desk)) == 1
    desk.tell(GatewayState("binance_spot", False, "closed", NOW_NS))
    desk.advance(3 * EVERY_S)
    assert len(requests(desk)) == 1


def test_what_is_urgent_overtakes_what_is_routine() -> None:
    desk = settled()
    desk.advance(EVERY_S)
    desk.tell(Canceled(NAME, 30, NOW_NS))
    assert [request.routine for request in requests(desk)] == [True, False]
    desk.truth(fill(NAME, 5, 30))
    assert desk.slot(NAME).filled_lots == 30


def test_an_order_that_left_after_the_venue_was_asked_need_not_be_in_its_answer() -> None:
    desk = settled()
    desk.advance(EVERY_S)
    desk.advance(1)
    late = desk.approve()
    desk.tell(Accepted(late, "2", desk.context.now_ns))
    desk.venue.take()
    desk.truth(open_orders=[venue_order(NAME, "NEW")])
    assert desk.venue.messages == []
    assert len(told(desk)) == 1


def test_an_execution_that_no_report_told_is_found_by_the_next_comparison_and_booked_once() -> None:
    desk = settled()
    desk.advance(EVERY_S)
    missed = fill(NAME, 5, 10)
    desk.truth(missed, open_orders=[venue_order(NAME, "PARTIALLY_FILLED", filled_lots=10)])
    desk.tell(missed)
    assert desk.slot(NAME).filled_lots == 10
    assert [message.corrections for message in told(desk)] == [1]
    assert desk.context.recorded[0]["metadata"]["correction"] == f"fill:binance_spot:{NAME}:5"


def test_the_same_finding_has_the_same_name_in_every_run() -> None:
    names = set()
    for _ in range(2):
        desk = OrdersDesk()
        desk.ready(fill("t1-6-40", 9, 10))
        names.add(desk.context.recorded[0]["metadata"]["correction"])
    assert names == {"fill:binance_spot:t1-6-40:9"}


def test_an_order_that_is_not_settled_is_compared_again_and_reconciled_waits_for_it() -> None:
    desk = settled()
    desk.tell(Ambiguous(NAME, "late", NOW_NS), GatewayState("binance_spot", False, "closed", NOW_NS))
    desk.tell(GatewayState("binance_spot", True, "", NOW_NS))
    desk.truth()
    desk.advance(EVERY_S)
    assert len(requests(desk)) == 2
    assert told(desk) == []
    desk.tell(venue_order(NAME, "CANCELED"))
    assert told(desk) == []
    desk.truth()
    assert len(told(desk)) == 1


def test_an_order_that_is_over_and_shown_open_once_may_be_an_older_truth() -> None:
    desk = settled()
    desk.tell(Canceled(NAME, 0, NOW_NS))
    for shown in ([venue_order(NAME, "NEW")], [], [venue_order(NAME, "NEW")]):
        desk.advance(EVERY_S)
        desk.truth(open_orders=shown)
    assert desk.context.halts == []
    assert "CancelOrder" not in [type(message).__name__ for message in desk.venue.messages]


def test_an_order_that_is_over_and_shown_open_twice_is_cancelled_and_halts() -> None:
    desk = settled()
    desk.tell(Canceled(NAME, 0, NOW_NS))
    for _ in range(2):
        desk.advance(EVERY_S)
        desk.truth(open_orders=[venue_order(NAME, "NEW")])
    assert desk.venue.messages[-1].client_order_id == NAME
    assert "which is over" in desk.context.halts[0]
    assert desk.state(NAME) is OrderState.CANCELED
    assert told(desk)[-1].corrections == 1


def test_the_grace_begins_with_the_receive_window_of_the_venue() -> None:
    window = Timing(receive_windows_ns={"binance_spot": 45 * NS_PER_SECOND})
    desk = OrdersDesk(timing=window)
    desk.ready()
    desk.approve()
    desk.tell(Ambiguous(NAME, "no answer", NOW_NS))
    desk.advance(59)
    desk.tell(venue_order(NAME, "NOT_FOUND"))
    desk.truth()
    desk.tell(venue_order(NAME, "NOT_FOUND"))
    assert desk.state(NAME) is OrderState.UNKNOWN
    desk.advance(1)
    desk.tell(venue_order(NAME, "NOT_FOUND"))
    desk.truth()
    desk.tell(venue_order(NAME, "NOT_FOUND"))
    assert desk.state(NAME) is OrderState.FAILED


def test_a_truth_that_was_asked_for_within_the_grace_proves_no_absence_however_late_it_comes() -> None:
    desk = OrdersDesk()
    desk.ready()
    desk.approve()
    desk.tell(Ambiguous(NAME, "no answer", NOW_NS))
    desk.advance(15)
    desk.tell(GatewayState("binance_spot", True, "", desk.context.now_ns))
    desk.advance(10)
    desk.truth()
    desk.tell(venue_order(NAME, "NOT_FOUND"))
    assert desk.state(NAME) is OrderState.UNKNOWN
    desk.truth()
    desk.tell(venue_order(NAME, "NOT_FOUND"))
    assert desk.state(NAME) is OrderState.FAILED


def test_executions_that_the_venue_counts_are_asked_for_and_never_invented() -> None:
    desk = settled()
    desk.advance(EVERY_S)
    desk.truth(open_orders=[structs.replace(venue_order(NAME, "PARTIALLY_FILLED"), filled_lots=LOTS // 2)])
    assert desk.slot(NAME).filled_lots == 0
    assert len(requests(desk)) == 2
    assert QueryOrder(1, NAME, 0) not in desk.venue.messages


def test_an_execution_that_was_found_is_recorded_with_the_state_of_its_order() -> None:
    desk = settled()
    desk.tell(Canceled(NAME, 0, NOW_NS))
    desk.advance(EVERY_S)
    desk.truth(fill(NAME, 5, LOTS))
    found = next(record for record in desk.context.recorded if record["action"] is Action.ORDER_RECOVERED)
    assert found["after"] == {"state": "CANCELED"}
