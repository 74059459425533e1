"""The embedded venue: our simulator as a process of its own on loopback, for as long as the engine lives.

The engine writes what the venue should be to the child's standard input, the child answers with one line of JSON that
says where it listens and which key pair it accepts, and it ends when the pipe closes: a killed engine leaves nothing
behind.
"""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.clock import NS_PER_SECOND, Clock, ScaledClock, WallClock, monotonic_ns
from engine.config.model import Config
from engine.errors import UsageError, VenueError
from gateways.binance.simulator import BinanceSimulator, SimulatorOptions
from gateways.simulator.accounts import Fees
from hotpath.core.units import money

LEAD_SECONDS_MAX = 3
"""Capture time before its first line at which its clock starts; less than the silence that a stream may keep. Lines
that are late, because nobody listened yet, are played at once."""


class VenueOrder(Struct, frozen=True):
    """What the venue should be."""

    venue: str
    seed: int
    captures: list[str]
    symbols: list[str]
    balances: dict[str, str]
    maker_fee_bps: str
    taker_fee_bps: str
    start_price: str
    messages_per_second: int
    speed: float


class VenueReport(Struct, frozen=True):
    """Where the venue listens, which pair it accepts, and which clock it runs on."""

    rest_url: str
    stream_url: str
    api_url: str
    api_key: str
    private_key: str
    second_key: str
    second_secret: str
    """An HMAC pair of the same account: the watchdog's own."""
    capture_start_ns: int
    origin_monotonic_ns: int
    capture_end_ns: int
    """When the last line was recorded; 0 for a synthetic market, which has none."""


def venue_order(config: Config, venue: str, symbols: list[str]) -> VenueOrder:
    """Say what the configuration wants of an embedded venue."""
    simulator = config.venues[venue].simulator
    return VenueOrder(
        venue=venue,
        seed=config.engine.seed,
        captures=list(config.engine.captures),
        symbols=symbols,
        balances={asset: f"{amount:f}" for asset, amount in simulator.balances.items()},
        maker_fee_bps=f"{simulator.maker_fee_bps:f}",
        taker_fee_bps=f"{simulator.taker_fee_bps:f}",
        start_price=f"{simulator.start_price:f}",
        messages_per_second=simulator.messages_per_second,
        speed=1.0 if config.engine.speed == "max" else float(config.engine.speed),
    )


def make_simulator(order: VenueOrder, *, begins_when_heard: bool = False) -> BinanceSimulator:
    """Make the venue, in whatever process this is. UsageError when a capture cannot be played."""
    options = SimulatorOptions(
        venue=order.venue,
        seed=order.seed,
        balances={asset: money(amount) for asset, amount in order.balances.items()},
        fees=Fees.of_bps(Decimal(order.maker_fee_bps), Decimal(order.taker_fee_bps)),
    )
    if order.captures:
        if len(order.symbols) != 1:
            raise UsageError(f"a capture holds one instrument, the configuration names {', '.join(order.symbols)}")
        return BinanceSimulator.recorded(
            [Path(path) for path in order.captures],
            options,
            symbol=order.symbols[0],
            begins_when_heard=begins_when_heard,
        )
    price_ticks = int(Decimal(order.start_price) * 100)
    prices = dict.fromkeys(order.symbols, price_ticks)
    return BinanceSimulator.synthetic(options, prices_ticks=prices, messages_per_second=order.messages_per_second)


class VenueProcess:
    """The child and its pipes."""

    def __init__(self, order: VenueOrder) -> None:
        """Start the child and wait until it listens. VenueError with its words when it does not."""
        self._child = subprocess.Popen(
            [sys.executable, "-m", "engine.cli.venue_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(msgspec.json.encode(order) + b"\n")
        self._child.stdin.flush()
        line = self._child.stdout.readline()
        if not line:
            assert self._child.stderr is not None
            words = self._child.stderr.read().decode("utf-8", "replace").strip()
            raise VenueError(f"the embedded venue did not start: {words or 'it said nothing'}")
        self.report = msgspec.json.decode(line, type=VenueReport)

    def close(self) -> None:
        """Let the child end."""
        assert self._child.stdin is not None
        self._child.stdin.close()
        try:
            self._child.wait(5)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()


def clock_of(report: VenueReport, speed: float) -> Clock:
    """Return the clock that venue and engine share."""
    if report.capture_start_ns:
        return ScaledClock(report.capture_start_ns, speed, report.origin_monotonic_ns)
    return WallClock()


def clock_for(simulator: BinanceSimulator, speed: float) -> tuple[Clock, int, int]:
    """Return the clock of a venue that starts now, and the two numbers that another process needs to share it."""
    if simulator.first_ns is None:
        return WallClock(), 0, 0
    start_ns = simulator.first_ns - LEAD_SECONDS_MAX * NS_PER_SECOND
    origin_ns = monotonic_ns()
    return ScaledClock(start_ns, speed, origin_ns), start_ns, origin_ns


def main() -> None:
    """Be the child."""
    from gateways.simulator.server import Listening, run_server

    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=VenueOrder)
    try:
        simulator = make_simulator(order)
    except UsageError as problem:
        sys.exit(str(problem))
    clock, start_ns, origin_ns = clock_for(simulator, order.speed)

    def ready(listening: Listening) -> None:
        pair = simulator.keys.ed25519
        report = VenueReport(
            rest_url=listening.rest_url,
            stream_url=listening.stream_url,
            api_url=listening.api_url,
            api_key=pair.api_key,
            private_key=pair.private_key_pem.decode(),
            second_key=simulator.keys.hmac.api_key,
            second_secret=simulator.keys.hmac.secret,
            capture_start_ns=start_ns,
            origin_monotonic_ns=origin_ns,
            capture_end_ns=simulator.last_ns or 0,
        )
        sys.stdout.buffer.write(msgspec.json.encode(report) + b"\n")
        sys.stdout.buffer.flush()

    run_server(simulator, clock.read_ns, ready, until_closed=sys.stdin.fileno())


if __name__ == "__main__":
    main()
