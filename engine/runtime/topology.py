"""What the topology looks like from outside: for the summary, the documentation and the tests."""

from __future__ import annotations

from dataclasses import dataclass, field

from hotpath.core.mailbox import Mailbox

LANE_NAMES = ("signals", "orders", "market", "audit")
FULL_NAMES = ("refuse", "conflate", "halt")


@dataclass(frozen=True, slots=True)
class Edge:
    """Who may say what to whom, how much of it may wait, and what happens beyond."""

    sender: str
    receiver: str
    accepts: tuple[str, ...]
    lane: int
    capacity: int
    full: int
    mailbox: Mailbox = field(repr=False, compare=False)

    def describe(self) -> str:
        """Say the edge in one line."""
        return (
            f"{self.sender} -> {self.receiver}: {', '.join(self.accepts)} "
            f"({LANE_NAMES[self.lane]}, {self.capacity}, full: {FULL_NAMES[self.full]})"
        )


def counters(mailbox: Mailbox) -> dict[str, int]:
    """Return the five counters that every mailbox keeps."""
    return {
        "offered": mailbox.offered,
        "refused": mailbox.refused,
        "conflated": mailbox.conflated,
        "depth": mailbox.depth,
        "depth_peak": mailbox.depth_peak,
    }
