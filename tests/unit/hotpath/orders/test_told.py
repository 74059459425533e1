"""What is told about an instrument, a strategy or a venue that is not there is refused, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hotpath.core.units import Scale
from hotpath.orders.exposure import Exposure
from hotpath.orders.greeks import Greeks
from hotpath.orders.health import Health
from hotpath.orders.losses import Losses
from hotpath.orders.rates import Rates
from tests.models.desk import GREEKS, LOSSES, LOT, NOW_NS, RATES, UNIT, Desk


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
    losses.set_bounds(**(LOSSES | {"day_ppm": 10**7, "day_value": 2**62}))
