"""What a denial tells where a check has more than one way to say no."""

from __future__ import annotations

import pytest

from engine.messages.orders import DenialReason as D
from tests.models.desk import CAUTIOUS, LOT, NORMAL, UNIT, Desk
from tests.models.limit_cases import position, send, state, type_of_step
from tests.models.trip_steps import depth, fell, own, parent, unknown


@pytest.mark.parametrize(
    ("steps", "code", "seen"),
    [
        ((send(instrument=2),), D.INSTRUMENT_PERMITTED, (0, 1)),
        ((send(strategy=9),), D.STRATEGY_AUTHORISED, (0, 1)),
        ((state(CAUTIOUS), send()), D.MODE_GATE, (CAUTIOUS, NORMAL)),
        ((send(price=105_01),), D.PRICE_COLLAR, (105_01, 105_00)),
        ((send(-1, price=94_99),), D.PRICE_COLLAR, (94_99, 95_00)),
        ((own(-1, 100_00), send(price=100_01)), D.SELF_TRADE, (100_01, 100_00)),
        ((own(1, 100_00), send(-1, price=99_99)), D.SELF_TRADE, (99_99, 100_00)),
        ((unknown(0, 1, 1, 1), send()), D.UNKNOWN_ORDERS, (4, 3)),
        ((fell(777), send()), D.DRAWDOWN, (777 * UNIT, 500 * UNIT)),
        ((depth(10**9, 10 * LOT), send(lots=LOT + 10)), D.MAX_ORDER_QUANTITY, (LOT + 10, LOT)),
        ((depth(10 * LOT, 10**9), send(-1, LOT + 10)), D.MAX_ORDER_QUANTITY, (LOT + 10, LOT)),
        ((parent(2 * LOT, LOT), send(lots=LOT + 10)), D.PARENT_CHILD_CAP, (LOT + 10, LOT)),
        ((parent(LOT, LOT), send()), D.PARENT_CHILD_CAP, (LOT, 0)),
        ((position(LOT), send(-1, LOT + 10, reduce_only=True)), D.REDUCE_ONLY, (LOT + 10, 0)),
    ],
)
def test_each_way_tells_its_own_numbers(steps: tuple[type_of_step, ...], code: int, seen: tuple[int, int]) -> None:
    desk = Desk()
    assert [step(desk) for step in steps][-1] == code
    assert (desk.limits.observed, desk.limits.limit) == seen


def test_an_amend_while_another_is_on_its_way_tells_its_number() -> None:
    desk = Desk()
    assert desk.send() == 0
    handle = desk.limits.handle
    assert desk.amend(handle, 99_00) == 0
    assert desk.amend(handle, 98_00) == D.DUPLICATE_ORDER
    assert (desk.limits.observed, desk.limits.limit) == (desk.intent, 0)


def test_an_amend_of_nothing_tells_nothing() -> None:
    desk = Desk(order_value=1)
    assert desk.send() == D.MAX_ORDER_VALUE
    assert desk.amend(7) == D.UNKNOWN_ORDER
    assert (desk.limits.observed, desk.limits.limit, desk.limits.warned) == (0, 0, 0)
