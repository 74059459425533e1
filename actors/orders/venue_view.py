"""What is being found out at one venue, and how long its words take: plain state, read and moved by inquiry.py.

It owns the figures of C-04: a request that the venue may still carry out is one within its receive window; ten seconds
more are the venue's, to show what it took, and five are for our clocks to differ. It decides nothing.
"""

from __future__ import annotations

from msgspec import Struct

from engine.clock import NS_PER_SECOND

RECEIVE_WINDOW_NS = 5 * NS_PER_SECOND
SHOWS_LATE_NS = 10 * NS_PER_SECOND
CLOCKS_DIFFER_NS = 5 * NS_PER_SECOND
OVERLAP_NS = 60 * NS_PER_SECOND
"""How far a reconciliation reaches back behind the last one; executions are compared by trade id."""


class Timing(Struct, frozen=True):
    """How often a venue is compared, and how old a request may be when it reads it."""

    every_ns: int = 30 * NS_PER_SECOND
    receive_windows_ns: dict[str, int] = {}
    """By the venue's name; one that is not named takes requests of RECEIVE_WINDOW_NS."""

    def grace_ns(self, venue: str) -> int:
        """Return how long after it was sent an order may still appear at a venue."""
        return self.receive_windows_ns.get(venue, RECEIVE_WINDOW_NS) + SHOWS_LATE_NS + CLOCKS_DIFFER_NS


class Venue:
    """What is being found out at one venue."""

    __slots__ = (
        "asked",
        "begun_ns",
        "corrections",
        "differences",
        "fetched_ns",
        "fetching",
        "grace_ns",
        "index",
        "name",
        "owed",
        "ready",
        "revived",
        "routine",
        "since_ns",
    )  # fmt: skip

    def __init__(self, name: str, index: int, since_ns: int, grace_ns: int) -> None:
        """`index`: one of its instruments, to find its gateway by."""
        self.name = name
        self.index = index
        self.since_ns = since_ns
        self.grace_ns = grace_ns
        self.ready = False
        self.fetching = False
        self.routine = False
        """What is being fetched is nobody's first wish: anything urgent may begin anew."""
        self.fetched_ns = 0
        """When its truth was asked for last; what happened since need not be in it."""
        self.begun_ns = 0
        """When the last comparison began."""
        self.owed = False
        """A Reconciled is owed."""
        self.asked: dict[str, int] = {}
        """Ids that the reconciliation waits for, with their instrument."""
        self.revived: dict[str, int] = {}
        """Orders that are over and stood in its last list of open ones."""
        self.corrections = 0
        self.differences: list[str] = []

    def owe(self, now_ns: int) -> None:
        """Begin a comparison."""
        self.owed, self.begun_ns = True, now_ns
        self.corrections = 0
        self.differences = []
