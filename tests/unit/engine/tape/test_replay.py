"""A recorded run is played again: the same steps, inputs, timers, gate words and interruptions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import Struct

from engine.errors import TapeError
from engine.messages.control import ActorFailed, Halt, Start, Stop
from engine.runtime.actor import Actor, type_of_handlers
from engine.runtime.port import InputKind
from engine.runtime.system import System
from engine.runtime.turn import SimulatedTurn
from engine.supervision.directive import Directive
from engine.supervision.supervisor import Supervisor
from engine.tape.reader import Frame
from engine.tape.replay import Replay
from hotpath.core.mailbox import ORDERS, REFUSE


class Word(Struct, frozen=True):
    text: str


class Ring(Struct, frozen=True):
    """The echo's own timer."""


class Echo(Actor):
    """Says what it hears to itself, one step later, together with what the gate shows then."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.heard: list[str] = []

    def handlers(self) -> type_of_handlers:
        nothing = self.on_nothing
        return {
            Start: self.on_start, Stop: nothing, Halt: nothing, ActorFailed: nothing,
            Word: self.on_word, Ring: self.on_ring,
        }  # fmt: skip

    def on_nothing(self, _: Any) -> None:
        """Hear it."""

    def on_start(self, _: Start) -> None:
        self.context.every(1_000, Ring())

    def on_bytes(self, kind: InputKind, payload: bytes) -> None:
        if payload == b"nonsense":
            raise ValueError("nonsense")
        self.world.box.tell(Word(payload.decode()))

    def on_word(self, word: Word) -> None:
        self.heard.append(f"{word.text} at {self.context.now_ns}, gate {self.world.look()}")

    def on_ring(self, _: Ring) -> None:
        self.heard.append(f"ring at {self.context.now_ns}")


class Tape:
    """Keeps frames as a tape would."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []

    def append(self, step: int, time_ns: int, port: int, kind: int, payload: bytes) -> None:
        self.frames.append(Frame("000001.bin", len(self.frames) + 1, 0, step, time_ns, port, kind, payload))


class World:
    """One echo in a system; the gate is a number that only a person changes."""

    def __init__(self) -> None:
        self.gate, self.seen = 2, 2
        self.tape = Tape()
        self.system = System(seed=1, first_seq=1, started_ns=0)
        self.cell = self.system.add("echo", Directive.RESTART, lambda: Echo(self))
        self.box = self.system.edge("echo", "echo", (Word,), lane=ORDERS, capacity=8, full=REFUSE)
        self.timers = self.system.own_port("timers", self.system.fire_timer)
        self.words = self.system.port("words", "echo", "on_bytes")
        self.gate_port = self.system.own_port("gate", lambda _kind, _payload: None)
        self.faults = self.system.own_port("faults", lambda _kind, _payload: None)
        self.supervisor = Supervisor(self.system, "echo", lambda _reason: None)
        self.system.dispatcher.on_error = self.supervisor.handler_failed
        self.system.build(audit=self.box, guardian="echo")
        self.turn: SimulatedTurn | None = None

    def look(self) -> int:
        if self.turn is not None and self.gate != self.seen:
            self.seen = self.gate
            self.turn.note(self.gate_port, InputKind.GATE, bytes([self.gate]))
        return self.gate

    @property
    def heard(self) -> list[str]:
        assert isinstance(self.cell.actor, Echo)
        return self.cell.actor.heard


class Person:
    """Says a word every 400 ns and closes the gate after the fourth, between two turns."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.words = iter(["a", "b", "c", "d", "nonsense", "e", "f"])
        self.time_ns: int | None = 400
        self.word: str | None = next(self.words)

    def next_ns(self) -> int | None:
        return self.time_ns if self.word is not None else None

    def fire(self, now_ns: int) -> None:
        word, self.word = self.word, next(self.words, None)
        self.time_ns = now_ns + 400
        self.world.gate = 0 if word == "d" else self.world.gate
        assert word is not None
        self.world.words.deliver(InputKind.BYTES, word.encode())


def recorded() -> tuple[World, list[str]]:
    world = World()
    person = Person(world)
    world.turn = SimulatedTurn(world.system, world.supervisor, world.tape, world.timers, world.faults, [person])
    world.system.start()
    world.turn.run(lambda: person.next_ns() is None)
    return world, world.heard


def replayed(frames: Iterator[Frame] | list[Frame]) -> tuple[World, Replay, list[int]]:
    world = World()
    interruptions: list[int] = []

    def set_gate(word: int) -> None:
        world.gate = word

    def port_failed(owner: str, port: str, error: BaseException) -> None:
        world.supervisor.port_failed(world.system.cell(owner), port, error)

    replay = Replay(world.system, set_gate, interruptions.append, port_failed)
    world.system.start()
    replay.run(frames)
    return world, replay, interruptions


def test_a_replay_hears_the_same_at_the_same_times() -> None:
    live, heard = recorded()
    kinds = {InputKind(frame.kind) for frame in live.tape.frames}
    assert kinds == {InputKind.BYTES, InputKind.TIMER, InputKind.GATE}
    again, replay, _ = replayed(live.tape.frames)
    assert again.heard == heard
    assert "f at 2800, gate 0" in heard
    assert replay.frames_count == len(live.tape.frames)
    assert again.system.dispatcher.handled == live.system.dispatcher.handled


def test_an_interruption_is_armed_for_its_step_alone() -> None:
    live, _ = recorded()
    frames = live.tape.frames
    frames.insert(3, frames[2]._replace(kind=int(InputKind.INTERRUPTED), step=frames[2].step + 1))
    _, _, interruptions = replayed(frames)
    assert interruptions == [frames[2].step + 1]


def test_a_run_that_comes_to_rest_too_early_is_another_run() -> None:
    live, _ = recorded()
    frames = [*live.tape.frames[:2], live.tape.frames[2]._replace(step=99)]
    with pytest.raises(TapeError, match="recorded at step 99, but this run came to rest at step"):
        replayed(frames)
