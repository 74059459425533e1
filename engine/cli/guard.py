"""The watchdog of a run as the engine sees it: a heartbeat that it is shown, and a child that must not end too soon.

The engine gives the child nothing but a folder and an environment, and needs nothing of it: it is no part of any
decision. The child is in a session of its own, so that Ctrl-C and the end of a terminal do not reach it.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Mapping

from engine.datadir import DATA_DIR_VARIABLE, DataDir, write_whole
from engine.heartbeat import Heartbeat, Phase
from engine.watch import WatchedVenue, WatchOrder, write_order

OWN_PAIR = "watchdog"
"""TIERCEL_<VENUE>_WATCHDOG_KEY and the others: a key pair of its own."""
STARTS_MAX = 5
"""Of the watchdogs of one run: one that keeps ending is a fault to be looked at, not to be repeated."""
BEAT_SECONDS = 0.1


class Guard:
    """Heartbeat and watchdog of one run."""

    def __init__(
        self,
        directory: DataDir,
        run_id: str,
        prefix: str,
        venues: list[WatchedVenue],
        environ: Mapping[str, str],
        log: Callable[[str], None],
    ) -> None:
        """Begin the page and leave word of what is to be watched.

        Args:
            directory: the engine's.
            run_id: for what the watchdog tells.
            prefix: of our client order ids.
            venues: where orders may be open.
            environ: in which the watchdog finds its keys.
            log: takes a line for people.
        """
        self._directory = directory
        self._environ = {**environ, DATA_DIR_VARIABLE: str(directory.root)}
        self._log = log
        self._child: subprocess.Popen[bytes] | None = None
        self._starts_count = 0
        self._heartbeat = Heartbeat.begin(directory.pulse, os.getpid())
        write_order(directory.watch_order, WatchOrder(os.getpid(), run_id, prefix, venues))

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the watchdog, and count for it for as long as the loop turns."""
        self._start_child()
        self._heartbeat.enter(Phase.RUNNING)
        self._beat(loop)

    def ending(self) -> None:
        """Say that the run closes the gate itself."""
        self._heartbeat.enter(Phase.ENDING)

    def look(self) -> None:
        """See that the watchdog still runs."""
        if self._child is None or (code := self._child.poll()) is None:
            return
        self._child = None
        again = self._starts_count < STARTS_MAX
        self._log(f"the watchdog ended with {code}, see watchdog.txt; {'started again' if again else 'there is none'}")
        if again:
            self._start_child()

    def over(self, *, left_open: bool) -> None:
        """Say what the run leaves: nothing, and then nobody need watch, or orders that the watchdog has to cancel."""
        self._heartbeat.enter(Phase.LEFT_OPEN if left_open else Phase.ENDED)
        self._heartbeat.close()
        if self._child is not None and not left_open:
            self._child.terminate()
            self._child.wait()
            self._directory.watchdog_pid.unlink(missing_ok=True)

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        self._heartbeat.beat()
        loop.call_later(BEAT_SECONDS, self._beat, loop)

    def _start_child(self) -> None:
        self._starts_count += 1
        with (self._directory.logs / "watchdog.txt").open("ab") as words:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "engine", "watchdog"],
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                start_new_session=True,
            )
        write_whole(self._directory.watchdog_pid, f"{self._child.pid}\n".encode())
