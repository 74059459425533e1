"""Six reports in every order, and every one of them twice: one end, and on the way nothing that cannot be (C-05, I11).

Every way is an order of its own on one desk: what an order went through must not touch the next one either.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import Any

import pytest

from engine.messages.reports import Accepted, Ambiguous, Canceled, CancelRejected, Expired, Filled, OrderFilled
from hotpath.orders.lifecycle import is_terminal
from hotpath.orders.transitions import OrderState
from tests.models.orders_desk import LOTS, NOW_NS, OrdersDesk, fill

pytestmark = pytest.mark.untraced  # fifty thousand ways, each of them through the same few lines

SIX = 6
THIRD = LOTS // 4
ORDER = "<the order>"

STORIES: dict[str, tuple[list[Any], OrderState, int]] = {
    "the fills won": (
        [
            Accepted(ORDER, "1", NOW_NS),
            fill(ORDER, 1, THIRD),
            fill(ORDER, 2, THIRD),
            fill(ORDER, 3, LOTS - 2 * THIRD),
            CancelRejected(ORDER, -2011, "gone", NOW_NS),
            Ambiguous(ORDER, "no answer", NOW_NS),
        ],
        OrderState.FILLED,
        LOTS,
    ),
    "the cancel won": (
        [
            Accepted(ORDER, "1", NOW_NS),
            fill(ORDER, 1, THIRD),
            fill(ORDER, 2, THIRD),
            Canceled(ORDER, 2 * THIRD, NOW_NS),
            CancelRejected(ORDER, -2011, "gone", NOW_NS),
            Ambiguous(ORDER, "no answer", NOW_NS),
        ],
        OrderState.CANCELED,
        2 * THIRD,
    ),
    "the venue ended it": (
        [
            Accepted(ORDER, "1", NOW_NS),
            fill(ORDER, 1, THIRD),
            fill(ORDER, 2, THIRD),
            fill(ORDER, 3, THIRD),
            Expired(ORDER, 3 * THIRD, NOW_NS),
            Ambiguous(ORDER, "no answer", NOW_NS),
        ],
        OrderState.EXPIRED,
        3 * THIRD,
    ),
}


def ways(with_one_twice: bool) -> Iterator[tuple[int, ...]]:
    """Return every order of six reports, or every order of seven in which one of the six comes twice."""
    if not with_one_twice:
        yield from permutations(range(SIX))
        return
    for twice in range(SIX):
        for way in permutations((*range(SIX), SIX)):
            if way.index(twice) < way.index(SIX):
                yield tuple(twice if at == SIX else at for at in way)


def named(report: Any, order: str, base: int) -> Any:
    """Return a report for this order, whose executions no other order has."""
    if isinstance(report, Filled):
        return fill(order, base + report.trade_id, report.lots)
    return type(report)(order, *(getattr(report, name) for name in report.__struct_fields__[1:]))


def go(desk: OrdersDesk, events: list[Any], way: tuple[int, ...], number: int) -> tuple[OrderState, int]:
    """Have one order live through one way, and return its end."""
    order = desk.approve()
    reports = [named(event, order, SIX * number) for event in events]
    desk.tell(named(Accepted(ORDER, "1", NOW_NS), order, 0))
    desk.cancel(desk.intent)
    slot = desk.slot(order)
    filled, over = 0, False
    for at in way:
        was = slot.state
        desk.handlers[type(reports[at])](reports[at])
        assert filled <= slot.filled_lots <= LOTS, way
        assert not over or slot.state == was, way
        filled, over = slot.filled_lots, is_terminal(slot.state)
    return OrderState(slot.state), slot.filled_lots


@pytest.mark.parametrize("with_one_twice", [False, True])
@pytest.mark.parametrize("story", STORIES)
def test_every_way_has_the_same_end(story: str, with_one_twice: bool) -> None:
    events, state, filled_lots = STORIES[story]
    desk = OrdersDesk()
    desk.ready()
    count = 0
    for way in ways(with_one_twice):
        count += 1
        desk.portfolio.take()
        assert go(desk, events, way, count) == (state, filled_lots), way
        booked = [message for message in desk.portfolio.messages if isinstance(message, OrderFilled)]
        assert sum(message.lots for message in booked) == filled_lots, way
        assert len({message.trade_id for message in booked}) == len(booked), way
    assert count == (15_120 if with_one_twice else 720)
    assert desk.context.halts == []
    assert desk.actor.moves.illegal_count == 0
    assert desk.actor.moves.counts[:2] == [0, 0]
