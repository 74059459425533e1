"""What a run shows while it lasts: the live table on a terminal, a plain line now and then elsewhere, or nothing.

It never blocks the loop: a snapshot that the drawing process has no room for is left out, and when that process is gone
the run goes on without it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Protocol, TextIO

import msgspec

from engine.clock import NS_PER_SECOND
from engine.telemetry.snapshot import Snapshot, plain_line

PLAIN_PERIOD_NS = 5 * NS_PER_SECOND
CLOSE_SECONDS_MAX = 2


class Display(Protocol):
    """Whoever shows snapshots."""

    def show(self, snapshot: Snapshot) -> None:
        """Show the engine at this moment."""

    def close(self) -> None:
        """Leave the terminal in order; the summary comes next."""


class NoDisplay:
    """Shows nothing: standard output belongs to the summary alone."""

    def show(self, snapshot: Snapshot) -> None:
        """Show nothing."""

    def close(self) -> None:
        """Leave nothing."""


class PlainDisplay:
    """One line of text every five seconds of the snapshots' clock, at once when the state or the note changes."""

    def __init__(self, stream: TextIO) -> None:
        """Write to `stream`."""
        self._stream = stream
        self._next_ns = 0
        self._last = ("", "")

    def show(self, snapshot: Snapshot) -> None:
        """Write a line when it is time for one."""
        news = (snapshot.state, snapshot.note)
        if news == self._last and snapshot.time_ns < self._next_ns:
            return
        self._last = news
        self._next_ns = snapshot.time_ns + PLAIN_PERIOD_NS
        self._stream.write(plain_line(snapshot) + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Leave nothing."""


class TableDisplay:
    """The live table, in a process of its own."""

    def __init__(self) -> None:
        """Start the drawing process."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "engine.telemetry.table"], stdin=subprocess.PIPE, stdout=None, bufsize=0
        )
        assert self._process.stdin is not None
        self._pipe = self._process.stdin
        os.set_blocking(self._pipe.fileno(), False)
        self._rest = b""
        self._encoder = msgspec.json.Encoder()

    def show(self, snapshot: Snapshot) -> None:
        """Hand a snapshot over, unless the one before is still waiting."""
        if not self._rest:
            self._rest = self._encoder.encode(snapshot) + b"\n"
        try:
            written = os.write(self._pipe.fileno(), self._rest)
        except BlockingIOError:  # expected: the pipe is full; the rest goes with the next snapshot
            return
        except OSError:  # expected: the drawing process is gone; the run is not
            written = len(self._rest)
        self._rest = self._rest[written:]

    def close(self) -> None:
        """Let the last picture stand and end the drawing process."""
        self._pipe.close()
        try:
            self._process.wait(CLOSE_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def choose_display(*, json: bool) -> Display:
    """Return the table on a terminal, plain lines elsewhere, nothing with --json."""
    if json:
        return NoDisplay()
    return TableDisplay() if sys.stdout.isatty() else PlainDisplay(sys.stdout)
