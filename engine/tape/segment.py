"""The form of a tape on disk: frames in numbered segments, raw while a run writes them, compressed when they are full.

It owns the frame's layout, the names of files and the two kinds that the tape adds itself: HEAD, the first frame of a
tape, and END, which only a run that was closed has written. Compression replaces a segment by a file that is durable
before the raw one goes, so a crash leaves the segment once or twice, never not at all.
"""

from __future__ import annotations

import os
import sys
import threading
from io import FileIO
from pathlib import Path
from struct import Struct
from zlib import crc32

import zstandard

from engine.durable import sync_directory

SEGMENT_BYTES = 64 * 1024 * 1024
"""A segment is full when it holds this much; it may be larger by one turn."""

PAYLOAD_BYTES_MAX = 128 * 1024 * 1024
"""More than any input: a length above it is damage, not a long frame."""

HEADER = Struct("<IQqHHI")
"""payload_length, step, time_ns, port, kind, crc32; the checksum covers the header with this field zero."""
CHECKSUM_OFFSET = HEADER.size - 4

NO_PORT = 0xFFFF
HEAD = 0
END = 0xFFFF

RAW = ".bin"
PACKED = ".zst"
PARTIAL = ".part"

_SEAL = Struct("<III")
_SKIPPABLE = 0x184D2A50
"""A compressed segment ends in a frame that zstd skips (RFC 8878, 3.1.2): 4 bytes, the CRC32 of all that is before."""

_LEVEL = 3
_CHUNK_BYTES = 1024 * 1024
_NICE = 19


def segment_name(number: int, suffix: str = RAW) -> str:
    """Return the file name of a segment, counted from 1."""
    return f"{number:06d}{suffix}"


def segments(directory: Path) -> list[Path]:
    """Return the segments of a tape in order; of one that is there twice, the raw one."""
    found: dict[str, Path] = {}
    for path in sorted(directory.glob("[0-9]*")):
        if path.suffix in (RAW, PACKED) and path.stem.isdigit():
            found.setdefault(path.stem, path)  # .bin sorts before .zst
    return [found[stem] for stem in sorted(found)]


def read_segment(path: Path) -> bytes:
    """Return a segment's frames. OSError or zstandard.ZstdError when they cannot be had."""
    data = path.read_bytes()
    return _unpack(data) if path.suffix == PACKED else data


def _unpack(data: bytes) -> bytes:
    """Decompress what pack_segment made; the seal finds damage that the decompression would not notice."""
    body, seal = data[: -_SEAL.size], data[-_SEAL.size :]
    if len(seal) != _SEAL.size or _SEAL.unpack(seal) != (_SKIPPABLE, 4, crc32(body)):
        raise zstandard.ZstdError("its bytes do not fit the checksum at its end")
    return zstandard.ZstdDecompressor().decompress(body)


def pack_segment(path: Path) -> Path:
    """Compress a full segment and remove the raw one. OSError when the disk is full; the raw one stays."""
    packed = path.with_suffix(PACKED)
    partial = path.with_name(path.name + PARTIAL)
    compressor = zstandard.ZstdCompressor(level=_LEVEL).compressobj(path.stat().st_size)
    checksum = 0
    try:
        with path.open("rb", buffering=0) as source, partial.open("wb", buffering=0) as target:
            while chunk := source.read(_CHUNK_BYTES):
                checksum = _put(target, compressor.compress(chunk), checksum)
            checksum = _put(target, compressor.flush(), checksum)
            _put(target, _SEAL.pack(_SKIPPABLE, 4, checksum), 0)
            os.fsync(target.fileno())
        partial.replace(packed)
        sync_directory(path.parent)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
    path.unlink()
    return packed


def _put(target: FileIO, data: bytes, checksum: int) -> int:
    """Write all of `data` and return the checksum that covers it too."""
    if target.write(data) != len(data):
        raise OSError(f"{target.name}: the disk is full")
    return crc32(data, checksum)


class Packer:
    """The helper that compresses full segments, one after the other, behind everything else that wants the processor.

    It works in large pieces without holding the interpreter.
    """

    def __init__(self) -> None:
        """Start no thread before there is something to do."""
        self._waiting: list[Path] = []
        self._thread: threading.Thread | None = None
        self.packed_count = 0
        self.problem = ""
        """Why the last segment that stayed raw did so."""

    def add(self, path: Path) -> None:
        """Compress a segment soon."""
        self._waiting.append(path)
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="tape packer", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Wait until everything that was added is compressed, or stayed raw for a reason."""
        while self._thread is not None:
            thread, self._thread = self._thread, None
            thread.join()
            if self._waiting:
                self.add(self._waiting.pop())

    def _run(self) -> None:
        if sys.platform == "linux":
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
        while self._waiting:
            path = self._waiting.pop(0)
            try:
                pack_segment(path)
            except OSError as error:
                self.problem = f"{path} stays uncompressed: {error}"
            else:
                self.packed_count += 1
