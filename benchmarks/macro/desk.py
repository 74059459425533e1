"""The configuration of the full-engine rows, and the engine itself run at full speed in this process.

Everything is what `tiercel run` builds: every actor, every check, the tape and the trail on disk. Two things differ:
the venue at the other end of the in-memory network is the one of this folder, and limits are so high that an order on
every quote passes them. Latencies are the engine's own, taken apart by the kind of frame that caused the order.
"""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from actors.safety.policy import NoStore
from benchmarks.macro.market import SYMBOL, VENUE, Kind, Market
from benchmarks.macro.network import DirectLink, DirectNetwork, DirectRestLink
from benchmarks.macro.venue import BenchVenue
from engine.cli.assembly import Outside, RunGate, VenuePorts, assemble
from engine.cli.ending import close_run, connect_turn, stop_command
from engine.cli.opening import Opened
from engine.cli.simulated import describe
from engine.cli.strategies import load_strategies
from engine.clock import NS_PER_SECOND
from engine.config.load import Loaded, load_config
from engine.cpu_latency import NOT_ASKED_US
from engine.datadir import DataDir
from engine.runtime.port import InputKind
from engine.runtime.turn import SimulatedTurn
from engine.tape.sent import SentDigest
from engine.telemetry.vitals import SteadyVitals
from gateways.binance.gateway import Urls
from gateways.binance.signing import signer_of
from gateways.transport.link import Link, RestLink
from hotpath.core.histogram import Histogram

EARLY_DENIALS_MAX = 16
"""Orders that ask before the account has its first mark, a second or two: an unknown loss of the day denies."""

ORDERING = "benchmarks.macro.strategies:OrderOnEveryQuote"
LOOKING = "benchmarks.macro.strategies:OnlyLooks"
WARM_UP, WARM_UP_TINY = 2_000, 100
A_DAY_S = 86_400
"""Longer than any market of ours: a run in this process ends with its frames."""

CONFIGURATION = """
[engine]
mode = "{mode}"
loop = "{loop}"
cpu_latency_us = {cpu_latency_us}
seed = 1
duration_s = {duration_s}

[venues.{venue}]
environment = "{environment}"
{urls}

[[strategies]]
class = "{strategy}"
name = "bench"
instruments = ["{symbol}"]

[risk]
market_data_age_ms = 60_000
max_order_value = "10000000"
open_orders_instrument_max = 4_096
open_orders_max = 4_096
daily_orders_max = 100_000_000
depth_order_pct = "100"
new_orders_per_second = 100_000
messages_per_second = 100_000
order_to_trade_from = 100_000_000
losses_in_row_max = 1_000_000
max_daily_loss_pct = "100"
max_daily_loss = "10000000000"
max_drawdown_pct = "100"
max_drawdown = "10000000000"
max_position_pct = "1000"
max_position_value = "10000000000"
gross_exposure_pct = "1000"
net_exposure_pct = "1000"

[feed]
stale_after_ms = 600_000
"""


def backtest_configuration(strategy: str) -> str:
    """Return the configuration of the run in this process."""
    return CONFIGURATION.format(
        mode="backtest",
        loop="sleep",
        cpu_latency_us=NOT_ASKED_US,
        duration_s=A_DAY_S,
        venue=VENUE,
        environment="embedded",
        urls="",
        strategy=strategy,
        symbol=SYMBOL,
    )


def live_configuration(port: int, *, loop: str, strategy: str, cpu_latency_us: int) -> str:
    """Return the configuration of a run that reaches the venue on a port of loopback."""
    urls = (
        f'rest_url = "http://127.0.0.1:{port}"\nstream_url = "ws://127.0.0.1:{port}"\napi_url = "ws://127.0.0.1:{port}"'
    )
    return CONFIGURATION.format(
        mode="live",
        loop=loop,
        cpu_latency_us=cpu_latency_us,
        duration_s=0,
        venue=VENUE,
        environment="local",
        urls=urls,
        strategy=strategy,
        symbol=SYMBOL,
    )


class Answer(NamedTuple):
    """What a run at full speed came to."""

    latencies: dict[Kind, Histogram]
    frames_count: int
    orders_count: int
    head: str


class FullSpeed:
    """One run at full speed, from an empty data directory to the end of its frames."""

    def __init__(self, market: Market, directory: Path, *, warm_up: int, strategy: str = ORDERING) -> None:
        """Build the run; latencies count from the frame after the first `warm_up`."""
        self._venue = venue = BenchVenue(market.streamed(), market.snapshot)
        self._warm_up = warm_up
        self._frames_count = 0
        self._latencies = {kind: Histogram() for kind in Kind}
        self._cold = Histogram()
        loaded = _load(directory, strategy)
        self._opened = opened = Opened(DataDir(directory / "data"))
        started_ns = market.frames[0].time_ns - NS_PER_SECOND
        info: list[bytes] = []
        venue.request("GET", "/api/v3/exchangeInfo", started_ns, lambda _status, body: info.append(body))
        instruments, rate_limits = describe(info[0], VENUE, [SYMBOL])
        signer = signer_of(venue.keys.ed25519)
        head = opened.begin(
            loaded,
            instruments,
            {VENUE: rate_limits},
            {VENUE: signer.logs_on},
            load_strategies(loaded),
            started_ns,
            started_ns,
        )
        self._sent = sent = SentDigest()
        self._network = network = DirectNetwork(venue)
        venue.on_frame = self._count

        def links(_venue: str, ports: VenuePorts) -> tuple[Link, Link, RestLink]:
            return (
                DirectLink(ports.stream, sent, network),
                DirectLink(ports.api, sent, network),
                DirectRestLink(ports.rest, sent, network),
            )

        self._run = run = assemble(
            head,
            Outside(
                trail=opened.trail,
                checkpoints=opened.checkpoints,
                lease=opened.lease,
                gate=RunGate(opened.gate_file.cells, opened.gate_file.write),
                latch=opened.latch,
                sent=sent,
                urls={VENUE: Urls("ws://bench", "ws://bench")},
                signers={VENUE: signer},
                links=links,
                reply=lambda _request, _ok, _answer: None,
                policy=NoStore(),
            ),
        )
        self._turn = SimulatedTurn(
            run.system,
            run.supervisor,
            opened.tape,
            run.ports["timers"],
            run.ports["faults"],
            [SteadyVitals(run.ports["health"], head.started_ns), network],
        )
        connect_turn(run, self._turn, opened, sent)
        self._stopped = False

    def go(self) -> Answer:
        """Run to the end. ValueError when an order was denied or the run did not end in order."""
        run = self._run
        try:
            run.system.start()
            self._turn.run(self._is_over)
            close_run(run, self._opened, self._turn.time_ns)
        finally:
            self._opened.close()
        denied, halts, dead = run.actor("risk").denied_count, run.safety.halts_count, run.dead_letters_count
        if denied > EARLY_DENIALS_MAX or halts or dead:
            raise ValueError(f"{denied} orders denied, {halts} halts, {dead} dead letters; the row needs none of them")
        return Answer(self._latencies, self._frames_count, self._venue.orders_count, run.writer.head)

    def _count(self, kind: Kind) -> None:
        """Note that a frame is being sent: what it causes is counted under its kind."""
        self._frames_count += 1
        self._turn.reaction.times = self._cold if self._frames_count <= self._warm_up else self._latencies[kind]

    def _is_over(self) -> bool:
        """Look whether the frames have ended, and then whether the run has."""
        if not self._venue.is_over:
            return False
        if not self._stopped and self._network.next_ns() is None:
            self._stopped = True
            self._run.ports["operator"].deliver(InputKind.COMMAND, stop_command("the frames have ended"))
        return self._run.safety.finished


def _load(directory: Path, strategy: str) -> Loaded:
    path = directory / "bench.toml"
    path.write_text(backtest_configuration(strategy))
    return load_config(path, {key: value for key, value in os.environ.items() if not key.startswith("RISK_")})


def limited(market: Market, frames_max: int) -> Market:
    """Return the beginning of a market."""
    return market._replace(frames=tuple(islice(market.frames, frames_max)))
