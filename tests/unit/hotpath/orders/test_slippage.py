"""The slippage budget: what an order that takes is expected to cost, and when that is too much."""

from __future__ import annotations

from sys import getrefcount

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotpath.core.units import Scale
from hotpath.market.levels import Levels
from hotpath.orders.marks import Marks
from hotpath.orders.slippage import Slippage, slippage_cost

SCALE = Scale(2, 8)
NOW_NS = 1_723_161_600 * 10**9
DAY_NS = 86_400 * 10**9
COIN = 10**8
MONEY = 10**8
WITHIN, OVER, INPUT = 0, 1, 2
BID, ASK = 59_999_00, 60_001_00  # a mid of 60,000.00 and half a spread of 1.00
HIGH = 63_000_00


def budget(trade_ppm: int = 5_000, alert_ppm: int = 3_000, session: int = 1_000 * MONEY) -> Slippage:
    """Return a budget over BTCUSDT counted in USDT, and something whose rate nobody told."""
    marks = Marks([(SCALE, 1, 0), (SCALE, 2, 3)], 0, 8, 16, 50_000, 0)
    marks.on_quote(0, BID, ASK, NOW_NS)
    marks.on_status(0, True)
    marks.refresh()
    slippage = Slippage(marks)
    slippage.set_bounds(trade_ppm=trade_ppm, alert_ppm=alert_ppm, session=session)
    return slippage


def buy(slippage: Slippage, lots: int = COIN, sent_ticks: int = HIGH, free: bool = False, now_ns: int = NOW_NS) -> int:
    return slippage.judged(0, 1, lots, sent_ticks, free, now_ns)


@pytest.mark.parametrize(("side", "sent_ticks"), [(1, ASK - 1), (-1, BID + 1)])
def test_an_order_that_rests_is_not_looked_at(side: int, sent_ticks: int) -> None:
    slippage = budget(trade_ppm=0, session=0)
    assert slippage.judged(0, side, COIN, sent_ticks, False, NOW_NS) == WITHIN
    assert not slippage.takes


def test_an_order_that_rests_after_one_that_takes_takes_nothing_and_warns_of_nothing() -> None:
    slippage = budget(trade_ppm=10**6, alert_ppm=0)
    buy(slippage)
    assert (slippage.takes, slippage.alerted) == (True, True)
    buy(slippage, sent_ticks=ASK - 1)
    assert (slippage.takes, slippage.alerted) == (False, False)


def test_the_mid_that_it_was_measured_from_is_told_unless_twice_of_it_is_beyond_counting() -> None:
    slippage = budget()
    buy(slippage)
    assert slippage.mid_ticks_twice == BID + ASK
    for ask_ticks, told in ((2**62, 2**63 - 1), (2**62 + 1, 0)):
        marks = Marks([(SCALE, 1, 0)], 0, 2, 1, 50_000, 0)
        marks.on_quote(0, 2**62 - 1, ask_ticks, NOW_NS)
        slippage = Slippage(marks)
        buy(slippage, 1, 2**63 - 1)
        assert slippage.mid_ticks_twice == told


def test_the_depth_of_each_side_of_each_instrument_is_kept_as_long_as_it_is_looked_at() -> None:
    slippage = budget()
    depths = [Levels.of([(ASK + place, COIN)]) for place in range(4)]
    before = [getrefcount(depth) for depth in depths]
    for instrument in (0, 1):
        slippage.on_depth(instrument, depths[2 * instrument], depths[2 * instrument + 1])
    assert [getrefcount(depth) for depth in depths] == [count + 1 for count in before]


@pytest.mark.parametrize(("side", "sent_ticks"), [(1, ASK), (-1, BID)])
def test_without_depth_it_costs_half_the_spread(side: int, sent_ticks: int) -> None:
    slippage = budget()
    assert slippage.judged(0, side, 2 * COIN, sent_ticks, False, NOW_NS) == WITHIN
    assert (slippage.takes, slippage.cost) == (True, 2 * MONEY)


def test_depth_is_swept_and_what_lies_beyond_it_costs_the_worst_price() -> None:
    slippage = budget()
    asks = Levels.of([(ASK, COIN), (60_003_00, COIN)])
    slippage.on_depth(0, Levels.of([(BID, COIN)]), asks)
    buy(slippage, 2 * COIN)
    assert slippage.cost == (1 + 3) * MONEY
    buy(slippage, 3 * COIN, 60_010_00)
    assert slippage.cost == (1 + 3 + 10) * MONEY
    slippage.judged(0, -1, 2 * COIN, 59_990_00, False, NOW_NS)
    assert slippage.cost == (1 + 10) * MONEY


def test_what_a_limit_keeps_in_the_book_costs_nothing() -> None:
    slippage = budget()
    slippage.on_depth(0, Levels.of([]), Levels.of([(ASK, COIN), (60_500_00, COIN)]))
    assert buy(slippage, 100 * COIN, ASK) == WITHIN
    assert slippage.cost == 1 * MONEY


@pytest.mark.parametrize("beyond", [1, 500_00])
def test_a_level_beyond_what_may_be_paid_is_not_taken(beyond: int) -> None:
    slippage = budget(trade_ppm=16)  # half the spread is 16.67 millionths of the mid
    slippage.on_depth(0, Levels.of([]), Levels.of([(ASK, COIN), (ASK + beyond, COIN)]))
    assert buy(slippage, 100 * COIN, ASK) == OVER
    assert (slippage.cost, slippage.limit) == (MONEY, 60_000 * MONEY * 16 // 10**6)


def test_the_last_lot_that_no_level_holds_costs_the_worst_that_may_be_paid() -> None:
    slippage = budget()
    slippage.on_depth(0, Levels.of([]), Levels.of([(ASK, COIN - 1)]))
    buy(slippage, COIN)
    assert slippage.cost == MONEY - 1 + 3_000


@pytest.mark.parametrize("depth_ticks", [60_000_50, ASK - 1])
def test_a_quote_that_is_newer_than_the_depth_counts(depth_ticks: int) -> None:
    slippage = budget()
    slippage.on_depth(0, Levels.of([]), Levels.of([(depth_ticks, COIN)]))
    buy(slippage, COIN)
    assert slippage.cost == 1 * MONEY


@pytest.mark.parametrize(("worst_ticks", "verdict"), [(60_300_00, WITHIN), (60_300_01, OVER)])
def test_a_trade_may_cost_its_part_of_the_mid_and_no_more(worst_ticks: int, verdict: int) -> None:
    slippage = budget()
    slippage.on_depth(0, Levels.of([]), Levels.of([(worst_ticks, COIN)]))
    assert buy(slippage) == verdict
    assert slippage.limit == (300 * MONEY if verdict == OVER else 1_000 * MONEY)


@pytest.mark.parametrize(("worst_ticks", "alerted"), [(60_180_00, False), (60_180_01, True)])
def test_it_warns_above_the_alert(worst_ticks: int, alerted: bool) -> None:
    slippage = budget()
    slippage.on_depth(0, Levels.of([]), Levels.of([(worst_ticks, COIN)]))
    buy(slippage)
    assert slippage.alerted is alerted


@pytest.mark.parametrize(("spent", "verdict"), [(999 * MONEY, WITHIN), (999 * MONEY + 1, OVER)])
def test_a_day_may_cost_its_budget_and_no_more(spent: int, verdict: int) -> None:
    slippage = budget()
    slippage.spend(0, spent, NOW_NS)
    assert buy(slippage) == verdict
    assert (slippage.observed, slippage.limit) == (spent + MONEY, 1_000 * MONEY)


def test_what_orders_on_their_way_are_expected_to_cost_is_held_back() -> None:
    slippage = budget()
    slippage.reserve(0, 999 * MONEY + 1)
    assert buy(slippage) == OVER
    slippage.reserve(0, -1)
    assert buy(slippage) == WITHIN
    slippage.reserve(0, -2_000 * MONEY)
    slippage.check()
    assert (buy(slippage), slippage.observed) == (WITHIN, MONEY)


def test_a_new_day_begins_with_the_whole_budget() -> None:
    slippage = budget()
    slippage.spend(0, 2_000 * MONEY, NOW_NS)
    assert slippage.spent(0, NOW_NS) == 2_000 * MONEY
    assert buy(slippage) == OVER
    assert buy(slippage, now_ns=NOW_NS + DAY_NS) == WITHIN
    assert slippage.spent(0, NOW_NS + DAY_NS) == 0


def test_what_is_spent_first_on_a_new_day_is_of_that_day_alone() -> None:
    slippage = budget()
    slippage.spend(0, 7, NOW_NS)
    slippage.spend(0, 5, NOW_NS + DAY_NS)
    assert slippage.spent(0, NOW_NS + DAY_NS) == 5


def test_what_only_reduces_is_measured_and_never_denied() -> None:
    slippage = budget(session=0)
    slippage.on_depth(0, Levels.of([]), Levels.of([(62_000_00, COIN)]))
    assert buy(slippage, free=True) == WITHIN
    assert (slippage.takes, slippage.alerted, slippage.cost) == (True, True, 2_000 * MONEY)


def unpriced() -> tuple[Marks, Slippage]:
    """Return a budget over ETHBTC alone, counted in USDT, which nobody can turn into it."""
    marks = Marks([(SCALE, 2, 1)], 0, 8, 16, 50_000, 0)
    marks.on_quote(0, BID, ASK, NOW_NS)
    marks.refresh()
    slippage = Slippage(marks)
    slippage.set_bounds(trade_ppm=5_000, alert_ppm=3_000, session=MONEY)
    return marks, slippage


def test_a_currency_of_which_nobody_knows_the_worth_is_an_unusable_input() -> None:
    _, slippage = unpriced()
    assert buy(slippage) == INPUT
    assert buy(slippage, free=True) == WITHIN
    assert buy(slippage, sent_ticks=ASK - 1) == WITHIN


def test_what_was_spent_in_such_a_currency_is_one_too() -> None:
    slippage = budget()
    slippage.spend(1, 1, NOW_NS)
    assert buy(slippage) == INPUT


def test_a_currency_that_is_worth_nothing_is_one_of_which_nobody_knows() -> None:
    marks, slippage = unpriced()
    marks.exposure.rate(0, 0, 1)
    assert buy(slippage) == INPUT
    marks = Marks([(SCALE, 1, 0), (SCALE, 2, 3)], 0, 8, 16, 50_000, 0)
    marks.on_quote(0, BID, ASK, NOW_NS)
    marks.exposure.rate(1, 0, 1)
    slippage = Slippage(marks)
    slippage.set_bounds(trade_ppm=5_000, alert_ppm=3_000, session=1_000 * MONEY)
    assert buy(slippage) == WITHIN
    slippage.reserve(1, 1)
    assert buy(slippage) == INPUT


@pytest.mark.parametrize("lots", [2**62, 2**63 - 1])
def test_an_order_that_no_money_could_pay_is_an_unusable_input(lots: int) -> None:
    assert buy(budget(), lots) == INPUT


def test_a_cost_that_is_beyond_counting_is_an_unusable_input_even_of_an_order_that_is_not() -> None:
    slippage = budget(trade_ppm=10**9, session=2**63 - 1)
    slippage.on_depth(0, Levels.of([]), Levels.of([(ASK, 1)]))
    assert buy(slippage, COIN, 2**62) == INPUT


def test_a_cost_that_is_beyond_counting_in_the_risk_currency_is_an_unusable_input() -> None:
    marks = Marks([(SCALE, 2, 1)], 0, 8, 16, 50_000, 0)
    marks.on_quote(0, BID, ASK, NOW_NS)
    marks.exposure.rate(0, 2**62, 1)
    slippage = Slippage(marks)
    slippage.set_bounds(trade_ppm=5_000, alert_ppm=3_000, session=2**63 - 1)
    assert buy(slippage) == INPUT


def test_a_budget_that_is_overspent_beyond_counting_stays_full() -> None:
    slippage = budget(session=2**63 - 1)
    slippage.spend(0, 2**63 - 1, NOW_NS)
    slippage.spend(0, 2**63 - 1, NOW_NS)
    slippage.reserve(0, 1)
    slippage.check()
    assert buy(slippage) == WITHIN
    slippage.set_bounds(trade_ppm=5_000, alert_ppm=3_000, session=2**63 - 2)
    assert buy(slippage) == OVER


def test_bad_arguments_are_refused() -> None:
    slippage = budget()
    with pytest.raises(ValueError, match="earns no budget"):
        slippage.spend(0, -1, NOW_NS)
    for call in (slippage.spend, slippage.reserve):
        with pytest.raises(ValueError, match="instrument 2 is unknown"):
            call(2, *((1, NOW_NS) if call == slippage.spend else (1,)))
    with pytest.raises(ValueError, match="instrument -1 is unknown"):
        slippage.on_depth(-1, Levels.of([]), Levels.of([]))
    with pytest.raises(ValueError, match="instrument 7 is unknown"):
        slippage.judged(7, 1, 1, 1, False, NOW_NS)


def test_a_fill_costs_what_it_paid_beyond_the_mid_and_never_less_than_nothing() -> None:
    assert slippage_cost(1, ASK, COIN, BID + ASK, SCALE) == MONEY
    assert slippage_cost(-1, BID, COIN, BID + ASK, SCALE) == MONEY
    assert slippage_cost(1, BID, COIN, BID + ASK, SCALE) == 0
    assert slippage_cost(1, ASK, 1, BID + ASK, SCALE) == 1  # half a cent of a coin of 1e-8, rounded against us
    assert slippage_cost(1, 1, 1, 1, SCALE) == 1  # half a tick
    assert slippage_cost(1, 2**62, 2**62, 2, SCALE) == 2**63 - 1


@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(1, 10**9)), max_size=6),
    st.integers(1, 10**10),
    st.integers(0, 500),
)
def test_the_sweep_is_that_of_the_obvious_model(rows: list[tuple[int, int]], lots: int, room: int) -> None:
    asks = sorted({ASK + away: size for away, size in rows}.items())
    sent, left, twice = ASK + room, lots, 0
    for ticks, size in asks or [(ASK, lots)]:
        if ticks > sent:
            left = 0
            break
        taken = min(left, size)
        twice += (2 * ticks - BID - ASK) * taken
        left -= taken
    twice += (2 * sent - BID - ASK) * left
    slippage = budget()
    slippage.on_depth(0, Levels.of([]), Levels.of(asks))
    buy(slippage, lots, sent, free=True)
    cents = (twice + 1) // 2
    assert slippage.cost == (cents + 99) // 100
