"""What follows when an actor raises: every directive, the intensity limit, the guardian, the last resort."""

from __future__ import annotations

import itertools
import time
from typing import Any

import pytest
from msgspec import Struct

from engine.errors import AuditError, HandlerTimeout, InvariantError, TapeError
from engine.limits import RESTART_WINDOW_NS, RESTARTS_MAX
from engine.messages.control import ActorFailed, Halt, Start, Stop
from engine.runtime.actor import Actor, type_of_handlers
from engine.runtime.port import InputKind
from engine.runtime.system import System
from engine.runtime.turn import SimulatedTurn
from engine.supervision.directive import Directive
from engine.supervision.lifecycle import TRANSITIONS, ActorEvent, ActorState, advance
from engine.supervision.policy import Policy
from engine.supervision.supervisor import Failure, Supervisor
from engine.supervision.time_limit import TimeLimit
from hotpath.core.mailbox import ALL, CLOSED, HALT, ORDERS, REFUSE


class Work(Struct, frozen=True):
    order: str


class Worker(Actor):
    made = 0

    def __init__(self) -> None:
        Worker.made += 1
        self.done: list[str] = []

    def handlers(self) -> type_of_handlers:
        return {Start: self.on_start, Stop: self.on_start, Work: self.on_work}

    def on_start(self, _: Any) -> None:
        self.done.append("start")

    def on_work(self, work: Work) -> None:
        if work.order == "spin":
            while True:
                pass
        if work.order != "fine":
            raise ValueError(work.order)
        self.done.append(work.order)

    def on_bytes(self, kind: InputKind, payload: bytes) -> None:
        if payload == b"bad":
            raise KeyError("bad bytes")
        self.done.append(payload.decode())


class Guardian(Actor):
    def __init__(self, broken: bool) -> None:
        self.heard: list[Any] = []
        self.broken = broken

    def handlers(self) -> type_of_handlers:
        return {Start: self.hear, Stop: self.hear, Halt: self.hear, ActorFailed: self.hear}

    def hear(self, message: Any) -> None:
        if self.broken:
            raise RuntimeError("the guardian is broken")
        self.heard.append(message)


class NoTape:
    def append(self, step: int, time_ns: int, port: int, kind: int, payload: bytes) -> None:
        pass


class World:
    def __init__(self, directive: Directive, *, broken_guardian: bool = False, full: int = REFUSE) -> None:
        self.last_resorts: list[str] = []
        self.failures: list[Failure] = []
        self.system = System(seed=1, first_seq=1, started_ns=1_000)
        self.guardian_cell = self.system.add("guardian", Directive.ESCALATE, lambda: Guardian(broken_guardian))
        self.cell = self.system.add("worker", directive, Worker)
        self.work = self.system.edge("test", "worker", (Work,), lane=ORDERS, capacity=4, full=full)
        timer_port = self.system.own_port("timers", self.system.fire_timer)
        fault_port = self.system.own_port("faults", lambda _kind, payload: self.supervisor.halt(payload.decode()))
        self.port = self.system.port("bytes", "worker", "on_bytes")
        self.supervisor = Supervisor(self.system, "guardian", self.last_resorts.append)
        self.supervisor.on_failure = self.failures.append
        self.system.dispatcher.on_error = self.supervisor.handler_failed
        self.system.dispatcher.on_overflow = self.supervisor.overflowed
        self.system.build(audit=self.work, guardian="guardian")
        self.tape = NoTape()
        self.turn = SimulatedTurn(self.system, self.supervisor, self.tape, timer_port, fault_port, [])
        self.system.start()
        self.drain()

    def drain(self) -> None:
        self.system.dispatcher.drain(ALL, ALL, -1)

    def do(self, order: str) -> int:
        outcome = self.work.tell(Work(order))
        self.drain()
        return outcome

    @property
    def heard(self) -> list[Any]:
        assert isinstance(self.guardian_cell.actor, Guardian)
        return [message for message in self.guardian_cell.actor.heard if not isinstance(message, Start)]


def test_restart_gives_the_mailboxes_to_a_fresh_instance() -> None:
    world = World(Directive.RESTART)
    before = world.cell.actor
    world.do("bad")
    assert world.cell.actor is not before
    world.do("fine")
    assert isinstance(world.cell.actor, Worker)
    assert world.cell.actor.done == ["start", "fine"]
    assert world.heard == [ActorFailed("worker", "restart", "ValueError: bad", 1_000)]


def test_a_restart_too_many_escalates() -> None:
    world = World(Directive.RESTART)
    for _ in range(RESTARTS_MAX + 1):
        world.do("bad")
    assert world.cell.state is ActorState.FAILED
    assert Halt("worker", "ValueError: bad") in world.heard


def test_restarts_far_apart_go_on_for_ever() -> None:
    policy = Policy(Directive.RESTART)
    for number in range(20):
        assert policy.decide(number * RESTART_WINDOW_NS) is Directive.RESTART


def test_stop_closes_the_mailboxes_and_nothing_reaches_the_actor_again() -> None:
    world = World(Directive.STOP)
    world.do("bad")
    assert world.cell.state is ActorState.STOPPED
    assert world.do("fine") == CLOSED
    assert world.heard == [ActorFailed("worker", "stop", "ValueError: bad", 1_000)]
    world.system.enable_actor("worker")
    world.do("fine")
    assert isinstance(world.cell.actor, Worker)
    assert world.cell.actor.done == ["start", "fine"]


def test_escalation_demands_a_halt() -> None:
    world = World(Directive.ESCALATE)
    world.do("bad")
    assert world.heard[-1] == Halt("worker", "ValueError: bad")
    assert world.failures[0].reason == "ValueError: bad"


def test_what_failed_for_good_is_told_once_however_often_it_fails() -> None:
    world = World(Directive.ESCALATE)
    for _ in range(3):
        world.do("bad")
    assert [type(message) for message in world.heard] == [ActorFailed, Halt]
    assert world.supervisor.failures_count == 3


def test_bytes_that_break_a_port_are_a_failure_of_its_actor() -> None:
    world = World(Directive.RESTART)
    world.port.deliver(InputKind.BYTES, b"bad")
    world.port.deliver(InputKind.BYTES, b"good")
    assert isinstance(world.cell.actor, Worker)
    assert world.cell.actor.done == ["start", "good"]
    assert world.failures[0].message == "bytes"


def test_a_mailbox_that_must_not_be_full_halts() -> None:
    world = World(Directive.RESTART, full=HALT)
    for _ in range(5):
        world.work.tell(Work("fine"))
    world.drain()
    (halt,) = world.heard
    assert "4 of 4 slots in use" in halt.reason


def test_what_cannot_be_written_closes_the_gate_and_halts_and_the_turn_goes_on() -> None:
    world = World(Directive.ESCALATE)
    faults: list[InputKind] = []
    fault_port = next(port for port in world.system.ports if port.name == "faults")
    receive = fault_port.receive

    def receiving(kind: InputKind, payload: bytes) -> None:
        faults.append(kind)
        receive(kind, payload)

    fault_port.receive = receiving
    full = iter([AuditError("the disk is full")])

    def write() -> None:
        for error in full:
            raise error

    world.turn.at_end.append(write)
    world.port.deliver(InputKind.BYTES, b"good")
    world.port.deliver(InputKind.BYTES, b"better")
    assert faults == [InputKind.FAULT]
    assert world.last_resorts == ["the disk is full"]
    assert world.heard == [Halt("engine", "the disk is full")]
    assert isinstance(world.cell.actor, Worker)
    assert world.cell.actor.done == ["start", "good", "better"]


def test_an_input_that_the_tape_cannot_keep_halts_and_still_counts() -> None:
    world = World(Directive.ESCALATE)

    def append(step: int, time_ns: int, port: int, kind: int, payload: bytes) -> None:
        raise TapeError("the tape is dead")

    world.tape.append = append  # type: ignore[method-assign]
    world.port.deliver(InputKind.BYTES, b"good")
    assert world.last_resorts == ["the tape is dead"]
    assert isinstance(world.cell.actor, Worker)
    assert world.cell.actor.done == ["start", "good"]


def test_a_broken_guardian_leaves_the_last_resort() -> None:
    world = World(Directive.ESCALATE, broken_guardian=True)
    assert world.last_resorts == ["guardian failed: RuntimeError: the guardian is broken"]


def test_a_handler_that_never_returns_is_interrupted() -> None:
    world = World(Directive.STOP)
    interrupted: list[int] = []
    limit = TimeLimit(world.system.dispatcher, 60_000_000, lambda _: False, interrupted.append)
    limit.arm()
    started = time.monotonic()
    world.do("spin")
    took = time.monotonic() - started
    limit.disarm()
    assert 0.04 < took < 0.5
    assert interrupted == [world.failures[0].step]
    assert isinstance(world.failures[0].error, HandlerTimeout)
    assert world.cell.state is ActorState.STOPPED


@pytest.mark.parametrize(("state", "event"), list(itertools.product(ActorState, ActorEvent)))
def test_every_step_of_an_actors_life_is_in_the_table_or_raises(state: ActorState, event: ActorEvent) -> None:
    if (state, event) in TRANSITIONS:
        assert advance(state, event) is TRANSITIONS[state, event]
    else:
        with pytest.raises(InvariantError, match=f"that is {state} cannot {event}"):
            advance(state, event)


def test_an_edge_to_an_actor_without_a_handler_is_refused() -> None:
    system = System(1, 1, 0)
    system.add("worker", Directive.STOP, Worker)
    mailbox = system.edge("x", "worker", (Halt,), lane=ORDERS, capacity=1, full=REFUSE)
    with pytest.raises(InvariantError, match="worker has no handler for Halt"):
        system.build(audit=mailbox, guardian="worker")
