"""The life of an order, as one table: what each event makes of each state. What is not in the table is illegal.

An order is IN_FLIGHT from the moment it is handed over until the venue's first word. It then works (OPEN, or PARTIAL
once something was filled) until it is FILLED, CANCELED or EXPIRED; or it never worked: the venue REJECTED it, or it
FAILED to reach the venue at all. A cancel or an amend is sent only for an order that works, so that an answer can
never belong to two requests: a wish for an order in flight waits for the venue's first word.

Whoever does not know what became of a request says AMBIGUOUS, and the order is UNKNOWN until the venue proves
something: a report that ends it, the answer to an amend, or the answer to a query (PROVED_OPEN, PROVED_ABSENT). A late
ACCEPTED proves nothing about a cancel that may have followed, so it does not end UNKNOWN; nor does a partial fill.

Terminal is final. A fill that comes after the end is real: its lots count and the state stays. Venues repeat
themselves and their reports overtake each other, so a repeated or late report is a step in place, not an error; a
report that contradicts what was proved before (an accepted order REJECTED, a cancel of one that never was) is illegal.

REPLACED_GONE is the cancel half of an amend in progress: the old order left the book and its successor is not proved.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class OrderState(IntEnum):
    """Where an order is in its life; from FILLED on it is over."""

    IN_FLIGHT = 0
    OPEN = 1
    PARTIAL = 2
    PENDING_CANCEL = 3
    PENDING_AMEND = 4
    UNKNOWN = 5
    FILLED = 6
    CANCELED = 7
    EXPIRED = 8
    REJECTED = 9
    FAILED = 10


class OrderEvent(IntEnum):
    """What can happen to an order: first what the venue says, then what we do, then what we find out."""

    ACCEPTED = 0
    FILL_PART = 1
    FILL_WHOLE = 2
    CANCELED = 3
    EXPIRED = 4
    REJECTED = 5
    CANCEL_REJECTED = 6
    AMENDED = 7
    AMEND_REJECTED = 8
    AMEND_LOST = 9
    REPLACED_GONE = 10
    CANCEL_SENT = 11
    AMEND_SENT = 12
    NOT_SENT = 13
    AMBIGUOUS = 14
    PROVED_OPEN = 15
    PROVED_ABSENT = 16


S = OrderState
E = OrderEvent

TERMINAL: Final = (S.FILLED, S.CANCELED, S.EXPIRED, S.REJECTED, S.FAILED)

TRANSITIONS: Final[dict[tuple[OrderState, OrderEvent], OrderState]] = {
    (S.IN_FLIGHT, E.ACCEPTED): S.OPEN,
    (S.IN_FLIGHT, E.FILL_PART): S.PARTIAL,
    (S.IN_FLIGHT, E.FILL_WHOLE): S.FILLED,
    (S.IN_FLIGHT, E.CANCELED): S.CANCELED,
    (S.IN_FLIGHT, E.EXPIRED): S.EXPIRED,
    (S.IN_FLIGHT, E.REJECTED): S.REJECTED,
    (S.IN_FLIGHT, E.NOT_SENT): S.FAILED,
    (S.IN_FLIGHT, E.AMBIGUOUS): S.UNKNOWN,
    (S.IN_FLIGHT, E.PROVED_OPEN): S.OPEN,
    #
    (S.OPEN, E.ACCEPTED): S.OPEN,
    (S.OPEN, E.FILL_PART): S.PARTIAL,
    (S.OPEN, E.FILL_WHOLE): S.FILLED,
    (S.OPEN, E.CANCELED): S.CANCELED,
    (S.OPEN, E.EXPIRED): S.EXPIRED,
    (S.OPEN, E.CANCEL_REJECTED): S.OPEN,
    (S.OPEN, E.AMENDED): S.OPEN,
    (S.OPEN, E.AMEND_REJECTED): S.OPEN,
    (S.OPEN, E.CANCEL_SENT): S.PENDING_CANCEL,
    (S.OPEN, E.AMEND_SENT): S.PENDING_AMEND,
    (S.OPEN, E.NOT_SENT): S.OPEN,
    (S.OPEN, E.AMBIGUOUS): S.OPEN,
    (S.OPEN, E.PROVED_OPEN): S.OPEN,
    #
    (S.PARTIAL, E.ACCEPTED): S.PARTIAL,
    (S.PARTIAL, E.FILL_PART): S.PARTIAL,
    (S.PARTIAL, E.FILL_WHOLE): S.FILLED,
    (S.PARTIAL, E.CANCELED): S.CANCELED,
    (S.PARTIAL, E.EXPIRED): S.EXPIRED,
    (S.PARTIAL, E.CANCEL_REJECTED): S.PARTIAL,
    (S.PARTIAL, E.AMENDED): S.PARTIAL,
    (S.PARTIAL, E.AMEND_REJECTED): S.PARTIAL,
    (S.PARTIAL, E.CANCEL_SENT): S.PENDING_CANCEL,
    (S.PARTIAL, E.AMEND_SENT): S.PENDING_AMEND,
    (S.PARTIAL, E.NOT_SENT): S.PARTIAL,
    (S.PARTIAL, E.AMBIGUOUS): S.PARTIAL,
    (S.PARTIAL, E.PROVED_OPEN): S.PARTIAL,
    #
    (S.PENDING_CANCEL, E.ACCEPTED): S.PENDING_CANCEL,
    (S.PENDING_CANCEL, E.FILL_PART): S.PENDING_CANCEL,
    (S.PENDING_CANCEL, E.FILL_WHOLE): S.FILLED,
    (S.PENDING_CANCEL, E.CANCELED): S.CANCELED,
    (S.PENDING_CANCEL, E.EXPIRED): S.EXPIRED,
    (S.PENDING_CANCEL, E.CANCEL_REJECTED): S.OPEN,
    (S.PENDING_CANCEL, E.AMENDED): S.PENDING_CANCEL,
    (S.PENDING_CANCEL, E.AMEND_REJECTED): S.PENDING_CANCEL,
    (S.PENDING_CANCEL, E.NOT_SENT): S.OPEN,
    (S.PENDING_CANCEL, E.AMBIGUOUS): S.UNKNOWN,
    (S.PENDING_CANCEL, E.PROVED_OPEN): S.PENDING_CANCEL,
    #
    (S.PENDING_AMEND, E.ACCEPTED): S.PENDING_AMEND,
    (S.PENDING_AMEND, E.FILL_PART): S.PENDING_AMEND,
    (S.PENDING_AMEND, E.FILL_WHOLE): S.FILLED,
    (S.PENDING_AMEND, E.CANCEL_REJECTED): S.PENDING_AMEND,
    (S.PENDING_AMEND, E.AMENDED): S.OPEN,
    (S.PENDING_AMEND, E.AMEND_REJECTED): S.OPEN,
    (S.PENDING_AMEND, E.AMEND_LOST): S.CANCELED,
    (S.PENDING_AMEND, E.REPLACED_GONE): S.PENDING_AMEND,
    (S.PENDING_AMEND, E.NOT_SENT): S.OPEN,
    (S.PENDING_AMEND, E.AMBIGUOUS): S.UNKNOWN,
    (S.PENDING_AMEND, E.PROVED_OPEN): S.PENDING_AMEND,
    #
    (S.UNKNOWN, E.ACCEPTED): S.UNKNOWN,
    (S.UNKNOWN, E.FILL_PART): S.UNKNOWN,
    (S.UNKNOWN, E.FILL_WHOLE): S.FILLED,
    (S.UNKNOWN, E.CANCELED): S.CANCELED,
    (S.UNKNOWN, E.EXPIRED): S.EXPIRED,
    (S.UNKNOWN, E.REJECTED): S.REJECTED,
    (S.UNKNOWN, E.CANCEL_REJECTED): S.UNKNOWN,
    (S.UNKNOWN, E.AMENDED): S.OPEN,
    (S.UNKNOWN, E.AMEND_REJECTED): S.OPEN,
    (S.UNKNOWN, E.AMEND_LOST): S.CANCELED,
    (S.UNKNOWN, E.REPLACED_GONE): S.UNKNOWN,
    (S.UNKNOWN, E.CANCEL_SENT): S.UNKNOWN,
    (S.UNKNOWN, E.NOT_SENT): S.UNKNOWN,
    (S.UNKNOWN, E.AMBIGUOUS): S.UNKNOWN,
    (S.UNKNOWN, E.PROVED_OPEN): S.OPEN,
    (S.UNKNOWN, E.PROVED_ABSENT): S.FAILED,
    #
    (S.FILLED, E.ACCEPTED): S.FILLED,
    (S.FILLED, E.FILL_PART): S.FILLED,
    (S.FILLED, E.FILL_WHOLE): S.FILLED,
    (S.FILLED, E.CANCELED): S.FILLED,
    (S.FILLED, E.EXPIRED): S.FILLED,
    (S.FILLED, E.CANCEL_REJECTED): S.FILLED,
    (S.FILLED, E.AMENDED): S.FILLED,
    (S.FILLED, E.AMEND_REJECTED): S.FILLED,
    (S.FILLED, E.AMEND_LOST): S.FILLED,
    (S.FILLED, E.NOT_SENT): S.FILLED,
    (S.FILLED, E.AMBIGUOUS): S.FILLED,
    (S.FILLED, E.PROVED_OPEN): S.FILLED,
    #
    (S.CANCELED, E.ACCEPTED): S.CANCELED,
    (S.CANCELED, E.FILL_PART): S.CANCELED,
    (S.CANCELED, E.FILL_WHOLE): S.CANCELED,
    (S.CANCELED, E.CANCELED): S.CANCELED,
    (S.CANCELED, E.EXPIRED): S.CANCELED,
    (S.CANCELED, E.CANCEL_REJECTED): S.CANCELED,
    (S.CANCELED, E.AMENDED): S.CANCELED,
    (S.CANCELED, E.AMEND_REJECTED): S.CANCELED,
    (S.CANCELED, E.AMEND_LOST): S.CANCELED,
    (S.CANCELED, E.NOT_SENT): S.CANCELED,
    (S.CANCELED, E.AMBIGUOUS): S.CANCELED,
    (S.CANCELED, E.PROVED_OPEN): S.CANCELED,
    #
    (S.EXPIRED, E.ACCEPTED): S.EXPIRED,
    (S.EXPIRED, E.FILL_PART): S.EXPIRED,
    (S.EXPIRED, E.FILL_WHOLE): S.EXPIRED,
    (S.EXPIRED, E.CANCELED): S.EXPIRED,
    (S.EXPIRED, E.EXPIRED): S.EXPIRED,
    (S.EXPIRED, E.CANCEL_REJECTED): S.EXPIRED,
    (S.EXPIRED, E.AMENDED): S.EXPIRED,
    (S.EXPIRED, E.AMEND_REJECTED): S.EXPIRED,
    (S.EXPIRED, E.NOT_SENT): S.EXPIRED,
    (S.EXPIRED, E.AMBIGUOUS): S.EXPIRED,
    (S.EXPIRED, E.PROVED_OPEN): S.EXPIRED,
    #
    (S.REJECTED, E.FILL_PART): S.REJECTED,
    (S.REJECTED, E.FILL_WHOLE): S.REJECTED,
    (S.REJECTED, E.REJECTED): S.REJECTED,
    (S.REJECTED, E.CANCEL_REJECTED): S.REJECTED,
    (S.REJECTED, E.NOT_SENT): S.REJECTED,
    (S.REJECTED, E.AMBIGUOUS): S.REJECTED,
    #
    (S.FAILED, E.FILL_PART): S.FAILED,
    (S.FAILED, E.FILL_WHOLE): S.FAILED,
    (S.FAILED, E.REJECTED): S.FAILED,
    (S.FAILED, E.CANCEL_REJECTED): S.FAILED,
    (S.FAILED, E.NOT_SENT): S.FAILED,
    (S.FAILED, E.AMBIGUOUS): S.FAILED,
    (S.FAILED, E.PROVED_ABSENT): S.FAILED,
}
