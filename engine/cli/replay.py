"""`tiercel replay`: a recorded run once more, compared with what it left behind.

The same assembly is fed from the tape, with links that lead nowhere and a trail in memory. Each record that it makes is
held against the recorded one as it comes; the first that differs is shown, expected beside found. Nothing on disk
changes.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from actors.safety.policy import NoStore
from engine.audit.files import MemoryTrail, day_files
from engine.audit.lines import forward
from engine.audit.record import decode
from engine.cli.assembly import Assembled, Outside, RunGate, VenuePorts, assemble
from engine.cli.failures import is_ours
from engine.cli.opening import MemoryLatch
from engine.cli.options import ReplayOptions
from engine.clock import NS_PER_MS
from engine.datadir import DataDir, RunDir, data_dir
from engine.errors import AuditError, TapeError
from engine.lease import Lease, Leased
from engine.messages.control import GateWord
from engine.supervision.time_limit import TimeLimit
from engine.tape.head import RunHead, describe_program, differences
from engine.tape.reader import TapeReader
from engine.tape.replay import Replay
from engine.tape.sent import SentDigest
from engine.telemetry.summary import read_summary
from gateways.binance.gateway import Urls
from gateways.binance.signing import NullSigner
from gateways.gate_file import memory_cells
from gateways.transport.link import Link, NullLink, NullRestLink, RestLink

SAME, DIFFERENT = 0, 1


class Difference(Struct, frozen=True):
    """The first record that is not as it was."""

    seq: int
    expected: str
    found: str


class Outcome(Struct, frozen=True):
    """What a replay showed."""

    run_id: str
    same: bool
    records: int
    head: str
    expected_head: str
    sent_payloads: int
    sent_digest: str
    expected_digest: str
    frames: int
    program_differs: list[str]
    difference: Difference | None = None
    problem: str = ""
    note: str = ""


class Comparison:
    """Holds each record of the replay against the recorded one."""

    def __init__(self, recorded: Iterator[bytes]) -> None:
        """Take the recorded lines of the run, in order."""
        self._recorded = recorded
        self.difference: Difference | None = None
        self.matched_count = 0
        self.beyond_count = 0

    def take(self, line: bytes) -> None:
        """Compare one record; after the first difference nothing is compared any more."""
        if self.difference is not None or self.beyond_count:
            self.beyond_count += 1
            return
        expected = next(self._recorded, None)
        if expected is None:
            self.beyond_count += 1
        elif expected != line:
            self.difference = Difference(decode(line.rstrip(b"\n")).seq, expected.decode(), line.decode())
        else:
            self.matched_count += 1

    @property
    def differs(self) -> bool:
        """Whether a record was made that is not the recorded one, or that the run never made."""
        return self.difference is not None or self.beyond_count > 0

    def missing(self) -> bytes | None:
        """Return the first recorded line that the replay did not make, or None."""
        return next(self._recorded, None) if self.difference is None and not self.beyond_count else None


def recorded_lines(directory: DataDir, head: RunHead) -> Iterator[bytes]:
    """Yield the lines of a run's records as they stand in the day files."""
    session = head.session_id
    for path in day_files(directory.root):
        for line in forward(path):
            record = decode(line.text)
            if record.seq >= head.first_seq and record.session_id == session:
                yield line.text + b"\n"


def replay(options: ReplayOptions) -> int:
    """Replay a run and say whether it is the same.

    Raises:
        UsageError: there is no such run.
    """
    directory = data_dir(options.data_dir, os.environ)
    run_dir = directory.find_run(options.run_id)
    outcome = replay_run(directory, run_dir, options.to_step)
    if options.json:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(outcome), indent=2) + b"\n")
    else:
        print("\n".join(outcome_lines(outcome)))
    return SAME if outcome.same else DIFFERENT


def replay_run(directory: DataDir, run_dir: RunDir, to_step: int = -1) -> Outcome:
    """Replay one run and return what it showed."""
    expected_head, expected_digest = _expected(run_dir)
    try:
        reader = TapeReader(run_dir.tape)
        head = msgspec.convert(reader.head, RunHead)
    except (TapeError, msgspec.ValidationError) as error:
        return _failed(run_dir.run_id, f"the tape cannot be read: {error}", expected_head, expected_digest)
    comparison = Comparison(recorded_lines(directory, head))
    sent = SentDigest()
    cells = memory_cells(GateWord.CLOSED if head.latch_reason else GateWord.OPEN)
    run = assemble(head, _outside(head, comparison, sent, cells))
    strategies = {plan.name: one.sha256 for plan, one in zip(run.config.strategies, run.strategies, strict=True)}
    playing = _replay(run, cells, comparison)
    problem = ""
    run.system.start()
    try:
        playing.run(reader, to_step)
        missing = comparison.missing()
        if missing is not None and to_step < 0:
            line = missing.decode().rstrip()
            problem = f"record {decode(line.encode()).seq} was made by the run and not by the replay: {line}"
    except (TapeError, AuditError) as error:
        problem = str(error)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    writer = run.writer
    same_head = not expected_head or expected_head == writer.head
    same_sent = not expected_digest or expected_digest == sent.hexdigest()
    whole = to_step < 0
    return Outcome(
        run_id=head.run_id,
        same=not problem and comparison.difference is None and (not whole or (same_head and same_sent)),
        records=writer.records_count,
        head=writer.head,
        expected_head=expected_head,
        sent_payloads=sent.payloads,
        sent_digest=sent.hexdigest(),
        expected_digest=expected_digest,
        frames=playing.frames_count,
        program_differs=differences(head.program, describe_program(strategies)),
        difference=comparison.difference,
        problem=problem,
        note=_note(reader, expected_head),
    )


def _note(reader: TapeReader, expected_head: str) -> str:
    if reader.torn_bytes:
        return f"the run was killed: {reader.torn_bytes} bytes of a last frame are torn"
    return "" if expected_head else "the run left no summary: it was killed, and is compared with its records alone"


def _expected(run_dir: RunDir) -> tuple[str, str]:
    try:
        summary = read_summary(run_dir.summary.read_bytes())
    except OSError:  # expected: a run that was killed has none
        return "", ""
    return summary.audit.head, summary.sent.digest


def _failed(run_id: str, problem: str, head: str, digest: str) -> Outcome:
    return Outcome(run_id, False, 0, "", head, 0, "", digest, 0, [], None, problem)


def _outside(head: RunHead, comparison: Comparison, sent: SentDigest, cells: list[int]) -> Outside:
    def write(word: GateWord) -> None:
        cells[1] = int(word)

    def links(_venue: str, ports: VenuePorts) -> tuple[Link, Link, RestLink]:
        return NullLink(ports.stream, sent), NullLink(ports.api, sent), NullRestLink(ports.rest, sent)

    return Outside(
        trail=MemoryTrail(comparison.take),
        checkpoints=None,
        lease=Lease(msgspec.convert(head.lease, Leased)),
        gate=RunGate(cells, write),
        latch=MemoryLatch(head.latch_reason),
        policy=NoStore(),
        sent=sent,
        urls={venue: Urls("", "") for venue in head.logs_on},
        signers={venue: NullSigner(logs_on=logs_on) for venue, logs_on in head.logs_on.items()},
        links=links,
        reply=lambda _request, _ok, _answer: None,
    )


def _replay(run: Assembled, cells: list[int], comparison: Comparison) -> Replay:
    limit = TimeLimit(
        run.system.dispatcher, run.config.limits.handler_stop_ms * NS_PER_MS, is_ours, lambda _step: limit.disarm()
    )

    def set_gate(word: int) -> None:
        cells[1] = word

    def port_failed(owner: str, port: str, error: BaseException) -> None:
        run.supervisor.port_failed(run.system.cell(owner), port, error)

    return Replay(run.system, set_gate, lambda _step: limit.arm(), port_failed, lambda: comparison.differs)


def outcome_lines(outcome: Outcome) -> Iterator[str]:
    """Yield the outcome as lines of text."""
    yield (
        f"replay of {outcome.run_id}: {'identical' if outcome.same else 'DIFFERENT'}; {outcome.frames:,} frames, "
        f"{outcome.records:,} records, {outcome.sent_payloads:,} payloads sent"
    )
    yield f"audit head   {outcome.head} (recorded {outcome.expected_head or 'nowhere'})"
    yield f"sent digest  {outcome.sent_digest} (recorded {outcome.expected_digest or 'nowhere'})"
    for line in outcome.program_differs:
        yield f"program differs: {line}"
    if outcome.difference is not None:
        yield f"first difference, record {outcome.difference.seq}:"
        yield f"  expected {outcome.difference.expected.rstrip()}"
        yield f"  found    {outcome.difference.found.rstrip()}"
    for text in (outcome.problem, outcome.note):
        if text:
            yield text
