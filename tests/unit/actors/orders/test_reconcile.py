"""What follows from a venue's truth, as a pure function."""

from __future__ import annotations

from actors.orders.reconcile import MissingFill, NotShown, Orphan, OrphanFill, ShownOpen, reconcile
from actors.orders.slot import Slot
from actors.orders.slot_book import ENDED_MAX, SlotBook
from engine.messages.market import Side
from engine.messages.orders import TimeInForce
from engine.messages.reports import Filled, VenueOrder, VenueState
from hotpath.orders.transitions import OrderState
from tests.models.orders_desk import LOTS, NOW_NS, TICKS, fill, venue_order
from tiercel.testing import BTCUSDT


def slot(number: int, state: OrderState = OrderState.OPEN) -> Slot:
    return Slot(
        number, f"t1-7-{number}", 0, number, 0, Side.BUY, TimeInForce.GTC, False, False, TICKS, LOTS, number,
        BTCUSDT.scale, NOW_NS, 0, int(state),
    )  # fmt: skip


def compare(slots: list[Slot], fills: tuple[Filled, ...] = (), orders: tuple[VenueOrder, ...] = ()) -> list[object]:
    book = SlotBook(16)
    for each in slots:
        book.add(each)
    truth = VenueState("binance_spot", (), orders, fills, NOW_NS)
    return list(reconcile(list(book.live.values()), book.get, lambda name: name.startswith("t1-"), truth, NOW_NS))


def test_agreement_needs_nothing() -> None:
    assert compare([slot(1, OrderState.IN_FLIGHT)]) == []
    assert compare([slot(1, OrderState.FILLED)]) == []


def test_each_difference_has_its_correction_and_executions_come_first() -> None:
    shown, hidden = slot(1), slot(2)
    known, missed, orphan = fill("t1-7-1", 5, 1), fill("t1-7-1", 6, 1), fill("t1-6-1", 7, 1)
    shown.remember(5)
    order, stray = venue_order("t1-7-1", "NEW"), venue_order("t1-6-2", "NEW")
    found = compare([shown, hidden], (known, missed, missed, orphan), (order, stray))
    assert found == [
        MissingFill(shown, missed), OrphanFill(orphan), ShownOpen(shown, order), Orphan(stray), NotShown(hidden),
    ]  # fmt: skip


def test_what_is_somebody_elses_is_left_alone() -> None:
    assert compare([], (fill("web_1", 1, 1), fill("", 2, 1)), (venue_order("by-hand", "NEW"),)) == []


def test_a_missed_execution_of_an_order_that_is_over_is_found() -> None:
    over = slot(1, OrderState.CANCELED)
    late = fill("t1-7-1", 5, 1)
    assert compare([over], (late,)) == [MissingFill(over, late)]


def test_the_memory_of_ended_orders_is_bounded() -> None:
    book = SlotBook(16)
    for number in range(1, ENDED_MAX + 3):
        each = slot(number)
        book.add(each)
        each.state = int(OrderState.FILLED)
        book.end(each)
    book.check()
    assert book.get("t1-7-2") is None
    assert book.of_intent(0, 2) is None
    assert book.get("t1-7-3") is not None
    assert len(list(book.everything())) == ENDED_MAX


def test_the_memory_of_trades_is_bounded_and_forgets_none() -> None:
    each = slot(1)
    for trade_id in range(2_000):
        each.remember(trade_id)
    assert each.knows(1_999)
    assert each.knows(0)
    assert not each.knows(2_000)
    assert len(each.trade_ids or {}) == 1_024
