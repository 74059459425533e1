"""The file of the gate: one word, mapped into memory, that stands between every order and its socket.

The word is OPEN, REDUCE or CLOSED, and closing it needs nobody's help: another process maps the same file and stores
one aligned word. A file that is missing, too short or not ours means CLOSED. The file is always changed in place: a new
file under the old name would leave an engine looking at the old one.
"""

from __future__ import annotations

import mmap
import os
import struct
from pathlib import Path

from engine.messages.control import GateWord

MAGIC = int.from_bytes(b"TRCLGATE", "little")
_LAYOUT = struct.Struct("<QQ")
WORD_CELL = 1
_OPEN = int(GateWord.OPEN)
_REDUCE = int(GateWord.REDUCE)


def memory_cells(word: GateWord) -> list[int]:
    """Return the cells of a gate without a file, for a backtest or a replay; cell 1 is the word."""
    return [MAGIC, int(word)]


def word_of(value: int) -> GateWord:
    """Return what a cell says; an unknown word is CLOSED."""
    return GateWord(value) if value in (_OPEN, _REDUCE) else GateWord.CLOSED


class GateFile:
    """The mapped file. Make one with `open` or `create`."""

    def __init__(self, path: Path, descriptor: int) -> None:
        """Take an open file that holds a gate."""
        self.path = path
        self._descriptor = descriptor
        self._mapping = mmap.mmap(descriptor, _LAYOUT.size)
        self._view = memoryview(self._mapping)
        self.cells = self._view.cast("Q")

    @classmethod
    def open(cls, path: Path) -> GateFile:
        """Map the gate as it stands; what is missing, too short or not a gate becomes a CLOSED one."""
        return cls(path, _open_gate(path))

    @classmethod
    def create(cls, path: Path, word: GateWord) -> GateFile:
        """Map the gate and write `word`."""
        gate = cls.open(path)
        gate.write(word)
        return gate

    @property
    def word(self) -> GateWord:
        """What stands in the file now; an unknown word is CLOSED."""
        return word_of(self.cells[WORD_CELL])

    def write(self, word: GateWord) -> None:
        """Store the word, visible to every process at once, and wait until it is on disk."""
        self.cells[WORD_CELL] = int(word)
        self._mapping.flush()
        os.fsync(self._descriptor)

    def close(self) -> None:
        """Unmap; the file stays as it is."""
        self.cells.release()
        self._view.release()
        self._mapping.close()
        os.close(self._descriptor)


def read_gate(path: Path) -> GateWord:
    """Return the word in the file without changing anything; CLOSED when there is no readable gate."""
    try:
        content = path.read_bytes()
    except OSError:  # expected: a gate that cannot be read is shut
        return GateWord.CLOSED
    if len(content) < _LAYOUT.size:
        return GateWord.CLOSED
    magic, word = _LAYOUT.unpack_from(content)
    return word_of(word) if magic == MAGIC else GateWord.CLOSED


def close_gate(path: Path) -> None:
    """Close the gate from any process, and return once that is on disk."""
    gate = GateFile.create(path, GateWord.CLOSED)
    gate.close()


def _open_gate(path: Path) -> int:
    """Open the gate at `path` and return its descriptor; a new or foreign file becomes a CLOSED gate."""
    created = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    head = os.pread(descriptor, _LAYOUT.size, 0)
    if len(head) < _LAYOUT.size or _LAYOUT.unpack(head)[0] != MAGIC:
        os.pwrite(descriptor, _LAYOUT.pack(MAGIC, int(GateWord.CLOSED)), 0)
        os.fsync(descriptor)
    if created:
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    return descriptor
