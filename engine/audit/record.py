"""What a record is: its fields in their order, the keys that each action must bring, and its exact bytes.

It owns the canonical form (spec order, nested keys sorted, no spaces, UTF-8) and refuses to make a record that lacks a
required key. It does not know what an order is: texts of hot records come from a renderer as JSON fragments. They are
put together by hand, because that costs half of building and encoding a Struct; the first record of each action and
subject is therefore read back, compared with its own encoding and checked against the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from engine.errors import AuditError
from engine.messages.control import Action, AuditEvent
from hotpath.core.text import timestamp_text

TEXT_CHARS_MAX = 8_192
"""Longer text is cut: a record may quote what a venue or a traceback said, never carry a flood of it."""

GENESIS = "0" * 64
"""The hash before the first record of a data directory."""


class Record(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the trail as it is read back; the order of the fields is the order in the line."""

    seq: int
    id: str
    timestamp: str
    action: str
    description: str
    actor: str
    actor_type: str
    resource_type: str | None
    resource_id: str | None
    before_state: dict[str, Any] | None
    after_state: dict[str, Any] | None
    reason: str | None
    ip_address: str | None
    session_id: str | None
    correlation_id: str | None
    cause: int | str | None
    metadata: dict[str, Any] | None
    prev_hash: str
    hash: str


class Keys(NamedTuple):
    """The keys that before_state, after_state and metadata of an action must hold; more are welcome."""

    before: frozenset[str]
    after: frozenset[str]
    metadata: frozenset[str]


def _keys(before: str = "", after: str = "", metadata: str = "") -> Keys:
    return Keys(frozenset(before.split()), frozenset(after.split()), frozenset(metadata.split()))


_ORDER = "approval instrument intent side strategy"

REQUIRED: dict[Action | tuple[Action, str], Keys] = {
    Action.ORDER_SUBMIT: _keys(
        "state", "price quantity state", f"{_ORDER} limits_version number post_only time_in_force type"
    ),
    Action.ORDER_APPROVE: _keys("state", "price quantity state", f"{_ORDER} limits_version"),
    Action.ORDER_DENY: _keys("state", "limit observed state", "count instrument intent limits_version strategy"),
    Action.ORDER_ACCEPT: _keys("state", "price quantity state", _ORDER),
    Action.ORDER_MODIFY: _keys("state", "state", _ORDER),
    Action.ORDER_CANCEL: _keys("state", "state", _ORDER),
    Action.ORDER_FILL: _keys(
        "leaves state",
        "leaves state",
        f"{_ORDER} base fee fee_currency liquidity price quantity quote trade_id value",
    ),
    Action.ORDER_REJECT: _keys("state", "state", f"{_ORDER} code"),
    Action.ORDER_EXPIRE: _keys("state", "filled state", _ORDER),
    Action.ORDER_UNKNOWN: _keys("state", "state", _ORDER),
    Action.ORDER_RECOVERED: _keys("", "state", ""),
    Action.TRADE_DECISION: _keys("", "state", "instrument intent quote strategy"),
    Action.TRADE_OPEN: _keys("", "quantity", "instrument strategy"),
    Action.TRADE_MODIFY: _keys("", "state", "instrument intent strategy"),
    Action.TRADE_CLOSE: _keys("", "state", "instrument intent strategy"),
    Action.POSITION_ROLL: _keys("instrument quantity", "instrument quantity", "strategy"),
    Action.RISK_BLOCK: _keys("", "", "limits_version"),
    Action.RISK_LIMIT_CHANGE: _keys("value", "value", "key limits_version"),
    Action.EMERGENCY_TRIGGERED: _keys("", "unknown_orders working_orders"),
    Action.EMERGENCY_RECOVERED: _keys(),
    Action.STATE_CHANGE: _keys("state", "state"),
    (Action.STATE_CHANGE, "ledger"): _keys("", "balances"),
    (Action.STATE_CHANGE, "day"): _keys("", "currency equity peak_equity"),
    Action.STRATEGY_ENABLE: _keys("enabled", "enabled"),
    Action.STRATEGY_DISABLE: _keys("enabled", "enabled"),
    Action.FEED_STALE: _keys("", "state", "instrument"),
    Action.FEED_SYNCHRONISED: _keys("", "state", "instrument update_id"),
    Action.SYSTEM_START: _keys("", "", "epoch mode node"),
    Action.SYSTEM_STOP: _keys("", "", "clean"),
    Action.MANUAL_INTERVENTION: _keys(),
    (Action.MANUAL_INTERVENTION, "actor"): _keys("", "", "directive"),
    Action.DEADLETTER: _keys("", "", "message"),
    (Action.DEADLETTER, "actor"): _keys("", "", "directive"),
    Action.AUDIT_CHECKPOINT: _keys("", "hash seq"),
    Action.AUDIT_RECOVERED: _keys("", "", "bytes"),
    Action.AUDIT_DELETED: _keys("", "", "bytes"),
}
"""What each action must bring. A pair of action and resource type stands before the action alone."""

AT_ONCE = frozenset(
    {
        Action.SYSTEM_START,
        Action.SYSTEM_STOP,
        Action.EMERGENCY_TRIGGERED,
        Action.EMERGENCY_RECOVERED,
        Action.STATE_CHANGE,
        Action.RISK_LIMIT_CHANGE,
        Action.STRATEGY_ENABLE,
        Action.STRATEGY_DISABLE,
        Action.MANUAL_INTERVENTION,
    }
)
"""Records whose effect waits for the disk: they are made durable before the next one is looked at."""


type_of_fragments = tuple[str, str, str, str, str, str, str]
"""The rendered part of a record as JSON text: description, resource_type and resource_id as two whole fields,
before_state, after_state, reason, correlation_id, metadata."""

type_of_render = Callable[[AuditEvent], type_of_fragments]

_encode_text = msgspec.json.Encoder().encode
_encode_values = msgspec.json.Encoder(order="deterministic").encode
_encode_record = msgspec.json.Encoder(order="deterministic").encode
_decode_record = msgspec.json.Decoder(Record).decode


def decode(line: bytes) -> Record:
    """Read a line without its line feed. AuditError when it is no record; the bytes are not judged, see verify."""
    try:
        return _decode_record(line)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise AuditError(f"no audit record: {error}; expected one JSON object with the fields of the trail") from error


def encode(record: Record) -> bytes:
    """Return the one form in which a record may stand in a file, without its line feed."""
    return _encode_record(record)


def quoted(text: str) -> str:
    """Return any text as a JSON string: control characters escaped, lone surrogates replaced, overlong text cut."""
    if len(text) > TEXT_CHARS_MAX:
        text = text[: TEXT_CHARS_MAX - 1] + "…"
    try:
        return _encode_text(text).decode()
    except UnicodeEncodeError:
        return _encode_text(text.encode("utf-8", "replace").decode()).decode()


def optional(text: str) -> str:
    """Return text as a JSON string, and absent text as null."""
    return quoted(text) if text else "null"


def resource(kind: str, name: str) -> str:
    """Return the two fields that say what a record is about."""
    return f'"resource_type":{optional(kind)},"resource_id":{optional(name)}'


def plain(value: Any) -> Any:
    """Return a value as a record may hold it: text, int, bool, null, and lists and dicts of them.

    Decimals and floats become their text (a NaN that was observed must be tellable), enumerations their value's name,
    integers beyond 64 bits text, anything else its repr.
    """
    if value is None or value is True or value is False:
        return value
    if isinstance(value, StrEnum):
        value = value.value
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, str):
        return msgspec.json.decode(quoted(value))
    if isinstance(value, int):
        return int(value) if -(2**63) <= value < 2**63 else str(int(value))
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping):
        return {plain(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return plain(repr(value))


def json_object(values: Mapping[str, Any] | None) -> str:
    """Return values as canonical JSON text, or null."""
    return "null" if values is None else _encode_values(plain(values)).decode()


class Encoder:
    """Makes the bytes that the chain hashes, for one run of one node.

    A renderer is asked for the fragments of events that name a subject; events without one bring everything.
    """

    __slots__ = ("_actors", "_id", "_plans", "_render_of", "_session", "_time_ns", "_timestamp")

    def __init__(self, node: str, epoch: int, render_of: Callable[[Action, type], type_of_render]) -> None:
        """`render_of` names the method that renders a subject of a type for an action."""
        self._id = f'"{node}-{epoch}-'
        self._session = f'"ip_address":null,"session_id":{quoted(f"{node}-{epoch}")},"correlation_id":'
        self._render_of = render_of
        self._plans: dict[tuple[Action, type], tuple[type_of_render, str]] = {}
        self._actors: dict[str, str] = {}
        self._time_ns = -1
        self._timestamp = ""

    def body(self, event: AuditEvent, prev_hash: str) -> bytes:
        """Return the line of `event` up to and not including `,"hash":`. AuditError when a required key is missing."""
        subject = event.subject
        if subject is None:
            return self._compose(event, _given(event), event.action.value, prev_hash)
        plan = self._plans.get((event.action, type(subject)))
        if plan is None:
            return self._first(event, prev_hash)
        return self._compose(event, plan[0](event), plan[1], prev_hash)

    def _first(self, event: AuditEvent, prev_hash: str) -> bytes:
        """Make the first record of an action and a subject's type, and check all that its successors will share."""
        plan = (self._render_of(event.action, type(event.subject)), event.action.value)
        body = self._compose(event, plan[0](event), plan[1], prev_hash)
        line = body + b',"hash":"' + GENESIS.encode() + b'"}'
        record = decode(line)
        if encode(record) != line:
            raise AuditError(f"{event.action} of {type(event.subject).__name__} is not canonical: {line.decode()}")
        require(event.action, record.resource_type, record.before_state, record.after_state, record.metadata)
        self._plans[event.action, type(event.subject)] = plan
        return body

    def _compose(self, event: AuditEvent, fragments: type_of_fragments, action: str, prev_hash: str) -> bytes:
        seq = event.seq
        if event.time_ns != self._time_ns:
            self._time_ns = event.time_ns
            self._timestamp = timestamp_text(event.time_ns)
        actor = self._actors.get(event.actor) or self._actor(event.actor)
        cause = event.cause
        if cause.__class__ is not int:
            cause = quoted(str(cause))
        elif not cause:
            cause = f'"step:{event.step}"'
        description, about, before, after, reason, correlation_id, metadata = fragments
        return (
            f'{{"seq":{seq},"id":{self._id}{seq}","timestamp":"{self._timestamp}","action":"{action}",'
            f'"description":{description},{actor},{about},"before_state":{before},"after_state":{after},'
            f'"reason":{reason},{self._session}{correlation_id},"cause":{cause},"metadata":{metadata},'
            f'"prev_hash":"{prev_hash}"'
        ).encode()

    def _actor(self, name: str) -> str:
        """Return the fields actor and actor_type; whoever is no person, strategy or agent is part of the system."""
        kind, _, rest = name.partition(":")
        types = {"user": "human", "agent": "ai_agent", "strategy": "system"}
        actor, actor_type = (name, types[kind]) if rest and kind in types else ("system", "system")
        text = f'"actor":{quoted(actor)},"actor_type":"{actor_type}"'
        if len(self._actors) < 1_024:
            self._actors[name] = text
        return text


def require(
    action: Action,
    resource_type: str | None,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    metadata: Mapping[str, Any] | None,
) -> None:
    """Raise AuditError naming the action and the first key that it lacks."""
    keys = REQUIRED.get((action, resource_type or "")) or REQUIRED[action]
    for part, given, wanted in (
        ("before_state", before, keys.before),
        ("after_state", after, keys.after),
        ("metadata", metadata, keys.metadata),
    ):
        missing = sorted(wanted.difference(given or ()))
        if missing:
            raise AuditError(
                f"{action.value} lacks {part} key {missing[0]!r}: it must bring {', '.join(sorted(wanted))} "
                f"(engine/audit/record.py, REQUIRED)"
            )


def _given(event: AuditEvent) -> type_of_fragments:
    """Return the fragments of an event that brings everything itself."""
    require(event.action, event.resource_type, event.before, event.after, event.metadata)
    about = f" {event.resource_type} {event.resource_id}".rstrip() if event.resource_type else ""
    why = f": {event.reason}" if event.reason else ""
    return (
        quoted(f"{event.action.value}{about}{why}"),
        resource(event.resource_type, event.resource_id),
        json_object(event.before),
        json_object(event.after),
        optional(event.reason),
        optional(event.correlation_id),
        json_object(event.metadata),
    )
