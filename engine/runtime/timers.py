"""Timers: numbered, ordered by time and then by number, each with at most one firing pending.

A timer's firing is an input like a venue's bytes: the turn takes it from here, writes it to the tape, and delivers the
message. In a replay nothing fires here; the numbers on the tape say which message to deliver.
"""

from __future__ import annotations

import heapq
from typing import Any

from engine.errors import InvariantError
from engine.limits import TIMERS_MAX
from hotpath.core.mailbox import Mailbox


class Timer:
    """One timer of one actor."""

    __slots__ = ("due_ns", "mailbox", "message", "missed_count", "number", "period_ns")

    def __init__(self, number: int, due_ns: int, period_ns: int, mailbox: Mailbox, message: Any) -> None:
        """`period_ns` is 0 for a timer that fires once."""
        self.number = number
        self.due_ns = due_ns
        self.period_ns = period_ns
        self.mailbox = mailbox
        self.message = message
        self.missed_count = 0


class Timers:
    """All timers of a run."""

    def __init__(self) -> None:
        """Start with none."""
        self._timers: dict[int, Timer] = {}
        self._due: list[tuple[int, int]] = []
        self._last_number = 0

    def __len__(self) -> int:
        return len(self._timers)

    @property
    def missed_count(self) -> int:
        """How many periods passed without a firing of their own, over the timers that live."""
        return sum(timer.missed_count for timer in self._timers.values())

    def add(self, due_ns: int, period_ns: int, mailbox: Mailbox, message: Any) -> int:
        """Add a timer and return its number."""
        if len(self._timers) >= TIMERS_MAX:
            raise InvariantError(f"{TIMERS_MAX} timers exist already; cancel what is not needed (limits.TIMERS_MAX)")
        self._last_number += 1
        timer = Timer(self._last_number, due_ns, period_ns, mailbox, message)
        self._timers[timer.number] = timer
        heapq.heappush(self._due, (due_ns, timer.number))
        return timer.number

    def cancel(self, number: int) -> None:
        """Forget a timer; an unknown number is ignored, because it may just have fired."""
        self._timers.pop(number, None)
        if len(self._due) > 64 + 2 * len(self._timers):
            self._due = [entry for entry in self._due if entry[1] in self._timers]
            heapq.heapify(self._due)

    def next_ns(self) -> int | None:
        """Return when the next timer is due, or None."""
        while self._due and self._due[0][1] not in self._timers:
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None

    def pop_due(self, now_ns: int) -> int | None:
        """Take the next timer that is due by `now_ns` and return its number, or None.

        A periodic timer is put back at its next period after `now_ns`; the periods between are counted as missed.
        """
        due_ns = self.next_ns()
        if due_ns is None or due_ns > now_ns:
            return None
        _, number = heapq.heappop(self._due)
        timer = self._timers[number]
        if timer.period_ns:
            periods = (now_ns - due_ns) // timer.period_ns
            timer.missed_count += periods
            timer.due_ns = due_ns + (periods + 1) * timer.period_ns
            heapq.heappush(self._due, (timer.due_ns, number))
        return number

    def fire(self, number: int) -> None:
        """Deliver a timer's message; one that was cancelled after it was taken is ignored."""
        timer = self._timers.get(number)
        if timer is None:
            return
        if not timer.period_ns:
            del self._timers[number]
        timer.mailbox.tell(timer.message)
