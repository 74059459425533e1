"""Verification: is the trail what was written? It reads, hashes the bytes that it read, and changes nothing.

It owns the judgement of a line (one form, one hash, one place in the chain) and of the whole (against signed
checkpoints, and against one that was kept elsewhere). It refuses to repair: see recovery. What it cannot see it says:
without a checkpoint from elsewhere, a cut of trail and checkpoints together leaves no mark.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Struct

from engine.audit import checkpoints as signed
from engine.audit.chain import hash_of
from engine.audit.checkpoints import Checkpoint, checkpoints_path, public_key_of
from engine.audit.files import day_files, trail_directory
from engine.audit.lines import Line, forward
from engine.audit.record import GENESIS, Record, decode, encode
from engine.errors import AuditError
from engine.messages.control import Action

PROBLEMS_MAX = 100
"""Problems that are told in full; the others are counted."""

NO_EXTERNAL = (
    "no checkpoint from elsewhere was given: a cut of the trail and of state/checkpoints.jsonl together would not be "
    "seen; keep a copy of the checkpoints on another machine and give it with --checkpoint"
)


class Problem(Struct, frozen=True):
    """One thing that is not as it was written. `line` is 0 where a file as a whole is meant."""

    file: str
    line: int
    what: str
    expected: str
    found: str

    def __str__(self) -> str:
        """Say it in one line."""
        place = f"{self.file} line {self.line}" if self.line else self.file
        return f"{place}: {self.what}: expected {self.expected}, found {self.found}"


class VerifyReport(Struct):
    """What verification found."""

    records: int = 0
    first_seq: int = 0
    last_seq: int = 0
    head: str = GENESIS
    files: int = 0
    checkpoints: int = 0
    problems: list[Problem] = []
    problems_count: int = 0
    notes: list[str] = []

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return self.problems_count == 0

    def add(self, problem: Problem) -> None:
        """Take a problem; beyond PROBLEMS_MAX it is only counted."""
        self.problems_count += 1
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append(problem)


class Judge:
    """Follows the chain line by line."""

    def __init__(self, seq: int = 0, head: str = GENESIS) -> None:
        """Expect the record after `seq`, whose hash is `head`."""
        self.seq = seq
        self.head = head

    def look(self, line: Line) -> tuple[Record | None, list[Problem]]:
        """Judge one line and expect its successor; the record is None when the line is none."""
        name = line.path.name
        if not line.whole:
            found = f"{len(line.text)} bytes without it"
            return None, [Problem(name, line.number, "torn last line", "a line feed at its end", found)]
        try:
            record = decode(line.text)
        except AuditError as error:
            self.seq += 1
            return None, [
                Problem(name, line.number, "no record", "one JSON object of the trail", _fault(line.text, error))
            ]
        problems: list[Problem] = []

        def differs(what: str, expected: Any, found: Any) -> None:
            if expected != found:
                problems.append(Problem(name, line.number, what, str(expected), str(found)))

        if encode(record) != line.text:
            problems.append(
                Problem(name, line.number, "not canonical", "the one form of this record", _fault(line.text, None))
            )
        found_hash = hash_of(line.text)
        differs("hash", found_hash, record.hash)
        differs("seq", self.seq + 1, record.seq)
        differs("prev_hash", self.head, record.prev_hash)
        differs("id", str(record.seq), record.id.rpartition("-")[2])
        self.seq, self.head = record.seq, found_hash
        return record, problems


class CheckpointBook:
    """The checkpoints of one file, judged as the records that they name go by."""

    def __init__(self, path: Path, key: Ed25519PublicKey | None, report: VerifyReport) -> None:
        """Read the file; what cannot be read or was signed by another key is a problem at once."""
        self._name = path.name
        self._report = report
        self._by_seq: dict[int, tuple[int, Checkpoint]] = {}
        for line in forward(path):
            if not line.whole:
                found = f"{len(line.text)} bytes without it"
                report.add(Problem(path.name, line.number, "torn last line", "a line feed at its end", found))
                break
            try:
                checkpoint = signed.decode(line.text)
            except AuditError as error:
                report.add(
                    Problem(path.name, line.number, "no checkpoint", "a line that this engine signed", str(error))
                )
                continue
            if key is not None and not signed.signed_by(line.text, checkpoint, key):
                what = "forged checkpoint"
                report.add(
                    Problem(path.name, line.number, what, "a signature of state/audit.key", checkpoint.signature)
                )
                continue
            earlier = self._by_seq.get(checkpoint.seq)
            if earlier is not None and earlier[1].hash != checkpoint.hash:
                what = "two checkpoints of one record"
                report.add(Problem(path.name, line.number, what, earlier[1].hash, checkpoint.hash))
            self._by_seq[checkpoint.seq] = (line.number, checkpoint)
        self.count = len(self._by_seq)

    def __contains__(self, seq: int) -> bool:
        return seq in self._by_seq

    def meet(self, seq: int, head: str) -> None:
        """Compare the checkpoint of record `seq`, if there is one, with the hash that the trail makes."""
        held = self._by_seq.get(seq)
        if held is not None and held[1].hash != head:
            what = f"record {seq} is not the one that was signed"
            self._report.add(Problem(self._name, held[0], what, held[1].hash, head))

    def end(self, last_seq: int) -> None:
        """Find checkpoints of records that the trail does not have any more."""
        beyond = [seq for seq in self._by_seq if seq > last_seq]
        if beyond:
            number, checkpoint = self._by_seq[max(beyond)]
            what = "the trail was cut below a checkpoint"
            self._report.add(
                Problem(self._name, number, what, f"records up to {checkpoint.seq}", f"records up to {last_seq}")
            )


def verify(data_dir: Path, checkpoint: Path | None = None) -> VerifyReport:
    """Read the whole trail and say what is not as it was written.

    Args:
        data_dir: the data directory, or a copy of it.
        checkpoint: checkpoints that were kept elsewhere, in the form of state/checkpoints.jsonl.

    Raises:
        AuditError: state/audit.key is there and is no key.
        OSError: a file cannot be read.
    """
    report = VerifyReport(problems=[], notes=[])
    key = public_key_of(data_dir)
    books: list[CheckpointBook] = []
    path = checkpoints_path(data_dir)
    own = CheckpointBook(path, key, report) if path.exists() else None
    if own is not None:
        books.append(own)
        report.checkpoints = own.count
        if key is None and own.count:
            report.notes.append("state/audit.key is not there: the signatures of the checkpoints were not checked")
    if checkpoint is not None:
        outside = CheckpointBook(checkpoint, key, report)
        books.append(outside)
        if not outside.count and report.ok:
            report.add(Problem(checkpoint.name, 0, "no checkpoint", "at least one line", "none"))
    else:
        report.notes.append(NO_EXTERNAL)
    files = day_files(data_dir)
    report.files = len(files)
    told = _walk(files, books, report)
    for book in books:
        book.end(report.last_seq)
    _look_for_vanished(told, own, report)
    if not files:
        where = str(trail_directory(data_dir))
        report.add(Problem(where, 0, "no trail", "audit_YYYY-MM-DD.jsonl files", "none"))
    quarantine = trail_directory(data_dir) / "quarantine"
    if quarantine.is_dir():
        report.notes.append(f"{quarantine} holds what was damaged and moved aside by a recovery")
    return report


def _walk(files: Iterable[Path], books: list[CheckpointBook], report: VerifyReport) -> list[list[int]]:
    """Judge every line; returns, for each run, the checkpoints that the trail itself tells of."""
    judge = Judge()
    told: list[list[int]] = [[]]
    for path in files:
        for line in forward(path):
            record, problems = judge.look(line)
            for problem in problems:
                report.add(problem)
            if record is None:
                continue
            report.records += 1
            report.first_seq = report.first_seq or record.seq
            report.last_seq, report.head = judge.seq, judge.head
            for book in books:
                book.meet(judge.seq, judge.head)
            if record.action == Action.SYSTEM_START:
                told.append([])
            elif record.action == Action.AUDIT_CHECKPOINT and record.after_state is not None:
                told[-1].append(record.after_state.get("seq", 0))
    return told


def _look_for_vanished(told: list[list[int]], own: CheckpointBook | None, report: VerifyReport) -> None:
    """Find checkpoints that the trail tells of and the file does not hold.

    The last one of a run may be missing: a killed run was signing it.
    """
    for seqs in told:
        for seq in seqs[:-1]:
            if own is None or seq not in own:
                what = f"the checkpoint of record {seq} is gone"
                report.add(Problem("checkpoints.jsonl", 0, what, "the line that the trail tells of", "none"))


def _fault(text: bytes, error: AuditError | None) -> str:
    """Say what is wrong with a line that is no record, or not in its one form."""

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        seen: dict[str, Any] = {}
        for key, value in items:
            if key in seen:
                raise ValueError(f"key {key!r} twice")
            seen[key] = value
        return seen

    def constant(name: str) -> None:
        raise ValueError(f"{name}, which is no JSON")

    try:
        json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except (ValueError, RecursionError) as fault:
        return str(fault)[:200]
    return str(error) if error is not None else "other bytes that mean the same"
