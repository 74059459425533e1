"""A kill works whatever actor hangs, under a flood of market data, and through every SIGKILL (S-01 to S-03).

What hangs here catches every interruption, so nothing of the engine helps: the gate is closed by the file, and the
orders are cancelled by the watchdog. TIERCEL_SOAK=1 adds the hangs that can be interrupted, and 200 SIGKILLs.
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from random import Random

import pytest

from engine.latch import read_latch
from engine.messages.control import GateWord
from gateways.gate_file import GateFile, read_gate
from tests.e2e.engines import SOAK, Place, Process, place, reached, rounds, summary_of, until
from tests.e2e.faulty import ACTORS
from tests.e2e.venue import Venue, Wire, wire

pytestmark = [pytest.mark.untraced, pytest.mark.timed]

START_SECONDS = 30
GATE_MS_MAX = 10.0
CANCEL_MS_MAX = 250.0
HUNG_SECONDS_MAX = 10.0
NODES = (f"n{number}" for number in count(1))
"""Engines that share a venue need ids of their own."""


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Venue]:
    with place(tmp_path_factory.mktemp("venue")) as somewhere:
        yield Venue(somewhere)


@pytest.fixture(scope="module")
def between(venue: Venue) -> Iterator[Wire]:
    with wire(venue.api_url) as one:
        yield one


@pytest.fixture
def here(tmp_path: Path, venue: Venue) -> Iterator[Place]:
    with place(tmp_path) as one:
        one.environ |= venue.environ
        yield one


def resting(here: Place, venue: Venue, between: Wire, *fault: str, strategy: str = "quoter:Quoter") -> Process:
    """Start an engine, with a fault to be or without, and wait until an order of it has reached the venue."""
    text = venue.configuration(strategy, api_url=between.url).replace("[engine]", f'[engine]\nnode = "{next(NODES)}"')
    text = text.replace(
        "[[strategies]]",
        "[[strategies]]\nparams = { spins_at = 1_000_000_000 }" if "spinner" in strategy else "[[strategies]]",
    )
    here.configure(text, strategy.partition(":")[0])
    words = ("run", str(here.root / "config.toml"), "--json")
    before = len(between.orders())
    engine = here.start_faulty(*fault, *words) if fault else here.start(*words)
    engine.until(lambda: len(between.orders()) > before, START_SECONDS, "a first order")
    engine.until(lambda: reached(here, "NORMAL"), START_SECONDS, "the state NORMAL")
    return engine


def killed(here: Place, engine: Process) -> tuple[int, Process]:
    """Kill trading; returns the moment at which the gate was seen closed, and the command, which may still run."""
    gate = here.data / "state" / "gate"
    command = here.start("kill", "--reason", "a test")
    engine.until(lambda: read_gate(gate) is GateWord.CLOSED, START_SECONDS, "the gate to be closed")
    return time.monotonic_ns(), command


def lives_for(engine: Process, seconds: float) -> None:
    """Wait for so long, in which the engine must not end."""
    with pytest.raises(TimeoutError):
        until(lambda: not engine.running, seconds, "an end that must not come")


def no_orders_stand(venue: Venue, seconds: float) -> None:
    """Wait until nothing is open at the venue."""
    until(lambda: not venue.open_orders_lately(), seconds, "no open order")


@pytest.mark.parametrize("mode", ["hold", "spin"] if SOAK else ["hold"])
@pytest.mark.parametrize("actor", ACTORS)
def test_a_kill_works_while_an_actor_hangs(here: Place, venue: Venue, between: Wire, actor: str, mode: str) -> None:
    engine = resting(here, venue, between, actor, mode)
    (here.root / "fault").touch()
    engine.until((here.root / "faulted").exists, START_SECONDS, "the actor to hang")
    closed_ns, command = killed(here, engine)
    no_orders_stand(venue, HUNG_SECONDS_MAX)
    nothing_ms = (time.monotonic_ns() - closed_ns) / 1e6
    cancels = between.cancels(closed_ns)
    first_ms = (cancels[0].at_ns - closed_ns) / 1e6 if cancels else 0.0
    print(f"{actor} hangs: the first cancel {first_ms:.0f} ms after the gate, nothing stood after {nothing_ms:.0f} ms")
    found = re.search(r"gate closed in ([0-9.]+) ms", command.stdout)
    assert found, command.stdout
    assert float(found[1]) < GATE_MS_MAX
    assert between.orders(closed_ns) == []
    assert read_latch(here.data / "state" / "kill.latch") is not None


def test_a_kill_works_under_a_flood_of_market_data(tmp_path: Path) -> None:
    with place(tmp_path) as here:
        venue = Venue(here, "--messages-per-second", "5000")
        here.environ |= venue.environ
        with wire(venue.api_url) as between:
            engine = resting(here, venue, between, strategy="spinner:Spinner")
            engine.until(venue.open_orders_lately, START_SECONDS, "an order that rests")
            closed_ns, command = killed(here, engine)
            engine.until(lambda: between.cancels(closed_ns), 5, "a cancel")
            took_ms = (between.cancels(closed_ns)[0].at_ns - closed_ns) / 1e6
            print(f"the first cancel left {took_ms:.1f} ms after the gate was closed")
            assert took_ms < CANCEL_MS_MAX
            assert command.wait() == 0, command.stderr
            no_orders_stand(venue, 5)
            engine.interrupt()
            assert engine.wait() == 3
            assert between.orders(closed_ns) == []
            assert here.json("replay")["sent_digest"] == summary_of(engine)["sent"]["digest"]


def test_from_command_to_gate_is_below_ten_milliseconds_at_the_99th_percentile(
    here: Place, venue: Venue, between: Wire
) -> None:
    engine = resting(here, venue, between)
    gate = here.data / "state" / "gate"
    took_ms = []
    for _ in range(rounds(1_000, 100_000)):
        begun_ns = time.perf_counter_ns()
        mapped = GateFile.open(gate)
        mapped.cells[1] = int(GateWord.CLOSED)
        took_ms.append((time.perf_counter_ns() - begun_ns) / 1e6)
        mapped.close()
    p99 = statistics.quantiles(took_ms, n=100)[98]
    print(f"command to gate: p50 {statistics.median(took_ms):.3f} ms, p99 {p99:.3f} ms")
    assert p99 < GATE_MS_MAX
    engine.until(lambda: reached(here, "EMERGENCY"), START_SECONDS, "the engine to see it")
    no_orders_stand(venue, 5)


def test_the_latch_survives_every_sigkill(here: Place, venue: Venue, between: Wire) -> None:
    random = Random(3)
    engine = resting(here, venue, between)
    closed_ns, _ = killed(here, engine)
    latch = here.data / "state" / "kill.latch"
    until(latch.exists, 5, "the latch")
    engine.destroy()
    for _ in range(rounds(20, 200)):
        engine = here.start("run", str(here.root / "config.toml"), "--json")
        lives_for(engine, random.uniform(0, 0.5))
        engine.destroy()
        assert latch.exists()
        assert read_gate(here.data / "state" / "gate") is GateWord.CLOSED
    engine = here.start("run", str(here.root / "config.toml"), "--json")
    engine.until(lambda: "EMERGENCY" in here.tiercel("status").stdout, START_SECONDS, "the last start")
    assert between.orders(closed_ns) == []
    engine.interrupt()
    assert engine.wait() == 3
