"""The trail is cut at midnight of the engine's clock, written once a turn, and dead after its first failure."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from engine.audit.chain import Chain, hash_of
from engine.audit.files import DayFiles, MemoryTrail, day_files, file_name
from engine.audit.record import GENESIS, decode
from engine.durable import Syncer
from engine.errors import AuditError
from tests.unit.engine.audit.conftest import DAY_NS, NOON_NS, TrailMaker


def test_each_record_carries_the_hash_of_the_one_before(make_trail: Callable[..., TrailMaker]) -> None:
    maker = make_trail()
    maker.place()
    head = GENESIS
    for line in maker.lines:
        record = decode(line[:-1])
        assert record.prev_hash == head
        assert record.hash == hash_of(line[:-1]) == sha256(line[: line.rindex(b',"hash":')]).hexdigest()
        head = record.hash
    assert (maker.chain.seq, maker.chain.head) == (3, head)


def test_the_file_is_cut_at_midnight_and_the_chain_goes_over(
    make_trail: Callable[..., TrailMaker], tmp_path: Path
) -> None:
    maker = make_trail()
    midnight_ns = NOON_NS - NOON_NS % DAY_NS + DAY_NS
    for time_ns in (midnight_ns - 1, midnight_ns, midnight_ns + 3 * DAY_NS):
        maker.time_ns = time_ns
        maker.start()
    maker.end()
    assert [path.name for path in day_files(tmp_path)] == [
        "audit_2024-08-08.jsonl",
        "audit_2024-08-09.jsonl",
        "audit_2024-08-12.jsonl",
    ]
    assert [path.read_bytes() for path in day_files(tmp_path)] == maker.lines


def test_the_day_never_goes_back(tmp_path: Path) -> None:
    files = DayFiles(tmp_path)
    files.append(b"one\n", 1, NOON_NS)
    files.append(b"two\n", 2, NOON_NS - DAY_NS)
    files.close()
    later = DayFiles(tmp_path, 2)
    later.append(b"three\n", 3, NOON_NS - DAY_NS)
    later.close()
    assert [path.name for path in day_files(tmp_path)] == ["audit_2024-08-08.jsonl"]
    assert day_files(tmp_path)[0].read_bytes() == b"one\ntwo\nthree\n"


def test_a_day_has_one_name() -> None:
    assert file_name(0) == "audit_1970-01-01.jsonl"
    assert file_name(NOON_NS // DAY_NS) == "audit_2024-08-08.jsonl"


def test_a_turn_is_one_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = DayFiles(tmp_path)
    files.append(b"zero\n", 1, NOON_NS)
    files.flush()
    writes: list[int] = []
    real = os.write

    def counting(descriptor: int, data: bytes) -> int:
        writes.append(len(data))
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", counting)
    for seq in (2, 3, 4):
        files.append(b"line\n", seq, NOON_NS)
    files.flush()
    files.flush()
    assert writes == [15]
    assert (files.written_seq, files.durable_seq, files.bytes_count) == (4, 0, 20)
    files.sync()
    assert (files.durable_seq, files.syncs_count) == (4, 1)
    files.close()


def test_a_trail_without_a_record_makes_no_file(tmp_path: Path) -> None:
    files = DayFiles(tmp_path)
    files.flush()
    files.sync()
    files.close()
    assert day_files(tmp_path) == []


def test_a_full_disk_is_told_once_and_then_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = DayFiles(tmp_path)
    files.append(b"one\n", 1, NOON_NS)
    files.flush()

    def full(_descriptor: int, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    files.append(b"two\n", 2, NOON_NS)
    with pytest.raises(AuditError, match="No space left"):
        files.flush()
    monkeypatch.undo()
    files.append(b"three\n", 3, NOON_NS)
    files.flush()
    with pytest.raises(AuditError):
        files.sync()
    assert files.dead
    files.close()
    assert files.path.read_bytes() == b"one\n"
    assert files.durable_seq == 0


def test_a_sync_that_failed_in_the_helper_stops_the_next_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    syncer = Syncer(period_s=0.001)
    files = DayFiles(tmp_path, 0, syncer)
    files.append(b"one\n", 1, NOON_NS)
    files.flush()
    monkeypatch.setattr(os, "fdatasync", broken)
    syncer.start()
    while not files.dead:
        os.sched_yield()
    syncer.stop()
    with pytest.raises(AuditError, match="Input/output error"):
        files.flush()
    files.flush()
    files.close()


def test_replay_needs_no_disk() -> None:
    lines: list[bytes] = []
    trail = MemoryTrail(lines.append)
    trail.append(b"one\n", 1, NOON_NS)
    trail.flush()
    trail.sync()
    trail.close()
    assert (lines, trail.durable_seq) == ([b"one\n"], 1)


def test_a_chain_goes_on_where_it_stood() -> None:
    chain = Chain(7, "ab" * 32)
    line = chain.seal(b'{"seq":8')
    assert chain.seq == 8
    assert line == b'{"seq":8,"hash":"' + chain.head.encode() + b'"}\n'
