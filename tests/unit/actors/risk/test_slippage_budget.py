"""Risk and the slippage budget: held back while an order is on its way, counted when it trades, kept over a restart."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from msgspec import structs

from engine.audit.desk_state import DeskState, OrderState
from engine.config.risk import RiskLimits
from engine.messages.approved import ApprovedOrder
from engine.messages.control import Action, LimitsChanged
from engine.messages.market import Quote, Side, TopDepth
from engine.messages.orders import DenialReason, Liquidity, OrderIntent, OrderType, TimeInForce
from engine.messages.reports import OrderFilled
from hotpath.market.levels import Levels
from tests.models.risk_desk import LOTS, NOW_NS, TICKS, UNIT, RiskDesk, canceled, filled
from tiercel.testing import BTCUSDT

SCALE = BTCUSDT.scale
ASK = TICKS + 10  # ten cents above the mid of 60,000
FIFTH = LOTS * 5  # 0.05 BTC


def take(desk: RiskDesk, side: Side = Side.BUY, lots: int = LOTS, **changed: Any) -> ApprovedOrder | None:
    """Ask for an order that trades at once, decided at the desk's quote."""
    desk.intent += 1
    quote = Quote(0, TICKS - 10, 1, TICKS + 10, 1, 1, NOW_NS, SCALE)
    price_ticks = ASK if side is Side.BUY else TICKS - 10
    intent = OrderIntent(
        0, desk.intent, 0, side, OrderType.LIMIT, TimeInForce.IOC, False, False, price_ticks, lots, 77, quote, NOW_NS
    )
    before = len(desk.orders.messages)
    desk.tell(structs.replace(intent, **changed))
    told = desk.orders.messages[before:]
    return told[0] if told else None


def taken(approved: ApprovedOrder | None, price_ticks: int = ASK, lots: int = LOTS, done: bool = True) -> OrderFilled:
    """Fill an order as a taker."""
    assert approved is not None
    report = filled(approved, lots, done=done)
    return structs.replace(report, price_ticks=price_ticks, liquidity=Liquidity.TAKER)


def spent(desk: RiskDesk) -> int:
    return desk.actor.limits.slippage.spent(0, desk.context.now_ns)


def test_a_fill_that_takes_spends_what_it_paid_beyond_the_mid_of_its_decision() -> None:
    desk = RiskDesk()
    approved = take(desk)
    assert spent(desk) == 0
    desk.tell(taken(approved, ASK + 90))
    assert spent(desk) == UNIT // 100  # a dollar for a coin, of which it was a hundredth


def test_a_fill_that_was_waited_for_spends_nothing() -> None:
    desk = RiskDesk()
    desk.tell(structs.replace(taken(take(desk)), liquidity=Liquidity.MAKER))
    resting = desk.approved()
    desk.tell(structs.replace(filled(resting, LOTS, done=True), liquidity=Liquidity.TAKER))
    assert spent(desk) == 0


def test_a_lucky_fill_earns_no_budget() -> None:
    desk = RiskDesk()
    desk.tell(taken(take(desk), ASK + 90))
    desk.tell(taken(take(desk, Side.SELL), ASK + 90))
    assert spent(desk) == UNIT // 100


def test_what_an_order_is_expected_to_lose_is_held_back_until_it_is_over() -> None:
    desk = RiskDesk(slippage_session=Decimal("0.0015"), duplicate_window_ms=0)
    first = take(desk)  # a tenth of a cent
    assert first is not None
    assert take(desk) is None
    assert desk.reasons() == [DenialReason.SLIPPAGE_BUDGET]
    assert (desk.denials()[0].observed, desk.denials()[0].limit) == ("0.002", "0.0015")
    desk.tell(canceled(first))
    assert take(desk) is not None


def test_when_the_day_is_spent_orders_may_rest_and_reduce() -> None:
    desk = RiskDesk(slippage_session=Decimal("0.005"), duplicate_window_ms=0)
    desk.tell(taken(take(desk), ASK + 90))
    assert take(desk) is None
    assert desk.send(price_ticks=TICKS - 1_000) is not None
    assert take(desk, Side.SELL, reduce_only=True) is not None


def test_four_fifths_of_the_day_and_the_alert_of_an_order_warn() -> None:
    desk = RiskDesk(slippage_session=Decimal("0.0125"))
    desk.tell(taken(take(desk), ASK + 80))  # nine tenths of a cent
    assert desk.actor.warnings == {}
    assert take(desk, lots=LOTS + 1_000) is not None  # one tenth more is four fifths
    assert desk.actor.warnings == {"SLIPPAGE_BUDGET": 1}
    desk = RiskDesk(slippage_alert_pct=Decimal("0.0001"))
    assert take(desk) is not None
    assert desk.actor.warnings == {"SLIPPAGE_BUDGET": 1}


def test_depth_tells_what_a_large_order_costs() -> None:
    desk = RiskDesk()
    market: dict[str, Any] = {"type": OrderType.MARKET, "price_ticks": 0}
    assert take(desk, lots=FIFTH, **market) is not None
    asks = Levels.of([(ASK, LOTS), (6_040_000, 10 * FIFTH)])
    desk.tell(TopDepth(0, LOTS * 10**3, LOTS * 10**3, NOW_NS, Levels.of([(TICKS - 10, LOTS)]), asks))
    assert take(desk, lots=FIFTH + 1_000, **market) is None
    assert desk.reasons() == [DenialReason.SLIPPAGE_BUDGET]
    assert desk.denials()[0].limit == "15.003"  # half a percent of 3,000.60


def test_a_fill_beyond_the_alert_is_counted_and_told_once_a_minute() -> None:
    desk = RiskDesk(duplicate_window_ms=0)
    for price_ticks in (TICKS + 18_000, TICKS + 18_001, TICKS + 40_000):
        desk.tell(taken(take(desk), price_ticks))
    records = [each for each in desk.context.recorded if each["action"] is Action.RISK_BLOCK]
    assert [record["reason"] for record in records] == [
        "a fill of binance_spot:BTCUSDT slipped 30 bps from the mid of its decision, within the budget of a trade"
    ]
    assert desk.actor.warnings["SLIPPAGE_BUDGET"] == 1
    desk.advance(60)
    desk.tell(taken(take(desk), TICKS + 40_000))
    assert "66 bps from the mid of its decision, over the budget" in desk.context.recorded[-1]["reason"]


def test_the_budget_of_the_day_goes_on_over_a_restart() -> None:
    state = DeskState(day="2024-08-09", time_ns=NOW_NS, day_slippage={"USDT": 999 * UNIT, "EUR": UNIT})
    desk = RiskDesk(state)
    assert spent(desk) == 999 * UNIT
    assert take(desk) is not None
    desk = RiskDesk(state, slippage_session=Decimal("999"))
    assert take(desk) is None


def test_an_order_of_an_earlier_run_spends_when_it_trades() -> None:
    order = OrderState(
        "t1-1-1", "one", 7, "binance_spot:BTCUSDT", "BUY", "LIMIT", "IOC", False, ASK, LOTS, "UNKNOWN", NOW_NS,
        mid_ticks_twice=2 * TICKS, approval=1,
    )  # fmt: skip
    desk = RiskDesk(DeskState(orders={"t1-1-1": order}, last_intents={"one": 7}))
    desk.tell(
        OrderFilled(0, 7, 0, Side.BUY, 1, "t1-1-1", 1, ASK, LOTS, 0, True, 0, "USDT", Liquidity.TAKER, 1, NOW_NS, SCALE)
    )
    assert spent(desk) == UNIT // 1_000
    assert desk.actor.reservations._arrivals.open == {}


def test_a_fill_is_told_by_the_limits_of_now() -> None:
    desk = RiskDesk()
    desk.tell(taken(take(desk), TICKS + 9_000))
    assert desk.context.recorded == []
    desk.advance(1)
    desk.tell(LimitsChanged(RiskLimits(slippage_alert_pct=Decimal("0.1"), slippage_trade_pct=Decimal("0.12")), 2))
    desk.tell(taken(take(desk), TICKS + 9_000))
    assert "15 bps from the mid of its decision, over the budget" in desk.context.recorded[-1]["reason"]


def test_an_order_that_an_amend_makes_trade_at_once_spends_like_one_that_did_from_the_start() -> None:
    desk = RiskDesk(slippage_session=Decimal("0.0105"))
    resting = desk.approved(price_ticks=TICKS - 10)
    desk.amend(resting, ASK, LOTS)
    assert desk.reasons() == []
    desk.tell(taken(resting, ASK + 90))
    assert spent(desk) == UNIT // 100
    desk.advance(1)
    assert take(desk) is None
    assert desk.reasons() == [DenialReason.SLIPPAGE_BUDGET]


def test_an_amend_that_is_to_rest_spends_nothing() -> None:
    desk = RiskDesk()
    resting = desk.approved(price_ticks=TICKS - 10)
    desk.amend(resting, TICKS - 9, LOTS)
    desk.tell(taken(resting, ASK + 90))
    assert spent(desk) == 0
