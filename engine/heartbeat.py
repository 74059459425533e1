"""The heartbeat: one mapped page in state/ in which a running engine counts, for whoever must know that its loop turns.

The page is memory that processes share: a beat is two stores, no system call, and it outlives SIGKILL; nobody syncs it,
because after the machine itself has gone there is no engine to judge. It says which process beats, how often it did and
how far its run is, and nothing else: what a silence means is decided by the watchdog. The file is always changed in
place, so that whoever maps it sees the next engine come.
"""

from __future__ import annotations

import mmap
import os
import struct
from enum import IntEnum
from pathlib import Path

MAGIC = int.from_bytes(b"TRCLBEAT", "little")
_LAYOUT = struct.Struct("<QQQQ")
_PID, _BEATS, _PHASE = 1, 2, 3


class Phase(IntEnum):
    """How far a run is."""

    NONE = 0
    """No engine has written the page yet."""
    STARTING = 1
    RUNNING = 2
    ENDING = 3
    """It closed the gate itself and cancels."""
    ENDED = 4
    """Nothing of it is open at a venue."""
    LEFT_OPEN = 5
    """It ended, and orders may still be open."""


class Heartbeat:
    """The mapped page. An engine makes one with `begin`, others look at it with `watch`."""

    def __init__(self, descriptor: int) -> None:
        """Map an open file that is as long as the page."""
        self._mapping = mmap.mmap(descriptor, _LAYOUT.size)
        os.close(descriptor)
        self._view = memoryview(self._mapping)
        self._cells = self._view.cast("Q")

    @classmethod
    def begin(cls, path: Path, pid: int) -> Heartbeat:
        """Make the page this process's own; OSError when it cannot be."""
        heartbeat = cls(_open(path))
        cells = heartbeat._cells
        cells[_PHASE] = int(Phase.STARTING)
        cells[_BEATS] = 0
        cells[_PID] = pid
        cells[0] = MAGIC
        return heartbeat

    @classmethod
    def watch(cls, path: Path) -> Heartbeat:
        """Map the page as it stands; one that is missing or foreign says Phase.NONE. OSError when it cannot be."""
        return cls(_open(path))

    @property
    def pid(self) -> int:
        """The process that beats, 0 when none ever did."""
        return int(self._cells[_PID]) if self._cells[0] == MAGIC else 0

    @property
    def beats(self) -> int:
        """How often it did."""
        return int(self._cells[_BEATS])

    @property
    def phase(self) -> Phase:
        """How far its run is."""
        number = int(self._cells[_PHASE])
        return Phase(number) if self._cells[0] == MAGIC and number <= Phase.LEFT_OPEN else Phase.NONE

    def beat(self) -> None:
        """Count one more."""
        self._cells[_BEATS] += 1

    def enter(self, phase: Phase) -> None:
        """Say how far the run is."""
        self._cells[_PHASE] = int(phase)
        self._cells[_BEATS] += 1

    def close(self) -> None:
        """Unmap; the page stays as it is."""
        self._cells.release()
        self._view.release()
        self._mapping.close()


def last_phase(path: Path) -> Phase:
    """Return how far the last run came, without changing anything."""
    try:
        content = path.read_bytes()
    except OSError:  # expected: no engine ever ran here
        return Phase.NONE
    if len(content) < _LAYOUT.size:
        return Phase.NONE
    magic, _pid, _beats, phase = _LAYOUT.unpack_from(content)
    return Phase(phase) if magic == MAGIC and phase <= Phase.LEFT_OPEN else Phase.NONE


def _open(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    missing = _LAYOUT.size - os.fstat(descriptor).st_size
    if missing > 0:  # written, not stretched: a page without a place on a full disk would end us at the first store
        os.pwrite(descriptor, bytes(missing), _LAYOUT.size - missing)
    return descriptor
