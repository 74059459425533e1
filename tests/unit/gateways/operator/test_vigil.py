"""What a silence means, and what is no silence: our own sleep, the machine's, a count that has moved."""

from __future__ import annotations

import pytest

from engine.heartbeat import Phase
from gateways.operator.vigil import GAP_NS_MAX, Look, Sight, Vigil

MS = 1_000_000
SECOND = 1_000 * MS
PID = 4711


class Bench:
    """A vigil and an engine whose every property is the test's; it looks every 100 ms."""

    def __init__(self) -> None:
        self.vigil = Vigil(PID)
        self.now_ns = 77 * SECOND
        self.pid, self.beats, self.phase, self.held, self.shut = PID, 0, Phase.RUNNING, True, False

    def look(self) -> Sight:
        return self.vigil.look(self.now_ns, Look(self.pid, self.beats, self.phase, self.held, self.shut))

    def watch(self, milliseconds: int, *, beating: bool = False) -> Sight:
        """Look every 100 ms and return what the last look came to."""
        sight = self.look()
        for _ in range(milliseconds // 100):
            self.now_ns += 100 * MS
            self.beats += beating
            sight = self.look()
        return sight


def test_an_engine_that_beats_is_well() -> None:
    assert Bench().watch(60_000, beating=True) is Sight.WELL


def test_silence_alerts_after_one_second_and_counts_as_a_stall_after_three() -> None:
    bench = Bench()
    assert bench.watch(900) is Sight.WELL
    assert bench.watch(100) is Sight.ALERT
    assert bench.watch(1_900) is Sight.ALERT
    assert bench.watch(100) is Sight.STALLED
    assert bench.watch(60_000) is Sight.STALLED
    bench.beats += 1
    assert bench.look() is Sight.WELL


def test_a_watchdog_that_was_stopped_gives_the_engine_its_whole_time_again() -> None:
    bench = Bench()
    bench.watch(2_900)
    bench.now_ns += 3_600 * SECOND
    assert bench.look() is Sight.ALERT, "the machine slept: nothing is held against the engine"
    bench = Bench()
    bench.watch(1_000, beating=True)
    bench.now_ns += 3_600 * SECOND
    bench.beats += 36_000
    assert bench.look() is Sight.WELL, "only we were stopped: the newest count is read before anything is judged"
    assert bench.watch(2_900) is Sight.ALERT


@pytest.mark.parametrize(("gap_ns", "sight"), [(GAP_NS_MAX, Sight.STALLED), (GAP_NS_MAX + 1, Sight.WELL)])
def test_a_gap_that_is_still_a_look_counts(gap_ns: int, sight: Sight) -> None:
    bench = Bench()
    bench.look()
    for _ in range(2):
        bench.now_ns += gap_ns
        bench.look()
    bench.now_ns += gap_ns
    assert bench.look() is sight


def test_a_silence_says_what_was_missed_of_it() -> None:
    bench = Bench()
    bench.watch(1_000)
    assert bench.vigil.silence == "no beat for 1.0 s"
    bench.now_ns += 1_600 * MS
    assert bench.look() is Sight.ALERT
    assert bench.watch(400) is Sight.STALLED, "a pause of ours leaves the engine its other second"
    assert bench.vigil.silence == "no beat for 3.0 s, of which we did not look for 1.6 s"
    bench.beats += 1
    bench.look()
    assert bench.vigil.silence == "no beat for 0.0 s"


@pytest.mark.parametrize("phase", [Phase.NONE, Phase.STARTING])
def test_a_start_may_take_its_time(phase: Phase) -> None:
    bench = Bench()
    bench.phase = phase
    assert bench.watch(60_000) is Sight.WELL


def test_an_end_that_hangs_is_a_stall() -> None:
    bench = Bench()
    bench.phase = Phase.ENDING
    assert bench.watch(3_000) is Sight.STALLED


@pytest.mark.parametrize("phase", [Phase.STARTING, Phase.RUNNING, Phase.ENDING])
def test_an_engine_that_has_gone_without_a_word_has_the_same_time_to_come_back(phase: Phase) -> None:
    bench = Bench()
    bench.phase = phase
    bench.look()
    bench.held = False
    assert bench.watch(2_900) is Sight.WELL
    assert bench.watch(100) is Sight.GONE


def test_an_end_says_at_once_what_it_leaves() -> None:
    bench = Bench()
    bench.phase = Phase.ENDED
    assert bench.look() is Sight.OVER
    bench.phase = Phase.LEFT_OPEN
    assert bench.look() is Sight.LEFT_OPEN


def test_another_engine_comes_before_everything() -> None:
    bench = Bench()
    bench.watch(10_000)
    for phase in Phase:
        bench.phase, bench.pid = phase, PID + 1
        assert bench.look() is Sight.TAKEN_OVER


def test_a_closed_gate_is_looked_after_when_the_engine_had_a_second_for_it() -> None:
    bench = Bench()
    bench.shut = True
    assert bench.watch(900, beating=True) is Sight.WELL
    assert bench.watch(100, beating=True) is Sight.SHUT
    bench.shut = False
    assert bench.watch(100, beating=True) is Sight.WELL
    bench.shut, bench.phase = True, Phase.ENDING
    assert bench.watch(2_000, beating=True) is Sight.WELL, "the run closed it itself, and cancels"


def test_a_closed_gate_is_looked_after_at_once_when_the_loop_stands_still() -> None:
    bench = Bench()
    bench.watch(500)
    assert bench.look() is Sight.WELL, "behind an open gate half a second of silence is nothing"
    bench.shut = True
    assert bench.look() is Sight.SHUT
    bench = Bench()
    bench.shut = True
    assert bench.watch(100) is Sight.WELL, "its next beat may be on its way"
    assert bench.watch(100) is Sight.SHUT


def test_a_stall_comes_before_a_closed_gate() -> None:
    bench = Bench()
    bench.shut = True
    assert bench.watch(3_000) is Sight.STALLED
