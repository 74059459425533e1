"""A turn: one input comes in, and everything that follows from it is done before the next.

The input is stamped, written to the tape, received by its port and answered through every actor, inside the callback
that brought the bytes: a pass through the event loop would cost more than four actor hops. Audit records are made when
nothing else waits; while the market is busy one at a time, so that a fresh frame never waits for more than one.
What reaches the disk does so at the end of a pass, after the sends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import uvloop

from engine.clock import Clock
from engine.errors import InvariantError
from engine.runtime.backpressure import Backpressure
from engine.runtime.garbage import Garbage
from engine.runtime.intake import Intake
from engine.runtime.port import InputKind, Port
from engine.runtime.recorder import Recorder
from engine.runtime.system import System
from engine.supervision.supervisor import Supervisor
from hotpath.core.mailbox import ALL, AUDIT
from hotpath.core.moment import Moment

LOOK_SECONDS = 0.25
"""Time between two looks at a live run: display, heartbeat, duration."""

IDLE_PASSES_MAX = 1_000
"""Passes of a spinning loop without input until it looks after its files again: about a millisecond."""


class EventSource(Protocol):
    """Something in a simulated run that happens at a time."""

    def next_ns(self) -> int | None:
        """Return when the next event is due, or None."""

    def fire(self, now_ns: int) -> None:
        """Let the next event happen."""


class Turn:
    """What live and simulated turns share: the way of one input."""

    def __init__(
        self, system: System, supervisor: Supervisor, tape: Recorder, timer_port: Port, fault_port: Port
    ) -> None:
        """Become the entrance of every port of `system`; what cannot be written down halts through `fault_port`."""
        self._system = system
        self._dispatcher = system.dispatcher
        self._intake = Intake(system.dispatcher, system.moment, tape, supervisor.halt, self._port_failed)
        self.reaction = self._intake.reaction
        """From the moment that market data reached its port to the moment that an answer was handed to a transport."""
        self._supervisor = supervisor
        self._timer_port = timer_port
        self._fault_port = fault_port
        self._garbage = Garbage()
        self.at_end: list[Callable[[], None]] = []
        """Called at the end of a pass, in order: the files' writes."""
        self.enter = self._intake.enter
        """The entrance of every port."""
        system.enter_by(self.enter)

    @property
    def market_count(self) -> int:
        """How many messages market data has brought."""
        return self._intake.market_count

    def note(self, port: Port, kind: InputKind, payload: bytes) -> None:
        """Record an input that a handler came across itself: a gate's word, an interruption."""
        self._intake.note(port, kind, payload)

    def _port_failed(self, port: Port, error: Exception) -> None:
        self._supervisor.port_failed(self._system.cell(port.owner), port.name, error)

    def finish(self) -> None:
        """Write what this pass left to write, then search for garbage.

        What cannot be written halts: no evidence, no trading.
        """
        for write in self.at_end:
            try:
                write()
            except InvariantError as error:
                self._fault_port.deliver(InputKind.FAULT, str(error).encode())
        self._garbage.look()


class SimulatedTurn(Turn):
    """Turns on a simulated clock: the next event is taken when every mailbox is empty, and time is what it says."""

    def __init__(
        self,
        system: System,
        supervisor: Supervisor,
        tape: Recorder,
        timer_port: Port,
        fault_port: Port,
        sources: list[EventSource],
    ) -> None:
        """`sources` are asked in this order when several are due at once; timers come before all of them."""
        super().__init__(system, supervisor, tape, timer_port, fault_port)
        self._sources = sources
        self._time = Moment(system.moment.now_ns)
        self._intake.serve(self._time, ALL, ALL, self._answered)

    @property
    def time_ns(self) -> int:
        """The simulated time: that of the event that is happening."""
        return self._time.now_ns

    def _answered(self, _port: Port, _is_market: bool, _took_ns: int) -> None:
        """An input, and everything that followed from it, is done: the pass ends."""
        self.finish()

    def run(self, until: Callable[[], bool]) -> None:
        """Let events happen in order of time until `until()` or until nothing is left to happen."""
        with self._garbage:
            self._run(until)

    def _run(self, until: Callable[[], bool]) -> None:
        timers = self._system.timers
        self._dispatcher.drain(ALL, ALL, -1)
        self.finish()
        while not until():
            due_ns = timers.next_ns()
            source: EventSource | None = None
            for candidate in self._sources:
                candidate_ns = candidate.next_ns()
                if candidate_ns is not None and (due_ns is None or candidate_ns < due_ns):
                    due_ns, source = candidate_ns, candidate
            if due_ns is None:
                return
            self._time.now_ns = now_ns = max(self.time_ns, due_ns)
            if source is not None:
                source.fire(now_ns)
            else:
                number = timers.pop_due(now_ns)
                if number is not None:
                    self._timer_port.deliver(InputKind.TIMER, number.to_bytes(8, "little"))


class LiveTurn(Turn):
    """Turns on a running event loop, for data that arrives when it wants to."""

    def __init__(
        self,
        system: System,
        supervisor: Supervisor,
        tape: Recorder,
        timer_port: Port,
        fault_port: Port,
        clock: Clock,
        *,
        spin: bool,
        market_max: int,
        slow_ns: int,
        on_slow: Callable[[str, int], None],
    ) -> None:
        """Turn on `clock`.

        Args:
            system: whose ports are entered.
            supervisor: hears what a port cannot receive.
            tape: keeps the inputs.
            timer_port: brings the timers' firings.
            fault_port: brings what cannot be written down.
            clock: is asked once for each input.
            spin: the loop never sleeps: for those who own a core.
            market_max: market messages in one turn, before I/O runs again.
            slow_ns: a turn that lasts longer is told to `on_slow`.
            on_slow: takes the name of the port that began the turn, and how long it took.
        """
        super().__init__(system, supervisor, tape, timer_port, fault_port)
        self._clock = clock
        self._spin = spin
        self._market_max = market_max
        self._slow_ns = slow_ns
        self._on_slow = on_slow
        self._loop: asyncio.AbstractEventLoop | None = None
        self._inputs_seen = 0
        self._scheduled = False
        self._idle = False
        self._idle_passes = 0
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_ns = 0
        self.pausables: list[Backpressure] = []
        """The connections that stop reading when the mailbox behind them fills."""
        self._intake.serve(clock, market_max, 0, self._answered)

    def serve(
        self,
        loop: asyncio.AbstractEventLoop,
        before: Callable[[], Awaitable[None]],
        go_on: Callable[[], bool],
        after: Callable[[], Awaitable[None]],
    ) -> None:
        """Run until `go_on()`, asked a few times a second, says no.

        Args:
            loop: whose callbacks bring the inputs.
            before: what must be there first, the control socket for one; its errors leave here.
            go_on: looks at the run, shows it, and says whether it goes on.
            after: closes what is open.
        """
        with self._garbage:
            loop.run_until_complete(self._serve(loop, before, go_on, after))

    async def _serve(
        self,
        loop: asyncio.AbstractEventLoop,
        before: Callable[[], Awaitable[None]],
        go_on: Callable[[], bool],
        after: Callable[[], Awaitable[None]],
    ) -> None:
        await before()
        self._loop = loop
        self._schedule()
        ended: asyncio.Future[None] = loop.create_future()

        def look() -> None:
            try:
                if go_on():
                    loop.call_later(LOOK_SECONDS, look)
                else:
                    ended.set_result(None)
            except Exception as error:  # noqa: BLE001 - it leaves through the future
                ended.set_exception(error)

        look()
        await ended
        await after()
        self._loop = None

    def _answered(self, port: Port, is_market: bool, took_ns: int) -> None:
        """An input is answered: let a mailbox that fills stop its source, and have the pass ended."""
        if is_market:
            self._balance_reading()
        if took_ns > self._slow_ns:
            self._on_slow(port.name, took_ns)
        if not self._scheduled:
            self._schedule()

    def _schedule(self) -> None:
        if self._loop is not None:
            self._scheduled = True
            self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        """End a pass: one audit record while fresh input keeps coming, all of them when it does not."""
        self._scheduled = False
        dispatcher = self._dispatcher
        fresh = self._intake.inputs_count != self._inputs_seen
        if not fresh and self._idle and self._idle_passes < IDLE_PASSES_MAX:  # a spinning loop with nothing to do
            self._idle_passes += 1
            self._schedule()
            return
        self._idle_passes = 0
        self._inputs_seen = self._intake.inputs_count
        crowded = 4 * dispatcher.waiting(AUDIT) > 3 * dispatcher.capacity(AUDIT)
        left = dispatcher.drain(self._market_max, 1 if fresh and not crowded else ALL, -1)
        self.finish()
        self._balance_reading()
        self._set_alarm()
        self._idle = self._spin and not left
        if left or self._spin:
            self._schedule()

    def _balance_reading(self) -> None:
        for pressure in self.pausables:
            pressure.balance()

    def _set_alarm(self) -> None:
        due_ns = self._system.timers.next_ns()
        if due_ns is None or self._loop is None or (self._alarm is not None and self._alarm_ns <= due_ns):
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm_ns = due_ns
        delay_ns = max(due_ns - self._clock.read_ns(), 0)
        self._alarm = self._loop.call_later(self.wall_ns(delay_ns) / 1e9, self._ring)

    def wall_ns(self, delay_ns: int) -> int:
        """Return how long a time of the run's clock lasts on the wall."""
        wall_ns = getattr(self._clock, "wall_ns", None)
        return wall_ns(delay_ns) if wall_ns else delay_ns

    def _ring(self) -> None:
        self._alarm = None
        timers = self._system.timers
        now_ns = self._clock.read_ns()
        while (number := timers.pop_due(now_ns)) is not None:
            self._timer_port.deliver(InputKind.TIMER, number.to_bytes(8, "little"))
        if not self._scheduled:
            self._schedule()


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return a fresh uvloop."""
    return uvloop.new_event_loop()
