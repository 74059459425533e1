"""The simulated venue: streams, REST, recordings byte for byte, and a run that is a function of its seed."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from engine.errors import UsageError
from gateways.binance.simulator import BinanceSimulator, SimulatorOptions
from gateways.binance.simulator_rules import Limits
from tests.unit.gateways.binance.simulated import (
    ALL_STREAMS,
    API,
    MS_NS,
    SNAPSHOT,
    START_NS,
    STREAMS,
    SimulatedClient,
    capture,
    depth,
    ticker,
    trade,
)

FRAMES = (
    depth(5, 8, [("90.00", "1.0")], []),
    ticker(9, "100.00", "5.0", "102.00", "3.0"),
    SNAPSHOT,
    depth(9, 12, [("100.00", "4.0")], [("104.00", "1.0")]),
    trade(1, "100.00", "0.5", buyer_is_maker=True),
)
DEPTH = "/api/v3/depth?symbol=BTCUSDT&limit=5000"


@pytest.fixture
def client(tmp_path: Path) -> SimulatedClient:
    """Return a client of a short recording, before anybody listens."""
    return SimulatedClient(BinanceSimulator.recorded([capture(tmp_path / "capture.txt", *FRAMES)]))


@pytest.fixture
def synthetic() -> SimulatedClient:
    """Return a client of a synthetic market."""
    return SimulatedClient(BinanceSimulator.synthetic(SimulatorOptions(seed=4)))


def frames_heard(client: SimulatedClient) -> list[bytes]:
    """Return what the stream connection heard."""
    return [payload for connection, payload in client.heard if connection == STREAMS]


# ---- recordings


def test_recorded_lines_go_out_byte_for_byte_at_their_times(client: SimulatedClient) -> None:
    client.listen()
    assert client.venue.next_event_ns() == client.venue.first_ns == START_NS
    client.play(0)
    assert frames_heard(client) == [FRAMES[0].encode()]
    assert client.venue.next_event_ns() == START_NS + MS_NS
    client.play_all()
    assert frames_heard(client) == [frame.encode() for frame in FRAMES if frame != SNAPSHOT]


def test_nothing_is_played_before_somebody_listens_and_then_it_catches_up(client: SimulatedClient) -> None:
    assert client.venue.next_event_ns() is None
    client.play(60_000)
    client.listen("/stream")
    assert client.venue.next_event_ns() is None
    client.venue.receive(STREAMS, b'{"method":"SUBSCRIBE","params":["btcusdt@trade"],"id":1}', client.now_ns)
    assert client.venue.next_event_ns() == START_NS
    client.play(0)
    assert frames_heard(client) == [b'{"result":null,"id":1}', FRAMES[4].encode()]


def test_only_what_was_subscribed_is_heard(client: SimulatedClient) -> None:
    client.listen("/stream?streams=btcusdt@bookTicker/ethusdt@trade")
    client.play_all()
    assert frames_heard(client) == [FRAMES[1].encode()]


def test_a_snapshot_asked_for_early_comes_at_its_place(client: SimulatedClient) -> None:
    answers: list[tuple[int, bytes, int]] = []
    client.listen()
    for _ in range(2):
        client.venue.request(
            "GET", DEPTH, client.now_ns, lambda status, body: answers.append((status, body, len(client.heard)))
        )
    client.play_all()
    assert answers == [(200, SNAPSHOT.encode(), 2)] * 2


def test_the_first_late_request_gets_the_recorded_snapshot_and_the_next_the_book_of_its_moment(
    client: SimulatedClient,
) -> None:
    client.listen()
    client.play_all()
    assert client.get(DEPTH) == (200, msgspec.json.decode(SNAPSHOT))
    status, book = client.get(DEPTH)
    assert (status, book["lastUpdateId"]) == (200, 12)
    assert book["bids"] == [["100.00000000", "4.00000000"], ["99.00000000", "5.00000000"]]
    assert book["asks"][-1] == ["104.00000000", "1.00000000"]


def test_the_end_closes_every_stream_with_1000_and_leaves_the_api(client: SimulatedClient) -> None:
    client.log_on()
    client.listen()
    client.play_all()
    assert client.closes == [(STREAMS, 1000)]
    assert client.call("ping")["status"] == 200
    client.listen()
    assert client.closes == [(STREAMS, 1000)] * 2


def test_a_line_that_nobody_can_read_is_the_client_s_to_judge(tmp_path: Path) -> None:
    bad = '{"stream":"btcusdt@depth@100ms","data":{"s":"BTCUSDT","U":1}}'
    venue = BinanceSimulator.recorded([capture(tmp_path / "capture.txt", SNAPSHOT, bad, "{}", '{"lastUpdateId":"x"}')])
    client = SimulatedClient(venue)
    client.listen()
    client.play_all()
    assert frames_heard(client) == [bad.encode()]


def test_a_session_without_a_snapshot_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no REST depth snapshot"):
        BinanceSimulator.recorded([capture(tmp_path / "capture.txt", FRAMES[0])])


def test_a_recording_may_begin_on_any_clock_when_somebody_listens(tmp_path: Path) -> None:
    path = capture(tmp_path / "capture.txt", *FRAMES)
    later_ns = START_NS + 10**18
    client = SimulatedClient(BinanceSimulator.recorded([path], begins_when_heard=True), now_ns=later_ns)
    client.venue.advance(later_ns)
    assert client.venue.next_event_ns() is None
    client.listen()
    assert client.venue.next_event_ns() == later_ns
    client.play_all()
    assert len(frames_heard(client)) == len(FRAMES) - 1


def test_a_snapshot_that_never_comes_is_answered_by_503(tmp_path: Path) -> None:
    path = capture(tmp_path / "capture.txt", FRAMES[0], '{"x":"","lastUpdateId":1}')
    client = SimulatedClient(BinanceSimulator.recorded([path]))
    answers: list[int] = []
    client.listen()
    client.venue.request("GET", DEPTH, client.now_ns, lambda status, _body: answers.append(status))
    client.play_all()
    assert answers == [503]


def test_an_instrument_that_the_venue_does_not_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="it lists BTCUSDT, ETHUSDT"):
        BinanceSimulator.recorded([capture(tmp_path / "capture.txt", SNAPSHOT)], symbol="XRPUSDT")


def test_the_recording_is_replayed_whole(shared_data: Callable[[str], Path]) -> None:
    path = shared_data("binance_spot/spot_btcusdt_20240808.gz")
    client = SimulatedClient(BinanceSimulator.recorded([path]), now_ns=0)
    client.listen()
    client.play_all()
    with gzip.open(path) as file:
        lines = [line.rstrip(b"\n").partition(b" ")[2] for line in file]
    assert frames_heard(client) == [line for line in lines if not line.startswith(b'{"lastUpdateId"')]
    client.get(DEPTH)
    _, book = client.get(DEPTH)
    assert (book["lastUpdateId"], len(book["bids"]), len(book["asks"])) == (50093421584, 1_209, 2_196)
    assert (book["bids"][0], book["asks"][0]) == (["61685.99000000", "1.00870000"], ["61686.00000000", "2.29327000"])


# ---- streams


def test_subscriptions_can_be_listed_and_ended(synthetic: SimulatedClient) -> None:
    synthetic.listen()
    receive = synthetic.venue.receive
    receive(STREAMS, b'{"method":"UNSUBSCRIBE","params":["btcusdt@trade","x@y"],"id":1}', START_NS)
    receive(STREAMS, b'{"method":"LIST_SUBSCRIPTIONS","id":"a"}', START_NS)
    assert synthetic.contents(STREAMS) == [
        {"result": None, "id": 1},
        {"result": ["btcusdt@depth@100ms", "btcusdt@bookTicker"], "id": "a"},
    ]
    synthetic.heard.clear()
    synthetic.play(2_000)
    streams = {content["stream"] for content in synthetic.contents(STREAMS)}
    assert streams == {"btcusdt@depth@100ms", "btcusdt@bookTicker"}


@pytest.mark.parametrize(
    ("payload", "code"),
    [(b"{", 3), (b'{"method":"X","id":1}', 2), (b'{"method":"SUBSCRIBE","params":[1],"id":1}', 2)],
)
def test_a_stream_request_that_makes_no_sense_is_answered_by_an_error(
    synthetic: SimulatedClient, payload: bytes, code: int
) -> None:
    synthetic.listen()
    synthetic.venue.receive(STREAMS, payload, START_NS)
    [answer] = synthetic.contents(STREAMS)
    assert answer["code"] == code


def test_an_unknown_path_is_closed_with_1008(synthetic: SimulatedClient) -> None:
    synthetic.venue.open(9, "/nowhere", START_NS)
    assert synthetic.closes == [(9, 1008)]


def test_a_connection_that_ended_hears_and_says_nothing(synthetic: SimulatedClient) -> None:
    synthetic.listen()
    synthetic.log_on()
    synthetic.venue.closed(STREAMS, START_NS)
    synthetic.venue.closed(API, START_NS)
    synthetic.heard.clear()
    synthetic.venue.receive(API, b'{"id":1,"method":"ping"}', START_NS)
    synthetic.play(1_000)
    assert synthetic.heard == []


def test_synthetic_frames_are_those_of_the_venue(synthetic: SimulatedClient) -> None:
    synthetic.listen()
    synthetic.play(3_000)
    by_stream = {content["stream"]: content["data"] for content in synthetic.contents(STREAMS)}
    assert list(by_stream["btcusdt@depth@100ms"]) == ["e", "E", "s", "U", "u", "b", "a"]
    assert list(by_stream["btcusdt@bookTicker"]) == ["u", "s", "b", "B", "a", "A"]
    assert list(by_stream["btcusdt@trade"]) == ["e", "E", "s", "t", "p", "q", "T", "m", "M"]


# ---- REST


def test_exchange_information_names_steps_and_bounds(synthetic: SimulatedClient) -> None:
    status, info = synthetic.get("/api/v3/exchangeInfo?symbol=BTCUSDT")
    [symbol] = info["symbols"]
    filters = {one["filterType"]: one for one in symbol["filters"]}
    assert (status, symbol["baseAssetPrecision"], symbol["status"]) == (200, 8, "TRADING")
    assert filters["PRICE_FILTER"]["tickSize"] == "0.01000000"
    assert (filters["LOT_SIZE"]["minQty"], filters["LOT_SIZE"]["maxQty"]) == ("0.00001000", "9000.00000000")
    assert filters["NOTIONAL"]["minNotional"] == "5.00000000"
    assert synthetic.get("/api/v3/exchangeInfo?symbols=%5B%22BTCUSDT%22%5D")[1]["symbols"] == [symbol]
    assert synthetic.get("/api/v3/exchangeInfo")[1]["symbols"] == [symbol]


def test_time_and_ping(synthetic: SimulatedClient) -> None:
    assert synthetic.get("/api/v3/ping") == (200, {})
    assert synthetic.get("/api/v3/time") == (200, {"serverTime": synthetic.now_ms})


def test_depth_is_limited(synthetic: SimulatedClient) -> None:
    _, book = synthetic.get("/api/v3/depth?symbol=BTCUSDT&limit=5")
    assert (len(book["bids"]), len(book["asks"])) == (5, 5)
    assert len(synthetic.get("/api/v3/depth?symbol=BTCUSDT")[1]["bids"]) == 100


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v3/depth", 400, -1102),
        ("/api/v3/depth?symbol=NONE", 400, -1121),
        ("/api/v3/depth?symbol=BTCUSDT&limit=x", 400, -1100),
        ("/api/v3/depth?symbol=BTCUSDT&limit=0", 400, -1130),
        ("/api/v3/exchangeInfo?symbol=NONE", 400, -1121),
        ("/api/v3/exchangeInfo?symbols=x", 400, -1135),
        ("/api/v3/exchangeInfo?symbols=%5B%5D&symbol=BTCUSDT", 400, -1128),
        ("/api/v3/nothing", 404, -1000),
        ("//[", 400, -1100),
        ("http://[::1/api/v3/ping", 400, -1100),
        ("/api/v3/depth?symbol=\udce9", 400, -1100),
    ],
)
def test_a_rest_request_is_refused_in_the_venue_s_words(
    synthetic: SimulatedClient, path: str, status: int, code: int
) -> None:
    found, answer = synthetic.get(path)
    assert (found, answer["code"]) == (status, code)


def test_only_get_is_served(synthetic: SimulatedClient) -> None:
    answers: list[int] = []
    synthetic.venue.request("POST", "/api/v3/ping", START_NS, lambda status, _body: answers.append(status))
    assert answers == [405]


def test_the_weight_of_a_minute_is_limited() -> None:
    options = SimulatorOptions(limits=Limits(weight_minute_max=40))
    client = SimulatedClient(BinanceSimulator.synthetic(options))
    assert [client.get("/api/v3/exchangeInfo")[0] for _ in range(3)] == [200, 200, 429]
    answer = client.get("/api/v3/time")[1]
    assert answer["code"] == -1003
    assert answer["data"]["retryAfter"] == (client.now_ms // 60_000 + 1) * 60_000
    client.play(60_000)
    assert client.get("/api/v3/time")[0] == 200


# ---- determinism


def test_two_venues_of_one_seed_send_the_same_bytes() -> None:
    def run(seed: int) -> list[tuple[int, bytes]]:
        client = SimulatedClient(BinanceSimulator.synthetic(SimulatorOptions(seed=seed)))
        client.listen(ALL_STREAMS)
        client.log_on()
        for place in range(40):
            client.play(97)
            bid = client.get("/api/v3/depth?symbol=BTCUSDT&limit=5")[1]["bids"][0][0]
            client.buy(bid, "0.00100000", f"t1-1-{place}")
        client.order("openOrders.cancelAll")
        client.venue.check()
        return client.heard

    assert run(3) == run(3)
    assert run(3) != run(4)
