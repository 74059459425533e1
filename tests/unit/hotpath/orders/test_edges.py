"""The edges of what is taken and refused: the last value on this side, the first on that; a used slot is as new."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.messages.orders import DenialReason as D
from hotpath.core.units import Scale
from hotpath.orders.exposure import Exposure
from hotpath.orders.filters import Filters
from tests.models.desk import UNIT, Desk

SCALE = Scale(2, 4)
LOT = 10_000
SLOTS_MAX = 65_536
RULES: dict[str, Any] = {
    "permitted": True,
    "price_step_ticks": 1,
    "quantity_step_lots": 1,
    "lots_min": 1,
    "lots_max": 0,
    "market_lots_max": 0,
    "price_ticks_min": 0,
    "price_ticks_max": 0,
    "notional_min": 0,
}


def exposure(capacity: int = 1) -> Exposure:
    made = Exposure([(SCALE, 0, 1), (SCALE, 2, 1)], 3, capacity, 1_000)
    for instrument in (0, 1):
        made.rate(instrument, 1, 1)
        made.mark(instrument, 95_00, 105_00)
    return made


def story(held: Exposure) -> list[Any]:
    """Return what can be seen of an order from its reservation on."""
    handle = held.reserve(0, 1, 100_00, 5 * LOT)
    seen: list[Any] = [
        held.order(handle),
        held.worst_lots(0),
        held.reserved(1),
        held.unknown_count,
        held.own_best(0, 1),
    ]
    held.fill(handle, LOT)
    seen += [held.order(handle), held.worst_lots(0), held.reserved(1)]
    held.release(handle)
    held.move(0, -LOT)
    return [*seen, held.worst_lots(0), held.reserved(1), held.open_count]


def lived(held: Exposure, parked: bool, side: int) -> None:
    """Have an order filled, amended, unknown and released in the one slot that there is."""
    handle = held.reserve(1, side, 99_00, 7 * LOT, 2 * LOT, -1, parked)
    if not parked:
        held.amend(handle, 98_00, 9 * LOT)
        held.fill(handle, LOT)
        held.set_unknown(handle, True)
        held.move(1, -side * LOT)
    held.release(handle)


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("parked", [False, True])
def test_a_slot_that_was_used_is_as_good_as_new(parked: bool, side: int) -> None:
    used = exposure()
    lived(used, parked, side)
    used.check()
    assert (used.worst_lots(1), used.reserved(1), used.reserved(2)) == ((0, 0), 0, 0)
    assert story(used) == story(exposure())
    used.check()


@pytest.mark.parametrize(("lots", "code"), [(-1, D.ORDER_WELL_FORMED), (0, D.ORDER_WELL_FORMED), (1, 0)])
def test_an_amend_to_a_lot_is_the_least_there_is(lots: int, code: int) -> None:
    desk = Desk()
    desk.filter(quantity_step_lots=1, lots_min=1, notional_min=0)
    assert desk.send() == 0
    assert desk.amend(desk.limits.handle, lots=lots) == code


def test_a_slot_of_a_reduce_only_order_does_not_make_the_next_one_reduce_only() -> None:
    desk = Desk(capacity=1)
    desk.exposure.move(0, 3 * LOT)
    assert desk.send(-1, reduce_only=True) == 0
    desk.exposure.release(desk.limits.handle)
    assert desk.amend(desk.exposure.reserve(0, 1, 100_00, LOT), lots=2 * LOT) == 0


@pytest.mark.parametrize("capacity", [1, SLOTS_MAX])
def test_as_many_slots_as_fit_are_taken(capacity: int) -> None:
    assert exposure(capacity).capacity == capacity


@pytest.mark.parametrize("handle", [0, 1, -1, 65_535, 65_536, 65_537, -(2**63), 2**63 - 1])
def test_a_number_that_nobody_was_given_is_no_order(handle: int) -> None:
    assert not exposure(2).is_open(handle)


@pytest.mark.parametrize("capacity", [1, 2, 3])
def test_every_slot_can_be_used_and_no_more(capacity: int) -> None:
    held = exposure(capacity)
    for _ in range(2):
        handles = [held.reserve(0, 1, 100_00, LOT) for _ in range(capacity)]
        assert all(held.is_open(handle) for handle in handles)
        assert (len(set(handles)), held.open_count, held.worst_lots(0)) == (capacity, capacity, (capacity * LOT, 0))
        with pytest.raises(OverflowError, match="slots are in use"):
            held.reserve(0, 1, 100_00, LOT)
        held.check()
        for handle in handles:
            held.release(handle)
            assert not held.is_open(handle)


def test_one_lot_at_one_tick_is_worth_what_it_is() -> None:
    held = exposure()
    held.mark(0, 1, 1)
    held.move(0, LOT)
    assert held.worst_value(0) == (UNIT // 100, 0)
    held.move(0, -2 * LOT)
    assert held.worst_value(0) == (0, UNIT // 100)
    held.move(0, LOT)
    assert held.worst_value(0) == (0, 0)


@pytest.mark.parametrize("capacity", [0, SLOTS_MAX + 1])
def test_no_slots_and_too_many_are_refused(capacity: int) -> None:
    with pytest.raises(ValueError, match="expected 1 to 65536"):
        exposure(capacity)


CALLS: list[Callable[[Exposure, int], Any]] = [
    lambda held, index: held.worst_lots(index),
    lambda held, index: held.worst_value(index),
    lambda held, index: held.position_lots(index),
    lambda held, index: held.open_orders(index),
    lambda held, index: held.own_best(index, 1),
    lambda held, index: held.reserve(index, 1, 1, 1),
    lambda held, index: held.move(index, 1),
    lambda held, index: held.take_fee(index, 1),
    lambda held, index: held.mark(index, 1, 2),
    lambda held, index: held.rate(index, 1, 1),
]


@pytest.mark.parametrize("call", CALLS)
def test_every_instrument_is_known_and_no_other(call: Callable[[Exposure, int], Any]) -> None:
    for index in (0, 1):
        call(exposure(), index)
    for index in (-1, 2, 2**40):
        held = exposure()
        with pytest.raises(ValueError, match="instrument"):
            call(held, index)
        held.check()


@pytest.mark.parametrize(("low", "high"), [(0, 0), (0, 1), (7, 7)])
def test_a_collar_may_be_empty_or_of_one_price(low: int, high: int) -> None:
    held = exposure()
    held.mark(0, low, high)
    held.check()


@pytest.mark.parametrize(("low", "high"), [(-1, 5), (6, 5), (1, 0)])
def test_a_collar_that_is_upside_down_or_below_nothing_is_refused(low: int, high: int) -> None:
    with pytest.raises(ValueError, match="the collar is"):
        exposure().mark(0, low, high)


@pytest.mark.parametrize(("side", "price", "lots"), [(1, 1, 1), (-1, 1, 1)])
def test_the_smallest_order_is_taken(side: int, price: int, lots: int) -> None:
    held = exposure()
    assert held.is_open(held.reserve(0, side, price, lots))


@pytest.mark.parametrize(
    ("side", "price", "lots"), [(0, 1, 1), (2, 1, 1), (-2, 1, 1), (1, 0, 1), (1, 1, 0), (1, -1, 1)]
)
def test_what_is_no_order_is_refused_and_reserves_nothing(side: int, price: int, lots: int) -> None:
    held = exposure()
    with pytest.raises(ValueError, match=r"side is|must be positive"):
        held.reserve(0, side, price, lots)
    assert (held.open_count, held.worst_lots(0), held.reserved(1)) == (0, (0, 0), 0)


def test_an_amend_that_is_no_order_is_refused_and_changes_nothing() -> None:
    held = exposure()
    handle = held.reserve(0, 1, 100_00, 2 * LOT)
    for price, lots in ((0, LOT), (100_00, 0), (-1, LOT)):
        with pytest.raises(ValueError, match="must be positive"):
            held.amend(handle, price, lots)
    assert (held.order(handle), held.worst_lots(0)) == ((0, 1, 100_00, 2 * LOT, 0), (2 * LOT, 0))


@pytest.mark.parametrize("amended", [1, 2, 4])
def test_an_amend_reserves_the_larger_and_settles_to_what_it_became(amended: int) -> None:
    held = exposure()
    handle = held.reserve(0, 1, 100_00, 2 * LOT)
    held.amend(handle, 101_00, amended * LOT)
    assert held.worst_lots(0) == (max(2, amended) * LOT, 0)
    held.settle(handle, 101_00, amended * LOT)
    assert (held.worst_lots(0), held.order(handle)[2:4]) == ((amended * LOT, 0), (101_00, amended * LOT))
    held.check()


def test_orders_of_which_nobody_knows_are_counted_once_and_given_back() -> None:
    held = exposure(2)
    first, second = held.reserve(0, 1, 1, 1), held.reserve(1, -1, 1, 1)
    for _ in range(2):
        assert held.set_unknown(first, True)
    assert held.set_unknown(second, True)
    assert held.unknown_count == 2
    assert held.set_unknown(second, False)
    assert held.unknown_count == 1
    held.release(first)
    assert held.unknown_count == 0
    assert not held.set_unknown(first, True)


@pytest.mark.parametrize("steps", [{"price_step_ticks": 0}, {"quantity_step_lots": 0}, {"price_step_ticks": -1}])
def test_a_step_of_nothing_is_refused(steps: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="expected at least 1"):
        Filters([SCALE]).set_filter(0, **(RULES | steps))


def test_steps_of_one_are_taken() -> None:
    rules = Filters([SCALE, SCALE])
    for index in (0, 1):
        rules.set_filter(index, **RULES)
        assert rules.is_permitted(index)
    for index in (-1, 2):
        with pytest.raises(ValueError, match="instrument"):
            rules.is_permitted(index)
