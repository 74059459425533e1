"""A backtest: simulator and engine in one process on one simulated clock, as fast as the machine can.

Such a run is a pure function of capture, configuration and seed. It needs no socket and no event loop; a person's
commands reach it through files alone (the gate), and Ctrl-C ends it like a capture's end.
"""

from __future__ import annotations

import os
import signal

from actors.safety.policy import NoStore
from actors.strategy.loading import LoadedStrategy
from engine.cli.assembly import Outside, RunGate, VenuePorts, assemble
from engine.cli.ending import close_run, connect_turn, stop_command
from engine.cli.failures import explain_failures, is_ours
from engine.cli.opening import Opened
from engine.cli.report import Report
from engine.cli.venue_process import make_simulator, venue_order
from engine.clock import NS_PER_MS, NS_PER_SECOND, WallClock
from engine.config.load import Loaded
from engine.config.rules import instrument_names
from engine.instruments import Instrument
from engine.runtime.port import InputKind
from engine.runtime.turn import SimulatedTurn
from engine.supervision.time_limit import TimeLimit
from engine.tape.sent import SentDigest
from engine.telemetry.display import Display
from engine.telemetry.logs import Logs
from engine.telemetry.summary import Summary
from engine.telemetry.vitals import SteadyVitals
from gateways.binance.gateway import Urls
from gateways.binance.market import parse_exchange_info, parse_rate_limits
from gateways.binance.signing import signer_of
from gateways.binance.simulator import BinanceSimulator
from gateways.throttle import RateLimit
from gateways.transport.link import Link, RestLink
from gateways.transport.memory import MemoryLink, MemoryNetwork, MemoryRestLink

SHOW_EVERY = 2_000
"""Inputs between two looks for the display."""

SYNTHETIC_START_NS = 1_704_067_200 * NS_PER_SECOND
"""2024-01-01T00:00:00Z: where the clock of a backtest on the synthetic market begins."""


def symbols_of(loaded: Loaded, venue: str) -> list[str]:
    """Return the symbols of a venue, in the order of configuration."""
    names = [name.partition(":") for name in instrument_names(loaded.config)]
    return [symbol for owner, _, symbol in names if owner == venue]


def describe(body: bytes, venue: str, symbols: list[str]) -> tuple[list[Instrument], list[RateLimit]]:
    """Return what a venue's exchange information says."""
    return parse_exchange_info(body, venue, symbols), parse_rate_limits(body, venue)


def exchange_info(simulator: BinanceSimulator, now_ns: int) -> bytes:
    """Ask a simulator in this process what it lists."""
    answers: list[bytes] = []
    simulator.request("GET", "/api/v3/exchangeInfo", now_ns, lambda _status, body: answers.append(body))
    return answers[0]


class SimulatedRun:
    """One backtest from opening to summary."""

    def __init__(self, loaded: Loaded, opened: Opened, display: Display, strategies: list[LoadedStrategy]) -> None:
        """Make the venue and the run. UsageError when a capture cannot be played."""
        self._loaded = loaded
        self._opened = opened
        self._display = display
        (venue,) = loaded.config.venues
        symbols = symbols_of(loaded, venue)
        self._simulator = make_simulator(venue_order(loaded.config, venue, symbols))
        first_ns = self._simulator.first_ns
        started_ns = SYNTHETIC_START_NS if first_ns is None else first_ns - NS_PER_SECOND
        instruments, rate_limits = describe(exchange_info(self._simulator, started_ns), venue, symbols)
        signer = signer_of(self._simulator.keys.ed25519)
        head = opened.begin(
            loaded,
            instruments,
            {venue: rate_limits},
            {venue: signer.logs_on},
            strategies,
            started_ns,
            WallClock().read_ns(),
        )
        self._logs = Logs(opened.directory.logs, head.run_id)
        self._sent = SentDigest()
        self._network = MemoryNetwork(self._now_ns, loaded.config.venues[venue].order_latency_ms * NS_PER_MS)
        self._network.connect(self._simulator)
        self._simulator.send = self._network.from_venue
        self._simulator.close = self._network.venue_closes
        self._run = assemble(
            head,
            Outside(
                trail=opened.trail,
                checkpoints=opened.checkpoints,
                lease=opened.lease,
                gate=RunGate(opened.gate_file.cells, opened.gate_file.write),
                latch=opened.latch,
                policy=NoStore(),
                sent=self._sent,
                urls={venue: Urls("ws://simulator", "ws://simulator")},
                signers={venue: signer},
                links=self._links,
                reply=lambda _request, _ok, _answer: None,
                log=self._log,
            ),
        )
        ports = self._run.ports
        self._turn = SimulatedTurn(
            self._run.system,
            self._run.supervisor,
            opened.tape,
            ports["timers"],
            ports["faults"],
            [SteadyVitals(ports["health"], started_ns), self._network],
        )
        connect_turn(self._run, self._turn, opened, self._sent)
        self._report = Report(self._run, self._turn, head)
        self._run.supervisor.on_failure = explain_failures(self._run, self._report, self._logs, head.run_id)
        self._ended = False
        self._inputs_count = 0
        self._interrupts_count = 0

    @property
    def failures(self) -> list[str]:
        """What the authors of strategies should read."""
        return self._report.failures

    def go(self) -> Summary:
        """Run to the end and return what it came to."""
        previous = signal.signal(signal.SIGINT, self._interrupted)
        limit = TimeLimit(
            self._run.system.dispatcher,
            self._loaded.config.limits.handler_stop_ms * NS_PER_MS,
            is_ours,
            lambda _step: self._turn.note(self._run.ports["gate"], InputKind.INTERRUPTED, b""),
        )
        limit.arm()
        try:
            self._run.system.start()
            self._turn.run(self._is_over)
            limit.disarm()
            now_ns = self._now_ns()
            summary_of_tape = close_run(self._run, self._opened, now_ns)
            self._logs.flush()
            return self._report.summary(now_ns, summary_of_tape, self._sent)
        finally:
            limit.disarm()
            signal.signal(signal.SIGINT, previous)

    def _now_ns(self) -> int:
        return self._turn.time_ns

    def _links(self, venue: str, ports: VenuePorts) -> tuple[Link, Link, RestLink]:
        network, sent = self._network, self._sent
        return (
            MemoryLink(ports.stream, sent, network),
            MemoryLink(ports.api, sent, network),
            MemoryRestLink(ports.rest, sent, network),
        )

    def _is_over(self) -> bool:
        """Look at the display now and then, and end the run with its capture or its time."""
        self._inputs_count += 1
        if self._inputs_count % SHOW_EVERY == 0:
            self._display.show(self._report.snapshot(self._now_ns(), self._progress()))
            self._logs.flush()
        if self._interrupts_count:
            self._end("interrupted")
        if not self._ended and (self._simulator.ended or self._out_of_time()):
            self._end("the capture has ended" if self._simulator.ended else "the duration is over")
        return self._run.safety.finished

    def _out_of_time(self) -> bool:
        duration_s = self._loaded.config.engine.duration_s
        return bool(duration_s) and self._now_ns() >= self._opened.head.started_ns + duration_s * NS_PER_SECOND

    def _progress(self) -> float | None:
        first_ns, last_ns = self._opened.head.started_ns, self._simulator.last_ns
        duration_s = self._loaded.config.engine.duration_s
        if duration_s:
            return min((self._now_ns() - first_ns) / (duration_s * NS_PER_SECOND), 1.0)
        if last_ns is None:
            return None
        return min((self._now_ns() - first_ns) / (last_ns - first_ns), 1.0)

    def _log(self, source: str, text: str) -> None:
        self._logs.engine(self._run.system.moment.now_ns, "log", source=source, text=text)

    def _interrupted(self, _signum: int, _frame: object) -> None:
        """Ask for the end; a signal comes in the middle of anything, so nothing is delivered here."""
        self._interrupts_count += 1
        if self._interrupts_count > 1:
            os._exit(130)

    def _end(self, reason: str) -> None:
        if not self._ended:
            self._ended = True
            self._run.ports["operator"].deliver(InputKind.COMMAND, stop_command(reason))
