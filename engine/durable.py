"""Files that must outlive a crash: one write a turn, made durable by a helper, and never a second try.

It owns the words *written* (one write(2), survives SIGKILL) and *durable* (fdatasync, survives the machine) for the
trail, the tape and small state files. It knows nothing of what is written. A failed write or sync is never retried: the
kernel may have dropped the pages and would call the next sync clean, so the file is dead from then on and says so once.
The helper thread polls and is never woken; it holds the interpreter only between two system calls.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

SYNC_PERIOD_S = 0.02
"""How long a written record may wait for the helper's next fdatasync."""


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable: a new file whose entry is lost is lost with it."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_directory(directory: Path) -> None:
    """Make a directory and its parents, each durable in the one above it."""
    if directory.is_dir():
        return
    make_directory(directory.parent)
    directory.mkdir(mode=0o700, exist_ok=True)
    sync_directory(directory.parent)


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` in the place of a file, whole or not at all, durable before this returns. OSError when it cannot."""
    fresh = path.with_name(path.name + ".new")
    _write_whole(fresh, data)
    fresh.replace(path)
    sync_directory(path.parent)


def add_file(path: Path, data: bytes) -> bool:
    """Put `data` where no file is, whole or not at all, durable before this returns; False when there is one.

    Another process may do the same, or replace it, at any moment between. OSError when it cannot.
    """
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        _write_whole(fresh, data)
        path.hardlink_to(fresh)
    except FileExistsError:  # expected: somebody was faster
        return False
    finally:
        fresh.unlink(missing_ok=True)
    sync_directory(path.parent)
    return True


def _write_whole(fresh: Path, data: bytes) -> None:
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        written = os.write(descriptor, data)
        if written != len(data):
            raise OSError(f"{fresh}: wrote {written} of {len(data)} bytes")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class DurableFile:
    """An append-only file that may be cut into several, one after the other.

    `mark` is any number that only rises (a seq, a count of frames): `written` and `durable` say how far it got.
    """

    def __init__(self, error: Callable[[str], Exception]) -> None:
        """`error` makes the exception that a failed write or sync raises, once."""
        self._error = error
        self._path = Path()
        self._descriptor = -1
        self._retired: list[int] = []
        self._synced = 0
        self._synced_by_helper = 0
        self._problem = ""
        self._told = False
        self.written = 0
        self.syncs_count = 0
        self.bytes_count = 0
        self.helped = False

    @property
    def durable(self) -> int:
        """The highest mark that a sync has covered."""
        return max(self._synced, self._synced_by_helper)

    @property
    def dead(self) -> bool:
        """Whether a write or sync failed."""
        return bool(self._problem)

    @property
    def path(self) -> Path:
        """The file that is written now."""
        return self._path

    def open(self, path: Path, mark: int) -> None:
        """Go on in `path`, made when it is not there; what was written before is durable first."""
        self._refuse_when_dead()
        if self._descriptor >= 0:
            self.sync()
            if self.helped:
                self._retired.append(self._descriptor)  # the helper may be in it: nobody else closes it
            else:
                os.close(self._descriptor)
            self._descriptor = -1
        try:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            sync_directory(path.parent)
        except OSError as error:
            self._fail(f"{path} cannot be opened: {error}")
        self._path = path
        self.written = self._synced = mark

    def write(self, data: bytes | memoryview, mark: int) -> None:
        """Write once; the mark is `written` when this returns. A file whose death was told drops everything."""
        self.write_later_told(data, mark)
        self.tell_death()

    def write_later_told(self, data: bytes | memoryview, mark: int) -> None:
        """Write once, and keep a failure for the owner's next call: what a helper thread may do."""
        if self._problem:
            return
        try:
            count = os.write(self._descriptor, data)
        except OSError as error:
            self._problem = f"{self._path} cannot be written: {error}"
            return
        if count != len(data):
            self._problem = f"{self._path} took {count} of {len(data)} bytes: the disk is full"
            return
        self.bytes_count += count
        self.written = mark

    def sync(self) -> None:
        """Make everything that was written durable, now."""
        self._refuse_when_dead()
        mark = self.written
        if mark == self.durable:
            return
        try:
            os.fdatasync(self._descriptor)
        except OSError as error:
            self._fail(f"{self._path} cannot be synced: {error}")
        self.syncs_count += 1
        self._synced = mark

    def help(self) -> None:
        """Sync on behalf of the helper thread; a failure is kept for the owner's next call."""
        while self._retired:
            os.close(self._retired.pop())
        mark, descriptor = self.written, self._descriptor
        if mark == self.durable or descriptor < 0 or self._problem:
            return
        try:
            os.fdatasync(descriptor)
        except OSError as error:
            self._problem = f"{self._path} cannot be synced: {error}"
            return
        self.syncs_count += 1
        self._synced_by_helper = mark

    def close(self) -> None:
        """Close without another word to the disk; the helper must have stopped."""
        for descriptor in (*self._retired, self._descriptor):
            if descriptor >= 0:
                os.close(descriptor)
        self._retired.clear()
        self._descriptor = -1

    def tell_death(self) -> None:
        """Raise what a write or sync of the helper met, unless it was raised before."""
        if not self._told:
            self._refuse_when_dead()

    def _fail(self, problem: str) -> NoReturn:
        self._problem = problem
        self._told = True
        raise self._death()

    def _refuse_when_dead(self) -> None:
        if self._problem:
            self._told = True
            raise self._death()

    def _death(self) -> Exception:
        return self._error(
            f"{self._problem}; nothing is tried again and trading halts: free or repair the disk, restart"
        )


class Syncer:
    """The helper thread that makes files durable every 20 ms."""

    def __init__(self, period_s: float = SYNC_PERIOD_S) -> None:
        """Wait for `start`; jobs are given before it."""
        self._period_s = period_s
        self._jobs: list[Callable[[], None]] = []
        self._stop = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, job: Callable[[], None]) -> None:
        """Call `job` in every round. It must not raise, and must not run Python for long."""
        self._jobs.append(job)

    def start(self) -> None:
        """Begin; a second call changes nothing."""
        if self._thread is None:
            self._stop.acquire()
            self._thread = threading.Thread(target=self._run, name="syncer", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End after the round that is under way."""
        if self._thread is not None:
            self._stop.release()
            self._thread.join()
            self._thread = None
            self._stop = threading.Lock()

    def _run(self) -> None:
        while not self._stop.acquire(timeout=self._period_s):
            for job in self._jobs:
                job()
