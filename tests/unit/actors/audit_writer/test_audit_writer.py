"""The audit writer keeps the order of telling, waits for the disk where others wait for it, and signs what it wrote."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from actors.audit_writer import actor as module
from actors.audit_writer.actor import AuditWriter, CheckpointDue
from engine.audit.chain import Chain
from engine.audit.checkpoints import PERIOD_NS, Checkpoints, checkpoints_path, decode, public_key_of, signed_by
from engine.audit.encoder import Encoder
from engine.audit.files import DayFiles, MemoryTrail, day_files
from engine.audit.record import AT_ONCE, REQUIRED
from engine.audit.record import decode as decode_record
from engine.audit.render import Renderer
from engine.clock import NS_PER_DAY
from engine.errors import AuditError
from engine.instruments import Instruments
from engine.messages.control import Action, Durable, Start, Stop
from hotpath.core.fact import AuditEvent

NOON_NS = 1_723_118_400_000_000_000


class FakeContext:
    """Gives numbers at the moment of telling and keeps what was told, like the real one."""

    def __init__(self) -> None:
        self.now_ns = NOON_NS
        self.next_seq = 1
        self.told: list[AuditEvent] = []
        self.timers: list[tuple[int, Any]] = []

    def every(self, period_ns: int, message: Any) -> int:
        self.timers.append((period_ns, message))
        return len(self.timers)

    def record(self, action: Action, resource_type: str, resource_id: str, **values: Any) -> int:
        seq = self.next_seq
        self.next_seq += 1
        actor = values.pop("actor", "") or "audit_writer"
        cause = values.pop("cause", 0)
        self.told.append(
            AuditEvent(
                seq,
                self.now_ns,
                3,
                action,
                actor,
                cause,
                resource_type=resource_type,
                resource_id=resource_id,
                **values,
            )
        )
        return seq


class Answers:
    """Whoever asked to hear when a record is on disk."""

    def __init__(self, durable_seq: Callable[[], int]) -> None:
        self.heard: list[tuple[Any, int]] = []
        self._durable_seq = durable_seq

    def tell(self, message: Any) -> int:
        self.heard.append((message, self._durable_seq()))
        return 0


class Room:
    """A writer with its context and its files."""

    def __init__(self, data_dir: Path) -> None:
        (data_dir / "state").mkdir(parents=True, exist_ok=True)
        self.data_dir = data_dir
        self.files = DayFiles(data_dir)
        self.checkpoints = Checkpoints(data_dir, lambda: self.files.durable_seq)
        encoder = Encoder("t1", 1, Renderer(Instruments([]), [], 1).render_of)
        self.writer = AuditWriter(encoder, Chain(), self.files, self.checkpoints)
        self.context = FakeContext()
        self.writer.context = self.context  # type: ignore[assignment]
        self.answers = Answers(lambda: self.writer.durable_seq)
        self.writer.handlers()[Start](Start())

    def tell(self, action: Action = Action.MANUAL_INTERVENTION, **values: Any) -> None:
        """Record something rare, and let the writer handle it."""
        keys = REQUIRED[action]
        parts = {name: dict.fromkeys(sorted(getattr(keys, name)), "x") for name in ("before", "after", "metadata")}
        self.context.record(action, "thing", "it", **{**parts, **values})
        self.drain()

    def drain(self) -> None:
        """Let the writer handle everything that was told."""
        while self.context.told:
            self.writer.handlers()[AuditEvent](self.context.told.pop(0))


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def test_records_reach_the_disk_in_the_order_of_telling(room: Room) -> None:
    for _ in range(3):
        room.tell(Action.RISK_BLOCK)
    assert (room.files.written_seq, room.writer.records_count) == (0, 3)
    room.writer.flush()
    assert room.files.written_seq == 3
    records = [decode_record(line) for line in day_files(room.data_dir)[0].read_bytes().splitlines()]
    assert [record.seq for record in records] == [1, 2, 3]
    assert records[-1].hash == room.writer.head
    assert (room.writer.first_seq, room.writer.seq) == (1, 3)


@pytest.mark.parametrize("seq", [2, 0, -1])
def test_a_record_that_is_not_the_next_one_is_refused(room: Room, seq: int) -> None:
    event = AuditEvent(seq, NOON_NS, 3, Action.MANUAL_INTERVENTION, "x", 0)
    with pytest.raises(AuditError, match=f"told record {seq} after 0"):
        room.writer.on_event(event)
    assert room.writer.seq == 0


@pytest.mark.parametrize("action", Action)
def test_what_others_wait_for_is_durable_at_once(room: Room, action: Action) -> None:
    room.tell(action)
    assert room.writer.durable_seq == (1 if action in AT_ONCE else 0)


def test_whoever_asks_is_told_once_the_record_is_on_disk(room: Room) -> None:
    room.tell(Action.RISK_BLOCK)
    room.tell(Action.RISK_BLOCK, reply_to=room.answers)
    assert room.answers.heard == [(Durable(2), 2)]
    assert room.writer.synced_count == 1


def test_nobody_is_told_when_the_disk_fails(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object) -> int:
        raise OSError(5, "Input/output error")

    room.tell(Action.RISK_BLOCK)
    room.writer.flush()
    monkeypatch.setattr("engine.durable.os.fdatasync", broken)
    with pytest.raises(AuditError, match="Input/output error"):
        room.tell(Action.RISK_BLOCK, reply_to=room.answers)
    assert room.answers.heard == []


@pytest.mark.parametrize("call", ["open", "write", "fdatasync"])
def test_a_disk_that_fails_at_midnight_is_told_once(room: Room, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    def broken(*_args: object) -> int:
        raise OSError(5, "Input/output error")

    room.tell(Action.RISK_BLOCK)
    monkeypatch.setattr(f"engine.durable.os.{call}", broken)
    room.context.now_ns += NS_PER_DAY
    with pytest.raises(AuditError, match="Input/output error"):
        room.tell(Action.RISK_BLOCK)
    for _ in range(5):
        room.tell(Action.RISK_BLOCK)
        room.tell(Action.RISK_BLOCK, reply_to=room.answers)
    room.writer.flush()
    assert room.answers.heard == []


def test_the_clock_brings_a_checkpoint_and_the_trail_says_so(room: Room) -> None:
    assert room.context.timers == [(PERIOD_NS, CheckpointDue())]
    due = room.writer.handlers()[CheckpointDue]
    due(CheckpointDue())
    assert room.checkpoints.count == 0
    room.tell(Action.SYSTEM_START)
    head = room.writer.head
    due(CheckpointDue())
    room.drain()
    due(CheckpointDue())
    assert room.checkpoints.count == 1
    room.writer.flush()
    line = checkpoints_path(room.data_dir).read_bytes().splitlines()[0]
    checkpoint = decode(line)
    assert (checkpoint.seq, checkpoint.hash, checkpoint.time) == (1, head, "2024-08-08T12:00:00.000000000Z")
    key = public_key_of(room.data_dir)
    assert key is not None
    assert signed_by(line, checkpoint, key)
    record = decode_record(day_files(room.data_dir)[0].read_bytes().splitlines()[-1])
    assert (record.action, record.after_state) == ("audit.checkpoint", {"hash": head, "seq": 1})


def test_many_records_bring_a_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RECORDS_MAX", 5)
    room = Room(tmp_path)
    for _ in range(16):
        room.tell(Action.RISK_BLOCK)
    assert room.checkpoints.count == 3
    assert room.writer.seq == 16 + 3


def test_the_end_is_signed_when_it_is_on_disk(room: Room) -> None:
    room.tell(Action.RISK_BLOCK)
    room.writer.handlers()[Stop](Stop("done"))
    room.tell(Action.SYSTEM_STOP, metadata={"clean": True})
    room.writer.close(NOON_NS + 5)
    assert decode(checkpoints_path(room.data_dir).read_bytes().splitlines()[-1]).seq == 2


def test_a_replay_makes_the_same_head_without_a_disk(room: Room) -> None:
    lines: list[bytes] = []
    encoder = Encoder("t1", 1, Renderer(Instruments([]), [], 1).render_of)
    replayed = AuditWriter(encoder, Chain(), MemoryTrail(lines.append))
    events: list[AuditEvent] = []
    for _ in range(3):
        room.context.record(Action.MANUAL_INTERVENTION, "command", "stop", metadata={"why": "test"})
        events.append(room.context.told[-1])
        room.drain()
    replayed.context = FakeContext()  # type: ignore[assignment]
    for event in events:
        replayed.on_event(event)
    replayed.on_checkpoint_due(CheckpointDue())
    replayed.close(NOON_NS)
    assert replayed.head == room.writer.head
    assert len(lines) == 3
