"""Matching: price before time, and the same answers as a model that anybody can read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotpath.market.matching import Kind, MatchingEngine, Outcome

BUY, SELL = 1, -1
LOTS_MAX_OF_EIGHT = (2**63 - 1) // 8


def engine_with(*orders: tuple[int, int, int, int]) -> MatchingEngine:
    """Return an engine with (number, side, ticks, lots) resting."""
    engine = MatchingEngine(8, track_changes=True)
    for number, side, ticks, lots in orders:
        assert engine.submit(number, side, Kind.LIMIT, ticks, lots) == (Outcome.RESTING, [])
    engine.changes()
    return engine


@pytest.mark.parametrize("case", range(1, 15))
def test_quantcup_case_is_executed_as_published(case: int, shared_data: Callable[[str], Path]) -> None:
    cases = json.loads(shared_data("matching/quantcup_cases.json").read_text())
    [found] = [one for one in cases if one["n"] == case]
    engine = MatchingEngine(64)
    trader_of: dict[int, str] = {}
    executions = []

    def submit(order: dict[str, Any]) -> None:
        number = len(trader_of) + 1
        trader_of[number] = str(order["trader"])
        side = SELL if order["side"] == "ask" else BUY
        for maker, taker, ticks, lots, _ in engine.submit(number, side, Kind.LIMIT, order["price"], order["size"])[1]:
            executions.append((trader_of[maker], "bid" if side == SELL else "ask", ticks, lots))
            executions.append((trader_of[taker], "ask" if side == SELL else "bid", ticks, lots))

    for order in found["orders1"]:
        submit(order)
    for number in found["cancels"]:
        assert engine.cancel(number) == Outcome.CANCELED
    for order in found["orders2"]:
        submit(order)
    engine.check()
    expected = [(e["trader"], e["side"], e["price"], e["size"]) for e in found["executions"]]
    assert sorted(executions) == sorted(expected)


def test_better_price_first_then_earlier_arrival() -> None:
    engine = engine_with((1, SELL, 101, 5), (2, SELL, 100, 5), (3, SELL, 100, 5))
    outcome, executions = engine.submit(9, BUY, Kind.LIMIT, 101, 12, 7)
    assert outcome == Outcome.FILLED
    assert executions == [(2, 9, 100, 5, 0), (3, 9, 100, 5, 0), (1, 9, 101, 2, 0)]


def test_execution_names_the_owner_of_the_maker() -> None:
    engine = MatchingEngine(8)
    engine.submit(1, BUY, Kind.LIMIT, 100, 5, 42)
    assert engine.submit(2, SELL, Kind.LIMIT, 100, 5, 43)[1] == [(1, 2, 100, 5, 42)]


@pytest.mark.parametrize(
    ("outcome", "number", "side", "kind", "ticks", "lots"),
    [
        (Outcome.INVALID, 9, 0, Kind.LIMIT, 100, 5),
        (Outcome.INVALID, 9, 2**32 + 1, Kind.LIMIT, 100, 5),
        (Outcome.INVALID, 9, BUY, 2**32 + 1, 100, 5),
        (Outcome.INVALID, 9, BUY, 0, 100, 5),
        (Outcome.INVALID, 9, BUY, 8, 100, 5),
        (Outcome.INVALID, 9, BUY, Kind.STOP, 100, 5),
        (Outcome.INVALID, 9, BUY, Kind.LIMIT, 0, 5),
        (Outcome.INVALID, 9, BUY, Kind.LIMIT, 100, 0),
        (Outcome.INVALID, 9, BUY, Kind.LIMIT, 100, LOTS_MAX_OF_EIGHT + 1),
        (Outcome.INVALID, 1, BUY, Kind.LIMIT, 0, 5),
        (Outcome.DUPLICATE, 1, BUY, Kind.POST_ONLY, 110, 5),
        (Outcome.WOULD_TAKE, 9, BUY, Kind.POST_ONLY, 110, 5),
        (Outcome.KILLED, 9, BUY, Kind.FOK, 110, 11),
        (Outcome.KILLED, 9, BUY, Kind.FOK, 109, 1),
        (Outcome.FILLED, 9, BUY, Kind.FOK, 110, 10),
        (Outcome.FILLED, 9, BUY, Kind.IOC, 110, 10),
        (Outcome.FILLED, 9, BUY, Kind.MARKET, 0, 10),
        (Outcome.EXPIRED, 9, BUY, Kind.IOC, 110, 11),
        (Outcome.EXPIRED, 9, BUY, Kind.IOC, 109, 10),
        (Outcome.EXPIRED, 9, BUY, Kind.MARKET, 0, 11),
        (Outcome.RESTING, 9, BUY, Kind.LIMIT, 110, 11),
        (Outcome.RESTING, 9, BUY, Kind.POST_ONLY, 109, LOTS_MAX_OF_EIGHT),
    ],
)
def test_outcome_of_a_new_order(outcome: Outcome, number: int, side: int, kind: int, ticks: int, lots: int) -> None:
    engine = engine_with((1, BUY, 90, 10), (2, SELL, 110, 10))
    assert engine.submit(number, side, kind, ticks, lots)[0] == outcome
    engine.check()
    if outcome <= Outcome.KILLED:
        assert engine.depth(9) == (((90, 10),), ((110, 10),))
        assert engine.changes() == []


def test_a_full_book_refuses_what_may_rest_and_still_trades() -> None:
    engine = engine_with(*((n, BUY, 90 + n, 10) for n in range(8)))
    assert engine.submit(9, SELL, Kind.LIMIT, 97, 1)[0] == Outcome.FULL
    assert engine.submit(9, SELL, Kind.POST_ONLY, 90, 1)[0] == Outcome.FULL
    assert engine.submit(9, SELL, Kind.IOC, 97, 1)[0] == Outcome.FILLED
    assert engine.amend(0, 80, 99)[0] == Outcome.RESTING
    engine.check()


def test_cancel_takes_one_order_out_once() -> None:
    engine = engine_with((1, BUY, 90, 10), (2, BUY, 90, 5))
    assert engine.cancel(1) == Outcome.CANCELED
    assert engine.cancel(1) == Outcome.UNKNOWN
    assert (engine.open_lots(1), engine.open_lots(2), len(engine)) == (0, 5, 1)
    assert engine.changes() == [(BUY, 90, 5)]


def test_amend_to_fewer_lots_keeps_the_place_in_the_queue() -> None:
    engine = engine_with((1, BUY, 90, 10), (2, BUY, 90, 10))
    assert engine.amend(1, 90, 4) == (Outcome.REDUCED, [])
    assert engine.submit(9, SELL, Kind.IOC, 90, 5)[1] == [(1, 9, 90, 4, 0), (2, 9, 90, 1, 0)]


@pytest.mark.parametrize(("ticks", "lots"), [(90, 11), (91, 10), (91, 4)])
def test_amend_to_more_lots_or_another_price_goes_to_the_back(ticks: int, lots: int) -> None:
    engine = engine_with((1, BUY, 90, 10), (2, BUY, ticks, 10))
    assert engine.amend(1, ticks, lots) == (Outcome.RESTING, [])
    assert engine.submit(9, SELL, Kind.IOC, ticks, 11)[1] == [(2, 9, ticks, 10, 0), (1, 9, ticks, 1, 0)]


def test_amend_may_take_unless_the_order_is_post_only() -> None:
    engine = engine_with((1, BUY, 90, 10), (2, SELL, 110, 10))
    engine.submit(3, BUY, Kind.POST_ONLY, 91, 10)
    assert engine.amend(3, 110, 5) == (Outcome.WOULD_TAKE, [])
    assert engine.open_lots(3) == 10
    assert engine.amend(1, 110, 12) == (Outcome.RESTING, [(2, 1, 110, 10, 0)])
    assert engine.open_lots(1) == 2


@pytest.mark.parametrize(
    ("outcome", "number", "ticks", "lots"),
    [(Outcome.INVALID, 7, 0, 1), (Outcome.INVALID, 7, 1, 0), (Outcome.UNKNOWN, 7, 1, 1)],
)
def test_amend_that_cannot_be_is_refused(outcome: Outcome, number: int, ticks: int, lots: int) -> None:
    assert engine_with((1, BUY, 90, 10)).amend(number, ticks, lots) == (outcome, [])


def test_best_and_lots_at_show_the_levels() -> None:
    engine = engine_with((1, BUY, 90, 10), (2, BUY, 90, 5), (3, SELL, 110, 7))
    assert engine.best() == (90, 15, 110, 7)
    assert (engine.lots_at(BUY, 90), engine.lots_at(SELL, 110), engine.lots_at(SELL, 90)) == (15, 7, 0)
    assert MatchingEngine(1).best() == (0, 0, 0, 0)


def test_changes_name_each_touched_level_once_best_first() -> None:
    engine = engine_with((1, BUY, 90, 10), (2, SELL, 110, 10), (3, SELL, 111, 10))
    engine.submit(4, BUY, Kind.LIMIT, 110, 15)
    engine.submit(5, BUY, Kind.LIMIT, 95, 1)
    engine.cancel(3)
    assert engine.changes() == [(BUY, 110, 5), (BUY, 95, 1), (SELL, 110, 0), (SELL, 111, 0)]
    assert engine.changes() == []


def test_changes_beyond_memory_are_an_error_not_a_guess() -> None:
    engine = MatchingEngine(1, track_changes=True)
    for ticks in range(1, 4):
        engine.submit(1, BUY, Kind.LIMIT, ticks, 1)
        engine.cancel(1)
    assert len(engine.changes()) == 3
    for ticks in range(1, 6):
        engine.submit(1, BUY, Kind.LIMIT, ticks, 1)
        engine.cancel(1)
    with pytest.raises(OverflowError, match="more than 4 levels changed"):
        engine.changes()


def test_changes_must_be_asked_for() -> None:
    with pytest.raises(ValueError, match="track_changes=True"):
        MatchingEngine(8).changes()


@pytest.mark.parametrize("orders_max", [0, -1, 2**24 + 1])
def test_capacity_has_bounds(orders_max: int) -> None:
    with pytest.raises(ValueError, match="orders_max"):
        MatchingEngine(orders_max)


@pytest.mark.parametrize("place", range(6))
@pytest.mark.parametrize(("value", "error"), [(1.5, TypeError), ("1", TypeError), (2**63, OverflowError)])
def test_what_is_no_int64_is_refused_by_its_name(place: int, value: Any, error: type[Exception]) -> None:
    order: list[Any] = [9, BUY, Kind.LIMIT, 100, 5, 0]
    order[place] = value
    engine = engine_with()
    with pytest.raises(error, match=r"number|side|kind|price_ticks|lots|owner"):
        engine.submit(*order)
    assert len(engine) == 0


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
def test_a_number_of_an_order_is_an_int(value: Any) -> None:
    engine = engine_with((1, BUY, 90, 10))
    for request in (engine.cancel, engine.open_lots, engine.expire, engine.depth):
        with pytest.raises(TypeError, match="expected int"):
            request(value)
    with pytest.raises(TypeError, match="price_ticks"):
        engine.amend(1, value, 5)
    assert engine.open_lots(1) == 10


@pytest.mark.parametrize("side", [0, 2, -2, 2**40])
def test_a_question_about_no_side_is_an_error(side: int) -> None:
    with pytest.raises(ValueError, match="expected 1"):
        engine_with((1, SELL, 100, 10)).lots_at(side, 50)


@pytest.mark.parametrize("ticks", [0, -1, -(2**63)])
def test_nothing_rests_at_a_price_that_cannot_be(ticks: int) -> None:
    engine = engine_with((1, SELL, 100, 10), (2, BUY, 99, 10))
    assert (engine.lots_at(BUY, ticks), engine.lots_at(SELL, ticks)) == (0, 0)
    assert engine.submit(3, SELL, Kind.LIMIT, ticks, 1)[0] is Outcome.INVALID
