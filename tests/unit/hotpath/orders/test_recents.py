"""A strategy may not say the same thing twice, and may not speak at all before somebody allows it."""

from __future__ import annotations

from typing import Any

import pytest

from engine.messages.orders import DenialReason as D
from hotpath.orders.recents import Recents
from tests.models.desk import LOT, NOW_NS, PERSON, UNIT, Desk

WINDOW_NS = 500_000_000
PLACES = 16_384
"""Of orders that are remembered."""


def test_no_strategy_may_trade_before_it_is_enabled_but_a_person_may() -> None:
    recents = Recents(2)
    assert [recents.is_enabled(strategy) for strategy in (-2, -1, 0, 1, 2)] == [False, True, False, False, False]
    recents.enable(1, True)
    assert recents.is_enabled(1)
    recents.enable(1, False)
    assert not recents.is_enabled(1)


def test_a_person_may_trade_where_there_is_no_strategy() -> None:
    recents = Recents(0)
    assert (recents.is_enabled(PERSON), recents.is_enabled(0)) == (True, False)


def test_each_strategy_has_its_own_last_intent() -> None:
    recents = Recents(2)
    recents.set_last_intent(0, 5)
    recents.set_last_intent(PERSON, 7)
    assert [recents.last_intent(strategy) for strategy in (0, 1, PERSON)] == [5, 0, 7]


def test_an_unknown_strategy_is_refused() -> None:
    recents = Recents(1)
    for strategy in (-2, 1):
        with pytest.raises(ValueError, match=r"is unknown; there are 0 to 0, -1 a person"):
            recents.enable(strategy, True)
    with pytest.raises(ValueError, match="expected none or more"):
        Recents(-1)


@pytest.mark.parametrize(
    "change", [{"side": -1, "price": 100_03}, {"lots": 2 * LOT}, {"price": 100_01}, {"instrument": 1}, {"strategy": 1}]
)
def test_an_order_that_differs_in_anything_is_another_order(change: dict[str, Any]) -> None:
    desk = Desk()
    assert desk.send() == 0
    assert desk.send(**change) == 0
    assert desk.send() == D.DUPLICATE_ORDER
    assert desk.send(**change) == D.DUPLICATE_ORDER


def test_a_buy_of_one_instrument_is_no_sale_of_the_next() -> None:
    desk = Desk()
    assert [desk.send(1, instrument=0), desk.send(-1, instrument=1)] == [0, 0]


def test_a_denial_says_how_long_ago_and_the_window_or_the_numbers() -> None:
    desk = Desk()
    desk.send(intent=7)
    desk.send(intent=8, now_ns=NOW_NS + 120_000_000)
    assert (desk.limits.observed, desk.limits.limit) == (120, 500)
    desk.send(intent=8, now_ns=NOW_NS)
    assert (desk.limits.observed, desk.limits.limit) == (8, 8)


def test_a_denied_order_is_not_remembered() -> None:
    desk = Desk(order_value=1)
    assert desk.send() == D.MAX_ORDER_VALUE
    desk.bound()
    assert desk.send() == 0


def test_a_window_of_nothing_lets_everything_repeat() -> None:
    desk = Desk(duplicate_window_ns=0)
    assert [desk.send(), desk.send()] == [0, 0]


def test_a_window_of_a_nanosecond_is_one() -> None:
    desk = Desk(duplicate_window_ns=1)
    assert [desk.send(), desk.send(), desk.send(now_ns=NOW_NS + 1)] == [0, D.DUPLICATE_ORDER, 0]


def test_what_came_while_there_was_no_window_is_not_remembered_and_takes_no_place_of_another() -> None:
    desk = Desk(order_value=105 * UNIT)
    assert desk.send(lots=LOT + 10) == D.MAX_ORDER_VALUE
    desk.bound(position_value=1)
    assert desk.send() == D.POSITION_LIMIT  # it was looked for, and denied afterwards
    desk.bound(duplicate_window_ns=0)
    assert desk.send(lots=2 * LOT) == 0
    desk.bound()
    assert [desk.send(lots=2 * LOT), desk.send(), desk.send()] == [0, 0, D.DUPLICATE_ORDER]


def test_a_repetition_is_seen_among_thousands_and_forgotten_when_the_window_has_passed() -> None:
    desk = Desk(open_instrument=10**4, open_all=10**4, daily=10**6, age_ns=10**12)
    desk.pace(new_per_second=10**6, messages_per_second=10**6, trade_from=10**6)
    for number in range(6_000):
        assert desk.send(lots=LOT + 10 * number, price=95_00 + number % 1_000) == 0
        desk.exposure.release(desk.limits.handle)
    assert desk.send(lots=LOT, price=95_00) == D.DUPLICATE_ORDER
    assert desk.send(lots=LOT + 59_990, price=95_00 + 999) == D.DUPLICATE_ORDER
    assert desk.send(lots=LOT, price=95_00, now_ns=NOW_NS + WINDOW_NS) == 0


def test_what_can_no_longer_be_compared_counts_as_a_repetition() -> None:
    desk = Desk(open_instrument=10**5, open_all=10**5, daily=10**6, order_value=10**18, age_ns=10**12)
    desk.pace(new_per_second=10**6, messages_per_second=10**6, trade_from=10**6)
    orders = [(1_000 + 10 * (number // 1_000), 95_00 + number % 1_000) for number in range(17_000)]
    lost = []
    for lots, price in orders:
        if desk.send(1, lots, price) == D.DUPLICATE_ORDER:
            assert (desk.limits.observed, desk.limits.limit) == (0, 500)
            lost.append((lots, price))
        desk.exposure.release(desk.limits.handle)
    assert 0 < len(lost) < len(orders)
    assert orders.index(lost[0]) > PLACES // 2
    for order in lost:
        assert desk.send(1, *order, now_ns=NOW_NS + WINDOW_NS - 1) == D.DUPLICATE_ORDER
    for order in lost:
        assert desk.send(1, *order, now_ns=NOW_NS + WINDOW_NS) == 0
        desk.exposure.release(desk.limits.handle)


def test_a_buy_of_one_instrument_and_a_sell_of_the_next_are_two_orders() -> None:
    desk = Desk()
    assert desk.send(instrument=0, side=1) == 0
    assert desk.send(instrument=1, side=-1) == 0
