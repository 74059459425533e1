"""The data directory: where each file is, who holds it, and where running engines are found from any folder.

One engine holds one directory, by a lock on state/engine.pid that ends with the process, however that ends. An engine
that runs also stands in $XDG_STATE_HOME/tiercel/running, so that status, stop and kill need no folder; an entry counts
only while its directory is locked. It writes small files whole (a new file, then a rename) and knows none of them by
heart: what they hold belongs to their owners.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from engine.errors import DirectoryHeld, UsageError

DEFAULT = "./var"
DATA_DIR_VARIABLE = "TIERCEL_DATA_DIR"


class DataDir:
    """The paths below one data directory."""

    def __init__(self, root: Path) -> None:
        """Take the directory; nothing is made before `make`."""
        self.root = root.absolute()
        self.state = self.root / "state"
        self.logs = self.root / "logs"
        self.audit_logs = self.logs / "audit"
        self.runs = self.root / "runs"
        self.pid_file = self.state / "engine.pid"
        self.heartbeat = self.state / "heartbeat.json"
        self.pulse = self.state / "heartbeat"
        self.watch_order = self.state / "watchdog.json"
        self.watchdog_pid = self.state / "watchdog.pid"
        self.watch_deeds = self.state / "watchdog.jsonl"
        self.state_file = self.state / "state.json"
        self.gate = self.state / "gate"
        self.latch = self.state / "kill.latch"
        self.rearm = self.state / "rearm.json"
        self.policy = self.state / "policy.json"
        self.lease = self.state / "lease.json"
        self.risk = self.state / "risk.json"
        self.audit_key = self.state / "audit.key"
        self.checkpoints = self.state / "checkpoints.jsonl"
        self.control_socket = self.state / "control.sock"

    def make(self) -> None:
        """Make the folders; state/ is for its owner alone.

        Raises:
            UsageError: a folder cannot be made.
        """
        try:
            self.state.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.audit_logs.mkdir(parents=True, exist_ok=True)
            self.runs.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise UsageError(
                f"the data directory {self.root} cannot be made: {problem.strerror} ({problem.filename}); "
                "give another one with --data-dir"
            ) from problem

    def run(self, run_id: str) -> RunDir:
        """Return the paths of one run."""
        return RunDir(self.runs / run_id)

    def run_ids(self) -> list[str]:
        """Return the runs that are there, oldest first: numbers in their names count as numbers."""
        if not self.runs.is_dir():
            return []
        return sorted((path.name for path in self.runs.iterdir() if path.is_dir()), key=_natural)

    def find_run(self, run_id: str | None) -> RunDir:
        """Return a run by its id, the newest when it is left out.

        Raises:
            UsageError: there is no such run.
        """
        known = self.run_ids()
        if run_id is None and known:
            return self.run(known[-1])
        if run_id in known and run_id is not None:
            return self.run(run_id)
        wanted = f"no run {run_id!r}" if run_id else "no run"
        newest = f"; the newest is {known[-1]}" if known else ""
        raise UsageError(f"{wanted} in {self.runs}{newest}")


class RunDir:
    """The paths of one run."""

    def __init__(self, root: Path) -> None:
        """Take the run's folder."""
        self.root = root
        self.config = root / "config.toml"
        self.tape = root / "tape"
        self.summary = root / "summary.json"

    @property
    def run_id(self) -> str:
        """The run's name."""
        return self.root.name

    def make(self) -> None:
        """Make the run's folders."""
        self.tape.mkdir(parents=True, exist_ok=True)


class DirectoryLock:
    """The hold of one engine on its data directory, until `release` or the end of the process."""

    def __init__(self, directory: DataDir) -> None:
        """Take the lock and write our pid.

        Raises:
            DirectoryHeld: another engine has it.
        """
        self._descriptor = os.open(directory.pid_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            os.close(self._descriptor)
            raise DirectoryHeld(str(directory.root), _pid_in(directory.pid_file)) from problem
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Give the directory back."""
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)


def holder(directory: DataDir) -> int:
    """Return the pid of the engine that holds the directory, 0 when none does."""
    pid = _pid_in(directory.pid_file)
    if not pid or not _alive(pid):
        return 0
    descriptor = os.open(directory.pid_file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:  # expected: the lock is held, which is the answer
        return pid
    else:
        return 0
    finally:
        os.close(descriptor)


class Running(msgspec.Struct, frozen=True):
    """One entry of the registry: an engine that runs, and where."""

    pid: int
    data_dir: str
    run_id: str
    mode: str


def registry(environ: Mapping[str, str]) -> Path:
    """Return the folder in which running engines stand."""
    home = environ.get("XDG_STATE_HOME") or Path(environ.get("HOME") or "~").expanduser() / ".local" / "state"
    return Path(home) / "tiercel" / "running"


def register(environ: Mapping[str, str], entry: Running) -> Path:
    """Enter this engine; the caller removes the returned file at the end."""
    folder = registry(environ)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{entry.pid}.json"
    write_whole(path, msgspec.json.encode(entry))
    return path


def running(environ: Mapping[str, str]) -> list[Running]:
    """Return the engines that run now, by pid; entries whose engine is gone are removed."""
    folder = registry(environ)
    found = []
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        try:
            entry = msgspec.json.decode(path.read_bytes(), type=Running)
        except (OSError, msgspec.DecodeError):  # expected: torn, or just removed by its engine
            continue
        if holder(DataDir(Path(entry.data_dir))) == entry.pid:
            found.append(entry)
        else:
            path.unlink(missing_ok=True)
    return sorted(found, key=lambda entry: entry.pid)


def data_dir(option: Path | None, environ: Mapping[str, str]) -> DataDir:
    """Return the directory to work in: the option, TIERCEL_DATA_DIR, or ./var."""
    return DataDir(option or Path(environ.get(DATA_DIR_VARIABLE) or DEFAULT))


def running_data_dir(option: Path | None, environ: Mapping[str, str]) -> DataDir:
    """Return the directory that a command for a running engine is about: without an option, that of the only engine.

    Raises:
        UsageError: several engines run and nothing says which is meant.
    """
    if option is not None or environ.get(DATA_DIR_VARIABLE):
        return data_dir(option, environ)
    engines = running(environ)
    if len(engines) > 1:
        listed = "\n".join(f"  pid {engine.pid}  {engine.mode:8}  --data-dir {engine.data_dir}" for engine in engines)
        raise UsageError(f"{len(engines)} engines run; say which one with --data-dir:\n{listed}")
    return DataDir(Path(engines[0].data_dir)) if engines else data_dir(None, environ)


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file in one step, so that a reader sees the old or the new one; it does not wait for the disk."""
    fresh = path.with_name(f".{path.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, content)
    finally:
        os.close(descriptor)
    fresh.replace(path)


def _pid_in(path: Path) -> int:
    try:
        return int(path.read_text() or 0)
    except (OSError, ValueError):  # expected: no engine ever wrote a pid here
        return 0


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:  # expected: it has ended
        return False
    except PermissionError:  # expected: it lives, and belongs to somebody else
        return True
    return True


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", name) if part]
