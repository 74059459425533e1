"""Market frames: the recording is read to the last level, and every broken frame names what is wrong with it."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import UsageError, VenueProtocolError
from engine.instruments import Instrument
from engine.messages.best_price import BestPrice
from engine.messages.market import BookDelta, Side, Trade
from gateways.binance.market import (
    MarketDecoder,
    parse_exchange_info,
    parse_rate_limits,
    snapshot_path,
    stream_path,
)
from gateways.binance.schema import ServerShutdown
from gateways.throttle import RateLimit
from hotpath.core.units import Scale
from hotpath.market.book import Book

NOW = 1_723_161_255_000_000_000
BTC = Instrument(
    0, "binance_spot", "BTCUSDT", "BTC", "USDT", Scale(2, 8), 1, 1_000, 1_000, 10**12, 10**12, 1, 10**8, 10**9, True
)
TICKER = (
    b'{"stream":"btcusdt@bookTicker","data":{"u":50093239212,"s":"BTCUSDT","b":"61837.63000000",'
    b'"B":"3.78826000","a":"61837.64000000","A":"1.54698000"}}'
)
DEPTH = (
    b'{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1723161255308,"s":"BTCUSDT","U":50093239203,'
    b'"u":50093239207,"b":[["55653.87000000","0.00000000"]],"a":[["61838.04000000","0.32332000"]]}}'
)
TRADE = (
    b'{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161255343,"s":"BTCUSDT","t":3735683259,'
    b'"p":"61837.63000000","q":"0.02000000","T":1723161255342,"m":true,"M":true}}'
)
SNAPSHOT = b'{"lastUpdateId":5,"bids":[["4.00000000","431.00000000"]],"asks":[["4.00000000","12.00000000"]]}'


def decode(payload: bytes) -> object:
    return MarketDecoder("binance_spot", [BTC]).decode(payload, NOW)


def test_a_best_price_is_in_ticks_and_lots() -> None:
    price = decode(TICKER)
    assert isinstance(price, BestPrice)
    assert (price.instrument, price.update_id, price.time_ns) == (0, 50093239212, NOW)
    assert (price.bid_ticks, price.bid_lots) == (6183763, 378826000)
    assert (price.ask_ticks, price.ask_lots) == (6183764, 154698000)


def test_a_delta_carries_its_levels() -> None:
    delta = decode(DEPTH)
    assert isinstance(delta, BookDelta)
    assert (delta.first_id, delta.last_id, delta.time_ns) == (50093239203, 50093239207, NOW)
    assert list(delta.bids) == [(5565387, 0)]
    assert list(delta.asks) == [(6183804, 32332000)]


@pytest.mark.parametrize(("buyer_is_maker", "side"), [(b"true", Side.SELL), (b"false", Side.BUY)])
def test_a_trade_has_the_side_of_its_aggressor(buyer_is_maker: bytes, side: Side) -> None:
    trade = decode(TRADE.replace(b'"m":true', b'"m":' + buyer_is_maker))
    assert trade == Trade(0, 3735683259, 6183763, 2000000, side, NOW, BTC.scale)


def test_a_snapshot_is_the_whole_book() -> None:
    snapshot = MarketDecoder("binance_spot", [BTC]).decode_snapshot(BTC, SNAPSHOT, NOW)
    assert (snapshot.instrument, snapshot.last_id) == (0, 5)
    assert list(snapshot.bids) == [(400, 43100000000)]


def test_an_announced_shutdown_is_recognised() -> None:
    assert isinstance(
        decode(b'{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}'), ServerShutdown
    )


def test_a_crossed_best_price_passes_because_feed_judges_it() -> None:
    crossed = decode(TICKER.replace(b'"a":"61837.64', b'"a":"61837.60'))
    assert isinstance(crossed, BestPrice)
    assert crossed.bid_ticks > crossed.ask_ticks


def test_an_empty_side_is_zero_at_zero() -> None:
    payload = TICKER.replace(b"61837.64000000", b"0.00000000").replace(b"1.54698000", b"0.00000000")
    empty = decode(payload)
    assert isinstance(empty, BestPrice)
    assert (empty.ask_ticks, empty.ask_lots) == (0, 0)


def test_paths_name_every_stream_and_the_whole_book() -> None:
    assert stream_path([BTC]) == "/stream?streams=btcusdt@depth@100ms/btcusdt@bookTicker/btcusdt@trade"
    assert snapshot_path(BTC) == "/api/v3/depth?symbol=BTCUSDT&limit=5000"


BROKEN = {
    "truncated": TICKER[:-1],
    "bad JSON": TICKER.replace(b'"s":', b'"s"'),
    "missing field": TICKER.replace(b'"u":50093239212,', b""),
    "field of another type": TICKER.replace(b"50093239212", b'"50093239212"'),
    "id with a fraction": TICKER.replace(b"50093239212", b"1.5"),
    "id beyond int64": TICKER.replace(b"50093239212", b"9223372036854775808"),
    "negative id": TICKER.replace(b"50093239212", b"-1"),
    "negative quantity": TICKER.replace(b'"3.78826000"', b'"-3.78826000"'),
    "NaN quantity": TICKER.replace(b'"3.78826000"', b'"NaN"'),
    "empty quantity": TICKER.replace(b'"3.78826000"', b'""'),
    "exponent": TICKER.replace(b'"3.78826000"', b'"3e2"'),
    "infinite price": TICKER.replace(b'"61837.63000000"', b'"Infinity"'),
    "price finer than printed": TICKER.replace(b"61837.63000000", b"61837.63500000"),
    "quantity finer than printed": TICKER.replace(b"3.78826000", b"3.788260001"),
    "price beyond int64": TICKER.replace(b"61837.63000000", b"618376300000000000000"),
    "price without quantity": TICKER.replace(b"3.78826000", b"0.00000000"),
    "quantity without price": TICKER.replace(b"61837.63000000", b"0.00000000"),
    "another symbol": TICKER.replace(b"BTCUSDT", b"ETHUSDT"),
    "another symbol in depth": DEPTH.replace(b"BTCUSDT", b"ETHUSDT"),
    "another symbol in trade": TRADE.replace(b"BTCUSDT", b"ETHUSDT"),
    "first id above last": DEPTH.replace(b"50093239203", b"50093239208"),
    "levels that are no array": DEPTH.replace(b'[["55653.87000000","0.00000000"]]', b"17"),
    "level with one number": DEPTH.replace(b'["55653.87000000","0.00000000"]', b'["55653.87000000"]'),
    "level of negative quantity": DEPTH.replace(b'"0.32332000"', b'"-0.32332000"'),
    "level at price zero": DEPTH.replace(b'"61838.04000000"', b'"0.00000000"'),
    "level of numbers": DEPTH.replace(b'"0.32332000"', b"0.32332000"),
    "trade of nothing": TRADE.replace(b'"0.02000000"', b'"0.00000000"'),
    "trade for nothing": TRADE.replace(b'"61837.63000000"', b'"0.00000000"'),
    "maker flag that is no boolean": TRADE.replace(b'"m":true', b'"m":1'),
    "invalid UTF-8": TICKER.replace(b"3.78826000", b"\xff\xfe"),
    "hostile nesting": TICKER[:-1] + b',"x":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
}


@pytest.mark.parametrize("payload", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_frame_names_stream_and_symbol_and_shows_a_bounded_excerpt(payload: bytes) -> None:
    with pytest.raises(VenueProtocolError) as caught:
        decode(payload)
    text = str(caught.value)
    assert text.startswith("binance_spot: stream btcusdt@")
    assert "USDT" in text
    assert len(text) < 600


@pytest.mark.parametrize(
    "payload", [b"", b"{}", b"[]", b'{"result":null,"id":1}', TICKER.replace(b"btcusdt@", b"ethusdt@"), b"\x00" * 64]
)
def test_a_frame_of_an_unknown_stream_is_refused(payload: bytes) -> None:
    with pytest.raises(VenueProtocolError, match="no stream that we read"):
        decode(payload)


def test_a_stream_is_known_by_its_whole_name_whichever_came_before() -> None:
    decoder = MarketDecoder("binance_spot", [BTC])
    told = [decoder.decode(frame, NOW) for frame in (TICKER, TICKER, DEPTH, TRADE, TRADE, TICKER)]
    assert list(map(type, told)) == [BestPrice, BestPrice, BookDelta, Trade, Trade, BestPrice]
    for name in (b"btcusdt@bookTickers", b"btcusdt@bookTicke", b"tcusdt@bookTicker", b""):
        with pytest.raises(VenueProtocolError, match="no stream"):
            decoder.decode(TICKER.replace(b"btcusdt@bookTicker", name), NOW)
    with pytest.raises(VenueProtocolError, match="no stream"):
        decoder.decode(TICKER[: TICKER.index(b'","data"')], NOW)
    assert isinstance(decoder.decode(TICKER, NOW), BestPrice)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        SNAPSHOT[:-2],
        SNAPSHOT.replace(b"431.0", b"-431.0"),
        SNAPSHOT.replace(b"4.00000000", b"4.00100000"),
        SNAPSHOT.replace(b'"lastUpdateId":5', b'"lastUpdateId":99999999999999999999'),
    ],
)
def test_a_broken_snapshot_names_its_instrument(body: bytes) -> None:
    with pytest.raises(VenueProtocolError, match="snapshot of binance_spot:BTCUSDT"):
        MarketDecoder("binance_spot", [BTC]).decode_snapshot(BTC, body, NOW)


def test_the_recording_is_read_to_its_final_book(shared_data: Callable[[str], Path]) -> None:
    decoder = MarketDecoder("binance_spot", [BTC])
    book = Book()
    counts = {BookDelta: 0, BestPrice: 0, Trade: 0}
    last_id = 0
    deltas: list[BookDelta] = []
    with gzip.open(shared_data("binance_spot/spot_btcusdt_20240808.gz")) as lines:
        for line in lines:
            payload = line.rstrip(b"\n").split(b" ", 1)[1]
            if payload.startswith(b'{"lastUpdateId"'):
                snapshot = decoder.decode_snapshot(BTC, payload, NOW)
                book.load(snapshot.bids, snapshot.asks)
                last_id = snapshot.last_id
                continue
            message = decoder.decode(payload, NOW)
            assert message is not None
            assert not isinstance(message, ServerShutdown)
            counts[type(message)] += 1
            if isinstance(message, BookDelta):
                deltas.append(message)
    for delta in deltas:
        if delta.last_id > last_id:
            book.apply(delta.bids, delta.asks)
            last_id = delta.last_id
    assert counts == {BookDelta: 3_451, BestPrice: 28_040, Trade: 9_757}
    assert last_id == 50093421584
    assert book.best() == (6168599, 100870000, 6168600, 229327000)
    assert book.counts() == (1_209, 2_196)


def exchange_info(shared_data: Callable[[str], Path]) -> bytes:
    content = gzip.decompress(shared_data("binance_spot/exchange_info.gz").read_bytes())
    return content.split(b"\n", 1)[0].split(b": ", 1)[1]


def test_exchange_information_gives_scales_steps_and_bounds(shared_data: Callable[[str], Path]) -> None:
    body = exchange_info(shared_data)
    shiba, bitcoin = parse_exchange_info(body, "binance_spot", ["SHIBUSDT", "BTCUSDT"], first_index=3)
    assert (shiba.index, shiba.symbol, shiba.scale) == (3, "SHIBUSDT", Scale(8, 2))
    assert (bitcoin.index, bitcoin.name, bitcoin.base, bitcoin.quote) == (4, "binance_spot:BTCUSDT", "BTC", "USDT")
    assert bitcoin.scale == Scale(2, 8)
    assert (bitcoin.price_step_ticks, bitcoin.quantity_step_lots, bitcoin.lots_min) == (1, 1_000, 1_000)
    assert (bitcoin.lots_max, bitcoin.market_lots_max) == (9_000 * 10**8, 10_005_381_873)
    assert (bitcoin.price_ticks_min, bitcoin.price_ticks_max) == (1, 100_000_000)
    assert bitcoin.notional_min == 10 * 10**8
    assert bitcoin.trading


def test_exchange_information_gives_the_rate_limits(shared_data: Callable[[str], Path]) -> None:
    assert parse_rate_limits(exchange_info(shared_data), "binance_spot") == [
        RateLimit(False, 1_200, 60_000_000_000),
        RateLimit(True, 50, 10_000_000_000),
        RateLimit(True, 160_000, 86_400_000_000_000),
    ]


def symbol_body(filters: str, status: str = "TRADING") -> bytes:
    return (
        '{"rateLimits":[],"symbols":[{"symbol":"ABCUSDT","status":"' + status + '","baseAsset":"ABC",'
        '"quoteAsset":"USDT","baseAssetPrecision":4,"quotePrecision":6,"filters":[' + filters + "]}]}"
    ).encode()


def test_filters_that_are_off_bind_nothing_and_notional_replaces_min_notional() -> None:
    filters = (
        '{"filterType":"PRICE_FILTER","minPrice":"0","maxPrice":"0","tickSize":"0.0"},'
        '{"filterType":"LOT_SIZE","minQty":"0","maxQty":"0","stepSize":"0"},'
        '{"filterType":"PERCENT_PRICE_BY_SIDE","bidMultiplierUp":"5"},'
        '{"filterType":"NOTIONAL","minNotional":"5.00000000"}'
    )
    (instrument,) = parse_exchange_info(symbol_body(filters, "BREAK"), "binance_spot", ["ABCUSDT"])
    assert instrument.scale == Scale(6, 4)
    assert (instrument.price_step_ticks, instrument.quantity_step_lots, instrument.lots_min) == (1, 1, 1)
    assert instrument.lots_max == instrument.market_lots_max == instrument.price_ticks_max == 2**63 - 1
    assert instrument.notional_min == 5 * 10**8
    assert not instrument.trading


def test_a_step_that_is_no_power_of_ten_keeps_its_ticks() -> None:
    filters = '{"filterType":"PRICE_FILTER","minPrice":"0.0050","maxPrice":"10.0","tickSize":"0.0050"}'
    (instrument,) = parse_exchange_info(symbol_body(filters), "binance_spot", ["ABCUSDT"])
    assert (instrument.scale.price_decimals, instrument.price_step_ticks) == (3, 5)


def test_a_symbol_that_is_not_listed_is_the_users_mistake() -> None:
    with pytest.raises(UsageError, match="does not list XYZUSDT; correct `instruments`"):
        parse_exchange_info(symbol_body(""), "binance_spot", ["ABCUSDT", "XYZUSDT"])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        symbol_body('{"filterType":1}'),
        *(
            symbol_body(f'{{"filterType":"PRICE_FILTER",{words}}}')
            for words in (
                '"tickSize":"NaN"',
                '"tickSize":"abc"',
                '"tickSize":"1E5000000"',
                '"tickSize":"0.01","minPrice":"-1"',
                '"tickSize":"0.01","minPrice":"2","maxPrice":"1"',
            )
        ),
        *(
            symbol_body(f'{{"filterType":"LOT_SIZE",{words}}}')
            for words in ('"stepSize":"-1"', '"minQty":"-1"', '"maxQty":"-1"', '"minQty":"2","maxQty":"1"')
        ),
        symbol_body('{"filterType":"MARKET_LOT_SIZE","maxQty":"-1"}'),
        symbol_body('{"filterType":"NOTIONAL","minNotional":"-5"}'),
    ],
)
def test_exchange_information_that_makes_no_sense_is_refused(body: bytes) -> None:
    with pytest.raises(VenueProtocolError, match="exchange information"):
        parse_exchange_info(body, "binance_spot", ["ABCUSDT"])


@pytest.mark.parametrize("limit", ['"interval":"WEEK","intervalNum":1,"limit":5', '"interval":"DAY","limit":0'])
def test_a_rate_limit_that_makes_no_sense_is_refused(limit: str) -> None:
    body = ('{"rateLimits":[{"rateLimitType":"ORDERS",' + limit + '}],"symbols":[]}').encode()
    with pytest.raises(VenueProtocolError, match="rate limit"):
        parse_rate_limits(body, "binance_spot")


def test_an_error_of_ours_leaves_a_frame_as_it_is() -> None:
    decoder = MarketDecoder("binance_spot", [BTC])
    with pytest.raises(TypeError) as caught:
        decoder.decode(bytearray(TICKER), NOW)  # type: ignore[arg-type]
    assert caught.value.__cause__ is None
