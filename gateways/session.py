"""The life cycle of a venue session, as one table; no socket, no clock, no venue.

A session connects, proves who it is, subscribes to what it needs, and works until something ends it. A market stream
has nothing to prove and names its subscriptions in the URL, so its gateway reports LOGGED_ON and SUBSCRIBED as soon as
it is open. What was running when a session ended is unknown, and CLOSED is the only way out of CLOSING: a new
connection is never opened beside an old one. Pairs that are not in the table cannot happen: InvariantError.
"""

from __future__ import annotations

from enum import IntEnum

from engine.errors import InvariantError


class SessionState(IntEnum):
    """Where a session stands."""

    IDLE = 0
    """Not started."""
    CONNECTING = 1
    LOGGING_ON = 2
    SUBSCRIBING = 3
    READY = 4
    CLOSING = 5
    """We gave it up and wait for the transport to say so; then it is tried anew."""
    WAITING = 6
    """Down; a retry is due after the backoff."""
    STOPPING = 7
    """As CLOSING, but for good."""
    STOPPED = 8


class SessionEvent(IntEnum):
    """What happens to a session."""

    START = 0
    OPENED = 1
    REFUSED = 2
    LOGGED_ON = 3
    SUBSCRIBED = 4
    FAULT = 5
    """We must give this connection up: nonsense from the venue, silence, a refused logon, its age."""
    CLOSED = 6
    RETRY = 7
    STOP = 8


_S = SessionState
_E = SessionEvent

SESSION_TABLE: dict[tuple[SessionState, SessionEvent], SessionState] = {
    (_S.IDLE, _E.START): _S.CONNECTING,
    (_S.IDLE, _E.STOP): _S.STOPPED,
    (_S.CONNECTING, _E.OPENED): _S.LOGGING_ON,
    (_S.CONNECTING, _E.REFUSED): _S.WAITING,
    (_S.CONNECTING, _E.STOP): _S.STOPPING,
    (_S.LOGGING_ON, _E.LOGGED_ON): _S.SUBSCRIBING,
    (_S.LOGGING_ON, _E.FAULT): _S.CLOSING,
    (_S.LOGGING_ON, _E.CLOSED): _S.WAITING,
    (_S.LOGGING_ON, _E.STOP): _S.STOPPING,
    (_S.SUBSCRIBING, _E.SUBSCRIBED): _S.READY,
    (_S.SUBSCRIBING, _E.FAULT): _S.CLOSING,
    (_S.SUBSCRIBING, _E.CLOSED): _S.WAITING,
    (_S.SUBSCRIBING, _E.STOP): _S.STOPPING,
    (_S.READY, _E.FAULT): _S.CLOSING,
    (_S.READY, _E.CLOSED): _S.WAITING,
    (_S.READY, _E.STOP): _S.STOPPING,
    (_S.CLOSING, _E.CLOSED): _S.WAITING,
    (_S.CLOSING, _E.STOP): _S.STOPPING,
    (_S.WAITING, _E.RETRY): _S.CONNECTING,
    (_S.WAITING, _E.STOP): _S.STOPPED,
    (_S.STOPPING, _E.OPENED): _S.STOPPING,
    (_S.STOPPING, _E.REFUSED): _S.STOPPED,
    (_S.STOPPING, _E.CLOSED): _S.STOPPED,
}


def next_state(state: SessionState, event: SessionEvent) -> SessionState:
    """Return the state after `event`.

    Raises:
        InvariantError: the pair is not in the table.
    """
    after = SESSION_TABLE.get((state, event))
    if after is None:
        raise InvariantError(f"a session that is {state.name} cannot see {event.name}; see gateways/session.py")
    return after
