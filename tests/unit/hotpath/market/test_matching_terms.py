"""Stops, orders good till a date, and what happens when an owner meets himself."""

from __future__ import annotations

import pytest

from hotpath.market.crossing import CrossingBook
from hotpath.market.expiry import Expiries
from hotpath.market.matching import Kind, MatchingEngine, Outcome, Prevention
from hotpath.market.stops import StopOrders

BUY, SELL = 1, -1


def market() -> MatchingEngine:
    """Return an engine with ten lots at each price from 96 to 99 and from 101 to 104, and a last trade at 100."""
    engine = MatchingEngine(64)
    engine.submit(90, SELL, Kind.LIMIT, 100, 1)
    engine.submit(91, BUY, Kind.IOC, 100, 1)
    for step in range(1, 5):
        engine.submit(100 + step, SELL, Kind.LIMIT, 100 + step, 10)
        engine.submit(100 - step, BUY, Kind.LIMIT, 100 - step, 10)
    assert engine.last_ticks == 100
    return engine


@pytest.mark.parametrize(("side", "trigger", "taken"), [(BUY, 102, 102), (SELL, 98, 98)])
def test_a_stop_waits_until_a_trade_reaches_its_trigger(side: int, trigger: int, taken: int) -> None:
    engine = market()
    assert engine.submit(1, side, Kind.STOP, 0, 5, stop_ticks=trigger) == (Outcome.WAITING, [])
    assert engine.submit(2, side, Kind.IOC, trigger - side, 10)[0] is Outcome.FILLED
    assert (engine.open_lots(1), engine.consequences()) == (5, [])
    outcome, executions = engine.submit(3, side, Kind.IOC, trigger, 1)
    assert outcome is Outcome.FILLED
    assert executions == [(taken, 3, trigger, 1, 0), (taken, 1, trigger, 5, 0)]
    assert engine.consequences() == [(1, Outcome.FILLED, 0)]
    engine.check()


def test_a_stop_limit_rests_with_what_it_could_not_take() -> None:
    engine = market()
    engine.submit(1, BUY, Kind.STOP_LIMIT, 101, 15, stop_ticks=101)
    engine.submit(2, BUY, Kind.MARKET, 0, 2)
    assert engine.consequences() == [(1, Outcome.RESTING, 7)]
    assert engine.best() == (101, 7, 102, 10)


def test_a_stop_that_finds_too_little_expires_with_the_rest() -> None:
    engine = market()
    engine.submit(1, BUY, Kind.STOP, 0, 50, stop_ticks=101)
    engine.submit(2, BUY, Kind.MARKET, 0, 2)
    assert engine.consequences() == [(1, Outcome.EXPIRED, 12)]


def test_a_stop_whose_trigger_was_reached_already_is_elected_at_once() -> None:
    engine = market()
    assert engine.submit(1, BUY, Kind.STOP, 0, 5, stop_ticks=100) == (Outcome.FILLED, [(101, 1, 101, 5, 0)])
    assert engine.submit(2, SELL, Kind.STOP_LIMIT, 98, 12, stop_ticks=101)[0] is Outcome.FILLED


def test_without_a_trade_nothing_is_elected() -> None:
    engine = MatchingEngine(8)
    engine.submit(1, SELL, Kind.LIMIT, 100, 5)
    assert engine.submit(2, BUY, Kind.STOP, 0, 5, stop_ticks=1)[0] is Outcome.WAITING
    assert engine.last_ticks == 0


def test_elected_stops_meet_the_book_by_nearness_then_arrival_buys_first() -> None:
    engine = MatchingEngine(64)
    for number, ticks in ((50, 99), (51, 100), (52, 101)):
        engine.submit(number, SELL, Kind.LIMIT, ticks, 1)
    engine.submit(60, BUY, Kind.LIMIT, 90, 100)
    for number, side, trigger in ((1, BUY, 101), (2, BUY, 100), (3, BUY, 100), (4, SELL, 98), (5, SELL, 99)):
        assert engine.submit(number, side, Kind.STOP, 0, 1, stop_ticks=trigger)[0] is Outcome.WAITING
    engine.submit(9, BUY, Kind.MARKET, 0, 3)
    assert [told[0] for told in engine.consequences()] == [2, 3, 1, 5, 4]
    assert [told[1] for told in engine.consequences()] == [Outcome.EXPIRED] * 3 + [Outcome.FILLED] * 2


def test_what_elected_stops_trade_elects_more() -> None:
    engine = market()
    engine.submit(1, BUY, Kind.STOP, 0, 10, stop_ticks=102)
    engine.submit(2, BUY, Kind.STOP, 0, 10, stop_ticks=101)
    engine.submit(3, BUY, Kind.STOP, 0, 1, stop_ticks=103)
    outcome, executions = engine.submit(9, BUY, Kind.IOC, 101, 10)
    assert outcome is Outcome.FILLED
    assert executions == [(101, 9, 101, 10, 0), (102, 2, 102, 10, 0), (103, 1, 103, 10, 0), (104, 3, 104, 1, 0)]
    assert [told[:2] for told in engine.consequences()] == [(number, Outcome.FILLED) for number in (2, 1, 3)]


def test_an_amended_order_that_takes_elects_stops_too() -> None:
    engine = market()
    engine.submit(1, BUY, Kind.STOP, 0, 1, stop_ticks=101)
    engine.amend(99, 101, 10)
    assert engine.consequences() == [(1, Outcome.FILLED, 0)]


def test_a_stop_can_be_canceled_but_not_amended_and_its_number_is_taken() -> None:
    engine = market()
    engine.submit(1, BUY, Kind.STOP, 0, 5, stop_ticks=105, expires_ns=50)
    assert engine.submit(1, BUY, Kind.LIMIT, 90, 5)[0] is Outcome.DUPLICATE
    assert engine.amend(1, 90, 5)[0] is Outcome.UNKNOWN
    assert engine.cancel(1) is Outcome.CANCELED
    assert engine.cancel(1) is Outcome.UNKNOWN
    assert engine.expire(60) == []
    engine.check()


def test_orders_that_wait_count_towards_the_most() -> None:
    engine = MatchingEngine(2)
    engine.submit(1, BUY, Kind.STOP, 0, 5, stop_ticks=105)
    engine.submit(2, SELL, Kind.STOP_LIMIT, 90, 5, stop_ticks=95)
    assert engine.submit(3, BUY, Kind.LIMIT, 90, 5)[0] is Outcome.FULL
    assert engine.submit(3, BUY, Kind.STOP, 0, 5, stop_ticks=105)[0] is Outcome.FULL
    assert engine.submit(3, BUY, Kind.IOC, 90, 5)[0] is Outcome.EXPIRED
    assert len(engine) == 2


@pytest.mark.parametrize(
    ("kind", "ticks", "terms"),
    [
        (Kind.STOP, 0, {"stop_ticks": 0}),
        (Kind.STOP, 0, {"stop_ticks": -1}),
        (Kind.STOP_LIMIT, 0, {"stop_ticks": 5}),
        (Kind.LIMIT, 100, {"stop_ticks": 5}),
        (Kind.LIMIT, 100, {"stop_ticks": -5}),
        (Kind.MARKET, 0, {"expires_ns": 500}),
        (Kind.IOC, 100, {"expires_ns": 500}),
        (Kind.FOK, 100, {"expires_ns": 500}),
        (Kind.LIMIT, 100, {"expires_ns": 20}),
        (Kind.LIMIT, 100, {"expires_ns": -1}),
        (Kind.LIMIT, 100, {"prevention": 4}),
        (Kind.LIMIT, 100, {"prevention": -1}),
        (Kind.LIMIT, 100, {"prevention": 256}),
    ],
)
def test_terms_that_a_kind_cannot_have_are_refused(kind: Kind, ticks: int, terms: dict[str, int]) -> None:
    engine = market()
    engine.expire(20)
    assert engine.submit(1, BUY, kind, ticks, 1, 7, **terms) == (Outcome.INVALID, [])
    assert engine.open_lots(1) == 0


def test_what_is_good_till_a_date_goes_by_time_then_by_number() -> None:
    engine = market()
    engine.submit(3, BUY, Kind.LIMIT, 90, 5, expires_ns=30)
    engine.submit(2, BUY, Kind.STOP, 0, 6, stop_ticks=110, expires_ns=30)
    engine.submit(1, SELL, Kind.POST_ONLY, 110, 7, expires_ns=31)
    engine.submit(4, SELL, Kind.LIMIT, 111, 8, expires_ns=29)
    assert engine.expire(28) == []
    assert engine.expire(30) == [(4, Outcome.EXPIRED, 8), (2, Outcome.EXPIRED, 6), (3, Outcome.EXPIRED, 5)]
    assert engine.open_lots(1) == 7
    assert engine.expire(31) == [(1, Outcome.EXPIRED, 7)]
    assert engine.now_ns == 31
    engine.check()


def test_an_order_that_closed_earlier_does_not_expire() -> None:
    engine = market()
    engine.submit(1, BUY, Kind.LIMIT, 99, 5, expires_ns=30)
    engine.submit(2, BUY, Kind.LIMIT, 100, 5, expires_ns=30)
    engine.submit(3, BUY, Kind.STOP_LIMIT, 90, 5, stop_ticks=101, expires_ns=30)
    engine.submit(4, SELL, Kind.IOC, 100, 5)
    engine.cancel(1)
    engine.submit(1, BUY, Kind.LIMIT, 99, 5)
    engine.submit(5, BUY, Kind.IOC, 101, 1)
    assert engine.consequences() == [(3, Outcome.RESTING, 5)]
    assert engine.expire(30) == [(3, Outcome.EXPIRED, 5)]
    assert engine.open_lots(1) == 5


def test_an_amended_order_keeps_its_date() -> None:
    engine = market()
    engine.submit(1, BUY, Kind.LIMIT, 90, 5, expires_ns=30)
    assert engine.amend(1, 91, 6)[0] is Outcome.RESTING
    assert engine.expire(30) == [(1, Outcome.EXPIRED, 6)]


def test_time_does_not_go_back() -> None:
    engine = market()
    engine.expire(10)
    with pytest.raises(ValueError, match="must not go back"):
        engine.expire(9)


@pytest.mark.parametrize(
    ("prevention", "outcome", "executed", "told", "left"),
    [
        (Prevention.ALLOW, Outcome.FILLED, [1, 2, 3], [], [0, 0, 2]),
        (Prevention.CANCEL_NEWEST, Outcome.PREVENTED, [1], [], [0, 5, 5]),
        (Prevention.CANCEL_OLDEST, Outcome.RESTING, [1, 3], [(2, Outcome.CANCELED, 5)], [0, 0, 0]),
        (Prevention.CANCEL_BOTH, Outcome.PREVENTED, [1], [(2, Outcome.CANCELED, 5)], [0, 0, 5]),
    ],
)
def test_an_owner_who_meets_himself(
    prevention: Prevention, outcome: Outcome, executed: list[int], told: list[tuple[int, int, int]], left: list[int]
) -> None:
    engine = MatchingEngine(8)
    for number, owner in ((1, 8), (2, 7), (3, 8)):
        engine.submit(number, SELL, Kind.LIMIT, 100, 5, owner)
    found, executions = engine.submit(9, BUY, Kind.LIMIT, 100, 13, 7, prevention=prevention)
    assert (found, [execution[0] for execution in executions]) == (outcome, executed)
    assert engine.consequences() == told
    assert [engine.open_lots(number) for number in (1, 2, 3)] == left
    engine.check()


def test_orders_of_nobody_are_never_prevented() -> None:
    engine = MatchingEngine(8)
    engine.submit(1, SELL, Kind.LIMIT, 100, 5)
    assert engine.submit(2, BUY, Kind.LIMIT, 100, 5, 0, prevention=Prevention.CANCEL_BOTH)[0] is Outcome.FILLED


@pytest.mark.parametrize(
    ("prevention", "outcome"),
    [
        (Prevention.ALLOW, Outcome.FILLED),
        (Prevention.CANCEL_NEWEST, Outcome.KILLED),
        (Prevention.CANCEL_OLDEST, Outcome.FILLED),
        (Prevention.CANCEL_BOTH, Outcome.KILLED),
    ],
)
def test_fill_or_kill_does_not_count_what_prevention_would_cancel(prevention: Prevention, outcome: Outcome) -> None:
    engine = MatchingEngine(8)
    for number, owner in ((1, 8), (2, 7), (3, 8)):
        engine.submit(number, SELL, Kind.LIMIT, 100, 5, owner)
    assert engine.submit(9, BUY, Kind.FOK, 100, 10, 7, prevention=prevention)[0] is outcome
    if outcome is Outcome.KILLED:
        assert (len(engine), engine.consequences()) == (3, [])


def test_a_stop_prevents_when_it_is_elected() -> None:
    engine = market()
    engine.submit(1, SELL, Kind.LIMIT, 100, 1, 7)
    engine.submit(2, SELL, Kind.LIMIT, 100, 5, 7)
    engine.submit(3, BUY, Kind.STOP, 0, 9, 7, stop_ticks=101, prevention=Prevention.CANCEL_NEWEST)
    engine.submit(4, BUY, Kind.STOP_LIMIT, 100, 9, 7, stop_ticks=101, prevention=Prevention.CANCEL_BOTH)
    engine.submit(5, BUY, Kind.IOC, 101, 16)
    assert engine.consequences() == [(3, Outcome.FILLED, 0), (4, Outcome.RESTING, 9)]
    engine.submit(6, SELL, Kind.LIMIT, 100, 1, 7, prevention=Prevention.CANCEL_BOTH)
    assert engine.consequences() == [(4, Outcome.CANCELED, 9)]


def test_the_parts_of_an_engine_begin_empty_and_sound() -> None:
    parts = StopOrders(8), Expiries(8), CrossingBook(8, False)
    for part in parts:
        part.check()
    assert (len(parts[0]), parts[1].count, parts[1].orders_max, parts[2].tracking) == (0, 0, 8, False)


@pytest.mark.parametrize("part", [StopOrders, Expiries])
def test_the_parts_have_bounds(part: type[StopOrders | Expiries]) -> None:
    with pytest.raises(ValueError, match="orders_max is 0"):
        part(0)
