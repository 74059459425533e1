"""The tape as it is read: every frame in order, each checked before it is believed.

A frame whose checksum does not fit names its segment, number and offset. A tape without an END is that of a killed run:
its last frame may be torn, which is told, not raised. A length that was damaged looks like a torn frame; what tells
them apart is that whole frames follow it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import msgspec
import zstandard

from engine.errors import TapeError
from engine.tape.segment import (
    CHECKSUM_OFFSET,
    END,
    HEAD,
    HEADER,
    NO_PORT,
    PAYLOAD_BYTES_MAX,
    RAW,
    read_segment,
    segment_name,
    segments,
)

KIND_MAX = 255
PORT_MAX = 4_095
STEP_MAX = 1 << 48
"""Beyond what any run reaches: they keep the search for frames after a damaged length from checking every byte."""

_NO_CHECKSUM = bytes(4)


class Frame(NamedTuple):
    """One input as it was taken."""

    segment: str
    number: int
    """Counted from 1 in its segment."""
    offset: int
    step: int
    time_ns: int
    port: int
    kind: int
    payload: bytes

    @property
    def place(self) -> str:
        """Say where the frame stands."""
        return f"{self.segment} frame {self.number} at byte {self.offset}"


class TapeReader:
    """One run's tape. Iterate for its inputs; the head and the end are not among them."""

    def __init__(self, directory: Path) -> None:
        """Find the segments and read the head. TapeError when there is none, or it is damaged."""
        self._directory = directory
        self._segments = segments(directory)
        self.closed = False
        """Whether the run wrote its end; known when the last frame was read."""
        self.torn_bytes = 0
        """Bytes of a last frame that a killed run did not finish; known when the last frame was read."""
        self.frames_count = 0
        """Frames read so far, head and end included."""
        if not self._segments:
            raise TapeError(f"{directory} holds no tape; a run's tape stands in runs/<run-id>/tape")
        for number, path in enumerate(self._segments, 1):
            if path.stem != Path(segment_name(number)).stem:
                raise TapeError(
                    f"segment {segment_name(number)} of {directory} is missing: it was deleted "
                    "(tape.keep_days, tape.keep_bytes) or lost; this run cannot be replayed"
                )
        first = next(self._read(), None)
        if first is None or first.kind != HEAD or first.port != NO_PORT:
            raise TapeError(f"{self._segments[0]} does not begin with a head: it is no tape, or its start is lost")
        self.head_bytes = first.payload
        self.head: dict[str, Any] = _head(first)

    def __iter__(self) -> Iterator[Frame]:
        """Read every input in order. TapeError at the first frame that is damaged."""
        for frame in self._read():
            if frame.port != NO_PORT:
                yield frame

    def _read(self) -> Iterator[Frame]:
        self.closed, self.torn_bytes, self.frames_count = False, 0, 0
        last = self._segments[-1]
        for path in self._segments:
            try:
                data = read_segment(path)
            except (OSError, zstandard.ZstdError) as error:
                raise TapeError(
                    f"{path.name} cannot be read: {error}; restore it, this run cannot be replayed"
                ) from error
            yield from self._frames(path, data, may_be_torn=path is last and path.suffix == RAW)

    def _frames(self, path: Path, data: bytes, *, may_be_torn: bool) -> Iterator[Frame]:
        offset, number, size = 0, 0, len(data)
        while offset < size:
            number += 1
            if self.closed:
                raise TapeError(
                    f"{path.name} frame {number} at byte {offset}: a frame stands after the end of the tape"
                )
            frame, problem = _frame(path.name, number, data, offset)
            if frame is None:
                if (
                    may_be_torn
                    and not problem
                    and not (_fits_the_rest(data, offset) or _frame_follows(data, offset + 1))
                ):
                    self.torn_bytes = size - offset
                    return
                raise TapeError(
                    f"{path.name} frame {number} at byte {offset} is damaged: {problem or 'its length leads nowhere'}; "
                    "nothing after it can be trusted"
                )
            self.frames_count += 1
            self.closed = frame.kind == END and frame.port == NO_PORT
            offset += HEADER.size + len(frame.payload)
            yield frame


def _frame(segment: str, number: int, data: bytes, offset: int) -> tuple[Frame | None, str]:
    """Return the frame at an offset, or None and what is wrong; nothing is wrong when the data end inside it."""
    if offset + HEADER.size > len(data):
        return None, ""
    length, step, time_ns, port, kind, checksum = HEADER.unpack_from(data, offset)
    end = offset + HEADER.size + length
    if length > PAYLOAD_BYTES_MAX:
        return None, f"its length is {length} bytes, {PAYLOAD_BYTES_MAX} is the most"
    if end > len(data):
        return None, ""
    payload = data[offset + HEADER.size : end]
    found = crc32(payload, crc32(_NO_CHECKSUM, crc32(data[offset : offset + CHECKSUM_OFFSET])))
    if found != checksum:
        if not any(data[offset:]):
            return None, ""  # a disk that lost power may keep a file's length and not its bytes
        return None, f"its checksum is {checksum:08x}, its bytes make {found:08x}"
    return Frame(segment, number, offset, step, time_ns, port, kind, payload), ""


def _fits_the_rest(data: bytes, offset: int) -> bool:
    """Say whether the rest of the data is one whole frame but for its length."""
    rest = len(data) - offset - HEADER.size
    return rest >= 0 and _frame("", 0, rest.to_bytes(4, "little") + data[offset + 4 :], 0)[0] is not None


def _frame_follows(data: bytes, start: int) -> bool:
    """Say whether a whole frame begins anywhere from `start` on."""
    size = len(data)
    for offset in range(start, size - HEADER.size + 1):
        length, step, time_ns, port, kind, _ = HEADER.unpack_from(data, offset)
        likely = (kind <= KIND_MAX and port <= PORT_MAX) or (kind == END and port == NO_PORT)
        likely = likely and step < STEP_MAX and time_ns >= 0 and offset + HEADER.size + length <= size
        if likely and _frame("", 0, data, offset)[0] is not None:
            return True
    return False


def _head(frame: Frame) -> dict[str, Any]:
    try:
        head = msgspec.json.decode(frame.payload)
    except msgspec.DecodeError as error:
        raise TapeError(f"{frame.place}: the head is no JSON: {error}") from error
    if not isinstance(head, dict):
        raise TapeError(f"{frame.place}: the head is {type(head).__name__}, expected an object")
    return head
