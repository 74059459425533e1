"""The Binance gateway where it is more than the contract: logon, heartbeats, snapshots, reconciliation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.clock import NS_PER_MS
from engine.messages.control import ClockOffset
from engine.messages.market import BookSnapshot, Side, SnapshotRequest, StreamState
from engine.messages.orders import AmendOrder, OrderType, ReconcileRequest, SubmitOrder, TimeInForce
from engine.messages.reports import Accepted, Amended, GatewayState, NotSent, VenueState
from engine.runtime.port import InputKind
from gateways.session import SessionState
from tests.contract.binance_venue import (
    DEPTH,
    SNAPSHOT,
    TICKER,
    TRADE,
    BinanceVenue,
    answer,
    canceled,
    event,
    refusal,
    report,
)
from tests.contract.venue_testbed import SECOND, Testbed
from tests.models.seals import submitted

VENUE = BinanceVenue()


@pytest.fixture
def bed() -> Testbed:
    bench = VENUE.testbed()
    bench.start()
    VENUE.open_stream(bench)
    VENUE.open_api(bench)
    for ref in (bench.feed, bench.orders, bench.risk, bench.safety):
        ref.take()
    return bench


def requests(bed: Testbed) -> list[dict[str, Any]]:
    return [json.loads(payload) for payload in VENUE.tell_time(bed, bed.api.take())]


def keep_alive(bed: Testbed, seconds: int) -> None:
    """Let time pass with market frames, so that the watch sees life."""
    for _ in range(seconds):
        bed.bring(bed.stream, InputKind.BYTES, TRADE)
        bed.fire_timers(1)


def test_urls_name_the_streams_and_the_api() -> None:
    bed = VENUE.testbed()
    bed.start()
    assert bed.stream.opened == ["ws://venue.test/stream?streams=btcusdt@depth@100ms/btcusdt@bookTicker/btcusdt@trade"]
    assert bed.api.opened == ["ws://venue.test/ws-api/v3"]


def test_an_hmac_key_subscribes_without_a_logon() -> None:
    bed = VENUE.testbed(logs_on=False)
    bed.start()
    bed.bring(bed.api, InputKind.OPENED)
    (subscribe,) = requests(bed)
    assert subscribe["method"] == "userDataStream.subscribe.signature"
    VENUE.say(bed, answer(subscribe["id"], {"subscriptionId": 0}))
    assert bed.gateway.api.state is SessionState.READY
    for seconds in (1, 12):
        keep_alive(bed, seconds)
        assert requests(bed) == [], "but for the time"
    keep_alive(bed, 3)
    assert [request["method"] for request in requests(bed)] == ["ping"]


def test_the_venues_clock_is_compared_with_ours_at_the_middle_of_question_and_answer(bed: Testbed) -> None:
    bed.risk.take(ClockOffset)
    keep_alive(bed, 10)
    (question,) = [json.loads(payload) for payload in bed.api.take()]
    asked_ns = bed.context.now_ns
    bed.context.now_ns += 40 * NS_PER_MS
    VENUE.say(bed, answer(question["id"], {"serverTime": asked_ns // NS_PER_MS + 1_020}))
    (offset,) = bed.risk.take(ClockOffset)
    assert bed.safety.take(ClockOffset)[-1] == offset
    assert (offset.venue, offset.time_ns) == ("binance_spot", bed.context.now_ns)
    assert offset.offset_ns == 1_000 * NS_PER_MS + NS_PER_MS // 2 - asked_ns % NS_PER_MS


def test_a_venue_that_does_not_say_what_time_it_is_leaves_it_unknown(bed: Testbed) -> None:
    bed.risk.take(ClockOffset)
    keep_alive(bed, 12)
    (question,) = [json.loads(payload) for payload in bed.api.take()]
    VENUE.say(bed, refusal(question["id"], 500, -1000))
    assert bed.risk.take(ClockOffset) == []
    assert bed.gateway.api.state is SessionState.READY


def test_nonsense_for_the_time_ends_the_session(bed: Testbed) -> None:
    keep_alive(bed, 12)
    (question,) = [json.loads(payload) for payload in bed.api.take()]
    VENUE.say(bed, answer(question["id"], {"serverTime": -1}))
    assert bed.api.closed == [1000]


def test_a_refused_logon_is_tried_again_later_and_named() -> None:
    bed = VENUE.testbed()
    bed.start()
    bed.bring(bed.api, InputKind.OPENED)
    (logon,) = requests(bed)
    VENUE.say(bed, refusal(logon["id"], 400, -1022, "Signature for this request is not valid."))
    assert bed.api.closed == [1000]
    assert "logon refused: status 400, -1022" in bed.orders.take(GatewayState)[-1].reason


def test_a_dead_user_stream_is_found_within_35_seconds(bed: Testbed) -> None:
    keep_alive(bed, 16)
    (status,) = requests(bed)
    assert status["method"] == "session.status"
    VENUE.say(bed, answer(status["id"], {"apiKey": "*", "userDataStream": False}))
    assert not bed.orders.take(GatewayState)[-1].ready


def test_a_session_that_answers_nothing_is_given_up_within_35_seconds(bed: Testbed) -> None:
    keep_alive(bed, 24)
    assert not bed.orders.take(GatewayState)[-1].ready


def test_a_book_that_stops_while_its_best_price_moves_has_the_stream_opened_anew(bed: Testbed) -> None:
    bed.fire_timers(6)
    for _ in range(3):
        for payload in (TICKER, DEPTH):
            bed.bring(bed.stream, InputKind.BYTES, payload)
        bed.fire_timers(5)
    assert bed.stream.closed == [], "a quiet market"
    bed.bring(bed.stream, InputKind.BYTES, TICKER)
    for _ in range(11):
        bed.fire_timers(1)
        if bed.stream.closed:
            break
        bed.bring(bed.stream, InputKind.BYTES, TRADE)
        bed.bring(bed.stream, InputKind.BYTES, TICKER)
    assert "no update of the book of BTCUSDT" in bed.feed.take(StreamState)[-1].reason
    bed.feed.take()
    reopen(bed, 3)
    bed.bring(bed.stream, InputKind.BYTES, TICKER)
    bed.fire_timers(5)
    assert len(bed.stream.closed) == 1, "the new connection has its own time"


def test_announced_shutdowns_end_each_session(bed: Testbed) -> None:
    bed.bring(bed.stream, InputKind.BYTES, b'{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1}}')
    VENUE.say(bed, event("serverShutdown"))
    assert bed.stream.closed == bed.api.closed == [1000]
    assert bed.gateway.protocol_errors_count == 0


def test_a_snapshot_goes_to_feed(bed: Testbed) -> None:
    bed.handle(SnapshotRequest(0))
    ((number, method, path),) = bed.rest.asked
    assert (method, path) == ("GET", "/api/v3/depth?symbol=BTCUSDT&limit=5000")
    bed.answer(number, 200, SNAPSHOT)
    (snapshot,) = bed.feed.take()
    assert isinstance(snapshot, BookSnapshot)
    bed.answer(number, 200, SNAPSHOT)
    assert bed.feed.take() == [], "one answer to one request"


def test_an_answer_to_a_failed_predecessor_is_not_taken_for_ours(bed: Testbed) -> None:
    bed.handle(SnapshotRequest(0))
    successor = VENUE.testbed()
    successor.gateway.attach(bed.stream, bed.api, bed.rest)
    successor.start()
    successor.handle(SnapshotRequest(0))
    first, second = (number for number, _, _ in bed.rest.asked)
    successor.gateway.on_rest(InputKind.ANSWER, b"%d 200\n" % first + SNAPSHOT)
    assert successor.feed.take(BookSnapshot) == []
    successor.gateway.on_rest(InputKind.ANSWER, b"%d 200\n" % second + SNAPSHOT)
    assert len(successor.feed.take(BookSnapshot)) == 1


FINER = TICKER.replace(b".", b".123456789")


def reopen(bed: Testbed, seconds: float) -> None:
    """Let the stream that was given up come back."""
    bed.bring(bed.stream, InputKind.CLOSED, b"1000 closed by us")
    bed.fire_timers(seconds)
    VENUE.open_stream(bed)


def test_an_instrument_that_breaks_its_scale_twice_in_a_minute_is_halted_and_blinds_no_other(bed: Testbed) -> None:
    bed.bring(bed.stream, InputKind.BYTES, FINER)
    assert "finer than" in bed.feed.take(StreamState)[-1].reason
    reopen(bed, 5)
    bed.bring(bed.stream, InputKind.BYTES, FINER)
    (_, down) = bed.feed.take(StreamState)
    assert "binance_spot:BTCUSDT is halted" in down.reason
    reopen(bed, 8)
    bed.feed.take()
    keep_alive(bed, 10)
    bed.bring(bed.stream, InputKind.BYTES, FINER)
    bed.handle(SnapshotRequest(0))
    assert (bed.feed.take(), bed.rest.asked) == ([], [])
    assert bed.gateway.stream.state is SessionState.READY


def test_an_instrument_that_breaks_its_scale_once_a_minute_is_not_halted(bed: Testbed) -> None:
    for _ in range(3):
        bed.bring(bed.stream, InputKind.BYTES, FINER)
        reopen(bed, 61)
    assert not any("halted" in state.reason for state in bed.feed.take(StreamState))
    keep_alive(bed, 1)
    assert len(bed.feed.take()) == 1


def test_snapshots_that_break_the_scale_twice_halt_the_instrument(bed: Testbed) -> None:
    bed.handle(SnapshotRequest(0))
    for number in (1, 2):
        assert len(bed.rest.asked) == number
        bed.answer(number, 200, SNAPSHOT.replace(b".", b".123456789"))
        keep_alive(bed, 3)
    keep_alive(bed, 30)
    bed.handle(SnapshotRequest(0))
    assert (len(bed.rest.asked), bed.gateway.protocol_errors_count) == (2, 2)


@pytest.mark.parametrize(("status", "body"), [(0, b"reset"), (404, b"{}"), (503, b"busy"), (200, b"{}")])
def test_a_failed_snapshot_is_asked_for_again(bed: Testbed, status: int, body: bytes) -> None:
    bed.handle(SnapshotRequest(0))
    bed.answer(bed.rest.asked[0][0], status, body)
    bed.fire_timers(2.1)
    bed.answer(bed.rest.asked[1][0], 200, SNAPSHOT)
    assert len(bed.feed.take(BookSnapshot)) == 1


def test_a_rest_limit_silences_everything_until_retry_after(bed: Testbed) -> None:
    bed.handle(SnapshotRequest(0))
    bed.answer(bed.rest.asked[0][0], 429, b"{}", retry_after_s=20)
    keep_alive(bed, 19)
    assert len(bed.rest.asked) == 1
    assert requests(bed) == []
    keep_alive(bed, 3)
    assert len(bed.rest.asked) == 2


def test_snapshots_wait_for_the_budget(bed: Testbed) -> None:
    while bed.gateway.throttle.take_query(bed.context.now_ns, 250):
        pass
    bed.handle(SnapshotRequest(0))
    assert bed.rest.asked == []
    keep_alive(bed, 10)
    assert len(bed.rest.asked) == 1


def test_reconciliation_asks_step_by_step_and_tells_one_state(bed: Testbed) -> None:
    bed.handle(ReconcileRequest(bed.context.now_ns - SECOND))
    asked = []
    while sent := requests(bed):
        (request,) = sent
        asked.append(request["method"])
        VENUE.say(bed, answer(request["id"], {"balances": []} if request["method"] == "account.status" else []))
    assert asked == ["openOrders.status", "myTrades", "account.status"]
    (state,) = bed.orders.take()
    assert isinstance(state, VenueState)
    assert (state.venue, state.open_orders, state.fills, state.balances) == ("binance_spot", (), (), ())


def test_a_failed_step_begins_the_reconciliation_anew(bed: Testbed) -> None:
    bed.handle(ReconcileRequest(bed.context.now_ns))
    (first,) = requests(bed)
    VENUE.say(bed, refusal(first["id"], 500, -1000))
    bed.fire_timers(2.1)
    (again,) = requests(bed)
    assert again["method"] == "openOrders.status"
    keep_alive(bed, 8)
    assert [request["method"] for request in requests(bed)].count("openOrders.status") == 1, "silence is a failure too"


def test_a_step_waits_for_the_budget(bed: Testbed) -> None:
    while bed.gateway.throttle.take_query(bed.context.now_ns, 1):
        pass
    bed.handle(ReconcileRequest(bed.context.now_ns))
    assert requests(bed) == []
    keep_alive(bed, 2)
    assert [request["method"] for request in requests(bed)] == ["openOrders.status"]


def test_a_routine_reconciliation_stays_within_its_share_and_an_urgent_one_does_not_wait(bed: Testbed) -> None:
    while bed.gateway.throttle.take_routine(bed.context.now_ns, 1):
        pass
    bed.handle(ReconcileRequest(bed.context.now_ns, routine=True))
    assert requests(bed) == []
    bed.handle(ReconcileRequest(bed.context.now_ns))
    assert [request["method"] for request in requests(bed)] == ["openOrders.status"]


def test_a_reconciliation_dies_with_its_session(bed: Testbed) -> None:
    bed.handle(ReconcileRequest(bed.context.now_ns))
    requests(bed)
    bed.bring(bed.api, InputKind.CLOSED, b"1006 lost")
    assert bed.orders.take(VenueState) == []
    bed.handle(ReconcileRequest(bed.context.now_ns))
    assert requests(bed) == []


def test_an_answer_to_an_earlier_reconciliation_is_ignored(bed: Testbed) -> None:
    bed.handle(ReconcileRequest(bed.context.now_ns))
    (old,) = requests(bed)
    bed.handle(ReconcileRequest(bed.context.now_ns))
    (new,) = requests(bed)
    VENUE.say(bed, answer(old["id"], []))
    assert requests(bed) == []
    VENUE.say(bed, answer(new["id"], []))
    assert [request["method"] for request in requests(bed)] == ["myTrades"]


def test_an_amend_ends_as_one_report(bed: Testbed) -> None:
    limit, gtc = OrderType.LIMIT, TimeInForce.GTC
    bed.handle(submitted(SubmitOrder(1, "t1-1-1", 0, Side.BUY, limit, gtc, True, 6_183_763, 200_000, False)))
    VENUE.accept(bed, bed.api.take()[0])
    bed.handle(AmendOrder(1, "t1-1-1", "t1-1-2", 0, Side.BUY, limit, gtc, True, 6_183_700, 200_000, False))
    (replace,) = requests(bed)
    VENUE.say(bed, canceled("t1-1-1"))
    VENUE.say(bed, report("NEW", "t1-1-2", i=43))
    VENUE.say(bed, answer(replace["id"], {"cancelResult": "SUCCESS", "newOrderResult": "SUCCESS"}))
    assert [type(message) for message in bed.orders.take()] == [Accepted, Amended]


def test_a_market_message_that_feed_cannot_take_is_counted(bed: Testbed) -> None:
    bed.feed.full = True
    bed.bring(bed.stream, InputKind.BYTES, TICKER)
    assert bed.gateway.protocol_errors_count == 0
    assert bed.gateway.feed_refused_count == 1
    assert bed.context.halts == []


def test_an_order_without_budget_is_not_sent_and_waits_for_no_answer(bed: Testbed) -> None:
    while bed.gateway.throttle.take_order(bed.context.now_ns):
        pass
    waiting = len(bed.context.timers)
    order = SubmitOrder(1, "t1-1-1", 0, Side.BUY, OrderType.LIMIT, TimeInForce.GTC, False, 100, 100, False)
    bed.handle(submitted(order))
    assert [report.text for report in bed.orders.take(NotSent)] == ["the venue's rate budget is spent"]
    assert (requests(bed), len(bed.context.timers)) == ([], waiting)
