"""Sliced orders: what each child asks for, when, and how the parent ends."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.strategy import parents as parents_module
from actors.strategy.order import WorkingOrder
from actors.strategy.slicing import REFUSALS_MAX, Parent
from actors.strategy.strategy import Strategy
from engine.errors import UsageError
from engine.messages.control import Action
from engine.messages.market import Side
from engine.messages.orders import DenialReason, OrderType, ParentOpened, TimeInForce
from tiercel.testing import BTCUSDT, StrategyHarness

BUY, SELL = Side.BUY, Side.SELL
type_of_harness = StrategyHarness[Strategy]


def desk() -> type_of_harness:
    harness: type_of_harness = StrategyHarness(Strategy)
    harness.quote("59999.99", "60000.00")
    return harness


def sizes(harness: type_of_harness) -> list[Decimal]:
    """Return the quantities of every child that was asked for."""
    return [BTCUSDT.scale.quantity(intent.lots).normalize() for intent in harness.intents]


def fill_all(harness: type_of_harness) -> None:
    for order in list(harness.orders):
        harness.fill(order)


def test_a_twap_sends_equal_slices_at_equal_times_and_the_last_takes_the_rest() -> None:
    harness = desk()
    parent = harness.strategy.twap(0, BUY, "0.01", duration=20, slices=3)
    times = [harness.strategy.now_ns]
    fill_all(harness)
    for _ in range(2):
        assert not parent.done
        harness.advance(10)
        times.append(harness.intents[-1].time_ns)
        fill_all(harness)
    assert sizes(harness) == [Decimal("0.00333"), Decimal("0.00333"), Decimal("0.00334")]
    assert [time - times[0] for time in times] == [0, 10 * 10**9, 20 * 10**9]
    assert (parent.done, parent.reason, parent.filled, parent.leaves) == (True, "", Decimal("0.01"), Decimal(0))
    assert harness.strategy.sliced() == []


def test_its_children_say_whose_they_are_and_risk_heard_of_the_whole_before() -> None:
    harness = desk()
    parent = harness.strategy.twap(0, SELL, "0.01", duration=1, slices=2, price="59000", reduce_only=True)
    opened, first = harness.risk.messages
    assert opened == ParentOpened(0, parent.number, 0, SELL, 1_000_000, harness.strategy.now_ns)
    assert (first.terms.parent, first.type, first.time_in_force) == (parent.number, OrderType.LIMIT, TimeInForce.IOC)
    assert (first.reduce_only, first.price_ticks, first.side) == (True, 5_900_000, SELL)
    (record,) = harness.context.recorded
    assert (record["action"], record["resource_type"]) == (Action.TRADE_DECISION, "parent")
    assert record["metadata"]["kind"] == "Twap"
    assert record["after"]["quantity"] == "0.01000000"


def test_what_a_slice_leaves_goes_into_the_next() -> None:
    harness = desk()
    harness.strategy.twap(0, BUY, "0.01", duration=20, slices=3, price="60000")
    (first,) = harness.orders
    harness.fill(first, "0.001")
    harness.expired(first)
    harness.advance(10)
    assert sizes(harness) == [Decimal("0.00333"), Decimal("0.00566")]


def test_what_still_works_is_not_sent_twice() -> None:
    harness = desk()
    parent = harness.strategy.twap(0, BUY, "0.01", duration=20, slices=3)
    harness.advance(10)
    harness.advance(10)
    assert sum(sizes(harness)) == Decimal("0.01")
    assert parent.live_lots == 1_000_000


def test_after_the_last_slice_the_rest_has_one_more_chance() -> None:
    harness = desk()
    parent = harness.strategy.twap(0, BUY, "0.01", duration=1, slices=2)
    harness.advance(1)
    for order in list(harness.orders):
        harness.fill(order, "0.002")
        harness.expired(order)
    assert sizes(harness)[-1] == Decimal("0.006")
    assert not parent.done
    harness.expired(harness.orders[0])
    assert (parent.done, parent.reason) == (True, "the last slice was not filled whole")
    assert parent.leaves == Decimal("0.006")
    assert "is over with 0.00600000 left" in harness.logged[-1]


def test_a_rest_that_no_order_could_take_is_not_left() -> None:
    harness = desk()
    parent = harness.strategy.twap(0, BUY, "0.00025", duration=2, slices=2)  # 7.50 a slice, the venue's least is 5
    fill_all(harness)
    harness.advance(2)
    assert sizes(harness) == [Decimal("0.00012"), Decimal("0.00013")]
    fill_all(harness)
    assert parent.filled == Decimal("0.00025")
    harness.strategy.iceberg(0, BUY, "0.00025", "60000", display="0.0002")
    assert sizes(harness)[-1] == Decimal("0.00025")  # 0.00005 is worth 3: no order could take it


def test_a_rest_that_is_too_small_for_the_venue_is_told() -> None:
    harness = desk()
    parent = harness.strategy.twap(0, BUY, "0.00025", duration=2, slices=2)
    (first,) = harness.orders
    harness.fill(first)
    harness.advance(2)
    (last,) = harness.orders
    harness.fill(last, "0.0001")
    harness.expired(last)
    assert (parent.done, parent.reason) == (True, "what is left is too small for the venue")
    assert parent.leaves == Decimal("0.00003")


def test_cancelling_the_parent_cancels_its_children_and_sends_no_more() -> None:
    harness = desk()
    parent = harness.strategy.twap(0, BUY, "0.01", duration=20, slices=3)
    (child,) = harness.orders
    harness.accept(child)
    parent.cancel()
    assert [cancel.intent for cancel in harness.cancels] == [child.intent]
    harness.fill(child, "0.001")
    harness.canceled(child)
    harness.advance(100)
    assert len(harness.intents) == 1
    assert (parent.done, parent.reason, parent.filled) == (True, "cancelled", Decimal("0.001"))
    assert harness.strategy.sliced() == []
    parent.cancel()


def test_cancelling_between_slices_ends_it_at_once() -> None:
    harness = desk()
    parent = harness.strategy.twap(0, BUY, "0.01", duration=20, slices=3)
    fill_all(harness)
    parent.cancel()
    assert harness.strategy.sliced() == []


def test_a_refused_slice_is_carried_over_and_ten_in_a_row_end_it() -> None:
    harness = desk()
    parent = harness.strategy.twap(0, BUY, "0.1", duration=100, slices=101)
    for _ in range(REFUSALS_MAX):
        assert not parent.done
        harness.denied(harness.orders[0], DenialReason.MAX_ORDER_VALUE)
        harness.advance(1)
    assert parent.done
    assert "10 slices in a row were refused: MAX_ORDER_VALUE" in parent.reason
    assert len(harness.intents) == REFUSALS_MAX


def test_a_parent_that_was_cancelled_is_over_also_when_its_last_slice_was_the_tenth_refused() -> None:
    harness = desk()
    parent = harness.strategy.twap(0, BUY, "0.1", duration=100, slices=101)
    for _ in range(REFUSALS_MAX - 1):
        harness.denied(harness.orders[0], DenialReason.MAX_ORDER_VALUE)
        harness.advance(1)
    parent.cancel()
    harness.denied(harness.orders[0], DenialReason.MAX_ORDER_VALUE)
    assert (parent.reason, harness.strategy.sliced()) == ("cancelled", [])


def test_an_iceberg_shows_one_slice_at_a_time() -> None:
    harness = desk()
    parent = harness.strategy.iceberg(0, BUY, "0.025", "59000", display="0.01", post_only=True)
    for _ in range(3):
        (child,) = harness.orders
        assert (child.price, child.request.time_in_force, child.request.post_only) == (
            Decimal(59000),
            TimeInForce.GTC,
            True,
        )
        harness.accept(child)
        harness.fill(child)
        assert harness.orders == []  # an equal one at once would look like a repetition
        harness.advance(Decimal("0.501"))
    assert sizes(harness) == [Decimal("0.01"), Decimal("0.01"), Decimal("0.005")]
    assert (parent.done, parent.filled) == (True, Decimal("0.025"))


def test_an_iceberg_waits_for_the_whole_slice() -> None:
    harness = desk()
    harness.strategy.iceberg(0, BUY, "0.025", "59000", display="0.01")
    harness.fill(harness.orders[0], "0.009")
    harness.advance(60)
    assert len(harness.intents) == 1


def test_a_refused_iceberg_slice_is_shown_again_after_a_second() -> None:
    harness = desk()
    harness.strategy.iceberg(0, BUY, "0.025", "59000", display="0.01")
    harness.rejected(harness.orders[0])
    assert len(harness.intents) == 1
    harness.advance(1)
    assert len(harness.intents) == 2


def test_an_iceberg_whose_slice_somebody_took_out_is_over() -> None:
    harness = desk()
    parent = harness.strategy.iceberg(0, BUY, "0.025", "59000", display="0.01")
    harness.canceled(harness.orders[0])
    assert (parent.done, parent.reason) == (True, "a slice was taken out of the book")


def test_when_risk_cannot_hear_of_the_whole_its_slices_come_back_as_busy() -> None:
    harness = desk()
    harness.risk.full = True
    harness.strategy.twap(0, BUY, "0.01", duration=1, slices=2)
    assert "risk could not hear of sliced order" in harness.logged[0]


def test_too_many_at_once_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parents_module, "PARENTS_MAX", 1)
    harness = desk()
    harness.strategy.twap(0, BUY, "0.01", duration=1, slices=2)
    with pytest.raises(UsageError, match="1 sliced orders are not over"):
        harness.strategy.twap(0, BUY, "0.01", duration=1, slices=2)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"slices": 1}, "slices is 1; expected 2"),
        ({"slices": 10_001}, "slices is 10001"),
        ({"slices": True}, "slices is True"),
        ({"duration": 0}, "duration is 0 s"),
        ({"duration": -1}, "duration is -1 s"),
        ({"duration": "NaN"}, "duration"),
        ({"quantity": 0}, "expected whole steps"),
        ({"quantity": "-1"}, "expected whole steps"),
        ({"quantity": "0.000001"}, "expected whole steps"),
        ({"quantity": "0.00003", "slices": 4}, "below the venue's smallest order"),
        ({"price": 0}, "no price"),
    ],
)
def test_a_twap_that_makes_no_sense_is_refused(arguments: dict[str, Any], problem: str) -> None:
    harness = desk()
    sound: dict[str, Any] = {"instrument": 0, "side": BUY, "quantity": "0.01", "duration": 1, "slices": 2}
    with pytest.raises(UsageError, match=problem):
        harness.strategy.twap(**sound | arguments)
    assert harness.risk.messages == []


@pytest.mark.parametrize("display", [0, "-1", "0.01", "0.02", "0.000001"])
def test_a_display_that_makes_no_sense_is_refused(display: Any) -> None:
    with pytest.raises(UsageError, match="display"):
        desk().strategy.iceberg(0, BUY, "0.01", "60000", display=display)


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError, match="is a float"):
        desk().strategy.twap(0, BUY, 0.01, duration=1, slices=2)  # type: ignore[arg-type]


def happen(harness: type_of_harness, order: WorkingOrder, what: str) -> None:
    """Let one thing happen to a child."""
    if order.done:
        return
    if what == "fill":
        harness.fill(order)
    elif what == "part" and order.leaves_lots > 1_000:
        harness.fill(order, BTCUSDT.scale.quantity(order.leaves_lots // 2))
    elif what == "deny" and not order.filled_lots:
        harness.denied(order)
    elif what == "expire":
        harness.expired(order)


def committed(parent: Parent, harness: type_of_harness) -> int:
    """Return what the children of a parent have filled and may still fill, counted from their own handles."""
    return parent.filled_lots + sum(order.leaves_lots for order in harness.orders)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(2, 12),
    st.integers(30, 4_000),
    st.lists(st.tuples(st.sampled_from(["fill", "part", "deny", "expire", "wait", "cancel"]), st.integers(0, 3))),
)
def test_children_never_come_to_more_than_their_parent(slices: int, steps: int, events: list[tuple[str, int]]) -> None:
    harness = desk()
    parent = harness.strategy.twap(0, BUY, BTCUSDT.scale.quantity(steps * 1_000), duration=slices, slices=slices)
    for what, which in events:
        if what == "wait":
            harness.advance(1)
        elif what == "cancel":
            parent.cancel()
        elif harness.orders:
            happen(harness, harness.orders[which % len(harness.orders)], what)
        assert committed(parent, harness) <= parent.lots
    while harness.orders or not parent.done:
        fill_all(harness)
        harness.advance(slices)
    assert parent.filled_lots + parent.leaves_lots == parent.lots
    assert harness.strategy.sliced() == []
