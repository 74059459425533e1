"""A strategy hears every denial; the trail is not flooded; who is denied too often is stopped."""

from __future__ import annotations

import pytest

from actors.risk.denials import words
from engine.messages.control import Action, Stop, StopStrategy, StrategyEnabled
from engine.messages.orders import DenialReason, OrderDenied
from hotpath.core.units import Scale
from tests.models.risk_desk import LOTS, NOW_NS, TICKS, RiskDesk

D = DenialReason


def recorded(desk: RiskDesk) -> list[tuple[DenialReason, int]]:
    """Return (reason, count) of the denials in the trail."""
    return [(denied.reason, denied.count) for action, denied, _ in desk.context.audited if action is Action.ORDER_DENY]


def test_a_denial_says_what_was_seen_and_the_limit() -> None:
    desk = RiskDesk()
    desk.send(lots=100 * LOTS)
    assert desk.denials() == [OrderDenied(0, desk.intent, 0, D.MAX_ORDER_VALUE, "63000", "50000", 1, NOW_NS)]


def test_the_first_of_a_second_is_recorded_in_full_and_the_others_as_one() -> None:
    desk = RiskDesk()
    for _ in range(5):
        desk.send(lots=100 * LOTS)
    assert recorded(desk) == [(D.MAX_ORDER_VALUE, 1)]
    desk.advance(1)
    assert recorded(desk) == [(D.MAX_ORDER_VALUE, 1), (D.MAX_ORDER_VALUE, 4)]
    desk.send(lots=100 * LOTS)
    assert recorded(desk)[2:] == [(D.MAX_ORDER_VALUE, 1)]
    assert [denied.count for denied in desk.denials()] == [1] * 6
    assert desk.actor.denied_count == 6


def test_a_single_denial_is_recorded_once() -> None:
    desk = RiskDesk()
    desk.send(lots=100 * LOTS)
    desk.advance(2)
    assert recorded(desk) == [(D.MAX_ORDER_VALUE, 1)]


def test_another_reason_or_strategy_is_recorded_for_itself() -> None:
    desk = RiskDesk()
    desk.send(lots=100 * LOTS)
    desk.send(lots=100 * LOTS, strategy=1)
    desk.send(price_ticks=TICKS * 2)
    assert recorded(desk) == [(D.MAX_ORDER_VALUE, 1), (D.MAX_ORDER_VALUE, 1), (D.PRICE_COLLAR, 1)]


def test_what_waits_is_recorded_when_the_run_ends() -> None:
    desk = RiskDesk()
    for _ in range(3):
        desk.send(lots=100 * LOTS)
    desk.send(price_ticks=TICKS * 2)
    desk.tell(Stop("done"))
    assert recorded(desk) == [(D.MAX_ORDER_VALUE, 1), (D.PRICE_COLLAR, 1), (D.MAX_ORDER_VALUE, 2)]
    desk.advance(2)
    assert len(recorded(desk)) == 3


def test_one_denial_too_many_within_ten_seconds_stops_the_strategy() -> None:
    desk = RiskDesk(denials_max=3)
    for _ in range(3):
        desk.send(lots=100 * LOTS)
    assert desk.safety.messages == []
    desk.send(lots=100 * LOTS)
    assert desk.safety.messages == [StopStrategy(0, "over 3 denials in 10 s, last MAX_ORDER_VALUE")]
    assert desk.send() is None
    assert desk.reasons()[-1] is D.STRATEGY_AUTHORISED
    assert desk.approved(strategy=1).approval > 0


def test_denials_spread_over_more_than_ten_seconds_do_not() -> None:
    desk = RiskDesk(denials_max=3)
    for _ in range(8):
        desk.send(lots=100 * LOTS)
        desk.advance(3.4)
    assert desk.safety.messages == []


def test_enabling_counts_anew() -> None:
    desk = RiskDesk(denials_max=3)
    for _ in range(3):
        desk.send(lots=100 * LOTS)
    desk.tell(StrategyEnabled(0, NOW_NS))
    desk.send(lots=100 * LOTS)
    assert desk.safety.messages == []


def test_a_strategy_that_cannot_hear_its_denials_is_stopped() -> None:
    desk = RiskDesk()
    desk.strategies[0].full = True
    desk.send(lots=100 * LOTS)
    assert desk.safety.messages == [StopStrategy(0, "its mailbox of denials is full")]


def test_when_safety_cannot_hear_it_trading_halts() -> None:
    desk = RiskDesk(denials_max=1)
    desk.safety.full = True
    desk.send(lots=100 * LOTS)
    desk.send(lots=100 * LOTS)
    assert len(desk.context.halts) == 1


@pytest.mark.parametrize("reason", list(DenialReason))
def test_every_reason_has_words(reason: DenialReason) -> None:
    observed, limit = words(reason, 1_500_000_000, 2_000_000, Scale(2, 4))
    assert observed
    assert limit


@pytest.mark.parametrize(
    ("reason", "texts"),
    [
        (D.MARKET_DATA_FRESH, ("1500 ms", "1000 ms")),
        (D.ORDER_WELL_FORMED, ("150000.0000", "10000000.00")),
        (D.PRICE_COLLAR, ("15000000.00", "10000000.00")),
        (D.FUNDS_RESERVED, ("15", "10")),
        (D.MAX_OPEN_ORDERS, ("1500000000", "1000000000")),
    ],
)
def test_the_words_are_in_the_unit_of_the_check(reason: DenialReason, texts: tuple[str, str]) -> None:
    assert words(reason, 1_500_000_000, 1_000_000_000, Scale(2, 4)) == texts
