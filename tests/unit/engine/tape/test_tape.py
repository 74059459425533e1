"""What was appended is read back in order, and every damage is named, except what a kill leaves at the very end."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.durable import Syncer
from engine.errors import TapeError
from engine.tape import segment as segment_module
from engine.tape import writer as writer_module
from engine.tape.reader import Frame, TapeReader
from engine.tape.segment import HEADER, RAW, Packer, pack_segment, read_segment, segments
from engine.tape.writer import TapeWriter

type_of_input = tuple[int, int, int, int, bytes]

INPUTS: list[type_of_input] = [
    (step, 1_723_000_000_000_000_000 + step, step % 3, 1 + step % 9, b"x" * (7 * step)) for step in range(12)
]


def write(directory: Path, inputs: list[type_of_input], *, closed: bool = True, segment_bytes: int = 1 << 26) -> None:
    """Write a tape, one flush for each input."""
    tape = TapeWriter(directory, {"seed": 7, "mode": "backtest"}, segment_bytes=segment_bytes)
    for given_input in inputs:
        tape.append(*given_input)
        tape.flush()
    if closed:
        tape.close()
    else:
        tape.sync()


def read(directory: Path) -> tuple[TapeReader, list[type_of_input]]:
    tape = TapeReader(directory)
    return tape, [frame[3:] for frame in tape]


def test_every_input_is_read_back_in_order(tmp_path: Path) -> None:
    write(tmp_path / "tape", INPUTS)
    tape, found = read(tmp_path / "tape")
    assert found == INPUTS
    assert tape.head == {"seed": 7, "mode": "backtest"}
    assert (tape.closed, tape.torn_bytes, tape.frames_count) == (True, 0, len(INPUTS) + 2)
    assert list(tape) == list(tape)


@given(
    inputs=st.lists(
        st.tuples(
            st.integers(0, 2**40),
            st.integers(0, 2**62),
            st.integers(0, 100),
            st.integers(1, 10),
            st.binary(max_size=50),
        ),
        max_size=8,
    )
)
def test_any_inputs_are_read_back(inputs: list[type_of_input], tmp_path_factory: pytest.TempPathFactory) -> None:
    directory = tmp_path_factory.mktemp("tape")
    write(directory, inputs, segment_bytes=100)
    assert read(directory)[1] == inputs


def test_a_turn_is_one_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tape = TapeWriter(tmp_path / "tape", {})
    before = tape.bytes_count
    writes: list[int] = []
    real = os.write

    def counting(descriptor: int, data: memoryview) -> int:
        writes.append(len(data))
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", counting)
    for given_input in INPUTS:
        tape.append(*given_input)
    tape.flush()
    tape.flush()
    assert writes == [sum(HEADER.size + len(given_input[4]) for given_input in INPUTS)]
    assert (tape.bytes_count - before, tape.frames_count) == (writes[0], len(INPUTS) + 1)
    tape.close()


def test_full_segments_are_compressed_and_read_on(tmp_path: Path) -> None:
    write(tmp_path / "tape", INPUTS * 20, segment_bytes=2_000)
    names = [path.name for path in segments(tmp_path / "tape")]
    assert len(names) > 3
    assert [name[6:] for name in names] == [".zst"] * (len(names) - 1) + [".bin"]
    assert read(tmp_path / "tape")[1] == INPUTS * 20


def test_a_crash_during_compression_leaves_the_segment_once(tmp_path: Path) -> None:
    write(tmp_path / "tape", INPUTS)
    path = tmp_path / "tape" / "000001.bin"
    raw = path.read_bytes()
    packed = pack_segment(path)
    assert read_segment(packed) == raw
    path.write_bytes(raw)
    (tmp_path / "tape" / "000001.bin.part").write_bytes(b"half")
    assert segments(tmp_path / "tape") == [path]
    assert read(tmp_path / "tape")[1] == INPUTS


def test_a_segment_that_cannot_be_compressed_stays_raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "tape", INPUTS)
    path = tmp_path / "tape" / "000001.bin"

    def full(_directory: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(segment_module, "sync_directory", full)
    packer = Packer()
    packer.add(path)
    packer.close()
    packer.close()
    assert "stays uncompressed: [Errno 28]" in packer.problem
    assert packer.packed_count == 0
    assert path.exists()


def test_the_packer_takes_up_what_its_thread_left(tmp_path: Path) -> None:
    write(tmp_path / "a", INPUTS)
    write(tmp_path / "b", INPUTS)
    packer = Packer()
    packer.add(tmp_path / "a" / "000001.bin")
    packer.add(tmp_path / "b" / "000001.bin")
    packer.close()
    assert packer.packed_count == 2


def test_a_full_disk_is_told_once_and_the_tape_is_dead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tape = TapeWriter(tmp_path / "tape", {})

    def full(_descriptor: int, _data: memoryview) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    tape.append(*INPUTS[0])
    with pytest.raises(TapeError, match="No space left"):
        tape.flush()
    monkeypatch.undo()
    tape.append(*INPUTS[1])
    tape.flush()
    assert tape.dead
    tape.close()
    assert read(tmp_path / "tape")[1] == []


def test_a_sync_that_failed_in_the_helper_stops_the_next_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    syncer = Syncer(period_s=0.001)
    tape = TapeWriter(tmp_path / "tape", {}, syncer=syncer)
    monkeypatch.setattr(os, "fdatasync", broken)
    tape.append(*INPUTS[0])
    tape.flush()
    syncer.start()
    while not tape.dead:
        os.sched_yield()
    syncer.stop()
    with pytest.raises(TapeError, match="Input/output error"):
        tape.flush()
    tape.close()
    assert tape.packing_problem == ""


def test_a_burst_that_does_not_fit_one_write_makes_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "BUFFER_BYTES", 200)
    tape = TapeWriter(tmp_path / "tape", {})
    for step in range(10):
        tape.append(step, 1, 2, 3, b"y" * 90)
    with pytest.raises(TapeError, match="an input of 201 bytes from port 2 does not fit the tape"):
        tape.append(11, 1, 2, 3, b"y" * 201)
    tape.close()
    assert [step for step, *_ in read(tmp_path / "tape")[1]] == list(range(10))


def test_a_run_writes_its_tape_once(tmp_path: Path) -> None:
    write(tmp_path / "tape", INPUTS)
    with pytest.raises(TapeError, match="holds a tape already"):
        TapeWriter(tmp_path / "tape", {})


def test_the_head_is_durable_before_the_first_input(tmp_path: Path) -> None:
    tape = TapeWriter(tmp_path / "tape", {})
    assert (tape.durable_frames, tape.segments_count) == (1, 1)
    tape.close()


def test_a_tape_cut_at_any_byte_loses_its_end_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path / "tape", INPUTS[:5])
    path = tmp_path / "tape" / "000001.bin"
    whole = path.read_bytes()
    tape = TapeReader(tmp_path / "tape")
    ends = [frame.offset + HEADER.size + len(frame.payload) for frame in tape]
    assert tape.closed
    for size in range(ends[1], len(whole)):
        path.write_bytes(whole[:size])
        cut, found = read(tmp_path / "tape")
        kept = [end for end in ends if end <= size]
        assert found == INPUTS[: len(kept)]
        assert (cut.closed, cut.torn_bytes) == (False, size - kept[-1])


def test_zeros_at_the_end_are_what_a_lost_disk_leaves(tmp_path: Path) -> None:
    write(tmp_path / "tape", INPUTS[:5], closed=False)
    path = tmp_path / "tape" / "000001.bin"
    path.write_bytes(path.read_bytes() + bytes(4_096))
    tape, found = read(tmp_path / "tape")
    assert (found, tape.torn_bytes, tape.closed) == (INPUTS[:5], 4_096, False)


@pytest.mark.parametrize("closed", [True, False])
def test_a_changed_byte_is_found_and_its_frame_named(tmp_path: Path, closed: bool) -> None:
    write(tmp_path / "tape", INPUTS[:6], closed=closed)
    path = tmp_path / "tape" / "000001.bin"
    whole = path.read_bytes()
    tape = TapeReader(tmp_path / "tape")
    frames = list(tape)
    chance = Random(7)
    for position in chance.sample(range(frames[0].offset, len(whole)), 200):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        hit = max((frame for frame in frames if frame.offset <= position), key=lambda frame: frame.offset)
        name = f"000001.bin frame {hit.number if position < _end(frames[-1]) else hit.number + 1} at byte"
        with pytest.raises(TapeError, match=name):
            list(TapeReader(tmp_path / "tape"))


def test_a_damaged_compressed_segment_is_named(tmp_path: Path) -> None:
    write(tmp_path / "tape", INPUTS * 20, segment_bytes=2_000)
    path = tmp_path / "tape" / "000002.zst"
    whole = path.read_bytes()
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << (position % 8)
        path.write_bytes(damaged)
        with pytest.raises(TapeError, match=r"000002\.zst"):
            list(TapeReader(tmp_path / "tape"))
    for wrong in (whole[:-3], whole + b"x", b""):
        path.write_bytes(wrong)
        with pytest.raises(TapeError, match=r"000002\.zst"):
            list(TapeReader(tmp_path / "tape"))
    path.write_bytes(whole[:-3])
    with pytest.raises(TapeError, match=r"000002\.zst"):
        list(TapeReader(tmp_path / "tape"))


def test_a_torn_frame_in_the_middle_is_damage(tmp_path: Path) -> None:
    write(tmp_path / "tape", INPUTS * 20, segment_bytes=2_000)
    packed = tmp_path / "tape" / "000002.zst"
    (tmp_path / "tape" / "000002.bin").write_bytes(read_segment(packed)[:-3])
    packed.unlink()
    with pytest.raises(TapeError, match=r"000002\.bin frame .*leads nowhere"):
        list(TapeReader(tmp_path / "tape"))


def test_a_frame_after_the_end_is_damage(tmp_path: Path) -> None:
    write(tmp_path / "tape", INPUTS[:2])
    path = tmp_path / "tape" / "000001.bin"
    whole = path.read_bytes()
    path.write_bytes(whole + whole[-HEADER.size :])
    with pytest.raises(TapeError, match="after the end"):
        list(TapeReader(tmp_path / "tape"))


def test_a_missing_segment_is_named(tmp_path: Path) -> None:
    write(tmp_path / "tape", INPUTS * 20, segment_bytes=2_000)
    (tmp_path / "tape" / "000002.zst").unlink()
    with pytest.raises(TapeError, match=r"segment 000002\.bin .* is missing"):
        TapeReader(tmp_path / "tape")


def test_a_directory_without_a_tape_is_told(tmp_path: Path) -> None:
    with pytest.raises(TapeError, match="holds no tape"):
        TapeReader(tmp_path)


@pytest.mark.parametrize(
    ("head", "problem"),
    [(b"{", "the head is no JSON"), (b"[1]", "the head is list"), (None, "does not begin with a head")],
)
def test_a_tape_without_its_head_is_refused(tmp_path: Path, head: bytes | None, problem: str) -> None:
    tape = TapeWriter(tmp_path / "tape", msgspec.Raw(head or b"{}"))  # type: ignore[arg-type]
    tape.append(*INPUTS[1])
    tape.close()
    if head is None:
        path = tmp_path / "tape" / "000001.bin"
        path.write_bytes(path.read_bytes()[HEADER.size + 2 :])
    with pytest.raises(TapeError, match=problem):
        TapeReader(tmp_path / "tape")


def test_a_frame_says_where_it_stands() -> None:
    assert Frame("000001.bin", 3, 99, 1, 2, 3, 4, b"").place == "000001.bin frame 3 at byte 99"
    assert RAW == ".bin"


def _end(frame: Frame) -> int:
    return frame.offset + HEADER.size + len(frame.payload)
