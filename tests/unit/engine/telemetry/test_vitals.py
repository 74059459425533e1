"""What the engine measures of itself, on clocks that belong to the test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.clock import NS_PER_MS, NS_PER_SECOND
from engine.runtime.port import InputKind, Port
from engine.telemetry.vitals import (
    REPORT_SAMPLES,
    SAMPLE_NS,
    STEADY_PERIOD_NS,
    WINDOW_SAMPLES,
    Measured,
    SteadyVitals,
    Vitals,
    free_pct,
    measured,
)


class World:
    """A loop, a trail and a disk that do what the test says."""

    def __init__(self) -> None:
        self.now_ns = self.divergence_ns = 1_000 * NS_PER_SECOND
        self.told_seq = self.durable_seq = 7
        self.backlog_pct = 0
        self.disk_free_pct = 60
        self.taken: list[Measured] = []
        self.waiting: list[tuple[int, Callable[[], None]]] = []
        self.port = Port(0, "health", self.take, lambda port, kind, payload: port.receive(kind, payload))
        self.vitals = Vitals(
            self.port,
            self,
            lambda: self.disk_free_pct,
            clock_ns=lambda: self.now_ns,
            divergence_ns=lambda: self.divergence_ns,
        )

    def take(self, kind: InputKind, payload: bytes) -> None:
        assert kind is InputKind.MEASURED
        self.taken.append(measured(payload))

    def call_later(self, seconds: float, call: Callable[[], None]) -> None:
        self.waiting.append((self.now_ns + round(seconds * NS_PER_SECOND), call))

    def begin(self) -> None:
        self.vitals.begin(self.call_later, SAMPLE_NS)

    def run(self, samples: int, late_ns: int = 0) -> Measured:
        """Let so many timers fire, each so late; returns the last measurement."""
        for _ in range(samples):
            due_ns, call = self.waiting.pop(0)
            self.now_ns = due_ns + late_ns
            call()
        return self.taken[-1]


@pytest.fixture
def world() -> World:
    world = World()
    world.begin()
    return world


def test_the_first_measurement_comes_at_once_and_then_ten_a_second(world: World) -> None:
    assert len(world.taken) == 1
    world.run(NS_PER_SECOND // SAMPLE_NS)
    assert len(world.taken) == 11
    assert world.taken[-1] == Measured(disk_free_pct=60)


def test_the_loop_is_late_by_what_its_timers_are_late(world: World) -> None:
    world.run(1, late_ns=300 * NS_PER_MS)
    assert world.run(REPORT_SAMPLES - 1).loop_lag_ns == 300 * NS_PER_MS
    assert world.run(REPORT_SAMPLES).loop_lag_ns == 0, "the longest since the last measurement"


def test_one_stall_does_not_make_the_p99_and_many_do(world: World) -> None:
    world.run(WINDOW_SAMPLES)
    world.run(1, late_ns=NS_PER_SECOND)
    assert world.run(REPORT_SAMPLES).loop_lag_p99_ns == 0
    world.run(WINDOW_SAMPLES // 50, late_ns=30 * NS_PER_MS)
    assert world.run(REPORT_SAMPLES).loop_lag_p99_ns == 30 * NS_PER_MS
    assert world.run(WINDOW_SAMPLES).loop_lag_p99_ns == 0, "ten seconds later it is forgotten"


def test_a_record_that_does_not_reach_the_disk_is_a_lag_that_grows(world: World) -> None:
    world.told_seq = 8
    world.run(REPORT_SAMPLES)
    lag_ns = world.run(REPORT_SAMPLES).audit_lag_ns
    assert lag_ns >= REPORT_SAMPLES * SAMPLE_NS
    world.told_seq = 9
    assert world.run(REPORT_SAMPLES).audit_lag_ns == lag_ns + REPORT_SAMPLES * SAMPLE_NS, "newer ones change nothing"
    world.durable_seq = 9
    assert world.run(REPORT_SAMPLES).audit_lag_ns == 0


def test_backlog_disk_and_clock_are_what_they_are_when_asked(world: World) -> None:
    world.backlog_pct, world.disk_free_pct = 81, 4
    world.divergence_ns -= 3_600 * NS_PER_SECOND
    last = world.run(NS_PER_SECOND // SAMPLE_NS)
    assert (last.audit_backlog_pct, last.disk_free_pct) == (81, 4)
    assert last.clock_step_ns == -3_600 * NS_PER_SECOND


def test_the_disk_is_asked_once_a_second(world: World) -> None:
    world.disk_free_pct = 4
    assert world.run(REPORT_SAMPLES).disk_free_pct == 60
    assert world.run(9 * REPORT_SAMPLES).disk_free_pct == 4


def test_after_the_end_nothing_is_measured(world: World) -> None:
    world.vitals.end()
    world.run(1)
    assert world.waiting == []
    assert len(world.taken) == 1


def test_a_simulated_run_is_well_once_a_second_of_its_own_clock() -> None:
    world = World()
    steady = SteadyVitals(world.port, 5)
    assert steady.next_ns() == 5
    steady.fire(5)
    assert (steady.next_ns(), world.taken) == (5 + STEADY_PERIOD_NS, [Measured()])


def test_free_space_is_a_percentage_and_a_disk_that_is_gone_has_none(tmp_path: Path) -> None:
    assert 0 <= free_pct(tmp_path) <= 100
    assert free_pct(tmp_path / "gone") == 0


@pytest.mark.parametrize("payload", [b"", b"{}", b'["x"]', b"[1.5]"])
def test_what_is_no_measurement_is_refused(payload: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        measured(payload)


def test_a_measurement_survives_the_tape() -> None:
    values: Any = Measured(1, 2, 3, 4, -5, 6)
    assert measured(msgspec.json.encode(values)) == values
