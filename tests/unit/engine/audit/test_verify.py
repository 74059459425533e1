"""Verification accepts what was written and finds every edit; an independent program agrees with it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from engine.audit.checkpoints import Checkpoints, checkpoints_path, key_path, load_key
from engine.audit.files import day_files
from engine.audit.record import GENESIS, decode, encode
from engine.audit.verify import NO_EXTERNAL, PROBLEMS_MAX, VerifyReport, verify
from engine.errors import AuditError
from engine.messages.control import Action
from tests.unit.engine.audit.conftest import DAY_NS, TrailMaker
from tools.verify_audit import verify as verify_again

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture
def signed(make_trail: Callable[..., TrailMaker], tmp_path: Path) -> TrailMaker:
    """Return a trail of two days and two runs under three checkpoints, the last at its end."""
    maker = make_trail()
    (tmp_path / "state").mkdir()
    checkpoints = Checkpoints(tmp_path, lambda: maker.chain.seq)

    def sign() -> None:
        checkpoints.add(maker.chain.seq, maker.chain.head, maker.time_ns)

    maker.start()
    order_id = ""
    for _ in range(3):
        order_id = maker.place()
        maker.accept(order_id)
        maker.fill(order_id, 50_000, 150_000)
    told = {"hash": maker.chain.head, "seq": maker.chain.seq}
    sign()
    maker.tell(Action.AUDIT_CHECKPOINT, resource_type="trail", after=told)
    maker.time_ns += DAY_NS
    maker.fill(order_id, 150_000)
    told = {"hash": maker.chain.head, "seq": maker.chain.seq}
    sign()
    maker.tell(Action.AUDIT_CHECKPOINT, resource_type="trail", after=told)
    maker.stop()
    sign()
    checkpoints.close()
    maker.end()
    return maker


def files(maker: TrailMaker) -> list[Path]:
    return day_files(maker.data_dir)


def found(data_dir: Path) -> str:
    """Return the problems as text, after the independent program found some too."""
    report = verify(data_dir)
    assert not report.ok
    assert verify_again(data_dir)["problems"] != []
    return "\n".join(str(problem) for problem in report.problems)


def test_what_was_written_is_accepted(signed: TrailMaker) -> None:
    report = verify(signed.data_dir)
    assert report == VerifyReport(
        records=signed.chain.seq,
        first_seq=1,
        last_seq=signed.chain.seq,
        head=signed.chain.head,
        files=2,
        checkpoints=3,
        problems=[],
        notes=[NO_EXTERNAL],
    )
    again = verify_again(signed.data_dir)
    assert (again["records"], again["head"], again["problems"]) == (signed.chain.seq, signed.chain.head, [])


def test_the_independent_verifier_stands_alone(signed: TrailMaker) -> None:
    script = ROOT / "tools" / "verify_audit.py"
    source = script.read_text()
    assert len(source.splitlines()) <= 200
    for package in ("engine", "hotpath", "actors", "gateways", "tiercel"):
        assert f"import {package}" not in source
        assert f"from {package}" not in source
    command = [sys.executable, "-I", str(script), str(signed.data_dir)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["head"] == signed.chain.head
    files(signed)[0].write_bytes(b"{}\n")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "audit_2024-08-08.jsonl line 1" in done.stdout


def test_one_flipped_bit_is_found_at_any_of_200_places(signed: TrailMaker) -> None:
    chance = Random(20_240_808)
    watched = [*files(signed), checkpoints_path(signed.data_dir)]
    wholes = {path: path.read_bytes() for path in watched}
    places = [(path, offset) for path in watched for offset in range(len(wholes[path]))]
    for path, offset in chance.sample(places, 200):
        damaged = bytearray(wholes[path])
        damaged[offset] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        assert path.name in found(signed.data_dir)
        path.write_bytes(wholes[path])
    assert verify(signed.data_dir).ok


def test_a_cut_at_every_byte_of_the_last_three_records_is_found(signed: TrailMaker) -> None:
    path = files(signed)[-1]
    whole = path.read_bytes()
    begin = len(whole) - sum(len(line) for line in signed.lines[-3:])
    for size in range(begin, len(whole)):
        path.write_bytes(whole[:size])
        assert "cut below a checkpoint" in found(signed.data_dir)


def test_a_removed_a_doubled_and_two_swapped_lines_are_found(signed: TrailMaker) -> None:
    path = files(signed)[0]
    lines = path.read_bytes().splitlines(keepends=True)
    for index in range(len(lines) - 1):
        edits = [
            lines[:index] + lines[index + 1 :],
            [*lines[: index + 1], *lines[index:]],
            [*lines[:index], lines[index + 1], lines[index], *lines[index + 2 :]],
        ]
        for edited in edits:
            path.write_bytes(b"".join(edited))
            told = found(signed.data_dir)
            assert "prev_hash" in told
            assert "seq: expected" in told


def test_a_removed_day_is_found(signed: TrailMaker) -> None:
    files(signed)[0].unlink()
    assert "seq: expected 1" in found(signed.data_dir)


def test_a_whole_rewrite_under_a_checkpoint_is_found(signed: TrailMaker, tmp_path: Path) -> None:
    forged = TrailMaker(tmp_path / "forged", time_ns=signed.time_ns - DAY_NS)
    forged.start()
    while forged.chain.seq < signed.chain.seq:
        forged.place()
    forged.end()
    for path in files(signed):
        path.unlink()
    shutil.copy(files(forged)[0], signed.data_dir / "logs" / "audit" / files(forged)[0].name)
    assert "is not the one that was signed" in found(signed.data_dir)


def test_a_forged_checkpoint_is_found(signed: TrailMaker) -> None:
    path = checkpoints_path(signed.data_dir)
    lines = path.read_bytes().splitlines(keepends=True)
    other = json.loads(lines[1])["signature"].encode()
    mine = json.loads(lines[0])["signature"].encode()
    path.write_bytes(lines[0].replace(mine, other) + b"".join(lines[1:]))
    assert "forged checkpoint" in found(signed.data_dir)
    path.write_bytes(b'{"seq":1}\n' + b"".join(lines))
    assert "no checkpoint" in found(signed.data_dir)
    path.write_bytes(lines[0].replace(b'"seq":', b'"seq": ') + b"".join(lines[1:]))
    assert "would not encode to itself" in found(signed.data_dir)


def test_a_checkpoint_that_vanished_is_missed_by_the_trail(signed: TrailMaker) -> None:
    path = checkpoints_path(signed.data_dir)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[1:]))
    assert "is gone" in "\n".join(str(problem) for problem in verify(signed.data_dir).problems)
    path.unlink()
    assert not verify(signed.data_dir).ok


def test_a_cut_of_both_files_is_seen_from_outside_alone(signed: TrailMaker, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.jsonl"
    shutil.copy(checkpoints_path(signed.data_dir), elsewhere)
    whole = verify(signed.data_dir, elsewhere)
    assert whole.ok
    assert whole.notes == []
    book = checkpoints_path(signed.data_dir)
    book.write_bytes(b"".join(book.read_bytes().splitlines(keepends=True)[:1]))
    files(signed)[-1].unlink()
    alone = verify(signed.data_dir)
    assert alone.ok
    assert NO_EXTERNAL in alone.notes
    assert "cut below a checkpoint" in str(verify(signed.data_dir, elsewhere).problems[0])
    assert verify_again(signed.data_dir, elsewhere)["problems"] != []
    elsewhere.write_bytes(b"")
    assert "no checkpoint" in str(verify(signed.data_dir, elsewhere).problems[0])


def test_a_trail_that_was_signed_anew_is_seen_from_outside_alone(signed: TrailMaker, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.jsonl"
    shutil.copy(checkpoints_path(signed.data_dir), elsewhere)
    for path in (*files(signed), checkpoints_path(signed.data_dir), key_path(signed.data_dir)):
        path.unlink()
    forged = TrailMaker(signed.data_dir)
    checkpoints = Checkpoints(signed.data_dir, lambda: forged.chain.seq)
    forged.start()
    while forged.chain.seq < signed.chain.seq:
        forged.place()
    checkpoints.add(forged.chain.seq, forged.chain.head, forged.time_ns)
    checkpoints.close()
    forged.end()
    assert verify(signed.data_dir).ok
    assert "forged checkpoint" in str(verify(signed.data_dir, elsewhere).problems[0])


def test_without_the_key_the_hashes_still_count(signed: TrailMaker) -> None:
    key_path(signed.data_dir).unlink()
    report = verify(signed.data_dir)
    assert report.ok
    assert "signatures of the checkpoints were not checked" in report.notes[0]


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (lambda line: line.replace(b'{"seq":1,', b'{"seq":1,"seq":1,'), "no record|not canonical"),
        (lambda line: line.replace(b'"epoch":1', b'"epoch":1,"epoch":1'), "key 'epoch' twice"),
        (lambda line: line.replace(b'"epoch":1', b'"epoch":NaN'), "NaN, which is no JSON"),
        (lambda line: line.replace(b'"epoch":1', b'"epoch": 1'), "not canonical"),
        (lambda line: line.replace(b'"epoch":1,"mode":"live"', b'"mode":"live","epoch":1'), "not canonical"),
        (lambda line: line.replace(b"t1-1-1", b"t1-1-2"), "id: expected 1, found 2"),
        (lambda line: line.replace(b"live", b"liv\\u0065"), "not canonical"),
        (lambda line: line.replace(b"live", b"li\xffve"), "no record"),
        (lambda _line: b"", "no record"),
    ],
)
def test_a_line_that_was_hashed_anew_must_still_have_its_one_form(
    make_trail: Callable[..., TrailMaker], edit: Callable[[bytes], bytes], problem: str
) -> None:
    from hashlib import sha256

    maker = make_trail()
    maker.start()
    maker.end()
    body = edit(maker.lines[0][: maker.lines[0].rindex(b',"hash"')])
    files(maker)[0].write_bytes(b'%b,"hash":"%b"}\n' % (body, sha256(body).hexdigest().encode()) if body else b"\n")
    told = found(maker.data_dir)
    assert any(part in told for part in problem.split("|")), told


def test_problems_are_told_up_to_a_bound(make_trail: Callable[..., TrailMaker]) -> None:
    maker = make_trail()
    for _ in range(PROBLEMS_MAX):
        maker.place()
    maker.end()
    path = files(maker)[0]
    path.write_bytes(b"".join(sorted(path.read_bytes().splitlines(keepends=True))))
    report = verify(maker.data_dir)
    assert len(report.problems) == PROBLEMS_MAX
    assert report.problems_count > PROBLEMS_MAX


def test_where_there_is_no_trail_there_is_nothing_to_accept(tmp_path: Path) -> None:
    assert "no trail" in str(verify(tmp_path).problems[0])


def test_verification_changes_nothing(signed: TrailMaker) -> None:
    def state() -> dict[str, tuple[bytes, int]]:
        paths = sorted(path for path in signed.data_dir.rglob("*") if path.is_file())
        return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in paths}

    before = state()
    verify(signed.data_dir)
    assert state() == before


def test_the_key_is_made_once_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    first = load_key(tmp_path).private_bytes_raw()
    assert key_path(tmp_path).stat().st_mode & 0o777 == 0o600
    assert load_key(tmp_path).private_bytes_raw() == first
    assert len(Checkpoints(tmp_path, lambda: 0).public_key) == 64


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----\n", "x25519"])
def test_a_key_that_is_none_is_refused(tmp_path: Path, content: bytes | str) -> None:
    (tmp_path / "state").mkdir()
    if content == "x25519":
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        content = X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    assert isinstance(content, bytes)
    key_path(tmp_path).write_bytes(content)
    with pytest.raises(AuditError, match=r"Ed25519.*restore it, or move it away"):
        load_key(tmp_path)


def test_a_checkpoint_waits_until_its_record_is_on_disk(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    durable = [0]
    checkpoints = Checkpoints(tmp_path, lambda: durable[0])
    checkpoints.add(5, GENESIS, 0)
    assert checkpoints_path(tmp_path).read_bytes() == b""
    durable[0] = 5
    checkpoints.write_durable()
    checkpoints.close()
    line = checkpoints_path(tmp_path).read_bytes()
    assert line.startswith(b'{"seq":5,"hash":"0000')


def test_a_record_reads_as_it_was_written(signed: TrailMaker) -> None:
    for line in signed.lines:
        assert encode(decode(line[:-1])) == line[:-1]
