"""Every state x every event of a book's recovery: in the table, or it raises."""

from __future__ import annotations

import pytest

from actors.feed.recovery import TRANSITIONS, RecoveryEvent, RecoveryState, advance
from engine.errors import InvariantError

CELLS = [(state, event) for state in RecoveryState for event in RecoveryEvent]


@pytest.mark.parametrize(("state", "event"), CELLS, ids=lambda value: value.name)
def test_every_cell_is_in_the_table_or_raises(state: RecoveryState, event: RecoveryEvent) -> None:
    if (state, event) in TRANSITIONS:
        assert advance(state, event) is TRANSITIONS[state, event]
    else:
        with pytest.raises(InvariantError, match=rf"{state.name} cannot meet {event.name}"):
            advance(state, event)


def test_a_book_becomes_usable_by_a_snapshot_alone() -> None:
    ways = [key for key, after in TRANSITIONS.items() if after is RecoveryState.SYNCHRONISED and key[0] is not after]
    assert ways == [(RecoveryState.BUFFERING, RecoveryEvent.SNAPSHOT_JOINED)]


def test_every_state_and_event_is_used() -> None:
    assert set(TRANSITIONS.values()) == set(RecoveryState)
    assert {event for _, event in TRANSITIONS} == set(RecoveryEvent)
