"""The supervisor: every exception of a handler or a port ends here, and none is swallowed.

It applies the policy of the actor that failed and tells the guardian, the one actor that owns the state of the run.
When the guardian itself fails there is nobody left to ask: `last_resort` is called, which must need nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engine.messages.control import ActorFailed, Halt, Start
from engine.supervision.directive import Directive
from engine.supervision.lifecycle import ActorEvent, ActorState

if TYPE_CHECKING:
    from engine.runtime.system import Cell, System
    from hotpath.core.mailbox import Mailbox


class Failure:
    """One failure, for whoever explains it to a person."""

    __slots__ = ("actor", "directive", "error", "message", "step")

    def __init__(self, actor: str, step: int, message: Any, error: BaseException, directive: Directive) -> None:
        """`message` is what was being handled, or the port's name when bytes were."""
        self.actor = actor
        self.step = step
        self.message = message
        self.error = error
        self.directive = directive

    @property
    def reason(self) -> str:
        """The failure in one line."""
        return f"{type(self.error).__name__}: {self.error}"


class Supervisor:
    """Decides what follows when an actor raises."""

    def __init__(self, system: System, guardian: str, last_resort: Callable[[str], None]) -> None:
        """`guardian` names the actor that is told; `last_resort(reason)` halts without anybody's help."""
        self._system = system
        self._guardian = guardian
        self._last_resort = last_resort
        self.failures_count = 0
        self.on_failure: Callable[[Failure], None] | None = None

    def handler_failed(self, mailbox: Mailbox, message: Any, error: BaseException) -> None:
        """Take an exception of a handler."""
        self._failed(mailbox.owner, message, error)

    def port_failed(self, cell: Cell, port: str, error: BaseException) -> None:
        """Take an exception that a port's receiver raised."""
        self._failed(cell, port, error)

    def halt(self, reason: str) -> None:
        """Demand a halt for something that no actor did, and that cannot wait: the gate closes at once."""
        self._last_resort(reason)
        self._tell_guardian(Halt("engine", reason), reason)

    def overflowed(self, mailbox: Mailbox, message: Any) -> None:
        """Take the overflow of a mailbox that can only be full when something is wrong."""
        reason = (
            f"mailbox {mailbox.name!r} refused {type(message).__name__}: {mailbox.capacity} of {mailbox.capacity} "
            f"slots in use; its receiver is too slow or its bound in engine/limits.py too small"
        )
        self._tell_guardian(Halt(mailbox.name, reason), reason)

    def _failed(self, cell: Cell, message: Any, error: BaseException) -> None:
        now_ns = self._system.moment.now_ns
        if cell.state is ActorState.FAILED:  # everybody knows; saying it again would only feed what fails
            self.failures_count += 1
            return
        directive = cell.policy.decide(now_ns)
        failure = Failure(cell.name, self._system.dispatcher.handled, message, error, directive)
        self.failures_count += 1
        if self.on_failure is not None:
            self.on_failure(failure)
        if cell.name == self._guardian:
            self._last_resort(f"{cell.name} failed: {failure.reason}")
            return
        if directive is Directive.RESTART:
            self._restart(cell)
        elif directive is Directive.STOP:
            cell.advance(ActorEvent.STOP)
            cell.close()
        else:
            cell.advance(ActorEvent.FAIL)
        self._tell_guardian(ActorFailed(cell.name, str(directive), failure.reason, now_ns), failure.reason)
        if directive is Directive.ESCALATE:
            self._tell_guardian(Halt(cell.name, failure.reason), failure.reason)

    def _restart(self, cell: Cell) -> None:
        cell.advance(ActorEvent.RESTART)
        cell.build()
        cell.signals.tell(Start())

    def _tell_guardian(self, message: Any, reason: str) -> None:
        if self._system.cell(self._guardian).signals.tell(message) != 0:
            self._last_resort(reason)
