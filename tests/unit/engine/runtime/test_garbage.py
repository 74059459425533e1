"""Cycles are found between passes: the collector starts nowhere else, unless one handler leaves very many."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from weakref import ref

import pytest

from engine.runtime.garbage import HANDLER_MAX, MIDDLE_EVERY, OLD_MIN, YOUNG_MAX, Garbage


class Node:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def garbage() -> Iterator[Garbage]:
    with Garbage() as one:
        yield one


def litter(count: int) -> ref[Node]:
    """Leave so many cycles behind and return the last of them."""
    last = ref(Node())
    for _ in range(count - 1):
        last = ref(Node())
    return last


def test_a_cycle_stays_until_enough_of_them_are_looked_for(garbage: Garbage) -> None:
    few = litter(10)
    garbage.look()
    assert few() is not None
    assert garbage.searches_count == 0
    last = litter(YOUNG_MAX)
    assert few() is not None
    garbage.look()
    assert (few(), last()) == (None, None)
    assert garbage.searches_count == 1


def test_a_cycle_that_was_in_use_at_its_first_search_is_found_by_a_later_one(garbage: Garbage) -> None:
    nodes = [Node() for _ in range(YOUNG_MAX)]
    watched = ref(nodes[0])
    garbage.look()
    nodes.clear()
    for _ in range(MIDDLE_EVERY + 1):
        if watched() is None:
            break
        litter(YOUNG_MAX)
        garbage.look()
    assert watched() is None
    assert garbage.searches_count <= MIDDLE_EVERY


def test_what_has_grown_old_is_found_in_the_end(garbage: Garbage) -> None:
    node = Node()
    watched = ref(node)
    gc.collect()
    del node
    for _ in range(OLD_MIN // YOUNG_MAX):
        assert watched() is not None
        litter(YOUNG_MAX)
        garbage.look()
    assert watched() is None


def test_where_much_is_kept_everything_is_searched_when_a_quarter_of_it_is_new(garbage: Garbage) -> None:
    kept = [[number] for number in range(8 * OLD_MIN)]
    for _ in range(OLD_MIN // YOUNG_MAX):
        litter(YOUNG_MAX)
        garbage.look()
    node = Node()
    watched = ref(node)
    gc.collect(1)
    del node
    searches = 0
    while watched() is not None:
        litter(YOUNG_MAX)
        garbage.look()
        searches += 1
    assert len(kept) // 4 <= searches * YOUNG_MAX <= len(kept) // 2


def test_what_one_handler_leaves_is_bounded(garbage: Garbage) -> None:
    first = litter(1)
    litter(2 * HANDLER_MAX)
    assert first() is None
    assert garbage.searches_count == 0


def test_the_collector_is_left_as_it_was_found() -> None:
    before = gc.get_threshold()
    with pytest.raises(KeyError), Garbage():
        assert gc.get_threshold()[0] == HANDLER_MAX
        assert gc.get_freeze_count() > 0
        raise KeyError
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
