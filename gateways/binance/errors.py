"""What the venue's refusals mean for an order: it was never taken, or nobody knows.

The distinction is the whole point: an ambiguous answer read as a reject places the order twice. Only what the venue
documents as "not executed" is a reject; every 5xx, and the codes that say "status unknown", are ambiguous.
"""

from __future__ import annotations

from enum import IntEnum

OK = 200
UNKNOWN = -1000
DISCONNECTED = -1001
TOO_MANY_REQUESTS = -1003
UNEXPECTED_RESPONSE = -1006
TIMEOUT = -1007
SERVER_BUSY = -1008
NO_SUCH_ORDER = -2013
SUBSCRIPTION_ACTIVE = -2035
BAD_KEY_FORMAT = -2014
REJECTED_KEY = -2015
UNAUTHORIZED = -1002

AMBIGUOUS_CODES = frozenset({UNKNOWN, DISCONNECTED, UNEXPECTED_RESPONSE, TIMEOUT, SERVER_BUSY})
LOGON_LOST_CODES = frozenset({UNAUTHORIZED, BAD_KEY_FORMAT, REJECTED_KEY})
RATE_STATUSES = frozenset({418, 429})
PARTLY_FAILED = 409


class Verdict(IntEnum):
    """What an answer proves."""

    DONE = 1
    """The venue did it."""
    REFUSED = 2
    """The venue did not do it and never will."""
    AMBIGUOUS = 3
    """It may have done it."""


def verdict(status: int, code: int) -> Verdict:
    """Judge an answer by its HTTP-like status and, where it failed, its error code (0 without one)."""
    if status == OK:
        return Verdict.DONE
    if 400 <= status < 500 and code not in AMBIGUOUS_CODES:
        return Verdict.REFUSED
    return Verdict.AMBIGUOUS
