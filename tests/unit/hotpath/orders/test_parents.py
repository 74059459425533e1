"""A parent is counted to the lot, and its place is used again only when no child of it lives."""

from __future__ import annotations

import pytest

from engine.messages.orders import DenialReason as D
from hotpath.orders.parents import Parents
from tests.models.desk import LOT, Desk

PLACES = 4_096
"""Of parents. The table is nearly full before one finds every place taken in which it could be."""


def filled(parents: Parents, first: int) -> tuple[int, int]:
    """Open one parent after the other until there is no place; return the first intent and the one that had none."""
    for intent in range(first, first + 10_000):
        try:
            parents.open(0, intent, intent)
        except OverflowError:
            return first, intent
    raise AssertionError("the table has no end")


def test_live_filled_and_left_add_up_to_the_parent() -> None:
    desk = Desk()
    parents = desk.limits.parents
    parents.open(0, 7, 3 * LOT)
    desk.terms = {"parent": 7}
    assert desk.send() == 0
    assert (parents.left_lots(0, 7), parents.filled_lots(0, 7)) == (2 * LOT, 0)
    desk.exposure.fill(desk.limits.handle, LOT // 2)
    assert (parents.left_lots(0, 7), parents.filled_lots(0, 7)) == (2 * LOT, LOT // 2)
    desk.exposure.release(desk.limits.handle)
    assert parents.left_lots(0, 7) == 5 * LOT // 2


def test_an_order_in_the_place_of_a_child_that_is_over_is_no_child() -> None:
    desk = Desk(capacity=1)
    parents = desk.limits.parents
    parents.open(0, 7, 3 * LOT)
    desk.terms = {"parent": 7}
    assert desk.send() == 0
    desk.exposure.release(desk.limits.handle)
    handle = desk.exposure.reserve(0, 1, 100_00, 2 * LOT)
    assert parents.left_lots(0, 7) == 3 * LOT
    desk.exposure.fill(handle, LOT)
    assert (parents.left_lots(0, 7), parents.filled_lots(0, 7)) == (3 * LOT, 0)


def test_what_is_said_of_an_order_is_not_said_of_the_next() -> None:
    desk = Desk()
    for terms, code in (({"parent": 7}, D.PARENT_CHILD_CAP_INPUT), ({"edge_bps": -1}, D.EDGE_TO_COST_INPUT)):
        desk.terms = dict(terms)
        assert desk.send() == code
        desk.terms = {}
        assert desk.send() == 0
        desk.exposure.release(desk.limits.handle)
        desk = Desk()


def test_an_amend_of_a_child_is_held_to_the_parent() -> None:
    desk = Desk()
    desk.limits.parents.open(0, 7, 2 * LOT)
    desk.terms = {"parent": 7}
    assert desk.send() == 0
    handle = desk.limits.handle
    assert desk.amend(handle, lots=2 * LOT + 10) == D.PARENT_CHILD_CAP
    assert desk.amend(handle, lots=2 * LOT) == 0
    assert desk.limits.parents.left_lots(0, 7) == 0


def test_a_closed_parent_has_no_more_children_and_gives_its_place_back_when_none_lives() -> None:
    parents = Parents()
    parents.open(0, 7, LOT)
    assert (parents.count, parents.close(0, 7), parents.close(0, 7), parents.count) == (1, True, False, 0)
    with pytest.raises(KeyError, match="parent 7 of strategy 0 is not open"):
        parents.left_lots(0, 7)
    parents.open(0, 7, LOT)
    assert parents.left_lots(0, 7) == LOT


@pytest.mark.parametrize("numbers", [(0, 0, 1), (-2, 1, 1), (0, 2**50, 1), (4_095, 1, 1), (0, 1, 0), (0, 1, 1, 2)])
def test_what_is_no_parent_is_refused(numbers: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="parent"):
        Parents().open(*numbers)


@pytest.mark.parametrize(("strategy", "intent"), [(-1, 1), (4_094, 1), (0, 2**50 - 1)])
def test_the_last_numbers_that_an_intent_can_have_are_taken(strategy: int, intent: int) -> None:
    parents = Parents()
    parents.open(strategy, intent, LOT, LOT)
    assert (parents.left_lots(strategy, intent), parents.filled_lots(strategy, intent)) == (0, LOT)


def test_a_parent_is_open_once_and_the_table_has_an_end() -> None:
    parents = Parents()
    parents.open(0, 7, LOT)
    with pytest.raises(ValueError, match="parent 7 of strategy 0 is open"):
        parents.open(0, 7, LOT)
    with pytest.raises(OverflowError, match="no place for parent"):
        for intent in range(8, 10_000):
            parents.open(0, intent, intent)
    assert parents.count > PLACES * 7 // 8
    assert all(parents.left_lots(0, intent) == intent for intent in range(8, 7 + parents.count))


def test_the_place_of_a_closed_parent_is_another_s_as_soon_as_no_child_lives_and_not_before() -> None:
    desk = Desk()
    parents = desk.limits.parents
    parents.open(0, 7, 3 * LOT)
    desk.terms = {"parent": 7}
    assert desk.send() == 0
    parents.close(0, 7)
    first, refused = filled(parents, 8)
    desk.exposure.release(desk.limits.handle)
    assert all(parents.left_lots(0, intent) == intent for intent in range(first, refused))
    for intent in range(first, refused):
        parents.close(0, intent)
    again, last = filled(parents, refused)
    assert last - again > PLACES * 7 // 8
    assert parents.count == last - again
