"""What is told about an instrument, a strategy or a venue that is not there is refused, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.messages.orders import DenialReason as D
from hotpath.core.units import Scale
from hotpath.orders.exposure import Exposure
from hotpath.orders.greeks import Greeks
from hotpath.orders.health import Health
from hotpath.orders.losses import Losses
from hotpath.orders.rates import Rates
from tests.models.desk import GREEKS, HEALTH, LOSSES, LOT, NOW_NS, RATES, UNIT, Desk

INT64_MAX = 2**63 - 1
FRACTION_BITS = 16
"""Of a Greek of one lot."""


@pytest.mark.parametrize(
    "tell",
    [
        lambda desk: desk.limits.rates.note_cancel(3, 0, NOW_NS),
        lambda desk: desk.limits.rates.note_cancel(0, 2, NOW_NS),
        lambda desk: desk.limits.rates.note_fill(0, 2, 1, NOW_NS),
        lambda desk: desk.limits.rates.set_venue_limit(1, 10, 10**9),
        lambda desk: desk.limits.rates.set_venue_limit(0, 0, 10**9),
        lambda desk: desk.limits.rates.set_bounds(**(RATES | {"rejects_max": 65})),
        lambda desk: desk.limits.rates.set_bounds(**(RATES | {"fills_max": 0})),
        lambda desk: desk.limits.losses.set_bounds(**(LOSSES | {"day_value": 0})),
        lambda desk: desk.limits.health.set_clock_offset(1, 0, NOW_NS),
        lambda desk: desk.limits.turnover.set_held_since(2, NOW_NS),
        lambda desk: desk.limits.greeks.set_option(2, 0, LOT),
        lambda desk: desk.limits.greeks.set_option(0, 2, LOT),
        lambda desk: desk.limits.greeks.set_greeks(0, 1, 1, 1),
        lambda desk: desk.limits.greeks.worst(3),
        lambda desk: desk.limits.rates.set_venue_limit(0, 10, 0),
        lambda desk: desk.limits.rates.set_venue_limit(0, 10**9 + 1, 10**9),
        lambda desk: Rates(-1, 2),
        lambda desk: Rates(0, -1),
        lambda desk: Rates(1, 2, [0]),
        lambda desk: Health(desk.exposure, [0, 64]),
    ],
)
def test_it_is_refused(tell: Callable[[Desk], Any]) -> None:
    desk = Desk()
    with pytest.raises(ValueError, match=r"unknown|expected|at least|kept|underlying"):
        tell(desk)
    assert desk.send() == 0


def test_a_handle_that_is_over_is_not_unknown() -> None:
    assert not Desk().exposure.set_unknown(7, True)


def test_a_row_of_rejects_is_counted() -> None:
    rates = Desk().limits.rates
    rates.note_reject(0, NOW_NS)
    assert rates.rejects_in_row(0) == 1
    rates.note_accept(0)
    assert rates.rejects_in_row(0) == 0


def test_a_persons_fills_and_rejects_stop_nobody() -> None:
    rates = Desk().limits.rates
    assert not any(rates.note_fill(-1, 0, 1, NOW_NS) for _ in range(50))
    assert not any(rates.note_reject(-1, NOW_NS) for _ in range(50))
    rates.forgive(-1)


def test_the_greeks_of_an_underlying_and_of_all_are_sums_at_worst() -> None:
    desk = Desk()
    greeks = desk.limits.greeks
    for instrument in (0, 1):
        greeks.set_option(instrument, instrument, LOT)
        greeks.set_greeks(instrument, 50, -2.5, 0)
    desk.exposure.move(0, 2 * LOT)
    desk.exposure.reserve(1, -1, 100_00, LOT)
    assert [greeks.worst(0, underlying) for underlying in (0, 1)] == [100 * UNIT, 50 * UNIT]
    assert (greeks.worst(0), greeks.worst(1)) == (100 * UNIT, 5 * UNIT)
    greeks.set_greeks(0, None, 0, 0)
    assert (greeks.worst(0), greeks.unknown_count) == (None, 1)
    greeks.set_option(0, 1, LOT)
    greeks.set_greeks(0, 50, 0, 0)
    assert greeks.worst(0, 1) == 100 * UNIT


@pytest.mark.parametrize("side", [1, -1])
def test_what_may_be_added_has_an_end(side: int) -> None:
    exposure = Exposure([(Scale(2, 4), 0, 1)], 2, 4)
    greeks = Greeks(exposure)
    greeks.set_bounds(**GREEKS)  # type: ignore[arg-type]
    greeks.set_option(0, 0, UNIT)
    greeks.set_greeks(0, float(2 ** (50 - FRACTION_BITS)), 0, 0)  # 2^50 of a lot
    exposure.move(0, side * 2**60)
    assert (greeks.worst(0), greeks.unknown_count) == (None, 0)  # it is known, and more than is counted
    exposure.move(0, side)
    assert (greeks.worst(0), greeks.unknown_count) == (None, 1)


def test_an_amend_that_makes_nothing_larger_needs_no_greeks() -> None:
    desk = Desk()
    assert desk.send() == 0
    handle = desk.limits.handle
    desk.limits.greeks.set_option(0, 0, LOT)
    assert desk.amend(handle, 99_00) == 0
    desk.exposure.settle(handle, 99_00, LOT)
    assert desk.amend(handle, 99_00, LOT + 10) == D.GREEKS_INPUT


@pytest.mark.parametrize("offset_ns", [INT64_MAX, INT64_MAX // 4 + 1, INT64_MAX // 4, -(INT64_MAX // 4)])
def test_a_clock_is_at_most_so_far_away(offset_ns: int) -> None:
    desk = Desk()
    desk.limits.health.set_clock_offset(0, offset_ns, NOW_NS)
    assert desk.send() == D.CLOCK_HEALTHY
    assert (desk.limits.observed, desk.limits.limit) == (INT64_MAX // 4, 250_000_000)


def test_where_no_distance_is_allowed_a_clock_that_has_none_is_well() -> None:
    desk = Desk()
    desk.limits.health.set_bounds(**(HEALTH | {"offset_ns": 0}))
    desk.limits.health.set_clock_offset(0, 0, NOW_NS)
    assert desk.send() == 0
    desk.limits.health.set_clock_offset(0, 1, NOW_NS)
    assert desk.send(lots=2 * LOT) == D.CLOCK_HEALTHY


def test_what_is_told_of_the_first_nanosecond_is_told() -> None:
    desk = Desk()
    desk.quote(time_ns=0)
    desk.marks.on_depth(0, 10**9, 10**9, 0)
    desk.limits.health.set_clock_offset(0, 0, 0)
    desk.limits.health.set_audit_health(True, 0, 0, 0)
    assert desk.send(now_ns=0) == 0


def test_a_desk_without_instruments_has_one_venue() -> None:
    rates, health = Rates(1, 0), Health(Exposure([], 1, 1))
    rates.set_venue_limit(0, 1, 1)
    health.set_clock_offset(0, 0, 0)
    with pytest.raises(ValueError, match="venue 1 is unknown"):
        rates.set_venue_limit(1, 1, 1)
    with pytest.raises(ValueError, match="venue 1 is unknown"):
        health.set_clock_offset(1, 0, 0)


def test_a_clock_further_behind_is_no_word_of_one() -> None:
    desk = Desk()
    desk.limits.health.set_clock_offset(0, -INT64_MAX // 4 - 1, NOW_NS)
    assert desk.send() == D.CLOCK_HEALTHY_INPUT


def test_a_clock_that_jumped_is_told_by_how_far() -> None:
    desk = Desk()
    for offset_ns in (-200_000_000, 150_000_000):
        desk.limits.health.set_clock_offset(0, offset_ns, NOW_NS)
    assert desk.send() == D.CLOCK_HEALTHY
    assert desk.limits.observed == 350_000_000


@pytest.mark.parametrize(("lag_ns", "seen"), [(10**9, 10**9), (0, 250_000_001)])
def test_a_trail_that_is_not_durable_is_told_as_late(lag_ns: int, seen: int) -> None:
    desk = Desk()
    desk.limits.health.set_audit_health(False, lag_ns, 0, NOW_NS)
    assert desk.send() == D.AUDIT_HEALTHY
    assert desk.limits.observed == seen


def test_the_edge_that_would_have_been_enough_is_rounded_up() -> None:
    desk = Desk(fee_ppm=1_001)
    desk.terms = {"edge_bps": 20}
    assert desk.send() == D.EDGE_TO_COST
    assert (desk.limits.observed, desk.limits.limit) == (20, 21)


def test_what_is_too_large_to_add_is_unknown() -> None:
    exposure = Exposure([(Scale(2, 4), 0, 1)], 2, 4)
    greeks = Greeks(exposure)
    greeks.set_bounds(**GREEKS)  # type: ignore[arg-type]
    greeks.set_option(0, 0, 1)
    greeks.set_greeks(0, 6e5, 0, 0)
    exposure.move(0, 2**61)
    assert (greeks.worst(0), greeks.unknown_count) == (None, 1)


def test_limits_of_losses_that_come_after_the_baseline_hold_as_well() -> None:
    losses = Losses()
    losses.set_bounds(**LOSSES)
    losses.set_day_equity(2**62)
    assert losses.calm == 2**62 - 200 * UNIT
    losses.set_bounds(**(LOSSES | {"day_ppm": 10**7, "day_value": 2**62}))
    assert losses.calm == 2**62 - 2**62 * 4 // 10


def test_orders_that_could_not_be_compared_are_counted_one_by_one() -> None:
    desk = Desk()
    desk.limits.greeks.set_option(1, 1, LOT)
    assert [desk.send(lots=LOT + 10 * number) for number in range(3)] == [0, 0, 0]
    assert (desk.limits.greeks.skipped_count, desk.limits.depth_skipped_count) == (3, 3)
