"""C28: a strategy's position that is over age is closed by a reduce-only order, and only then."""

from __future__ import annotations

from msgspec import structs

from engine.audit.desk_state import DeskState, PositionState
from engine.clock import NS_PER_SECOND
from engine.messages.control import Action, LimitsChanged
from engine.messages.market import Side
from engine.messages.orders import CancelAll, OrderIntent, OrderType, TimeInForce
from tests.models.portfolio_desk import LOTS, NOW_NS, PortfolioDesk


def asked(desk: PortfolioDesk) -> list[OrderIntent]:
    return [message for message in desk.risk.messages if isinstance(message, OrderIntent)]


def held(seconds: int, side: Side = Side.BUY, lots: int = LOTS // 10, **limits: int) -> PortfolioDesk:
    """Return a desk whose strategy has held a tenth of a bitcoin for so long, under a limit of 60 s."""
    desk = PortfolioDesk(None, NOW_NS, **({"hold_time_s": 60} | limits))
    desk.balances(BTC=5, USDT=100_000)
    desk.mark(60_000)
    desk.fill(side, lots, 60_000)
    desk.advance(seconds)
    return desk


def test_a_position_that_is_over_age_is_closed_in_the_name_of_its_strategy() -> None:
    desk = held(61)
    (intent,) = asked(desk)
    assert (intent.strategy, intent.side, intent.lots, intent.reduce_only) == (0, Side.SELL, LOTS // 10, True)
    assert (intent.type, intent.time_in_force) == (OrderType.MARKET, TimeInForce.IOC)
    (record,) = desk.records(Action.RISK_BLOCK)
    assert record["reason"] == "HOLD_TIME: held for 61 s, limit 60 s"
    assert record["metadata"]["strategy"] == "one"


def test_at_the_limit_it_may_stay() -> None:
    assert asked(held(60)) == []


def test_a_short_is_bought_back() -> None:
    (intent,) = asked(held(61, Side.SELL))
    assert intent.side is Side.BUY


def test_it_is_off_unless_configured() -> None:
    assert asked(held(100_000, hold_time_s=0)) == []


def test_without_a_position_nothing_happens() -> None:
    desk = PortfolioDesk(hold_time_s=60)
    desk.advance(1_000)
    assert asked(desk) == []


def test_what_was_closed_in_time_is_forgotten_and_the_next_position_is_young() -> None:
    desk = held(50)
    desk.fill(Side.SELL, LOTS // 10, 60_000)
    desk.advance(50)
    desk.fill(Side.BUY, LOTS // 10, 60_000)
    desk.advance(60)
    assert asked(desk) == []


def test_dust_is_no_position() -> None:
    desk = held(50, lots=LOTS // 10)
    desk.fill(Side.SELL, LOTS // 10 - 999, 60_000)
    desk.advance(1_000)
    assert asked(desk) == []


def test_turning_the_position_over_begins_a_new_age() -> None:
    desk = held(50)
    desk.fill(Side.SELL, LOTS // 5, 60_000)
    desk.advance(60)
    assert asked(desk) == []
    desk.advance(1)
    assert [intent.side for intent in asked(desk)] == [Side.BUY]


def test_what_is_not_closed_at_once_has_the_other_orders_cancelled_and_is_asked_for_again() -> None:
    desk = held(62)
    assert [intent.strategy for intent in asked(desk)] == [0, 0]
    assert desk.orders.messages == [CancelAll(0, "HOLD_TIME")]


def test_a_strategy_that_is_refused_three_times_is_closed_as_by_a_person() -> None:
    assert [intent.strategy for intent in asked(held(65))] == [0, 0, 0, -1, -1]


def test_a_full_mailbox_of_orders_halts() -> None:
    desk = held(61)
    desk.orders.full = True
    desk.advance(1)
    assert desk.context.halts == ["orders could not take the cancels before binance_spot:BTCUSDT is closed"]


def test_when_the_desk_is_on_the_other_side_nothing_is_closed() -> None:
    desk = held(50)
    desk.fill(Side.SELL, LOTS, 60_000, strategy=-1)
    desk.advance(1_000)
    assert asked(desk) == []


def test_what_is_too_small_for_an_order_is_asked_for_no_more() -> None:
    desk = held(1_000, lots=8_000)  # 4.80 USDT
    assert asked(desk) == []
    assert len(desk.records(Action.RISK_BLOCK)) == 1


def test_the_age_goes_on_over_a_restart() -> None:
    name = "binance_spot:BTCUSDT"
    state = DeskState(
        positions={name: PositionState("BTC", "USDT", LOTS // 10, 6_000 * 10**8)},
        held={"one": {name: 10**7}},
        held_since={"one": {name: NOW_NS - 59 * NS_PER_SECOND}},
    )
    desk = PortfolioDesk(state, hold_time_s=60)
    desk.mark(60_000)
    desk.advance(1)
    assert asked(desk) == []
    desk.advance(1)
    assert [intent.lots for intent in asked(desk)] == [LOTS // 10]


def test_a_limit_that_a_person_sets_counts_for_what_is_held_already() -> None:
    desk = held(100, hold_time_s=0)
    desk.tell(LimitsChanged(structs.replace(desk.limits, hold_time_s=60), 7))
    desk.advance(1)
    assert len(asked(desk)) == 1
    (record,) = desk.records(Action.RISK_BLOCK)
    assert record["metadata"]["limits_version"] == 7
