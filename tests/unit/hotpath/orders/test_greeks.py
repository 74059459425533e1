"""The worst case of Greeks is the sum of what each instrument adds, whatever was told, moved and reserved before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.messages.orders import DenialReason as D
from hotpath.core.units import Scale
from hotpath.orders.exposure import Exposure
from hotpath.orders.greeks import Greeks
from tests.models.desk import GREEKS, LOT, NOW_NS, UNIT, Desk

SMALLEST = 2.0**-16 / UNIT
"""Of a Greek of one lot: the least that is not nothing."""
INSTRUMENTS, CONTRACT_LOTS = 3, 8

Step = tuple[str, int, int, tuple[int, int, int]]
steps = st.lists(
    st.tuples(
        st.sampled_from(["option", "greeks", "greeks", "unusable", "move", "move", "reserve", "release"]),
        st.integers(0, INSTRUMENTS - 1),
        st.integers(-9, 9),
        st.tuples(*[st.integers(-5, 5)] * 3),
    ),
    max_size=40,
)


class Model:
    """What is known of each instrument, added up anew for each question; a lot's Greek is a whole unit of money."""

    def __init__(self, exposure: Exposure) -> None:
        self.exposure = exposure
        self.underlying: dict[int, int] = {}
        self.told: dict[int, tuple[int, int, int] | None] = {}

    def sides(self, instrument: int) -> tuple[int, int]:
        """Return the position after all open buys, and after all open sales."""
        buys, sells = self.exposure.worst_lots(instrument)
        return buys, -sells

    def worst(self, greek: int, underlying: int) -> int | None:
        """Return the larger side of the sums of an underlying, or of all for -1; None while one cannot be used."""
        up = down = 0
        for instrument, its in self.underlying.items():
            told, sides = self.told.get(instrument), self.sides(instrument)
            if sides == (0, 0):
                continue
            if told is None:
                return None
            if underlying in (-1, its):
                values = [told[greek] * lots for lots in sides]
                up, down = up + max(values), down - min(values)
        return max(up, down) * UNIT


@given(steps)
def test_the_sums_are_those_of_the_obvious_model(history: list[Step]) -> None:
    exposure = Exposure([(Scale(2, 4), 0, 1)] * INSTRUMENTS, 2, 64)
    greeks, model, handles = Greeks(exposure), Model(exposure), list[int]()
    greeks.set_bounds(**GREEKS)  # type: ignore[arg-type]
    for verb, instrument, number, told in history:
        if verb == "option":
            model.underlying[instrument] = abs(number) % INSTRUMENTS
            greeks.set_option(instrument, model.underlying[instrument], CONTRACT_LOTS)
        elif verb in ("greeks", "unusable") and instrument in model.underlying:
            model.told[instrument] = told if verb == "greeks" else None
            delta, gamma, vega = (value * CONTRACT_LOTS if verb == "greeks" else None for value in told)
            greeks.set_greeks(instrument, delta, gamma, vega)
        elif verb == "move":
            exposure.move(instrument, number)
        elif verb == "reserve" and number:
            handles.append(exposure.reserve(instrument, 1 if number > 0 else -1, 1, abs(number)))
        elif verb == "release" and handles:
            exposure.release(handles.pop(number % len(handles)))
        if len(handles) % 2 == 0:  # now and then nobody asks
            for greek in range(3):
                for underlying in range(-1, INSTRUMENTS):
                    assert greeks.worst(greek, underlying) == model.worst(greek, underlying)


def test_what_changes_in_many_instruments_at_once_reaches_the_sums() -> None:
    count = 500
    exposure = Exposure([(Scale(2, 4), 0, 1)] * count, 2, 1)
    greeks = Greeks(exposure)
    greeks.set_bounds(**GREEKS)  # type: ignore[arg-type]
    for instrument in range(count):
        greeks.set_option(instrument, instrument, 1)
        greeks.set_greeks(instrument, 1, 0, 0)
    for _ in range(10):
        for instrument in range(count):
            exposure.move(instrument, 1)
    assert [greeks.worst(0, underlying) for underlying in (0, count - 1, -1)] == [
        10 * UNIT,
        10 * UNIT,
        10 * count * UNIT,
    ]


def test_the_smallest_greek_of_a_lot_is_more_than_nothing_on_either_side() -> None:
    for side, value in ((1, SMALLEST), (-1, SMALLEST), (1, -SMALLEST)):
        desk = Desk()
        desk.filter(quantity_step_lots=1, lots_min=1, notional_min=0)
        desk.limits.greeks.set_bounds(each=(0, 0, 0), total=(0, 0, 0), age_ns=1)
        desk.limits.greeks.set_option(0, 0, 1)
        desk.limits.greeks.set_greeks(0, value, 0, 0)
        assert desk.send(side, lots=1) == D.DELTA_LIMIT
        assert (desk.limits.observed, desk.limits.limit) == (1, 0)


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(("limit", "code"), [(2 * UNIT, 0), (2 * UNIT - 1, D.DELTA_LIMIT)])
def test_what_is_on_order_on_either_side_counts_with_its_own(side: int, limit: int, code: int) -> None:
    desk = Desk()
    desk.limits.greeks.set_bounds(each=(limit,) * 3, total=(limit,) * 3, age_ns=1)
    desk.limits.greeks.set_option(0, 0, LOT)
    desk.limits.greeks.set_greeks(0, 1, 0, 0)
    desk.exposure.reserve(0, 1, 99_00, LOT)
    desk.exposure.reserve(0, -1, 101_00, LOT)
    assert desk.send(side) == code


def test_what_another_instrument_of_the_underlying_adds_counts_as_soon_as_it_is_held() -> None:
    desk = Desk()
    desk.limits.greeks.set_bounds(each=(UNIT, UNIT, UNIT), total=(2 * UNIT, UNIT, UNIT), age_ns=1)
    for instrument in (0, 1):
        desk.limits.greeks.set_option(instrument, 0, LOT)
        desk.limits.greeks.set_greeks(instrument, 1, 0, 0, NOW_NS)
    desk.exposure.move(1, LOT // 2)
    assert desk.send(lots=LOT // 2 + 10) == D.DELTA_LIMIT
    assert desk.send(lots=LOT // 2) == 0
