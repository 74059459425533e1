"""The last rule of C-04: when asking had its time and proved nothing, a person's word ends an order, and no other."""

from __future__ import annotations

import pytest

from engine.messages.control import Action, ResolveOrder
from engine.messages.reports import Accepted, Ambiguous, OrderCanceled, OrderRejected
from hotpath.orders.transitions import OrderState
from tests.models.orders_desk import LOTS, NOW_NS, TICKS, OrdersDesk, fill, venue_order

NAME = "t1-7-1"
NEXT = "t1-7-2"
GRACE_S = 20


def lost(*, accepted: bool, filled_lots: int = 0, amended: bool = False) -> OrdersDesk:
    """A desk with an order whose fate is unknown, and the grace period is over."""
    desk = OrdersDesk()
    desk.ready()
    desk.approve()
    if accepted:
        desk.tell(Accepted(NAME, "1", NOW_NS))
        if filled_lots:
            desk.tell(fill(NAME, 5, filled_lots))
        if amended:
            desk.amend(TICKS - 1, LOTS)
        else:
            desk.cancel()
    desk.tell(Ambiguous(NAME, "no answer", NOW_NS))
    desk.advance(GRACE_S)
    return desk


def reasons(desk: OrdersDesk) -> list[str]:
    return [record["reason"] for record in desk.context.recorded if record["action"] is Action.ORDER_RECOVERED]


def test_an_order_that_was_in_the_book_is_over_with_what_was_filled() -> None:
    desk = lost(accepted=True, filled_lots=10)
    desk.tell(ResolveOrder(NAME, "ann", NOW_NS))
    assert desk.state(NAME) is OrderState.CANCELED
    report = desk.risk.messages[-1]
    assert isinstance(report, OrderCanceled)
    assert report.filled_lots == 10
    assert desk.context.recorded[-1]["actor"] == "user:ann"
    assert reasons(desk) == ["a person says that it is over"]


def test_an_order_that_was_filled_before_an_amend_is_over_with_what_was_filled_and_no_more() -> None:
    desk = OrdersDesk()
    desk.ready()
    desk.approve()
    desk.tell(Accepted(NAME, "1", NOW_NS), fill(NAME, 5, 10))
    desk.amend(TICKS - 1, LOTS)
    desk.tell(Accepted(NEXT, "2", NOW_NS))
    desk.cancel()
    desk.tell(Ambiguous(NEXT, "no answer", NOW_NS))
    desk.advance(GRACE_S)
    desk.tell(ResolveOrder(NEXT, "ann", NOW_NS))
    report = desk.risk.messages[-1]
    assert isinstance(report, OrderCanceled)
    assert report.filled_lots == 10, "risk would keep funds for executions that nobody can tell any more"


def test_an_order_that_never_was_in_the_book_failed() -> None:
    desk = lost(accepted=False)
    desk.tell(ResolveOrder(NAME, "ann", NOW_NS))
    assert desk.state(NAME) is OrderState.FAILED
    report = desk.risk.messages[-1]
    assert isinstance(report, OrderRejected)
    assert not report.sent


def test_an_amend_that_nobody_could_decide_is_over_too() -> None:
    desk = lost(accepted=True, amended=True)
    desk.tell(ResolveOrder(NAME, "ann", NOW_NS))
    assert (desk.state(NAME), desk.slot(NAME).next_id) == (OrderState.CANCELED, "")


@pytest.mark.parametrize(
    ("order", "seconds", "why"),
    [
        ("t1-7-9", 0, "refused: no such order"),
        (NAME, -5, "refused: the venue may still show it; wait until the grace period is over"),
    ],
)
def test_the_word_is_refused_for_what_is_not_there_and_while_the_venue_may_still_show_it(
    order: str, seconds: int, why: str
) -> None:
    desk = lost(accepted=True)
    desk.context.now_ns += seconds * 10**9
    desk.tell(ResolveOrder(order, "ann", NOW_NS))
    assert desk.state(NAME) is OrderState.UNKNOWN
    assert reasons(desk) == [why]


def test_the_word_is_refused_for_an_order_whose_fate_is_known() -> None:
    desk = lost(accepted=True)
    desk.tell(venue_order(NAME, "NEW"), ResolveOrder(NAME, "ann", NOW_NS))
    assert desk.state(NAME) is not OrderState.CANCELED
    assert reasons(desk) == ["refused: it is not UNKNOWN"]


def test_what_a_person_ended_is_no_longer_waited_for() -> None:
    desk = lost(accepted=True)
    desk.ready()
    desk.portfolio.take()
    desk.tell(ResolveOrder(NAME, "ann", NOW_NS))
    assert [type(message).__name__ for message in desk.portfolio.messages] == ["Reconciled"]
