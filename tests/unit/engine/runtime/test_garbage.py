"""Cycles are found between passes: the collector starts nowhere else while a run goes on."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from weakref import ref

import pytest

from engine.runtime.garbage import MIDDLE_EVERY, OLD_EVERY, YOUNG_MAX, Garbage


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
    for _ in range(OLD_EVERY):
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
    while watched() is not None and garbage.searches_count <= OLD_EVERY:
        litter(YOUNG_MAX)
        garbage.look()
    assert watched() is None


def test_the_collector_is_left_as_it_was_found() -> None:
    with Garbage():
        assert not gc.isenabled()
        assert gc.get_freeze_count() > 0
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
    gc.disable()
    try:
        with Garbage():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
