from collections.abc import Callable
from typing import Any, final

from engine.instruments import Instrument
from engine.runtime.port import InputKind
from gateways.binance.gateway import BinanceGateway
from hotpath.market.best_price import BestPriceScanner
from hotpath.market.depth_update import DepthScanner

HEAD: bytes
DEPTH_STREAM: int
TICKER_STREAM: int
TRADE_STREAM: int

@final
class InstrumentStreams:
    """The three streams of one instrument."""

    ahead_ns: int
    """When a best price first came that no update of the book has followed; 0 when one has."""

    def __init__(self, instrument: Instrument, scanner: BestPriceScanner, depth_scanner: DepthScanner) -> None:
        """Read the streams of `instrument`; the scanners know the usual form of its best prices and updates."""

@final
class Stream:
    """One stream of an instrument."""

    def __init__(self, owner: InstrumentStreams, kind: int) -> None:
        """`kind`: DEPTH_STREAM, TICKER_STREAM or TRADE_STREAM."""

@final
class Streams:
    """Every stream that was asked for."""

    seen_ns: int
    """When the last frame came."""

    def __init__(
        self, streams: dict[bytes, Any], malformed: Callable[[bytes, Exception | None, bytes], Exception]
    ) -> None:
        """Take a Stream, or the message that any frame means, for the bytes up to the end of each stream's name.

        `malformed(head, problem, payload)` makes the error of a broken frame; without a problem its stream is unknown.
        """
    def read(self, payload: bytes, now_ns: int) -> Any:
        """Return the message of one frame, None for a halted instrument; raises what `malformed` makes of a problem."""
    def halt(self, head: bytes) -> None:
        """Read no more of a stream: its frames mean nothing."""

@final
class Frames:
    """The market stream's way from its port to feed."""

    def __init__(self, streams: Streams) -> None:
        """Read frames with `streams`."""
    def connect(self, owner: BinanceGateway) -> None:
        """Pass frames on to the feed of a gateway, while its stream is READY."""
    def on_stream(self, kind: InputKind, payload: bytes) -> None:
        """Take an input of the market stream."""
