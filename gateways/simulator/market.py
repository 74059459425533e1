"""The market of a recording: the lines of capture files, one after the other, at their recorded times.

A capture holds one message a line, `<local_ns> <JSON>`, plain or gzip; several files are one session, in the order
given. It knows nothing of what a message says. A file that was cut is refused before the first line is played, because
half a message proves that more is missing: a last line without its line feed is taken only when its JSON is complete
(the recorder was stopped between the two writes). A line that is no capture line is an error that names file and line,
and so is time that runs backwards.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from msgspec import DecodeError, Raw
from msgspec.json import decode

from engine.errors import UsageError

CHUNK_BYTES = 1 << 20
GZIP_MAGIC = b"\x1f\x8b"


class RecordedLine(NamedTuple):
    """One message as it was recorded."""

    time_ns: int
    payload: bytes


def open_capture(path: Path) -> BinaryIO:
    """Open a capture for reading, whether or not it is compressed. UsageError names a file that cannot be read."""
    try:
        with path.open("rb") as file:
            compressed = file.read(2) == GZIP_MAGIC
        return cast("BinaryIO", gzip.open(path, "rb")) if compressed else path.open("rb")
    except OSError as error:
        raise UsageError(f"capture {path}: {error.strerror or error}; give a readable file") from error


def last_line_of(path: Path) -> bytes:
    """Read a capture to its end and return its last line. UsageError when it is empty or ends in the middle of one."""
    lines_count = 0
    last = rest = b""
    try:
        with open_capture(path) as file:
            while chunk := file.read(CHUNK_BYTES):
                lines_count += chunk.count(b"\n")
                whole, line_feed, rest = (rest + chunk).rpartition(b"\n")
                if line_feed:
                    last = whole.rpartition(b"\n")[2]
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UsageError(
            f"capture {path}, after line {lines_count}: the compressed file is damaged ({error})"
        ) from error
    if not lines_count and not rest:
        raise UsageError(f"capture {path} is empty; expected lines of '<local_ns> <JSON>'")
    if not rest:
        return last
    try:
        decode(rest.partition(b" ")[2], type=Raw)
    except DecodeError as error:
        raise UsageError(
            f"capture {path}, line {lines_count + 1}: the file ends in the middle of a line ({error}); "
            "cut that line off, or record again"
        ) from error
    return rest


def lines_of(path: Path) -> Iterator[RecordedLine]:
    """Yield the lines of one capture. UsageError names file and line."""
    with open_capture(path) as file:
        for number, line in enumerate(file, 1):
            yield read_line(path, number, line)


def read_line(path: Path, number: int, line: bytes) -> RecordedLine:
    """Return one line of a capture. UsageError names file and line when it is none."""
    time_text, _, payload = line.rstrip(b"\r\n").partition(b" ")
    if not payload.startswith(b"{") or not time_text.isdigit() or len(time_text) > 19:
        raise UsageError(f"capture {path}, line {number}: expected '<local_ns> <JSON>', found {line[:60]!r}")
    return RecordedLine(int(time_text), payload)


class RecordedMarket:
    """The lines of a session, to be looked at and then taken."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Take the capture files of a session in their order. UsageError when one is missing, empty or cut."""
        if not paths:
            raise UsageError("a recorded market needs at least one capture file")
        last_lines = [last_line_of(path) for path in paths]
        self._paths = tuple(paths)
        self._lines = self._read()
        self._problem: UsageError | None = None
        self._shift_ns = 0
        self._next = next(self._lines, None)
        self.first_ns = self._next.time_ns if self._next else 0
        time_text = last_lines[-1].partition(b" ")[0]
        self.last_ns = int(time_text) if time_text.isdigit() else self.first_ns
        """When the session ends, for those who show how far it is."""
        self.taken_count = 0

    @property
    def next_ns(self) -> int | None:
        """The time of the next line, None at the end."""
        return self._next.time_ns + self._shift_ns if self._next else None

    def begin_at(self, now_ns: int) -> None:
        """Play the next line at `now_ns`, and every later one at its recorded distance from it."""
        if self._next is not None:
            self._shift_ns = now_ns - self._next.time_ns

    def take(self) -> RecordedLine:
        """Return the next line and go on. UsageError, again and again, when it is none; LookupError at the end."""
        if self._problem is not None:
            raise self._problem
        line = self._next
        if line is None:
            raise LookupError("the capture has ended")
        try:
            self._next = next(self._lines, None)
        except UsageError as problem:
            self._problem = problem
        self.taken_count += 1
        return RecordedLine(line.time_ns + self._shift_ns, line.payload) if self._shift_ns else line

    def holds(self, marker: bytes) -> bool:
        """Say whether any line of the session contains `marker`; reads until it is found."""
        return any(marker in line.payload for path in self._paths for line in lines_of(path))

    def place(self) -> str:
        """Say where the line taken last stands, for an error that is about its content."""
        return f"capture {', '.join(str(path) for path in self._paths)}, message {self.taken_count} of the session"

    def _read(self) -> Iterator[RecordedLine]:
        """Yield the lines of every file in turn. UsageError when time runs backwards."""
        last_ns = 0
        for path in self._paths:
            for number, line in enumerate(lines_of(path), 1):
                if line.time_ns < last_ns:
                    raise UsageError(
                        f"capture {path}, line {number}: time runs backwards from {last_ns} to {line.time_ns}; "
                        "give the files of a session in their order"
                    )
                last_ns = line.time_ns
                yield line
