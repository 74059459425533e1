"""The trail's day files: logs/audit/audit_YYYY-MM-DD.jsonl by the engine's clock, one write a turn.

It owns the buffer, the cut at midnight and what is written and durable. It knows lines, never what they say. The day
never goes back: should the clock, a record stays in the file that is open, so that the order of files is the order of
the chain. MemoryTrail is the same without a disk, for replay and tests.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from engine.clock import NS_PER_DAY
from engine.durable import DurableFile, Syncer, make_directory
from engine.errors import AuditError
from hotpath.core.text import timestamp_text

PREFIX = "audit_"
SUFFIX = ".jsonl"


def trail_directory(data_dir: Path) -> Path:
    """Return where the day files of a data directory stand."""
    return data_dir / "logs" / "audit"


def day_files(data_dir: Path) -> list[Path]:
    """Return the day files, oldest first."""
    return sorted(trail_directory(data_dir).glob(f"{PREFIX}????-??-??{SUFFIX}"))


def file_name(day: int) -> str:
    """Return the name of the file of a day, counted from 1970-01-01."""
    return f"{PREFIX}{timestamp_text(day * NS_PER_DAY)[:10]}{SUFFIX}"


class Trail(Protocol):
    """Where the lines go."""

    def append(self, line: bytes, seq: int, time_ns: int) -> None:
        """Take a line."""

    def flush(self) -> None:
        """Write what was taken."""

    def sync(self) -> None:
        """Write it and make it durable."""

    @property
    def durable_seq(self) -> int:
        """The last record that is on disk."""

    @property
    def dead(self) -> bool:
        """Whether a write or sync failed."""

    def close(self) -> None:
        """Write, make durable, and take no more."""


class DayFiles:
    """The trail on disk."""

    def __init__(self, data_dir: Path, seq: int = 0, syncer: Syncer | None = None) -> None:
        """Continue after record `seq` in the newest file there is. Without a syncer only `sync` makes durable."""
        self._directory = trail_directory(data_dir)
        make_directory(self._directory)
        self._file = DurableFile(AuditError)
        self._buffer: list[bytes] = []
        self._keep = self._buffer.append
        self._seq = seq
        self._day = -1
        self._day_end_ns = -1
        existing = day_files(data_dir)
        self._floor = existing[-1].name if existing else ""
        if syncer is not None:
            self._file.helped = True
            syncer.add(self._file.help)

    @property
    def written_seq(self) -> int:
        """The last record that was written."""
        return self._file.written

    @property
    def durable_seq(self) -> int:
        """The last record that is on disk."""
        return self._file.durable

    @property
    def bytes_count(self) -> int:
        """Bytes written in this run."""
        return self._file.bytes_count

    @property
    def syncs_count(self) -> int:
        """How often the disk was asked to make records durable."""
        return self._file.syncs_count

    @property
    def dead(self) -> bool:
        """Whether a write or sync failed; the next call raises."""
        return self._file.dead

    @property
    def path(self) -> Path:
        """The file that is written now."""
        return self._file.path

    def append(self, line: bytes, seq: int, time_ns: int) -> None:
        """Take a whole line, line feed included; it is written by the next flush."""
        if time_ns >= self._day_end_ns:
            self._cut(time_ns // NS_PER_DAY)
        self._keep(line)
        self._seq = seq

    def flush(self) -> None:
        """Write what was taken, in one write. AuditError once when it cannot be; then it is dead and drops all."""
        if self._buffer:
            data = b"".join(self._buffer)
            self._buffer.clear()
            self._file.write(data, self._seq)
        else:
            self._file.tell_death()

    def sync(self) -> None:
        """Write what was taken and make it durable before this returns. AuditError whenever it cannot be."""
        self.flush()
        if self._day >= 0:
            self._file.sync()

    def close(self) -> None:
        """Write, make durable and close, which a dead file only does. The syncer must have stopped."""
        if not self._file.dead:
            self.sync()
        self._file.close()

    def _cut(self, day: int) -> None:
        """Go on in the file of a day."""
        self.flush()
        self._file.open(self._directory / max(file_name(day), self._floor), self._seq)
        self._day = day
        self._day_end_ns = (day + 1) * NS_PER_DAY


class MemoryTrail:
    """The trail without a disk: each line is handed on, and counts as durable at once."""

    dead = False

    def __init__(self, take: Callable[[bytes], None]) -> None:
        """`take` is given each whole line."""
        self._take = take
        self.durable_seq = 0

    def append(self, line: bytes, seq: int, time_ns: int) -> None:
        """Hand a line on."""
        self._take(line)
        self.durable_seq = seq

    def flush(self) -> None:
        """Nothing waits."""

    def sync(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing is open."""
