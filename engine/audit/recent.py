"""What was done lately, as windows see it: executions, messages and refusals, by the second, from the trail.

A limit that looks at the last minutes must not forget them with the process, so the fold keeps what the longest window
can still see and nothing older. It counts and forgets; what is too much of it is decided by the checks.
"""

from __future__ import annotations

from typing import Any

from engine.audit.desk_state import DeskState, Done
from engine.audit.record import Record
from engine.clock import NS_PER_SECOND
from engine.messages.control import Action

FILLS_NS = 3_600 * NS_PER_SECOND
"""The longest window of repeated fills that a configuration may ask for."""
MESSAGES_NS = 600 * NS_PER_SECOND
"""The window of messages over fills."""
REJECTS_NS = 3_600 * NS_PER_SECOND
"""The longest time within which refusals in a row may count."""
DONE_MAX = 4_096
"""Entries of each kind; each is a second of one strategy, instrument and side."""
PENDING = frozenset({"PENDING_AMEND", "PENDING_CANCEL"})


def note(state: DeskState, record: Record, after: dict[str, Any], metadata: dict[str, Any], time_ns: int) -> None:
    """Take what a record says about orders that were sent, filled, accepted or refused."""
    match record.action:
        case Action.ORDER_SUBMIT.value:
            _add(state.messages, metadata, time_ns, MESSAGES_NS)
        case Action.ORDER_MODIFY.value | Action.ORDER_CANCEL.value if after["state"] in PENDING:
            _add(state.messages, metadata, time_ns, MESSAGES_NS)
        case Action.ORDER_FILL.value:
            _add(state.fills, metadata, time_ns, FILLS_NS)
        case Action.ORDER_ACCEPT.value:
            forgive_rejects(state, metadata["strategy"] or "")
        case Action.ORDER_REJECT.value if after["state"] == "REJECTED":
            _add(state.rejects, metadata, time_ns, REJECTS_NS)


def forgive(state: DeskState, strategy: str) -> None:
    """Forget fills and refusals of a strategy: a person enabled it again."""
    state.fills = [done for done in state.fills if done.strategy != strategy]
    forgive_rejects(state, strategy)


def forgive_rejects(state: DeskState, strategy: str) -> None:
    """Forget the refusals of a strategy: the venue took an order of it."""
    if state.rejects:
        state.rejects = [done for done in state.rejects if done.strategy != strategy]


def _add(done: list[Done], metadata: dict[str, Any], time_ns: int, window_ns: int) -> None:
    """Count one, and let go what no window sees any more."""
    second_ns = time_ns - time_ns % NS_PER_SECOND
    key = (second_ns, metadata["strategy"] or "", metadata["instrument"] or "", metadata["side"] or "")
    for last in reversed(done):
        if last.second_ns != second_ns:
            break
        if (last.second_ns, last.strategy, last.instrument, last.side) == key:
            last.count += 1
            return
    done.append(Done(*key))
    old_count = next((at for at, one in enumerate(done) if time_ns - one.second_ns <= window_ns), 0)
    del done[: max(old_count, len(done) - DONE_MAX)]
