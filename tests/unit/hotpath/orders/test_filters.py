"""What the venue would refuse never leaves us."""

from __future__ import annotations

from typing import Any

import pytest

from hotpath.core.units import Scale
from hotpath.orders.filters import Filters, check_arguments
from tests.models.desk import FILTER, SCALE, UNIT

INT64_MAX = 2**63 - 1
LIMIT, MARKET = 1, 2
GTC, IOC, FOK = 1, 2, 3
ORDER = {
    "side": 1,
    "type": LIMIT,
    "time_in_force": GTC,
    "post_only": False,
    "price_ticks": 100_00,
    "lots": 10_000,
    "mid_ticks": 100_00,
}
MARKET_ORDER = {"type": MARKET, "price_ticks": 0}


def accepts(rules: dict[str, Any], order: dict[str, Any]) -> bool:
    filters = Filters([SCALE])
    filters.set_filter(0, **(FILTER | rules))
    return filters.is_well_formed(0, **(ORDER | order))


@pytest.mark.parametrize(
    ("rules", "order"),
    [
        ({}, {}),
        ({}, {"side": -1}),
        ({}, {"time_in_force": IOC}),
        ({}, {"time_in_force": FOK}),
        ({}, {"post_only": True}),
        ({}, MARKET_ORDER),
        ({}, MARKET_ORDER | {"time_in_force": IOC}),
        ({"price_step_ticks": 50}, {"price_ticks": 100_50}),
        ({"price_ticks_min": 100_00, "price_ticks_max": 100_00}, {}),
        ({"price_ticks_max": 0}, {"price_ticks": 10**15}),
        ({"lots_min": 10_000, "lots_max": 10_000}, {}),
        ({"lots_max": 0}, {"lots": 10**12}),
        ({"market_lots_max": 10_000}, MARKET_ORDER),
        ({"market_lots_max": 0}, MARKET_ORDER),
        ({"market_lots_max": 10}, {}),
        ({"notional_min": 100 * UNIT}, {}),
        ({"notional_min": 100 * UNIT}, MARKET_ORDER),
        ({"lots_max": 0}, {"price_ticks": 10**12, "lots": 10**18}),
        ({"price_ticks_min": 0, "notional_min": 0}, {"price_ticks": 1}),
        ({"lots_min": 0, "notional_min": 0, "quantity_step_lots": 1}, {"lots": 1}),
    ],
)
def test_what_the_venue_takes(rules: dict[str, Any], order: dict[str, Any]) -> None:
    assert accepts(rules, order)


@pytest.mark.parametrize(
    ("rules", "order"),
    [
        ({}, {"side": 0}),
        ({}, {"side": 2}),
        ({}, {"type": 0}),
        ({}, {"type": 3}),
        ({}, {"time_in_force": 0}),
        ({}, {"time_in_force": 4}),
        ({}, {"price_ticks": 0}),
        ({}, {"price_ticks": -1}),
        ({"price_ticks_min": 0, "notional_min": 0}, {"price_ticks": 0}),
        ({"lots_min": 0, "notional_min": 0}, {"lots": 0}),
        ({"price_step_ticks": 50}, {"price_ticks": 100_49}),
        ({"price_ticks_min": 100_01}, {}),
        ({"price_ticks_max": 99_99}, {}),
        ({}, {"post_only": True, "time_in_force": IOC}),
        ({}, MARKET_ORDER | {"price_ticks": 1}),
        ({}, MARKET_ORDER | {"post_only": True}),
        ({}, MARKET_ORDER | {"time_in_force": FOK}),
        ({"market_lots_max": 9_990}, MARKET_ORDER),
        ({}, {"lots": 0}),
        ({}, {"lots": -10}),
        ({}, {"lots": 10_001}),
        ({"lots_min": 10_010}, {}),
        ({"lots_max": 9_990}, {}),
        ({"lots_max": 9_990}, MARKET_ORDER),
        ({"notional_min": 100 * UNIT + 1}, {}),
        ({"notional_min": 100 * UNIT + 1}, MARKET_ORDER),
    ],
)
def test_what_the_venue_refuses(rules: dict[str, Any], order: dict[str, Any]) -> None:
    assert not accepts(rules, order)


def test_nothing_may_be_traded_before_its_rules_are_known() -> None:
    filters = Filters([SCALE, Scale(0, 0)])
    assert not filters.is_permitted(0)
    assert filters.is_well_formed(0, LIMIT, 1, GTC, False, 100_01, 10_001, 100_00)
    filters.set_filter(0, **FILTER)  # type: ignore[arg-type]
    assert (filters.is_permitted(0), filters.is_permitted(1)) == (True, False)


@pytest.mark.parametrize("arguments", [(INT64_MAX, 1, False, True), (-INT64_MAX - 1, 0, True, False)])
def test_whole_numbers_that_fit_and_truths_may_be_an_order(arguments: tuple[Any, ...]) -> None:
    check_arguments(*arguments)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((1.0, 1, False, False), TypeError),
        ((True, 1, False, False), TypeError),
        ((1, "1", False, False), TypeError),
        ((INT64_MAX + 1, 1, False, False), OverflowError),
        ((1, -INT64_MAX - 2, False, False), OverflowError),
        ((1, 1, 1, False), TypeError),
        ((1, 1, False, None), TypeError),
    ],
)
def test_what_is_no_order_whatever_the_rules_are_is_refused(arguments: tuple[Any, ...], error: type[Exception]) -> None:
    with pytest.raises(error, match=r"whole numbers|lots and ticks|post_only and reduce_only"):
        check_arguments(*arguments)


def test_an_unknown_instrument_and_an_impossible_step_are_refused() -> None:
    filters = Filters([SCALE])
    for instrument in (-1, 1):
        with pytest.raises(ValueError, match="is unknown; there are 0 to 0"):
            filters.is_permitted(instrument)
    for name in ("price_step_ticks", "quantity_step_lots"):
        with pytest.raises(ValueError, match="expected at least 1"):
            filters.set_filter(0, **(FILTER | {name: 0}))  # type: ignore[arg-type]
