"""What became of a request, in the ten words that people and programs outside ask for.

It owns the words and the one table from states to them: the states are those of the trail, the life cycle of an order
with what comes before it (decided, approved, denied). A result is derived from what was reported and is kept nowhere.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct


class ExecutionStatus(StrEnum):
    """What became of a request."""

    PENDING = "PENDING"
    """Asked for; the venue has not said a word."""
    SUBMITTED = "SUBMITTED"
    """With the venue, nothing filled."""
    PARTIAL = "PARTIAL"
    """With the venue, filled in part."""
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"
    """The venue refused it."""
    FAILED = "FAILED"
    """It never reached the venue."""
    DENIED = "DENIED"
    """Risk refused it."""
    EXPIRED = "EXPIRED"
    """The venue took it out by its own rules."""
    UNKNOWN = "UNKNOWN"
    """Nobody knows until the venue proves it."""


E = ExecutionStatus

STATUS_TABLE: Final[dict[tuple[str, bool], ExecutionStatus]] = {
    ("DECIDED", False): E.PENDING,
    ("APPROVED", False): E.PENDING,
    ("DENIED", False): E.DENIED,
    #
    ("IN_FLIGHT", False): E.SUBMITTED,
    ("OPEN", False): E.SUBMITTED,
    ("OPEN", True): E.PARTIAL,
    ("PARTIAL", True): E.PARTIAL,
    ("PENDING_CANCEL", False): E.SUBMITTED,
    ("PENDING_CANCEL", True): E.PARTIAL,
    ("PENDING_AMEND", False): E.SUBMITTED,
    ("PENDING_AMEND", True): E.PARTIAL,
    ("UNKNOWN", False): E.UNKNOWN,
    ("UNKNOWN", True): E.UNKNOWN,
    #
    ("FILLED", True): E.FILLED,
    ("CANCELED", False): E.CANCELLED,
    ("CANCELED", True): E.CANCELLED,
    ("EXPIRED", False): E.EXPIRED,
    ("EXPIRED", True): E.EXPIRED,
    ("REJECTED", False): E.REJECTED,
    ("REJECTED", True): E.REJECTED,
    ("FAILED", False): E.FAILED,
    ("FAILED", True): E.FAILED,
}
"""(state, whether something was filled) -> status. What is not here cannot be, and is told as UNKNOWN."""

WORKING: Final = frozenset({E.SUBMITTED, E.PARTIAL, E.FILLED})
"""What was asked for happens."""


def status_of(state: str, *, filled: bool) -> ExecutionStatus:
    """Return the status for a state by its name; a contradiction is UNKNOWN, because nobody knows what it means."""
    return STATUS_TABLE.get((state, filled), E.UNKNOWN)


class ExecutionResult(Struct, frozen=True):
    """What became of a request up to now."""

    success: bool
    """It works or was filled, at least in part. False for what ended without a fill, and while nobody knows."""
    status: ExecutionStatus
    order_id: str
    """The id that the venue knows it by; empty for what never had one."""
    fill_price: Decimal | None
    """The average price of what was filled; None without a fill."""
    fill_quantity: Decimal
    slippage_bps: Decimal | None
    """How much worse than the mid at the decision it was filled, in hundredths of a percent; None when unknown."""
    timestamp: datetime
    """When the last word about it came."""
    error: str
    """Why it is not what was asked for; empty when nothing is wrong."""
    metadata: dict[str, Any]


def succeeded(status: ExecutionStatus, *, filled: bool) -> bool:
    """Say whether a request did what it was for, at least in part."""
    return status in WORKING or (filled and status in (E.CANCELLED, E.EXPIRED))
