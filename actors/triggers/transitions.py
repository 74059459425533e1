"""The life of an order that waits in the engine, as one table: what each event makes of each state.

It is PENDING until its record is on disk, because a strategy may rely on what it heard accepted. Then it is ARMED and
waits for the market; the leg of a bracket is DORMANT before, until its entry is filled in part. What sets it off makes
it FIRING: an order for the venue is due, and is sent as soon as the book is fresh, the disk has the record (an entry
only: fired twice it would be twice as large) and no other leg of its group is at the venue. While that order is out it
is WORKING. A wish to cancel it meanwhile makes it ENDING, its time running out LAPSING, another leg's turn RECALLING.

The venue's order may be denied, end unfilled, or fill for less than has become due: AGAIN sends another one at the next
fresh quote, BACK waits for the market anew. What is not in the table is illegal and changes nothing.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class TriggerState(IntEnum):
    """Where a waiting order is in its life; from FILLED on it is over."""

    PENDING = 0
    DORMANT = 1
    ARMED = 2
    FIRING = 3
    WORKING = 4
    ENDING = 5
    LAPSING = 6
    RECALLING = 7
    FILLED = 8
    CANCELED = 9
    EXPIRED = 10
    REJECTED = 11


class TriggerEvent(IntEnum):
    """What can happen to it: what we find out, what is asked, and what becomes of the order that was sent for it."""

    RECORDED = 0
    RECORDED_DORMANT = 1
    WOKEN = 2
    REACHED = 3
    SENT = 4
    CANCEL = 5
    LAPSE = 6
    RECALL = 7
    DONE = 8
    BACK = 9
    AGAIN = 10
    GONE = 11
    OUT = 12
    REFUSED = 13
    CANCEL_REFUSED = 14


S, E = TriggerState, TriggerEvent

TRIGGER_TABLE: Final[dict[tuple[TriggerState, TriggerEvent], TriggerState]] = {
    (S.PENDING, E.RECORDED): S.ARMED,
    (S.PENDING, E.RECORDED_DORMANT): S.DORMANT,
    (S.PENDING, E.CANCEL): S.CANCELED,
    (S.PENDING, E.LAPSE): S.EXPIRED,
    (S.DORMANT, E.WOKEN): S.ARMED,
    (S.DORMANT, E.CANCEL): S.CANCELED,
    (S.DORMANT, E.LAPSE): S.EXPIRED,
    (S.ARMED, E.WOKEN): S.ARMED,
    (S.ARMED, E.REACHED): S.FIRING,
    (S.ARMED, E.CANCEL): S.CANCELED,
    (S.ARMED, E.LAPSE): S.EXPIRED,
    (S.FIRING, E.WOKEN): S.FIRING,
    (S.FIRING, E.SENT): S.WORKING,
    (S.FIRING, E.CANCEL): S.CANCELED,
    (S.FIRING, E.LAPSE): S.EXPIRED,
    (S.WORKING, E.WOKEN): S.WORKING,
    (S.WORKING, E.CANCEL): S.ENDING,
    (S.WORKING, E.LAPSE): S.LAPSING,
    (S.WORKING, E.RECALL): S.RECALLING,
    (S.WORKING, E.DONE): S.FILLED,
    (S.WORKING, E.BACK): S.ARMED,
    (S.WORKING, E.AGAIN): S.FIRING,
    (S.WORKING, E.GONE): S.CANCELED,
    (S.WORKING, E.OUT): S.EXPIRED,
    (S.WORKING, E.REFUSED): S.REJECTED,
    (S.WORKING, E.CANCEL_REFUSED): S.WORKING,
    (S.ENDING, E.WOKEN): S.ENDING,
    (S.ENDING, E.CANCEL): S.ENDING,
    (S.ENDING, E.LAPSE): S.ENDING,
    (S.ENDING, E.RECALL): S.ENDING,
    (S.ENDING, E.DONE): S.FILLED,
    (S.ENDING, E.GONE): S.CANCELED,
    (S.ENDING, E.OUT): S.CANCELED,
    (S.ENDING, E.REFUSED): S.CANCELED,
    (S.ENDING, E.CANCEL_REFUSED): S.WORKING,
    (S.LAPSING, E.WOKEN): S.LAPSING,
    (S.LAPSING, E.CANCEL): S.ENDING,
    (S.LAPSING, E.LAPSE): S.LAPSING,
    (S.LAPSING, E.RECALL): S.LAPSING,
    (S.LAPSING, E.DONE): S.FILLED,
    (S.LAPSING, E.GONE): S.EXPIRED,
    (S.LAPSING, E.OUT): S.EXPIRED,
    (S.LAPSING, E.REFUSED): S.EXPIRED,
    (S.LAPSING, E.CANCEL_REFUSED): S.LAPSING,
    (S.RECALLING, E.WOKEN): S.RECALLING,
    (S.RECALLING, E.CANCEL): S.ENDING,
    (S.RECALLING, E.LAPSE): S.LAPSING,
    (S.RECALLING, E.RECALL): S.RECALLING,
    (S.RECALLING, E.DONE): S.FILLED,
    (S.RECALLING, E.BACK): S.ARMED,
    (S.RECALLING, E.CANCEL_REFUSED): S.WORKING,
}

OVER = frozenset({S.FILLED, S.CANCELED, S.EXPIRED, S.REJECTED})
OUT_THERE = frozenset({S.WORKING, S.ENDING, S.LAPSING, S.RECALLING})
"""States in which an order of the venue is out for it."""
