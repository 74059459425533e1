"""Recovery: where a start finds the trail, and what it does about an end that is not as it should be.

A torn last line is what a kill leaves: it is cut. Anything else is damage: the bytes are kept in logs/audit/quarantine,
the trail goes on from its last good record, and the engine starts in EMERGENCY. A start reads only what the last
checkpoint does not vouch for, so its time does not grow with the trail; damage further back is found by `audit verify`.
Checkpoints of records that went into quarantine go there too, or no start would ever be clean again.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from msgspec import Struct

from engine.audit import checkpoints as signed
from engine.audit.checkpoints import Checkpoint, checkpoints_path, public_key_of
from engine.audit.files import day_files, trail_directory
from engine.audit.lines import Line, backward, forward
from engine.audit.record import GENESIS
from engine.audit.verify import Judge
from engine.durable import make_directory, replace_file, sync_directory
from engine.errors import AuditError

LINES_MAX = 20_000
"""Lines that a start reads at most; several times what stands between two checkpoints."""


class Recovered(Struct, frozen=True):
    """Where the trail stands, and what was done to it."""

    seq: int
    head: str
    torn_bytes: int
    """Bytes of a last line that was not finished; they are gone."""
    problems: tuple[str, ...]
    """What was damaged; the engine must start in EMERGENCY when there is any."""
    quarantined: tuple[str, ...]
    """Where the damaged bytes are kept, relative to the data directory."""

    @property
    def damaged(self) -> bool:
        """Whether more than a torn last line was wrong."""
        return bool(self.problems)


class _Place(Struct):
    """A good place to go on from: behind the record `seq`, in a file at an offset."""

    seq: int = 0
    head: str = GENESIS
    path: Path | None = None
    end: int = 0


def recover(data_dir: Path) -> Recovered:
    """Find the end of the trail, and make it one that can be continued.

    Raises:
        AuditError: a file cannot be read, cut or moved.
    """
    try:
        torn_bytes = _cut_torn_line(day_files(data_dir))
        checkpoints, problems = _read_checkpoints(data_dir)
        place, found = _check_tail(day_files(data_dir), checkpoints)
        problems += found
        if not problems:
            return Recovered(place.seq, place.head, torn_bytes, (), ())
        place = _last_good(day_files(data_dir), checkpoints)
        quarantined = _quarantine(data_dir, place, checkpoints)
    except OSError as error:
        raise AuditError(
            f"the trail of {data_dir} cannot be recovered: {error}; repair the disk, then start"
        ) from error
    return Recovered(place.seq, place.head, torn_bytes, tuple(problems), tuple(quarantined))


def _cut_torn_line(files: list[Path]) -> int:
    """Cut what stands behind the last line feed of the newest file; returns how many bytes went."""
    if not files:
        return 0
    last = next(backward(files[-1]), None)
    if last is None or last.whole:
        return 0
    _truncate(files[-1], last.offset)
    return len(last.text)


def _read_checkpoints(data_dir: Path) -> tuple[list[tuple[Line, Checkpoint]], list[str]]:
    """Return the checkpoints in order, and what is wrong with them; a torn last one is cut."""
    path = checkpoints_path(data_dir)
    found: list[tuple[Line, Checkpoint]] = []
    problems: list[str] = []
    if not path.exists():
        return found, problems
    key = public_key_of(data_dir)
    for line in forward(path):
        if not line.whole:
            _truncate(path, line.offset)
            break
        try:
            checkpoint = signed.decode(line.text)
        except AuditError as error:
            problems.append(f"{path.name} line {line.number}: {error}")
            continue
        if key is not None and not signed.signed_by(line.text, checkpoint, key):
            problems.append(f"{path.name} line {line.number}: the signature is not that of state/audit.key")
            continue
        found.append((line, checkpoint))
    return found, problems


def _check_tail(files: list[Path], checkpoints: list[tuple[Line, Checkpoint]]) -> tuple[_Place, list[str]]:
    """Judge the lines behind the last checkpoint, which vouches for everything before."""
    vouched = checkpoints[-1][1] if checkpoints else None
    lines: list[Line] = []
    for path in reversed(files):
        for line in backward(path):
            lines.append(line)
            if len(lines) > LINES_MAX or (vouched is not None and _seq_of(line) == vouched.seq):
                break
        else:
            continue
        break
    place = _Place()
    problems: list[str] = []
    if lines:
        lines.reverse()
        complete = len(lines) <= LINES_MAX and (vouched is None or _seq_of(lines[0]) != vouched.seq)
        judge = Judge() if complete else _trusting(lines[0])
        for line in lines:
            _, faults = judge.look(line)
            problems += [str(fault) for fault in faults]
            if vouched is not None and judge.seq == vouched.seq and judge.head != vouched.hash:
                problems.append(f"record {vouched.seq} is not the one that was signed")
        place = _Place(judge.seq, judge.head, lines[-1].path, lines[-1].end)
    if vouched is not None and place.seq < vouched.seq:
        problems.append(f"the trail ends at record {place.seq}, below the checkpoint of record {vouched.seq}")
    return place, problems


def _last_good(files: list[Path], checkpoints: list[tuple[Line, Checkpoint]]) -> _Place:
    """Read the whole trail and return the place behind its last good record.

    A record that is not the one that was signed spoils everything since the checkpoint before.
    """
    by_seq = {checkpoint.seq: checkpoint.hash for _, checkpoint in checkpoints}
    judge = Judge()
    good, vouched = _Place(), _Place()
    for path in files:
        for line in forward(path):
            _, faults = judge.look(line)
            if faults:
                return good
            if judge.seq in by_seq:
                if by_seq[judge.seq] != judge.head:
                    return vouched
                vouched = _Place(judge.seq, judge.head, path, line.end)
            good = _Place(judge.seq, judge.head, path, line.end)
    return good


def _quarantine(data_dir: Path, place: _Place, checkpoints: list[tuple[Line, Checkpoint]]) -> list[str]:
    """Keep the bytes behind `place` and cut them from the trail, with the checkpoints that vouch for them."""
    root = trail_directory(data_dir) / "quarantine"
    number = 1
    while (root / f"{number:03d}").exists():
        number += 1
    room = root / f"{number:03d}"
    make_directory(room)
    files = day_files(data_dir)
    first = files.index(place.path) if place.path is not None else -1
    damaged = [path for path in files[max(first, 0) :] if path != place.path or path.stat().st_size > place.end]
    book = checkpoints_path(data_dir)
    if book.exists():
        damaged.append(book)
    for path in damaged:
        _copy(path, room / path.name)
    sync_directory(room)
    if book.exists():
        replace_file(book, b"".join(line.text + b"\n" for line, known in checkpoints if known.seq <= place.seq))
    for path in damaged:
        if path == place.path:
            _truncate(path, place.end)
        elif path != book:
            path.unlink()
    sync_directory(trail_directory(data_dir))
    return [str((room / path.name).relative_to(data_dir)) for path in damaged]


def _copy(path: Path, target: Path) -> None:
    shutil.copy2(path, target)
    with target.open("rb") as file:
        os.fsync(file.fileno())


def _truncate(path: Path, size: int) -> None:
    with path.open("r+b") as file:
        file.truncate(size)
        os.fsync(file.fileno())


def _seq_of(line: Line) -> int:
    """Return the seq that a line begins with, or 0; cheap, because it is asked of every line on the way back."""
    head = line.text[:40]
    if not head.startswith(b'{"seq":'):
        return 0
    digits = head[7:].partition(b",")[0]
    return int(digits) if digits.isdigit() else 0


def _trusting(line: Line) -> Judge:
    """Return a judge that takes the place of the first line as given, because a checkpoint vouches for it."""
    record, _ = Judge().look(line)
    return Judge(record.seq - 1, record.prev_hash) if record is not None else Judge()
