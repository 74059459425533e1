"""Update ids: what follows, what is old, what is missing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotpath.market.sequence import DUPLICATE, GAP, IN_ORDER, Sequence


def started(last_id: int = 100) -> Sequence:
    sequence = Sequence()
    sequence.start(last_id)
    return sequence


def test_outcomes_are_three_different_numbers() -> None:
    assert sorted({IN_ORDER, DUPLICATE, GAP}) == [0, 1, 2]


def test_before_a_snapshot_everything_is_a_gap() -> None:
    sequence = Sequence()
    sequence.check()
    assert not sequence.synchronised
    assert sequence.step(1, 1) == GAP
    assert (sequence.last_id, sequence.expected) == (0, 1)


def test_what_ends_at_or_before_the_snapshot_is_a_duplicate() -> None:
    sequence = started(100)
    assert sequence.step(90, 99) == DUPLICATE
    assert sequence.step(95, 100) == DUPLICATE
    assert (sequence.last_id, sequence.synchronised) == (100, True)


@pytest.mark.parametrize("first_id", [0, 50, 100, 101])
def test_the_first_update_may_reach_back_before_the_snapshot(first_id: int) -> None:
    sequence = started(100)
    assert sequence.step(first_id, 105) == IN_ORDER
    assert (sequence.last_id, sequence.expected) == (105, 106)
    sequence.check()


def test_the_first_update_must_not_begin_after_the_expected_id() -> None:
    sequence = started(100)
    assert sequence.step(102, 105) == GAP
    assert not sequence.synchronised


def test_every_later_update_begins_where_the_last_one_ended() -> None:
    sequence = started(100)
    assert [sequence.step(101, 101), sequence.step(102, 110), sequence.step(111, 111)] == [IN_ORDER] * 3
    assert sequence.last_id == 111


def test_a_later_update_that_overlaps_is_a_gap() -> None:
    sequence = started(100)
    assert sequence.step(99, 105) == IN_ORDER
    assert sequence.step(105, 107) == GAP


def test_a_gap_is_final_until_the_next_start() -> None:
    sequence = started(100)
    assert sequence.step(101, 105) == IN_ORDER
    assert sequence.step(107, 108) == GAP
    assert (sequence.expected, sequence.last_id, sequence.synchronised) == (106, 105, False)
    assert sequence.step(106, 106) == GAP
    assert sequence.step(1, 2) == GAP
    sequence.start(200)
    assert sequence.step(150, 201) == IN_ORDER
    assert sequence.synchronised


@pytest.mark.parametrize(("first_id", "last_id"), [(2, 1), (-1, 1), (-2, -1), (1, 2**63 - 1)])
def test_ids_that_are_no_range_are_refused(first_id: int, last_id: int) -> None:
    sequence = started()
    with pytest.raises(ValueError, match="expected 0 <= first_id <= last_id"):
        sequence.step(first_id, last_id)
    assert sequence.synchronised


@pytest.mark.parametrize("last_id", [-1, 2**63 - 1])
def test_a_snapshot_needs_an_id_that_can_be_followed(last_id: int) -> None:
    with pytest.raises(ValueError, match="expected an update id"):
        Sequence().start(last_id)


@pytest.mark.parametrize("value", [1.0, "1", None])
def test_integers_must_be_integers(value: Any) -> None:
    sequence = started()
    for call in (sequence.start, lambda v: sequence.step(v, 1), lambda v: sequence.step(1, v)):
        with pytest.raises(TypeError, match="expected int"):
            call(value)


@given(st.integers(0, 30), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 6)), max_size=30))
def test_what_was_in_order_covers_every_id_exactly_once(snapshot: int, updates: list[tuple[int, int]]) -> None:
    sequence = started(snapshot)
    covered = snapshot
    first = True
    for first_id, more in updates:
        outcome = sequence.step(first_id, first_id + more)
        sequence.check()
        if outcome == IN_ORDER:
            assert first_id <= covered + 1 if first else first_id == covered + 1
            assert first_id + more > covered
            covered, first = first_id + more, False
        assert sequence.last_id == covered
        assert sequence.synchronised == (outcome != GAP)
        if outcome == GAP:
            break
        if outcome == DUPLICATE:
            assert first_id + more <= covered
