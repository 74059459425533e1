"""Rate budgets: no window of the venue sees more than 80 %, cancels have a reserve, and silence is silence."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.clock import NS_PER_SECOND
from gateways.throttle import RateLimit, Throttle

TEN_SECONDS = 10 * NS_PER_SECOND
MINUTE = 60 * NS_PER_SECOND
ORDERS = RateLimit(True, 50, TEN_SECONDS)
WEIGHT = RateLimit(False, 6_000, MINUTE)


@given(gaps_ms=st.lists(st.integers(0, 400), min_size=1, max_size=300), offset_ns=st.integers(0, TEN_SECONDS))
def test_no_window_sees_more_than_80_percent_however_the_venue_cuts_it(gaps_ms: list[int], offset_ns: int) -> None:
    throttle = Throttle([ORDERS, WEIGHT])
    now_ns = 1_000 * NS_PER_SECOND
    counts: dict[int, int] = {}
    for gap_ms in gaps_ms:
        now_ns += gap_ms * 1_000_000
        if throttle.take_order(now_ns):
            window = (now_ns + offset_ns) // TEN_SECONDS
            counts[window] = counts.get(window, 0) + 1
    assert max(counts.values()) <= 40
    assert throttle.refused_count + sum(counts.values()) == len(gaps_ms)


def test_a_burst_takes_half_the_budget_and_the_rest_comes_back_with_time() -> None:
    throttle = Throttle([ORDERS])
    taken = sum(throttle.take_order(0) for _ in range(100))
    assert taken == 20
    assert not throttle.take_order(NS_PER_SECOND // 4)
    assert throttle.take_order(NS_PER_SECOND // 2)


def test_orders_and_questions_leave_a_fifth_to_cancels() -> None:
    throttle = Throttle([RateLimit(False, 100, MINUTE)])
    assert sum(throttle.take_order(0) for _ in range(100)) == 32
    assert not throttle.take_query(0, 1)
    assert sum(throttle.take_cancel(0) for _ in range(100)) == 8
    assert not throttle.take_cancel(0)


def test_an_order_limit_does_not_bind_cancels() -> None:
    throttle = Throttle([RateLimit(True, 5, TEN_SECONDS)])
    while throttle.take_order(0):
        pass
    assert throttle.take_cancel(0)


def test_a_heavy_question_needs_room_for_all_of_it() -> None:
    throttle = Throttle([WEIGHT])
    assert throttle.take_query(0, 1_900)
    assert not throttle.take_query(0, 250)
    assert throttle.take_query(0, 20)


def test_a_refused_order_takes_nothing() -> None:
    throttle = Throttle([RateLimit(False, 5, MINUTE), RateLimit(True, 1_000, MINUTE)])
    assert throttle.take_order(0)
    assert not throttle.take_order(0, 5)
    assert throttle.take_cancel(0)


def test_nothing_passes_before_the_silence_ends() -> None:
    throttle = Throttle([ORDERS, WEIGHT])
    throttle.silence(5 * NS_PER_SECOND)
    throttle.silence(2 * NS_PER_SECOND)
    just_before = 5 * NS_PER_SECOND - 1
    assert not throttle.take_order(just_before)
    assert not throttle.take_cancel(just_before)
    assert not throttle.take_query(just_before, 1)
    assert throttle.refused_count == 3
    assert throttle.take_cancel(5 * NS_PER_SECOND)


def test_without_limits_everything_passes() -> None:
    throttle = Throttle([])
    assert throttle.take_order(0)
    assert throttle.take_query(0, 10**9)


@given(weights=st.lists(st.sampled_from([4, 6, 20]), min_size=200, max_size=400), offset_ns=st.integers(0, MINUTE))
def test_what_is_routine_takes_a_quarter_of_the_budget_at_most(weights: list[int], offset_ns: int) -> None:
    throttle = Throttle([WEIGHT])
    now_ns = 1_000 * NS_PER_SECOND
    spent: dict[int, int] = {}
    for weight in weights:
        now_ns += NS_PER_SECOND
        if throttle.take_routine(now_ns, weight):
            window = (now_ns + offset_ns) // MINUTE
            spent[window] = spent.get(window, 0) + weight
    assert max(spent.values()) <= 1_200


def test_what_is_routine_leaves_room_for_questions_and_waits_in_silence() -> None:
    throttle = Throttle([WEIGHT])
    while throttle.take_routine(0, 20):
        pass
    assert throttle.take_query(0, 20)
    throttle.silence(MINUTE)
    assert not throttle.take_routine(MINUTE - 1, 20)
    assert throttle.take_routine(MINUTE, 20)
