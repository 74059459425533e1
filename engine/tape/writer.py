"""The tape as it is written: every input of a run, in order, one write a turn.

It owns the segments of one run. Inputs are copied into one buffer as they come and written by `flush`; the helper that
syncs the trail syncs the tape too. What fails is told once: without its inputs a run cannot be explained later.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from engine.durable import DurableFile, Syncer, make_directory
from engine.errors import TapeError
from engine.tape.segment import END, HEAD, NO_PORT, SEGMENT_BYTES, Packer, segment_name
from hotpath.core.frames import FrameBuffer

BUFFER_BYTES = 256 * 1024 * 1024
"""The most that may wait for one write; the memory is taken only when a turn needs it."""


class TapeWriter:
    """Writes one run's tape into a directory of its own."""

    def __init__(
        self,
        directory: Path,
        head: Mapping[str, Any] | msgspec.Struct,
        *,
        step: int = 0,
        time_ns: int = 0,
        segment_bytes: int = SEGMENT_BYTES,
        syncer: Syncer | None = None,
    ) -> None:
        """Begin with the head, which is durable when this returns. TapeError when there is a tape already."""
        make_directory(directory)
        if any(directory.iterdir()):
            raise TapeError(f"{directory} holds a tape already; a run writes its tape once, into an empty directory")
        self._directory = directory
        self._segment_bytes = segment_bytes
        self.buffer = FrameBuffer(BUFFER_BYTES)
        """What waits for the next write; the way in for who cannot afford a call of `append`."""
        self._file = DurableFile(TapeError)
        self._packer = Packer()
        self._segment = 1
        self._segment_start = 0
        self._file.open(directory / segment_name(1), 0)
        self.append(step, time_ns, NO_PORT, HEAD, msgspec.json.encode(head))
        self.flush()
        self._file.sync()
        if syncer is not None:
            self._file.helped = True
            syncer.add(self._file.help)

    @property
    def frames_count(self) -> int:
        """Inputs that were kept, head and end included."""
        return self.buffer.frames_count

    @property
    def bytes_count(self) -> int:
        """Bytes written, before compression."""
        return self._file.bytes_count

    @property
    def segments_count(self) -> int:
        """Segments begun."""
        return self._segment

    @property
    def durable_frames(self) -> int:
        """How many frames are on disk for certain."""
        return self._file.durable

    @property
    def dead(self) -> bool:
        """Whether a write or sync failed."""
        return self._file.dead

    @property
    def packing_problem(self) -> str:
        """Why a full segment stayed uncompressed; empty when none did."""
        return self._packer.problem

    def append(self, step: int, time_ns: int, port: int, kind: int, payload: bytes) -> None:
        """Keep one input; it is written by the next flush. TapeError when it cannot be kept."""
        try:
            self.buffer.append(step, time_ns, port, kind, payload)
        except OverflowError:
            self._make_room(step, time_ns, port, kind, payload)

    def flush(self) -> None:
        """Write what was kept, in one write. TapeError once when it cannot be; then the tape is dead and drops all."""
        if not len(self.buffer):
            self._file.tell_death()
            return
        with self.buffer.seal() as frames:
            self._file.write_later_told(frames, self.frames_count)
        self.buffer.clear()
        self._file.tell_death()
        if self._file.bytes_count - self._segment_start >= self._segment_bytes and not self._file.dead:
            self._next_segment()

    def sync(self) -> None:
        """Write what was kept and make it durable before this returns."""
        self.flush()
        self._file.sync()

    def close(self, step: int = 0, time_ns: int = 0) -> None:
        """Write the end, make it durable, and wait for compression. The syncer must have stopped."""
        if not self._file.dead:
            self.append(step, time_ns, NO_PORT, END, b"")
            self.sync()
        self._file.close()
        self._packer.close()

    def _make_room(self, step: int, time_ns: int, port: int, kind: int, payload: bytes) -> None:
        self.flush()
        try:
            self.buffer.append(step, time_ns, port, kind, payload)
        except OverflowError as error:
            raise TapeError(
                f"an input of {len(payload)} bytes from port {port} does not fit the tape: {error}"
            ) from error

    def _next_segment(self) -> None:
        full = self._file.path
        self._segment += 1
        self._segment_start = self._file.bytes_count
        self._file.open(self._directory / segment_name(self._segment), self._file.written)
        self._packer.add(full)
