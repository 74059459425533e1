"""The market that the rows are measured on: the recording where it is, else the seeded synthetic market.

Recordings lie beside the repository in ../shared/data and are never copied into it (TIERCEL_SHARED_DATA names another
place). Without them the project's own synthetic market stands in, as frames of the same protocol; each figure says
which of the two it was measured on.
"""

from __future__ import annotations

import os
from enum import IntEnum
from functools import cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from engine.instruments import Instrument
from gateways.binance.market import MarketDecoder, snapshot_path, stream_path
from gateways.binance.simulator import BinanceSimulator, SimulatorOptions
from gateways.binance.simulator_rules import listed
from gateways.simulator.market import RecordedLine, lines_of
from gateways.transport.link import path_of

SYMBOL = "BTCUSDT"
VENUE = "binance_spot"
SEED = 20_240_808
RECORDING = "binance_spot/spot_btcusdt_20240808.gz"
SHARED_DATA = Path(os.environ.get("TIERCEL_SHARED_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
SYNTHETIC_START_NS = 1_723_161_253_000_000_000
SYNTHETIC_FRAMES = 40_000
TINY_FRAMES = 1_500


class Kind(IntEnum):
    """What a frame of the market holds."""

    SNAPSHOT = 0
    DEPTH = 1
    TICKER = 2
    TRADE = 3


class Frame(NamedTuple):
    """One message of the venue at its time; a snapshot is the body of a REST answer."""

    time_ns: int
    kind: Kind
    payload: bytes


class Market(NamedTuple):
    """A session of one instrument: one snapshot among the frames, at the place where it was answered."""

    instrument: Instrument
    frames: tuple[Frame, ...]
    source: str

    @property
    def snapshot(self) -> bytes:
        """The body of the snapshot."""
        return next(frame.payload for frame in self.frames if frame.kind is Kind.SNAPSHOT)

    def streamed(self) -> list[Frame]:
        """Return the frames of the stream, without the snapshot."""
        return [frame for frame in self.frames if frame.kind is not Kind.SNAPSHOT]


_STREAMS = {b"depth@100ms": Kind.DEPTH, b"bookTicker": Kind.TICKER, b"trade": Kind.TRADE}


@cache
def load_market(quick: bool) -> Market:
    """Return the recording, or the synthetic market where there is none; the beginning of it for tiny inputs."""
    path = SHARED_DATA / RECORDING
    if path.is_file():
        lines = islice(lines_of(path), TINY_FRAMES if quick else None)
        return Market(listed(SYMBOL), tuple(_frame(line) for line in lines), "recorded market")
    return Market(listed(SYMBOL), _synthetic(TINY_FRAMES if quick else SYNTHETIC_FRAMES), "synthetic market")


def decoder(market: Market) -> MarketDecoder:
    """Return the gateway's decoder for the market's instrument."""
    return MarketDecoder(VENUE, [market.instrument])


def _frame(line: RecordedLine) -> Frame:
    head, _, _ = line.payload[:64].partition(b'","data"')
    return Frame(line.time_ns, _STREAMS.get(head.partition(b"@")[2], Kind.SNAPSHOT), line.payload)


def _synthetic(frames_count: int) -> tuple[Frame, ...]:
    """Listen to a simulated venue until it has said enough."""
    venue = BinanceSimulator.synthetic(SimulatorOptions(seed=SEED))
    now_ns = SYNTHETIC_START_NS
    frames: list[Frame] = []
    venue.send = lambda _connection, payload: frames.append(_frame(RecordedLine(now_ns, payload)))
    instrument = listed(SYMBOL)
    venue.open(1, path_of(stream_path([instrument])), now_ns)
    venue.request(
        "GET",
        snapshot_path(instrument),
        now_ns,
        lambda _status, body: frames.append(Frame(now_ns, Kind.SNAPSHOT, body)),
    )
    while len(frames) < frames_count:
        due_ns = venue.next_event_ns()
        if due_ns is None:
            raise LookupError("the synthetic market came to its end; it has none")
        now_ns = due_ns
        venue.advance(now_ns)
    return tuple(frames)
