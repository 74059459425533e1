"""What waits is rebuilt from its records alone, as the actor that keeps it tells them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from actors.triggers.recovered import orphans, recovered_orders
from engine.audit.desk_state import DeskState
from engine.audit.rebuild import rebuild
from engine.audit.search import search
from engine.messages.approved import ApprovedOrder
from engine.messages.control import Action
from engine.messages.market import Side
from engine.messages.orders import Liquidity, OrderType, SubmitOrder, TimeInForce
from engine.messages.reports import OrderFilled
from tests.models.triggers_desk import BID, LOTS, NOW_NS, TriggersDesk
from tests.unit.engine.audit.conftest import SCALE, STRATEGY, TrailMaker

SELL = Side.SELL
VALUES = ("resource_type", "resource_id", "correlation_id", "before", "after", "reason", "metadata")


@pytest.fixture
def maker(make_trail: Callable[..., TrailMaker]) -> TrailMaker:
    made = make_trail()
    made.start()
    return made


@pytest.fixture
def desk() -> TriggersDesk:
    desk = TriggersDesk(names=(STRATEGY, "two"))
    desk.quote()
    return desk


def told(maker: TrailMaker, desk: TriggersDesk) -> DeskState:
    """Put everything that the desk recorded since the last time into the trail, and rebuild the state from it."""
    for action, subject, values in desk.story()[maker.number :]:
        maker.number += 1
        maker.tell(action, subject, **{name: values[name] for name in VALUES if values})
    maker.files.flush()
    return rebuild(maker.data_dir, maker.instruments, save=False)


def test_an_order_that_waits_is_rebuilt_with_everything_that_it_waits_for(
    maker: TrailMaker, desk: TriggersDesk
) -> None:
    desk.approve(OrderType.STOP_LIMIT, SELL, trigger_ticks=BID - 100, price_ticks=BID - 200, good_till_ns=NOW_NS * 2)
    desk.approve(OrderType.TRAILING_STOP, SELL, trail_ticks=500, reduce_only=True)
    desk.quote(BID + 70, BID + 90)
    state = told(maker, desk)
    rebuilt = {order.key: order for order in recovered_orders(state, maker.instruments, [STRATEGY, "two"])}
    assert rebuilt.keys() == desk.actor.book.orders.keys()
    for key, order in desk.actor.book.orders.items():
        again = rebuilt[key]
        assert (again.id, again.correlation_id, again.terms) == (order.id, order.correlation_id, order.terms)
        assert (again.state, again.level_ticks, again.price_ticks, again.lots) == (
            order.state, order.level_ticks, order.price_ticks, order.lots,
        )  # fmt: skip
        assert msgspec.structs.replace(again.intent, time_ns=order.intent.time_ns) == order.intent


def test_what_left_for_it_what_that_was_filled_and_its_end_are_rebuilt(maker: TrailMaker, desk: TriggersDesk) -> None:
    desk.approve(OrderType.STOP, SELL, trigger_ticks=BID - 100, reduce_only=True)
    desk.quote(BID - 100)
    child = desk.children[0]
    (waiting,) = told(maker, desk).waiting.values()
    assert (waiting.state, waiting.child, waiting.filled_lots) == ("WORKING", child.intent, 0)
    approved = ApprovedOrder(child, 1, BID - 300, False, 4, 5, maker.time_ns)
    cause = maker.tell(Action.ORDER_APPROVE, approved)
    submit = SubmitOrder(1, "t1-1-1", 0, SELL, OrderType.LIMIT, TimeInForce.IOC, False, BID - 300, LOTS, False)
    maker.tell(Action.ORDER_SUBMIT, submit, cause=cause)
    fill(maker, child.intent, LOTS // 4)
    desk.fill(child, LOTS // 4)
    state = told(maker, desk)
    (waiting,) = state.waiting.values()
    assert waiting.filled_lots == LOTS // 4
    assert [order.intent for order in state.orders.values()] == [child.intent]
    desk.fill(child, LOTS - LOTS // 4, done=True)
    assert told(maker, desk).waiting == {}


def fill(maker: TrailMaker, intent: int, lots: int) -> None:
    """Record an execution of the first order."""
    report = OrderFilled(
        0, intent, 0, SELL, 1, "t1-1-1", 9, BID, lots, LOTS - lots, False, 0, "USDT", Liquidity.TAKER,
        maker.chain.seq + 1, maker.time_ns, SCALE,
    )  # fmt: skip
    maker.tell(Action.ORDER_FILL, report)


def test_search_by_the_waiting_order_or_by_the_order_that_left_finds_the_whole_story(
    maker: TrailMaker, desk: TriggersDesk
) -> None:
    intent = desk.approve(OrderType.STOP, SELL, trigger_ticks=BID - 100, reduce_only=True)
    desk.quote(BID - 100)
    maker.renderer.desk.correlations[0] = f'"7-{STRATEGY}-'  # the desk of triggers is in its seventh run
    told(maker, desk)
    child = desk.children[0]
    approved = ApprovedOrder(child, 1, BID - 300, False, 4, 5, maker.time_ns)
    cause = maker.tell(Action.ORDER_APPROVE, approved)
    submit = SubmitOrder(1, "t1-1-1", 0, SELL, OrderType.LIMIT, TimeInForce.IOC, False, BID - 300, LOTS, False)
    maker.tell(Action.ORDER_SUBMIT, submit, cause=cause)
    maker.files.flush()
    by_parent = [record.action for record in search(maker.data_dir, order=f"trigger-{intent}")]
    by_child = [record.action for record in search(maker.data_dir, order="t1-1-1")]
    story = ["order.accept", "order.modify", "trade.decision", "order.approve", "order.submit"]
    assert by_parent == by_child == story


def test_a_child_of_an_earlier_runs_order_goes_on_under_its_correlation(maker: TrailMaker, desk: TriggersDesk) -> None:
    intent = desk.approve(OrderType.STOP, SELL, trigger_ticks=BID - 100, reduce_only=True)
    state = told(maker, desk)
    maker.renderer.desk.take_up(state)
    desk.quote(BID - 100)
    child = desk.children[0]
    assert maker.renderer.desk.correlation_of(child) == f'"7-{STRATEGY}-{intent}"'


def test_an_order_whose_strategy_is_not_configured_any_more_ends_with_the_next_start(
    maker: TrailMaker, desk: TriggersDesk
) -> None:
    desk.approve(OrderType.STOP, SELL, trigger_ticks=BID - 100, reduce_only=True)
    state = told(maker, desk)
    assert orphans(state, maker.instruments, [STRATEGY]) == []
    (orphan,) = orphans(state, maker.instruments, ["another"])
    maker.number = 0
    assert told(maker, TriggersDesk(names=("another",), orphans=[orphan])).waiting == {}


def test_records_about_orders_that_nobody_knows_change_nothing(maker: TrailMaker) -> None:
    values: dict[str, Any] = {
        "before": {"state": "ARMED"}, "after": {"state": "ARMED"}, "resource_type": "trigger",
        "metadata": {"approval": 1, "instrument": None, "intent": 1, "side": "BUY", "strategy": STRATEGY},
    }  # fmt: skip
    maker.tell(Action.ORDER_MODIFY, None, resource_id="trigger-9", **values)
    maker.files.flush()
    assert rebuild(maker.data_dir, maker.instruments, save=False).waiting == {}
