"""C27: what lives of the slices of a parent and what is filled never comes to more than was announced."""

from __future__ import annotations

from msgspec import structs

from engine.messages.control import Action, StrategyStopped
from engine.messages.market import Side
from engine.messages.orders import (
    DenialReason,
    OrderIntent,
    OrderTerms,
    OrderType,
    ParentClosed,
    ParentOpened,
    TimeInForce,
)
from tests.models.risk_desk import LOTS, NOW_NS, TICKS, RiskDesk, canceled, filled

PARENT = 90


def opened(lots: int = 3 * LOTS) -> RiskDesk:
    """Return a desk whose first strategy has announced a parent."""
    desk = RiskDesk(duplicate_window_ms=0)
    desk.tell(ParentOpened(0, PARENT, 0, Side.BUY, lots, NOW_NS))
    return desk


def send(desk: RiskDesk, lots: int = LOTS, parent: int = PARENT) -> bool:
    """Ask for a slice; returns whether it was approved."""
    desk.intent += 1
    before = len(desk.orders.messages)
    desk.tell(
        OrderIntent(
            0, desk.intent, 0, Side.BUY, OrderType.LIMIT, TimeInForce.GTC, False, False, TICKS - 10, lots, 77, None,
            desk.context.now_ns, OrderTerms(parent=parent),
        )
    )  # fmt: skip
    return len(desk.orders.messages) > before


def test_slices_up_to_the_whole_pass_and_one_lot_more_is_denied() -> None:
    desk = opened(3 * LOTS)
    assert [send(desk), send(desk, 2 * LOTS + 1_000), send(desk, 2 * LOTS)] == [True, False, True]
    assert desk.reasons() == [DenialReason.PARENT_CHILD_CAP]


def test_what_a_slice_gives_back_may_be_sent_again_and_what_it_filled_may_not() -> None:
    desk = opened(2 * LOTS)
    assert send(desk, 2 * LOTS)
    (approved,) = desk.orders.messages
    desk.tell(filled(approved, LOTS))
    desk.tell(canceled(approved, LOTS))
    assert [send(desk, LOTS + 1_000), send(desk, LOTS), send(desk, LOTS)] == [False, True, False]


def test_a_slice_of_a_parent_that_nobody_announced_is_denied() -> None:
    desk = opened()
    assert not send(desk, parent=91)
    assert desk.reasons() == [DenialReason.PARENT_CHILD_CAP_INPUT]


def test_an_order_after_a_slice_is_nobodys() -> None:
    desk = opened(LOTS)
    assert send(desk)
    assert desk.send(lots=2 * LOTS, price_ticks=TICKS - 20) is not None


def test_a_parent_that_is_over_has_no_slice_any_more() -> None:
    desk = opened()
    desk.tell(ParentClosed(1, PARENT, NOW_NS))  # somebody else's word about it counts for nothing
    assert send(desk)
    desk.tell(ParentClosed(0, PARENT, NOW_NS))
    assert not send(desk)


def test_the_parents_of_a_strategy_that_was_stopped_end_with_it() -> None:
    desk = opened()
    desk.tell(ParentOpened(1, 91, 0, Side.BUY, LOTS, NOW_NS))
    desk.tell(StrategyStopped(0, "it raised", False, NOW_NS))
    assert desk.actor.limits.parents.count == 1


def test_a_parent_that_cannot_be_taken_is_recorded() -> None:
    desk = opened()
    again = ParentOpened(0, PARENT, 0, Side.BUY, LOTS, NOW_NS)
    desk.tell(again)
    desk.tell(structs.replace(again, parent=91, lots=0))
    assert [record["action"] for record in desk.context.recorded] == [Action.RISK_BLOCK] * 2
    assert "is open" in desk.context.recorded[0]["reason"]
