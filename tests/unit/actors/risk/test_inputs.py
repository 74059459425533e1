"""Each check hears what it needs; what is missing, too old or absurd denies by name, and getting out stays open."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from engine.audit.desk_state import DeskState, Done, OrderState, PositionState
from engine.clock import NS_PER_MS, NS_PER_SECOND
from engine.config.risk import RiskLimits
from engine.messages.control import (
    Action,
    ClockOffset,
    Health,
    LimitsChanged,
    StateChanged,
    StopStrategy,
    StrategyEnabled,
    TradingState,
)
from engine.messages.market import FeedGap, Side, TopDepth
from engine.messages.orders import CancelIntent, DenialReason
from engine.messages.reports import Balances, OrderRejected, OrderUnknown
from tests.models.risk_desk import LOTS, NOW_NS, PERSON, TICKS, UNIT, RiskDesk, accepted, canceled, filled
from tiercel.testing import BTCUSDT

R = DenialReason


def denied(desk: RiskDesk, **more: Any) -> DenialReason:
    """Ask for an order that must not pass; returns why it did not."""
    before = len(desk.denials())
    assert desk.send(**({"price_ticks": TICKS - desk.intent} | more)) is None, "it was approved"
    return desk.denials()[before].reason


def passes(desk: RiskDesk, **more: Any) -> bool:
    return desk.send(**({"price_ticks": TICKS - desk.intent} | more)) is not None


def rejected(desk: RiskDesk, approved: Any, *, sent: bool = True) -> None:
    intent = approved.intent
    desk.tell(
        OrderRejected(
            intent.strategy, intent.intent, 0, intent.side, approved.approval, "t1-1-1", sent, -2010, "no",
            desk.context.now_ns,
        )
    )  # fmt: skip


def unknown(desk: RiskDesk, approved: Any) -> None:
    intent = approved.intent
    desk.tell(OrderUnknown(intent.strategy, intent.intent, 0, intent.side, approved.approval, "t", "?", NOW_NS))


def long_desk(**limits: Any) -> RiskDesk:
    """Return a desk that holds one bitcoin."""
    state = DeskState(positions={BTCUSDT.name: PositionState("BTC", "USDT", 100_000_000, 60_000 * UNIT)})
    return RiskDesk(state, max_position_value=Decimal(100_000), daily_orders_max=1_000, **limits)


# The account.


def test_before_anybody_told_the_account_nothing_may_grow() -> None:
    desk = RiskDesk(ready=False)
    quiet = RiskDesk()
    desk.handlers = quiet.handlers = quiet.actor.handlers()
    quiet.actor.inputs.begin(DeskState(), NOW_NS)
    quiet.tell_vitals()
    assert denied(quiet) is R.DAILY_LOSS_INPUT
    quiet.tell_account()
    assert passes(quiet)


@pytest.mark.parametrize(("loss", "reason"), [(249, None), (250, R.DAILY_LOSS), (500, R.DAILY_LOSS)])
def test_losses_of_the_day_deny_from_half_of_their_limit_on(loss: int, reason: DenialReason | None) -> None:
    desk = RiskDesk()
    desk.tell_account(day=600_000 + loss)
    assert (None if passes(desk) else desk.reasons()[-1]) is reason


def test_a_drawdown_and_a_row_of_losses_deny() -> None:
    desk = RiskDesk()
    desk.tell_account(peak=600_500)
    assert denied(desk) is R.DRAWDOWN
    desk.tell_account(losses=5)
    assert denied(desk) is R.CONSECUTIVE_LOSSES


def test_while_losses_deny_reducing_goes_on() -> None:
    desk = long_desk()
    desk.tell_account(day=600_300)
    assert denied(desk) is R.DAILY_LOSS
    assert passes(desk, side=Side.SELL, reduce_only=True)


def test_what_was_traded_today_denies_beyond_its_multiple_of_equity() -> None:
    desk = RiskDesk()
    desk.tell_account(traded=16_000_000)
    assert denied(desk) is R.TURNOVER


@pytest.mark.parametrize("usdt", [-600_000, -700_000])
def test_without_equity_orders_may_only_reduce(usdt: int) -> None:
    desk = RiskDesk()
    desk.tell(Balances("binance_spot", (("USDT", usdt * UNIT, 0),), NOW_NS))
    desk.actor.limits.marks.refresh()
    assert desk.actor.account.equity is not None
    assert desk.actor.account.equity <= 0
    assert denied(desk) is R.POSITION_LIMIT, "a part of nothing is nothing"
    held = long_desk()
    held.tell(Balances("binance_spot", (("USDT", usdt * UNIT, 0),), NOW_NS))
    held.tell_account(day=-1_000_000, peak=-1_000_000)
    assert denied(held, side=Side.SELL) is R.FUNDS_RESERVED_INPUT or held.reasons()[-1] is R.REDUCE_ONLY
    assert passes(held, side=Side.SELL, reduce_only=True, price_ticks=TICKS), held.denials()


def test_an_account_that_nobody_told_pays_for_nothing() -> None:
    desk = RiskDesk()
    desk.tell(Balances("binance_spot", (("USDT", 0, 0),), NOW_NS))
    assert denied(desk) is R.FUNDS_RESERVED


def test_an_asset_that_nobody_can_value_makes_equity_unknown() -> None:
    desk = RiskDesk()
    desk.tell(Balances("binance_spot", (("DOGE", UNIT, 0),), NOW_NS))
    assert denied(desk) is R.POSITION_LIMIT_INPUT


# The market.


def test_a_price_feed_that_stops_denies_and_what_was_known_stays_known() -> None:
    desk = RiskDesk()
    equity = desk.actor.account.equity
    desk.context.now_ns += 1_001 * NS_PER_MS
    assert denied(desk) is R.MARKET_DATA_FRESH
    assert desk.actor.account.equity == equity
    desk.quote()
    assert passes(desk)


def test_a_book_with_a_gap_denies_until_it_is_whole() -> None:
    desk = RiskDesk()
    desk.tell(FeedGap(0, 5, 9, NOW_NS))
    assert denied(desk) is R.MARKET_DATA_FRESH


def test_a_clock_that_steps_back_denies_everything_that_its_inputs_come_after() -> None:
    desk = RiskDesk()
    desk.context.now_ns -= NS_PER_SECOND
    assert denied(desk) is R.MARKET_DATA_FRESH_INPUT
    desk.quote()
    assert denied(desk) is R.CLOCK_HEALTHY_INPUT
    desk.tell_vitals()
    assert passes(desk)


def test_an_order_may_not_be_the_book() -> None:
    desk = RiskDesk()
    desk.tell(TopDepth(0, 50 * LOTS, 5 * LOTS, NOW_NS))
    assert denied(desk, side=Side.BUY, lots=LOTS) is R.MAX_ORDER_QUANTITY
    assert passes(desk, side=Side.SELL, lots=LOTS)


# The house.


@pytest.mark.parametrize(
    ("different", "reason"),
    [
        ({"audit_lag_ns": 250 * NS_PER_MS}, None),
        ({"audit_lag_ns": 251 * NS_PER_MS}, R.AUDIT_HEALTHY),
        ({"audit_lag_ns": -1}, R.AUDIT_HEALTHY_INPUT),
        ({"audit_backlog_pct": 79}, None),
        ({"audit_backlog_pct": 80}, R.AUDIT_HEALTHY),
        ({"time_ns": NOW_NS - 5_001 * NS_PER_MS}, R.AUDIT_HEALTHY_INPUT),
        ({"time_ns": NOW_NS + 1}, R.AUDIT_HEALTHY_INPUT),
    ],
)
def test_a_trail_that_is_late_or_full_or_silent_denies(different: dict[str, int], reason: DenialReason | None) -> None:
    desk = RiskDesk()
    desk.tell_vitals(**different)
    assert (None if passes(desk) else desk.reasons()[-1]) is reason


@pytest.mark.parametrize(
    ("offset_ms", "age_s", "reason"),
    [(250, 0, None), (-251, 0, R.CLOCK_HEALTHY), (251, 0, R.CLOCK_HEALTHY), (0, 121, R.CLOCK_HEALTHY_INPUT)],
)
def test_a_clock_that_is_far_from_the_venues_or_was_not_compared_lately_denies(
    offset_ms: int, age_s: int, reason: DenialReason | None
) -> None:
    desk = RiskDesk()
    desk.tell(ClockOffset("binance_spot", offset_ms * NS_PER_MS, NOW_NS - age_s * NS_PER_SECOND))
    assert (None if passes(desk) else desk.reasons()[-1]) is reason


@pytest.mark.parametrize("seconds", [10, -10, 3_600, -3_600])
def test_after_a_step_of_the_machines_clock_two_measurements_must_agree(seconds: int) -> None:
    desk = RiskDesk()
    step_ns = seconds * NS_PER_SECOND
    well = {"loop_lag_ns": 0, "loop_lag_p99_ns": 0, "audit_lag_ns": 0, "audit_backlog_pct": 0}
    health = desk.actor.inputs.on_health
    health(Health(**well, time_ns=NOW_NS, clock_step_ns=step_ns))
    assert denied(desk) is R.CLOCK_HEALTHY
    desk.tell(ClockOffset("binance_spot", 0, NOW_NS))
    assert denied(desk) is R.CLOCK_HEALTHY, "one measurement has nothing to agree with"
    health(Health(**well, time_ns=NOW_NS, clock_step_ns=step_ns))
    desk.tell(ClockOffset("binance_spot", 0, NOW_NS))
    assert passes(desk)


def test_on_a_disk_that_is_nearly_full_orders_may_only_reduce_and_the_trail_says_why() -> None:
    desk = long_desk()
    desk.tell_vitals(disk_free_pct=5)
    assert passes(desk)
    desk.tell_vitals(disk_free_pct=4)
    assert denied(desk) is R.REDUCE_ONLY
    assert passes(desk, side=Side.SELL, reduce_only=True, price_ticks=TICKS + 20)
    desk.tell_vitals(disk_free_pct=50)
    assert passes(desk)
    told = [record for record in desk.context.recorded if record["action"] is Action.RISK_BLOCK]
    assert [record["after"]["reduce_only"] for record in told] == [True, False]
    assert "4 % of the disk" in told[0]["reason"]


# What became of orders.


def test_too_many_fills_of_one_side_stop_a_strategy_until_a_person_enables_it() -> None:
    desk = RiskDesk(execution_fills_max=3, max_position_value=Decimal(100_000))
    approved = desk.approved(lots=10 * LOTS)
    desk.tell(accepted(approved))
    for trade_id in range(1, 4):
        desk.tell(filled(approved, LOTS, trade_id=trade_id))
    assert desk.safety.messages == []
    desk.tell(filled(approved, LOTS, trade_id=4))
    (stop,) = desk.safety.messages
    assert isinstance(stop, StopStrategy)
    assert (stop.strategy, stop.reason.partition(":")[0]) == (0, "EXECUTION_THROTTLE")
    assert denied(desk) is R.EXECUTION_THROTTLE
    desk.tell(StrategyEnabled(0, NOW_NS))
    assert passes(desk)


def test_a_row_of_refusals_stops_a_strategy_and_an_order_that_was_taken_ends_the_row() -> None:
    desk = RiskDesk(rejects_in_row_max=3)
    for _ in range(2):
        rejected(desk, desk.approved(price_ticks=TICKS - desk.intent))
    desk.tell(accepted(desk.approved(price_ticks=TICKS - desk.intent)))
    for _ in range(2):
        rejected(desk, desk.approved(price_ticks=TICKS - desk.intent))
    assert desk.safety.messages == []
    rejected(desk, desk.approved(price_ticks=TICKS - desk.intent), sent=False)
    assert desk.safety.messages == [], "what never left was refused by nobody"
    rejected(desk, desk.approved(price_ticks=TICKS - desk.intent))
    assert [stop.reason.partition(":")[0] for stop in desk.safety.messages] == ["REJECT_STREAK"]


def test_orders_of_which_nobody_knows_leave_only_reducing() -> None:
    desk = long_desk()
    orders = [desk.approved(price_ticks=TICKS - desk.intent) for _ in range(2)]
    unknown(desk, orders[0])
    assert passes(desk)
    unknown(desk, orders[1])
    assert denied(desk) is R.UNKNOWN_ORDERS
    assert passes(desk, side=Side.SELL, reduce_only=True, price_ticks=TICKS + 20)
    desk.tell(accepted(orders[0]))
    assert passes(desk)
    unknown(desk, orders[0])
    desk.tell(canceled(orders[1]))
    assert passes(desk)


def test_cancels_are_counted_and_never_refused() -> None:
    desk = RiskDesk(messages_per_second=3, new_orders_per_second=3)
    approved = desk.approved()
    for _ in range(9):
        desk.tell(CancelIntent(0, approved.intent.intent, False, NOW_NS))
    assert len(desk.orders.messages) == 10
    assert denied(desk) is R.MAX_MESSAGES


# A restart resets none of it.


def done(kind: str, count: int, age_s: int = 0) -> DeskState:
    entry = Done(NOW_NS - age_s * NS_PER_SECOND, "one", BTCUSDT.name, "BUY", count)
    return structs.replace(DeskState(), **{kind: [entry]})


@pytest.mark.parametrize(("count", "age_s", "stops"), [(3, 0, False), (4, 0, True), (4, 62, False)])
def test_a_restart_goes_on_counting_fills(count: int, age_s: int, stops: bool) -> None:
    desk = RiskDesk(done("fills", count, age_s), execution_fills_max=3)
    assert [type(message) for message in desk.safety.messages] == ([StopStrategy] if stops else [])
    assert passes(desk) is not stops


@pytest.mark.parametrize(("count", "stops"), [(2, False), (3, True)])
def test_a_restart_goes_on_counting_refusals(count: int, stops: bool) -> None:
    desk = RiskDesk(done("rejects", count), rejects_in_row_max=3)
    assert [type(message) for message in desk.safety.messages] == ([StopStrategy] if stops else [])
    if not stops:
        rejected(desk, desk.approved())
        assert len(desk.safety.messages) == 1


def test_a_restart_goes_on_counting_messages() -> None:
    limits: dict[str, Any] = {"order_to_trade_from": 10, "order_to_trade_max": 5}
    assert passes(RiskDesk(done("messages", 8), **limits))
    assert denied(RiskDesk(done("messages", 12, age_s=60), **limits)) is R.ORDER_TO_TRADE
    assert passes(RiskDesk(done("messages", 12, age_s=620), **limits))


def test_a_restart_goes_on_with_the_peak_and_the_losses_and_waits_for_the_day() -> None:
    desk = RiskDesk()

    def begin(peak: int, losses: int) -> None:
        desk.actor.inputs.begin(DeskState(peak_equity=peak * UNIT, losses_in_row=losses), NOW_NS)
        desk.tell_vitals()

    def told_the_day() -> None:
        desk.actor.limits.losses.set_day_equity(1_600_000 * UNIT)
        desk.actor.limits.turnover.set_traded_today(0)

    begin(peak=1_600_300, losses=4)
    assert denied(desk) is R.DAILY_LOSS_INPUT, "what the day came to is portfolio's to say"
    told_the_day()
    assert passes(desk)
    begin(peak=1_600_300, losses=5)
    told_the_day()
    assert denied(desk) is R.CONSECUTIVE_LOSSES
    begin(peak=1_600_500, losses=4)
    told_the_day()
    assert denied(desk) is R.DRAWDOWN


def test_orders_of_an_earlier_run_are_unknown_until_the_venue_shows_them() -> None:
    order = OrderState(
        "t1-1-1", "one", 7, BTCUSDT.name, "BUY", "LIMIT", "GTC", False, TICKS, LOTS, "OPEN", NOW_NS, approval=1
    )  # fmt: skip
    desk = RiskDesk(DeskState(orders={"t1-1-1": order}))
    assert desk.actor.exposure.unknown_count == desk.actor.exposure.open_count > 0


@pytest.mark.parametrize("clean_stop", [True, False])
def test_after_a_crash_caution_knows_what_is_configured_and_otherwise_what_was_held(clean_stop: bool) -> None:
    desk = RiskDesk(DeskState(clean_stop=clean_stop), ready=False)
    reference = RiskDesk()
    for message in reference.told:
        if type(message) is not StateChanged:
            desk.tell(message)
    desk.tell(StateChanged(TradingState.CAUTIOUS, 1, "", NOW_NS))
    assert (None if passes(desk) else desk.reasons()[-1]) is (R.MODE_GATE if clean_stop else None)
    desk.tell(StateChanged(TradingState.NORMAL, 2, "", NOW_NS))
    assert passes(desk)
    for handle in [approved.approval for approved in desk.orders.messages]:
        desk.actor.exposure.release(handle)
    desk.tell(StateChanged(TradingState.CAUTIOUS, 3, "", NOW_NS))
    assert denied(desk) is R.MODE_GATE, "it was NORMAL since the crash"


def test_a_person_gets_out_whatever_is_ill() -> None:
    desk = long_desk()
    desk.tell_vitals(audit_lag_ns=NS_PER_SECOND)
    desk.tell(ClockOffset("binance_spot", NS_PER_SECOND, NOW_NS))
    desk.tell_account(day=700_000)
    assert passes(desk, strategy=PERSON, side=Side.SELL, reduce_only=True)


def test_a_changed_part_of_the_venues_limit_holds_at_once() -> None:
    desk = RiskDesk(new_orders_per_second=1_000, messages_per_second=1_000, open_orders_instrument_max=90)
    desk.actor.inputs.take_rates({"binance_spot": [(100, NS_PER_SECOND)]})
    tighter = RiskLimits(
        new_orders_per_second=1_000, messages_per_second=1_000, open_orders_instrument_max=90, venue_messages_pct=5
    )
    desk.tell(LimitsChanged(tighter, 2))
    for number in range(5):
        desk.send(lots=LOTS // 10, price_ticks=TICKS - number)
    assert len(desk.orders.messages) == 4
    assert desk.reasons() == [DenialReason.MAX_MESSAGES]
