"""A run on real sockets: the event loop, the links, the control socket, heartbeat, display, and the way out.

The venue is one that we start (embedded), one that somebody started (local), the testnet or the venue itself; what
follows is the same. The loop belongs to trading: what is shown or written here is a few times a second and small.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from _thread import start_new_thread
from collections.abc import Awaitable, Callable
from functools import partial
from types import FrameType
from typing import Any

import msgspec
from msgspec import structs

from actors.strategy.loading import LoadedStrategy
from engine.cli.assembly import Outside, RunGate, VenuePorts, assemble
from engine.cli.ending import Records, close_run, connect_turn, stop_command
from engine.cli.failures import explain_failures, is_ours
from engine.cli.guard import OWN_PAIR, Guard
from engine.cli.opening import Opened
from engine.cli.report import Report
from engine.cli.simulated import describe, symbols_of
from engine.cli.venue_process import VenueProcess, clock_of, venue_order
from engine.clock import NS_PER_MS, NS_PER_SECOND, Clock, WallClock
from engine.config.credentials import Credentials, load_credentials, variable_names
from engine.config.endpoints import Endpoints, endpoints
from engine.config.load import Loaded
from engine.config.model import Loop
from engine.datadir import write_whole
from engine.errors import UsageError
from engine.messages.control import GateWord
from engine.policy.policy import PolicyStart
from engine.policy.store import PolicyFile
from engine.runtime.backpressure import Backpressure
from engine.runtime.port import InputKind, Port
from engine.runtime.turn import LiveTurn, new_event_loop
from engine.supervision.time_limit import TimeLimit
from engine.tape.head import RunHead
from engine.tape.sent import SentDigest
from engine.telemetry.display import Display
from engine.telemetry.logs import Bridge, Logs
from engine.telemetry.snapshot import Snapshot
from engine.telemetry.summary import Summary
from engine.telemetry.trades import TradesLog
from engine.telemetry.vitals import SAMPLE_NS, Vitals, free_pct
from engine.watch import WatchedVenue
from gateways.binance.gateway import Urls
from gateways.binance.signing import signer_of
from gateways.operator.control import ControlServer
from gateways.session import SessionState
from gateways.transport.http import HttpLink, fetch
from gateways.transport.link import Link, RestLink
from gateways.transport.websocket import WebSocketLink

HARD_STOP_SECONDS = 10.0
SIGNAL_STOP_SECONDS = 4.0
"""How long cancels have after a signal; then the run ends, and the watchdog goes on where there is something left."""
SIGNAL_EXIT_SECONDS = 5.0
"""A process that still runs then is ended as it is: whoever sent the signal sends SIGKILL next."""
EXCHANGE_INFO = "/api/v3/exchangeInfo"


class VenueAccess:
    """Where a venue is, with which keys, and on which clock."""

    def __init__(self, loaded: Loaded, venue: str) -> None:
        """Find the venue, or start it.

        Raises:
            UsageError: keys are missing.
            VenueError: the venue cannot be reached.
        """
        config = loaded.config
        self.symbols = symbols_of(loaded, venue)
        self.process: VenueProcess | None = None
        self.clock: Clock = WallClock()
        found = endpoints(venue, config.venues[venue])
        credentials = load_credentials(venue, os.environ)
        second = load_credentials(f"{venue}_{OWN_PAIR}", os.environ)
        if second is not None:
            signer_of(second)  # a pair that cannot be used stops the start, not the watchdog when it is needed
        if found is None:
            order = venue_order(config, venue, self.symbols)
            self.process = VenueProcess(order)
            report = self.process.report
            found = Endpoints(report.rest_url, report.stream_url, report.api_url)
            credentials = Credentials(venue, report.api_key, private_key_pem=report.private_key.encode())
            self.clock = clock_of(report, order.speed)
        if credentials is None:
            key, secret, file = variable_names(venue)
            raise UsageError(f"{venue} needs a key pair: set {key} with {file} (Ed25519) or {secret} (HMAC)")
        self.ends_ns = self.process.report.capture_end_ns if self.process is not None else 0
        """When a capture that we play ends; 0 when there is none."""
        self.urls = found
        self.signer = signer_of(credentials)
        self.instruments, self.rate_limits = describe(fetch(found.rest_url, EXCHANGE_INFO), venue, self.symbols)
        self.watched = WatchedVenue(
            venue,
            found.api_url,
            self.symbols,
            [(limit.orders, limit.limit, limit.interval_ns) for limit in self.rate_limits],
            config.venues[venue].receive_window_ms,
            self.process is not None,
        )
        """What the watchdog must know."""

    def watchdog_environ(self) -> dict[str, str]:
        """Return where the watchdog finds its keys: in ours, or the second pair of a venue that we started."""
        environ = dict(os.environ)
        if self.process is not None:
            key, secret, file = variable_names(f"{self.watched.venue}_{OWN_PAIR}")
            report = self.process.report
            environ.pop(file, None)
            environ |= {key: report.second_key, secret: report.second_secret}
        return environ

    def close(self) -> None:
        """End a venue that we started."""
        if self.process is not None:
            self.process.close()


class LiveRun:
    """One run from opening to summary."""

    def __init__(self, loaded: Loaded, opened: Opened, display: Display, strategies: list[LoadedStrategy]) -> None:
        """Reach the venue and build the run."""
        self._loaded, self._opened, self._display = loaded, opened, display
        (venue,) = loaded.config.venues
        self._access = access = VenueAccess(loaded, venue)
        self._clock = access.clock
        head = opened.begin(
            loaded,
            access.instruments,
            {venue: access.rate_limits},
            {venue: access.signer.logs_on},
            strategies,
            self._clock.read_ns(),
            WallClock().read_ns(),
        )
        self._logs = Logs(opened.directory.logs, head.run_id)
        self._guard = self._watched_by(head)
        self._keep_logs_of_gateways()
        self._sent = SentDigest()
        self._control = ControlServer(
            opened.directory.control_socket,
            self._command,
            {"status": self._status, "limits": lambda: self._run.safety.policy.question(), "waiting": self._waiting},
        )
        self._say_policy(head)
        self._run = assemble(head, self._outside(venue))
        self._turn = LiveTurn(
            self._run.system,
            self._run.supervisor,
            opened.tape,
            self._run.ports["timers"],
            self._run.ports["faults"],
            self._clock,
            spin=loaded.config.engine.loop is Loop.SPIN,
            market_max=loaded.config.limits.turn_market_max,
            slow_ns=loaded.config.limits.handler_warn_ms * NS_PER_MS,
            on_slow=self._slow,
        )
        connect_turn(self._run, self._turn, opened, self._sent)
        feed_to = self._run.edges.feed_to
        self._turn.pausables += [Backpressure(links[0], feed_to[name]) for name, links in self._run.links.items()]
        self._vitals = Vitals(self._run.ports["health"], Records(self._run), partial(free_pct, opened.directory.root))
        self._report = Report(self._run, self._turn, head)
        self._run.supervisor.on_failure = explain_failures(self._run, self._report, self._logs, head.run_id)
        self._captured = bool(loaded.config.engine.captures)
        self._interrupts_count = self._stop_by_ns = 0
        self._ended = threading.Lock()
        self._ended.acquire()
        self._handlers: dict[signal.Signals, Any] = {}
        self._stopped = False

    def _keep_logs_of_gateways(self) -> None:
        gateways = logging.getLogger("gateways")
        gateways.handlers, gateways.propagate = [Bridge(self._logs, self._clock.read_ns)], False
        gateways.setLevel(logging.INFO)

    @property
    def failures(self) -> list[str]:
        """What the authors of strategies should read."""
        return self._report.failures

    def go(self) -> Summary:
        """Run to the end and return what it came to."""
        loop = new_event_loop()
        asyncio.set_event_loop(loop)
        limit = TimeLimit(
            self._run.system.dispatcher,
            self._loaded.config.limits.handler_stop_ms * NS_PER_MS,
            is_ours,
            lambda _step: self._turn.note(self._run.ports["gate"], InputKind.INTERRUPTED, b""),
        )
        try:
            self._serve(loop, limit)
            now_ns = self._clock.read_ns()
            tape = close_run(self._run, self._opened, now_ns)
            self._logs.flush()
            self._ended.release()
            return self._report.summary(now_ns, tape, self._sent)
        finally:
            for number, handler in self._handlers.items():
                signal.signal(number, handler)

    def _serve(self, loop: asyncio.AbstractEventLoop, limit: TimeLimit) -> None:
        """Run until the end, and let go of everything outside."""
        try:
            self._turn.serve(loop, self._begin(loop, limit), self._goes_on, self._end)
        finally:
            limit.disarm()
            loop.close()
            safety = self._run.safety
            self._guard.over(left_open=bool(safety.working_count or safety.unknown_count))
            self._access.close()

    def _begin(self, loop: asyncio.AbstractEventLoop, limit: TimeLimit) -> Callable[[], Awaitable[None]]:
        """Return what must be there before the first input; it starts the actors."""
        for number in (signal.SIGINT, signal.SIGTERM):
            self._handlers[number] = signal.signal(number, partial(self._interrupted, loop))

        def begin() -> Awaitable[None]:
            self._opened.enter_registry()
            self._watch_for_the_end()
            limit.arm()
            self._guard.start(loop)
            self._run.system.start()
            self._vitals.begin(loop.call_later, self._turn.wall_ns(SAMPLE_NS))
            return self._control.start()

        return begin

    def _end(self) -> Awaitable[None]:
        """Close every connection; what comes of it is still an input."""
        self._vitals.end()
        for stream, api, rest in self._run.links.values():
            stream.close()
            api.close()
            rest.close()
        return self._control.close()

    def _watched_by(self, head: RunHead) -> Guard:
        def log(text: str) -> None:
            self._logs.engine(self._clock.read_ns(), "log", source="watchdog", text=text)

        access = self._access
        directory, environ = self._opened.directory, access.watchdog_environ()
        return Guard(directory, head.run_id, f"{head.node}-", [access.watched], environ, log)

    # ---- looking

    def _goes_on(self) -> bool:
        """Show the run, end it in time, and say whether it goes on."""
        if self._run.safety.finished:
            return False
        now_ns = self._clock.read_ns()
        snapshot = self._report.snapshot(now_ns, self._progress(now_ns))
        self._display.show(snapshot)
        self._write_state(now_ns, snapshot)
        self._guard.look()
        self._logs.flush()
        self._opened.forget_told()
        duration_s = self._loaded.config.engine.duration_s
        if duration_s and now_ns - self._opened.head.started_ns >= duration_s * NS_PER_SECOND:
            self._stop("the duration is over")
        return not (self._stopped and WallClock().read_ns() > self._stop_by_ns)

    def _write_state(self, now_ns: int, snapshot: Snapshot) -> None:
        """Leave word for whoever looks from outside; a disk that cannot take it halts by the trail, not by this."""
        directory = self._opened.directory
        try:
            write_whole(directory.heartbeat, msgspec.json.encode({"time_ns": now_ns, "pid": os.getpid()}))
            write_whole(directory.state_file, msgspec.json.encode(snapshot))
        except OSError as error:
            self._report.note = f"no heartbeat: {error}"

    def _progress(self, now_ns: int) -> float | None:
        begun_ns, duration_s = self._opened.head.started_ns, self._loaded.config.engine.duration_s
        ends_ns = begun_ns + duration_s * NS_PER_SECOND if duration_s else self._access.ends_ns
        return min((now_ns - begun_ns) / (ends_ns - begun_ns), 1.0) if ends_ns else None

    def _status(self) -> dict[str, Any]:
        now_ns = self._clock.read_ns()
        snapshot = self._report.snapshot(now_ns, self._progress(now_ns))
        execution = self._report.execution()  # only when somebody asks: it is not for every glance
        plain: dict[str, Any] = msgspec.to_builtins(structs.replace(snapshot, execution=execution))
        return plain

    def _waiting(self) -> dict[str, Any]:
        rows = self._run.actor("risk").manual.rows(self._clock.read_ns())
        return {"manual": self._run.safety.policy.manual, "waiting": list(rows)}

    # ---- the way in and out

    def _outside(self, venue: str) -> Outside:
        """Return the files, sockets and keys of this run."""
        opened, access = self._opened, self._access
        return Outside(
            trail=TradesLog(opened.trail, self._logs),
            checkpoints=opened.checkpoints,
            lease=opened.lease,
            gate=RunGate(opened.gate_file.cells, self._write_gate),
            latch=opened.latch,
            policy=PolicyFile(opened.directory.policy, self._policy_failed),
            sent=self._sent,
            urls={venue: Urls(access.urls.stream_url, access.urls.api_url)},
            signers={venue: access.signer},
            links=self._links,
            reply=self._control.reply,
            log=self._log,
        )

    def _say_policy(self, head: RunHead) -> None:
        """Tell the log what is not as persons left it."""
        policy = msgspec.convert(head.policy, PolicyStart)
        for text in (f"safe defaults are in force: {policy.problem}" if policy.problem else "", *policy.notes):
            if text:
                self._logs.engine(head.started_ns, "policy", text=text)

    def _links(self, venue: str, ports: VenuePorts) -> tuple[Link, Link, RestLink]:
        sent = self._sent
        rest_url = self._access.urls.rest_url
        return WebSocketLink(ports.stream, sent), WebSocketLink(ports.api, sent), HttpLink(ports.rest, sent, rest_url)

    def _log(self, source: str, text: str) -> None:
        self._logs.engine(self._run.system.moment.now_ns, "log", source=source, text=text)

    def _policy_failed(self, problem: str) -> None:
        """Halt by an input, so that a replay does the same: what a disk did is not in any message."""
        asyncio.get_running_loop().call_soon(self._run.ports["faults"].deliver, InputKind.FAULT, problem.encode())

    def _slow(self, port: str, took_ns: int) -> None:
        text = f"a turn that {port} began took {took_ns / NS_PER_MS:.1f} ms"
        self._logs.engine(self._run.system.moment.now_ns, "slow", port=port, took_ns=took_ns, text=text)

    def _command(self, payload: bytes) -> None:
        self._run.ports["operator"].deliver(InputKind.COMMAND, payload)

    def _watch_for_the_end(self) -> None:
        """End the run when the venue closes a captured market stream for good: the capture is over."""
        if not self._captured:
            return
        run = self._run
        streams = {run.ports[f"{venue}.stream"].index: f"gateway:{venue}" for venue in run.venues}
        enter = self._turn.enter

        def watching(port: Port, kind: InputKind, payload: bytes) -> None:
            owner = streams.get(port.index) if kind is InputKind.CLOSED and payload.startswith(b"1000") else None
            by_venue = owner is not None and run.actor(owner).stream.state is SessionState.READY
            enter(port, kind, payload)
            if by_venue:
                asyncio.get_running_loop().call_soon(self._stop, "the capture has ended")

        run.system.enter_by(watching)

    def _write_gate(self, word: GateWord) -> None:
        """Store a word; an end says so before it closes the gate, so that nobody takes it for a kill."""
        if word is GateWord.CLOSED and self._run.safety.stopping:
            self._guard.ending()
        self._opened.gate_file.write(word)

    def _stop(self, reason: str, seconds: float = HARD_STOP_SECONDS) -> None:
        stop_by_ns = WallClock().read_ns() + int(seconds * NS_PER_SECOND)
        if not self._stopped:
            self._stopped, self._stop_by_ns = True, stop_by_ns
            self._command(stop_command(reason))
        self._stop_by_ns = min(self._stop_by_ns, stop_by_ns)

    def _interrupted(self, loop: asyncio.AbstractEventLoop, _signal: int, _frame: FrameType | None) -> None:
        """Take a signal. It is Python's own handler, so that a second one ends a process whose loop does not turn."""
        self._interrupts_count += 1
        if self._interrupts_count > 1:
            os._exit(130)
        start_new_thread(self._last_word, ())  # no lock of threading's: the main thread may hold it right now
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._stop, "interrupted", SIGNAL_STOP_SECONDS)

    def _last_word(self) -> None:
        """End the process when its time after a signal is over, whatever loop, venue and disk do."""
        if not self._ended.acquire(timeout=SIGNAL_EXIT_SECONDS):
            os._exit(130)
