"""A start cuts what a kill tore, keeps what was damaged, and says which of the two it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.audit import recovery
from engine.audit.chain import Chain
from engine.audit.checkpoints import Checkpoints, checkpoints_path
from engine.audit.files import day_files
from engine.audit.lines import Line, backward, forward
from engine.audit.record import GENESIS
from engine.audit.recovery import Recovered, recover
from engine.audit.verify import Judge, verify
from engine.errors import AuditError
from engine.messages.control import Action
from tests.unit.engine.audit.conftest import DAY_NS, TrailMaker

type_of_maker = Callable[..., TrailMaker]


def written(make_trail: type_of_maker, data_dir: Path, *, signed: int = 0, days: int = 1) -> TrailMaker:
    """Write a trail; the record `signed` is under a checkpoint, and so is the first of the run."""
    maker = make_trail()
    (data_dir / "state").mkdir(exist_ok=True)
    checkpoints = Checkpoints(data_dir, lambda: 1_000)
    for day in range(days):
        maker.time_ns += DAY_NS if day else 0
        for _ in range(4):
            maker.place()
            if maker.chain.seq in (3, signed):
                checkpoints.add(maker.chain.seq, maker.chain.head, maker.time_ns)
    checkpoints.close()
    maker.end()
    return maker


def go_on(make_trail: type_of_maker, recovered: Recovered) -> TrailMaker:
    """Continue the trail as the next run does."""
    maker = make_trail(epoch=2, chain=Chain(recovered.seq, recovered.head))
    maker.start()
    maker.tell(
        Action.AUDIT_RECOVERED,
        resource_type="trail",
        reason="; ".join(recovered.problems),
        metadata={"bytes": recovered.torn_bytes, "quarantined": list(recovered.quarantined)},
    )
    maker.place()
    maker.end()
    return maker


def seqs_and_heads(maker: TrailMaker) -> list[tuple[int, str]]:
    return [(seq, line[-67:-3].decode()) for seq, line in enumerate(maker.lines, 1)]


def test_an_empty_directory_begins_a_chain(tmp_path: Path) -> None:
    assert recover(tmp_path) == Recovered(0, GENESIS, 0, (), ())


def test_a_whole_trail_goes_on_where_it_stood(make_trail: type_of_maker, tmp_path: Path) -> None:
    maker = written(make_trail, tmp_path, signed=6)
    recovered = recover(tmp_path)
    assert recovered == Recovered(maker.chain.seq, maker.chain.head, 0, (), ())
    go_on(make_trail, recovered)
    assert verify(tmp_path).ok


def test_a_cut_at_every_byte_of_the_last_three_records_is_only_torn(make_trail: type_of_maker, tmp_path: Path) -> None:
    maker = written(make_trail, tmp_path)
    path = day_files(tmp_path)[0]
    whole = path.read_bytes()
    ends = [sum(len(line) for line in maker.lines[: index + 1]) for index in range(len(maker.lines))]
    known = seqs_and_heads(maker)
    for size in range(ends[-4], len(whole) + 1):
        path.write_bytes(whole[:size])
        recovered = recover(tmp_path)
        kept = sum(1 for end in ends if end <= size)
        assert (recovered.seq, recovered.head) == known[kept - 1]
        assert (recovered.torn_bytes, recovered.damaged) == (size - ends[kept - 1], False)
        assert path.stat().st_size == ends[kept - 1]


def test_a_first_record_that_was_torn_leaves_an_empty_chain(make_trail: type_of_maker, tmp_path: Path) -> None:
    maker = make_trail()
    maker.start()
    maker.end()
    path = day_files(tmp_path)[0]
    path.write_bytes(path.read_bytes()[:50])
    assert recover(tmp_path) == Recovered(0, GENESIS, 50, (), ())


def test_a_day_that_was_torn_in_its_first_record_goes_on_from_the_day_before(
    make_trail: type_of_maker, tmp_path: Path
) -> None:
    written(make_trail, tmp_path, days=2)
    first, second = day_files(tmp_path)
    second.write_bytes(second.read_bytes()[:70])
    recovered = recover(tmp_path)
    assert (recovered.seq, recovered.torn_bytes, recovered.damaged) == (12, 70, False)
    assert first.stat().st_size > 0
    go_on(make_trail, recovered)
    assert verify(tmp_path).ok


def test_what_no_kill_explains_is_kept_and_told(make_trail: type_of_maker, tmp_path: Path) -> None:
    maker = written(make_trail, tmp_path, signed=6)
    path = day_files(tmp_path)[0]
    lines = path.read_bytes().splitlines(keepends=True)
    lines[8] = lines[8].replace(b"BUY", b"SEL")
    path.write_bytes(b"".join(lines))
    damaged = path.read_bytes()
    recovered = recover(tmp_path)
    assert recovered.damaged
    assert "line" in recovered.problems[0] or "hash" in recovered.problems[0]
    assert (recovered.seq, recovered.head) == seqs_and_heads(maker)[7]
    assert recovered.quarantined == (
        "logs/audit/quarantine/001/audit_2024-08-08.jsonl",
        "logs/audit/quarantine/001/checkpoints.jsonl",
    )
    assert (tmp_path / recovered.quarantined[0]).read_bytes() == damaged
    go_on(make_trail, recovered)
    report = verify(tmp_path)
    assert report.ok
    assert any("quarantine" in note for note in report.notes)
    assert not recover(tmp_path).damaged


def test_a_line_in_the_middle_that_is_none_is_damage(make_trail: type_of_maker, tmp_path: Path) -> None:
    written(make_trail, tmp_path)
    path = day_files(tmp_path)[0]
    path.write_bytes(path.read_bytes() + b"garbage\n")
    recovered = recover(tmp_path)
    assert recovered.damaged
    assert recovered.seq == 12
    assert go_on(make_trail, recovered).chain.seq == 17
    assert verify(tmp_path).ok


def test_a_trail_that_was_cut_below_a_checkpoint_is_damage(make_trail: type_of_maker, tmp_path: Path) -> None:
    maker = written(make_trail, tmp_path, signed=12)
    path = day_files(tmp_path)[0]
    path.write_bytes(b"".join(maker.lines[:10]))
    book = checkpoints_path(tmp_path).read_bytes()
    recovered = recover(tmp_path)
    assert (recovered.seq, recovered.problems) == (
        10,
        ("the trail ends at record 10, below the checkpoint of record 12",),
    )
    assert (tmp_path / recovered.quarantined[-1]).read_bytes() == book
    go_on(make_trail, recovered)
    assert verify(tmp_path).ok


def test_a_trail_that_is_gone_is_damage(make_trail: type_of_maker, tmp_path: Path) -> None:
    written(make_trail, tmp_path)
    day_files(tmp_path)[0].unlink()
    recovered = recover(tmp_path)
    assert (recovered.seq, recovered.head, recovered.damaged) == (0, GENESIS, True)
    assert recover(tmp_path) == Recovered(0, GENESIS, 0, (), ())


def test_a_rewrite_under_a_checkpoint_spoils_all_since_the_one_before(
    make_trail: type_of_maker, tmp_path: Path
) -> None:
    maker = written(make_trail, tmp_path, signed=9)
    path = day_files(tmp_path)[0]
    path.write_bytes(b"".join(maker.lines[:5]))
    forger = make_trail(chain=Chain(*seqs_and_heads(maker)[4]))
    for _ in range(3):
        forger.place()
    forger.end()
    recovered = recover(tmp_path)
    assert "is not the one that was signed" in recovered.problems[0]
    assert recovered.seq == 3
    go_on(make_trail, recovered)
    assert verify(tmp_path).ok


def test_damage_on_an_earlier_day_takes_the_later_days_along(make_trail: type_of_maker, tmp_path: Path) -> None:
    written(make_trail, tmp_path, days=2)
    first, second = day_files(tmp_path)
    first.write_bytes(first.read_bytes().replace(b"t1-1-4", b"t1-1-5"))
    recovered = recover(tmp_path)
    assert recovered.damaged
    assert not second.exists()
    assert len(recovered.quarantined) == 3
    go_on(make_trail, recovered)
    assert verify(tmp_path).ok


@pytest.mark.parametrize("line", [b"{}\n", b"\x00\xff\n"])
def test_a_checkpoint_that_is_none_is_damage(make_trail: type_of_maker, tmp_path: Path, line: bytes) -> None:
    maker = written(make_trail, tmp_path)
    path = checkpoints_path(tmp_path)
    path.write_bytes(path.read_bytes() + line)
    recovered = recover(tmp_path)
    assert recovered.damaged
    assert recovered.seq == maker.chain.seq
    assert recovered.quarantined == ("logs/audit/quarantine/001/checkpoints.jsonl",)
    assert not recover(tmp_path).damaged


def test_a_forged_checkpoint_is_damage(make_trail: type_of_maker, tmp_path: Path) -> None:
    written(make_trail, tmp_path)
    path = checkpoints_path(tmp_path)
    path.write_bytes(path.read_bytes().replace(b'"seq":3', b'"seq":2'))
    assert "signature" in recover(tmp_path).problems[0]


def test_a_torn_checkpoint_is_cut_without_a_word(make_trail: type_of_maker, tmp_path: Path) -> None:
    written(make_trail, tmp_path)
    path = checkpoints_path(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:30])
    assert not recover(tmp_path).damaged
    assert path.read_bytes() == whole


def test_a_start_reads_what_no_checkpoint_vouches_for(
    make_trail: type_of_maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker = written(make_trail, tmp_path, signed=9)
    looked: list[int] = []
    judge = Judge.look

    def counting(self: Judge, line: Line) -> object:
        looked.append(1)
        return judge(self, line)

    monkeypatch.setattr(Judge, "look", counting)
    assert recover(tmp_path).seq == maker.chain.seq
    assert len(looked) <= maker.chain.seq - 9 + 2


def test_a_long_stretch_without_a_checkpoint_is_read_in_part(
    make_trail: type_of_maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "LINES_MAX", 4)
    maker = written(make_trail, tmp_path)
    assert recover(tmp_path) == Recovered(maker.chain.seq, maker.chain.head, 0, (), ())


def test_a_disk_that_does_not_let_itself_be_repaired_is_told(
    make_trail: type_of_maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_path: Path, _size: int) -> None:
        raise OSError(5, "Input/output error")

    written(make_trail, tmp_path)
    path = day_files(tmp_path)[0]
    path.write_bytes(path.read_bytes()[:-1])
    monkeypatch.setattr(recovery, "_truncate", broken)
    with pytest.raises(AuditError, match=r"cannot be recovered.*repair the disk"):
        recover(tmp_path)


@pytest.mark.parametrize("block_bytes", [1, 2, 3, 7, 1_024])
@pytest.mark.parametrize("content", [b"", b"\n", b"a", b"a\n", b"a\nbb\n\nccc", b"\n\nlong line\nx\n"])
def test_lines_are_the_same_from_both_ends(tmp_path: Path, content: bytes, block_bytes: int) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    there = [(line.offset, line.text, line.whole) for line in forward(path)]
    back = [(line.offset, line.text, line.whole) for line in backward(path, block_bytes)]
    assert back[::-1] == there
