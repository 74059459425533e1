"""The ladder and the guards to the nanosecond and the millionth: when a dwell is over, what still counts as often."""

from __future__ import annotations

import pytest

from actors.safety.breaker import BREAKER_TABLE, Breaker
from actors.safety.causes import LEAVES_BY_ITSELF, Cause
from actors.safety.facts import Facts
from actors.safety.guards import GUARD_TABLE, Judge
from actors.safety.ladder import RECONNECTS_WINDOW_NS, Ladder
from actors.safety.states import SafetyEvent
from engine.clock import NS_PER_SECOND
from engine.config.risk import RiskLimits
from engine.config.safety import SafetyConfig
from engine.messages.control import Account, Health, OrderCounts, TradingState
from engine.messages.market import FeedStatus

NORMAL, CAUTIOUS = TradingState.NORMAL, TradingState.CAUTIOUS
PROTECTIVE, EMERGENCY = TradingState.PROTECTIVE, TradingState.EMERGENCY


def normal(reconnects_max: int = 2) -> Ladder:
    made = Ladder(reconnects_max=reconnects_max, after_crash=False)
    made.rise(SafetyEvent.RECONCILED, 0)
    return made


def judge(ladder: Ladder, *, auto_recovery: bool = False) -> Judge:
    facts = Facts(SafetyConfig(auto_recovery=auto_recovery), RiskLimits(), ["sim"], 1)
    return Judge(facts, ladder, Breaker(facts, ladder))


@pytest.mark.parametrize(("after_ns", "cause"), [(RECONNECTS_WINDOW_NS - 1, True), (RECONNECTS_WINDOW_NS, False)])
def test_sessions_that_were_lost_are_often_within_ten_minutes_of_the_first_to_the_nanosecond(
    after_ns: int, cause: bool
) -> None:
    assert RECONNECTS_WINDOW_NS == 10 * 60 * NS_PER_SECOND
    ladder = normal()
    for now_ns in (7, 8, 7 + after_ns):
        assert ladder.lose_session(now_ns)
        assert ladder.state is PROTECTIVE
        if now_ns < 7 + after_ns:
            ladder.rise(SafetyEvent.RECONCILED, now_ns)
    assert (Cause.SESSION in ladder.causes) is cause
    assert ladder.proof_leads_to is (None if cause else NORMAL)


def test_before_anything_failed_it_has_dwelt_since_the_run_began() -> None:
    ladder = Ladder(reconnects_max=2, after_crash=False)
    assert judge(ladder).dwelt_ns(0) == 0
    assert judge(ladder).dwelt_ns(7) == 7


@pytest.mark.parametrize("state", [EMERGENCY, PROTECTIVE, CAUTIOUS])
def test_a_dwell_is_over_with_its_last_nanosecond(state: TradingState) -> None:
    made = judge(normal())
    made.ladder.state, made.ladder.since_ns = state, 100
    assert not GUARD_TABLE["dwelt"](made, 99 + made.dwell_ns)
    assert GUARD_TABLE["dwelt"](made, 100 + made.dwell_ns)
    (words,) = made.words(["dwelt"], 99 + made.dwell_ns)
    assert words == "1 s of the dwell are left"


def test_feeds_are_fresh_when_they_were_so_for_the_whole_time() -> None:
    made = judge(normal())
    assert not GUARD_TABLE["feeds_fresh"](made, 10**18)
    made.facts.feed(0, FeedStatus.SYNCHRONISED, 100)
    until_ns = 100 + made.facts.config.feeds_fresh_seconds * NS_PER_SECOND
    assert [GUARD_TABLE["feeds_fresh"](made, now_ns) for now_ns in (until_ns - 1, until_ns)] == [False, True]


def test_a_loop_is_prompt_below_its_limit_and_not_at_it() -> None:
    made = judge(normal())
    limit_ns = made.facts.config.loop_lag_p99_ms * 10**6
    for p99_ns, prompt in ((limit_ns - 1, True), (limit_ns, False)):
        made.facts.health = Health(0, p99_ns, 0, 0, 0, 0, 50)
        assert GUARD_TABLE["loop_prompt"](made, 0) is prompt


@pytest.mark.parametrize(("sent", "rejected", "few"), [(0, 0, True), (100, 1, False), (101, 1, True), (0, 1, False)])
def test_rejects_are_few_below_their_part_of_what_was_sent(sent: int, rejected: int, few: bool) -> None:
    made = judge(normal())
    assert not GUARD_TABLE["rejects_few"](made, 0)
    made.facts.counted(OrderCounts(50, 7))
    made.facts.counted(OrderCounts(50 + sent, 7 + rejected))
    assert GUARD_TABLE["rejects_few"](made, 0) is few


def test_before_anything_was_heard_nothing_is_observed() -> None:
    made = judge(normal())
    assert [read(made.facts, made.ladder, 10**18)[0] for _, read in BREAKER_TABLE.values()] == [0] * len(BREAKER_TABLE)


@pytest.mark.parametrize(
    ("causes", "by_itself"),
    [
        (LEAVES_BY_ITSELF, True),
        ({Cause.DRAWDOWN}, True),
        (LEAVES_BY_ITSELF | {Cause.PERSON}, False),
        (LEAVES_BY_ITSELF - {Cause.DRAWDOWN}, False),
    ],
)
def test_no_person_is_needed_after_a_drawdown_and_what_may_come_with_it(causes: set[Cause], by_itself: bool) -> None:
    made = judge(normal(), auto_recovery=True)
    made.ladder.causes = dict.fromkeys(causes)
    assert made.may_leave_by_itself is by_itself
    asked = judge(made.ladder)
    assert not asked.may_leave_by_itself


@pytest.mark.parametrize("state", [EMERGENCY, PROTECTIVE, CAUTIOUS])
def test_a_drawdown_is_back_below_its_part_of_the_limit_and_not_at_it(state: TradingState) -> None:
    made = judge(normal())
    config, limits = made.facts.config, made.facts.limits
    parts = {
        EMERGENCY: config.drawdown_rearm_pct,
        PROTECTIVE: config.drawdown_protective_pct,
        CAUTIOUS: config.drawdown_cautious_pct,
    }
    made.ladder.state = state
    assert GUARD_TABLE["drawdown_back"](made, 0)  # it fell for another reason
    made.ladder.causes[Cause.DRAWDOWN] = None
    assert not GUARD_TABLE["drawdown_back"](made, 0)
    peak = 1_000_000
    lost = int(peak * limits.max_drawdown_pct / 100) * parts[state] // 100
    for loss, back in ((lost - 1, True), (lost, False)):
        made.facts.account = Account(peak - loss, 0, 0, 0, 0, peak, peak)
        assert GUARD_TABLE["drawdown_back"](made, 0) is back
