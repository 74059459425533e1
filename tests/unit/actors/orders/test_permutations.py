"""Whatever the order in which a venue's reports come, and however often, the end is the same (C-05)."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from engine.messages.reports import Accepted, Amended, Canceled, CancelRejected, Expired, Rejected
from hotpath.orders.transitions import OrderState
from tests.models.orders_desk import LOTS, NOW_NS, TICKS, OrdersDesk, fill

NAME, NEXT = "t1-7-1", "t1-7-2"
HALF = LOTS // 2
ACCEPTED = Accepted(NAME, "1", NOW_NS)
EVENTS_MAX = 6

FRESH: dict[str, tuple[list[Any], OrderState, int]] = {
    "filled in two": ([ACCEPTED, fill(NAME, 1, HALF), fill(NAME, 2, HALF)], OrderState.FILLED, LOTS),
    "filled in three": (
        [ACCEPTED, fill(NAME, 1, 10), fill(NAME, 2, 20), fill(NAME, 3, LOTS - 30)],
        OrderState.FILLED,
        LOTS,
    ),
    "partly filled, then canceled": (
        [ACCEPTED, fill(NAME, 1, 10), fill(NAME, 2, 20), Canceled(NAME, 30, NOW_NS)],
        OrderState.CANCELED,
        30,
    ),
    "partly filled, then expired": (
        [ACCEPTED, fill(NAME, 1, 10), Expired(NAME, 10, NOW_NS)],
        OrderState.EXPIRED,
        10,
    ),
    "filled in five": (
        [ACCEPTED, *(fill(NAME, trade, LOTS // 5) for trade in range(5))],
        OrderState.FILLED,
        LOTS,
    ),
    "rejected": ([Rejected(NAME, -1, "no", NOW_NS)], OrderState.REJECTED, 0),
    "still open": ([ACCEPTED, fill(NAME, 1, 10)], OrderState.PARTIAL, 10),
}
BEING_CANCELED: dict[str, tuple[list[Any], OrderState, int]] = {
    "the fill won": (
        [CancelRejected(NAME, -2011, "gone", NOW_NS), fill(NAME, 1, HALF), fill(NAME, 2, HALF)],
        OrderState.FILLED,
        LOTS,
    ),
    "the cancel won": ([ACCEPTED, fill(NAME, 1, 10), Canceled(NAME, 10, NOW_NS)], OrderState.CANCELED, 10),
    "nobody won": ([CancelRejected(NAME, -1, "busy", NOW_NS), fill(NAME, 1, 10), ACCEPTED], OrderState.PARTIAL, 10),
}
BEING_AMENDED: dict[str, tuple[list[Any], OrderState, int]] = {
    "replaced": (
        [Amended(NAME, NEXT, "2", NOW_NS), fill(NAME, 1, 10), fill(NEXT, 2, LOTS), Canceled(NAME, 10, NOW_NS)],
        OrderState.FILLED,
        LOTS + 10,
    ),
    "replaced and partly filled": (
        [Accepted(NEXT, "2", NOW_NS), fill(NAME, 1, 10), fill(NEXT, 2, 20)],
        OrderState.PARTIAL,
        30,
    ),
}


def sequences(events: list[Any]) -> list[tuple[Any, ...]]:
    """Return every order of up to EVENTS_MAX reports in which each event comes at least once."""
    found = []
    for length in range(len(events), EVENTS_MAX + 1):
        found += [
            tuple(events[at] for at in choice)
            for choice in product(range(len(events)), repeat=length)
            if len(set(choice)) == len(events)
        ]
    return found


def end_of(desk: OrdersDesk, reports: tuple[Any, ...], state: OrderState, filled_lots: int) -> None:
    desk.tell(*reports)
    slot = desk.slot(NAME)
    assert (OrderState(slot.state), slot.filled_lots) == (state, filled_lots), reports
    assert sum(message.lots for message in desk.portfolio.messages) == filled_lots, reports
    assert desk.context.halts == [], reports
    assert desk.actor.moves.illegal_count == 0, reports


@pytest.mark.parametrize("story", FRESH)
def test_a_fresh_order_ends_the_same(story: str) -> None:
    events, state, filled_lots = FRESH[story]
    ways = sequences(events)
    assert len(ways) >= 6
    for reports in ways:
        desk = OrdersDesk()
        desk.approve()
        end_of(desk, reports, state, filled_lots)


@pytest.mark.parametrize("story", BEING_CANCELED)
def test_an_order_that_is_being_canceled_ends_the_same(story: str) -> None:
    events, state, filled_lots = BEING_CANCELED[story]
    for reports in sequences(events):
        desk = OrdersDesk()
        desk.approve()
        desk.tell(ACCEPTED)
        desk.cancel()
        end_of(desk, reports, state, filled_lots)


@pytest.mark.parametrize("story", BEING_AMENDED)
def test_an_order_that_is_being_amended_ends_the_same(story: str) -> None:
    events, state, filled_lots = BEING_AMENDED[story]
    for reports in sequences(events):
        desk = OrdersDesk()
        desk.approve()
        desk.tell(ACCEPTED)
        desk.amend(TICKS - 1, LOTS)
        end_of(desk, reports, state, filled_lots)
