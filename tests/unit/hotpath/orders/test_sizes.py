"""Limits of a part of the desk only tighten, and what waits with us is open and no worst case."""

from __future__ import annotations

import pytest

from engine.messages.orders import DenialReason as D
from hotpath.orders.sizes import Sizes
from tests.models.desk import BASE, CAUTIOUS, LOT, NORMAL, QUOTE, UNIT, Desk

INT64_MAX = 2**63 - 1


def test_an_instrument_s_own_limit_binds_in_it_alone() -> None:
    desk = Desk()
    desk.limits.sizes.tighten_instrument(0, 105 * UNIT - 1, INT64_MAX)
    assert (desk.send(), desk.send(instrument=1)) == (D.MAX_ORDER_VALUE, 0)
    desk.limits.sizes.tighten_instrument(0, INT64_MAX, 105 * UNIT - 1)
    assert desk.send() == D.POSITION_LIMIT
    desk.limits.sizes.loosen()
    assert desk.send() == 0


def test_a_part_cannot_loosen_what_holds_for_all() -> None:
    desk = Desk(order_value=105 * UNIT - 1)
    desk.limits.sizes.tighten_instrument(0, INT64_MAX, INT64_MAX)
    assert desk.send() == D.MAX_ORDER_VALUE


def test_a_strategy_s_own_limit_looks_at_its_own_orders_and_positions() -> None:
    desk = Desk()
    desk.limits.sizes.tighten_strategy(0, INT64_MAX, 210 * UNIT)
    assert desk.send(strategy=1, lots=3 * LOT) == 0
    assert desk.send() == 0
    desk.exposure.fill(desk.limits.handle, LOT)
    assert desk.send(lots=LOT - 1_000) == 0
    assert desk.send(lots=1_010) == D.POSITION_LIMIT
    assert desk.send(-1, price=101_00, lots=LOT + 20) == 0
    assert desk.send(strategy=-1, lots=LOT + 30) == 0
    desk.exposure.move(0, -LOT, 0)
    assert desk.send(lots=LOT + 40) == 0


def test_a_strategy_s_own_limit_looks_at_its_own_sales_as_well() -> None:
    desk = Desk()
    desk.limits.sizes.tighten_strategy(0, INT64_MAX, 210 * UNIT)
    assert desk.send(-1, strategy=1, lots=3 * LOT) == 0
    assert desk.send(-1) == 0
    first = desk.limits.handle
    assert desk.send(-1, lots=LOT + 10) == D.POSITION_LIMIT
    assert (desk.limits.observed, desk.limits.limit) == (105 * UNIT * (2 * LOT + 10) // LOT, 210 * UNIT)
    desk.exposure.fill(first, LOT)
    desk.exposure.release(first)
    assert desk.send(-1, lots=LOT + 10) == D.POSITION_LIMIT
    assert desk.send(-1, lots=LOT) == D.DUPLICATE_ORDER
    assert desk.send(-1, lots=LOT - 10) == 0
    assert desk.send(1, price=99_00, lots=2 * LOT) == 0


@pytest.mark.parametrize("side", [1, -1])
def test_what_a_strategy_has_in_one_instrument_is_not_what_it_or_another_has_in_the_next(side: int) -> None:
    desk = Desk()
    for strategy in (0, 1):
        desk.limits.sizes.tighten_strategy(strategy, INT64_MAX, 105 * UNIT)
    places = [(strategy, instrument) for strategy in (0, 1) for instrument in (0, 1)]
    for strategy, instrument in places:
        assert desk.send(side, strategy=strategy, instrument=instrument) == 0
    for strategy, instrument in places:
        code = desk.send(side, strategy=strategy, instrument=instrument, lots=10, price=101_00)
        assert code == D.ORDER_WELL_FORMED  # ten lots are worth less than the smallest order
        desk.filter(instrument, notional_min=0)
        assert desk.send(side, strategy=strategy, instrument=instrument, lots=10) == D.POSITION_LIMIT
        desk.filter(instrument)


def test_a_strategy_s_own_order_value_and_the_state_hold_together() -> None:
    desk = Desk()
    desk.limits.sizes.tighten_strategy(0, 420 * UNIT, INT64_MAX)
    desk.limits.set_state(CAUTIOUS, True)
    assert desk.send() == 0
    assert desk.send(lots=LOT + 10) == D.MAX_ORDER_VALUE
    desk.limits.set_state(NORMAL)
    assert desk.send(lots=LOT + 20) == 0


def test_a_strategy_whose_part_nobody_keeps_is_an_unusable_input() -> None:
    desk = Desk()
    limits = Desk(kept=0).limits
    assert limits.exposure.strategies_count == 0
    assert Desk(kept=0).send() == 0
    bare = Desk(kept=0)
    bare.limits.sizes.tighten_strategy(0, INT64_MAX, 10**6 * UNIT)
    assert (bare.send(), desk.send()) == (D.POSITION_LIMIT_INPUT, 0)


def test_what_is_loosened_is_loosened_for_strategies_too() -> None:
    bare = Desk(kept=0)
    bare.limits.sizes.tighten_strategy(0, 1, 1)
    assert bare.send() == D.MAX_ORDER_VALUE
    bare.limits.sizes.loosen()
    assert bare.send() == 0
    desk = Desk()
    desk.limits.sizes.tighten_strategy(2, INT64_MAX, 1)
    desk.limits.sizes.loosen()
    desk.limits.sizes.tighten_strategy(0, 1, 1)
    desk.recents.enable(2, True)
    assert desk.send(strategy=2) == 0


def test_parts_that_are_not_there_are_refused() -> None:
    sizes = Sizes(Desk().exposure, 1)
    with pytest.raises(ValueError, match="instrument 2 is unknown"):
        sizes.tighten_instrument(2, 1, 1)
    with pytest.raises(ValueError, match="strategy 1 is unknown"):
        sizes.tighten_strategy(1, 1, 1)


def test_what_is_parked_is_open_and_ties_up_funds_and_is_no_worst_case() -> None:
    desk = Desk()
    assert desk.send(park=True) == 0
    handle = desk.limits.handle
    assert (desk.exposure.open_count, desk.exposure.worst_lots(0)) == (1, (0, 0))
    assert desk.exposure.reserved(QUOTE) == 100 * UNIT
    assert desk.limits.daily_orders(1_700_000_000_000_000_000) == 0
    assert desk.limits.unpark(handle)
    assert (desk.exposure.open_count, desk.exposure.reserved(QUOTE)) == (0, 0)
    assert not desk.limits.unpark(handle)
    desk.exposure.check()


def test_what_lives_at_the_venue_cannot_be_unparked() -> None:
    desk = Desk()
    assert desk.send(-1) == 0
    assert not desk.limits.unpark(desk.limits.handle)
    assert desk.exposure.reserved(BASE) == UNIT


def test_an_order_of_an_earlier_run_may_wait_as_well() -> None:
    desk = Desk()
    handle = desk.exposure.reserve(0, 1, 100_00, LOT, 0, 0, True)
    assert (desk.exposure.worst_lots(0), desk.exposure.own_best(0, 1)) == ((0, 0), 0)
    assert desk.limits.unpark(handle)


def test_a_strategy_s_part_that_is_beyond_counting_is_an_unusable_input() -> None:
    desk = Desk()
    desk.limits.sizes.tighten_strategy(0, INT64_MAX, 10**6 * UNIT)
    desk.exposure.move(0, 2**61, 0)
    desk.exposure.move(0, -(2**61))
    assert (desk.send(), desk.send(strategy=1)) == (D.POSITION_LIMIT_INPUT, 0)


def test_a_position_is_overdue_by_what_it_is_held_too_long() -> None:
    turnover = Desk().limits.turnover
    turnover.set_bounds(hold_ns=60, turnover_ppm=1, edge_ratio_ppm=1)
    turnover.set_held_since(0, 100)
    assert [turnover.overdue_ns(0, now_ns) for now_ns in (100, 160, 161)] == [0, 0, 1]
    assert turnover.overdue_ns(1, 10**9) == 0
    turnover.set_bounds(hold_ns=0, turnover_ppm=1, edge_ratio_ppm=1)
    assert turnover.overdue_ns(0, 10**9) == 0


def test_a_day_that_is_well_does_not_hide_a_fall_from_the_peak() -> None:
    desk = Desk()
    desk.limits.losses.set_day_equity(300_000 * UNIT)
    desk.limits.losses.set_peak_equity(300_600 * UNIT)
    assert desk.send() == D.DRAWDOWN
