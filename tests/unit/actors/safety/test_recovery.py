"""Recovery in stages on the engine's clock: each step, each dwell, and what needs no person."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from actors.safety.causes import LEAVES_BY_ITSELF, Cause
from engine.clock import NS_PER_SECOND
from engine.messages.control import (
    Action,
    ClockOffset,
    CompareAll,
    GateWord,
    Halt,
    OpenOrders,
    PeakReset,
    Reconciled,
    TradingState,
)
from tests.models.safety_desk import CLEAN, DIFFERENT, EQUITY, LIMITS, LOST, SafetyDesk, rearm, started

NORMAL, CAUTIOUS = TradingState.NORMAL, TradingState.CAUTIOUS
PROTECTIVE, EMERGENCY = TradingState.PROTECTIVE, TradingState.EMERGENCY


# ---- the start


def test_a_first_start_and_one_after_a_clean_stop_are_normal_as_soon_as_the_venue_agrees() -> None:
    desk = SafetyDesk()
    desk.say(CLEAN)
    assert desk.state() is NORMAL


def test_a_start_after_a_crash_is_cautious_and_becomes_normal_after_its_dwell() -> None:
    desk = SafetyDesk(clean_stop=False)
    desk.well()
    desk.say(CLEAN)
    assert desk.state() is CAUTIOUS
    assert desk.live(299) == []
    assert desk.live(3) == [NORMAL]
    assert desk.actions[-1] is Action.CIRCUIT_BREAKER_RESET
    assert desk.records[-1].before == {"causes": ["crash"]}


def test_a_start_that_trips_before_it_is_proven_has_to_climb() -> None:
    desk = SafetyDesk(limits=LIMITS)
    desk.well()
    desk.equity(94_000)
    desk.equity(EQUITY)
    desk.say(CLEAN)
    assert desk.state() is PROTECTIVE
    assert desk.live(122) == [CAUTIOUS]


def test_a_clock_that_is_off_at_the_start_makes_it_cautious() -> None:
    desk = SafetyDesk()
    desk.say(ClockOffset("sim", 2 * NS_PER_SECOND, 0), CLEAN)
    assert desk.state() is CAUTIOUS


# ---- a session that was lost


def test_a_session_that_comes_back_proven_goes_on_in_the_state_that_it_was_lost_in() -> None:
    for state in (NORMAL, CAUTIOUS):
        desk = started(state)
        desk.say(LOST)
        assert desk.state() is PROTECTIVE
        desk.say(DIFFERENT)
        assert desk.state() is PROTECTIVE
        desk.say(CLEAN)
        assert desk.state() is state


@pytest.mark.parametrize(("seconds", "state"), [(599, PROTECTIVE), (600, NORMAL)])
def test_a_fourth_lost_session_counts_as_a_trip_within_ten_minutes(seconds: int, state: TradingState) -> None:
    desk = started()
    desk.live(1_000)
    for _ in range(3):
        desk.say(LOST, CLEAN)
    desk.live(seconds)
    desk.say(LOST, CLEAN)
    assert desk.state() is state


def test_a_session_that_is_lost_again_and_again_makes_the_recovery_slow() -> None:
    desk = started()
    for _ in range(3):
        desk.say(LOST, CLEAN)
        assert desk.state() is NORMAL
    desk.say(LOST, CLEAN)
    assert desk.state() is PROTECTIVE
    assert desk.live(122) == [CAUTIOUS]
    calm = started()
    for _ in range(8):
        calm.say(LOST, CLEAN)
        calm.live(300)
    assert calm.state() is NORMAL


def test_an_unexplained_difference_is_a_trip() -> None:
    desk = started()
    desk.say(DIFFERENT, CLEAN)
    assert desk.state() is PROTECTIVE
    assert desk.live(122) == [CAUTIOUS]


# ---- all the way


def test_a_drawdown_recovers_through_all_steps_and_each_asks_for_more_of_it_back() -> None:
    desk = started()
    desk.equity(89_000, day=89_000)
    assert desk.state() is EMERGENCY
    desk.live(100)
    ok, problem = rearm(desk)
    assert not ok
    assert "drawdown" in problem
    desk.equity(92_000, day=89_000)
    desk.live(61)
    assert not rearm(desk)[0], "8 % is not under 8 %"
    desk.equity(92_001, day=89_000)
    desk.live(59)
    ok, problem = rearm(desk)
    assert problem == "not yet: 1 s of the dwell are left"
    desk.live(2)
    assert rearm(desk)[0]
    assert desk.state() is PROTECTIVE

    assert desk.live(300) == []
    desk.equity(94_001, day=89_000)
    assert desk.live(122) == [CAUTIOUS]
    assert desk.live(400) == []
    desk.equity(96_001, day=89_000)
    assert desk.live(302) == [NORMAL]
    desk.equity(95_001, day=89_000)
    assert desk.state() is NORMAL, "the recovery is over, and 5 % is the warning again"


def test_a_drawdown_that_grows_again_in_cautious_drops_at_what_let_it_rise() -> None:
    desk = started()
    desk.equity(94_900, day=94_900)
    assert desk.state() is PROTECTIVE
    desk.live(122)
    assert desk.state() is CAUTIOUS
    desk.equity(94_001, day=94_900)
    assert desk.state() is CAUTIOUS
    desk.equity(94_000, day=94_900)
    assert desk.state() is PROTECTIVE


def test_the_steps_are_one_at_a_time_after_a_kill() -> None:
    desk = started()
    desk.command("kill", reason="fat finger")
    desk.live(60)
    assert rearm(desk)[0]
    assert desk.live(500) == [CAUTIOUS, NORMAL]
    states = [one.after["state"] for one in desk.records if one.action is Action.STATE_CHANGE and one.after]
    assert states == ["NORMAL", "EMERGENCY", "PROTECTIVE", "CAUTIOUS", "NORMAL"]


def test_a_person_resets_the_peak_of_a_drawdown_that_cannot_come_back() -> None:
    desk = started()
    desk.equity(89_000, day=89_000)
    desk.live(100)
    assert not rearm(desk)[0]
    assert desk.command("rearm", peak="reset")[2] == {"peak": "counted from now on", "state": "EMERGENCY"}
    (reset,) = desk.heard(desk.safety.portfolio, PeakReset)
    assert reset.user == "ann"
    desk.equity(89_000, day=89_000, peak=89_000)
    desk.live(62)
    assert rearm(desk)[0]


# ---- dwells


@pytest.mark.parametrize(("state", "dwell_s"), [(PROTECTIVE, 120), (CAUTIOUS, 300)])
def test_a_fall_in_the_middle_of_a_dwell_begins_it_anew(state: TradingState, dwell_s: int) -> None:
    desk = started(state)
    desk.live(dwell_s - 10)
    if state is CAUTIOUS:
        desk.say(LOST, CLEAN)
    else:
        desk.health(lag_ms=5_000)
        desk.health()
    assert desk.state() is state
    assert desk.live(dwell_s - 2) == []
    assert desk.live(5) == [TradingState(state + 1)]


def test_a_trip_in_emergency_begins_its_dwell_anew() -> None:
    desk = started(EMERGENCY)
    desk.live(55)
    desk.say(Halt("x", "again"))
    desk.live(20)
    assert "of the dwell" in rearm(desk)[1]


def test_a_guard_that_flaps_keeps_the_state_down_for_as_long_as_it_flaps() -> None:
    desk = started(CAUTIOUS)
    for _ in range(20):
        desk.health(p99_ms=25)
        desk.live(20)
        desk.health()
        desk.live(20)
    assert desk.state() is CAUTIOUS
    assert desk.live(302) == [NORMAL]


def test_a_dwell_is_configuration() -> None:
    desk = started(PROTECTIVE, protective_seconds=2, cautious_seconds=3, clean_reconciliations=1, feeds_fresh_seconds=1)
    assert desk.live(8) == [CAUTIOUS, NORMAL]


# ---- who rises without a person


def fallen_by_drawdown(**config: Any) -> SafetyDesk:
    desk = started(**config)
    desk.equity(89_000, day=89_000)
    desk.equity(93_000, day=89_000)
    return desk


def test_an_emergency_waits_for_a_person_unless_that_is_configured() -> None:
    desk = fallen_by_drawdown()
    assert desk.live(1_000) == []
    assert desk.safety.trading.waits_for == ["a person's `tiercel rearm`"]


def test_with_auto_recovery_a_drawdown_leaves_the_emergency_under_the_same_guards() -> None:
    desk = fallen_by_drawdown(auto_recovery=True)
    assert desk.gate.word is GateWord.CLOSED
    assert desk.live(62) == [PROTECTIVE]
    assert desk.gate.word == int(GateWord.OPEN)
    assert not desk.latch.is_set
    recovered = next(one for one in desk.records if one.action is Action.EMERGENCY_RECOVERED)
    assert (recovered.actor, recovered.reason) == (
        "safety", "the drawdown came back, and safety.auto_recovery is on",
    )  # fmt: skip
    deep = started(auto_recovery=True)
    deep.equity(89_000, day=89_000)
    assert deep.live(500) == []


def behind(desk: SafetyDesk) -> None:
    desk.health(audit_ms=2_000)
    desk.health()


def lose_the_day(desk: SafetyDesk) -> None:
    desk.equity(80_000)
    desk.equity(99_000)


NEVER: dict[str, Callable[[SafetyDesk], object]] = {
    "a person's kill": lambda desk: desk.command("kill", reason="no more"),
    "a halt, the audit writer's for one": lambda desk: desk.say(Halt("audit_writer", "no space left")),
    "audit lag": behind,
    "unknown orders": lambda desk: desk.say(OpenOrders(0, 9), OpenOrders(0, 0)),
    "a loss of the day": lose_the_day,
    "a difference": lambda desk: desk.say(DIFFERENT, CLEAN),
}


@pytest.mark.parametrize("what", NEVER)
def test_auto_recovery_never_follows(what: str) -> None:
    desk = fallen_by_drawdown(auto_recovery=True)
    NEVER[what](desk)
    assert desk.live(1_000) == []
    assert desk.state() is EMERGENCY


def test_a_latch_of_an_earlier_run_waits_for_a_person_too() -> None:
    desk = SafetyDesk(latch="drawdown", limits=LIMITS, auto_recovery=True)
    desk.well()
    assert desk.live(1_000) == []
    assert Cause.LATCHED not in LEAVES_BY_ITSELF


# ---- the order of things


def test_a_trip_between_the_record_of_a_rise_and_its_effect_cancels_the_rise() -> None:
    desk = SafetyDesk()
    desk.well()
    desk.signals.tell(CLEAN)
    desk.signals.tell(Halt("x", "y"))
    desk.say()
    assert desk.state() is EMERGENCY
    assert desk.gate.word is GateWord.CLOSED


def test_a_kill_between_the_record_of_a_rearm_and_its_effect_cancels_the_rearm() -> None:
    desk = started(EMERGENCY)
    desk.live(62)
    _, _, first = desk.command("rearm")
    desk.later("rearm", code=first["code"])
    desk.later("kill", reason="no")
    desk.say()
    assert desk.state() is EMERGENCY
    assert desk.latch.is_set
    assert desk.gate.word is GateWord.CLOSED


def test_asking_to_rearm_has_every_venue_compared_again() -> None:
    desk = started(EMERGENCY)
    desk.command("rearm")
    assert desk.heard(desk.safety.orders, CompareAll) == [CompareAll("a person asked to re-arm")]


def test_nothing_rises_while_the_run_ends() -> None:
    desk = started(PROTECTIVE)
    desk.safety.stopping = True
    assert desk.live(400) == []


def test_an_epoch_counts_every_change() -> None:
    desk = started(PROTECTIVE)
    desk.live(500)
    epochs = [change.epoch for change in desk.states()]
    assert all(later == earlier + 1 for earlier, later in pairwise(epochs))
    assert desk.state() is NORMAL


def test_two_venues_must_both_be_clean() -> None:
    desk = started(PROTECTIVE)
    desk.safety.facts.reconciled("other", clean=True)
    desk.live(300)
    assert desk.state() is PROTECTIVE
    desk.say(*[Reconciled("other", 0, (), 0)] * 3)
    desk.live(1)
    assert desk.state() == int(CAUTIOUS)


def test_a_rise_that_waits_for_the_disk_is_recorded_once() -> None:
    desk = SafetyDesk()
    desk.say_undurably(CLEAN, CLEAN)
    assert desk.state() is PROTECTIVE
    desk.say()
    assert desk.state() is NORMAL
    assert desk.actions.count(Action.STATE_CHANGE) == 1


def test_a_rearm_that_waits_for_the_disk_is_recorded_once() -> None:
    desk = started(EMERGENCY)
    desk.live(62)
    for _ in range(2):
        desk.later("rearm")
        desk.say_undurably()
        desk.later("rearm", code=desk.answers[-1][2]["code"])
        desk.say_undurably()
    assert desk.state() is EMERGENCY
    desk.say()
    assert desk.state() is PROTECTIVE
    assert desk.actions.count(Action.EMERGENCY_RECOVERED) == 1
