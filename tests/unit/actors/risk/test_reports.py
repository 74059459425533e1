"""What became of an order moves reservation, position and money; only a proof of the end gives back."""

from __future__ import annotations

from decimal import Decimal

from msgspec import structs

from engine.messages.market import Side
from engine.messages.orders import DenialReason
from engine.messages.reports import OrderAmended, OrderCancelRejected, OrderExpired, OrderRejected, OrderUnknown
from tests.models.risk_desk import LOTS, NOW_NS, TICKS, UNIT, RiskDesk, accepted, canceled, filled


def test_a_fill_becomes_position_and_moves_the_money() -> None:
    desk = RiskDesk()
    approved = desk.approved()
    desk.tell(accepted(approved))
    desk.tell(filled(approved, LOTS // 4, fee=UNIT // 10))
    assert desk.actor.exposure.position_lots(0) == LOTS // 4
    assert desk.worst_lots() == (LOTS, -LOTS // 4)
    assert desk.balance("BTC") == Decimal("10.0025")
    assert desk.balance("USDT") == Decimal("999849.9")


def test_a_sale_brings_money() -> None:
    desk = RiskDesk()
    approved = desk.approved(Side.SELL)
    desk.tell(filled(approved, LOTS, done=True))
    assert desk.actor.exposure.position_lots(0) == -LOTS
    assert (desk.balance("BTC"), desk.balance("USDT")) == (Decimal("9.99"), Decimal(1_000_600))
    assert not desk.actor.exposure.is_open(approved.approval)


def test_a_base_fee_leaves_position_and_balance() -> None:
    desk = RiskDesk()
    desk.tell(filled(desk.approved(), LOTS, done=True, fee=1_000, fee_currency="BTC"))
    assert desk.actor.exposure.position_lots(0) == LOTS - 1_000
    assert desk.balance("BTC") == Decimal("10.00999")


def test_a_fee_in_a_third_currency_leaves_its_own_balance() -> None:
    desk = RiskDesk()
    desk.tell(filled(desk.approved(), LOTS, done=True, fee=1_000, fee_currency="BNB"))
    assert desk.actor.account.balance(2) == -1_000
    assert desk.actor.account.equity is None


def test_the_end_of_an_order_gives_back_what_is_left() -> None:
    desk = RiskDesk()
    approved = desk.approved()
    desk.tell(filled(approved, LOTS // 4))
    desk.tell(canceled(approved, LOTS // 4))
    assert desk.worst_lots() == (LOTS // 4, -LOTS // 4)
    assert desk.actor.exposure.open_count == 0
    desk.tell(canceled(approved, LOTS // 4))
    assert desk.actor.exposure.open_count == 0


def test_what_the_venue_counts_and_nobody_told_yet_stays_reserved_until_it_is_told() -> None:
    desk = RiskDesk()
    approved = desk.approved()
    desk.tell(canceled(approved, filled_lots=LOTS // 2))
    assert desk.worst_lots() == (LOTS // 2, 0)
    desk.tell(filled(approved, LOTS // 4, done=True))
    assert desk.worst_lots() == (LOTS // 2, -LOTS // 4)
    desk.tell(filled(approved, LOTS // 4, done=True, trade_id=2))
    assert desk.worst_lots() == (LOTS // 2, -LOTS // 2)
    assert desk.actor.exposure.open_count == 0


def test_expired_and_rejected_orders_are_over() -> None:
    desk = RiskDesk()
    first, second = desk.approved().intent, desk.approved(price_ticks=TICKS + 1).intent
    desk.tell(OrderExpired(0, first.intent, 0, Side.BUY, 1, "a", 0, NOW_NS))
    desk.tell(OrderRejected(0, second.intent, 0, Side.BUY, 1, "b", False, 0, "never left", NOW_NS))
    assert desk.worst_lots() == (0, 0)


def test_a_fill_after_the_end_moves_the_position_all_the_same() -> None:
    desk = RiskDesk()
    approved = desk.approved()
    desk.tell(canceled(approved))
    desk.tell(filled(approved, LOTS, done=True))
    assert desk.actor.exposure.position_lots(0) == LOTS


def test_an_unknown_order_and_a_refused_cancel_keep_the_reservation() -> None:
    desk = RiskDesk()
    intent = desk.approved().intent
    desk.tell(OrderUnknown(0, intent.intent, 0, Side.BUY, 1, "a", "timeout", NOW_NS))
    desk.tell(OrderCancelRejected(0, intent.intent, 0, Side.BUY, 1, "a", -2011, "unknown order", NOW_NS))
    assert desk.worst_lots() == (LOTS, 0)


def test_a_settled_amend_leaves_what_the_order_is_now() -> None:
    desk = RiskDesk()
    approved = desk.approved()
    intent = approved.intent
    desk.amend(approved, TICKS, 2 * LOTS)
    desk.tell(OrderAmended(0, intent.intent, 0, Side.BUY, 1, "a", False, TICKS, LOTS, "refused", NOW_NS))
    assert desk.worst_lots() == (LOTS, 0)
    desk.amend(approved, TICKS + 1, LOTS // 2)
    desk.tell(OrderAmended(0, intent.intent, 0, Side.BUY, 1, "a", True, TICKS + 1, LOTS // 2, "", NOW_NS))
    assert desk.worst_lots() == (LOTS // 2, 0)
    desk.tell(canceled(approved))
    desk.tell(OrderAmended(0, intent.intent, 0, Side.BUY, 1, "a", True, TICKS, LOTS, "", NOW_NS))
    assert desk.worst_lots() == (0, 0)


def test_a_fill_during_an_amend_leaves_the_replacement_reserved_whole() -> None:
    desk = RiskDesk()
    approved = desk.approved()
    desk.amend(approved, TICKS + 1, LOTS)
    desk.tell(filled(approved, LOTS // 4))
    assert desk.worst_lots() == (LOTS + LOTS // 4, -LOTS // 4)
    intent = approved.intent
    whole = LOTS + LOTS // 4
    desk.tell(OrderAmended(0, intent.intent, 0, Side.BUY, 1, "a", True, TICKS + 1, whole, "", NOW_NS))
    assert desk.worst_lots() == (whole, -LOTS // 4)
    late = structs.replace(filled(approved, LOTS // 4, trade_id=2), leaves_lots=LOTS)
    desk.tell(late)
    assert desk.worst_lots() == (LOTS + LOTS // 2, -LOTS // 2)
    desk.tell(canceled(approved))
    assert desk.worst_lots() == (LOTS // 2, -LOTS // 2)


def test_an_adopted_order_is_filled_and_released_by_its_client_order_id() -> None:
    desk = RiskDesk()
    other = RiskDesk().approved()
    desk.tell(accepted(other))
    desk.tell(filled(other, LOTS // 2))
    assert desk.worst_lots() == (LOTS, -LOTS // 2)
    desk.tell(canceled(other))
    assert desk.worst_lots() == (LOTS // 2, -LOTS // 2)


def test_an_amend_that_is_refused_while_nobody_knows_of_the_order_leaves_it_unknown() -> None:
    desk = RiskDesk(unknown_orders_instrument_max=0)
    approved = desk.approved()
    number = approved.intent.intent
    desk.tell(OrderUnknown(0, number, 0, Side.BUY, 1, "a", "timeout", NOW_NS))
    refused = OrderAmended(0, number, 0, Side.BUY, 1, "a", False, TICKS, LOTS, "it is UNKNOWN", NOW_NS, unknown=True)
    desk.tell(refused)
    assert desk.send(price_ticks=TICKS - 1) is None
    assert desk.reasons() == [DenialReason.UNKNOWN_ORDERS]
    desk.tell(structs.replace(refused, unknown=False))
    assert desk.send(price_ticks=TICKS - 2) is not None
