"""Tape frames: the exact bytes, one checksum each, a bound, and no view of memory that moved."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotpath.core.frames import FrameBuffer

HEADER = struct.Struct("<IQqHHI")


def frame(step: int, time_ns: int, port: int, kind: int, payload: bytes) -> bytes:
    """Return a frame as the format says it, by struct and zlib."""
    head = HEADER.pack(len(payload), step, time_ns, port, kind, 0)
    return head[:-4] + struct.pack("<I", zlib.crc32(head + payload)) + payload


frames = st.tuples(
    st.integers(0, 2**63 - 1),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(0, 2**16 - 1),
    st.integers(0, 2**16 - 1),
    st.binary(max_size=70),
)


@given(st.lists(st.lists(frames, max_size=6), max_size=3))
def test_the_bytes_are_those_of_the_format(turns: list[list[tuple[int, int, int, int, bytes]]]) -> None:
    buffer = FrameBuffer(1 << 20)
    expected = b""
    for turn in turns:
        for given_frame in turn:
            buffer.append(*given_frame)
            expected += frame(*given_frame)
            buffer.check()
        assert bytes(buffer.seal()) == expected
        assert len(buffer) == len(expected)
        buffer.check()
    buffer.clear()
    buffer.check()
    assert (len(buffer), bytes(buffer.seal())) == (0, b"")


@pytest.mark.parametrize("length", [*range(20), 63, 64, 65, 1000, 100_001])
def test_the_checksum_is_zlibs_at_every_length(length: int) -> None:
    payload = bytes(number * 7 & 255 for number in range(length))
    buffer = FrameBuffer(1 << 20)
    buffer.append(1, 2, 3, 4, payload)
    assert bytes(buffer.seal()) == frame(1, 2, 3, 4, payload)


def test_frames_come_back_by_walking_their_lengths() -> None:
    buffer = FrameBuffer(1 << 20)
    for number in range(100):
        buffer.append(number, -number, number, 7, b"x" * number)
    data = bytes(buffer.seal())
    at, steps = 0, []
    while at < len(data):
        length, step, _, _, _, crc = HEADER.unpack_from(data, at)
        whole = data[at : at + HEADER.size + length]
        assert zlib.crc32(whole[:24] + bytes(4) + whole[28:]) == crc
        steps.append(step)
        at += len(whole)
    assert steps == list(range(100))


def test_the_buffer_grows_up_to_its_capacity_exactly() -> None:
    buffer = FrameBuffer(1_000_000)
    payload = b"p" * (100_000 - HEADER.size)
    for number in range(10):
        buffer.append(number, 0, 0, 0, payload)
    assert len(buffer) == buffer.capacity_bytes == 1_000_000
    with pytest.raises(OverflowError, match="tape buffer is full: 1000000 of 1000000 bytes wait and a frame needs 28"):
        buffer.append(10, 0, 0, 0, b"")
    buffer.check()
    assert bytes(buffer.seal()) == b"".join(frame(number, 0, 0, 0, payload) for number in range(10))
    buffer.clear()
    buffer.append(11, 0, 0, 0, b"")
    assert bytes(buffer.seal()) == frame(11, 0, 0, 0, b"")


def test_a_view_keeps_the_buffer_from_clearing_and_from_moving() -> None:
    buffer = FrameBuffer(1 << 20)
    buffer.append(1, 2, 3, 4, b"five")
    view = buffer.seal()
    with pytest.raises(BufferError, match="cannot be cleared while a view of it lives"):
        buffer.clear()
    buffer.append(2, 2, 3, 4, b"more")
    with pytest.raises(BufferError, match="must grow while a view of it lives"):
        buffer.append(3, 2, 3, 4, bytes(100_000))
    assert bytes(view) == frame(1, 2, 3, 4, b"five")
    view.release()
    assert bytes(buffer.seal()) == frame(1, 2, 3, 4, b"five") + frame(2, 2, 3, 4, b"more")
    buffer.clear()


def test_a_view_outlives_its_buffer_and_cannot_be_written() -> None:
    buffer = FrameBuffer(1 << 20)
    buffer.append(1, 2, 3, 4, b"five")
    view = buffer.seal()
    del buffer
    assert bytes(view) == frame(1, 2, 3, 4, b"five")
    assert (view.readonly, view.ndim, view.format, view.shape) == (True, 1, "B", (32,))
    with pytest.raises(TypeError, match="read-only"):
        view[0] = 1


def test_a_view_shows_what_is_sealed_and_no_more() -> None:
    buffer = FrameBuffer(1 << 20)
    buffer.append(1, 2, 3, 4, b"five")
    assert len(memoryview(buffer)) == 0
    assert len(buffer.seal()) == 32


@pytest.mark.parametrize(
    "fields",
    [
        *((-1, 0, 0, 0), (0, 0, -1, 0), (0, 0, 65_536, 0), (0, 0, 0, -1), (0, 0, 0, 65_536)),
        *((2**63, 0, 0, 0), (0, 2**63, 0, 0)),
    ],
)
def test_a_field_that_does_not_fit_is_refused_and_nothing_is_added(fields: tuple[int, int, int, int]) -> None:
    buffer = FrameBuffer(1 << 20)
    with pytest.raises(OverflowError, match="expected"):
        buffer.append(*fields, b"")
    assert len(buffer) == 0


@pytest.mark.parametrize("payload", ["text", None, bytearray(b"x"), 5])
def test_a_payload_is_bytes(payload: Any) -> None:
    with pytest.raises(TypeError):
        FrameBuffer(1 << 20).append(1, 2, 3, 4, payload)


@pytest.mark.parametrize("value", [1.0, "1", None])
def test_integers_must_be_integers(value: Any) -> None:
    buffer = FrameBuffer(1 << 20)
    for at in range(4):
        fields: list[Any] = [1, 2, 3, 4, b""]
        fields[at] = value
        with pytest.raises(TypeError, match="expected int"):
            buffer.append(*fields)
    with pytest.raises(TypeError, match="expected int"):
        FrameBuffer(value)


@pytest.mark.parametrize("capacity_bytes", [-1, 0, 27])
def test_a_buffer_holds_at_least_a_header(capacity_bytes: int) -> None:
    with pytest.raises(ValueError, match="expected 28 or more"):
        FrameBuffer(capacity_bytes)
