"""Every instrument, strategy, venue and asset of the desk is known to all that ask by number, and no other is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hotpath.core.units import Scale
from hotpath.market.levels import Levels
from hotpath.orders.exposure import Exposure
from hotpath.orders.health import Health
from hotpath.orders.limits import Limits
from hotpath.orders.marks import Marks
from hotpath.orders.rates import Rates
from hotpath.orders.recents import Recents
from tests.models.desk import FILTER, LOT, NOW_NS, Desk

SCALE = Scale(2, 4)
NOTHING = Levels.of([])

OF_AN_INSTRUMENT: list[Callable[[Desk, int], Any]] = [
    lambda desk, index: desk.marks.on_quote(index, 1, 2, NOW_NS),
    lambda desk, index: desk.marks.on_depth(index, 1, 2, NOW_NS),
    lambda desk, index: desk.marks.on_status(index, True),
    lambda desk, index: desk.marks.collar(index),
    lambda desk, index: desk.filters.set_filter(index, **FILTER),  # type: ignore[arg-type]
    lambda desk, index: desk.filters.set_ready(index, True),
    lambda desk, index: desk.filters.set_killed(index, True),
    lambda desk, index: desk.filters.is_permitted(index),
    lambda desk, index: desk.filters.is_well_formed(index, 1, 1, 1, False, 1, 1, 1),
    lambda desk, index: desk.limits.sizes.tighten_instrument(index, 1, 1),
    lambda desk, index: desk.limits.rates.note_cancel(0, index, NOW_NS),
    lambda desk, index: desk.limits.rates.note_fill(0, index, 1, NOW_NS),
    lambda desk, index: desk.limits.turnover.set_held_since(index, 1),
    lambda desk, index: desk.limits.turnover.overdue_ns(index, NOW_NS),
    lambda desk, index: desk.limits.greeks.set_option(index, 0, LOT),
    lambda desk, index: desk.limits.greeks.set_option(0, index, LOT),
    lambda desk, index: desk.limits.slippage.spend(index, 1, NOW_NS),
    lambda desk, index: desk.limits.slippage.reserve(index, 1),
    lambda desk, index: desk.limits.slippage.spent(index, NOW_NS),
    lambda desk, index: desk.limits.slippage.on_depth(index, NOTHING, NOTHING),
    lambda desk, index: desk.limits.slippage.judged(index, 1, 1, 1, False, NOW_NS),
]


@pytest.mark.parametrize("call", OF_AN_INSTRUMENT)
def test_an_instrument(call: Callable[[Desk, int], Any]) -> None:
    for index in (0, 1):
        call(Desk(), index)
    for index in (-1, 2):
        desk = Desk()
        with pytest.raises(ValueError, match=r"instrument|underlying"):
            call(desk, index)


OF_A_STRATEGY: list[tuple[int, Callable[[Desk, int], Any]]] = [
    (-1, lambda desk, index: desk.limits.rates.note_cancel(index, 0, NOW_NS)),
    (-1, lambda desk, index: desk.limits.rates.note_fill(index, 0, 1, NOW_NS)),
    (-1, lambda desk, index: desk.limits.rates.note_reject(index, NOW_NS)),
    (-1, lambda desk, index: desk.limits.rates.forgive(index)),
    (-1, lambda desk, index: desk.recents.enable(index, True)),
    (-1, lambda desk, index: desk.recents.set_last_intent(index, 1)),
    (0, lambda desk, index: desk.limits.sizes.tighten_strategy(index, 1, 1)),
]


@pytest.mark.parametrize(("first", "call"), OF_A_STRATEGY)
def test_a_strategy_and_a_person_where_there_may_be_one(first: int, call: Callable[[Desk, int], Any]) -> None:
    for index in range(first, 3):
        call(Desk(), index)
    for index in (first - 1, 3):
        desk = Desk()
        with pytest.raises(ValueError, match=f"strategy {index} is unknown"):
            call(desk, index)


@pytest.mark.parametrize("venue_of", [(), (0, 0), (0, 63), (1, 0)])
def test_a_venue(venue_of: tuple[int, ...]) -> None:
    limits = Limits(Desk().marks, Desk().filters, Recents(1), venue_of)
    for index in range(max(venue_of, default=0) + 1):
        limits.rates.set_venue_limit(index, 10, 10**9)
        limits.health.set_clock_offset(index, 0, NOW_NS)
    for index in (-1, max(venue_of, default=0) + 1):
        with pytest.raises(ValueError, match=f"venue {index} is unknown"):
            limits.rates.set_venue_limit(index, 10, 10**9)
        with pytest.raises(ValueError, match=f"venue {index} is unknown"):
            limits.health.set_clock_offset(index, 0, NOW_NS)


@pytest.mark.parametrize("venue_of", [(0,), (0, 0, 0), (0, 64), (-1, 0), (64, 0)])
def test_venues_that_do_not_belong_to_the_instruments(venue_of: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected 0 to 63 each"):
        Rates(1, 2, venue_of)
    with pytest.raises(ValueError, match="expected 0 to 63 each"):
        Health(Desk().exposure, venue_of)


@pytest.mark.parametrize(("base", "quote", "known"), [(2, 0, True), (0, 2, True), (3, 0, False), (0, 3, False),
                                                      (-1, 0, False), (0, -1, False)])  # fmt: skip
def test_an_asset_of_an_instrument(base: int, quote: int, known: bool) -> None:
    if known:
        assert Exposure([(SCALE, base, quote)], 3, 1).reserved(2) == 0
    else:
        with pytest.raises(ValueError, match="expected 0 to 2"):
            Exposure([(SCALE, base, quote)], 3, 1)


def test_there_may_be_no_assets_and_no_strategies_and_not_fewer() -> None:
    assert Exposure([], 0, 1, 0, 0).gross == 0
    for counts in ((-1, 0), (0, -1)):
        with pytest.raises(ValueError, match="expected none or more"):
            Exposure([], counts[0], 1, 0, counts[1])


def test_an_asset_that_is_reserved() -> None:
    exposure = Exposure([(SCALE, 0, 1)], 3, 1)
    for asset in (-1, 3):
        with pytest.raises(ValueError, match=f"asset {asset} is unknown"):
            exposure.reserved(asset)


@pytest.mark.parametrize("fee_ppm", [-1, 10**6 + 1])
def test_a_fee_of_less_than_nothing_or_more_than_all_is_refused(fee_ppm: int) -> None:
    with pytest.raises(ValueError, match="expected 0 to 1000000"):
        Exposure([(SCALE, 0, 1)], 2, 1, fee_ppm)
    assert Exposure([(SCALE, 0, 1)], 2, 1, 10**6).capacity == 1


@pytest.mark.parametrize("collar_ppm", [1, 500_000])
def test_the_narrowest_and_the_widest_collar_are_taken(collar_ppm: int) -> None:
    marks = Marks([(SCALE, 0, 1)], 1, 2, 1, collar_ppm)
    marks.on_quote(0, 99_90, 100_10, NOW_NS)
    assert marks.collar(0) == ((100_00, 100_00) if collar_ppm == 1 else (50_00, 150_00))


def test_the_greeks_of_every_number_are_told_and_of_no_other() -> None:
    greeks = Desk().limits.greeks
    for greek in (0, 1, 2):
        for underlying in (-1, 0, 1):
            assert greeks.worst(greek, underlying) == 0
    for greek, underlying in ((-1, 0), (3, 0), (0, -2), (0, 2)):
        with pytest.raises(ValueError, match="expected 0 to 2"):
            greeks.worst(greek, underlying)


def test_an_option_is_of_one_lot_at_least() -> None:
    greeks = Desk().limits.greeks
    greeks.set_option(0, 0, 1)
    with pytest.raises(ValueError, match="0 lots in a contract"):
        greeks.set_option(0, 0, 0)
