"""Orders that were given up while an order was out for them: they end, whatever the venue says to a cancel."""

from __future__ import annotations

from typing import Any

import pytest

from engine.messages.control import StateChanged, StrategyStopped, TradingState
from engine.messages.market import Side
from engine.messages.orders import CancelAll, CancelIntent, OrderType
from engine.messages.reports import OrderCancelRejected
from tests.models.triggers_desk import ASK, BID, NOW_NS, TriggersDesk


@pytest.mark.parametrize(
    "end",
    [
        StateChanged(TradingState.EMERGENCY, 2, "kill", NOW_NS),
        StrategyStopped(0, "it raised", False, NOW_NS),
        CancelAll(-1, "killed", 0),
    ],
)
@pytest.mark.parametrize("asked", [False, True])
def test_an_order_that_was_given_up_never_leaves_again_though_the_venue_refused_a_cancel(end: Any, asked: bool) -> None:
    desk = TriggersDesk()
    intent = desk.approve(OrderType.STOP, Side.SELL, trigger_ticks=BID - 100, reduce_only=True)
    desk.quote(BID - 200, ASK)
    (child,) = desk.children
    if asked:
        desk.cancel(intent)
    desk.tell(end)
    assert [each.by_person for each in desk.risk.messages if isinstance(each, CancelIntent)][-1], "asked until it is so"
    desk.tell(OrderCancelRejected(0, child.intent, 0, Side.SELL, 9, "t1-7-1", -2011, "no", NOW_NS))
    assert desk.state(intent) == "ENDING"
    desk.expired(child)
    assert (0, intent) not in desk.actor.book.orders
    desk.quote(BID - 300, ASK)
    assert desk.children == [child]
