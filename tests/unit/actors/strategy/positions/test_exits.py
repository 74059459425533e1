"""Exits from a position, by a strategy in the harness: which quote makes them ask, and for how much."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

import pytest
from msgspec import structs

from actors.strategy.positions.exits import Exits
from actors.strategy.positions.holding import ExitReason
from actors.strategy.positions.plan import ByVolatility
from actors.strategy.strategy import Strategy
from engine.errors import UsageError
from engine.messages.control import Action
from engine.messages.market import Quote, Side
from engine.messages.orders import DenialReason, OrderType, TimeInForce
from engine.messages.reports import OrderFilled
from tiercel.testing import BTCUSDT, StrategyHarness


class Leaver(Strategy):
    """Passes quotes and fills on; what it asks for comes from its exits alone."""

    plan: ClassVar[dict[str, Any]] = {}

    def __init__(self) -> None:
        self.exits = Exits(self, **self.plan)

    def on_quote(self, quote: Quote) -> None:
        self.exits.on_quote(quote)

    def on_filled(self, fill: OrderFilled) -> None:
        self.exits.on_filled(fill)


def desk(**plan: Any) -> StrategyHarness[Leaver]:
    """Return a harness whose strategy has these exits, flat."""
    kind = type("Planned", (Leaver,), {"plan": plan})
    return StrategyHarness(kind)


def long(harness: StrategyHarness[Leaver], quantity: str = "0.1", price: str = "60000", side: Side = Side.BUY) -> None:
    """Have the strategy own so much, at a price."""
    ask = harness.strategy.buy if side is Side.BUY else harness.strategy.sell
    order = ask(0, quantity, price)
    harness.fill(order, price=price)


def quote(harness: StrategyHarness[Leaver], bid: str, later: int = 2) -> None:
    """Bring a bid, with the ask a cent above it, some seconds later."""
    harness.advance(later)
    harness.quote(bid, Decimal(bid) + Decimal("0.01"))


def asked(harness: StrategyHarness[Leaver]) -> list[tuple[str, Decimal, Decimal]]:
    """Return (side, quantity, price) of what the exits asked for."""
    scale = BTCUSDT.scale
    return [
        (intent.side.name, scale.quantity(intent.lots).normalize(), scale.price(intent.price_ticks).normalize())
        for intent in harness.intents
        if intent.reduce_only
    ]


def test_a_stop_leaves_whole_at_the_market_and_may_only_reduce() -> None:
    harness = desk(stop_loss="0.5")
    long(harness)
    quote(harness, "59700.01")
    assert asked(harness) == []
    quote(harness, "59700.00")
    assert asked(harness) == [("SELL", Decimal("0.1"), Decimal(0))]
    intent = harness.intents[-1]
    assert (intent.type, intent.time_in_force) == (OrderType.MARKET, TimeInForce.IOC)
    assert harness.strategy.exits.leaving(0) is ExitReason.STOP_LOSS


def test_a_short_is_stopped_at_the_ask() -> None:
    harness = desk(stop_loss="0.5")
    long(harness, side=Side.SELL)
    quote(harness, "60299.98")
    assert asked(harness) == []
    quote(harness, "60299.99")
    assert asked(harness) == [("BUY", Decimal("0.1"), Decimal(0))]


def test_levels_close_their_fractions_of_the_largest_size_one_after_another() -> None:
    harness = desk(take_profit=[("0.1", "0.3"), ("0.2", "0.3"), ("0.3", "0.4")])
    long(harness)
    quote(harness, "60060")
    harness.fill(harness.orders[0])
    quote(harness, "60180")
    harness.fill(harness.orders[0])
    quote(harness, "60180")
    assert asked(harness) == [
        ("SELL", Decimal("0.03"), Decimal("60060")),
        ("SELL", Decimal("0.03"), Decimal("60180")),
        ("SELL", Decimal("0.04"), Decimal("60180")),
    ]


def test_a_short_takes_profit_below() -> None:
    harness = desk(take_profit=[("0.1", "1")])
    long(harness, side=Side.SELL)
    quote(harness, "59939.99")
    assert asked(harness) == [("BUY", Decimal("0.1"), Decimal("59940"))]


def test_a_level_that_was_filled_in_part_asks_for_its_rest() -> None:
    harness = desk(take_profit=[("0.1", "0.5")])
    long(harness)
    quote(harness, "60060")
    harness.fill(harness.orders[0], "0.02")
    harness.expired(harness.orders[0])
    quote(harness, "60060")
    assert [quantity for _, quantity, _ in asked(harness)] == [Decimal("0.05"), Decimal("0.03")]
    harness.fill(harness.orders[0])
    quote(harness, "60100")
    assert len(asked(harness)) == 2


def test_a_level_that_gives_nothing_is_skipped_and_recorded() -> None:
    coarse = structs.replace(BTCUSDT, quantity_step_lots=10_000_000, lots_min=10_000_000)
    kind = type("Planned", (Leaver,), {"plan": {"take_profit": [("0.1", "0.5"), ("0.2", "0.5")]}})
    harness: StrategyHarness[Leaver] = StrategyHarness(kind, instruments=[coarse])
    long(harness, "0.1")
    quote(harness, "60500")
    quote(harness, "60500")
    assert asked(harness) == []
    records = harness.context.recorded
    assert [record["action"] for record in records] == [Action.POSITION_PROFIT_TAKE_SKIPPED] * 2
    assert [record["metadata"]["level"] for record in records] == [1, 2]
    assert records[0]["metadata"]["fraction"] == Decimal("0.5")
    assert records[0]["before"] == records[0]["after"] == {"quantity": "0.10000000"}


def test_a_remainder_that_no_order_can_close_is_reported() -> None:
    harness = desk(take_profit=[("0.1", "0.95")])
    long(harness, "0.001")  # 60 USDT; what the level leaves is worth 3, below the venue's 5
    quote(harness, "60060")
    assert asked(harness) == [("SELL", Decimal("0.00095"), Decimal("60060"))]
    (record,) = harness.context.recorded
    assert record["resource_type"] == "remainder"
    assert "below the minimum of 5" in record["reason"]
    assert record["metadata"]["remainder"] == "0.00005000"


def test_a_position_too_small_to_close_is_reported_once_and_does_not_stand_in_the_way() -> None:
    harness = desk(stop_loss="0.5")
    long(harness, "0.00005")
    quote(harness, "59000")
    quote(harness, "58000")
    assert len(harness.context.recorded) == 1
    assert asked(harness) == []
    harness.strategy.buy(0, "0.1", "57000")
    quote(harness, "58000")
    assert harness.cancels == []


def test_a_trail_follows_the_best_price_and_not_back() -> None:
    harness = desk(trail="1")
    long(harness)
    for bid in ("60600", "61000", "60391"):
        quote(harness, bid)
    assert asked(harness) == []
    quote(harness, "60390")
    assert asked(harness) == [("SELL", Decimal("0.1"), Decimal(0))]
    assert harness.strategy.exits.leaving(0) is ExitReason.TRAILING_STOP


def test_a_position_is_left_when_its_time_is_over() -> None:
    harness = desk(hold=60)
    long(harness)
    quote(harness, "60000", later=59)
    assert asked(harness) == []
    quote(harness, "60000", later=1)
    assert harness.strategy.exits.leaving(0) is ExitReason.HOLD_TIME


def test_a_hold_time_without_a_position_does_nothing() -> None:
    harness = desk(hold=1)
    quote(harness, "60000", later=3_600)
    quote(harness, "60000", later=3_600)
    assert harness.intents == []


def test_time_counts_anew_for_the_next_position() -> None:
    harness = desk(hold=60)
    long(harness)
    quote(harness, "60000", later=60)
    harness.fill(harness.orders[0])
    long(harness)
    quote(harness, "60000", later=59)
    assert len(asked(harness)) == 1


def warmed(**by: Any) -> StrategyHarness[Leaver]:
    """Return a harness with four moves of 10.00 a second behind it, so the volatility is 20.00, and a long at 60000."""
    harness = desk(by_volatility=ByVolatility(window_seconds=4, samples=4, **by))
    for bid in ("60000", "60010", "60000", "60010", "60000"):
        quote(harness, bid, later=1)
    long(harness)
    return harness


def test_a_stop_by_volatility_stands_so_many_moves_away() -> None:
    harness = warmed(stop_loss=Decimal(2))
    harness.quote("59960.01", "59960.02")
    assert asked(harness) == []
    harness.quote("59960.00", "59960.01")
    assert asked(harness) == [("SELL", Decimal("0.1"), Decimal(0))]
    assert harness.strategy.exits.leaving(0) is ExitReason.VOLATILITY_STOP


def test_a_profit_by_volatility_stands_so_many_moves_away() -> None:
    harness = warmed(take_profit=Decimal("1.5"))
    harness.quote("60029.99", "60030.00")
    assert asked(harness) == []
    harness.quote("60030.00", "60030.01")
    assert harness.strategy.exits.leaving(0) is ExitReason.VOLATILITY_PROFIT


def test_without_movement_there_is_no_distance_and_the_fixed_stop_stands() -> None:
    harness = desk(stop_loss="0.5", by_volatility=ByVolatility(stop_loss=Decimal(1), window_seconds=2, samples=2))
    for _ in range(5):
        quote(harness, "60000", later=1)
    long(harness)
    quote(harness, "59999", later=0)
    assert asked(harness) == []
    quote(harness, "59700", later=0)
    assert harness.strategy.exits.leaving(0) is ExitReason.STOP_LOSS


def test_of_two_reasons_the_stop_is_meant() -> None:
    harness = desk(stop_loss="0.5", hold=1)
    long(harness)
    quote(harness, "59000", later=10)
    assert harness.strategy.exits.leaving(0) is ExitReason.STOP_LOSS


def test_other_orders_are_cancelled_before_the_position_is_left() -> None:
    harness = desk(stop_loss="0.5")
    long(harness)
    resting = harness.strategy.sell(0, "0.1", "61000")
    harness.accept(resting)
    quote(harness, "59700")
    assert [cancel.intent for cancel in harness.cancels] == [resting.intent]
    assert asked(harness) == []
    harness.canceled(resting)
    quote(harness, "59800")
    assert asked(harness) == [("SELL", Decimal("0.1"), Decimal(0))]


def test_a_level_waits_while_an_order_of_the_strategy_closes_already() -> None:
    harness = desk(take_profit=[("0.1", "0.5")])
    long(harness)
    harness.strategy.sell(0, "0.1", "61000")
    quote(harness, "60100")
    assert asked(harness) == []


def test_a_stop_that_filled_in_part_goes_on_whatever_the_price() -> None:
    harness = desk(stop_loss="0.5")
    long(harness)
    quote(harness, "59700")
    harness.fill(harness.orders[0], "0.04")
    harness.expired(harness.orders[0])
    quote(harness, "60500")
    assert asked(harness)[-1] == ("SELL", Decimal("0.06"), Decimal(0))


def test_a_refused_exit_is_tried_again_after_a_while() -> None:
    harness = desk(stop_loss="0.5", retry=5)
    long(harness)
    quote(harness, "59700")
    harness.denied(harness.orders[0], DenialReason.MARKET_DATA_FRESH)
    quote(harness, "59700", later=1)
    quote(harness, "59700", later=3)
    assert len(asked(harness)) == 1
    quote(harness, "59700", later=2)
    assert len(asked(harness)) == 2


def test_an_exit_that_is_worth_too_much_goes_in_halves() -> None:
    harness = desk(stop_loss="0.5")
    long(harness)
    quote(harness, "59700")
    harness.denied(harness.orders[0], DenialReason.MAX_ORDER_VALUE)
    quote(harness, "59700")
    quote(harness, "59700")
    assert asked(harness)[-1] == ("SELL", Decimal("0.05"), Decimal(0))


def test_a_larger_position_has_its_levels_before_it_again() -> None:
    harness = desk(take_profit=[("0.1", "0.5")])
    long(harness, "0.1")
    quote(harness, "60060")
    harness.fill(harness.orders[0])
    long(harness, "0.15", "60060")
    quote(harness, "61000")
    assert [quantity for _, quantity, _ in asked(harness)] == [Decimal("0.05"), Decimal("0.1")]


def test_turning_the_position_over_begins_a_new_one() -> None:
    harness = desk(stop_loss="0.5")
    long(harness, "0.1")
    long(harness, "0.3", "60000", side=Side.SELL)
    quote(harness, "59000")
    assert asked(harness) == []
    quote(harness, "60300")
    assert asked(harness) == [("BUY", Decimal("0.2"), Decimal(0))]


def test_dust_that_a_fee_leaves_is_reported_and_forgotten() -> None:
    harness = desk(hold=10)
    order = harness.strategy.buy(0, "0.001", "60000")
    harness.fill(order, fee="0.000001", fee_currency="BTC")
    quote(harness, "60000", later=10)
    harness.fill(harness.orders[0])
    assert [record["resource_type"] for record in harness.context.recorded] == ["remainder"]
    quote(harness, "60000", later=100)
    assert len(asked(harness)) == 1


def test_the_position_of_an_earlier_run_begins_at_the_first_price() -> None:
    harness = desk(stop_loss="1")
    harness.strategy._host.market(0).move(10_000_000)
    quote(harness, "50000")
    quote(harness, "49500.01")
    assert asked(harness) == []
    quote(harness, "49499")
    assert asked(harness) == [("SELL", Decimal("0.1"), Decimal(0))]


@pytest.mark.parametrize(
    ("plan", "problem"),
    [
        ({}, "without an exit"),
        ({"take_profit": []}, "0 levels"),
        ({"take_profit": [("0.1", "0.6"), ("0.2", "0.5")]}, "sum to 1.1"),
        ({"take_profit": [("0.2", "0.5"), ("0.1", "0.5")]}, "rising order"),
        ({"take_profit": [("NaN", "0.5")]}, "the gain of level 1 is NaN"),
        ({"take_profit": [("-1", "0.5")]}, "the gain of level 1 is -1"),
        ({"take_profit": [("1", "NaN")]}, "the fraction of level 1 is NaN"),
        ({"take_profit": [("1", "-0.5")]}, "the fraction of level 1 is -0.5"),
        ({"take_profit": [("0.00001", "0.5")]}, "four decimals"),
        ({"stop_loss": "0"}, "stop_loss is 0"),
        ({"stop_loss": "100"}, "no price falls by that"),
        ({"trail": "NaN"}, "trail is NaN"),
        ({"hold": 0}, "hold is 0"),
        ({"hold": 5, "retry": -1}, "retry is -1"),
        ({"by_volatility": ByVolatility()}, "without an exit"),
        ({"by_volatility": ByVolatility(stop_loss=Decimal(-1))}, "by_volatility.stop_loss is -1"),
        ({"by_volatility": ByVolatility(stop_loss=Decimal(1), samples=0)}, "samples is 0"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(plan: dict[str, Any], problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        desk(**plan)


def test_a_float_in_a_plan_is_refused() -> None:
    with pytest.raises(TypeError, match="a float is not exact"):
        desk(stop_loss=0.5)
