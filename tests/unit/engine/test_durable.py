"""What was synced survives, what failed is never tried again, and the helper never closes what it is in."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.durable import DurableFile, Syncer, make_directory, replace_file
from engine.errors import AuditError


class Disk:
    """Stands before os.write and os.fdatasync: the call with this index fails."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, call: str, index: int, code: int = errno.EIO) -> None:
        self.calls = 0
        real: Callable[..., int] = getattr(os, call)

        def failing(*args: object) -> int:
            self.calls += 1
            if self.calls == index:
                raise OSError(code, os.strerror(code))
            return real(*args)

        monkeypatch.setattr(os, call, failing)


def descriptors_count() -> int:
    """Return how many files this process has open."""
    return sum(1 for _ in Path("/dev/fd").iterdir())


@pytest.fixture
def file(tmp_path: Path) -> DurableFile:
    opened = DurableFile(AuditError)
    opened.open(tmp_path / "a", 0)
    return opened


def test_written_comes_before_durable(file: DurableFile) -> None:
    file.write(b"one", 1)
    file.write(b"two", 2)
    assert (file.written, file.durable) == (2, 0)
    file.sync()
    assert (file.written, file.durable, file.syncs_count, file.bytes_count) == (2, 2, 1, 6)
    file.sync()
    assert file.syncs_count == 1
    assert file.path.read_bytes() == b"onetwo"
    file.close()


def test_a_file_is_for_its_owner_alone(file: DurableFile) -> None:
    assert file.path.stat().st_mode & 0o777 == 0o600
    file.close()


def test_the_next_file_is_opened_when_the_one_before_is_durable(file: DurableFile, tmp_path: Path) -> None:
    file.write(b"one", 1)
    file.open(tmp_path / "b", 1)
    assert file.durable == 1
    file.write(b"two", 2)
    file.close()
    assert (tmp_path / "a").read_bytes() == b"one"
    assert (tmp_path / "b").read_bytes() == b"two"


@pytest.mark.parametrize("index", [1, 2, 3])
def test_a_failed_write_is_told_once_and_never_tried_again(
    file: DurableFile, monkeypatch: pytest.MonkeyPatch, index: int
) -> None:
    disk = Disk(monkeypatch, "write", index, errno.ENOSPC)
    for mark in range(1, index):
        file.write(b"x", mark)
    with pytest.raises(AuditError, match=r"No space left.*nothing is tried again"):
        file.write(b"x", index)
    assert file.dead
    file.write(b"x", 9)
    assert disk.calls == index
    assert file.written == index - 1
    with pytest.raises(AuditError):
        file.sync()
    with pytest.raises(AuditError):
        file.open(file.path, 9)
    file.close()


def test_a_write_that_was_taken_in_part_is_a_full_disk(file: DurableFile, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, data[:2]))
    with pytest.raises(AuditError, match="took 2 of 3 bytes: the disk is full"):
        file.write(b"one", 1)
    file.close()


def test_a_failed_sync_is_never_called_clean(file: DurableFile, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(monkeypatch, "fdatasync", 1)
    file.write(b"one", 1)
    with pytest.raises(AuditError, match="cannot be synced"):
        file.sync()
    with pytest.raises(AuditError):
        file.sync()
    assert (disk.calls, file.durable) == (1, 0)
    file.close()


def test_a_sync_that_failed_for_the_helper_is_told_to_the_owner(
    file: DurableFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch, "fdatasync", 1)
    file.write(b"one", 1)
    file.help()
    file.help()
    assert (disk.calls, file.durable) == (1, 0)
    with pytest.raises(AuditError, match="cannot be synced"):
        file.write(b"two", 2)
    file.tell_death()
    file.close()


def test_a_file_that_cannot_be_opened_is_dead(tmp_path: Path) -> None:
    file = DurableFile(AuditError)
    with pytest.raises(AuditError, match="cannot be opened"):
        file.open(tmp_path / "nowhere" / "a", 0)
    assert file.dead


def test_the_helper_alone_closes_what_it_may_be_in(file: DurableFile, tmp_path: Path) -> None:
    file.helped = True
    before = descriptors_count()
    file.write(b"one", 1)
    file.open(tmp_path / "b", 1)
    assert descriptors_count() == before + 1
    file.help()
    assert descriptors_count() == before
    file.close()


def test_the_helper_makes_durable_without_being_asked(file: DurableFile) -> None:
    file.helped = True
    syncer = Syncer(period_s=0.001)
    syncer.add(file.help)
    rounds: list[int] = []
    syncer.add(lambda: rounds.append(1))
    syncer.start()
    syncer.start()
    file.write(b"one", 1)
    while file.durable < 1:
        os.sched_yield()
    syncer.stop()
    syncer.stop()
    count = len(rounds)
    assert count > 0
    file.write(b"two", 2)
    assert (file.durable, len(rounds)) == (1, count)
    file.close()


def test_a_small_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "lease.json"
    replace_file(path, b"one")
    replace_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["lease.json"]


def test_a_small_file_that_does_not_fit_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "lease.json"
    replace_file(path, b"one")
    monkeypatch.setattr(os, "write", lambda _descriptor, _data: 1)
    with pytest.raises(OSError, match="wrote 1 of 3 bytes"):
        replace_file(path, b"two")
    assert path.read_bytes() == b"one"


def test_directories_are_made_with_their_parents(tmp_path: Path) -> None:
    make_directory(tmp_path / "a" / "b")
    make_directory(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
