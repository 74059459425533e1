"""An amend is judged by what it adds, and reserves the larger of old and new until it is settled."""

from __future__ import annotations

import pytest

from engine.messages.orders import DenialReason as D
from tests.models.desk import BASE, EMERGENCY, LOT, PROTECTIVE, QUOTE, UNIT, Desk


def working(side: int = 1, lots: int = 2 * LOT, **bounds: int) -> tuple[Desk, int]:
    """Return a desk with one order of `lots` at 100.00."""
    desk = Desk(**bounds)
    assert desk.send(side, lots) == 0
    return desk, desk.limits.handle


def test_growth_is_checked_and_the_larger_is_reserved() -> None:
    desk, handle = working(position_value=420 * UNIT)
    assert desk.amend(handle, lots=4 * LOT) == 0
    assert desk.exposure.worst_lots(0) == (4 * LOT, 0)
    assert desk.limits.handle == handle
    assert desk.exposure.open_count == 1


def test_growth_over_a_limit_is_denied_and_changes_nothing() -> None:
    desk, handle = working(position_value=420 * UNIT)
    assert desk.amend(handle, lots=4 * LOT + 10) == D.POSITION_LIMIT
    assert desk.exposure.worst_lots(0) == (2 * LOT, 0)
    assert desk.exposure.reserved(QUOTE) == 200 * UNIT


def test_an_amend_to_less_keeps_the_old_reservation_until_it_is_settled() -> None:
    desk, handle = working(position_value=210 * UNIT)
    desk.bound(position_value=1, gross_ppm=1, net_ppm=1)
    assert desk.amend(handle, lots=LOT) == 0
    assert desk.exposure.worst_lots(0) == (2 * LOT, 0)
    desk.exposure.settle(handle, 100_00, LOT)
    assert desk.exposure.worst_lots(0) == (LOT, 0)


def test_a_higher_price_needs_more_funds() -> None:
    desk, handle = working(position_ppm=10**6)
    desk.account.set_balance(QUOTE, 202 * UNIT)
    assert desk.amend(handle, 101_01, 2 * LOT) == D.FUNDS_RESERVED
    assert desk.amend(handle, 101_00, 2 * LOT) == 0


def test_an_amend_needs_funds_for_what_it_adds_only() -> None:
    desk, handle = working(-1)
    desk.account.set_balance(BASE, 3 * UNIT)
    assert desk.amend(handle, lots=3 * LOT + 10) == D.FUNDS_RESERVED
    assert desk.amend(handle, lots=3 * LOT) == 0


def test_an_amend_counts_neither_as_an_open_order_nor_for_the_day() -> None:
    desk, handle = working(open_all=1, open_instrument=1, daily=1)
    assert desk.amend(handle, lots=LOT) == 0


def test_what_was_filled_is_part_of_the_new_quantity() -> None:
    desk, handle = working()
    desk.exposure.fill(handle, LOT)
    assert desk.amend(handle, lots=LOT) == D.ORDER_WELL_FORMED
    assert desk.amend(handle, lots=3 * LOT) == 0
    assert desk.exposure.worst_lots(0) == (3 * LOT, -LOT)


def test_what_leaves_us_must_be_an_order_that_the_venue_takes() -> None:
    desk, handle = working()
    desk.exposure.fill(handle, 2 * LOT - 10)
    assert desk.amend(handle, lots=2 * LOT) == D.ORDER_WELL_FORMED  # ten lots are worth less than the smallest order
    assert desk.amend(handle, lots=3 * LOT) == 0


@pytest.mark.parametrize("lots", [0, -LOT, LOT + 1])
def test_an_amend_is_well_formed(lots: int) -> None:
    desk, handle = working()
    assert desk.amend(handle, lots=lots) == D.ORDER_WELL_FORMED


def test_an_amend_stays_inside_the_collar() -> None:
    desk, handle = working()
    assert desk.amend(handle, 105_01, LOT) == D.PRICE_COLLAR


def test_an_order_is_not_amended_while_it_is_amended() -> None:
    desk, handle = working()
    assert desk.amend(handle, lots=LOT) == 0
    assert desk.amend(handle, lots=3 * LOT) == D.DUPLICATE_ORDER
    desk.exposure.settle(handle, 100_00, LOT)
    assert desk.amend(handle, lots=3 * LOT) == 0


def test_a_handle_that_is_over_is_an_unknown_order() -> None:
    desk, handle = working()
    desk.exposure.release(handle)
    assert desk.amend(handle) == D.UNKNOWN_ORDER
    assert (desk.limits.observed, desk.limits.limit) == (0, 0)


def test_in_protective_an_amend_may_shrink_but_not_grow() -> None:
    desk, handle = working()
    desk.limits.set_state(PROTECTIVE)
    assert desk.amend(handle, lots=3 * LOT) == D.REDUCE_ONLY
    assert desk.amend(handle, lots=LOT) == 0


def test_in_protective_an_order_that_may_grow_a_position_is_brought_no_nearer_to_its_fill() -> None:
    desk, handle = working()
    desk.limits.set_state(PROTECTIVE)
    assert desk.amend(handle, price=100_01, lots=LOT) == D.REDUCE_ONLY
    assert desk.amend(handle, price=99_99, lots=LOT) == 0
    desk = Desk()
    desk.exposure.move(0, 3 * LOT)
    assert desk.send(-1, 2 * LOT, 101_00, reduce_only=True) == 0
    desk.limits.set_state(PROTECTIVE)
    assert desk.amend(desk.limits.handle, price=100_00, lots=2 * LOT) == 0


def test_in_emergency_nothing_is_amended() -> None:
    desk, handle = working()
    desk.limits.set_state(EMERGENCY)
    assert desk.amend(handle, lots=LOT) == D.MODE_GATE


def test_a_reduce_only_order_stays_one_when_it_is_amended() -> None:
    desk = Desk()
    desk.exposure.move(0, 3 * LOT)
    assert desk.send(-1, 2 * LOT, reduce_only=True) == 0
    handle = desk.limits.handle
    assert desk.amend(handle, lots=3 * LOT + 10) == D.REDUCE_ONLY
    assert desk.amend(handle, lots=3 * LOT) == 0


def test_of_a_strategy_that_may_not_trade_nothing_is_amended() -> None:
    desk, handle = working()
    desk.recents.enable(0, False)
    assert desk.amend(handle, lots=LOT) == D.STRATEGY_AUTHORISED
