"""Every check allows what is at its limit, denies what is one over, and names an input that it cannot use."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.messages.orders import DenialReason as D
from hotpath.core.units import Scale
from hotpath.orders.filters import Filters
from hotpath.orders.limits import Limits
from hotpath.orders.marks import Marks
from hotpath.orders.recents import Recents
from tests.models.desk import (
    BASE,
    BOUNDS,
    EMERGENCY,
    FILTER,
    LOT,
    NORMAL,
    NOW_NS,
    PERSON,
    PROTECTIVE,
    QUOTE,
    RATES,
    UNIT,
    Desk,
)
from tests.models.limit_cases import CASES, Case, state
from tests.models.told_denials import TOLD, TOLD_OF_INPUTS
from tests.models.trip_cases import TRIPS
from tests.models.trip_steps import (
    audit,
    cancels,
    clock,
    fell,
    fills,
    held,
    lost,
    own,
    rejects,
    streak,
    traded,
    unknown,
)

DAY_NS = 86_400 * 10**9
EVERY = [*CASES, *TRIPS]
ELSEWHERE = {D.BUSY, D.UNKNOWN_ORDER, D.APPROVAL_BINDING, D.MANUAL_DENIED, D.MANUAL_EXPIRED}
"""Of the actor, of an amend, of orders and the gate, of a person: tested there."""


@pytest.mark.parametrize("case", EVERY, ids=[case.name for case in EVERY])
def test_check(case: Case) -> None:
    desk = Desk()
    code = [step(desk) for step in case.steps][-1]
    assert code == case.code
    assert (desk.limits.handle > 0) or code
    desk.exposure.check()
    desk.account.check()


def test_every_reason_that_a_check_can_give_is_provoked() -> None:
    assert {case.code for case in EVERY} - {0} == set(D) - ELSEWHERE


def part_of_a_lot(desk: Desk) -> None:
    """Say that what follows is a part of a parent of one lot."""
    if not desk.limits.parents.count:
        desk.limits.parents.open(0, 7, 1)
    desk.terms["parent"] = 7


STEPS_DOWN: list[tuple[int, Callable[[Desk], object]]] = [
    (D.MODE_GATE, state(EMERGENCY)),
    (D.STRATEGY_AUTHORISED, lambda desk: desk.recents.enable(0, False)),
    (D.INSTRUMENT_PERMITTED, lambda desk: desk.filter(0, permitted=False, lots_min=10**6)),
    (D.VENUE_READY, lambda desk: desk.filters.set_ready(0, False)),
    (D.MARKET_DATA_FRESH, lambda desk: desk.marks.on_status(0, False)),
    (D.ORDER_WELL_FORMED, lambda desk: desk.filter(0, lots_min=10**6)),
    (D.PRICE_COLLAR, lambda desk: desk.quote(0, 49_90, 50_10)),
    (D.MAX_ORDER_VALUE, lambda desk: desk.bound(**everything_one(order_value=1))),
    (D.MAX_ORDER_QUANTITY, lambda desk: desk.marks.on_depth(0, 1, 1, NOW_NS)),
    (D.MAX_MESSAGES, cancels(30)),
    (D.EXECUTION_THROTTLE, fills(21)),
    (D.DUPLICATE_ORDER, lambda desk: desk.recents.set_last_intent(0, 10**6)),
    (D.MAX_OPEN_ORDERS, lambda desk: desk.bound(**everything_one(open_all=0))),
    (D.MAX_DAILY_ORDERS, lambda desk: desk.bound(**everything_one(daily=0))),
    (D.POSITION_LIMIT, lambda desk: desk.bound(**everything_one())),
    (D.GROSS_EXPOSURE, lambda desk: desk.bound(gross_ppm=1, net_ppm=1)),
    (D.NET_EXPOSURE, lambda desk: desk.bound(net_ppm=1)),
    (D.FUNDS_RESERVED, lambda desk: desk.account.set_balance(BASE, 1)),
    (D.DAILY_LOSS, lost(600)),
    (D.DRAWDOWN, fell(1_000)),
    (D.CONSECUTIVE_LOSSES, streak(5)),
    (D.REJECT_STREAK, rejects(0, 0, 0, 0, 0)),
    (D.SELF_TRADE, own(1, 100_00)),
    (D.ORDER_TO_TRADE, cancels(1_000, 1)),
    (D.REDUCE_ONLY, lambda desk: setattr(desk, "reduce_only", True)),
    (D.CLOCK_HEALTHY, clock(10**12)),
    (D.AUDIT_HEALTHY, audit(False)),
    (D.UNKNOWN_ORDERS, unknown(0, 0)),
    (D.PARENT_CHILD_CAP, part_of_a_lot),
    (D.HOLD_TIME, held(1)),
    (D.TURNOVER, traded(10**17)),
    (D.EDGE_TO_COST, lambda desk: desk.terms.update(edge_bps=0)),
    (D.DELTA_LIMIT, lambda desk: desk.greek(0, 1e6)),
    (D.GAMMA_LIMIT, lambda desk: desk.greek(1, 1e6)),
    (D.VEGA_LIMIT, lambda desk: desk.greek(2, 1e6)),
]


def everything_one(**over: int) -> dict[str, int]:
    """Return bounds under which exposure is over every limit, and what differs."""
    return {"position_value": 1, "gross_ppm": 1, "net_ppm": 1} | over


@pytest.mark.parametrize("first", range(len(STEPS_DOWN)), ids=[D(code).name for code, _ in STEPS_DOWN])
def test_of_two_reasons_the_earlier_is_reported(first: int) -> None:
    for second in range(first, len(STEPS_DOWN)):
        desk = Desk(fee_ppm=1_000)
        for _, spoil in reversed((STEPS_DOWN[first], STEPS_DOWN[second])):
            spoil(desk)
        assert desk.send(-1) == STEPS_DOWN[first][0], D(STEPS_DOWN[second][0]).name


@pytest.mark.parametrize(("code", "spoil"), STEPS_DOWN, ids=[D(code).name for code, _ in STEPS_DOWN])
def test_a_denial_tells_what_was_seen_against_what(code: int, spoil: Callable[[Desk], object]) -> None:
    desk = Desk(fee_ppm=1_000)
    spoil(desk)
    assert desk.send(-1) == code
    assert (desk.limits.observed, desk.limits.limit) == TOLD[D(code)]


@pytest.mark.parametrize("case", [case for case in EVERY if case.name in TOLD_OF_INPUTS], ids=lambda case: case.name)
def test_an_input_that_cannot_be_used_is_told_with_its_bound(case: Case) -> None:
    desk = Desk()
    for step in case.steps:
        step(desk)
    assert (desk.limits.observed, desk.limits.limit) == TOLD_OF_INPUTS[case.name]


def test_every_input_of_the_table_has_its_case() -> None:
    assert TOLD_OF_INPUTS.keys() <= {case.name for case in EVERY}


def test_every_reason_of_a_limit_is_in_the_order_of_precedence() -> None:
    reasons = {reason for reason in D if not reason.name.endswith("_INPUT")}
    assert [code for code, _ in STEPS_DOWN] == sorted(reasons - ELSEWHERE - {D.SLIPPAGE_BUDGET})


def test_a_denial_tells_what_was_seen_and_the_limit_and_reserves_nothing() -> None:
    desk = Desk(order_value=100 * UNIT)
    assert desk.send() == D.MAX_ORDER_VALUE
    assert (desk.limits.observed, desk.limits.limit) == (105 * UNIT, 100 * UNIT)
    assert (desk.exposure.open_count, desk.limits.daily_orders(NOW_NS)) == (0, 0)


def test_an_approval_reserves_and_counts() -> None:
    desk = Desk(fee_ppm=1_000)
    assert desk.send() == 0
    assert desk.exposure.order(desk.limits.handle) == (0, 1, 100_00, LOT, 0)
    assert desk.exposure.reserved(QUOTE) == 100_10 * UNIT // 100
    assert desk.limits.daily_orders(NOW_NS) == 1
    assert desk.limits.daily_orders(NOW_NS + 86_400_000_000_000) == 0
    assert (desk.recents.last_intent(0), desk.limits.price_ticks, desk.limits.shrinks) == (1, 100_00, False)


@pytest.mark.parametrize(
    ("side", "rules", "price_ticks"),
    [
        (1, {}, 105_00),
        (-1, {}, 95_00),
        (1, {"price_step_ticks": 99}, 104_94),
        (-1, {"price_step_ticks": 99}, 95_04),
        (1, {"price_ticks_max": 102_00}, 102_00),
        (1, {"price_ticks_max": 0}, 105_00),
        (-1, {"price_ticks_min": 97_00}, 97_00),
    ],
)
def test_a_market_order_gets_the_furthest_legal_price_of_the_collar(
    side: int, rules: dict[str, int], price_ticks: int
) -> None:
    desk = Desk()
    desk.filter(0, **rules)
    assert desk.send(side, price=0, kind=2) == 0
    assert desk.limits.price_ticks == price_ticks
    assert desk.exposure.order(desk.limits.handle)[2] == price_ticks


@pytest.mark.parametrize(("notional_min", "code"), [(100 * UNIT, 0), (100 * UNIT + 1, D.ORDER_WELL_FORMED)])
def test_a_market_order_is_worth_the_mid_to_the_smallest_order_that_the_venue_takes(
    notional_min: int, code: int
) -> None:
    desk = Desk()
    desk.quote(0, 98_00, 102_00)
    desk.filter(0, notional_min=notional_min)
    assert desk.send(price=0, kind=2) == code


def test_an_instrument_of_which_only_the_rules_know_is_none_of_ours() -> None:
    desk = Desk()
    filters = Filters([Scale(2, 4)] * 3)
    limits = Limits(desk.marks, filters, desk.recents)
    limits.set_bounds(**BOUNDS)
    limits.set_state(NORMAL)
    filters.set_filter(2, **FILTER)  # type: ignore[arg-type]
    filters.set_ready(2, True)
    code = limits.check_and_reserve(0, 1, 2, 1, 1, 1, False, False, 100_00, LOT, NOW_NS)
    assert code == D.INSTRUMENT_PERMITTED


def test_what_is_approved_is_worth_the_lots_that_were_asked_for_and_no_others() -> None:
    desk = Desk()
    assert desk.send() == 0
    assert desk.exposure.worst_value(0) == (105 * UNIT, 0)
    assert desk.send(-1, price=100_01) == 0
    assert desk.exposure.worst_value(0) == (105 * UNIT, 105 * UNIT)
    assert desk.send(park=True, price=99_00) == 0
    assert desk.exposure.worst_value(0) == (105 * UNIT, 105 * UNIT)


def test_what_is_approved_without_a_price_leaves_the_worst_case_unknown() -> None:
    desk = Desk()
    desk.exposure.move(0, LOT)
    desk.exposure.move(1, 2**61)
    assert desk.exposure.gross is None
    assert desk.send(-1, instrument=1, reduce_only=True, strategy=PERSON) == 0
    assert (desk.exposure.gross, desk.exposure.worst_value(1)) == (None, None)
    desk.exposure.check()


@pytest.mark.parametrize(("alert_ppm", "warned"), [(1_000, 0), (999, 1 << D.SLIPPAGE_BUDGET)])
def test_slippage_above_its_alert_is_warned_of(alert_ppm: int, warned: int) -> None:
    desk = Desk()
    desk.limits.slippage.set_bounds(trade_ppm=5_000, alert_ppm=alert_ppm, session=10 * UNIT)
    assert desk.send(price=100_10) == 0
    assert (desk.limits.warned, desk.limits.slippage.takes) == (warned, True)
    assert desk.send(price=100_10, lots=2 * LOT, post_only=True) == 0
    assert (desk.limits.warned, desk.limits.slippage.takes) == (0, False)


@pytest.mark.parametrize("venue", [0, 1])
def test_a_venue_s_clock_and_its_budget_hold_for_its_own_instruments(venue: int) -> None:
    desk = Desk(venues=2)
    desk.limits.health.set_clock_offset(venue, 10**12, NOW_NS)
    assert desk.send(instrument=venue) == D.CLOCK_HEALTHY
    assert desk.send(instrument=1 - venue) == 0
    desk = Desk(venues=2)
    desk.limits.rates.set_venue_limit(venue, 1, 10**9)
    assert [desk.send(instrument=venue) for _ in range(2)] == [0, D.MAX_MESSAGES]
    assert [desk.send(instrument=1 - venue, lots=LOT + 10 * more) for more in range(3)] == [0, 0, 0]


def test_only_a_persons_shrinking_order_is_marked_for_a_gate_that_stands_at_reduce() -> None:
    desk = Desk()
    desk.exposure.move(0, 3 * LOT)
    assert (desk.send(-1, reduce_only=True), desk.limits.shrinks) == (0, False)
    assert (desk.send(-1, strategy=PERSON), desk.limits.shrinks) == (0, False)
    assert (desk.send(-1, reduce_only=True, strategy=PERSON, now_ns=NOW_NS + 10**9), desk.limits.shrinks) == (0, True)


def test_from_a_part_of_a_limit_on_it_warns() -> None:
    desk = Desk(order_value=131 * UNIT)
    assert (desk.send(), desk.limits.warned) == (0, 1 << D.MAX_ORDER_VALUE)
    desk.bound(order_value=132 * UNIT)
    assert (desk.send(lots=2_000), desk.limits.warned) == (0, 0)
    desk.bound(open_instrument=5, open_all=100, daily=5)
    desk.send(lots=3_000)
    assert desk.limits.warned == 0
    desk.send(lots=4_000)
    assert desk.limits.warned == 1 << D.MAX_OPEN_ORDERS | 1 << D.MAX_DAILY_ORDERS


def test_a_full_table_denies_before_it_fails() -> None:
    desk = Desk(capacity=1)
    assert desk.send() == 0
    assert desk.send(-1) == D.MAX_OPEN_ORDERS
    assert (desk.limits.observed, desk.limits.limit) == (1, 1)


def test_an_argument_beyond_int64_is_not_judged() -> None:
    desk = Desk()
    with pytest.raises(OverflowError):
        desk.send(lots=2**63)
    assert desk.exposure.open_count == 0


def test_a_day_is_a_day_to_the_nanosecond() -> None:
    midnight_ns = NOW_NS // DAY_NS * DAY_NS
    for first_ns in (midnight_ns, midnight_ns + DAY_NS - 1):
        limits = Desk().limits
        limits.set_daily_count(first_ns, 5)
        assert [limits.daily_orders(midnight_ns + later_ns) for later_ns in (-1, 0, DAY_NS - 1)] == [5, 5, 5]
        assert limits.daily_orders(midnight_ns + DAY_NS) == 0


def test_nobody_trades_before_somebody_says_the_state() -> None:
    desk = Desk()
    limits = Limits(desk.marks, desk.filters, desk.recents)
    assert (limits.state, limits.check_and_reserve(0, 1, 0, 1, 1, 1, False, False, 100_00, LOT, NOW_NS)) == (
        EMERGENCY, D.MODE_GATE,
    )  # fmt: skip
    assert NORMAL > PROTECTIVE > limits.state


def cheap(**bounds: int) -> Limits:
    """Return limits over one instrument with the smallest prices: so many lots are still worth little."""
    fine = Scale(18, 8)
    marks = Marks([(fine, 0, 1)], 1, 2, 4, 50_000)
    filters = Filters([fine])
    filters.set_filter(0, **(FILTER | {"lots_min": 0, "lots_max": 0, "quantity_step_lots": 1, "notional_min": 0}))  # type: ignore[arg-type]
    limits = Limits(marks, filters, Recents(1))
    limits.set_bounds(**(BOUNDS | {"order_value": 2**63 - 1} | bounds))
    limits.rates.set_bounds(**RATES)
    limits.set_state(NORMAL)
    filters.set_ready(0, True)
    marks.on_status(0, True)
    marks.on_quote(0, 99_90, 100_10, NOW_NS)
    return limits


def buy(limits: Limits, lots: int, intent: int = 1) -> int:
    """Have a person's order judged."""
    return limits.check_and_reserve(PERSON, intent, 0, 1, 1, 1, False, False, 100_00, lots, NOW_NS)


def test_more_lots_than_are_counted_are_an_unusable_input() -> None:
    limits = cheap()
    assert buy(limits, 2**62 + 10) == D.POSITION_LIMIT_INPUT
    assert limits.observed == 2**62 + 10


def test_with_as_many_lots_as_are_counted_no_lot_more_is_judged() -> None:
    limits = cheap()
    limits.exposure.reserve(0, 1, 100_00, 2**62 - 1 - 7)
    assert buy(limits, 7) == D.POSITION_LIMIT
    assert buy(limits, 8, 2) == D.POSITION_LIMIT_INPUT
    assert (limits.observed, limits.limit) == (8, 2**62 - 1)


@pytest.mark.parametrize(
    ("bound", "code"),
    [("position_ppm", D.POSITION_LIMIT), ("gross_ppm", D.GROSS_EXPOSURE), ("net_ppm", D.NET_EXPOSURE)],
)
def test_the_smallest_worth_is_more_than_nothing(bound: str, code: int) -> None:
    for ppm, told in ((0, code), (1, 0)):
        limits = cheap(**{bound: ppm})
        limits.account.set_balance(1, 10**6)
        assert buy(limits, 1) == told
        assert limits.exposure.net == (1 if told == 0 else 0)


def test_a_clock_that_steps_back_over_midnight_gives_no_new_day() -> None:
    desk = Desk()
    day_ns = 86_400 * 10**9
    desk.limits.set_daily_count(NOW_NS, 7)
    assert desk.limits.daily_orders(NOW_NS - day_ns) == 7
    assert desk.limits.daily_orders(NOW_NS) == 7
    assert desk.limits.daily_orders(NOW_NS + day_ns) == 0
    desk.limits.slippage.spend(0, UNIT, NOW_NS)
    desk.limits.slippage.spend(0, UNIT, NOW_NS - day_ns)
    assert desk.limits.slippage.spent(0, NOW_NS) == 2 * UNIT
    assert desk.limits.slippage.spent(0, NOW_NS + day_ns) == 0
