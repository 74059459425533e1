"""What can go wrong between a client and a venue, decided by a seeded plan; a plan is off unless a test asks for it.

Each fault has a meaning for the client's order, and that meaning is the point: after most of them the client cannot
know what happened, and only asking tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum
from random import Random

from engine.errors import UsageError

PERMILLE = 1_000


class Fault(IntEnum):
    """What happens to one request."""

    NONE = 0
    LOSE_REQUEST = 1
    """It is never carried out and never answered."""
    DROP_ANSWER = 2
    """It is carried out; its answer is lost, its reports arrive."""
    SERVER_ERROR = 3
    """It is carried out and answered by a 5xx."""
    DISCONNECT = 4
    """It is carried out; the connection ends before anything is said."""
    DUPLICATE_REPORT = 5
    """Its reports arrive twice."""
    DELAY_ANSWER = 6
    """Its answer comes late, after its reports."""
    REPORTS_FIRST = 7
    """Its reports come before its answer."""


class FaultPlan:
    """Which requests go wrong, and how."""

    def __init__(
        self,
        seed: int = 0,
        *,
        permille: Mapping[Fault, int] | None = None,
        first: Iterable[Fault] = (),
        delay_ns: int = 50_000_000,
    ) -> None:
        """Plan faults.

        Args:
            seed: Of the generator that draws them.
            permille: How many of a thousand requests have each fault.
            first: The faults of the first requests, one after the other, before any is drawn.
            delay_ns: How late a delayed answer is.
        """
        self._rng = Random(f"{seed}:faults")  # noqa: S311 - a plan of faults, not a secret
        self._permille = dict(permille or {})
        self._first = list(first)
        self._first.reverse()
        self.delay_ns = delay_ns
        if min(self._permille.values(), default=0) < 0 or sum(self._permille.values()) > PERMILLE:
            raise UsageError(
                f"faults of {self._permille} in a thousand; each must be 0 or more, all together at most 1000"
            )

    def draw(self) -> Fault:
        """Return what happens to the next request."""
        if self._first:
            return self._first.pop()
        if not self._permille:
            return Fault.NONE
        drawn = self._rng.randrange(PERMILLE)
        for fault in Fault:
            drawn -= self._permille.get(fault, 0)
            if drawn < 0:
                return fault
        return Fault.NONE
