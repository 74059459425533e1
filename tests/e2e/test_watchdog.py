"""A watchdog cancels with its own session what an engine leaves that stands still or has gone, and nothing else."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.latch import read_latch
from engine.messages.control import GateWord
from gateways.gate_file import read_gate
from tests.e2e.engines import Place, Process, reached, until
from tests.e2e.venue import Venue, Wire

pytestmark = [pytest.mark.untraced, pytest.mark.timed]

START_SECONDS = 20
CANCEL_SECONDS_MAX = 4.0


def resting(here: Place, venue: Venue, between: Wire) -> Process:
    """Start an engine and wait until it has orders at the venue and its watchdog watches."""
    here.configure(venue.configuration("quoter:Quoter", api_url=between.url), "quoter")
    engine = here.start("run", str(here.root / "config.toml"), "--json")
    engine.until(lambda: reached(here, "NORMAL"), START_SECONDS, "the state NORMAL")
    engine.until(lambda: is_watched(here), START_SECONDS, "the watchdog to look at the heartbeat")
    engine.until(venue.open_orders, START_SECONDS, "an order that rests")
    return engine


def is_watched(here: Place) -> bool:
    """Say whether the watchdog has mapped the heartbeat; before that it is being loaded, and no time counts."""
    maps = Path(f"/proc/{pid_of_watchdog(here) or 'self'}/maps")
    return str(here.data / "state" / "heartbeat") in maps.read_text()


def seconds_to_cancel(here: Place, between: Wire, since_ns: int) -> float:
    """Return how long after a moment the first cancel came; AssertionError with what the watchdog does if none did."""
    try:
        until(lambda: between.cancels(since_ns), 10, "a cancel")
    except TimeoutError:
        status = Path(f"/proc/{pid_of_watchdog(here) or 'self'}/status").read_text().splitlines()[:3]
        words = (here.data / "logs" / "watchdog.txt").read_text()
        raise AssertionError(f"no cancel within 10 s: {status}, {words!r}") from None
    return (between.cancels(since_ns)[0].at_ns - since_ns) / 1e9


def deeds(here: Place, what: str) -> list[dict[str, Any]]:
    """Return what the watchdog has told of one kind."""
    file = here.data / "state" / "watchdog.jsonl"
    lines = file.read_bytes().splitlines() if file.exists() else []
    return [deed for deed in map(msgspec.json.decode, lines) if deed["what"] == what]


def pid_of_watchdog(here: Place) -> int:
    """Return the pid of the watchdog that runs, 0 when none does."""
    file = here.data / "state" / "watchdog.pid"
    return int(file.read_text()) if file.exists() else 0


def watchdog_records(here: Place) -> list[dict[str, Any]]:
    """Return what the trail says of watchdogs."""
    return [one for one in here.records("system.manual_intervention") if one["resource_type"] == "watchdog"]


def test_half_a_pair_for_the_watchdog_stops_the_start(here: Place, venue: Venue) -> None:
    here.configure(venue.configuration("quoter:Quoter"), "quoter")
    ran = here.tiercel("run", str(here.root / "config.toml"), TIERCEL_BINANCE_SPOT_WATCHDOG_SECRET="half")
    assert ran.returncode == 2
    assert "TIERCEL_BINANCE_SPOT_WATCHDOG_KEY is not" in ran.stderr
    by_hand = here.tiercel("watchdog")
    assert by_hand.returncode == 2
    assert "nothing to watch" in by_hand.stderr


def test_an_engine_that_is_stopped_loses_gate_and_orders_within_four_seconds(
    here: Place, venue: Venue, between: Wire
) -> None:
    engine = resting(here, venue, between)
    os.kill(engine.pid, signal.SIGSTOP)
    stopped_ns = time.monotonic_ns()
    until(lambda: deeds(here, "the engine's loop is late"), 3, "the alert")
    took = seconds_to_cancel(here, between, stopped_ns)
    print(f"cancelled {took:.2f} s after the stop")
    assert took <= CANCEL_SECONDS_MAX, deeds(here, "the engine's loop stands still")
    until(lambda: not venue.open_orders(), 5, "no open order")
    assert read_gate(here.data / "state" / "gate") is GateWord.CLOSED
    latch = read_latch(here.data / "state" / "kill.latch")
    assert latch is not None
    assert latch.user == "watchdog"

    os.kill(engine.pid, signal.SIGCONT)
    resumed_ns = time.monotonic_ns()
    engine.until(lambda: reached(here, "EMERGENCY"), START_SECONDS, "the engine to see it")
    assert between.orders(resumed_ns) == []
    engine.interrupt()
    assert engine.wait() == 3
    assert here.json("replay")["same"]


def test_what_a_killed_engine_leaves_is_cancelled_and_the_next_start_says_so(
    here: Place, venue: Venue, between: Wire
) -> None:
    engine = resting(here, venue, between)
    engine.destroy()
    killed_ns = time.monotonic_ns()
    took = seconds_to_cancel(here, between, killed_ns)
    print(f"cancelled {took:.2f} s after the kill")
    (deed,) = until(lambda: deeds(here, "the engine has gone without a word"), 5, "its words")
    assert took <= CANCEL_SECONDS_MAX, deed
    until(lambda: not venue.open_orders(), 5, "no open order")
    assert all(one.startswith("t1-1-") for one in deed["canceled"])
    assert deed["canceled"]
    assert not (here.data / "state" / "kill.latch").exists(), "a crash needs no person: the next start reconciles"
    until(lambda: not pid_of_watchdog(here), 5, "the end of what has nothing left to watch")

    engine = here.start("run", str(here.root / "config.toml"), "--json")
    (told,) = engine.until(lambda: watchdog_records(here), START_SECONDS, "the trail to say so")
    assert told["reason"].startswith("the engine has gone without a word: no beat for 3")
    assert told["metadata"]["canceled"] == deed["canceled"]
    engine.until(lambda: not (here.data / "state" / "watchdog.jsonl").exists(), 5, "what was told to be forgotten")
    first = engine.until(lambda: pid_of_watchdog(here), 5, "the watchdog of this run")
    os.kill(first, signal.SIGKILL)
    engine.until(lambda: pid_of_watchdog(here) not in (0, first), 5, "another one in its place")
    engine.interrupt()
    assert engine.wait() == 0
    assert pid_of_watchdog(here) == 0
    assert len(watchdog_records(here)) == 1
    assert here.json("replay")["same"]
