"""Risk approves and reserves in one handler, and tells the trail before orders."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.config.risk import RiskLimits
from engine.messages.control import Action, LimitsChanged, StateChanged, StrategyEnabled, StrategyStopped, TradingState
from engine.messages.market import FeedGap, FeedState, FeedStatus, Side
from engine.messages.orders import AmendIntent, ApprovedAmend, ApprovedCancel, CancelIntent, DenialReason, OrderType
from engine.messages.reports import Balances, GatewayState
from tests.models.risk_desk import LOTS, NOW_NS, PERSON, TICKS, UNIT, RiskDesk, accepted

D = DenialReason


def test_an_approval_is_reserved_audited_and_told() -> None:
    desk = RiskDesk()
    approved = desk.approved()
    assert desk.worst_lots() == (LOTS, 0)
    assert desk.context.audited == [(Action.ORDER_APPROVE, approved, 77)]
    assert (approved.audit_seq, approved.limits_version, approved.price_ticks, approved.shrinks) == (1, 1, TICKS, False)
    assert desk.actor.exposure.is_open(approved.approval)


def test_a_market_order_leaves_at_the_edge_of_the_collar() -> None:
    desk = RiskDesk(max_position_value=Decimal(20_000))
    assert desk.approved(price_ticks=0, kind=OrderType.MARKET).price_ticks == TICKS * 105 // 100
    assert desk.approved(Side.SELL, price_ticks=0, kind=OrderType.MARKET).price_ticks == TICKS * 95 // 100


def test_a_cancel_always_passes() -> None:
    desk = RiskDesk(ready=False)
    cancel = CancelIntent(0, 1, False, NOW_NS)
    desk.tell(cancel)
    assert desk.orders.messages == [ApprovedCancel(cancel)]


def test_an_amend_reserves_the_larger_of_old_and_new() -> None:
    desk = RiskDesk()
    approved = desk.approved()
    desk.amend(approved, TICKS, 2 * LOTS)
    amend = desk.orders.messages[-1]
    assert isinstance(amend, ApprovedAmend)
    assert desk.context.audited[-1] == (Action.ORDER_APPROVE, amend, 78)
    assert (amend.approval, amend.audit_seq) == (approved.approval, 2)
    assert desk.worst_lots() == (2 * LOTS, 0)


def test_an_amend_of_an_order_that_nobody_knows_is_denied() -> None:
    desk = RiskDesk()
    desk.tell(AmendIntent(0, 999, 1_000, TICKS, LOTS, 1, NOW_NS))
    assert [(denied.reason, denied.instrument) for denied in desk.denials()] == [(D.UNKNOWN_ORDER, -1)]


def test_an_amend_that_grows_over_a_limit_is_denied() -> None:
    desk = RiskDesk(max_position_value=Decimal(1_000))
    approved = desk.approved()
    desk.amend(approved, TICKS, 2 * LOTS)
    assert desk.reasons() == [D.POSITION_LIMIT]
    assert desk.worst_lots() == (LOTS, 0)


def test_when_orders_cannot_take_an_approval_it_is_given_back_and_trading_halts() -> None:
    desk = RiskDesk()
    desk.orders.full = True
    assert desk.send() is None
    assert desk.reasons() == [D.BUSY]
    assert desk.worst_lots() == (0, 0)
    assert len(desk.context.halts) == 1


def test_when_orders_cannot_take_a_cancel_or_an_amend_trading_halts() -> None:
    desk = RiskDesk()
    approved = desk.approved()
    desk.orders.full = True
    desk.tell(CancelIntent(0, approved.intent.intent, False, NOW_NS))
    desk.amend(approved, TICKS, 2 * LOTS)
    assert len(desk.context.halts) == 2
    assert desk.worst_lots() == (2 * LOTS, 0)


def test_numbers_beyond_int64_are_denied() -> None:
    desk = RiskDesk()
    assert desk.send(lots=2**63) is None
    desk.amend(desk.approved(), TICKS, 2**63)
    assert desk.reasons() == [D.ORDER_WELL_FORMED, D.ORDER_WELL_FORMED]


def test_nothing_is_approved_before_safety_and_the_venue_say_so() -> None:
    desk = RiskDesk(ready=False)
    desk.send()
    desk.tell(GatewayState("binance_spot", True, "", NOW_NS))
    desk.send()
    desk.tell(StateChanged(TradingState.PROTECTIVE, 1, "", NOW_NS))
    desk.send()
    assert desk.reasons() == [D.MODE_GATE, D.MODE_GATE, D.MARKET_DATA_FRESH_INPUT]


def test_an_unknown_instrument_is_denied_whether_the_venue_is_up_or_not() -> None:
    desk = RiskDesk(ready=False)
    desk.tell(StateChanged(TradingState.NORMAL, 1, "", NOW_NS))
    desk.send(instrument=4)
    assert [(denied.reason, denied.instrument) for denied in desk.denials()] == [(D.INSTRUMENT_PERMITTED, -1)]


def test_while_the_venue_is_down_nothing_new_leaves() -> None:
    desk = RiskDesk()
    desk.tell(GatewayState("binance_spot", False, "connection lost", NOW_NS))
    assert desk.send() is None
    desk.tell(GatewayState("binance_spot", True, "", NOW_NS))
    assert desk.approved().approval > 0
    assert desk.reasons() == [D.VENUE_READY]


def test_a_book_that_is_not_whole_is_no_reference() -> None:
    desk = RiskDesk()
    desk.tell(FeedState(0, FeedStatus.STALE, "gap", 1, NOW_NS))
    desk.send()
    desk.tell(FeedState(0, FeedStatus.SYNCHRONISED, "", 1, NOW_NS))
    desk.approved()
    desk.tell(FeedGap(0, 5, 7, NOW_NS))
    desk.send(lots=2 * LOTS)
    assert desk.reasons() == [D.MARKET_DATA_FRESH, D.MARKET_DATA_FRESH]


def test_a_stopped_strategy_is_not_approved_until_a_person_enables_it() -> None:
    desk = RiskDesk()
    desk.tell(StrategyStopped(0, "raised", False, NOW_NS))
    assert desk.send() is None
    assert desk.approved(strategy=1).approval > 0
    desk.tell(StrategyEnabled(0, NOW_NS))
    assert desk.approved().approval > 0
    assert desk.reasons() == [D.STRATEGY_AUTHORISED]


def test_in_an_emergency_only_a_person_may_reduce() -> None:
    desk = RiskDesk()
    approved = desk.approved()
    desk.actor.exposure.fill(approved.approval, LOTS)
    desk.tell(StateChanged(TradingState.EMERGENCY, 2, "kill", NOW_NS))
    assert desk.send(Side.SELL, reduce_only=True) is None
    out = desk.approved(Side.SELL, price_ticks=0, kind=OrderType.MARKET, reduce_only=True, strategy=PERSON)
    assert out.shrinks
    assert desk.reasons() == [D.MODE_GATE]


def test_the_denial_of_a_person_is_audited_and_told_to_no_strategy() -> None:
    desk = RiskDesk()
    assert desk.send(strategy=PERSON, reduce_only=True) is None
    assert [action for action, _, _ in desk.context.audited] == [Action.ORDER_DENY]
    assert desk.denials(0) == desk.denials(1) == []


@pytest.mark.parametrize("asset", ["BTC", "USDT"])
def test_funds_are_free_and_locked_together_because_our_orders_are_what_locks(asset: str) -> None:
    desk = RiskDesk()
    desk.tell(Balances("binance_spot", ((asset, UNIT, 2 * UNIT),), NOW_NS))
    assert desk.balance(asset) == 3


def test_a_limit_that_is_nearly_used_up_warns_once_a_minute() -> None:
    desk = RiskDesk(max_order_value=Decimal(700))
    desk.approved()
    desk.approved(price_ticks=TICKS + 1)
    assert desk.actor.warnings == {"MAX_ORDER_VALUE": 1}
    desk.advance(60)
    desk.approved()
    assert desk.actor.warnings == {"MAX_ORDER_VALUE": 2}


def test_a_limit_that_was_nearly_used_up_is_counted_when_orders_cannot_take_the_approval() -> None:
    desk = RiskDesk(max_order_value=Decimal(700))
    desk.orders.full = True
    assert desk.send() is None
    assert desk.actor.warnings == {"MAX_ORDER_VALUE": 1}


def test_a_side_beyond_any_enumeration_is_denied() -> None:
    desk = RiskDesk()
    assert desk.send(side=2**32 + 1) is None  # type: ignore[arg-type]
    assert desk.reasons() == [D.ORDER_WELL_FORMED]
    assert desk.worst_lots() == (0, 0)


def test_an_order_that_nobody_approved_here_is_reserved_when_the_venue_has_it() -> None:
    desk = RiskDesk()
    approved = RiskDesk().approved()
    stranger = accepted(approved, "t1-0-9")
    desk.tell(stranger)
    assert desk.worst_lots() == (LOTS, 0)
    desk.tell(stranger)
    assert desk.worst_lots() == (LOTS, 0)


def test_limits_that_changed_bind_the_next_order_and_stand_in_what_is_said_of_it() -> None:
    desk = RiskDesk()
    before = desk.approved()
    desk.tell(LimitsChanged(RiskLimits(max_order_value=Decimal(1), denials_max=7), 9))
    assert desk.send(intent=900) is None
    (denied,) = desk.denials()
    assert (denied.reason, denied.limits_version) == (DenialReason.MAX_ORDER_VALUE, 9)
    desk.tell(LimitsChanged(RiskLimits(), 10))
    desk.advance(1)
    after = desk.approved(intent=901)
    assert (before.limits_version, after.limits_version) == (1, 10)
    assert desk.worst_lots()[0] == 2 * LOTS, "what was reserved stays so"
