"""What a strategy can have an order wait for, in Decimal and in ticks, and what is refused with a better word."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from actors.strategy.actor import StrategyActor
from engine.clock import NS_PER_SECOND
from engine.errors import UsageError
from engine.messages.orders import IS_ENTRY, OrderTerms, OrderType
from tiercel import Bracket, Conditions, OrderState, Quote, Side, Strategy, StrategyParams, TimeInForce, TriggerBy
from tiercel.testing import BTCUSDT, StrategyHarness

BTC = "BTCUSDT"
BUY, SELL = Side.BUY, Side.SELL
LATER = datetime(2030, 1, 1, tzinfo=UTC)


class Idle(Strategy):
    """Does what the test tells it to."""


@pytest.fixture
def harness() -> StrategyHarness[Idle]:
    harness = StrategyHarness(Idle)
    harness.quote("60000.00", "60000.01")
    return harness


@pytest.mark.parametrize(
    ("side", "price", "words", "kind", "terms"),
    [
        (SELL, None, {"stop": "59000"}, OrderType.STOP, OrderTerms(5_900_000)),
        (BUY, None, {"stop": Decimal(61_000)}, OrderType.STOP, OrderTerms(6_100_000)),
        (SELL, "58990", {"stop": "59000"}, OrderType.STOP_LIMIT, OrderTerms(5_900_000)),
        (BUY, None, {"touch": "59000"}, OrderType.MARKET_IF_TOUCHED, OrderTerms(5_900_000)),
        (SELL, "61000", {"touch": "61000"}, OrderType.LIMIT_IF_TOUCHED, OrderTerms(6_100_000)),
        (SELL, None, {"trail": "250.50"}, OrderType.TRAILING_STOP, OrderTerms(trail_ticks=25_050)),
        (SELL, None, {"trail_pct": "1.5"}, OrderType.TRAILING_STOP, OrderTerms(trail_ppm=15_000)),
        (SELL, None, {"trail": 10, "stop": 59_000}, OrderType.TRAILING_STOP, OrderTerms(5_900_000, trail_ticks=1_000)),
        (BUY, "59000", {"edge_bps": 12}, OrderType.LIMIT, OrderTerms(edge_bps=12)),
        (BUY, "59000", {"leads": True}, OrderType.LIMIT, OrderTerms(entry=IS_ENTRY)),
        (
            SELL, None, {"stop": "59000", "trigger_by": TriggerBy.LAST}, OrderType.STOP,
            OrderTerms(5_900_000, TriggerBy.LAST),
        ),
    ],
)  # fmt: skip
def test_words_come_to_a_type_and_terms(
    harness: StrategyHarness[Idle],
    side: Side,
    price: str | None,
    words: Conditions,
    kind: OrderType,
    terms: OrderTerms,
) -> None:
    act = harness.strategy.buy if side is BUY else harness.strategy.sell
    order = act(BTC, "0.01", price, **words)
    assert (order.request.type, order.request.terms) == (kind, terms)
    assert harness.intents == [order.request]
    assert (order.lots, order.request.price_ticks) == (1_000_000, int(Decimal(price or 0) * 100))


def test_the_same_in_ticks_and_lots(harness: StrategyHarness[Idle]) -> None:
    terms = OrderTerms(5_900_000)
    order = harness.strategy.sell_lots(0, 1_000, kind=OrderType.STOP, terms=terms)
    assert (order.request.type, order.request.terms) == (OrderType.STOP, terms)
    bought = harness.strategy.buy_lots(0, 1_000, 6_000_000, kind=OrderType.LIMIT_IF_TOUCHED, terms=terms)
    assert bought.request.type is OrderType.LIMIT_IF_TOUCHED
    for kind, words in ((OrderType.STOP, None), (None, terms)):
        with pytest.raises(TypeError, match="expected an OrderType and OrderTerms"):
            harness.strategy.sell_lots(0, 1_000, kind=kind, terms=words)


def test_good_till_and_day_end_by_the_engines_clock(harness: StrategyHarness[Idle]) -> None:
    strategy = harness.strategy
    order = strategy.buy(BTC, "0.01", "59000", good_till=strategy.now + timedelta(seconds=90))
    assert order.request.time_in_force is TimeInForce.GTD
    assert order.request.terms is not None
    assert order.request.terms.good_till_ns == strategy.now_ns + 90 * NS_PER_SECOND
    day = strategy.sell(BTC, "0.01", stop="59000", time_in_force=TimeInForce.DAY)
    assert day.request.terms is not None
    midnight = datetime(2024, 8, 10, tzinfo=UTC)
    assert day.request.terms.good_till_ns == int(midnight.timestamp()) * NS_PER_SECOND


@pytest.mark.parametrize(
    ("side", "price", "words", "problem"),
    [
        (SELL, None, {"stop": 59_000, "touch": 61_000}, "an order waits for one thing"),
        (SELL, None, {"trail": 5, "trail_pct": 1}, "an order waits for one thing"),
        (SELL, None, {"touch": 61_000, "trail": 1}, "an order waits for one thing"),
        (SELL, 59_000, {"trail": 5}, "leave `price` out"),
        (SELL, None, {"trail": 0}, "trail must be above 0"),
        (SELL, None, {"trail": -5}, "trail must be above 0"),
        (SELL, None, {"trail_pct": 0}, "not between 0.0001 and 100"),
        (SELL, None, {"trail_pct": 100}, "not between 0.0001 and 100"),
        (SELL, None, {"stop": 60_001}, "did you mean touch=60001"),
        (SELL, None, {"stop": "60000.00"}, "waits for a price below the market, which is at 60000.00"),
        (BUY, None, {"stop": 59_000}, "waits for a price above the market, which is at 60000.01"),
        (SELL, None, {"touch": 59_000}, "did you mean stop=59000"),
        (BUY, None, {"touch": 61_000}, "waits for a price below the market"),
        (SELL, None, {"stop": 0}, "is never reached"),
        (SELL, None, {"stop": "59000.001"}, "finer than the venue prints"),
        (BUY, None, {"time_in_force": TimeInForce.DAY}, "a market order does not stay"),
        (BUY, 59_000, {"time_in_force": TimeInForce.GTD}, "GTD needs the moment"),
        (BUY, 59_000, {"good_till": datetime(2020, 1, 1, tzinfo=UTC)}, "not in the future"),
        (BUY, 59_000, {"good_till": LATER, "time_in_force": TimeInForce.IOC}, "contradicts IOC"),
        (SELL, None, {"stop": 59_000, "post_only": True}, "neither post-only nor FOK"),
        (SELL, None, {"stop": 59_000, "time_in_force": TimeInForce.FOK}, "neither post-only nor FOK"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_with_what_to_write_instead(
    harness: StrategyHarness[Idle], side: Side, price: int | None, words: dict[str, Any], problem: str
) -> None:
    act = harness.strategy.buy if side is BUY else harness.strategy.sell
    with pytest.raises(UsageError, match=problem):
        act(BTC, "0.01", price, **words)
    assert harness.intents == []


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ({"stop": 59_000.5}, "is a float"),
        ({"stopat": 59_000}, "unknown argument 'stopat'"),
        ({"good_till": datetime(2030, 1, 1)}, "with a time zone"),  # noqa: DTZ001 - the mistake that is refused
        ({"good_till": 5}, "with a time zone"),
        ({"stop": 59_000, "trigger_by": 2}, "expected one of"),
    ],
)
def test_what_is_no_price_no_moment_and_no_word_is_a_type_error(
    harness: StrategyHarness[Idle], words: dict[str, Any], problem: str
) -> None:
    with pytest.raises(TypeError, match=problem):
        harness.strategy.sell(BTC, "0.01", **words)


def test_before_the_first_quote_the_side_of_a_stop_is_not_judged() -> None:
    harness = StrategyHarness(Idle)
    harness.strategy.sell(BTC, "0.01", stop=90_000)
    assert len(harness.intents) == 1


def test_an_oco_is_two_exits_of_one_group(harness: StrategyHarness[Idle]) -> None:
    profit, loss = harness.strategy.oco(BTC, SELL, "0.01", take_profit=61_000, stop_loss=59_000)
    group = profit.intent
    assert profit.request.terms == OrderTerms(6_100_000, group=group)
    assert loss.request.terms == OrderTerms(5_900_000, group=group)
    assert (profit.request.type, loss.request.type) == (OrderType.LIMIT_IF_TOUCHED, OrderType.STOP)
    assert profit.request.reduce_only
    assert loss.request.reduce_only
    end = harness.strategy.now + timedelta(hours=1)
    _, trailing = harness.strategy.oco(BTC, SELL, "0.01", take_profit=61_000, trail=50, good_till=end)
    assert trailing.request.type is OrderType.TRAILING_STOP
    assert trailing.request.time_in_force is TimeInForce.GTD


def test_a_bracket_is_an_entry_and_two_exits_that_live_by_its_fills(harness: StrategyHarness[Idle]) -> None:
    bracket = harness.strategy.bracket(BTC, BUY, "0.01", price=59_500, take_profit=59_900, stop_loss=59_000)
    assert isinstance(bracket, Bracket)
    entry = bracket.entry.intent
    assert bracket.entry.request.terms == OrderTerms(entry=IS_ENTRY)
    assert bracket.take_profit.request.terms == OrderTerms(5_990_000, entry=entry, group=entry)
    assert bracket.stop_loss.request.terms == OrderTerms(5_900_000, entry=entry, group=entry)
    assert (bracket.take_profit.side, bracket.stop_loss.side) == (SELL, SELL)
    later = harness.strategy.bracket(
        BTC, SELL, "0.01", stop=59_000, take_profit=58_000, trail=100, good_till=harness.strategy.now + timedelta(1)
    )
    assert later.entry.request.type is OrderType.STOP
    assert later.stop_loss.request.type is OrderType.TRAILING_STOP


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ({"take_profit": 61_000}, "needs stop_loss or trail"),
        ({"take_profit": 61_000, "stop_loss": 59_000, "trail": 5}, "needs stop_loss or trail"),
        ({"take_profit": 58_000, "stop_loss": 59_000, "price": 59_500}, "needs take_profit above"),
        ({"take_profit": 61_000, "stop_loss": 59_700, "price": 59_500}, "needs take_profit above"),
    ],
)
def test_exits_that_make_no_sense_are_refused(
    harness: StrategyHarness[Idle], words: dict[str, Any], problem: str
) -> None:
    with pytest.raises(UsageError, match=problem):
        harness.strategy.bracket(BTC, BUY, "0.01", **words)


def test_a_short_bracket_has_its_exits_the_other_way_round(harness: StrategyHarness[Idle]) -> None:
    with pytest.raises(UsageError, match="needs take_profit below"):
        harness.strategy.bracket(BTC, SELL, "0.01", price=61_000, take_profit=62_000, stop_loss=63_000)


def test_one_order_waits_for_another_that_leads(harness: StrategyHarness[Idle]) -> None:
    strategy = harness.strategy
    plain = strategy.buy(BTC, "0.01", 59_000)
    with pytest.raises(UsageError, match="leads=True"):
        strategy.sell(BTC, "0.01", stop=58_000, after=plain)
    leader = strategy.buy(BTC, "0.01", 59_000, leads=True)
    follower = strategy.sell(BTC, "0.01", stop=58_000, after=leader)
    assert follower.request.terms == OrderTerms(5_800_000, entry=leader.intent)
    with pytest.raises(UsageError, match="chains have two links"):
        strategy.sell(BTC, "0.01", stop=58_000, after=leader, leads=True)


def test_cancel_all_asks_for_each_order_of_an_instrument_or_of_all(harness: StrategyHarness[Idle]) -> None:
    strategy = harness.strategy
    strategy.buy(BTC, "0.01", 59_000)
    strategy.sell(BTC, "0.01", stop=59_000)
    assert strategy.cancel_all(BTC) == 2
    assert strategy.cancel_all() == 0
    assert len(harness.cancels) == 2


def test_an_amend_can_move_what_an_order_waits_for(harness: StrategyHarness[Idle]) -> None:
    order = harness.strategy.sell(BTC, "0.01", stop=59_000)
    harness.accept(order)
    assert harness.strategy.amend(order, trigger="59100.5")
    assert harness.amends[0].trigger_ticks == 5_910_050


def test_an_order_that_waits_since_an_earlier_run_has_its_handle_again(harness: StrategyHarness[Idle]) -> None:
    intent = harness.strategy.sell(BTC, "0.01", stop=59_000).request
    actor = StrategyActor(0, "again", Idle, StrategyParams(), [BTCUSDT], waiting=[(intent, 0, 900, 300)])
    (order,) = actor.strategy.orders()
    assert (order.state, order.lots, order.filled_lots) == (OrderState.PARTIAL, 900, 300)
    assert actor.strategy.working(BTC, SELL) is order


def test_the_example_of_a_quote(harness: StrategyHarness[Idle]) -> None:
    assert isinstance(harness.strategy.quote(BTC), Quote)
