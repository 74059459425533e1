"""The life of an actor, as one table. What is not in it is our own mistake and raises."""

from __future__ import annotations

from enum import StrEnum

from engine.errors import InvariantError


class ActorState(StrEnum):
    """Where an actor is in its life."""

    NEW = "new"
    RUNNING = "running"
    STOPPED = "stopped"
    FAILED = "failed"


class ActorEvent(StrEnum):
    """What happens to an actor."""

    START = "start"
    RESTART = "restart"
    STOP = "stop"
    FAIL = "fail"
    ENABLE = "enable"


TRANSITIONS: dict[tuple[ActorState, ActorEvent], ActorState] = {
    (ActorState.NEW, ActorEvent.START): ActorState.RUNNING,
    (ActorState.NEW, ActorEvent.STOP): ActorState.STOPPED,
    (ActorState.RUNNING, ActorEvent.RESTART): ActorState.RUNNING,
    (ActorState.RUNNING, ActorEvent.STOP): ActorState.STOPPED,
    (ActorState.RUNNING, ActorEvent.FAIL): ActorState.FAILED,
    (ActorState.STOPPED, ActorEvent.STOP): ActorState.STOPPED,
    (ActorState.STOPPED, ActorEvent.ENABLE): ActorState.RUNNING,
    (ActorState.FAILED, ActorEvent.STOP): ActorState.STOPPED,
}


def advance(state: ActorState, event: ActorEvent) -> ActorState:
    """Return the state after `event`.

    Raises:
        InvariantError: the table does not know this step.
    """
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise InvariantError(f"an actor that is {state} cannot {event}") from None
