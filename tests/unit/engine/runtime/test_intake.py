"""An input is on the tape before its port has it, and counts even when the tape cannot take it."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import TapeError
from engine.runtime.intake import Intake
from engine.runtime.port import InputKind, Port
from hotpath.core.frames import FrameBuffer
from hotpath.core.mailbox import Dispatcher
from hotpath.core.moment import Moment

BYTES = InputKind.BYTES


class Tape:
    """A recorder with a small buffer; what that cannot take comes to `append`."""

    def __init__(self, capacity_bytes: int, *, broken: bool = False) -> None:
        self.buffer = FrameBuffer(capacity_bytes)
        self.appended: list[tuple[int, int, int, int, bytes]] = []
        self.broken = broken

    def append(self, step: int, time_ns: int, port: int, kind: int, payload: bytes) -> None:
        if self.broken:
            raise TapeError("the disk is full")
        self.appended.append((step, time_ns, port, kind, payload))


class Bench:
    """An intake, and what it did in order."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.moment = Moment(100)
        self.halts: list[str] = []
        self.failed: list[tuple[str, str]] = []
        self.received: list[tuple[Any, bytes, int]] = []
        self.port = Port(3, "api", self._receive, lambda _port, _kind, _payload: None)
        self.intake = Intake(Dispatcher(), self.moment, tape, self.halts.append, self._port_failed)

    def _receive(self, kind: InputKind, payload: bytes) -> None:
        self.received.append((kind, payload, self.tape.buffer.frames_count))
        if payload == b"bad":
            raise ValueError("bad bytes")

    def _port_failed(self, port: Port, error: Exception) -> None:
        self.failed.append((port.name, str(error)))


def test_an_input_is_taped_stamped_and_received() -> None:
    bench = Bench(Tape(1_000))
    bench.intake.take(150, bench.port, BYTES, b"one")
    bench.intake.take(140, bench.port, BYTES, b"two")
    assert bench.moment.now_ns == 150
    assert bench.received == [(BYTES, b"one", 1), (BYTES, b"two", 2)]
    assert (bench.tape.appended, bench.halts, bench.failed) == ([], [], [])


def test_what_the_buffer_has_no_room_for_goes_the_long_way() -> None:
    bench = Bench(Tape(64))
    bench.intake.take(150, bench.port, BYTES, b"x" * 100)
    bench.intake.note(bench.port, InputKind.GATE, b"y" * 40)
    assert bench.tape.appended == [(0, 150, 3, 2, b"x" * 100), (0, 150, 3, 8, b"y" * 40)]


def test_an_input_that_the_tape_cannot_take_halts_and_still_counts() -> None:
    bench = Bench(Tape(64, broken=True))
    bench.intake.take(150, bench.port, BYTES, b"x" * 100)
    assert bench.halts == ["the disk is full"]
    assert [payload for _, payload, _ in bench.received] == [b"x" * 100]


def test_what_a_port_cannot_receive_is_told() -> None:
    bench = Bench(Tape(1_000))
    bench.intake.take(150, bench.port, BYTES, b"bad")
    assert bench.failed == [("api", "bad bytes")]


@pytest.mark.parametrize("index", [-1, 65_535])
def test_a_port_whose_index_fits_no_frame_is_refused(index: int) -> None:
    with pytest.raises(ValueError, match="expected 0 to 65534"):
        Port(index, "x", lambda _kind, _payload: None, lambda _port, _kind, _payload: None)


class Served(Bench):
    """An intake that answers inputs on a clock that stands still, and what it said after each."""

    def __init__(self) -> None:
        super().__init__(Tape(10_000))
        self.answers: list[tuple[str, bool]] = []
        self.clock = Moment(500)
        self.intake.serve(
            self.clock, 64, 0, lambda port, is_market, _took_ns: self.answers.append((port.name, is_market))
        )
        self.port.enter_by(self.intake.enter)


def test_an_answer_is_timed_only_when_market_data_caused_it() -> None:
    bench = Served()
    market = Port(4, "stream", lambda _kind, _payload: bench.intake.reaction.answered(), bench.intake.enter)
    market.is_market = True
    market.deliver(BYTES, b"tick")
    market.deliver(InputKind.OPENED, b"")
    bench.port.deliver(BYTES, b"report")
    bench.intake.reaction.answered()
    assert bench.intake.reaction.times.count == 1
    assert bench.answers == [("stream", True), ("stream", False), ("api", False)]
    assert (bench.intake.inputs_count, bench.intake.market_count) == (3, 1)


def test_the_time_of_an_input_is_what_the_clock_says() -> None:
    bench = Served()
    bench.port.deliver(BYTES, b"one")
    bench.clock.now_ns = 700
    bench.port.deliver(BYTES, b"two")
    assert bench.moment.now_ns == 700
