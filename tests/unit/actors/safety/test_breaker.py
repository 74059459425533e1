"""The circuit breaker: every row of its table trips at its limit, not below it, and leads where the table says."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from actors.safety.breaker import BREAKER_TABLE, WORDS, Breaker
from actors.safety.causes import Cause
from actors.safety.facts import Facts
from actors.safety.ladder import Ladder
from engine.clock import NS_PER_SECOND
from engine.config.risk import RiskLimits
from engine.config.safety import SafetyConfig
from engine.messages.control import Account, Action, ClockOffset, GateWord, OpenOrders, TradingState
from engine.messages.market import FeedStatus
from engine.messages.orders import CancelAll
from tests.models.safety_desk import CLEAN, EQUITY, UNIT, SafetyDesk

LIMITS = RiskLimits(
    max_daily_loss_pct=Decimal(3),
    max_daily_loss=Decimal(3_000),
    max_drawdown_pct=Decimal(10),
    max_drawdown=Decimal(10_000),
    losses_in_row_max=5,
)
"""The relative and the absolute form of a limit are equal at an equity of 100,000."""


def dark(desk: SafetyDesk, seconds: int) -> None:
    desk.feeds(FeedStatus.STALE)
    for _ in range(seconds):
        desk.pass_time(NS_PER_SECOND)


def offset(desk: SafetyDesk, ms: int) -> None:
    desk.say(ClockOffset("sim", ms * 10**6, desk.now_ns))


ROWS: dict[Cause, tuple[TradingState, Callable[[SafetyDesk], None], Callable[[SafetyDesk], None]]] = {
    Cause.DAILY_LOSS: (
        TradingState.EMERGENCY,
        lambda desk: desk.equity(97_001, peak=97_001),
        lambda desk: desk.equity(97_000, peak=97_000),
    ),
    Cause.DRAWDOWN: (
        TradingState.EMERGENCY,
        lambda desk: desk.equity(90_001, day=90_001),
        lambda desk: desk.equity(90_000, day=90_000),
    ),
    Cause.DAILY_LOSS_WARNING: (
        TradingState.PROTECTIVE,
        lambda desk: desk.equity(98_501, peak=98_501),
        lambda desk: desk.equity(98_500, peak=98_500),
    ),
    Cause.DRAWDOWN_WARNING: (
        TradingState.PROTECTIVE,
        lambda desk: desk.equity(95_001, day=95_001),
        lambda desk: desk.equity(95_000, day=95_000),
    ),
    Cause.LOSSES_IN_ROW: (
        TradingState.PROTECTIVE,
        lambda desk: desk.equity(EQUITY, losses=4),
        lambda desk: desk.equity(EQUITY, losses=5),
    ),
    Cause.UNKNOWN_ORDERS: (
        TradingState.PROTECTIVE,
        lambda desk: desk.say(OpenOrders(0, 3)),
        lambda desk: desk.say(OpenOrders(0, 4)),
    ),
    Cause.LOOP_STALL: (
        TradingState.PROTECTIVE,
        lambda desk: desk.health(lag_ms=999),
        lambda desk: desk.health(lag_ms=1_000),
    ),
    Cause.AUDIT_LAG: (
        TradingState.PROTECTIVE,
        lambda desk: desk.health(audit_ms=999),
        lambda desk: desk.health(audit_ms=1_000),
    ),
    Cause.AUDIT_BACKLOG: (
        TradingState.PROTECTIVE,
        lambda desk: desk.health(backlog=79),
        lambda desk: desk.health(backlog=80),
    ),
    Cause.DISK_FULL: (
        TradingState.PROTECTIVE,
        lambda desk: desk.health(free=5),
        lambda desk: desk.health(free=4),
    ),
    Cause.FEEDS_DARK: (TradingState.PROTECTIVE, lambda desk: dark(desk, 9), lambda desk: dark(desk, 10)),
    Cause.CLOCK: (
        TradingState.CAUTIOUS,
        lambda desk: offset(desk, -999),
        lambda desk: offset(desk, -1_000),
    ),
}


def normal(limits: RiskLimits = LIMITS) -> SafetyDesk:
    desk = SafetyDesk(limits=limits)
    desk.well()
    desk.live(60)
    assert desk.state() is TradingState.NORMAL
    return desk


def test_every_row_is_tried() -> None:
    assert list(ROWS) == list(BREAKER_TABLE) == list(WORDS)


@pytest.mark.parametrize("cause", ROWS)
def test_a_row_trips_at_its_limit_and_not_below_it(cause: Cause) -> None:
    state, below, at = ROWS[cause]
    desk = normal()
    below(desk)
    assert cause not in desk.safety.trading.breaker.active
    desk = normal()
    at(desk)
    assert desk.state() is state
    trips = [one for one in desk.records if one.action is Action.CIRCUIT_BREAKER_TRIP]
    assert cause in [one.resource_id for one in trips]
    (trip,) = [one for one in trips if one.resource_id == cause]
    assert (trip.before, trip.after) == ({"state": "NORMAL"}, {"state": state.name})
    assert trip.metadata is not None
    assert trip.metadata["observed"] >= trip.metadata["limit"]
    assert WORDS[cause] in trip.reason
    change = next(
        one for one in desk.records if one.after == {"state": state.name} and one.action is Action.STATE_CHANGE
    )
    assert change.metadata == {"cause": cause.value}


@pytest.mark.parametrize("cause", [Cause.DAILY_LOSS, Cause.DRAWDOWN])
def test_a_loss_beyond_its_limit_kills(cause: Cause) -> None:
    desk = normal()
    ROWS[cause][2](desk)
    assert desk.gate.word is GateWord.CLOSED
    assert desk.latch.is_set
    assert desk.heard(desk.safety.orders, CancelAll)
    assert desk.safety.halts_count == 1


@pytest.mark.parametrize(("pct", "absolute"), [(Decimal(3), Decimal(100_000)), (Decimal(100), Decimal(3_000))])
def test_of_two_forms_of_a_limit_the_tighter_one_binds(pct: Decimal, absolute: Decimal) -> None:
    limits = RiskLimits(
        max_daily_loss_pct=pct, max_daily_loss=absolute, max_drawdown_pct=Decimal(100), max_drawdown=Decimal(10**6)
    )
    desk = normal(limits)
    desk.equity(97_001)
    assert desk.state() is TradingState.PROTECTIVE
    desk.equity(97_000)
    assert desk.state() is TradingState.EMERGENCY


def test_equity_that_was_never_there_counts_as_the_whole_limit() -> None:
    facts = Facts(SafetyConfig(), LIMITS, ["sim"], 1)
    assert (facts.daily_loss_ppm, facts.drawdown_ppm, facts.new_losses_in_row) == (0, 0, 0)
    facts.account = Account(-1, 0, 0, 0, 0, 0, -UNIT, day_result=-1)
    assert facts.daily_loss_ppm == 10**6
    assert facts.drawdown_ppm == 0
    facts.account = Account(EQUITY - 1, 0, 0, 0, 0, EQUITY, EQUITY, day_result=-1)
    assert facts.daily_loss_ppm == 334
    facts.account = Account(0, 0, 0, 0, 0)
    assert (facts.daily_loss_ppm, facts.drawdown_ppm) == (0, 0)


def test_five_losses_trip_once_and_the_sixth_trips_again() -> None:
    desk = normal()

    def trips() -> int:
        return desk.actions.count(Action.CIRCUIT_BREAKER_TRIP)

    for _ in range(4):
        desk.equity(EQUITY, losses=5)
    assert trips() == 1
    desk.equity(EQUITY, losses=6)
    assert trips() == 2
    desk.equity(EQUITY, losses=0)
    desk.equity(EQUITY, losses=4)
    assert trips() == 2
    desk.equity(EQUITY, losses=5)
    assert trips() == 3


def test_a_row_of_losses_trips_when_its_limit_is_tightened_to_it() -> None:
    facts, ladder = Facts(SafetyConfig(), LIMITS, ["sim"], 1), Ladder(reconnects_max=3, after_crash=False)
    breaker = Breaker(facts, ladder)
    facts.account = Account(EQUITY, 0, 0, 0, 0, losses_in_row=4)
    for _ in range(2):
        assert breaker.look(0) == []
    facts.limits = RiskLimits(losses_in_row_max=4)
    assert [trip.cause for trip in breaker.look(0)] == [Cause.LOSSES_IN_ROW]


def test_where_one_loss_is_too_many_the_first_after_a_win_trips_again() -> None:
    facts, ladder = Facts(SafetyConfig(), LIMITS, ["sim"], 1), Ladder(reconnects_max=3, after_crash=False)
    facts.limits = RiskLimits(losses_in_row_max=1)
    breaker, trips = Breaker(facts, ladder), []
    for losses in (0, 1, 1, 0, 1, 1, 2):
        facts.account = Account(EQUITY, 0, 0, 0, 0, losses_in_row=losses)
        trips.append(len(breaker.look(0)))
    assert trips == [0, 1, 0, 0, 1, 0, 1]


def test_what_stays_true_trips_once() -> None:
    desk = normal()
    for _ in range(3):
        desk.health(lag_ms=2_000)
    assert desk.actions.count(Action.CIRCUIT_BREAKER_TRIP) == 1


def test_one_dark_feed_of_two_is_no_trip_and_neither_is_a_market_that_never_opened() -> None:
    desk = normal()
    desk.feeds(FeedStatus.STALE)
    desk.say(*desk.feed_states(FeedStatus.SYNCHRONISED)[:1])
    desk.live(60)
    assert desk.state() is TradingState.NORMAL
    unopened = SafetyDesk()
    unopened.feeds(FeedStatus.STALE)
    unopened.say(CLEAN)
    unopened.live(60)
    assert unopened.state() is TradingState.NORMAL


def test_a_loss_of_ninety_percent_that_an_earlier_run_left_counts_on() -> None:
    desk = SafetyDesk(limits=LIMITS)
    desk.equity(97_300)
    desk.say(CLEAN)
    assert desk.state() is TradingState.PROTECTIVE
    desk.equity(96_970)
    assert desk.state() is TradingState.EMERGENCY
