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


def test_an_amend_that_needs_no_more_is_not_held_up_by_a_balance_that_is_gone() -> None:
    desk, handle = working()
    desk.account.set_balance(QUOTE, 1)
    assert desk.amend(handle, lots=LOT) == 0


@pytest.mark.parametrize(
    ("bounds", "code"),
    [
        ({"position_value": 210 * UNIT}, D.POSITION_LIMIT),
        ({"gross_ppm": 700}, D.GROSS_EXPOSURE),
        ({"net_ppm": 700}, D.NET_EXPOSURE),
    ],
)
def test_a_single_lot_more_is_more(bounds: dict[str, int], code: int) -> None:
    desk, handle = working(**bounds)
    desk.filter(quantity_step_lots=1)
    assert desk.amend(handle, lots=2 * LOT + 1) == code
    assert desk.amend(handle, lots=2 * LOT) == 0


def test_after_too_much_was_traded_an_amend_may_make_an_order_smaller_and_not_a_lot_larger() -> None:
    desk, handle = working()
    desk.filter(quantity_step_lots=1)
    desk.limits.turnover.set_traded_today(10**17)
    assert desk.amend(handle, lots=2 * LOT + 1) == D.TURNOVER
    assert desk.amend(handle, lots=LOT) == 0


def test_an_amend_that_adds_nothing_does_not_need_the_marks_of_others() -> None:
    desk, handle = working()
    desk.exposure.move(1, LOT)
    desk.exposure.rate(1, 0, 0)
    assert desk.amend(handle, lots=2 * LOT + 10) == D.GROSS_EXPOSURE_INPUT
    assert desk.amend(handle, lots=LOT) == 0


def test_the_handle_told_is_that_of_the_order_that_is_amended() -> None:
    desk, handle = working()
    assert desk.send(lots=LOT) == 0
    assert desk.amend(handle, lots=3 * LOT) == 0
    assert desk.limits.handle == handle


def test_an_amend_is_a_message_and_no_new_order() -> None:
    desk, handle = working()
    desk.pace(messages_per_second=2)
    assert desk.amend(handle, lots=LOT) == 0
    assert desk.send(lots=LOT) == D.MAX_MESSAGES
    desk, handle = working()
    desk.pace(new_per_second=1)
    assert desk.send(lots=LOT) == D.MAX_MESSAGES
    assert desk.amend(handle, lots=LOT) == 0


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


@pytest.mark.parametrize(("price", "code"), [(99_99, D.REDUCE_ONLY), (100_00, 0), (100_01, 0)])
def test_a_sale_comes_nearer_to_its_fill_by_a_lower_price(price: int, code: int) -> None:
    desk, handle = working(-1)
    desk.limits.set_state(PROTECTIVE)
    assert desk.amend(handle, price=price, lots=LOT) == code


def test_in_protective_an_order_that_buys_back_may_come_nearer_to_its_fill() -> None:
    desk = Desk()
    desk.exposure.move(0, -3 * LOT)
    assert desk.send(1, 2 * LOT, 99_00, reduce_only=True) == 0
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
