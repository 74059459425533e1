"""Engines as their users have them: processes with a folder of their own, a configuration, and words on their output.

Everything that is waited for is a condition with a deadline; who waits in vain gets the process's own words. A process
that a test forgot ends with the fixture that owns it, so nothing outlives a test.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from tests.conftest import ROOT

T = TypeVar("T")
LOOK_SECONDS = 0.002
COMMAND_SECONDS = 60.0
SOAK = os.environ.get("TIERCEL_SOAK", "") == "1"
STRATEGIES = Path(__file__).parent / "strategies"

LOUD = """
[risk]
daily_orders_max = 1_000_000        # the tests trade more often than a person would let a new engine trade
duplicate_window_ms = 0             # and repeat themselves
denials_max = 1_000_000
losses_in_row_max = 1_000_000       # and lose on purpose
new_orders_per_second = 10_000
messages_per_second = 10_000
execution_fills_max = 1_000_000
rejects_in_row_max = 64
order_to_trade_from = 1_000_000
turnover_max = 1_000_000
max_daily_loss = 50_000
max_drawdown = 50_000
"""

QUOTER = f"""[venues.binance_spot]
environment = "embedded"
[[strategies]]
class = "quoter:Quoter"
instruments = ["BTCUSDT"]
{LOUD}"""
"""All but [engine] of an engine in which a quoter trades at a venue of its own."""


def rounds(usual: int, soak: int) -> int:
    """Return how often something is done: more when TIERCEL_SOAK=1."""
    return soak if SOAK else usual


def until(condition: Callable[[], T], seconds: float, what: str) -> T:
    """Look again and again until a condition holds, and return what it came to.

    Raises:
        TimeoutError: it still does not after `seconds`.
    """
    end = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")
        time.sleep(LOOK_SECONDS)
    return found


class Process:
    """A tiercel command that runs; what it says goes to files, so that it never waits for a reader."""

    def __init__(
        self,
        words: Sequence[str],
        folder: Path,
        environ: Mapping[str, str],
        before: Callable[[], None] | None = None,
        module: Sequence[str] = ("engine",),
    ) -> None:
        """Start `tiercel WORDS` in `folder`; `before` is called in the child before it begins.

        `module` is what Python runs instead of the engine, with words that stand before the engine's.
        """
        self.words = list(words)
        number = sum(1 for _ in folder.glob("*.stdout"))
        self._stdout = folder / f"{number:03}_{words[0]}.stdout"
        self._stderr = self._stdout.with_suffix(".stderr")
        with self._stdout.open("wb") as stdout, self._stderr.open("wb") as stderr:
            self._popen = subprocess.Popen(
                [sys.executable, "-m", *module, *self.words],
                cwd=folder,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                preexec_fn=before,
            )

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._popen.pid

    @property
    def stdout(self) -> str:
        """What it has said so far."""
        return self._stdout.read_text()

    @property
    def stderr(self) -> str:
        """What it has complained about so far."""
        return self._stderr.read_text()

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._popen.poll() is None

    def wait(self, seconds: float = COMMAND_SECONDS) -> int:
        """Return the exit code. TimeoutError, with what it said, when it does not end."""
        try:
            return self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.destroy()
            raise TimeoutError(f"{self} still runs after {seconds:.0f} s: {self.stderr}\n{self.stdout}") from None

    def until(self, condition: Callable[[], T], seconds: float, what: str) -> T:
        """Wait for a condition for as long as the process lives."""

        def met() -> T:
            if not (found := condition()) and not self.running:
                raise AssertionError(f"{self} ended with {self._popen.returncode}: {self.stderr}\n{self.stdout}")
            return found

        try:
            return until(met, seconds, what)
        except TimeoutError as problem:
            raise TimeoutError(f"{problem}; {self} says: {self.stderr}\n{self.stdout}") from None

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self._popen.send_signal(signal.SIGINT)

    def destroy(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self._popen.kill()
        self._popen.wait()

    def __repr__(self) -> str:
        return f"tiercel {' '.join(self.words)} (pid {self.pid})"


class Place:
    """A folder in which somebody uses Tiercel: a data directory, configurations, strategies, and an environment."""

    def __init__(self, root: Path) -> None:
        """Make the folder; nothing of the tester's own environment reaches into it."""
        self.root = root
        self.root.mkdir(parents=True, exist_ok=True)
        self.data = root / "var"
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith("TIERCEL_")}
        if build := os.environ.get("TIERCEL_BUILD"):
            self.environ["TIERCEL_BUILD"] = build
        self.environ["XDG_STATE_HOME"] = str(root / "xdg")
        path = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry] or [str(ROOT)]
        self.environ |= {"PYTHONPATH": os.pathsep.join(path), "PYTHONSAFEPATH": "1"}
        self._processes: list[Process] = []

    def configure(self, text: str, *strategies: str) -> Path:
        """Write a configuration, and beside it the strategies of these names; returns its path."""
        for name in strategies:
            (self.root / f"{name}.py").write_bytes((STRATEGIES / f"{name}.py").read_bytes())
        path = self.root / "config.toml"
        path.write_text(text)
        return path

    def start(self, *words: str, before: Callable[[], None] | None = None) -> Process:
        """Start a command on this data directory and leave it running."""
        process = Process([*words, "--data-dir", str(self.data)], self.root, self.environ, before)
        self._processes.append(process)
        return process

    def start_faulty(self, actor: str, mode: str, *words: str) -> Process:
        """Start a command whose actor goes wrong in this way when the file `fault` is there."""
        module = ("tests.e2e.faulty", actor, mode)
        process = Process([*words, "--data-dir", str(self.data)], self.root, self.environ, module=module)
        self._processes.append(process)
        return process

    def start_bare(self, *words: str) -> Process:
        """Start a command without naming the data directory."""
        process = Process(words, self.root, self.environ)
        self._processes.append(process)
        return process

    def tiercel(
        self, *words: str, seconds: float = COMMAND_SECONDS, **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command on this data directory to its end."""
        return self.bare(*words, "--data-dir", str(self.data), seconds=seconds, folder=None, **environ)

    def bare(
        self, *words: str, seconds: float = COMMAND_SECONDS, folder: Path | None = None, **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end without naming the data directory."""
        return subprocess.run(
            [sys.executable, "-m", "engine", *words],
            cwd=folder or self.root,
            env=self.environ | environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def json(self, *words: str, code: int = 0, seconds: float = COMMAND_SECONDS, **environ: str) -> Any:
        """Run a command and return the JSON that it prints; an assertion fails when it ends with another code."""
        done = self.tiercel(*words, "--json", seconds=seconds, **environ)
        assert done.returncode == code, f"exit {done.returncode}: {done.stderr}\n{done.stdout}"
        return msgspec.json.decode(done.stdout)

    def records(self, action: str = "") -> list[dict[str, Any]]:
        """Return the whole records of the trail, those whose action begins so; a line being written is left out."""
        found = []
        for file in sorted((self.data / "logs" / "audit").glob("audit_*.jsonl")):
            for line in file.read_bytes().split(b"\n")[:-1]:
                record = msgspec.json.decode(line)
                if record["action"].startswith(action):
                    found.append(record)
        return found

    def text_of_trail(self) -> bytes:
        """Return the bytes of the trail, all day files in order."""
        files = sorted((self.data / "logs" / "audit").glob("audit_*.jsonl"))
        return b"".join(file.read_bytes() for file in files)

    def end(self) -> None:
        """Destroy whatever still runs."""
        for process in self._processes:
            if process.running:
                process.destroy()
        self._end_watchdog()

    def _end_watchdog(self) -> None:
        """End the watchdog of an engine that was destroyed: it would try for a day to reach a venue that has gone."""
        file = self.data / "state" / "watchdog.pid"
        pid = int(file.read_text()) if file.exists() else 0
        command = Path(f"/proc/{pid}/cmdline")
        if pid and command.exists() and b"watchdog" in command.read_bytes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@contextmanager
def place(root: Path) -> Iterator[Place]:
    """Lend a folder, and end what still runs in it afterwards."""
    one = Place(root)
    try:
        yield one
    finally:
        one.end()


def reached(place: Place, state: str, after: int = 0) -> bool:
    """Say whether the trail's last change of the trading state, after a number of records, leads to `state`."""
    changes = [
        record
        for record in place.records("state.change")
        if record["seq"] > after and record["resource_type"] == "trading"
    ]
    return bool(changes) and changes[-1]["after_state"]["state"] == state


def summary_of(process: Process) -> Any:
    """Return the summary that a run with --json printed."""
    return msgspec.json.decode(process.stdout)
