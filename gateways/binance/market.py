"""What the venue says in public: stream frames, the REST snapshot and the exchange information, as our messages.

Sans-IO: bytes and a time in, one message out. A frame is recognised by its first bytes, which name the stream, and goes
to the one decoder of that stream. What breaks the venue's own rules is a VenueProtocolError that names stream,
instrument and the first bytes; nothing is repaired. A best price whose bid is not below its ask is no malformed frame
but a market that feed has to judge, so it passes. Numbers finer than their instrument's scale, twice within a minute,
halt that instrument: it is not read any more, because a session that restarts for it for ever blinds the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

import msgspec

from engine.clock import NS_PER_MS, NS_PER_SECOND
from engine.errors import UsageError, VenueProtocolError
from engine.instruments import Instrument
from engine.messages.best_price import BestPrice
from engine.messages.market import BookDelta, BookSnapshot, Trade
from gateways.binance import schema
from gateways.binance.schema import ServerShutdown
from gateways.binance.streams import (
    DEPTH_STREAM,
    HEAD,
    TICKER_STREAM,
    TRADE_STREAM,
    InstrumentStreams,
    Stream,
    Streams,
)
from gateways.throttle import RateLimit
from hotpath.core.units import PrecisionError, Scale, money
from hotpath.market.best_price import BestPriceScanner
from hotpath.market.depth_update import DepthScanner
from hotpath.market.levels import parse_levels

EXCERPT_BYTES_MAX = 160
SNAPSHOT_LEVELS = 5000
SNAPSHOT_WEIGHT = 250
INT64_MAX = 2**63 - 1
IMPRECISE_NS = 60 * NS_PER_SECOND
MALFORMED = (msgspec.MsgspecError, ValueError, OverflowError, RecursionError)
"""What decoders and scales raise for bytes that break the rules; hostile nesting ends in a RecursionError."""

_KINDS = (DEPTH_STREAM, TICKER_STREAM, TRADE_STREAM)
"""In the order of `_stream_names`."""

_INTERVALS_NS = {
    "SECOND": NS_PER_SECOND,
    "MINUTE": 60 * NS_PER_SECOND,
    "HOUR": 3_600 * NS_PER_SECOND,
    "DAY": 86_400 * NS_PER_SECOND,
}


MarketMessage = BookDelta | BestPrice | Trade | ServerShutdown


class ImpreciseError(VenueProtocolError):
    """A number of an instrument is finer than its scale."""

    def __init__(self, text: str, instrument: Instrument) -> None:
        """Keep whose number it was."""
        super().__init__(text)
        self.instrument = instrument


def excerpt(payload: bytes) -> str:
    """Return the first bytes of a payload for an error message, printable and bounded."""
    text = payload[:EXCERPT_BYTES_MAX].decode("ascii", "backslashreplace")
    more = len(payload) - EXCERPT_BYTES_MAX
    return f"{text!r} and {more} bytes more" if more > 0 else repr(text)


def stream_path(instruments: Iterable[Instrument]) -> str:
    """Return the path that subscribes to everything feed needs of these instruments."""
    names = [name for instrument in instruments for name in _stream_names(instrument.symbol)]
    return "/stream?streams=" + "/".join(names)


def snapshot_path(instrument: Instrument) -> str:
    """Return the path of an instrument's book snapshot."""
    return f"/api/v3/depth?symbol={instrument.symbol}&limit={SNAPSHOT_LEVELS}"


def _stream_names(symbol: str) -> tuple[str, str, str]:
    lower = symbol.lower()
    return f"{lower}@depth@100ms", f"{lower}@bookTicker", f"{lower}@trade"


def _streams_of(instrument: Instrument) -> InstrumentStreams:
    """Return what reads the streams of an instrument; its scanners know the form in which they always come."""
    depth, ticker, _ = _stream_names(instrument.symbol)
    prices = BestPriceScanner(
        f'{{"stream":"{ticker}","data":{{"u":'.encode(),
        f',"s":"{instrument.symbol}","b":"'.encode(),
        b'","B":"',
        b'","a":"',
        b'","A":"',
        b'"}}',
        instrument.scale,
    )
    updates = DepthScanner(
        f'{{"stream":"{depth}","data":{{"e":"depthUpdate","E":'.encode(),
        f',"s":"{instrument.symbol}","U":'.encode(),
        b',"u":',
        b',"b":',
        b',"a":',
        b"}}",
    )
    return InstrumentStreams(instrument, prices, updates)


class MarketDecoder:
    """Frames of the combined stream, and snapshots, of one venue's instruments."""

    def __init__(self, venue: str, instruments: Sequence[Instrument]) -> None:
        """Know the streams of `instruments`."""
        self._venue = venue
        self.halted: dict[int, int] = {}
        """Instruments that are not read any more, and since when."""
        self._imprecise_ns: dict[int, int] = {}
        self._by_symbol: dict[str, InstrumentStreams] = {}
        self._owners: dict[bytes, Instrument] = {}
        streams: dict[bytes, Stream | ServerShutdown | None] = {HEAD + b"!serverShutdown": ServerShutdown()}
        for instrument in instruments:
            owner = self._by_symbol[instrument.symbol] = _streams_of(instrument)
            for name, kind in zip(_stream_names(instrument.symbol), _KINDS, strict=True):
                streams[HEAD + name.encode()] = Stream(owner, kind)
                self._owners[HEAD + name.encode()] = instrument
        self.streams = Streams(streams, self._malformed_frame)
        self.decode: Callable[[bytes, int], MarketMessage | None] = self.streams.read
        """Returns the message of one frame that came at a time, None for a halted instrument.

        Raises VenueProtocolError when the frame breaks the venue's rules, or belongs to no stream that was asked for.
        """

    def decode_snapshot(self, instrument: Instrument, body: bytes, now_ns: int) -> BookSnapshot:
        """Return the book of a snapshot's answer.

        Raises:
            VenueProtocolError: the body breaks the venue's rules.
        """
        try:
            snapshot = schema.decode_snapshot(body)
            bids = parse_levels(snapshot.bids, instrument.scale)
            asks = parse_levels(snapshot.asks, instrument.scale)
        except MALFORMED as problem:
            raise self._malformed(f"snapshot of {instrument.name}", problem, body, instrument) from problem
        return BookSnapshot(instrument.index, snapshot.last_id, bids, asks, now_ns)

    def opened(self, now_ns: int) -> None:
        """Begin anew to look for silence."""
        self.streams.seen_ns = now_ns
        for streams in self._by_symbol.values():
            streams.ahead_ns = 0

    def silence(self, now_ns: int, quiet_ns_max: int) -> str:
        """Return why the connection must be opened anew: no frame at all, or a book that has stopped; or nothing."""
        quiet_ns = now_ns - self.streams.seen_ns
        if quiet_ns > quiet_ns_max:
            return f"no frame for {quiet_ns // NS_PER_MS} ms"
        for symbol, streams in self._by_symbol.items():
            if streams.ahead_ns and now_ns - streams.ahead_ns > quiet_ns_max:
                text = f"{(now_ns - streams.ahead_ns) // NS_PER_MS} ms"
                return f"no update of the book of {symbol} for {text} in which its best price moved"
        return ""

    def judge(self, problem: VenueProtocolError, now_ns: int) -> VenueProtocolError:
        """Halt the instrument whose scale was broken for the second time in a minute; returns what to say."""
        if not isinstance(problem, ImpreciseError):
            return problem
        index = problem.instrument.index
        last_ns = self._imprecise_ns.get(index)
        self._imprecise_ns[index] = now_ns
        if last_ns is None or now_ns - last_ns > IMPRECISE_NS:
            return problem
        self.halted[index] = now_ns
        for head, owner in self._owners.items():
            if owner.index == index:
                self.streams.halt(head)
        halted = f"{problem.instrument.name} is halted: the second number finer than its scale within 60 s"
        return VenueProtocolError(f"{halted}; start anew to read the instrument anew; {problem}")

    def _malformed_frame(self, head: bytes, problem: Exception | None, payload: bytes) -> Exception:
        """Return what to raise for a frame: an error of ours stays what it is."""
        if problem is None:
            known = ", ".join(name[len(HEAD) :].decode() for name in self._owners)
            return VenueProtocolError(f"{self._venue}: a frame of no stream that we read ({known}): {excerpt(payload)}")
        if not isinstance(problem, MALFORMED):
            return problem
        return self._malformed(f"stream {head[len(HEAD) :].decode()}", problem, payload, self._owners[head])

    def _malformed(self, where: str, problem: Exception, payload: bytes, instrument: Instrument) -> VenueProtocolError:
        text = f"{self._venue}: {where}: {problem}; the bytes were {excerpt(payload)}"
        return ImpreciseError(text, instrument) if isinstance(problem, PrecisionError) else VenueProtocolError(text)


# ---- exchange information


def parse_exchange_info(body: bytes, venue: str, symbols: Sequence[str], first_index: int = 0) -> list[Instrument]:
    """Return an Instrument for each of `symbols`, in their order, numbered from `first_index`.

    A tick has the decimals of the price step, a lot those of the base asset. PERCENT_PRICE filters are not read: they
    move with the market, and our own price collar is tighter. A filter that the venue leaves out or sets to 0 is off.

    Raises:
        UsageError: a symbol that the venue does not list.
        VenueProtocolError: the body is not exchange information.
    """
    info = _exchange_info(body, venue)
    listed = {symbol.symbol: symbol for symbol in info.symbols}
    missing = [symbol for symbol in symbols if symbol not in listed]
    if missing:
        names = ", ".join(missing)
        raise UsageError(f"{venue} does not list {names}; correct `instruments` (it lists {len(listed)} symbols)")
    instruments = []
    for index, symbol in enumerate(symbols, first_index):
        try:
            instruments.append(_instrument(index, venue, listed[symbol]))
        except (ValueError, ArithmeticError) as problem:
            raise VenueProtocolError(f"{venue}: exchange information of {symbol}: {problem}") from problem
    return instruments


def parse_rate_limits(body: bytes, venue: str) -> list[RateLimit]:
    """Return the venue's limits of request weight and of orders.

    RAW_REQUESTS is not read: every request weighs at least 1, and the weight limit is the tighter of the two.
    """
    limits = []
    for limit in _exchange_info(body, venue).rate_limits:
        if limit.type not in ("REQUEST_WEIGHT", "ORDERS"):
            continue
        unit_ns = _INTERVALS_NS.get(limit.interval)
        if unit_ns is None or limit.interval_count < 1 or limit.limit < 1:
            text = f"{limit.limit} in {limit.interval_count} {limit.interval!r}"
            raise VenueProtocolError(f"{venue}: a rate limit of {text}; expected both numbers above 0 and a known unit")
        limits.append(RateLimit(limit.type == "ORDERS", limit.limit, limit.interval_count * unit_ns))
    return limits


def _exchange_info(body: bytes, venue: str) -> schema.ExchangeInfo:
    try:
        return schema.decode_exchange_info(body)
    except MALFORMED as problem:
        text = f"{venue}: exchange information: {problem}; the bytes were {excerpt(body)}"
        raise VenueProtocolError(text) from problem


def _instrument(index: int, venue: str, info: schema.SymbolInfo) -> Instrument:
    filters = {item.type: item for item in info.filters}
    off = schema.Filter("")
    price = filters.get("PRICE_FILTER", off)
    lot = filters.get("LOT_SIZE", off)
    market_lot = filters.get("MARKET_LOT_SIZE", off)
    notional = filters.get("NOTIONAL") or filters.get("MIN_NOTIONAL", off)
    scale = Scale(_decimals(price.price_step, info.quote_decimals), info.base_decimals)
    lots_max = scale.lots(lot.quantity_max) or INT64_MAX
    instrument = Instrument(
        index=index,
        venue=venue,
        symbol=info.symbol,
        base=info.base,
        quote=info.quote,
        scale=scale,
        price_step_ticks=scale.price_ticks(price.price_step) or 1,
        quantity_step_lots=scale.lots(lot.quantity_step) or 1,
        lots_min=scale.lots(lot.quantity_min) or 1,
        lots_max=lots_max,
        market_lots_max=min(scale.lots(market_lot.quantity_max) or lots_max, lots_max),
        price_ticks_min=scale.price_ticks(price.price_min) or 1,
        price_ticks_max=scale.price_ticks(price.price_max) or INT64_MAX,
        notional_min=money(notional.notional_min),
        trading=info.status == "TRADING",
    )
    _check_bounds(instrument)
    return instrument


def _check_bounds(instrument: Instrument) -> None:
    """Refuse filters that nothing could pass, or everything: checks of our orders rest on them."""
    at_least = (
        ("tickSize", instrument.price_step_ticks, 1),
        ("stepSize", instrument.quantity_step_lots, 1),
        ("minPrice", instrument.price_ticks_min, 1),
        ("maxPrice", instrument.price_ticks_max, instrument.price_ticks_min),
        ("minQty", instrument.lots_min, 1),
        ("maxQty", instrument.lots_max, instrument.lots_min),
        ("maxQty of MARKET_LOT_SIZE", instrument.market_lots_max, 1),
        ("minNotional", instrument.notional_min, 0),
    )
    for name, value, least in at_least:
        if value < least:
            raise ValueError(f"{name} is {value} units of its scale; expected at least {least}")


def _decimals(step: str, otherwise: int) -> int:
    """Return how many decimals a step has that are not trailing zeros; `otherwise` when the filter is off."""
    exact = Decimal(step)
    if not exact.is_finite() or exact < 0:
        raise ValueError(f"a price step of {step!r}")
    if exact == 0:
        return otherwise
    return max(0, -int(exact.normalize().as_tuple().exponent))
