"""The time limit of a handler: a timer signal that interrupts one that does not return.

The signal ticks a few dozen times a second and compares step numbers, so a handler costs nothing to watch. The
exception is raised at a moment when the author's own code runs, not half way through ours; code that holds the GIL in C
cannot be interrupted at all, and then the gate, the latch and the watchdog still work.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType

from engine.clock import NS_PER_MS
from engine.errors import HandlerTimeout
from hotpath.core.mailbox import Dispatcher

TICK_SECONDS = 0.02
RETRY_SECONDS = 0.001
RETRIES_MAX = 100


class TimeLimit:
    """Interrupts the handler of the main thread that runs for longer than it may."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        stop_ns: int,
        ours: Callable[[str], bool],
        on_interrupt: Callable[[int], None],
    ) -> None:
        """Watch `dispatcher`.

        Args:
            dispatcher: whose handlers are watched.
            stop_ns: how long one may run, give or take half a tick: its start falls between two of them.
            ours: whether a source file is the engine's own, where an interruption waits for a better moment.
            on_interrupt: told the step whose handler is about to be interrupted.
        """
        self._dispatcher = dispatcher
        tick_ns = int(TICK_SECONDS * 1000) * NS_PER_MS
        self._stop_ms = stop_ns // NS_PER_MS
        self._stop_ticks = max((stop_ns - tick_ns // 2) // tick_ns, 1)
        self._ours = ours
        self._on_interrupt = on_interrupt
        self._step = -1
        self._ticks = 0
        self._retries = 0

    def arm(self) -> None:
        """Start ticking; only the main thread of a process can."""
        signal.signal(signal.SIGALRM, self._tick)
        signal.setitimer(signal.ITIMER_REAL, TICK_SECONDS, TICK_SECONDS)

    def disarm(self) -> None:
        """Stop ticking."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)

    def _tick(self, _signum: int, frame: FrameType | None) -> None:
        dispatcher = self._dispatcher
        if not dispatcher.running or dispatcher.handled != self._step:
            self._step = dispatcher.handled if dispatcher.running else -1
            self._ticks = self._retries = 0
            return
        self._ticks += 1
        if self._ticks < self._stop_ticks:
            return
        if frame is not None and self._ours(frame.f_code.co_filename) and self._retries < RETRIES_MAX:
            self._retries += 1
            signal.setitimer(signal.ITIMER_REAL, RETRY_SECONDS, TICK_SECONDS)
            return
        step, self._step = self._step, -1
        self._on_interrupt(step)
        raise HandlerTimeout(
            f"the handler of {type(dispatcher.message).__name__} did not return in {self._stop_ms} ms and was stopped; "
            f"move long work to another process, or raise limits.handler_stop_ms"
        )
