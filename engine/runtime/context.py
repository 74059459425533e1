"""The context that the system gives to each actor: the implementation of engine.runtime.actor.Context.

It is made once for an actor and outlives its restarts, so timers and random numbers go on where they were. What every
order needs of it, time and the telling of hot facts, is inherited and compiled.
"""

from __future__ import annotations

from random import Random
from typing import Any

from engine.messages.control import Action, Halt
from engine.runtime.actor import Ref
from engine.runtime.timers import Timers
from hotpath.core.fact import AuditEvent
from hotpath.core.mailbox import Dispatcher, Mailbox
from hotpath.core.moment import Moment, Numbers, Teller


class ActorContext(Teller):
    """One actor's way to time, timers, chance, the audit trail and safety."""

    __slots__ = ("_signals", "_timer_box", "_timers", "rng")

    def __init__(
        self, name: str, seed: int, moment: Moment, dispatcher: Dispatcher, timers: Timers, numbers: Numbers
    ) -> None:
        """Name the actor; the seed and the name decide its random numbers."""
        super().__init__(name, moment, dispatcher, numbers)
        self.rng = Random(f"{seed}/{name}")  # noqa: S311 - reproducible on purpose, never used for secrets
        self._timers = timers
        self._timer_box: Mailbox | None = None
        self._signals: Ref | None = None

    def connect(self, timer_box: Mailbox, audit: Mailbox | None, signals: Ref | None) -> None:
        """Wire the actor's own timer mailbox, the audit writer and the guardian of the trading state."""
        self._timer_box = timer_box
        self._signals = signals
        self.tell_to(audit)

    def after(self, delay_ns: int, message: Any) -> int:
        """Deliver `message` to this actor once."""
        assert self._timer_box is not None
        return self._timers.add(self.now_ns + max(delay_ns, 0), 0, self._timer_box, message)

    def every(self, period_ns: int, message: Any) -> int:
        """Deliver `message` to this actor every `period_ns`."""
        assert self._timer_box is not None
        if period_ns <= 0:
            raise ValueError(f"a period must be above 0 ns, not {period_ns}")
        return self._timers.add(self.now_ns + period_ns, period_ns, self._timer_box, message)

    def cancel_timer(self, timer: int) -> None:
        """Forget a timer."""
        self._timers.cancel(timer)

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
        """Record a rare fact with everything spelled out."""
        event = AuditEvent(
            seq=self.next_seq,
            time_ns=self.now_ns,
            step=self.step,
            action=action,
            actor=actor or self.name,
            cause=cause,
            resource_type=resource_type,
            resource_id=resource_id,
            correlation_id=correlation_id,
            before=before,
            after=after,
            reason=reason,
            metadata=metadata,
            reply_to=reply_to,
        )
        self.tell_fact(event)
        return event.seq

    def halt(self, reason: str) -> None:
        """Demand EMERGENCY."""
        if self._signals is not None:
            self._signals.tell(Halt(self.name, reason))
