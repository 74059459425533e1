"""A signal closes the gate, cancels, and ends the process in time, whatever the venue does; a second one at once: M-04.

TIERCEL_SOAK=1 sends 200 of them, at random points, half of them with a venue that swallows everything. A venue lives
through ten: more starts in a minute would use up the request weight that it grants.
"""

from __future__ import annotations

import os
import signal
import time
from random import Random

import pytest

from tests.e2e.engines import Place, Process, reached, rounds, until
from tests.e2e.venue import Venue, Wire

pytestmark = [pytest.mark.untraced, pytest.mark.timed]

START_SECONDS = 30
EXIT_SECONDS_MAX = 6.0
AT_ONCE_SECONDS_MAX = 0.5
SEEDS = range(4, 4 + rounds(1, 20))
POINTS = rounds(3, 10)


def start(here: Place) -> Process:
    return here.start("run", str(here.root / "config.toml"), "--json")


def ends(engine: Process, number: signal.Signals) -> float:
    """Send a signal and return after how many seconds the process has ended."""
    begun = time.monotonic()
    os.kill(engine.pid, number)
    engine.wait(EXIT_SECONDS_MAX + 10)
    return time.monotonic() - begun


def orders_after(engine: Process, between: Wire, after_ns: int) -> None:
    """Wait until the engine has sent an order."""
    engine.until(lambda: between.orders(after_ns), START_SECONDS, "an order")


def lives_for(engine: Process, seconds: float) -> None:
    """Wait for so long, in which the engine must not end."""
    with pytest.raises(TimeoutError):
        until(lambda: not engine.running, seconds, "an end that must not come")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_signal_at_any_point_ends_the_engine_in_time_and_the_next_start_is_clean(
    here: Place, venue: Venue, between: Wire, seed: int
) -> None:
    random = Random(seed)
    here.configure(venue.configuration("quoter:Quoter", api_url=between.url), "quoter")
    for point in range(POINTS):
        engine = start(here)
        swallowed = point % 2 == 1
        if swallowed:
            orders_after(engine, between, time.monotonic_ns())
        lives_for(engine, random.uniform(0.2, 3.0))
        between.swallows = swallowed
        took = ends(engine, random.choice([signal.SIGTERM, signal.SIGINT]))
        signalled_ns = time.monotonic_ns()
        print(f"point {point}: ended after {took:.2f} s{', the venue swallowed everything' if swallowed else ''}")
        assert took <= EXIT_SECONDS_MAX
        assert between.orders(signalled_ns) == []
        between.release()
    count = len(here.records())
    engine = start(here)
    engine.until(lambda: reached(here, "NORMAL", count) or reached(here, "CAUTIOUS", count), START_SECONDS, "a start")
    engine.interrupt()
    assert engine.wait() == 0, engine.stderr
    assert not (here.data / "state" / "kill.latch").exists()
    assert here.json("replay")["same"]
    assert here.tiercel("audit", "verify").returncode == 0


def test_an_engine_that_never_returns_ends_in_time_after_a_signal_and_at_once_after_two(
    here: Place, venue: Venue, between: Wire
) -> None:
    here.configure(venue.configuration("quoter:Quoter", api_url=between.url), "quoter")
    for signals, seconds_max in ((1, EXIT_SECONDS_MAX), (2, AT_ONCE_SECONDS_MAX)):
        began_ns = time.monotonic_ns()
        engine = here.start_faulty("strategy", "hold", "run", str(here.root / "config.toml"), "--json")
        orders_after(engine, between, began_ns)
        (here.root / "fault").touch()
        engine.until((here.root / "faulted").exists, START_SECONDS, "the strategy to hang")
        if signals == 2:
            os.kill(engine.pid, signal.SIGTERM)
            lives_for(engine, 0.3)  # two at the same moment are one to the kernel
        assert ends(engine, signal.SIGTERM) <= seconds_max
        assert engine.wait() == 130
        for left in ("fault", "faulted"):
            (here.root / left).unlink()
        until(lambda: not venue.open_orders_lately(), 10, "the watchdog to cancel what was left")
        if signals == 1:
            assert (here.data / "state" / "kill.latch").exists(), "it stood still for three seconds"
            here.data = here.root / "another"


def test_an_interrupt_before_the_run_has_begun_ends_it_at_once(here: Place, venue: Venue, between: Wire) -> None:
    here.configure(venue.configuration("quoter:Quoter", api_url=between.url), "quoter")
    source = here.root / "quoter.py"
    source.write_text(
        f"{source.read_text()}\nfrom pathlib import Path\n"
        "Path(__file__).with_name('loading').touch()\n"
        "while True:\n    try:\n        sum(range(1000))\n    except BaseException:\n        pass\n"
    )
    engine = start(here)
    engine.until((here.root / "loading").exists, START_SECONDS, "the strategy to be loaded")
    assert ends(engine, signal.SIGINT) <= AT_ONCE_SECONDS_MAX
    assert engine.wait() == 130
    assert here.records() == []


def test_an_end_that_hangs_ends_in_time_after_a_signal(here: Place, venue: Venue, between: Wire) -> None:
    here.configure(venue.configuration("quoter:Quoter", api_url=between.url), "quoter")
    words = ("run", str(here.root / "config.toml"), "--json", "--duration", "1s")
    engine = here.start_faulty("closing", "hold", *words)
    engine.until((here.root / "faulted").exists, START_SECONDS, "the end to hang")
    assert ends(engine, signal.SIGTERM) <= EXIT_SECONDS_MAX
    assert engine.wait() == 130


def test_a_second_signal_ends_the_engine_at_once(here: Place, venue: Venue, between: Wire) -> None:
    here.configure(venue.configuration("quoter:Quoter", api_url=between.url), "quoter")
    engine = start(here)
    engine.until(between.orders, START_SECONDS, "a first order")
    between.swallows = True
    os.kill(engine.pid, signal.SIGTERM)
    lives_for(engine, 0.5)
    assert ends(engine, signal.SIGTERM) <= AT_ONCE_SECONDS_MAX
    assert engine.wait() == 130
    between.release()
    until(lambda: not venue.open_orders_lately(), 5, "the watchdog to cancel what was left")
