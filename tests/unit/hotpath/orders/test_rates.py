"""What is counted lately: by strategy, instrument and side, over a window, out of buckets; and what a denial tells."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.messages.orders import DenialReason as D
from hotpath.orders.limits import Limits
from hotpath.orders.rates import Rates
from tests.models.desk import BOUNDS, LOT, NORMAL, NOW_NS, PERSON, RATES, Desk

SECOND = 10**9
WINDOW_NS = 64 * 63 * 1_000
"""Of the fills: its 63 parts are equal, and a whole number of ns."""


def rates(**more: int) -> Rates:
    made = Rates(2, 2)
    made.set_bounds(**(RATES | {"fills_max": 3, "fills_window_ns": WINDOW_NS} | more))
    return made


def filled(made: Rates, count: int, strategy: int = 0, instrument: int = 0, side: int = 1, now_ns: int = 0) -> bool:
    """Count so many fills; True when the last one stops the strategy and none before it did."""
    told = [made.note_fill(strategy, instrument, side, NOW_NS + now_ns) for _ in range(count)]
    assert not any(told[:-1])
    return bool(told[-1])


@pytest.mark.parametrize("counts", [(0, 0), (0, 2), (1, 0)])
def test_a_desk_without_strategies_or_instruments_may_be_counted(counts: tuple[int, int]) -> None:
    made = Rates(*counts)
    made.set_bounds(**RATES)
    assert not made.note_reject(PERSON, NOW_NS)


def test_fills_count_for_their_own_strategy_instrument_and_side() -> None:
    made = rates()
    places = [(strategy, instrument, side) for strategy in (0, 1) for instrument in (0, 1) for side in (1, -1)]
    assert not any(filled(made, 3, *place) for place in places)
    assert all(filled(rates(), 4, *place) for place in places)
    assert filled(made, 1, 1, 1, -1)


@pytest.mark.parametrize("now_ns", [0, -NOW_NS])
def test_a_strategy_is_stopped_once_until_it_is_forgiven(now_ns: int) -> None:
    made = rates()
    assert filled(made, 4, now_ns=now_ns)
    assert not filled(made, 4, now_ns=now_ns)
    made.forgive(0)
    assert not filled(made, 3, now_ns=now_ns)
    assert filled(made, 1, now_ns=now_ns)


def test_after_it_is_forgiven_a_whole_row_of_rejects_stops_it_again() -> None:
    made = rates()
    for _ in range(2):
        assert [made.note_reject(0, NOW_NS) for _ in range(5)] == [False] * 4 + [True]
        made.forgive(0)
        assert made.rejects_in_row(0) == 0


def test_what_is_forgiven_is_one_strategy_s_in_every_instrument_and_side() -> None:
    made = rates()
    places = [(instrument, side) for instrument in (0, 1) for side in (1, -1)]
    for strategy in (0, 1):
        assert not any(filled(made, 3, strategy, *place) for place in places)
    made.forgive(0)
    assert not any(filled(made, 3, 0, *place) for place in places)
    assert filled(made, 1, 1, 0, 1)
    last = rates()
    assert not any(filled(last, 3, strategy, 1, -1) for strategy in (0, 1))
    last.forgive(1)
    assert filled(last, 1, 0, 1, -1)


@pytest.mark.parametrize(("later_ns", "stopped"), [(WINDOW_NS, True), (WINDOW_NS + WINDOW_NS // 63, False)])
def test_a_fill_leaves_with_its_part_of_the_window(later_ns: int, stopped: bool) -> None:
    made = rates()
    filled(made, 3)
    assert filled(made, 1, now_ns=later_ns) is stopped


def test_parts_leave_one_by_one() -> None:
    made, part_ns = rates(fills_max=64), WINDOW_NS // 63
    assert not any(filled(made, 1, now_ns=number * part_ns) for number in range(64))
    assert not any(filled(made, 1, now_ns=number * part_ns) for number in range(64, 200))
    assert filled(made, 1, now_ns=199 * part_ns + 1)


@pytest.mark.parametrize(("early_ns", "code"), [(1, D.ORDER_TO_TRADE), (0, 0)])
def test_messages_leave_to_the_nanosecond_when_only_an_order_asks(early_ns: int, code: int) -> None:
    part_ns = -(-600 * SECOND // 63)
    desk = Desk()
    desk.pace(trade_from=3, trade_ratio=2)
    for number in (0, 0, 63):
        desk.limits.rates.note_cancel(1, 0, NOW_NS + number * part_ns)
    now_ns = NOW_NS + 64 * part_ns - early_ns
    desk.quote(time_ns=now_ns)
    assert desk.send(now_ns=now_ns) == code


def test_limits_that_change_forget_no_fill_whether_the_window_has_another_length_or_not() -> None:
    places = [(strategy, instrument, side) for strategy in (0, 1) for instrument in (0, 1) for side in (1, -1)]
    for window_ns in (WINDOW_NS // 2, WINDOW_NS, 2 * WINDOW_NS):
        made = rates()
        assert not any(filled(made, 3, *place) for place in places)
        made.set_bounds(**(RATES | {"fills_max": 3, "fills_window_ns": window_ns}))
        assert all(filled(made, 1, *place) for place in places[:1] + places[-1:])


def test_the_smallest_bounds_are_taken() -> None:
    names = ("new_per_second", "messages_per_second", "fills_max", "fills_window_ns", "rejects_max", "trade_ratio")
    made = Rates(1, 1)
    made.set_bounds(**(RATES | dict.fromkeys(names, 1)))
    assert made.note_reject(0, NOW_NS)
    made.set_bounds(**(RATES | {"rejects_max": 64}))
    for name in names:
        with pytest.raises(ValueError, match="at least 1"):
            made.set_bounds(**(RATES | {name: 0}))


def test_sixty_four_rejects_are_kept() -> None:
    made = Rates(1, 1)
    made.set_bounds(**(RATES | {"rejects_max": 64, "rejects_window_ns": 63}))
    assert [made.note_reject(0, NOW_NS + number) for number in range(64)] == [False] * 63 + [True]
    slow = Rates(1, 1)
    slow.set_bounds(**(RATES | {"rejects_max": 64, "rejects_window_ns": 62}))
    assert not any(slow.note_reject(0, NOW_NS + number) for number in range(200))
    assert slow.rejects_in_row(0) == 200


def test_a_refused_strategy_is_told_of_once() -> None:
    made = rates()
    told = [made.note_reject(0, NOW_NS) for _ in range(7)]
    assert told == [False] * 4 + [True, False, False]


def test_a_venue_s_budget_may_be_told_before_the_limits() -> None:
    desk = Desk()
    limits = Limits(desk.marks, desk.filters, desk.recents)
    limits.rates.set_venue_limit(0, 10, SECOND)
    limits.set_bounds(**BOUNDS)
    limits.rates.set_bounds(**RATES)
    limits.set_state(NORMAL)
    codes = [
        limits.check_and_reserve(0, n, 0, 1, 1, 1, False, False, 100_00, LOT + 10 * n, NOW_NS) for n in range(1, 9)
    ]
    assert codes == [0] * 8


@pytest.mark.parametrize(
    ("spend", "seen"),
    [
        (lambda desk: None, (11, 10)),
        (lambda desk: desk.pace(messages_per_second=10, new_per_second=10**6), (11, 10)),
        (lambda desk: desk.limits.rates.set_venue_limit(0, 10, SECOND), (7, 6)),
    ],
)  # fmt: skip
def test_a_denial_tells_how_many_messages_were_asked_of_how_many(
    spend: Callable[[Desk], object], seen: tuple[int, int]
) -> None:
    desk = Desk()
    spend(desk)
    codes = [desk.send(lots=LOT + 10 * number) for number in range(seen[1] + 1)]
    assert codes == [0] * seen[1] + [D.MAX_MESSAGES]
    assert (desk.limits.observed, desk.limits.limit) == seen


def test_a_venue_s_budget_is_its_limit_less_a_fifth_and_a_fifth_for_cancels() -> None:
    for messages, window_ns, fit in ((10, SECOND, 6), (100, SECOND, 64), (1, SECOND, 1), (10**9, SECOND, 100)):
        desk = Desk(open_instrument=1_000, open_all=1_000, daily=1_000)
        desk.pace(new_per_second=10**6, messages_per_second=10**6)
        desk.limits.rates.set_venue_limit(0, messages, window_ns)
        codes = []
        for number in range(100):
            codes.append(desk.send(lots=1_000 + 10 * number))
            desk.exposure.release(desk.limits.handle)
        assert codes.count(0) == fit
        assert set(codes[:fit]) == {0}


def test_a_venue_s_token_is_never_shorter_than_its_share_of_the_window() -> None:
    desk = Desk()
    desk.limits.rates.set_venue_limit(0, 1, 7 * SECOND)
    assert desk.send() == 0
    assert desk.send(lots=2 * LOT) == D.MAX_MESSAGES
    for later_ns, code in ((7 * SECOND - 1, D.MAX_MESSAGES), (7 * SECOND, 0)):
        desk.quote(time_ns=NOW_NS + later_ns)
        assert desk.send(lots=2 * LOT, now_ns=NOW_NS + later_ns) == code


def test_a_person_has_a_pace_of_their_own() -> None:
    desk = Desk()
    codes = [desk.send(lots=LOT + 10 * number, strategy=PERSON) for number in range(11)]
    assert codes == [0] * 10 + [D.MAX_MESSAGES]
    assert [desk.send(lots=2 * LOT, strategy=strategy) for strategy in (0, 1)] == [0, 0]
