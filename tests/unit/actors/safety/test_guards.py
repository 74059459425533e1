"""Each guard by itself: while it does not hold the state stays where it is, and afterwards it rises."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from actors.safety.guards import GUARD_TABLE, STEPS, WORDS
from engine.clock import NS_PER_SECOND
from engine.messages.control import (
    Action,
    ClockOffset,
    OpenOrders,
    Reconciled,
    TradingState,
)
from engine.messages.market import FeedStatus
from tests.models.safety_desk import CLEAN, EQUITY, LOST, SafetyDesk, rearm, started

NORMAL, CAUTIOUS = TradingState.NORMAL, TradingState.CAUTIOUS
PROTECTIVE, EMERGENCY = TradingState.PROTECTIVE, TradingState.EMERGENCY


def unfresh(desk: SafetyDesk) -> None:
    desk.say(*desk.feed_states(FeedStatus.STALE)[:1])


def rejecting(desk: SafetyDesk) -> None:
    desk.live(2)
    desk.sent += 100
    desk.rejected += 1
    desk.live(2)


GUARDS: dict[str, tuple[TradingState, Callable[[SafetyDesk], None], Callable[[SafetyDesk], None]]] = {
    "reconciled": (EMERGENCY, lambda desk: desk.say(LOST), lambda desk: desk.say(CLEAN)),
    "clean_rounds": (PROTECTIVE, lambda desk: None, lambda desk: desk.say(CLEAN, CLEAN, CLEAN)),
    "no_unknown_order": (
        EMERGENCY,
        lambda desk: desk.say(OpenOrders(0, 1)),
        lambda desk: desk.say(OpenOrders(0, 0)),
    ),
    "audit_healthy": (EMERGENCY, lambda desk: desk.health(audit_ms=1_500), lambda desk: desk.health()),
    "loss_in_limit": (
        EMERGENCY,
        lambda desk: desk.equity(90_000, peak=90_000),
        lambda desk: desk.equity(EQUITY),
    ),
    "breaker_quiet": (PROTECTIVE, lambda desk: desk.health(lag_ms=1_000), lambda desk: desk.health()),
    "drawdown_back": (
        PROTECTIVE,
        lambda desk: desk.equity(93_900, day=93_900),
        lambda desk: desk.equity(94_100, day=93_900),
    ),
    "feeds_fresh": (PROTECTIVE, unfresh, lambda desk: desk.feeds()),
    "rejects_few": (CAUTIOUS, rejecting, lambda desk: None),
    "loop_prompt": (CAUTIOUS, lambda desk: desk.health(p99_ms=20), lambda desk: desk.health(p99_ms=19)),
    "dwelt": (CAUTIOUS, lambda desk: desk.say(LOST, CLEAN), lambda desk: None),
}


def test_every_guard_stands_in_a_step_and_is_tried() -> None:
    used = {name for step in STEPS.values() for part in step for name in part}
    assert used == set(GUARD_TABLE) == set(WORDS) == set(GUARDS)
    assert set(STEPS) == {EMERGENCY, PROTECTIVE, CAUTIOUS}


@pytest.mark.parametrize("name", GUARDS)
def test_a_guard_that_does_not_hold_keeps_the_state_where_it_is(name: str) -> None:
    state, break_it, mend = GUARDS[name]
    desk = started(state)
    judge = desk.safety.trading.judge
    desk.live(290)
    desk = desk if desk.state() is state else started(state)
    judge = desk.safety.trading.judge
    break_it(desk)
    assert desk.state() is state
    assert name in judge.missing(desk.now_ns)
    assert desk.live(0 if name == "dwelt" else 200, every_s=0 if name in ("clean_rounds", "reconciled") else 30) == []
    if state is not CAUTIOUS:
        assert name in judge.missing(desk.now_ns)
    if state is EMERGENCY:
        assert rearm(desk)[0] is False
    mend(desk)
    if name == "feeds_fresh":
        assert name in judge.missing(desk.now_ns)
    seconds = {EMERGENCY: 62, PROTECTIVE: 122, CAUTIOUS: 620}[state]
    entered = desk.live(seconds)
    if state is EMERGENCY:
        assert rearm(desk)[0]
    else:
        assert entered == [TradingState(state + 1)]


def test_what_was_never_heard_holds_no_guard() -> None:
    silent = SafetyDesk(latch="killed")
    assert silent.command("rearm")[2]["waits_for"] == [
        "a venue and our ledger do not agree yet",
        "the audit trail is behind, or has not been measured yet",
        "60 s of the dwell are left",
    ]
    crashed = SafetyDesk(clean_stop=False)
    crashed.say(CLEAN)
    crashed.live(1_000)
    assert crashed.state() is CAUTIOUS
    assert crashed.safety.trading.waits_for == ["the loop is late: p99 is 20 ms or more", "300 s of the dwell are left"]


def test_two_clean_comparisons_are_not_three() -> None:
    desk = started(PROTECTIVE)
    desk.say(CLEAN, CLEAN)
    assert desk.live(200, every_s=0) == []
    desk.say(CLEAN)
    assert desk.live(1, every_s=0) == [CAUTIOUS]


def test_a_latched_start_has_its_dwell_before_it_and_waits_for_a_person() -> None:
    desk = SafetyDesk(latch="killed")
    desk.well()
    desk.say(CLEAN)
    assert rearm(desk) == (False, "not yet: 60 s of the dwell are left")
    desk.live(61)
    assert desk.safety.trading.waits_for == ["a person's `tiercel rearm`"]
    assert rearm(desk) == (True, "")


def test_feeds_that_were_never_heard_of_are_not_fresh() -> None:
    desk = SafetyDesk()
    desk.say(Reconciled("sim", 0, (), 0))
    desk.health(lag_ms=5_000)
    desk.live(1)
    assert "not every feed was fresh for 60 s" in desk.safety.trading.waits_for


def test_a_recovery_that_is_over_leaves_no_cause_behind() -> None:
    desk = started(CAUTIOUS)
    desk.live(302)
    desk.say(ClockOffset("sim", 2 * NS_PER_SECOND, 0), ClockOffset("sim", 0, 0))
    assert desk.state() is CAUTIOUS
    desk.live(302)
    resets = [one.before for one in desk.records if one.action is Action.CIRCUIT_BREAKER_RESET]
    assert resets == [{"causes": ["crash"]}, {"causes": ["clock"]}]


def test_rejects_under_one_percent_do_no_harm() -> None:
    desk = started(CAUTIOUS)
    desk.live(5)
    desk.sent, desk.rejected = desk.sent + 101, desk.rejected + 1
    assert desk.live(298) == [NORMAL]
