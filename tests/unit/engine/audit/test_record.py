"""A record has one form, brings what its action must bring, and tells hostile text without harm."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.audit.chain import Chain
from engine.audit.encoder import Encoder
from engine.audit.record import (
    AS_RENDERED,
    AT_ONCE,
    GENESIS,
    REQUIRED,
    TEXT_CHARS_MAX,
    Record,
    decode,
    encode,
    json_object,
    plain,
    quoted,
    require,
)
from engine.audit.render import Renderer
from engine.errors import AuditError
from engine.instruments import Instruments
from engine.messages.control import Action, TradingState
from engine.messages.market import Side
from hotpath.core.fact import AuditEvent

FIELDS = (
    "seq id timestamp action description actor actor_type resource_type resource_id before_state after_state reason "
    "ip_address session_id correlation_id cause metadata prev_hash hash"
)
HOSTILE = st.one_of(
    st.text(max_size=30),
    st.sampled_from(['"', "\\", "\x00\x1f\x7f", "\ud800", "\u2028", "a" * (TEXT_CHARS_MAX + 5), "\r\n", "é€😀"]),
)


def encoder() -> Encoder:
    return Encoder("t1", 3, Renderer(Instruments([]), [], 3).render_of)


def line_of(event: AuditEvent) -> bytes:
    return encoder().body(event, GENESIS) + b',"hash":"' + GENESIS.encode() + b'"}'


def started(**changes: Any) -> AuditEvent:
    values: dict[str, Any] = {
        "seq": 1,
        "time_ns": 1_723_118_400_123_456_789,
        "step": 12,
        "action": Action.SYSTEM_START,
        "actor": "engine",
        "cause": 0,
        "resource_type": "engine",
        "resource_id": "t1",
        "metadata": {"node": "t1", "mode": "paper", "epoch": 3},
    }
    return AuditEvent(**{**values, **changes})


def test_the_bytes_are_those_of_the_specification() -> None:
    assert line_of(started()).decode() == (
        '{"seq":1,"id":"t1-3-1","timestamp":"2024-08-08T12:00:00.123456789Z","action":"system.start",'
        '"description":"system.start engine t1","actor":"system","actor_type":"system","resource_type":"engine",'
        '"resource_id":"t1","before_state":null,"after_state":null,"reason":null,"ip_address":null,'
        '"session_id":"t1-3","correlation_id":null,"cause":"step:12",'
        '"metadata":{"epoch":3,"mode":"paper","node":"t1"},'
        f'"prev_hash":"{GENESIS}","hash":"{GENESIS}"}}'
    )


def test_the_fields_stand_in_the_order_of_the_specification() -> None:
    assert " ".join(json.loads(line_of(started()))) == FIELDS
    assert " ".join(Record.__struct_fields__) == FIELDS


@pytest.mark.parametrize(
    ("actor", "name", "kind"),
    [
        ("system", "system", "system"),
        ("risk", "system", "system"),
        ("gateway:binance_spot", "system", "system"),
        ("user:ada", "user:ada", "human"),
        ("user:", "system", "system"),
        ("strategy:join", "strategy:join", "system"),
        ("agent:helper", "agent:helper", "ai_agent"),
    ],
)
def test_the_actor_says_whether_a_person_acted(actor: str, name: str, kind: str) -> None:
    record = decode(line_of(started(actor=actor)))
    assert (record.actor, record.actor_type) == (name, kind)


@pytest.mark.parametrize(("cause", "told"), [(0, "step:12"), (41, 41), ("step:9", "step:9")])
def test_the_cause_is_a_record_or_a_step_of_the_tape(cause: int | str, told: int | str) -> None:
    assert decode(line_of(started(cause=cause))).cause == told


def test_every_action_stands_in_the_table() -> None:
    assert [action for action in Action if action not in REQUIRED] == []
    assert set(Action) >= AT_ONCE


@pytest.mark.parametrize("entry", REQUIRED, ids=str)
def test_a_record_that_lacks_a_key_cannot_be_made(entry: Action | tuple[Action, str]) -> None:
    action, resource_type = entry if isinstance(entry, tuple) else (entry, "thing")
    keys = REQUIRED[entry]
    whole = {
        "before": dict.fromkeys(sorted(keys.before), "x"),
        "after": dict.fromkeys(sorted(keys.after), "x"),
        "metadata": dict.fromkeys(sorted(keys.metadata), "x"),
    }
    record = decode(line_of(started(action=action, resource_type=resource_type, **whole)))
    assert (record.action, record.metadata) == (action.value, whole["metadata"])
    for part, wanted in whole.items():
        for key in wanted:
            short = {**whole, part: {name: "x" for name in wanted if name != key}}
            with pytest.raises(AuditError, match=f"{action.value} lacks {part}.*'{key}'"):
                line_of(started(action=action, resource_type=resource_type, **short))


def test_an_action_may_ask_for_more_from_one_kind_of_resource() -> None:
    require(Action.DEADLETTER, "actor", None, None, {"directive": "restart"})
    with pytest.raises(AuditError, match="'message'"):
        require(Action.DEADLETTER, "message", None, None, {"directive": "restart"})


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, None),
        (True, True),
        (5, 5),
        (2**63, "9223372036854775808"),
        (Decimal("1E+2"), "100"),
        (0.25, "0.25"),
        (float("nan"), "nan"),
        (Side.BUY, "BUY"),
        (TradingState.NORMAL, "NORMAL"),
        (Action.ORDER_FILL, "order.fill"),
        ((1, "a"), [1, "a"]),
        ({2: {"z": 1, "a": 2}}, {"2": {"z": 1, "a": 2}}),
        (b"\xff", "b'\\xff'"),
        ("\ud800", "?"),
    ],
)
def test_values_are_told_plainly(value: object, told: object) -> None:
    assert plain(value) == told


def test_nested_keys_are_sorted_and_nothing_is_spaced() -> None:
    assert json_object({"b": [1, {"d": 1, "c": None}], "a": "é"}) == '{"a":"é","b":[1,{"c":null,"d":1}]}'


@given(text=HOSTILE, key=HOSTILE)
def test_any_text_makes_a_record_that_encodes_to_itself(text: str, key: str) -> None:
    event = started(
        reason=text,
        resource_id=text,
        correlation_id=text,
        actor=f"user:{text}",
        metadata={**(started().metadata or {}), key: [text]},
    )
    line = line_of(event)
    assert encode(decode(line)) == line
    assert line.count(b"\n") == 0
    again = json.dumps(json.loads(line), ensure_ascii=False, separators=(",", ":"))
    assert again.encode() == line


def test_text_is_cut_where_it_would_be_a_flood() -> None:
    assert len(msgspec.json.decode(quoted("x" * 100_000))) == TEXT_CHARS_MAX


def test_what_is_no_record_is_named() -> None:
    for line in (b'{"seq":"one"}', b'{"after_state":' + b'{"a":' * 5_000):
        with pytest.raises(AuditError, match="no audit record"):
            decode(line)


def test_a_template_that_is_not_canonical_never_reaches_the_trail() -> None:
    def unsorted(_event: AuditEvent) -> tuple[str, str, str, str, str, str, str]:
        about = '"resource_type":"x","resource_id":"y"'
        return '"x"', about, "null", '{"state":"B","a":1}', "null", "null", "null"

    bad = Encoder("t1", 1, lambda _action, _kind: (AS_RENDERED, unsorted))
    with pytest.raises(AuditError, match="not canonical"):
        bad.body(started(action=Action.ORDER_RECOVERED, subject=object()), GENESIS)


def test_a_template_that_lacks_a_key_never_reaches_the_trail() -> None:
    def short(_event: AuditEvent) -> tuple[str, str, str, str, str, str, str]:
        return '"x"', '"resource_type":"x","resource_id":"y"', "null", "{}", "null", "null", "null"

    bad = Encoder("t1", 1, lambda _action, _kind: (AS_RENDERED, short))
    with pytest.raises(AuditError, match=r"order\.recovered lacks after_state key 'state'"):
        bad.body(started(action=Action.ORDER_RECOVERED, subject=object()), GENESIS)


def test_there_is_no_line_of_nothing() -> None:
    with pytest.raises(TypeError, match="None"):
        encoder().body(None, GENESIS)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="None"):
        Chain().seal(None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="seq"):
        Chain(1.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        Chain(1, "ab")
