"""Each step of an order tells the whole of it, in canonical bytes, whatever the step's message holds."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from msgspec import Struct

from engine.audit import known
from engine.audit.desk_state import DeskState, OrderState
from engine.audit.record import Record, decode, encode
from engine.audit.terms import terms_from
from engine.errors import AuditError
from engine.messages.best_price import BestPrice
from engine.messages.control import Action
from engine.messages.market import FeedGap, FeedState, FeedStatus, Side, Trade
from engine.messages.orders import (
    AmendIntent,
    AmendOrder,
    ApprovedAmend,
    ApprovedCancel,
    CancelAll,
    CancelIntent,
    CancelOrder,
    DenialReason,
    OrderDenied,
    OrderTerms,
    OrderType,
    QueryOrder,
    TimeInForce,
    TriggerBy,
)
from engine.messages.reports import (
    OrderAmended,
    OrderCancelRejected,
    OrderExpired,
    OrderRejected,
    OrderUnknown,
    VenueOrder,
)
from tests.unit.engine.audit.conftest import SCALE, STRATEGY, TrailMaker

NAME = "binance_spot:BTCUSDT"
WHOLE = {"approval": 1, "instrument": NAME, "intent": 1, "side": "BUY", "strategy": STRATEGY}

type_of_maker = Callable[..., TrailMaker]


def records(maker: TrailMaker) -> list[Record]:
    """Return what was told, each record checked to encode to itself."""
    found = [decode(line[:-1]) for line in maker.lines]
    assert [encode(record) + b"\n" for record in found] == maker.lines
    return found


def test_the_life_of_an_order_is_told_from_the_decision_to_the_last_fill(make_trail: type_of_maker) -> None:
    maker = make_trail()
    order_id = maker.place()
    maker.accept(order_id)
    maker.fill(order_id, 50_000, 150_000, fee=50, fee_currency="BTC")
    maker.fill(order_id, 150_000)
    decision, approve, submit, accept, part, whole = records(maker)
    assert [record.correlation_id for record in records(maker)] == [f"1-{STRATEGY}-1"] * 6
    assert decision.actor == f"strategy:{STRATEGY}"
    assert decision.metadata is not None
    assert decision.metadata["quote"]["bid"] == "60000.00"
    assert decision.metadata["quote"]["ask_quantity"] == "0.00000006"
    assert approve.cause == decision.seq
    assert approve.after_state == {"price": "60000.00", "quantity": "0.00200000", "state": "APPROVED"}
    assert approve.metadata == {**WHOLE, "limits_version": 4, "shrinks": False}
    assert (submit.resource_type, submit.resource_id, submit.cause) == ("order", order_id, approve.seq)
    assert submit.metadata == {
        **WHOLE,
        "limits_version": 4,
        "number": 1,
        "post_only": False,
        "time_in_force": "GTC",
        "type": "LIMIT",
    }
    assert (accept.before_state, accept.metadata) == ({"state": "IN_FLIGHT"}, WHOLE)
    assert part.before_state == {"leaves": "0.00200000", "state": "OPEN"}
    assert part.after_state == {"leaves": "0.00150000", "state": "PARTIAL"}
    assert part.metadata == {
        **WHOLE,
        "base": "BTC",
        "fee": "0.0000005",
        "fee_currency": "BTC",
        "liquidity": "MAKER",
        "price": "60000.00",
        "quantity": "0.00050000",
        "quote": "USDT",
        "trade_id": 101,
        "value": "30",
    }
    assert whole.after_state == {"leaves": "0.00000000", "state": "FILLED"}
    assert maker.renderer.desk.known_count == 0


def test_a_buy_costs_the_higher_and_a_sale_brings_the_lower_unit(make_trail: type_of_maker) -> None:
    maker = make_trail()
    maker.fill(maker.place(lots=1), 1, price_ticks=1_050)
    maker.fill(maker.place(Side.SELL, lots=1), 1, side=Side.SELL, price_ticks=1_050)
    bought, sold = (record for record in records(maker) if record.action == "order.fill")
    assert bought.metadata is not None
    assert sold.metadata is not None
    assert (bought.metadata["value"], sold.metadata["value"]) == ("0.00000011", "0.0000001")


def test_a_market_order_has_no_price_and_no_quote_is_null(make_trail: type_of_maker) -> None:
    maker = make_trail()
    intent = maker.intent(1, Side.SELL, 0, 5)
    maker.tell(Action.TRADE_DECISION, intent)
    maker.tell(Action.TRADE_DECISION, type(intent)(**{**_fields(intent), "quote": None}))
    with_quote, without = records(maker)
    assert with_quote.after_state is not None
    assert with_quote.after_state["price"] is None
    assert without.metadata is not None
    assert without.metadata["quote"] is None


def test_a_denial_says_why_against_what_and_under_which_limits(make_trail: type_of_maker) -> None:
    maker = make_trail()
    for reason in DenialReason:
        maker.tell(Action.ORDER_DENY, OrderDenied(0, 9, 0, reason, "60000", "50000", 4, maker.time_ns, 3))
    for reason, record in zip(DenialReason, records(maker), strict=True):
        assert record.reason == reason.name
        assert record.after_state == {"limit": "50000", "observed": "60000", "state": "DENIED"}
        assert record.metadata == {
            "count": 3,
            "instrument": NAME,
            "intent": 9,
            "limits_version": 4,
            "strategy": STRATEGY,
        }


def test_a_denial_for_an_instrument_that_nobody_has_is_told(make_trail: type_of_maker) -> None:
    maker = make_trail()
    maker.tell(Action.ORDER_DENY, OrderDenied(0, 9, 99, DenialReason.INSTRUMENT_PERMITTED, "", "", 4, 0))
    (record,) = records(maker)
    assert record.metadata is not None
    assert record.metadata["instrument"] is None
    assert record.after_state == {"limit": None, "observed": None, "state": "DENIED"}


def test_a_cancel_is_told_from_the_wish_to_the_end(make_trail: type_of_maker) -> None:
    maker = make_trail()
    order_id = maker.place()
    maker.accept(order_id)
    maker.lines.clear()
    wish = CancelIntent(0, 1, False, maker.time_ns)
    maker.tell(Action.TRADE_DECISION, wish)
    maker.tell(Action.TRADE_CLOSE, ApprovedCancel(wish))
    maker.tell(Action.ORDER_CANCEL, CancelOrder(1, order_id, 0))
    maker.tell(Action.ORDER_CANCEL, OrderCancelRejected(0, 1, 0, Side.BUY, 1, order_id, -2011, "gone?", 0))
    maker.tell(Action.ORDER_CANCEL, CancelOrder(1, order_id, 0))
    maker.cancel(order_id, 7)
    decided, _, sent, refused, _, gone = records(maker)
    assert decided.resource_id == f"1-{STRATEGY}-1"
    assert (decided.before_state, decided.after_state) == ({"state": "OPEN"}, {"state": "PENDING_CANCEL"})
    assert (sent.metadata, sent.correlation_id) == (WHOLE, f"1-{STRATEGY}-1")
    assert (refused.before_state, refused.after_state) == ({"state": "PENDING_CANCEL"}, {"state": "OPEN"})
    assert refused.reason == "gone?"
    assert (gone.before_state, gone.after_state) == (
        {"state": "PENDING_CANCEL"},
        {"filled": "0.00000007", "state": "CANCELED"},
    )
    assert maker.renderer.desk.known_count == 0


def test_an_amend_leads_from_one_id_to_the_next(make_trail: type_of_maker) -> None:
    maker = make_trail()
    order_id = maker.place()
    maker.accept(order_id)
    maker.lines.clear()
    wish = AmendIntent(0, 1, 2, 6_100_000, 100_000, 0, maker.time_ns)
    maker.tell(Action.TRADE_MODIFY, wish)
    maker.tell(Action.ORDER_APPROVE, ApprovedAmend(wish, 8, maker.chain.seq + 1))
    maker.tell(
        Action.ORDER_MODIFY,
        AmendOrder(2, order_id, "t1-1-2", 0, Side.BUY, *_limit_gtc(), False, 6_100_000, 100_000, False),
    )
    maker.tell(
        Action.ORDER_MODIFY,
        OrderAmended(0, 1, 0, Side.BUY, 8, "t1-1-2", True, 6_100_000, 100_000, "", maker.time_ns),
    )
    maker.cancel("t1-1-2")
    wished, approved, sent, amended, gone = records(maker)
    assert wished.after_state == {"price": "61000.00", "quantity": "0.00100000", "state": "DECIDED"}
    assert approved.metadata == {**WHOLE, "amendment": 2, "approval": 8, "limits_version": 4, "quote": None}
    assert sent.metadata == {**WHOLE, "new_client_order_id": "t1-1-2"}
    assert sent.after_state == {"price": "61000.00", "quantity": "0.00100000", "state": "PENDING_AMEND"}
    assert amended.before_state == {"state": "PENDING_AMEND"}
    assert amended.after_state == {"price": "61000.00", "quantity": "0.00100000", "state": "OPEN"}
    assert gone.before_state == {"state": "OPEN"}
    assert maker.renderer.desk.known_count == 0


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("end", ["CANCELED", "EXPIRED", "REJECTED", "FAILED"])
def test_a_fill_that_is_told_after_the_end_leaves_an_order_as_it_ended(
    make_trail: type_of_maker, end: str, restart: bool
) -> None:
    maker = make_trail()
    order_id = maker.place()
    if end == "CANCELED":
        maker.cancel(order_id)
    elif end == "EXPIRED":
        maker.tell(Action.ORDER_EXPIRE, OrderExpired(0, 1, 0, Side.BUY, 1, order_id, 0, 0))
    else:
        sent = end == "REJECTED"
        maker.tell(Action.ORDER_REJECT, OrderRejected(0, 1, 0, Side.BUY, 1, order_id, sent, -1, "no", 0))
    if restart:
        maker = make_trail(epoch=2)
        kept = (order_id, STRATEGY, 1, NAME, "BUY", "LIMIT", "GTC", False, 6_000_000, 5)
        ended = OrderState(*kept, end, 0, f"1-{STRATEGY}-1")
        maker.renderer.desk.take_up(DeskState(finished={order_id: ended}))
    maker.fill(order_id, 50_000)
    late = records(maker)[-1]
    assert (late.before_state or {})["state"] == end
    assert (late.after_state or {})["state"] == end
    assert late.correlation_id == f"1-{STRATEGY}-1"


def test_ends_are_remembered_for_a_while_only(make_trail: type_of_maker, monkeypatch: pytest.MonkeyPatch) -> None:
    maker = make_trail()
    monkeypatch.setattr(known, "ENDED_MAX", 2)
    orders = [maker.place() for _ in range(3)]
    for order_id in orders:
        maker.cancel(order_id)
    maker.fill(orders[0], 50_000)
    maker.fill(orders[1], 50_000)
    assert [(record.after_state or {})["state"] for record in records(maker)[-2:]] == ["FILLED", "CANCELED"]


def test_an_unknown_order_stays_unknown_until_something_ends_it(make_trail: type_of_maker) -> None:
    maker = make_trail()
    order_id = maker.place()
    maker.tell(Action.ORDER_UNKNOWN, OrderUnknown(0, 1, 0, Side.BUY, 1, order_id, "timeout", 0))
    maker.tell(Action.ORDER_UNKNOWN, QueryOrder(1, order_id, 0))
    maker.accept(order_id)
    maker.fill(order_id, 50_000, 150_000)
    maker.tell(Action.ORDER_EXPIRE, OrderExpired(0, 1, 0, Side.BUY, 1, order_id, -1, 0))
    states = [(record.after_state or {})["state"] for record in records(maker)[2:]]
    assert states == ["IN_FLIGHT", "UNKNOWN", "UNKNOWN", "OPEN", "PARTIAL", "EXPIRED"]
    assert records(maker)[-1].after_state == {"filled": None, "state": "EXPIRED"}


@pytest.mark.parametrize(("sent", "state"), [(True, "REJECTED"), (False, "FAILED")])
def test_a_reject_says_whether_the_order_left_us(make_trail: type_of_maker, sent: bool, state: str) -> None:
    maker = make_trail()
    order_id = maker.place()
    said = 'bad "price"\x00'
    maker.tell(Action.ORDER_REJECT, OrderRejected(0, 1, 0, Side.BUY, 1, order_id, sent, -1013, said, 0))
    record = records(maker)[-1]
    assert (record.reason, record.after_state) == (said, {"state": state})
    assert record.metadata == {**WHOLE, "code": -1013, "sent": sent}
    assert maker.renderer.desk.known_count == 0


def test_what_the_venue_has_and_we_have_not_is_told_with_nulls(make_trail: type_of_maker) -> None:
    maker = make_trail()
    found = VenueOrder("t1-1-99", "v7", 0, Side.SELL, 6_000_000, 5, 2, "PARTIALLY_FILLED", 0)
    maker.tell(Action.ORDER_RECOVERED, found)
    (record,) = records(maker)
    assert record.after_state == {"filled": "0.00000002", "state": "PARTIALLY_FILLED"}
    assert record.metadata is not None
    assert (record.metadata["strategy"], record.metadata["side"]) == (None, "SELL")


def test_a_command_about_an_order_that_nobody_told_about_leaves_no_trace(make_trail: type_of_maker) -> None:
    maker = make_trail()
    maker.tell(Action.ORDER_CANCEL, CancelOrder(1, "t1-1-5", 0))
    maker.tell(Action.ORDER_MODIFY, AmendOrder(1, "t1-1-5", "t1-1-6", 0, Side.BUY, *_limit_gtc(), False, 1, 1, False))
    maker.tell(Action.ORDER_MODIFY, OrderAmended(0, 1, 0, Side.BUY, 8, "t1-1-6", False, 1, 1, "no", 0))
    maker.tell(Action.ORDER_CANCEL, CancelOrder(1, "t1-1-5", 0))
    assert [record.before_state for record in records(maker)] == [{"state": None}] * 4
    assert maker.renderer.desk.known_count == 0


@pytest.mark.parametrize(("strategy", "kind", "name"), [(0, "strategy", STRATEGY), (-1, "desk", None)])
def test_cancelling_everything_says_whose(
    make_trail: type_of_maker, strategy: int, kind: str, name: str | None
) -> None:
    maker = make_trail()
    maker.tell(Action.ORDER_CANCEL, CancelAll(strategy, "halt"))
    (record,) = records(maker)
    assert (record.resource_type, record.resource_id, record.reason) == (kind, name, "halt")


def test_an_order_that_a_person_asked_for_belongs_to_the_operator(make_trail: type_of_maker) -> None:
    maker = make_trail()
    intent = maker.intent(3, Side.SELL, 6_000_000, 5)
    maker.tell(Action.TRADE_DECISION, type(intent)(**{**_fields(intent), "strategy": -1}))
    (record,) = records(maker)
    assert record.correlation_id == "1-operator-3"


def test_feeds_say_when_they_are_stale_and_why(make_trail: type_of_maker) -> None:
    maker = make_trail()
    maker.tell(Action.FEED_SYNCHRONISED, FeedState(0, FeedStatus.SYNCHRONISED, "snapshot", 11, 0))
    maker.tell(Action.FEED_STALE, FeedState(0, FeedStatus.STALE, "silence", 12, 0))
    maker.tell(Action.FEED_STALE, FeedGap(0, 13, 15, 0))
    synchronised, stale, gap = records(maker)
    assert (synchronised.resource_id, synchronised.after_state) == (NAME, {"state": "SYNCHRONISED"})
    assert (stale.reason, stale.metadata) == ("silence", {"instrument": NAME, "update_id": 12})
    assert gap.metadata == {"expected_id": 13, "instrument": NAME, "received_id": 15}


def test_a_dead_letter_tells_what_it_held(make_trail: type_of_maker) -> None:
    maker = make_trail()
    maker.tell(Action.DEADLETTER, Trade(0, 5, 6, 7, Side.BUY, 8, SCALE))
    maker.tell(Action.DEADLETTER, "not even a message")
    maker.tell(Action.DEADLETTER, BestPrice(0, 9, 100, 5, 101, 6, 7))
    trade, text, price = records(maker)
    assert trade.resource_id == "Trade"
    assert trade.metadata is not None
    assert trade.metadata["message"]["trade_id"] == 5
    assert text.metadata == {"message": {"value": "'not even a message'"}}
    assert price.metadata is not None
    assert price.metadata["message"] == {
        "ask_lots": 6, "ask_ticks": 101, "bid_lots": 5, "bid_ticks": 100, "instrument": 0, "time_ns": 7, "update_id": 9
    }  # fmt: skip


def test_a_subject_without_words_of_its_own_is_told_field_by_field(make_trail: type_of_maker) -> None:
    class Strange(Struct, frozen=True):
        limits_version: int
        why: str

    maker = make_trail()
    maker.tell(Action.RISK_BLOCK, Strange(4, "burst"), reason="too many", before={"a": 1}, metadata={"count": 3})
    (record,) = records(maker)
    assert (record.resource_type, record.reason, record.before_state) == ("message", "too many", {"a": 1})
    assert record.metadata == {"count": 3, "limits_version": 4, "why": "burst"}


def test_a_message_told_under_the_wrong_action_is_refused(make_trail: type_of_maker) -> None:
    maker = make_trail()
    with pytest.raises(AuditError, match=r"order\.fill lacks before_state key 'leaves'"):
        maker.tell(Action.ORDER_FILL, OrderUnknown(0, 1, 0, Side.BUY, 1, "t1-1-1", "", 0))


def test_orders_of_an_earlier_run_are_taken_up(make_trail: type_of_maker) -> None:
    maker = make_trail(epoch=2)
    order = OrderState(
        "t1-1-1", STRATEGY, 1, NAME, "BUY", "LIMIT", "GTC", False, 6_000_000, 5, "PENDING_AMEND", 0, f"1-{STRATEGY}-1"
    )
    order.pending_id = "t1-1-2"
    stranger = OrderState("t1-1-9", "gone", 4, "nowhere:X", "SELL", "LIMIT", "GTC", False, 1, 5, "OPEN", 0)
    maker.renderer.desk.take_up(DeskState(orders={"t1-1-1": order, "t1-1-9": stranger}))
    maker.tell(Action.ORDER_CANCEL, CancelOrder(1, "t1-1-9", 0))
    maker.cancel("t1-1-2")
    asked, gone = records(maker)
    assert (asked.metadata or {})["strategy"] == "gone"
    assert (gone.before_state, gone.correlation_id) == ({"state": "PENDING_AMEND"}, f"1-{STRATEGY}-1")
    assert maker.renderer.desk.known_count == 1


def test_the_memory_of_orders_is_bounded(make_trail: type_of_maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "ORDERS_MAX", 3)
    maker = make_trail()
    for _ in range(9):
        maker.place()
    assert maker.renderer.desk.known_count == 3
    for number in range(10, 15):
        maker.renderer.desk.approved(1_000 + number, 0, number, 0, '"BUY"', number, 4)
    assert maker.renderer.desk.known_count == 3


def _limit_gtc() -> tuple[Any, Any]:
    from engine.messages.orders import OrderType, TimeInForce

    return OrderType.LIMIT, TimeInForce.GTC


def _fields(message: Struct) -> dict[str, Any]:
    from msgspec import structs

    return structs.asdict(message)


def test_every_type_time_in_force_and_trigger_is_told_by_its_name(make_trail: type_of_maker) -> None:
    maker = make_trail()
    wishes = list(product(OrderType, TimeInForce, TriggerBy))
    for kind, time_in_force, trigger_by in wishes:
        intent = maker.intent(1, Side.SELL, 6_000_000, 5)
        terms = OrderTerms(5_900_000, trigger_by)
        fields = {**_fields(intent), "type": kind, "time_in_force": time_in_force, "terms": terms}
        maker.tell(Action.TRADE_DECISION, type(intent)(**fields))
    for (kind, time_in_force, trigger_by), record in zip(wishes, records(maker), strict=True):
        said = record.metadata or {}
        assert (said["type"], said["time_in_force"]) == (kind.name, time_in_force.name)
        assert said["terms"].get("trigger_by", "BID_ASK") == trigger_by.name


@pytest.mark.parametrize(
    "terms",
    [
        OrderTerms(),
        OrderTerms(6_000_000, TriggerBy.LAST, 50, 1_000, 1_723_161_600_000_000_001, 7, 11, 12, 13, 4, 5, 14),
        OrderTerms(trail_ppm=1, edge_bps=0),
    ],
)
def test_terms_are_read_back_from_the_record_as_they_were(make_trail: type_of_maker, terms: OrderTerms) -> None:
    maker = make_trail()
    intent = maker.intent(1, Side.SELL, 0, 5)
    maker.tell(Action.TRADE_DECISION, type(intent)(**{**_fields(intent), "terms": terms}))
    (record,) = records(maker)
    assert record.metadata is not None
    assert terms_from(record.metadata["terms"], SCALE) == terms


def test_a_cancel_of_one_order_or_of_an_instrument_says_so(make_trail: type_of_maker) -> None:
    maker = make_trail()
    maker.tell(Action.ORDER_CANCEL, CancelAll(-1, "by ann", -1, "t1-1-5"))
    maker.tell(Action.ORDER_CANCEL, CancelAll(-1, "by ann", 0))
    one, some = records(maker)
    assert (one.resource_type, one.resource_id, one.description) == ("order", "t1-1-5", "cancel order t1-1-5")
    assert some.metadata is not None
    assert some.metadata["instrument"] == NAME
