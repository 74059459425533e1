"""The context that the system gives to each actor: the implementation of engine.runtime.actor.Context.

It is made once for an actor and outlives its restarts, so timers and random numbers go on where they were. Audit
numbers come from one counter for the whole run, given at the moment of telling: the order of telling is the order of
the trail.
"""

from __future__ import annotations

from random import Random
from typing import Any

from engine.clock import Moment
from engine.messages.control import Action, AuditEvent, Halt
from engine.runtime.actor import Ref
from engine.runtime.timers import Timers
from hotpath.core.mailbox import ACCEPTED, Dispatcher, Mailbox


class AuditSequence:
    """The next number of the trail, shared by every context of a run."""

    __slots__ = ("next_seq",)

    def __init__(self, next_seq: int) -> None:
        """Continue the data directory's chain."""
        self.next_seq = next_seq


class ActorContext:
    """One actor's way to time, timers, chance, the audit trail and safety."""

    __slots__ = ("_audit", "_dispatcher", "_moment", "_sequence", "_signals", "_timer_box", "_timers", "name", "rng")

    def __init__(
        self,
        name: str,
        seed: int,
        moment: Moment,
        dispatcher: Dispatcher,
        timers: Timers,
        sequence: AuditSequence,
    ) -> None:
        """Name the actor; the seed and the name decide its random numbers."""
        self.name = name
        self.rng = Random(f"{seed}/{name}")  # noqa: S311 - reproducible on purpose, never used for secrets
        self._moment = moment
        self._dispatcher = dispatcher
        self._timers = timers
        self._sequence = sequence
        self._timer_box: Mailbox | None = None
        self._audit: Ref | None = None
        self._signals: Ref | None = None

    def connect(self, timer_box: Mailbox, audit: Ref | None, signals: Ref | None) -> None:
        """Wire the actor's own timer mailbox, the audit writer and the guardian of the trading state."""
        self._timer_box = timer_box
        self._audit = audit
        self._signals = signals

    @property
    def now_ns(self) -> int:
        """The time of the input that caused this turn."""
        return self._moment.now_ns

    @property
    def step(self) -> int:
        """How many messages the dispatcher has handled, this one included."""
        return self._dispatcher.handled

    @property
    def next_seq(self) -> int:
        """The number that the next audit record will have."""
        return self._sequence.next_seq

    def after(self, delay_ns: int, message: Any) -> int:
        """Deliver `message` to this actor once."""
        assert self._timer_box is not None
        return self._timers.add(self._moment.now_ns + max(delay_ns, 0), 0, self._timer_box, message)

    def every(self, period_ns: int, message: Any) -> int:
        """Deliver `message` to this actor every `period_ns`."""
        assert self._timer_box is not None
        if period_ns <= 0:
            raise ValueError(f"a period must be above 0 ns, not {period_ns}")
        return self._timers.add(self._moment.now_ns + period_ns, period_ns, self._timer_box, message)

    def cancel_timer(self, timer: int) -> None:
        """Forget a timer."""
        self._timers.cancel(timer)

    def audit(self, action: Action, subject: Any, cause: int | str = 0) -> int:
        """Record a hot fact, rendered later from `subject`."""
        sequence = self._sequence
        seq = sequence.next_seq
        event = AuditEvent(seq, self._moment.now_ns, self._dispatcher.handled, action, self.name, cause, subject)
        if self._audit is not None and self._audit.tell(event) == ACCEPTED:
            sequence.next_seq = seq + 1
        return seq

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
        sequence = self._sequence
        event = AuditEvent(
            seq=sequence.next_seq,
            time_ns=self._moment.now_ns,
            step=self._dispatcher.handled,
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
        if self._audit is not None and self._audit.tell(event) == ACCEPTED:
            sequence.next_seq += 1
        return event.seq

    def halt(self, reason: str) -> None:
        """Demand EMERGENCY."""
        if self._signals is not None:
            self._signals.tell(Halt(self.name, reason))
