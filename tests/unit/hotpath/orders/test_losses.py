"""Where the levels of a loss lie, what is warned of, and above which equity an order costs one compare."""

from __future__ import annotations

import pytest

from engine.messages.orders import DenialReason as D
from hotpath.orders.losses import Losses
from tests.models.desk import LOSSES, LOT, THIRD, UNIT, Desk

INT64_MAX, INT64_MIN = 2**63 - 1, -(2**63)
EQUITY = 300_000 * UNIT
DAY_WARNS, PEAK_WARNS = EQUITY - 200 * UNIT, EQUITY - 400 * UNIT  # 80 % of half of 500, and of half of 1,000


def losses(**bounds: int) -> Losses:
    made = Losses()
    made.set_bounds(**(LOSSES | bounds))
    return made


def test_nothing_is_near_before_a_baseline_is_told() -> None:
    assert Losses().calm == losses().calm == INT64_MIN


def test_the_nearer_warning_ends_the_calm() -> None:
    made = losses()
    made.set_peak_equity(EQUITY)
    assert made.calm == PEAK_WARNS
    made.set_day_equity(EQUITY)
    assert made.calm == DAY_WARNS
    made.set_peak_equity(EQUITY + 1_000 * UNIT)
    assert made.calm == EQUITY + 600 * UNIT
    made.set_peak_equity(EQUITY)
    assert made.calm == DAY_WARNS


def test_a_part_of_the_baseline_binds_where_it_is_tighter_and_is_rounded_down() -> None:
    made = losses(day_ppm=1_000)
    made.set_day_equity(EQUITY)
    assert made.calm == EQUITY - 120 * UNIT
    made.set_day_equity(3_999)  # a part of 3.999, a limit of 3, half of it with four fifths is 1.2
    assert made.calm == 3_998


def test_a_part_beyond_counting_leaves_the_amount() -> None:
    made = losses(day_ppm=10**9)
    made.set_day_equity(INT64_MAX)
    assert made.calm == INT64_MAX - 200 * UNIT


@pytest.mark.parametrize("bounds", [{"reduce_pct": 100}, {"warn_pct": 40}])
def test_the_levels_are_parts_of_the_limit(bounds: dict[str, int]) -> None:
    made = losses(**bounds)
    made.set_day_equity(EQUITY)
    assert made.calm == EQUITY - (400 if "reduce_pct" in bounds else 100) * UNIT


@pytest.mark.parametrize("tell", ["set_day_equity", "set_peak_equity", "set_day_result", "set_losses_in_row"])
def test_what_cannot_be_used_ends_the_calm_until_it_is_told_anew(tell: str) -> None:
    made = losses()
    getattr(made, tell)(None)
    assert made.calm == INT64_MAX
    getattr(made, tell)(1)
    assert made.calm < INT64_MAX


def test_with_a_result_equity_s_own_day_is_not_looked_at() -> None:
    made = losses()
    made.set_day_equity(EQUITY)
    made.set_day_result(-200 * UNIT + 1)
    assert made.calm == INT64_MIN
    made.set_day_result(-200 * UNIT)
    assert made.calm == INT64_MAX
    made.set_day_result(0)
    made.set_peak_equity(EQUITY)
    assert made.calm == PEAK_WARNS


def test_a_result_without_a_baseline_says_nothing() -> None:
    made = losses()
    made.set_day_result(-(10**6) * UNIT)
    assert made.calm == INT64_MIN


@pytest.mark.parametrize(("warn_pct", "calm_until"), [(80, 3), (81, 4), (100, 4), (20, 0)])
def test_a_row_warns_from_its_part_on_rounded_up(warn_pct: int, calm_until: int) -> None:
    made = losses(warn_pct=warn_pct)
    for count in range(6):
        made.set_losses_in_row(count)
        assert (made.calm == INT64_MIN) is (count <= calm_until)


@pytest.mark.parametrize(
    ("equity", "code", "seen"),
    [
        (EQUITY + 200 * UNIT - 1, 0, None),
        (EQUITY + 200 * UNIT, 0, "warned"),
        (EQUITY + 250 * UNIT, D.DAILY_LOSS, (250 * UNIT, 250 * UNIT)),
        (EQUITY + 499 * UNIT, D.DAILY_LOSS, (499 * UNIT, 250 * UNIT)),
        (EQUITY + 500 * UNIT, D.DAILY_LOSS, (500 * UNIT, 500 * UNIT)),
        (EQUITY + 777 * UNIT, D.DAILY_LOSS, (777 * UNIT, 500 * UNIT)),
    ],
)
def test_a_denial_tells_the_loss_and_the_level_that_it_reached(equity: int, code: int, seen: object) -> None:
    desk = Desk()
    desk.limits.losses.set_day_equity(equity)
    assert desk.send() == code
    assert desk.limits.warned == (1 << D.DAILY_LOSS if seen is not None else 0)
    if code:
        assert (desk.limits.observed, desk.limits.limit) == seen


def test_a_loss_beyond_counting_is_told_as_the_most_that_is_counted() -> None:
    desk = Desk()
    desk.limits.losses.set_day_equity(INT64_MAX)
    desk.limits.losses.set_day_result(-INT64_MAX)
    assert desk.send() == D.DAILY_LOSS
    assert desk.limits.observed == INT64_MAX
    desk.limits.losses.set_day_equity(1)
    assert desk.send() == D.DAILY_LOSS
    assert (desk.limits.observed, desk.limits.limit) == (INT64_MAX, 0)


@pytest.mark.parametrize(("count", "code", "warned"), [(3, 0, False), (4, 0, True), (5, D.CONSECUTIVE_LOSSES, False)])
def test_a_row_of_losses_is_told_with_its_limit(count: int, code: int, warned: bool) -> None:
    desk = Desk()
    desk.limits.losses.set_losses_in_row(count)
    assert desk.send() == code
    assert desk.limits.warned == (1 << D.CONSECUTIVE_LOSSES if warned else 0)
    if code:
        assert (desk.limits.observed, desk.limits.limit) == (5, 5)


def test_reducing_in_a_row_of_losses_is_warned_of() -> None:
    desk = Desk()
    desk.exposure.move(0, LOT)
    desk.limits.losses.set_losses_in_row(5)
    assert desk.send(-1, reduce_only=True) == 0
    assert desk.limits.warned == 1 << D.CONSECUTIVE_LOSSES


def test_without_equity_an_amend_that_reserves_nothing_more_is_not_allowed_by_what_is_left_of_it() -> None:
    desk = Desk()
    desk.limits.losses.set_day_equity(EQUITY)
    assert desk.send() == 0
    desk.account.set_balance(THIRD, 1)  # which nobody can price
    assert desk.amend(desk.limits.handle, 99_00) == D.DAILY_LOSS_INPUT


def test_every_bound_of_one_is_taken_and_none_of_less() -> None:
    names = ("day_ppm", "day_value", "peak_ppm", "peak_value", "reduce_pct", "streak_max")
    losses(**dict.fromkeys(names, 1))
    for name in names:
        with pytest.raises(ValueError, match="at least 1"):
            losses(**{name: 0})
