"""One step at a time of what every input pays: a hop, a tape frame, a stamp, a latency counted."""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture

from engine.messages.market import Quote
from hotpath.core.frames import FrameBuffer
from hotpath.core.histogram import Histogram, stamp
from hotpath.core.mailbox import ALL, CONFLATE, HALT, MARKET, ORDERS, Dispatcher
from hotpath.core.text import timestamp_text
from hotpath.core.units import Scale

NOW_NS = 1_723_161_253_937_085_768
TICKER = b"x" * 147


class Listener:
    """Counts what it is told."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.count = 0

    def receive(self, _message: object) -> None:
        """Count a message."""
        self.count += 1


def test_one_hop(benchmark: BenchmarkFixture) -> None:
    """Measure telling and draining."""
    dispatcher, listener = Dispatcher(), Listener()
    mailbox = dispatcher.mailbox("hop", listener, {int: listener.receive}, ORDERS, 256, HALT)

    def hop() -> None:
        mailbox.tell(1)
        dispatcher.drain(ALL, ALL, -1)

    benchmark(hop)
    assert listener.count == mailbox.offered > 0


def test_conflate(benchmark: BenchmarkFixture) -> None:
    """Measure a message that takes the place of an older one."""
    dispatcher, listener = Dispatcher(), Listener()
    mailbox = dispatcher.mailbox("quotes", listener, {Quote: listener.receive}, MARKET, 2, CONFLATE)
    quotes = [Quote(0, 1, 1, 2, 1, number, NOW_NS, Scale(2, 8)) for number in range(3)]
    for quote in quotes[:2]:
        mailbox.tell(quote)
    benchmark(mailbox.tell, quotes[2])
    assert mailbox.conflated > 0


def test_append_a_tape_frame(benchmark: BenchmarkFixture) -> None:
    """Measure one best price on its way to the tape."""
    frames = FrameBuffer(1 << 28)

    def append() -> None:
        if len(frames) > 1 << 20:
            frames.clear()
        frames.append(1, NOW_NS, 3, 2, TICKER)

    benchmark(append)
    assert len(frames) > 0


def test_seal_a_turn_of_64_frames(benchmark: BenchmarkFixture) -> None:
    """Measure 64 frames and their checksums."""
    frames = FrameBuffer(1 << 20)

    def turn() -> int:
        frames.clear()
        for step in range(64):
            frames.append(step, NOW_NS, 3, 2, TICKER)
        with frames.seal() as sealed:
            return len(sealed)

    assert benchmark(turn) > 64 * len(TICKER)


def test_count_a_latency(benchmark: BenchmarkFixture) -> None:
    """Measure one count of a histogram."""
    histogram = Histogram()
    benchmark(histogram.record, 2_500)
    assert histogram.percentile(50) >= 2_500


def test_stamp(benchmark: BenchmarkFixture) -> None:
    """Measure the clock of telemetry."""
    before = stamp()
    assert benchmark(stamp) > before


def test_timestamp_text(benchmark: BenchmarkFixture) -> None:
    """Measure a time with nine digits."""
    assert benchmark(timestamp_text, NOW_NS) == "2024-08-08T23:54:13.937085768Z"
