"""What stands around one actor when there is no engine: a context with a hand-moved clock, and receivers that remember.

They do what the engine's own do as far as an actor can see (timers fire in order of time and number, audit records are
numbered from one counter), and keep everything for the test to read. Nothing here knows a strategy.
"""

from __future__ import annotations

import heapq
from random import Random
from typing import Any

from engine.messages.control import Action
from engine.runtime.actor import Ref
from hotpath.core.mailbox import ACCEPTED, REFUSED


class Recorder:
    """A receiver that keeps what it is told; `full` makes it refuse."""

    def __init__(self) -> None:
        """Begin with nothing told."""
        self.messages: list[Any] = []
        self.full = False

    def tell(self, message: Any) -> int:
        """Keep a message, or refuse it."""
        if self.full:
            return REFUSED
        self.messages.append(message)
        return ACCEPTED

    def take(self) -> list[Any]:
        """Return what was told since the last time, and forget it."""
        taken, self.messages = self.messages, []
        return taken


class RecordingContext:
    """An actor's context whose clock is moved by hand and whose audit trail is a list."""

    def __init__(self, now_ns: int, first_seq: int = 1) -> None:
        """Start at a time; `first_seq` is the number of the first audit record."""
        self.now_ns = now_ns
        self.step = 0
        self.next_seq = first_seq
        self.rng = Random(1)  # noqa: S311 - a test draws the same numbers each time
        self.audited: list[tuple[Action, Any, int | str]] = []
        self.recorded: list[dict[str, Any]] = []
        self.recorded_seqs: list[int] = []
        """The number of each of them."""
        self.halts: list[str] = []
        self._timers: dict[int, tuple[int, Any]] = {}
        self._due: list[tuple[int, int]] = []
        self._last_timer = 0

    def after(self, delay_ns: int, message: Any) -> int:
        """Set a timer that fires once."""
        return self._set(max(delay_ns, 0), 0, message)

    def every(self, period_ns: int, message: Any) -> int:
        """Set a timer that fires again and again."""
        return self._set(period_ns, period_ns, message)

    def cancel_timer(self, timer: int) -> None:
        """Forget a timer."""
        self._timers.pop(timer, None)

    def audit(self, action: Action, subject: Any, cause: int | str = 0) -> int:
        """Keep a hot record."""
        self.audited.append((action, subject, cause))
        return self._number()

    def record(
        self,
        action: Action,
        resource_type: str,
        resource_id: str,
        *,
        actor: str = "",
        cause: int | str = 0,
        correlation_id: str = "",
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
        reason: str = "",
        metadata: dict[str, Any] | None = None,
        reply_to: Ref | None = None,
    ) -> int:
        """Keep a rare record."""
        given = dict(locals())
        del given["self"]
        self.recorded.append(given)
        self.recorded_seqs.append(self.next_seq)
        return self._number()

    def halt(self, reason: str) -> None:
        """Keep the demand."""
        self.halts.append(reason)

    def take_due(self, until_ns: int) -> Any:
        """Return the message of the next timer that is due by `until_ns`, moving the clock to it; None when none is."""
        while self._due and self._due[0][0] <= until_ns:
            due_ns, number = heapq.heappop(self._due)
            if number not in self._timers:
                continue
            period_ns, message = self._timers[number]
            self.now_ns = max(self.now_ns, due_ns)
            if period_ns:
                heapq.heappush(self._due, (due_ns + period_ns, number))
            else:
                del self._timers[number]
            return message
        return None

    def _set(self, delay_ns: int, period_ns: int, message: Any) -> int:
        self._last_timer += 1
        self._timers[self._last_timer] = (period_ns, message)
        heapq.heappush(self._due, (self.now_ns + delay_ns, self._last_timer))
        return self._last_timer

    def _number(self) -> int:
        self.next_seq += 1
        return self.next_seq - 1
