"""The session table: every state with every event is in it, or raises and changes nothing."""

from __future__ import annotations

import pytest

from engine.errors import InvariantError
from gateways.session import SESSION_TABLE, SessionEvent, SessionState, next_state


@pytest.mark.parametrize("state", SessionState)
@pytest.mark.parametrize("event", SessionEvent)
def test_every_pair_is_in_the_table_or_raises(state: SessionState, event: SessionEvent) -> None:
    if (state, event) in SESSION_TABLE:
        assert next_state(state, event) is SESSION_TABLE[state, event]
    else:
        with pytest.raises(InvariantError, match=f"{state.name} cannot see {event.name}"):
            next_state(state, event)


def test_a_session_works_only_after_logon_and_subscription() -> None:
    to_ready = {pair for pair, after in SESSION_TABLE.items() if after is SessionState.READY}
    assert to_ready == {(SessionState.SUBSCRIBING, SessionEvent.SUBSCRIBED)}


def test_a_new_connection_is_never_opened_beside_an_old_one() -> None:
    to_connecting = {pair for pair, after in SESSION_TABLE.items() if after is SessionState.CONNECTING}
    assert to_connecting == {
        (SessionState.IDLE, SessionEvent.START),
        (SessionState.WAITING, SessionEvent.RETRY),
    }
    from_closing = {pair[1]: after for pair, after in SESSION_TABLE.items() if pair[0] is SessionState.CLOSING}
    assert from_closing == {
        SessionEvent.CLOSED: SessionState.WAITING,
        SessionEvent.STOP: SessionState.STOPPING,
    }


def test_a_stopped_session_stays_stopped() -> None:
    assert not [pair for pair in SESSION_TABLE if pair[0] is SessionState.STOPPED]


def test_every_connected_state_survives_a_sudden_close_and_a_fault() -> None:
    for state in (SessionState.LOGGING_ON, SessionState.SUBSCRIBING, SessionState.READY):
        assert next_state(state, SessionEvent.CLOSED) is SessionState.WAITING
        assert next_state(state, SessionEvent.FAULT) is SessionState.CLOSING
