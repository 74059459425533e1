"""The private session: what each answer, event and silence means for an order."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.errors import VenueProtocolError
from engine.messages.market import Side
from engine.messages.orders import AmendOrder, CancelOrder, Liquidity, OrderType, QueryOrder, SubmitOrder, TimeInForce
from engine.messages.reports import (
    Accepted,
    Ambiguous,
    Amended,
    AmendRejected,
    Balances,
    Canceled,
    CancelRejected,
    Expired,
    Filled,
    Rejected,
    VenueOrder,
)
from gateways.binance.account import Account, RateLimited, SessionNews
from gateways.binance.errors import AMBIGUOUS_CODES, Verdict, verdict
from gateways.binance.requests import DEADLINE_NS, RequestKind
from gateways.session import SessionEvent
from tests.contract.binance_venue import BTC, answer, canceled, event, fill, refusal, report

NOW = 1_723_161_255_000_000_000
LATE = NOW + DEADLINE_NS


def account(*, logs_on: bool = True) -> Account:
    return Account("binance_spot", [BTC], logs_on=logs_on)


def place(desk: Account, order: str = "t1-1-1") -> int:
    submit = SubmitOrder(1, order, 0, Side.BUY, OrderType.LIMIT, TimeInForce.GTC, False, 1, 1, False)
    return desk.requests.begin(RequestKind.PLACE, submit, NOW)


def cancel(desk: Account, order: str = "t1-1-1") -> int:
    return desk.requests.begin(RequestKind.CANCEL, CancelOrder(1, order, 0), NOW)


def amend(desk: Account, old: str = "t1-1-1", new: str = "t1-1-2") -> int:
    change = AmendOrder(1, old, new, 0, Side.BUY, OrderType.LIMIT, TimeInForce.GTC, False, 1, 1, False)
    return desk.requests.begin(RequestKind.AMEND, change, NOW)


def query(desk: Account, order: str = "t1-1-1") -> int:
    return desk.requests.begin(RequestKind.QUERY, QueryOrder(1, order, 0), NOW)


def test_execution_reports_are_facts() -> None:
    desk = account()
    assert desk.receive(report("NEW", "t1-1-1"), NOW) == [Accepted("t1-1-1", "42", NOW)]
    assert desk.receive(fill("t1-1-1", m=True), NOW) == [
        Filled("t1-1-1", "42", 77, 6183763, 40000000, 40000, "BTC", Liquidity.MAKER, NOW)
    ]
    assert desk.receive(fill("t1-1-1", t=78), NOW)[0].liquidity is Liquidity.TAKER
    free = desk.receive(fill("t1-1-1", t=79, n="0", N=None), NOW)[0]
    assert (free.fee, free.fee_currency) == (0, "USDT"), (
        "a fee of nothing needs no asset, and a fill is never lost for it"
    )
    assert desk.receive(canceled("t1-1-1", z="0.40000000"), NOW) == [Canceled("t1-1-1", 40000000, NOW)]
    assert desk.receive(report("EXPIRED", "t1-1-2", X="EXPIRED"), NOW) == [Expired("t1-1-2", 0, NOW)]
    assert desk.receive(report("REJECTED", "t1-1-3", X="REJECTED", r="INSUFFICIENT_BALANCES"), NOW) == [
        Rejected("t1-1-3", 0, "INSUFFICIENT_BALANCES", NOW)
    ]
    assert desk.receive(report("REPLACED", "t1-1-5", C="t1-1-4"), NOW) == [Amended("t1-1-4", "t1-1-5", "42", NOW)]


def test_self_trade_prevention_expires_an_order_or_leaves_it_in_doubt() -> None:
    desk = account()
    assert desk.receive(report("TRADE_PREVENTION", "a", X="EXPIRED_IN_MATCH"), NOW) == [Expired("a", 0, NOW)]
    (doubt,) = desk.receive(report("TRADE_PREVENTION", "a", X="PARTIALLY_FILLED"), NOW)
    assert isinstance(doubt, Ambiguous)


def test_an_execution_type_that_is_not_documented_leaves_the_order_in_doubt() -> None:
    (doubt,) = account().receive(report("TELEPORTED", "a"), NOW)
    assert doubt == Ambiguous("a", "execution type 'TELEPORTED' is not documented", NOW)


def test_a_yes_adds_nothing_and_settles_with_the_report_in_either_order() -> None:
    desk = account()
    first = place(desk)
    assert desk.receive(answer(first, {"orderId": 42}), NOW) == []
    assert len(desk.receive(report("NEW", "t1-1-1"), NOW)) == 1
    second = place(desk, "t1-1-2")
    desk.receive(report("NEW", "t1-1-2"), NOW)
    assert desk.receive(answer(second, {"orderId": 43}), NOW) == []
    assert len(desk.requests) == 0


def test_a_yes_without_a_report_means_that_the_user_stream_is_dead() -> None:
    desk = account()
    desk.receive(answer(place(desk), {"orderId": 42}), NOW)
    (news,) = desk.expire(LATE)
    assert news.event is SessionEvent.FAULT
    assert "user stream is silent" in news.reason


def test_a_report_without_an_answer_is_enough() -> None:
    desk = account()
    place(desk)
    desk.receive(report("NEW", "t1-1-1"), NOW)
    assert desk.expire(LATE) == []
    assert len(desk.requests) == 0


@pytest.mark.parametrize(
    ("status", "code", "judged"),
    [
        (200, 0, Verdict.DONE),
        (400, -2010, Verdict.REFUSED),
        (400, -1013, Verdict.REFUSED),
        (401, -2015, Verdict.REFUSED),
        (403, 0, Verdict.REFUSED),
        (418, -1003, Verdict.REFUSED),
        (429, -1015, Verdict.REFUSED),
        (500, -1000, Verdict.AMBIGUOUS),
        (503, -2010, Verdict.AMBIGUOUS),
        (200 + 4, 0, Verdict.AMBIGUOUS),
        *((400, code, Verdict.AMBIGUOUS) for code in sorted(AMBIGUOUS_CODES)),
    ],
)
def test_only_a_documented_no_is_a_no(status: int, code: int, judged: Verdict) -> None:
    assert verdict(status, code) is judged


def test_each_verdict_on_each_kind_of_request() -> None:
    desk = account()
    refused = [
        desk.receive(refusal(begin(desk), 400, -2011, "Unknown order sent."), NOW) for begin in (place, cancel, amend)
    ]
    assert [type(reports[0]) for reports in refused] == [Rejected, CancelRejected, AmendRejected]
    assert all(reports[0].code == -2011 for reports in refused)
    for begin in (place, cancel, amend):
        (doubt,) = desk.receive(refusal(begin(desk), 500, -1000, "Unknown."), NOW)
        (hidden,) = desk.receive(refusal(begin(desk), 200, -2010, "An error inside a yes."), NOW)
        assert isinstance(hidden, Ambiguous)
        assert isinstance(doubt, Ambiguous)
        assert doubt.client_order_id == "t1-1-1"
    assert len(desk.requests) == 0


def test_two_cancels_of_one_order_settle_together() -> None:
    desk = account()
    first, second = cancel(desk), cancel(desk)
    desk.receive(answer(first, {}), NOW)
    assert desk.receive(canceled("t1-1-1"), NOW) == [Canceled("t1-1-1", 0, NOW)]
    assert isinstance(desk.receive(refusal(second, 400, -2011), NOW)[0], CancelRejected)
    assert desk.expire(LATE) == []


def test_a_fill_does_not_settle_a_cancel() -> None:
    desk = account()
    desk.receive(answer(cancel(desk), {}), NOW)
    desk.receive(fill("t1-1-1"), NOW)
    assert len(desk.requests) == 1


# ---- amends


def test_an_amend_is_one_fact_whatever_comes_first() -> None:
    amended = [Amended("t1-1-1", "t1-1-2", "43", NOW)]
    for answer_first in (True, False):
        desk = account()
        number = amend(desk)
        if answer_first:
            assert desk.receive(answer(number, {"cancelResult": "SUCCESS", "newOrderResult": "SUCCESS"}), NOW) == []
        assert desk.receive(canceled("t1-1-1"), NOW) == [], "the end of the old order is part of the amend"
        assert desk.receive(report("NEW", "t1-1-2", i=43), NOW) == amended
        if not answer_first:
            assert desk.receive(answer(number, {"cancelResult": "SUCCESS", "newOrderResult": "SUCCESS"}), NOW) == []
        assert desk.expire(LATE) == []


def replace_failure(cancel_result: str, new_result: str) -> dict[str, Any]:
    gone = {"code": -2011, "msg": "Unknown order sent."}
    taker = {"code": -2010, "msg": "Order would immediately match and take."}
    return {
        "cancelResult": cancel_result,
        "newOrderResult": new_result,
        "cancelResponse": {"status": "CANCELED"} if cancel_result == "SUCCESS" else gone,
        "newOrderResponse": {"FAILURE": taker, "SUCCESS": {"orderId": 11}, "NOT_ATTEMPTED": None}[new_result],
    }


def test_an_amend_whose_cancel_failed_leaves_the_old_order() -> None:
    desk = account()
    failure = replace_failure("FAILURE", "NOT_ATTEMPTED")
    (refused,) = desk.receive(refusal(amend(desk), 400, -2022, "Order cancel-replace failed.", failure), NOW)
    assert refused == AmendRejected("t1-1-1", "t1-1-2", False, -2011, "-2011: Unknown order sent.", NOW)


def test_an_amend_whose_placing_failed_says_that_the_old_order_is_gone() -> None:
    for report_first in (True, False):
        desk = account()
        number = amend(desk)
        if report_first:
            assert desk.receive(canceled("t1-1-1"), NOW) == []
        failure = replace_failure("SUCCESS", "FAILURE")
        reports = desk.receive(refusal(number, 409, -2021, "Order cancel-replace partially failed.", failure), NOW)
        if not report_first:
            reports += desk.receive(canceled("t1-1-1"), NOW)
        assert reports == [
            AmendRejected("t1-1-1", "t1-1-2", True, -2010, "-2010: Order would immediately match and take.", NOW),
            Canceled("t1-1-1", 0, NOW),
        ]


def test_an_amend_that_replaced_without_cancelling_is_in_doubt() -> None:
    desk = account()
    (doubt,) = desk.receive(refusal(amend(desk), 409, -2021, "Partly.", replace_failure("FAILURE", "SUCCESS")), NOW)
    assert isinstance(doubt, Ambiguous)


def test_an_order_that_ends_before_its_amend_is_cancelled_after_the_refusal() -> None:
    desk = account()
    number = amend(desk)
    assert desk.receive(canceled("t1-1-1"), NOW) == []
    reports = desk.receive(refusal(number, 400, -2022, "Failed.", replace_failure("FAILURE", "NOT_ATTEMPTED")), NOW)
    assert [type(message) for message in reports] == [AmendRejected, Canceled]


def test_a_rejected_replacement_is_told_by_the_answer_alone() -> None:
    desk = account()
    amend(desk)
    assert desk.receive(report("REJECTED", "t1-1-2", X="REJECTED"), NOW) == []


# ---- queries and silence


def test_a_query_tells_what_the_venue_knows() -> None:
    desk = account()
    info = {
        "symbol": "BTCUSDT", "orderId": 9, "clientOrderId": "renamed by a cancel", "price": "23416.10000000",
        "origQty": "0.00847000", "executedQty": "0.00000000", "status": "CANCELED", "side": "SELL",
    }  # fmt: skip
    assert desk.receive(answer(query(desk), info), NOW) == [
        VenueOrder("t1-1-1", "9", 0, Side.SELL, 2341610, 847000, 0, "CANCELED", NOW)
    ]
    (missing,) = desk.receive(refusal(query(desk), 400, -2013, "Order does not exist."), NOW)
    assert (missing.client_order_id, missing.status) == ("t1-1-1", "NOT_FOUND")
    assert desk.receive(refusal(query(desk), 500, -1000, "Unknown."), NOW) == [], "a failed question adds nothing"
    for status in (500, 200):
        assert desk.receive(refusal(query(desk), status, -2013), NOW) == [], "and proves nothing, whatever its code"
    query(desk)
    assert desk.expire(LATE) == desk.disconnected("lost", NOW) == []
    with pytest.raises(VenueProtocolError, match="TELEPORTED"):
        desk.receive(answer(query(desk), info | {"status": "TELEPORTED"}), NOW)


@pytest.mark.parametrize(
    ("kind", "said"),
    [(RequestKind.LOGON, "logon"), (RequestKind.SUBSCRIBE, "subscribe"), (RequestKind.HEARTBEAT, "heart")],
)
def test_silence_about_the_session_ends_it(kind: RequestKind, said: str) -> None:
    desk = account()
    desk.requests.begin(kind, None, NOW)
    assert desk.expire(LATE - 1) == []
    (news,) = desk.expire(LATE)
    assert (news.event, said in news.reason) == (SessionEvent.FAULT, True)


def test_a_late_answer_is_counted_and_means_nothing() -> None:
    desk = account()
    number = place(desk)
    assert [type(message) for message in desk.expire(LATE)] == [Ambiguous]
    assert desk.receive(refusal(number, 400, -2010), NOW) == []
    assert desk.ignored_count == 1


# ---- the session


def session(kind: RequestKind, payload: Callable[[int], bytes], *, logs_on: bool = True) -> list[Any]:
    desk = account(logs_on=logs_on)
    return desk.receive(payload(desk.requests.begin(kind, None, NOW)), NOW)


def test_logon_subscription_and_heartbeat_are_news_of_the_session() -> None:
    alive = {"apiKey": "k", "userDataStream": True}
    assert session(RequestKind.LOGON, lambda n: answer(n, alive)) == [SessionNews(SessionEvent.LOGGED_ON, "")]
    assert session(RequestKind.LOGON, lambda n: answer(n, {"apiKey": None}))[0].event is SessionEvent.FAULT
    assert session(RequestKind.LOGON, lambda n: refusal(n, 400, -1022))[0].event is SessionEvent.FAULT
    assert (
        session(RequestKind.SUBSCRIBE, lambda n: answer(n, {"subscriptionId": 0}))[0].event is SessionEvent.SUBSCRIBED
    )
    assert session(RequestKind.SUBSCRIBE, lambda n: refusal(n, 400, -2035))[0].event is SessionEvent.SUBSCRIBED
    assert session(RequestKind.SUBSCRIBE, lambda n: refusal(n, 400, -2014))[0].event is SessionEvent.FAULT
    assert session(RequestKind.HEARTBEAT, lambda n: answer(n, alive)) == []
    assert session(RequestKind.HEARTBEAT, lambda n: answer(n, {}), logs_on=False) == []
    lost = session(RequestKind.HEARTBEAT, lambda n: answer(n, {"apiKey": "k", "userDataStream": False}))
    assert lost[0].event is SessionEvent.FAULT
    assert session(RequestKind.HEARTBEAT, lambda n: refusal(n, 500, -1000))[0].event is SessionEvent.FAULT


def test_a_lost_logon_rejects_the_order_and_ends_the_session() -> None:
    desk = account()
    rejected, news = desk.receive(refusal(place(desk), 401, -2015, "Invalid API-key."), NOW)
    assert isinstance(rejected, Rejected)
    assert news.event is SessionEvent.FAULT


@pytest.mark.parametrize(("status", "code"), [(401, -2015), (400, -1135)])
def test_an_error_that_names_no_request_ends_the_session(status: int, code: int) -> None:
    (news,) = account().receive(refusal(None, status, code, "Invalid."), NOW)
    assert news.event is SessionEvent.FAULT


def test_a_demand_for_silence_is_measured_on_the_venues_clock() -> None:
    desk = account()
    data = {"serverTime": 1659142907531, "retryAfter": 1659146400000}
    limited = desk.receive(refusal(place(desk), 418, -1003, "banned", data), NOW)[1]
    assert isinstance(limited, RateLimited)
    assert limited.until_ns == NOW + (1659146400000 - 1659142907531) * 1_000_000
    assert desk.receive(refusal(place(desk), 429, -1015, "slow down"), NOW)[1].until_ns == NOW + 60 * 10**9
    data = {"serverTime": 0, "retryAfter": 2**63 // 10**6 - 1}
    limited = desk.receive(refusal(place(desk), 418, -1003, "for ever", data), NOW)[1]
    assert limited == RateLimited(NOW + 3 * 86_400 * 10**9, "status 418, -1003: for ever")


@pytest.mark.parametrize("data", ["null", "[]", '"soon"', '{"retryAfter":-1}', '{"retryAfter":1e99}'])
def test_a_demand_for_silence_that_says_nonsense_about_its_length_is_still_obeyed(data: str) -> None:
    desk = account()
    text = f'{{"id":{place(desk)},"status":429,"error":{{"code":-1003,"msg":"slow","data":{data}}}}}'
    refused, limited = desk.receive(text.encode(), NOW)
    assert isinstance(refused, Rejected)
    assert limited == RateLimited(NOW + 60 * 10**9, "status 429, -1003: slow")


def test_an_amend_whose_failure_cannot_be_read_is_in_doubt_when_the_session_ends_for_it() -> None:
    desk = account()
    number = amend(desk)
    with pytest.raises(VenueProtocolError):
        desk.receive(refusal(number, 409, -2021, "Partly.", {"cancelResult": 1}), NOW)
    (doubt,) = desk.disconnected("nonsense", NOW)
    assert (type(doubt), doubt.client_order_id) == (Ambiguous, "t1-1-1")


@pytest.mark.parametrize("kind", ["eventStreamTerminated", "serverShutdown"])
def test_the_announced_end_of_the_stream_ends_the_session(kind: str) -> None:
    (news,) = account().receive(event(kind), NOW)
    assert (news.event, kind in news.reason) == (SessionEvent.FAULT, True)


def test_balances_are_money() -> None:
    position = event("outboundAccountPosition", u=1, B=[{"a": "BTC", "f": "11818.00000000", "l": "182.00000000"}])
    assert account().receive(position, NOW) == [Balances("binance_spot", (("BTC", 11818 * 10**8, 182 * 10**8),), NOW)]


def test_events_and_symbols_that_are_not_ours_are_counted() -> None:
    desk = account()
    for kind in ("balanceUpdate", "listStatus", "externalLockUpdate", "somethingNew"):
        assert desk.receive(event(kind, a="BTC", d="1"), NOW) == []
    assert desk.ignored_count == 4
    assert desk.receive(report("NEW", "web_1", s="ETHUSDT"), NOW) == []
    assert desk.executions.foreign_count == 1


def test_known_ids_are_bounded() -> None:
    desk = account()
    for number in range(8_200):
        desk.receive(report("NEW", f"o{number}", i=number), NOW)
    assert len(desk.executions.client_order_ids) == 8_192
    assert desk.executions.client_order_ids[8_199] == "o8199"


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{}",
        b"[1]",
        b'{"id":1,"status":"200"}',
        b'{"subscriptionId":0,"event":{}}',
        b'{"subscriptionId":0,"event":null}',
        report("NEW", "a")[:-1],
        report("NEW", "a").replace(b'"i": 42', b'"i": 92233720368547758070'),
        report("NEW", "a").replace(b'"x": "NEW", ', b""),
        fill("a", l="-0.40000000"),
        fill("a", l="NaN"),
        fill("a", L="61837.63100000"),
        fill("a", L="0.00000000"),
        fill("a", t=-1),
        fill("a", N=None),
        fill("a", n="0.000000001"),
        canceled("a", z="-1"),
        event("outboundAccountPosition", B=[{"a": "BTC", "f": "1"}]),
        event("outboundAccountPosition", B=[{"a": "BTC", "f": "one", "l": "0"}]),
    ],
)
def test_bytes_that_break_the_rules_are_refused_with_an_excerpt(payload: bytes) -> None:
    with pytest.raises(VenueProtocolError, match="binance_spot: WebSocket API") as caught:
        account().receive(payload, NOW)
    assert len(str(caught.value)) < 600


def test_every_documented_answer_and_event_is_understood(shared_data: Callable[[str], Path]) -> None:
    understood = 0
    for line in shared_data("binance_spot/message_examples.jsonl").read_text().splitlines():
        example = json.loads(line)["json"]
        if not isinstance(example, dict) or not ({"status", "event"} & set(example)) or "symbol" in example:
            continue
        if "status" in example and not {"result", "error"} & set(example):
            continue
        account().receive(json.dumps(example).encode(), NOW)
        understood += 1
    assert understood > 80
