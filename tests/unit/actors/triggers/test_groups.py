"""Exits that share a quantity, and exits that live by the fills of their entry."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.messages.control import StateChanged, TradingState
from engine.messages.market import Side
from engine.messages.orders import IS_ENTRY, OrderIntent, OrderType
from engine.messages.reports import OrderAmended, OrderFilled
from tests.models.triggers_desk import ASK, BID, LOTS, NOW_NS, TriggersDesk

BUY, SELL = Side.BUY, Side.SELL
PROFIT, LOSS = BID + 1_000, BID - 1_000


def exits(desk: TriggersDesk, group: int = 77, entry: int = 0, lots: int = LOTS) -> tuple[int, int]:
    """Have a take-profit and a stop-loss wait for a long position."""
    words: dict[str, Any] = {"group": group, "entry": entry, "reduce_only": True, "lots": lots}
    profit = desk.approve(OrderType.LIMIT_IF_TOUCHED, SELL, trigger_ticks=PROFIT, price_ticks=PROFIT, **words)
    return profit, desk.approve(OrderType.STOP, SELL, trigger_ticks=LOSS, **words)


@pytest.fixture
def desk() -> TriggersDesk:
    desk = TriggersDesk()
    far = desk.approve(OrderType.STOP, BUY, trigger_ticks=2 * ASK)
    desk.quote()
    assert far
    desk.strategy.take()
    return desk


# ---- OCO


def test_one_venue_order_at_a_time(desk: TriggersDesk) -> None:
    profit, loss = exits(desk)
    desk.quote(PROFIT, PROFIT + 10)
    (first,) = desk.children
    desk.quote(LOSS, LOSS + 10)
    assert (desk.children, desk.cancels) == ([first], [first.intent])
    assert (desk.state(profit), desk.state(loss)) == ("RECALLING", "FIRING")
    desk.quote(LOSS - 1, LOSS + 10)
    assert desk.cancels == [first.intent], "asked once"
    desk.canceled(first)
    assert [child.lots for child in desk.children] == [LOTS, LOTS]
    assert (desk.state(profit), desk.state(loss)) == ("ARMED", "WORKING")


def test_a_partial_fill_of_one_leg_shrinks_the_other_first(desk: TriggersDesk) -> None:
    profit, loss = exits(desk)
    desk.quote(PROFIT, PROFIT + 10)
    desk.strategy.take()
    desk.fill(desk.children[0], LOTS // 4)
    shrunk, filled = desk.strategy.take()
    assert isinstance(shrunk, OrderAmended)
    assert isinstance(filled, OrderFilled)
    assert (shrunk.intent, shrunk.lots) == (loss, LOTS - LOTS // 4)
    assert (filled.intent, filled.leaves_lots) == (profit, LOTS - LOTS // 4)
    assert desk.context.recorded[-1]["after"]["quantity"] == "0.00750000"


def test_the_rest_goes_with_the_other_leg_and_both_together_never_exceed_the_position(desk: TriggersDesk) -> None:
    profit, loss = exits(desk)
    desk.quote(PROFIT, PROFIT + 10)
    first = desk.children[0]
    desk.fill(first, LOTS // 4)
    desk.quote(LOSS, LOSS + 10)
    desk.fill(first, LOTS // 4)  # it came before the cancel did
    desk.canceled(first, LOTS // 2)
    second = desk.children[-1]
    assert second.lots == LOTS // 2
    desk.fill(second, LOTS // 2, done=True)
    assert {(0, profit), (0, loss)} & desk.actor.book.orders.keys() == set()
    ends = [(type(each).__name__, each.intent) for each in desk.strategy.messages[-2:]]
    assert ends == [("OrderCanceled", profit), ("OrderFilled", loss)]


def test_a_leg_that_did_all_of_it_cancels_the_other(desk: TriggersDesk) -> None:
    profit, loss = exits(desk)
    desk.quote(LOSS, LOSS + 10)
    desk.fill(desk.children[0], LOTS, done=True)
    assert [(type(each).__name__, each.intent) for each in desk.strategy.messages[-2:]] == [
        ("OrderCanceled", profit), ("OrderFilled", loss),
    ]  # fmt: skip


def test_a_leg_that_is_cancelled_leaves_the_other_waiting(desk: TriggersDesk) -> None:
    profit, loss = exits(desk)
    desk.cancel(profit)
    assert desk.state(loss) == "ARMED"


def test_a_leg_that_fills_while_it_is_called_back_ends_both(desk: TriggersDesk) -> None:
    profit, loss = exits(desk)
    desk.quote(PROFIT, PROFIT + 10)
    desk.quote(LOSS, LOSS + 10)
    desk.fill(desk.children[0], LOTS, done=True)
    assert {(0, profit), (0, loss)} & desk.actor.book.orders.keys() == set()
    assert len(desk.children) == 1


def test_groups_of_two_strategies_have_nothing_in_common(desk: TriggersDesk) -> None:
    exits(desk)
    other = desk.approve(OrderType.STOP, SELL, trigger_ticks=LOSS, group=77, reduce_only=True, strategy=1)
    desk.quote(LOSS, LOSS + 10)
    desk.fill(next(child for child in desk.children if child.strategy == 0), LOTS, done=True)
    assert desk.actor.book.orders[1, other].lots == LOTS


# ---- brackets


def bracket(desk: TriggersDesk) -> tuple[int, int, int]:
    """Have an entry leave, and its exits wait for its fills."""
    entry = desk.approve(OrderType.LIMIT, BUY, price_ticks=BID, entry=IS_ENTRY)
    return (entry, *exits(desk, group=entry, entry=entry))


def test_bracket_children_exist_from_the_first_partial_fill_for_the_filled_quantity(desk: TriggersDesk) -> None:
    entry, profit, loss = bracket(desk)
    assert desk.heard == ["OrderAccepted"], "the entry alone"
    assert (desk.state(profit), desk.state(loss)) == ("DORMANT", "DORMANT")
    desk.quote(LOSS, LOSS + 10)
    assert len(desk.children) == 1, "an exit without a position sets nothing off"
    desk.fill(desk.children[0], LOTS // 4)
    assert [(type(each).__name__, each.intent) for each in desk.strategy.take()[1:]] == [
        ("OrderFilled", entry), ("OrderAccepted", profit), ("OrderAccepted", loss),
    ]  # fmt: skip
    assert (desk.order(profit).lots, desk.order(loss).lots) == (LOTS // 4, LOTS // 4)
    desk.fill(desk.children[0], LOTS // 4)
    assert (desk.order(profit).lots, desk.order(loss).lots) == (LOTS // 2, LOTS // 2)
    assert [type(each).__name__ for each in desk.strategy.take()] == ["OrderFilled", "OrderAmended", "OrderAmended"]


def test_an_exit_that_is_set_off_first_ends_its_entry_and_covers_what_that_still_fills(desk: TriggersDesk) -> None:
    entry, profit, loss = bracket(desk)
    bought = desk.children[0]
    desk.fill(bought, LOTS // 4)
    desk.quote(LOSS, LOSS + 10)
    assert desk.cancels == [bought.intent]
    sold = desk.children[-1]
    assert sold.lots == LOTS // 4
    desk.fill(bought, LOTS // 4)  # it came before the cancel did
    desk.fill(sold, LOTS // 4, done=True)
    desk.canceled(bought, LOTS // 2)
    desk.quote(LOSS, LOSS + 10)
    assert desk.children[-1].lots == LOTS // 4
    desk.fill(desk.children[-1], LOTS // 4, done=True)
    assert {(0, number) for number in (entry, profit, loss)} & desk.actor.book.orders.keys() == set()


def test_an_exit_waits_on_while_its_entry_may_still_fill(desk: TriggersDesk) -> None:
    _, profit, loss = bracket(desk)
    bought = desk.children[0]
    desk.fill(bought, LOTS // 4)
    desk.quote(LOSS, LOSS + 10)
    desk.fill(desk.children[-1], LOTS // 4, done=True)
    assert (desk.state(loss), desk.order(loss).leaves_lots) == ("ARMED", 0)
    desk.fill(bought, LOTS // 4)
    desk.quote(LOSS, LOSS + 10)
    assert desk.children[-1].lots == LOTS // 4
    desk.canceled(bought, LOTS // 2)
    desk.fill(desk.children[-1], LOTS // 4, done=True)
    assert {(0, profit), (0, loss)} & desk.actor.book.orders.keys() == set()


def test_exits_of_an_entry_that_never_filled_are_over_with_it(desk: TriggersDesk) -> None:
    entry, profit, loss = bracket(desk)
    desk.deny(desk.children[0])
    assert [(type(each).__name__, each.intent) for each in desk.strategy.messages[1:]] == [
        ("OrderRejected", entry), ("OrderCanceled", profit), ("OrderCanceled", loss),
    ]  # fmt: skip


def test_exits_stay_for_what_an_entry_filled_before_it_was_cancelled(desk: TriggersDesk) -> None:
    entry, profit, loss = bracket(desk)
    desk.fill(desk.children[0], LOTS // 4)
    desk.cancel(entry)
    desk.canceled(desk.children[0], LOTS // 4)
    assert (desk.state(profit), desk.order(loss).lots) == ("ARMED", LOTS // 4)


def test_exits_whose_entry_was_denied_before_they_came_are_refused(desk: TriggersDesk) -> None:
    exits(desk, group=5, entry=5)
    assert desk.heard == ["OrderRejected", "OrderRejected"]
    assert "its entry is not there" in desk.strategy.messages[0].text


def test_an_exit_that_is_not_on_disk_yet_wakes_when_it_is(desk: TriggersDesk) -> None:
    entry = desk.approve(OrderType.LIMIT, BUY, price_ticks=BID, entry=IS_ENTRY)
    loss = desk.approve(OrderType.STOP, SELL, trigger_ticks=LOSS, entry=entry, reduce_only=True, synced=False)
    desk.fill(desk.children[0], LOTS // 4)
    assert desk.state(loss) == "PENDING"
    desk.sync()
    assert (desk.state(loss), desk.order(loss).lots) == ("ARMED", LOTS // 4)
    assert desk.strategy.messages[-1].lots == LOTS // 4


def test_an_emergency_ends_an_entry_and_its_exits_once(desk: TriggersDesk) -> None:
    bracket(desk)
    desk.tell(StateChanged(TradingState.EMERGENCY, 2, "kill", NOW_NS))
    desk.canceled(desk.children[0])
    assert desk.actor.book.orders == {}
    assert desk.heard.count("OrderCanceled") == 4, "with the one that waits far away"


# ---- any story


class Market:
    """A venue that fills, cancels and refuses what left, and counts what it sold."""

    def __init__(self, position: int) -> None:
        self.position = position
        self.desk = TriggersDesk()
        self.live: list[OrderIntent] = []
        self.open: dict[int, int] = {}
        self.done: dict[int, int] = {}
        self.known = 0

    def learn(self) -> None:
        """Take what left since the last look."""
        children = self.desk.children
        for child in children[self.known :]:
            self.live.append(child)
            self.open[child.intent] = child.lots
            self.done[child.intent] = 0
        self.known = len(children)
        assert sum(self.open.values()) <= self.position, "both together never exceed the position"
        assert len([child for child in self.live if self.open[child.intent]]) <= 1, "one venue order at a time"

    def fill(self, lots: int) -> None:
        for child in self.live[-1:]:
            lots = min(lots, self.open[child.intent])
            if lots:
                self.open[child.intent] -= lots
                self.done[child.intent] += lots
                self.position -= lots
                whole = not self.open[child.intent]
                self.desk.fill(child, lots, done=whole)
                if whole:
                    self.live.remove(child)

    def end(self) -> None:
        for child in self.live[-1:]:
            self.live.remove(child)
            self.open[child.intent] = 0
            self.desk.canceled(child, self.done[child.intent])

    def deny(self) -> None:
        for child in self.live[-1:]:
            if not self.done[child.intent]:
                self.live.remove(child)
                self.open[child.intent] = 0
                self.desk.deny(child)


STEPS = st.one_of(
    st.tuples(st.just("quote"), st.sampled_from([BID, PROFIT, LOSS])),
    st.tuples(st.just("fill"), st.integers(1, LOTS)),
    st.tuples(st.sampled_from(["end", "deny"]), st.just(0)),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(STEPS, max_size=40))
def test_over_any_story_both_together_never_exceed_the_position(steps: list[tuple[str, int]]) -> None:
    market = Market(LOTS)
    exits(market.desk)
    for what, value in steps:
        if what == "quote":
            market.desk.quote(value, value + 10)
        elif what == "fill":
            market.fill(value)
        elif what == "end":
            market.end()
        else:
            market.deny()
        market.learn()
    assert market.position >= 0


# ---- executions that the venue counts before anybody tells them


def test_exits_protect_what_the_venue_counts_of_their_entry_before_anybody_told_it(desk: TriggersDesk) -> None:
    entry, profit, loss = bracket(desk)
    child = desk.children[0]
    desk.canceled(child, LOTS // 2)
    assert (desk.order(profit).lots, desk.order(loss).lots) == (LOTS // 2, LOTS // 2)
    desk.fill(child, LOTS // 2)
    assert (desk.order(profit).lots, desk.order(loss).lots) == (LOTS // 2, LOTS // 2), "counted once"
    desk.quote(LOSS, LOSS + 10)
    assert [each.lots for each in desk.children[1:]] == [LOTS // 2]
    assert (0, entry) not in desk.actor.book.orders


def test_exits_grow_by_an_execution_that_comes_after_the_end_of_their_entry(desk: TriggersDesk) -> None:
    _, profit, loss = bracket(desk)
    child = desk.children[0]
    desk.fill(child, LOTS // 4)
    desk.canceled(child, LOTS // 4)
    desk.fill(child, LOTS // 4)  # the venue had not counted it
    assert (desk.order(profit).lots, desk.order(loss).lots) == (LOTS // 2, LOTS // 2)
