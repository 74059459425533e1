"""What every gateway promises, whatever its venue: the gate, the truth about what was sent, and the way back."""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any

import pytest
from msgspec import structs

from engine.messages.control import GateWord, Stop
from engine.messages.market import Side, SnapshotRequest, StreamState, Trade
from engine.messages.orders import (
    AmendOrder,
    CancelOrder,
    DenialReason,
    OrderType,
    QueryOrder,
    SubmitOrder,
    TimeInForce,
)
from engine.messages.reports import Accepted, Ambiguous, AmendRejected, Canceled, GatewayState, NotSent, Rejected
from engine.runtime.port import InputKind
from gateways.gateway import Renew
from gateways.session import SessionState
from gateways.throttle import RateLimit
from tests.contract.binance_venue import BinanceVenue
from tests.contract.venue_testbed import SECOND, Testbed
from tests.models.seals import submitted

VENUES = [BinanceVenue()]


@pytest.fixture(params=VENUES, ids=lambda venue: type(venue).__name__)
def venue(request: pytest.FixtureRequest) -> BinanceVenue:
    found: BinanceVenue = request.param
    return found


@pytest.fixture
def bed(venue: BinanceVenue) -> Testbed:
    """Return a gateway that is connected, logged on and ready."""
    return ready(venue, venue.testbed())


def ready(venue: BinanceVenue, bed: Testbed) -> Testbed:
    bed.start()
    venue.open_stream(bed)
    venue.open_api(bed)
    for ref in (bed.feed, bed.orders, bed.risk, bed.safety):
        ref.take()
    return bed


def order(number: int, *, shrinks: bool = False) -> SubmitOrder:
    name = f"t1-1-{number}"
    return submitted(
        SubmitOrder(number, name, 0, Side.BUY, OrderType.LIMIT, TimeInForce.GTC, False, 6_183_763, 200_000, shrinks)
    )


def amend(number: int, new: int) -> AmendOrder:
    return AmendOrder(
        number, f"t1-1-{number}", f"t1-1-{new}", 0, Side.BUY, OrderType.LIMIT, TimeInForce.GTC, False, 6_183_000,
        100_000, False,
    )  # fmt: skip


def cancel(number: int) -> CancelOrder:
    return CancelOrder(number, f"t1-1-{number}", 0)


def submit(bed: Testbed, number: int = 1) -> bytes:
    """Submit an order and return the one payload that left."""
    bed.handle(order(number))
    (payload,) = bed.api.take()
    return payload


def test_start_opens_both_connections_and_ready_is_told_to_everyone(venue: BinanceVenue) -> None:
    bed = venue.testbed()
    bed.start()
    assert len(bed.stream.opened) == len(bed.api.opened) == 1
    venue.open_stream(bed)
    assert bed.feed.take(StreamState)[-1].live
    venue.open_api(bed)
    for ref in (bed.orders, bed.risk, bed.safety):
        states = ref.take(GatewayState)
        assert [state.ready for state in states] == [True]


def test_a_gateway_that_takes_over_says_first_that_nothing_is_known(bed: Testbed, venue: BinanceVenue) -> None:
    successor = venue.testbed()
    successor.gateway.attach(bed.stream, bed.api, bed.rest)
    successor.start()
    assert [state.live for state in successor.feed.take(StreamState)] == [False]
    for ref in (successor.orders, successor.risk, successor.safety):
        assert [state.ready for state in ref.take(GatewayState)] == [False]
    assert len(bed.stream.opened) == len(bed.api.opened) == 2


def test_market_messages_go_to_feed_at_the_time_of_their_turn(bed: Testbed, venue: BinanceVenue) -> None:
    venue.market(bed)
    (message,) = bed.feed.take()
    assert isinstance(message, Trade)
    assert message.time_ns == bed.context.now_ns


def test_an_order_is_digested_then_noted_then_handed_over(bed: Testbed) -> None:
    seen: list[tuple[int, int]] = []
    bed.api.on_sent = lambda: seen.append((len(bed.sent.payloads), len(bed.api.transmitted)))
    digested = len(bed.sent.payloads)
    payload = submit(bed)
    assert seen == [(digested + 1, 0)]
    assert bed.sent.payloads[-1] == ("api", payload)
    bed.handle(cancel(1))
    assert len(seen) == 1, "only what can trade is measured"


@pytest.mark.parametrize("word", [GateWord.CLOSED, GateWord.REDUCE])
def test_a_shut_gate_lets_nothing_that_can_trade_out(bed: Testbed, word: GateWord) -> None:
    bed.set_gate(word)
    bed.handle(order(1))
    bed.handle(amend(2, 3))
    assert bed.api.take() == []
    not_sent, refused = bed.orders.take()
    assert isinstance(not_sent, NotSent)
    assert word.name in not_sent.text
    assert isinstance(refused, AmendRejected)
    assert not refused.old_is_gone
    bed.fire_timers(6)
    assert bed.orders.take() == [], "what was not sent is not in flight"


def test_a_shrinking_order_passes_at_reduce(bed: Testbed) -> None:
    bed.set_gate(GateWord.REDUCE)
    bed.handle(order(1, shrinks=True))
    assert len(bed.api.take()) == 1


def test_a_cancel_passes_a_closed_gate(bed: Testbed, venue: BinanceVenue) -> None:
    venue.accept(bed, submit(bed))
    bed.set_gate(GateWord.CLOSED)
    bed.handle(cancel(1))
    (payload,) = bed.api.take()
    venue.cancel(bed, payload)
    assert [type(message) for message in bed.orders.take()] == [Accepted, Canceled]


def test_a_refused_order_is_rejected_with_the_venues_words(bed: Testbed, venue: BinanceVenue) -> None:
    venue.refuse(bed, submit(bed))
    (rejected,) = bed.orders.take()
    assert isinstance(rejected, Rejected)
    assert rejected.client_order_id == "t1-1-1"
    assert rejected.code
    assert rejected.text


def test_a_failing_venue_leaves_an_order_unknown_never_rejected(bed: Testbed, venue: BinanceVenue) -> None:
    venue.fail(bed, submit(bed))
    (unknown,) = bed.orders.take()
    assert isinstance(unknown, Ambiguous)


def test_silence_leaves_orders_cancels_and_amends_unknown(bed: Testbed) -> None:
    bed.handle(order(1))
    bed.fire_timers(1)
    bed.handle(cancel(2))
    bed.handle(amend(3, 4))
    bed.handle(QueryOrder(5, "t1-1-5", 0))
    bed.fire_timers(3.9)
    assert bed.orders.take() == []
    bed.fire_timers(0.2)
    assert [message.client_order_id for message in bed.orders.take(Ambiguous)] == ["t1-1-1"]
    bed.fire_timers(1)
    assert [message.client_order_id for message in bed.orders.take(Ambiguous)] == ["t1-1-2", "t1-1-3"]


def test_a_lost_connection_leaves_everything_in_flight_unknown(bed: Testbed) -> None:
    bed.handle(order(1))
    bed.handle(cancel(2))
    bed.bring(bed.api, InputKind.CLOSED, b"1006 connection lost")
    first, *others = bed.orders.take()
    assert isinstance(first, GatewayState), "nobody may send before they know"
    assert not first.ready
    assert [message.client_order_id for message in others] == ["t1-1-1", "t1-1-2"]
    assert all(isinstance(message, Ambiguous) for message in others)
    assert not bed.risk.take(GatewayState)[-1].ready
    assert not bed.safety.take(GatewayState)[-1].ready


def test_nothing_is_sent_while_the_session_is_down(bed: Testbed) -> None:
    bed.bring(bed.api, InputKind.CLOSED, b"1006 connection lost")
    bed.orders.take()
    bed.handle(order(1))
    bed.handle(cancel(2))
    bed.handle(amend(3, 4))
    bed.handle(QueryOrder(5, "t1-1-5", 0))
    assert bed.api.take() == []
    assert [type(message) for message in bed.orders.take()] == [NotSent, NotSent, AmendRejected]


def test_a_session_comes_back_by_itself_and_says_so(bed: Testbed, venue: BinanceVenue) -> None:
    bed.bring(bed.api, InputKind.CLOSED, b"1006 connection lost")
    bed.fire_timers(2.5)
    assert len(bed.api.opened) == 2
    venue.open_api(bed)
    assert bed.orders.take(GatewayState)[-1].ready
    assert len(bed.api.take()) == 0, "nothing is resent"


def test_refused_connections_are_tried_at_most_once_a_second(venue: BinanceVenue) -> None:
    bed = venue.testbed()
    bed.start()
    opened_at: list[int] = []
    for _ in range(3_000):
        if len(bed.stream.opened) > len(opened_at):
            opened_at.append(bed.context.now_ns)
            bed.bring(bed.stream, InputKind.REFUSED, b"connection refused")
        bed.fire_timers(0.1)
    gaps = [later - earlier for earlier, later in pairwise(opened_at)]
    assert min(gaps) >= SECOND
    assert 10 < len(opened_at) < 300


def test_a_session_that_ends_again_and_again_is_opened_ever_more_slowly(bed: Testbed, venue: BinanceVenue) -> None:
    opened_at: list[int] = []
    for _ in range(3_000):
        if len(bed.stream.opened) > len(opened_at):
            opened_at.append(bed.context.now_ns)
            if len(opened_at) > 1:
                venue.open_stream(bed)
            bed.bring(bed.stream, InputKind.CLOSED, b"1000 the capture has ended")
        bed.fire_timers(0.1)
    assert len(opened_at) < 40
    bed.fire_timers(40)
    venue.open_stream(bed)
    for _ in range(30):
        venue.market(bed)
        bed.fire_timers(2.1)
    opened = len(bed.stream.opened)
    bed.bring(bed.stream, InputKind.CLOSED, b"1006 connection lost")
    bed.fire_timers(2.1)
    assert len(bed.stream.opened) == opened + 1, "a session that worked for a minute is forgiven"


@pytest.mark.parametrize("which", ["stream", "api"])
def test_nonsense_restarts_the_session_and_raises_nothing(bed: Testbed, venue: BinanceVenue, which: str) -> None:
    link = bed.stream if which == "stream" else bed.api
    connection = bed.gateway.stream if which == "stream" else bed.gateway.api
    venue.garbage(bed, link)
    assert bed.gateway.protocol_errors_count == 1
    assert link.closed == [1000]
    assert connection.state is SessionState.CLOSING
    venue.garbage(bed, link)
    assert bed.gateway.protocol_errors_count == 1, "a session that is given up is not listened to"
    bed.bring(link, InputKind.CLOSED, b"1000 closed by us")
    bed.fire_timers(2.5)
    assert len(link.opened) == 2
    if which == "stream":
        states = bed.feed.take(StreamState)
        assert [state.live for state in states] == [False]
        assert "btcusdt@trade" in states[0].reason


def test_a_demand_for_silence_is_obeyed_to_the_second(bed: Testbed, venue: BinanceVenue) -> None:
    venue.silence(bed, submit(bed))
    assert isinstance(bed.orders.take()[0], Rejected)
    bed.fire_timers(29)
    bed.api.take()
    bed.handle(order(2))
    bed.handle(cancel(3))
    assert bed.api.take() == []
    assert [type(message) for message in bed.orders.take()] == [NotSent, NotSent]


def test_no_connection_is_opened_during_a_demanded_silence(bed: Testbed, venue: BinanceVenue) -> None:
    venue.silence(bed, submit(bed))
    bed.bring(bed.api, InputKind.CLOSED, b"1008 banned")
    bed.fire_timers(29)
    assert len(bed.api.opened) == 1
    bed.fire_timers(3)
    assert len(bed.api.opened) == 2


def test_a_spent_budget_refuses_orders_and_leaves_cancels(venue: BinanceVenue) -> None:
    bed = ready(venue, venue.testbed(limits=[RateLimit(True, 5, 10 * SECOND)]))
    for number in range(1, 5):
        bed.handle(order(number))
    assert len(bed.api.take()) == 2
    assert {type(message) for message in bed.orders.take()} == {NotSent}
    bed.handle(cancel(1))
    assert len(bed.api.take()) == 1


def test_a_full_mailbox_for_facts_halts(bed: Testbed, venue: BinanceVenue) -> None:
    payload = submit(bed)
    bed.orders.full = True
    venue.refuse(bed, payload)
    assert bed.context.halts


def test_a_snapshot_is_asked_for_until_there_is_one(bed: Testbed) -> None:
    bed.handle(SnapshotRequest(0))
    bed.handle(SnapshotRequest(0))
    assert len(bed.rest.asked) == 1, "one at a time"
    bed.answer(bed.rest.asked[-1][0], 0, b"connection reset")
    bed.fire_timers(2.1)
    assert len(bed.rest.asked) == 2


def test_a_connection_is_replaced_before_the_venue_ends_it(bed: Testbed, venue: BinanceVenue) -> None:
    bed.fire_timers(1)
    bed.context.timers = [entry for entry in bed.context.timers if not entry[2]]  # the watch sees no frames here
    bed.fire_timers((23 * 60 + 50) * 60)
    assert bed.stream.closed == bed.api.closed == [1000]
    bed.bring(bed.stream, InputKind.CLOSED, b"1000 closed by us")
    bed.fire_timers(2.5)
    venue.open_stream(bed)
    assert bed.feed.take(StreamState)[-1].live


def test_a_day_of_reconnects_leaves_one_timer_for_the_age_of_each_connection(bed: Testbed, venue: BinanceVenue) -> None:
    for _ in range(20):
        bed.bring(bed.stream, InputKind.CLOSED, b"1006 connection lost")
        bed.fire_timers(31)
        venue.open_stream(bed)
    assert sum(isinstance(entry[3], Renew) for entry in bed.context.timers) <= 2


def test_stop_closes_everything_for_good(bed: Testbed) -> None:
    bed.handle(Stop("test"))
    assert bed.stream.closed == bed.api.closed == [1000]
    bed.bring(bed.stream, InputKind.CLOSED, b"1000 closed by us")
    bed.bring(bed.api, InputKind.CLOSED, b"1000 closed by us")
    bed.fire_timers(60)
    assert len(bed.stream.opened) == len(bed.api.opened) == 1
    assert bed.gateway.stream.state is SessionState.STOPPED


def test_stop_while_connecting_or_waiting_ends_there(venue: BinanceVenue) -> None:
    connecting = venue.testbed()
    connecting.start()
    connecting.handle(Stop("test"))
    connecting.bring(connecting.stream, InputKind.OPENED)
    connecting.bring(connecting.stream, InputKind.CLOSED, b"1000 closed by us")
    assert connecting.gateway.stream.state is SessionState.STOPPED
    waiting = venue.testbed()
    waiting.start()
    waiting.bring(waiting.stream, InputKind.REFUSED, b"no")
    waiting.handle(Stop("test"))
    assert waiting.gateway.stream.state is SessionState.STOPPED
    waiting.fire_timers(60)
    assert len(waiting.stream.opened) == 1


def test_a_watch_gives_up_a_silent_market_stream_within_ten_seconds(bed: Testbed, venue: BinanceVenue) -> None:
    for _ in range(5):
        bed.fire_timers(3)
        venue.market(bed)
    assert bed.stream.closed == []
    bed.fire_timers(10)
    assert bed.stream.closed == [1000]


@pytest.mark.parametrize(
    "changed", [{"lots": 300_000}, {"price_ticks": 6_183_764}, {"shrinks": True}, {"seal": None}], ids=str
)
def test_what_an_approval_does_not_bind_is_not_sent(bed: Testbed, changed: dict[str, Any]) -> None:
    bed.handle(structs.replace(order(1), **changed))
    assert bed.api.take() == []
    (report,) = bed.orders.take(NotSent)
    assert DenialReason.APPROVAL_BINDING.name in report.text


def test_an_approval_that_is_over_or_of_an_older_state_is_not_sent(bed: Testbed) -> None:
    bed.handle(submitted(order(1), bed.context.now_ns - 1))
    bed.handle(submitted(order(2), epoch=2))
    bed.handle(submitted(order(3), epoch=1))
    assert len(bed.api.take()) == 1
    assert [report.client_order_id for report in bed.orders.take(NotSent)] == ["t1-1-1", "t1-1-3"]


def test_a_gateway_says_which_orders_its_venue_takes_and_never_changes_a_time_in_force(
    bed: Testbed, venue: BinanceVenue
) -> None:
    takes = bed.gateway.takes
    number = 10
    for kind, time_in_force in product(OrderType, TimeInForce):
        wish = submitted(structs.replace(order(number), type=kind, time_in_force=time_in_force))
        number += 1
        if kind in takes.types and time_in_force in takes.times_in_force:
            bed.handle(wish)
            assert len(bed.api.take()) == 1
        elif time_in_force not in takes.times_in_force and kind is OrderType.LIMIT:
            with pytest.raises(ValueError, match="time_in_force"):
                bed.handle(wish)
            assert bed.api.take() == [], "what the venue lacks is never sent as something else"
