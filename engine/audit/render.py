"""From a message to the words of its record: one method for each type of subject.

It owns the table of who renders what, and the words for the market's feeds; orders and intents have pages of their own.
A subject that nobody wrote words for is told field by field, because evidence is worth more than elegance.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import GetSetDescriptorType
from typing import Any

from msgspec import Struct, structs

from engine.audit.command_text import CommandText
from engine.audit.desk_state import DeskState
from engine.audit.intent_text import IntentText
from engine.audit.known import Desk
from engine.audit.record import (
    AS_RENDERED,
    json_object,
    optional,
    quoted,
    require,
    resource,
    type_of_rendering,
    type_of_values,
)
from engine.audit.report_text import ReportText
from engine.instruments import Instruments
from engine.messages.control import Action
from engine.messages.market import FeedGap, FeedState
from hotpath.core.fact import AuditEvent


class Renderer:
    """Turns the subject of an event into the fragments of its record."""

    def __init__(
        self, instruments: Instruments, strategies: Sequence[str], epoch: int, state: DeskState | None = None
    ) -> None:
        """Take the names that stand behind the indices of messages, the epoch of this run, and what it starts from."""
        self.desk = Desk(instruments, strategies, epoch)
        if state is not None:
            self.desk.take_up(state)
        self._renderings: dict[type, type_of_rendering] = {
            **IntentText(self.desk).renderings(),
            **CommandText(self.desk).renderings(),
            **ReportText(self.desk).renderings(),
            FeedState: (AS_RENDERED, self._feed_state),
            FeedGap: (AS_RENDERED, self._feed_gap),
        }

    def render_of(self, action: Action, kind: type) -> type_of_rendering:
        """Return words and method for a type of subject; a dead letter may be any message at all."""
        if action is Action.DEADLETTER:
            return AS_RENDERED, self._dead_letter
        return self._renderings.get(kind, (AS_RENDERED, self._anything))

    def _feed_state(self, event: AuditEvent) -> type_of_values:
        state: FeedState = event.subject
        name, bare = self.desk.instrument_texts(state.instrument)
        return (
            f'"{bare} is {state.status.name}"',
            f'"resource_type":"feed","resource_id":{name}',
            "null",
            f'{{"state":"{state.status.name}"}}',
            optional(state.reason),
            "null",
            f'{{"instrument":{name},"update_id":{state.update_id}}}',
        )

    def _feed_gap(self, event: AuditEvent) -> type_of_values:
        gap: FeedGap = event.subject
        name, bare = self.desk.instrument_texts(gap.instrument)
        return (
            f'"the sequence of {bare} broke"',
            f'"resource_type":"feed","resource_id":{name}',
            "null",
            '{"state":"STALE"}',
            "null",
            "null",
            f'{{"expected_id":{gap.expected_id},"instrument":{name},"received_id":{gap.received_id}}}',
        )

    def _dead_letter(self, event: AuditEvent) -> type_of_values:
        kind = type(event.subject).__name__
        return (
            quoted(f"nobody took {kind}"),
            resource("message", kind),
            "null",
            "null",
            optional(event.reason),
            "null",
            json_object({"message": _fields(event.subject)}),
        )

    def _anything(self, event: AuditEvent) -> type_of_values:
        kind = type(event.subject).__name__
        metadata = {**_fields(event.subject), **(event.metadata or {})}
        require(event.action, "message", event.before, event.after, metadata)
        return (
            quoted(f"{event.action.value} {kind}"),
            resource("message", kind),
            json_object(event.before),
            json_object(event.after),
            optional(event.reason),
            optional(event.correlation_id),
            json_object(metadata),
        )


def _fields(message: Any) -> dict[str, Any]:
    """Return what a message holds, field by field; of what is no message, how it shows itself."""
    if isinstance(message, Struct):
        return structs.asdict(message)
    fields = [name for name, kind in vars(type(message)).items() if isinstance(kind, GetSetDescriptorType)]
    return {name: getattr(message, name) for name in fields} or {"value": repr(message)}
