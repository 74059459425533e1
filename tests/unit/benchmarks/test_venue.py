"""The venue of the full-engine rows: frames at moments of their own, and an end for every order at once."""

from __future__ import annotations

import pytest

from benchmarks.macro.market import VENUE, Frame, Kind, Market, decoder, load_market
from benchmarks.macro.venue import BALANCES, BenchVenue
from engine.clock import NS_PER_SECOND
from engine.messages.market import Side
from engine.messages.orders import OrderType, SubmitOrder, TimeInForce
from engine.messages.reports import Accepted, Expired
from gateways.binance.executions import Executions
from gateways.binance.orders import RequestEncoder
from gateways.binance.requests import Requests
from gateways.binance.schema import decode_api, decode_execution
from gateways.binance.signing import signer_of

STREAM, API = 1, 2
NOW_NS = 1_723_161_254 * NS_PER_SECOND


@pytest.fixture(scope="module")
def market() -> Market:
    return load_market(True)


def test_frames_wait_for_the_stream_and_have_a_moment_each(market: Market) -> None:
    frames = [
        Frame(NOW_NS, Kind.TRADE, b"one"),
        Frame(NOW_NS, Kind.TICKER, b"two"),
        Frame(NOW_NS + 9, Kind.DEPTH, b"3"),
    ]
    venue = BenchVenue(frames, market.snapshot)
    sent: list[tuple[int, bytes]] = []
    kinds: list[Kind] = []
    venue.send = lambda connection, payload: sent.append((connection, payload))
    venue.on_frame = kinds.append
    assert venue.next_event_ns() is None
    venue.open(STREAM, "/stream?streams=btcusdt@trade", NOW_NS)
    moments = []
    while (due_ns := venue.next_event_ns()) is not None:
        moments.append(due_ns - NOW_NS)
        venue.advance(due_ns)
    assert moments == [0, 1, 9]
    assert sent == [(STREAM, frame.payload) for frame in frames]
    assert kinds == [frame.kind for frame in frames]
    assert venue.is_over


def test_an_order_is_acknowledged_accepted_and_expired_at_once(market: Market) -> None:
    venue = BenchVenue((), market.snapshot)
    sent: list[bytes] = []
    venue.send = lambda _connection, payload: sent.append(payload)
    order = SubmitOrder(
        7, "t1-1-7", 0, Side.BUY, OrderType.LIMIT, TimeInForce.IOC, False, 6_168_599, 200_000, shrinks=False
    )
    encoder = RequestEncoder({0: market.instrument}, signer_of(venue.keys.ed25519))
    payload, _ = encoder.place(5, order, NOW_NS)
    venue.receive(API, payload, NOW_NS)
    answer, *events = [decode_api(payload) for payload in sent]
    assert (answer.id, answer.status) == (5, 200)
    executions = Executions([market.instrument], Requests())
    reports = [executions.report(decode_execution(event.event), NOW_NS) for event in events]
    assert reports == [[Accepted("t1-1-7", "1", NOW_NS)], [Expired("t1-1-7", 0, NOW_NS)]]
    assert venue.orders_count == 1


def test_everything_else_is_the_simulator_s(market: Market) -> None:
    venue = BenchVenue((), market.snapshot)
    bodies: list[tuple[int, bytes]] = []
    venue.request("GET", "/api/v3/depth?symbol=BTCUSDT&limit=5000", NOW_NS, lambda *answer: bodies.append(answer))
    venue.request("GET", "/api/v3/exchangeInfo", NOW_NS, lambda *answer: bodies.append(answer))
    assert bodies[0] == (200, market.snapshot)
    assert bodies[1][0] == 200
    assert b'"BTCUSDT"' in bodies[1][1]
    assert set(BALANCES) == {market.instrument.base, market.instrument.quote}


def test_the_market_is_one_session_in_order(market: Market) -> None:
    decode = decoder(market).decode
    assert [frame.kind for frame in market.frames].count(Kind.SNAPSHOT) == 1
    assert {frame.kind for frame in market.streamed()} == {Kind.DEPTH, Kind.TICKER, Kind.TRADE}
    assert all(decode(frame.payload, frame.time_ns) for frame in market.streamed())
    assert [frame.time_ns for frame in market.frames] == sorted(frame.time_ns for frame in market.frames)
    assert market.instrument.venue == VENUE
