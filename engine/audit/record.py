"""What a record is: its fields in their order, the keys that each action must bring, and its exact bytes.

It owns the canonical form (spec order, nested keys sorted, no spaces, UTF-8) and refuses to make a record that lacks a
required key. It does not know what an order is: the words of hot records come from a renderer, as text with places and
the values for them. Filling places costs a third of building and encoding a Struct; the first record of each action and
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
from engine.messages.control import Action
from hotpath.core.fact import AuditEvent

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
    (Action.TRADE_CLOSE, "position"): _keys("", "losses_in_row result state", "instrument intent strategy"),
    Action.POSITION_ROLL: _keys("instrument quantity", "instrument quantity", "strategy"),
    Action.POSITION_PROFIT_TAKE_SKIPPED: _keys("quantity", "quantity", "fraction instrument level strategy"),
    (Action.POSITION_PROFIT_TAKE_SKIPPED, "remainder"): _keys("quantity", "quantity", "instrument remainder strategy"),
    Action.RISK_BLOCK: _keys("", "", "limits_version"),
    Action.CIRCUIT_BREAKER_TRIP: _keys("state", "state", "limit observed"),
    Action.CIRCUIT_BREAKER_RESET: _keys("causes", "causes"),
    (Action.RISK_BLOCK, "intent"): _keys("", "state", "limits_version number"),
    (Action.MANUAL_INTERVENTION, "intent"): _keys("", "state", "limits_version number"),
    Action.RISK_LIMIT_CHANGE: _keys("value", "value", "configured key limits_sha256 limits_version"),
    Action.POLICY_CHANGED: _keys("version", "version"),
    Action.EMERGENCY_TRIGGERED: _keys("", "unknown_orders working_orders"),
    Action.EMERGENCY_RECOVERED: _keys(),
    Action.STATE_CHANGE: _keys("state", "state"),
    (Action.STATE_CHANGE, "ledger"): _keys("", "balances"),
    (Action.STATE_CHANGE, "day"): _keys("", "currency equity peak_equity unrealised"),
    Action.STRATEGY_ENABLE: _keys("enabled", "enabled"),
    Action.STRATEGY_DISABLE: _keys("enabled", "enabled"),
    Action.FEED_STALE: _keys("", "state", "instrument"),
    Action.FEED_SYNCHRONISED: _keys("", "state", "instrument update_id"),
    Action.SYSTEM_START: _keys("", "", "epoch mode node"),
    Action.SYSTEM_STOP: _keys("", "", "clean"),
    Action.MANUAL_INTERVENTION: _keys(),
    (Action.MANUAL_INTERVENTION, "actor"): _keys("", "", "directive"),
    (Action.MANUAL_INTERVENTION, "watchdog"): _keys("", "", "canceled time_ns unresolved"),
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
        Action.POLICY_CHANGED,
        Action.STRATEGY_ENABLE,
        Action.STRATEGY_DISABLE,
        Action.MANUAL_INTERVENTION,
    }
)
"""Records whose effect waits for the disk: they are made durable before the next one is looked at."""


type_of_values = tuple[str | int, ...]
type_of_render = Callable[[AuditEvent], type_of_values]


class Words(NamedTuple):
    """What a kind of record says, as JSON with <names> at the places of values; `values` are the names in their order.

    `resource` is two whole fields. A value that is text stands in its place as it is: whoever renders has escaped it.
    """

    values: str
    description: str
    resource: str
    before: str
    after: str
    reason: str
    correlation_id: str
    metadata: str


AS_RENDERED = Words(
    "description resource before after reason correlation_id metadata",
    "<description>",
    "<resource>",
    "<before>",
    "<after>",
    "<reason>",
    "<correlation_id>",
    "<metadata>",
)
"""The words of rare records: every part is rendered whole."""

type_of_rendering = tuple[Words, type_of_render]

_encode_text = msgspec.json.Encoder().encode
_encode_values = msgspec.json.Encoder(order="deterministic").encode
_encode_record = msgspec.json.Encoder(order="deterministic").encode
_decode_record = msgspec.json.Decoder(Record).decode


def decode(line: bytes) -> Record:
    """Read a line without its line feed. AuditError when it is no record; the bytes are not judged, see verify."""
    try:
        return _decode_record(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
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


def given(event: AuditEvent) -> type_of_values:
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
