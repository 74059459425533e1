"""The recovery of one instrument's book, as one table: what each event makes of each state.

A book is IDLE while its stream is down. When the stream lives, deltas are kept (BUFFERING) and a snapshot is asked for;
once both fit together it is SYNCHRONISED and may be used. Whatever breaks it makes it STALE: deltas are kept again, and
after a pause the next snapshot is asked for. A gap in what is only kept starts the keeping anew and changes nothing
else. A stream that comes back without having been down proves itself by its sequence. What is not in the table is a
fault of ours and raises.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from engine.errors import InvariantError


class RecoveryState(IntEnum):
    """Where a book is in its recovery; only SYNCHRONISED may be used."""

    IDLE = 0
    BUFFERING = 1
    SYNCHRONISED = 2
    STALE = 3


class RecoveryEvent(IntEnum):
    """What can happen to a book."""

    STREAM_LIVE = 0
    STREAM_DOWN = 1
    SNAPSHOT_JOINED = 2
    SNAPSHOT_REFUSED = 3
    GAP = 4
    CROSSED = 5
    MISMATCH = 6
    SILENT = 7
    RETRY = 8


S = RecoveryState
E = RecoveryEvent

TRANSITIONS: Final[dict[tuple[RecoveryState, RecoveryEvent], RecoveryState]] = {
    (S.IDLE, E.STREAM_LIVE): S.BUFFERING,
    (S.IDLE, E.STREAM_DOWN): S.IDLE,
    #
    (S.BUFFERING, E.STREAM_LIVE): S.BUFFERING,
    (S.BUFFERING, E.STREAM_DOWN): S.IDLE,
    (S.BUFFERING, E.SNAPSHOT_JOINED): S.SYNCHRONISED,
    (S.BUFFERING, E.SNAPSHOT_REFUSED): S.STALE,
    (S.BUFFERING, E.GAP): S.BUFFERING,
    (S.BUFFERING, E.CROSSED): S.STALE,
    (S.BUFFERING, E.MISMATCH): S.STALE,
    (S.BUFFERING, E.RETRY): S.BUFFERING,
    #
    (S.SYNCHRONISED, E.STREAM_LIVE): S.SYNCHRONISED,
    (S.SYNCHRONISED, E.STREAM_DOWN): S.IDLE,
    (S.SYNCHRONISED, E.GAP): S.STALE,
    (S.SYNCHRONISED, E.CROSSED): S.STALE,
    (S.SYNCHRONISED, E.MISMATCH): S.STALE,
    (S.SYNCHRONISED, E.SILENT): S.STALE,
    #
    (S.STALE, E.STREAM_LIVE): S.STALE,
    (S.STALE, E.STREAM_DOWN): S.IDLE,
    (S.STALE, E.GAP): S.STALE,
    (S.STALE, E.RETRY): S.BUFFERING,
}


def advance(state: RecoveryState, event: RecoveryEvent) -> RecoveryState:
    """Return the state that `event` makes of `state`. InvariantError when the event cannot happen there."""
    after = TRANSITIONS.get((state, event))
    if after is None:
        raise InvariantError(f"a book that is {state.name} cannot meet {event.name}: see actors/feed/recovery.py")
    return after
