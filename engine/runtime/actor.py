"""An actor: private state, one message at a time, and a context that is its only way to the world.

Write one by deriving from Actor and naming, in `handlers`, the method for each message type. It is told `Start` first
and `Stop` last. What an exception in a handler leads to is decided by the supervisor, never here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from engine.messages.control import Action

type_of_handlers = Mapping[type, Callable[[Any], None]]


class Ref(Protocol):
    """One edge of the topology, as its sender holds it."""

    def tell(self, message: Any) -> int:
        """Put a message in the receiver's mailbox: ACCEPTED, CONFLATED or REFUSED (hotpath.core.mailbox)."""


class Context(Protocol):
    """Time, timers, chance and the audit trail, as one actor sees them."""

    @property
    def now_ns(self) -> int:
        """The time of the input that caused this turn; it stands still while the turn lasts."""

    @property
    def step(self) -> int:
        """How many messages the dispatcher has handled; names the moment on the tape."""

    @property
    def rng(self) -> Random:
        """This actor's own generator, seeded from the run's seed and the actor's name."""

    @property
    def next_seq(self) -> int:
        """The number that the next audit record will have."""

    def after(self, delay_ns: int, message: Any) -> int:
        """Deliver `message` to this actor once, in the lane of orders; returns the timer's number."""

    def every(self, period_ns: int, message: Any) -> int:
        """Deliver `message` to this actor again and again; one firing is pending at most, missed ones are counted."""

    def cancel_timer(self, timer: int) -> None:
        """Forget a timer; unknown numbers are ignored, because it may just have fired."""

    def audit(self, action: Action, subject: Any, cause: int | str = 0) -> int:
        """Record a hot fact: the audit writer renders `subject` later. Returns its seq."""

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
        """Record a rare fact with everything spelled out, as `actor` (this one when empty). Returns its seq."""

    def halt(self, reason: str) -> None:
        """Demand EMERGENCY: a signal to safety that cannot be refused."""


class Actor:
    """Base of every actor."""

    context: Context
    """Given by the system before Start."""

    def handlers(self) -> type_of_handlers:
        """Return the method for each message type; what is not in it is a dead letter."""
        raise NotImplementedError(f"{type(self).__name__} names no handlers")
