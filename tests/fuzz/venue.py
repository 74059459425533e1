"""What a venue sends: stream frames, snapshots, its rules, the private session. Nonsense has one error."""

from __future__ import annotations

import json

from engine.errors import UsageError, VenueProtocolError
from engine.messages.best_price import BestPrice
from engine.messages.market import BookDelta, Side, Trade
from engine.messages.orders import AmendOrder, CancelOrder, OrderType, QueryOrder, SubmitOrder, TimeInForce
from gateways.binance.account import Account
from gateways.binance.market import MarketDecoder, parse_exchange_info, parse_rate_limits
from gateways.binance.requests import RequestKind
from gateways.binance.simulator import BinanceSimulator, SimulatorOptions
from hotpath.market.book import Book
from tests.contract.binance_venue import BTC, DEPTH, TICKER, TRADE, answer, canceled, event, fill, refusal, report
from tests.fuzz.target import Target, outcome, recorded

NOW_NS = 1_723_161_255_000_000_000
RECORDING = "binance_spot/spot_btcusdt_20240808.gz"
SNAPSHOT = b'{"lastUpdateId":1027024,"bids":[["4.00","431.00000000"]],"asks":[["4.02","12.00000000"],["5","1"]]}'


def check_stream(data: bytes) -> str:
    """Decode a frame; a change of the book is applied to one."""
    try:
        message = MarketDecoder("binance_spot", [BTC]).decode(data, NOW_NS)
    except VenueProtocolError as problem:
        return outcome(problem)
    assert isinstance(message, BestPrice | BookDelta | Trade), f"a message that no stream sends: {message!r}"
    if isinstance(message, BookDelta):
        book = Book()
        book.apply(message.bids, message.asks)
        book.check()
    return type(message).__name__


def check_snapshot(data: bytes) -> str:
    """Decode a snapshot and load it."""
    try:
        snapshot = MarketDecoder("binance_spot", [BTC]).decode_snapshot(BTC, data, NOW_NS)
    except VenueProtocolError as problem:
        return outcome(problem)
    book = Book()
    book.load(snapshot.bids, snapshot.asks)
    book.check()
    return f"{min(sum(book.counts()), 20)} levels"


def check_rules(data: bytes) -> str:
    """Read the venue's rules: its instruments and its rate limits."""
    words = []
    for read in (_instruments, _rate_limits):
        try:
            words.append(read(data))
        except (VenueProtocolError, UsageError) as problem:  # the second: our instrument is not listed
            words.append(outcome(problem))
    return " ".join(words)


def _instruments(data: bytes) -> str:
    (instrument,) = parse_exchange_info(data, "binance_spot", ["BTCUSDT"])
    assert instrument.symbol == "BTCUSDT"
    return f"{instrument.scale!r}"


def _rate_limits(data: bytes) -> str:
    return f"{min(len(parse_rate_limits(data, 'binance_spot')), 9)} limits"


def check_account(data: bytes) -> str:
    """Receive a frame of the private session while every kind of request is in flight."""
    account = Account("binance_spot", [BTC], logs_on=True)
    begin = account.requests.begin
    terms = (0, Side.BUY, OrderType.LIMIT, TimeInForce.GTC, False, 1, 1, False)
    begin(RequestKind.PLACE, SubmitOrder(1, "t1-1-1", *terms), NOW_NS)
    begin(RequestKind.CANCEL, CancelOrder(1, "t1-1-1", 0), NOW_NS)
    begin(RequestKind.AMEND, AmendOrder(1, "t1-1-1", "t1-1-2", *terms), NOW_NS)
    begin(RequestKind.QUERY, QueryOrder(1, "t1-1-1", 0), NOW_NS)
    begin(RequestKind.LOGON, None, NOW_NS)
    begin(RequestKind.SUBSCRIBE, None, NOW_NS)
    try:
        reports = account.receive(data, NOW_NS)
    except VenueProtocolError as problem:
        return outcome(problem)
    return " ".join(type(one).__name__ for one in reports)


def _frames() -> list[bytes]:
    lines = recorded(RECORDING, 60)
    return [DEPTH, TICKER, TRADE, *(line for line in lines if line.startswith(b'{"stream"') and len(line) < 20_000)]


def _snapshots() -> list[bytes]:
    lines = recorded(RECORDING, 12)
    own = [SNAPSHOT, b'{"lastUpdateId":0,"bids":[],"asks":[]}']
    return [*own, *(line for line in lines if b"lastUpdateId" in line[:20])]


def _rules() -> list[bytes]:
    bodies: list[bytes] = []
    venue = BinanceSimulator.synthetic(SimulatorOptions(seed=1))
    venue.request("GET", "/api/v3/exchangeInfo", NOW_NS, lambda _status, body: bodies.append(body))
    return bodies


def _session() -> list[bytes]:
    """Return events, a yes and a no to each request in flight, and every example of the venue's documentation."""
    events = [report("NEW", "t1-1-1"), fill("t1-1-1"), canceled("t1-1-1"), report("REPLACED", "t1-1-2", C="t1-1-1")]
    events.append(event("outboundAccountPosition", B=[{"a": "BTC", "f": "1.00000000", "l": "0.00000000"}]))
    answers = [answer(number, {"status": "FILLED", "orderId": 42}) for number in range(1, 7)]
    refusals = [refusal(number, 400, -2010) for number in range(1, 7)] + [
        refusal(None, 429, -1003, data={"retryAfter": 1})
    ]
    examples = [json.loads(line)["json"] for line in recorded("binance_spot/message_examples.jsonl", 400)]
    wrapped = [{"event": one} if "e" in one else one for one in examples if isinstance(one, dict)]
    return events + answers + refusals + [json.dumps(one).encode() for one in wrapped]


TARGETS = (
    Target("stream", _frames, check_stream),
    Target("snapshot", _snapshots, check_snapshot),
    Target("rules", _rules, check_rules),
    Target("account", _session, check_account),
)
