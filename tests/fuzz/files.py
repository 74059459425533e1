"""What is read back from disk: trail, tape, gate, configuration. Damage has one error, and what is no gate is shut."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.audit.checkpoints import checkpoints_path
from engine.audit.files import trail_directory
from engine.audit.record import decode, encode
from engine.audit.verify import verify
from engine.config.load import load_config
from engine.errors import AuditError, TapeError, UsageError
from engine.messages.control import GateWord
from engine.tape.reader import TapeReader
from engine.tape.segment import HEADER, segment_name
from engine.tape.writer import TapeWriter
from gateways.gate_file import GateFile, read_gate
from tests.conftest import ROOT
from tests.fuzz.target import Target, folder, outcome

RECORD = (
    b'{"seq":1,"id":"t1-1-1","timestamp":"2024-08-09T00:00:00.000000000Z","action":"system.start","description":"starts",'
    b'"actor":"engine","actor_type":"system","resource_type":null,"resource_id":null,"before_state":null,"after_state":{},'
    b'"reason":null,"ip_address":null,"session_id":"t1-1","correlation_id":null,"cause":null,"metadata":null,"prev_hash":"'
    + b"0" * 64
    + b'","hash":"'
    + b"1" * 64
    + b'"}'
)
CHECKPOINT = RECORD.replace(b"system.start", b"audit.checkpoint").replace(b"{},", b'{"seq":1},')
CONFIGURATIONS = ("engine/cli", "engine/config", "examples", "benchmarks", "docs")


def check_audit(data: bytes) -> str:
    """Read the bytes as a trail of one day, and each line as a record."""
    root = folder("audit")
    directory = trail_directory(root)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "audit_2024-08-09.jsonl").write_bytes(data)
    report = verify(root)
    assert report.ok is (report.problems_count == 0 and not report.problems)
    words = {f"{problem.what}" for problem in report.problems}
    for line in data.split(b"\n")[:20]:
        try:
            record = decode(line)
        except AuditError as problem:
            words.add(outcome(problem)[:60])
        else:
            assert decode(encode(record)) == record
    return " ".join(sorted(words))


def check_checkpoints(data: bytes) -> str:
    """Read the bytes as the checkpoints of a trail of one record."""
    root = folder("checkpoints")
    directory = trail_directory(root)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "audit_2024-08-09.jsonl").write_bytes(RECORD + b"\n")
    path = checkpoints_path(root)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return " ".join(sorted({problem.what for problem in verify(root).problems}))


def check_tape(data: bytes) -> str:
    """Read the bytes as the one segment of a tape; the first says whether it is packed."""
    directory = folder("tape")
    for suffix in (".bin", ".zst"):
        (directory / segment_name(1, suffix)).unlink(missing_ok=True)
    suffix, body = (".zst", data[1:]) if data[:1] == b"z" else (".bin", data[1:])
    (directory / segment_name(1, suffix)).write_bytes(body)
    try:
        tape = TapeReader(directory)
        frames = list(tape)
    except TapeError as problem:
        return outcome(problem)[20:]
    bytes_count = sum(HEADER.size + len(frame.payload) for frame in frames)
    assert suffix == ".zst" or bytes_count + tape.torn_bytes <= len(body)
    return f"{min(len(frames), 20)} frames, {tape.closed}, {tape.torn_bytes > 0}"


def check_gate(data: bytes) -> str:
    """Read the bytes as a gate: a reader and a mapping see the same word, and it can be shut whatever it was."""
    path = folder("gate") / "gate"
    path.write_bytes(data)
    word = read_gate(path)
    with closing(GateFile.open(path)) as gate:
        assert gate.word is word, f"the file says {word!r}, its mapping {gate.word!r}"
        gate.write(GateWord.CLOSED)
    assert read_gate(path) is GateWord.CLOSED
    return word.name


def check_config(data: bytes) -> str:
    """Read the bytes as a configuration."""
    path = folder("config") / "tiercel.toml"
    path.write_bytes(data)
    try:
        load_config(path, {})
    except UsageError as problem:
        return outcome(problem)[40:]
    return "a configuration"


def _trails() -> list[bytes]:
    return [b"", RECORD + b"\n", RECORD + b"\n" + CHECKPOINT + b"\n" + CHECKPOINT + b"\n", RECORD]


def _checkpoints() -> list[bytes]:
    fields = b'{"seq":1,"hash":"%s","time":"2024-08-09T00:00:00.000000000Z","signature":"%s"}\n'
    return [b"", fields % (b"0" * 64, b"A" * 88), fields % (b"1" * 64, b"") * 2]


def _tapes() -> list[bytes]:
    with TemporaryDirectory() as place:
        directory = Path(place) / "tape"
        tape = TapeWriter(directory, {"instruments": [], "started_ns": 1})
        for step in range(5):
            tape.append(step, step, 1, 2, b"x" * step * 40)
        tape.flush()
        raw = (directory / segment_name(1)).read_bytes()
        tape.close(6, 6)
        whole = (directory / segment_name(1)).read_bytes()
    return [b"b", b"b" + raw, b"b" + whole, b"b" + raw[:-3], b"z" + raw]


def _gates() -> list[bytes]:
    path = folder("gate") / "corpus"
    made = [b"", bytes(16)]
    for word in GateWord:
        with closing(GateFile.create(path, word)):
            made.append(path.read_bytes())
    return made


def _configurations() -> list[bytes]:
    paths = [path for place in CONFIGURATIONS for path in sorted((ROOT / place).rglob("*.toml"))]
    return [b"", b'[engine]\nmode = "paper"\n', *(path.read_bytes() for path in paths)]


TARGETS = (
    Target("audit", _trails, check_audit),
    Target("checkpoints", _checkpoints, check_checkpoints),
    Target("tape", _tapes, check_tape),
    Target("gate", _gates, check_gate),
    Target("config", _configurations, check_config),
)
