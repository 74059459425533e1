"""The system: actors, the edges between them, and the ports by which the world comes in.

First the topology is declared (cells and edges), then the actors are built, each by its own function that also wires
the edges it sends on. Building again is how an actor is restarted: the mailboxes stay, the instance is new.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.errors import InvariantError
from engine.limits import SIGNALS_MAX, TIMER_FIRINGS_MAX
from engine.messages.control import Start, Stop
from engine.runtime.actor import Actor
from engine.runtime.context import ActorContext
from engine.runtime.port import InputKind, Port
from engine.runtime.timers import Timers
from engine.runtime.topology import Edge
from engine.supervision.directive import Directive
from engine.supervision.lifecycle import ActorEvent, ActorState, advance
from engine.supervision.policy import Policy
from hotpath.core.mailbox import HALT, ORDERS, SIGNALS, Dispatcher, Mailbox
from hotpath.core.moment import Moment, Numbers


class Cell:
    """The place of one actor: its name, policy, mailboxes and context. The instance in it may change."""

    def __init__(
        self, name: str, directive: Directive, create: Callable[[], Actor], context: ActorContext, *, last: bool
    ) -> None:
        """`create` makes and wires a fresh instance; `last` are those that are needed until the others are done."""
        self.name = name
        self.last = last
        self.policy = Policy(directive)
        self.state = ActorState.NEW
        self.context = context
        self.actor: Actor | None = None
        self.signals: Mailbox
        self.timers: Mailbox
        self.edges: list[tuple[Mailbox, tuple[type, ...]]] = []
        self.ports: list[tuple[Port, str]] = []
        self._create = create

    def advance(self, event: ActorEvent) -> None:
        """Take one step of the actor's life."""
        self.state = advance(self.state, event)

    def build(self) -> None:
        """Make a fresh instance and give it the mailboxes and ports."""
        actor = self._create()
        actor.context = self.context
        self.actor = actor
        handlers = dict(actor.handlers())
        for mailbox, accepts in self.edges:
            missing = [kind.__name__ for kind in accepts if kind not in handlers]
            if missing:
                raise InvariantError(f"{mailbox.name}: {self.name} has no handler for {', '.join(missing)}")
            mailbox.bind(self, {kind: handlers[kind] for kind in accepts})
        self.timers.bind(self, handlers)
        self.signals.bind(self, handlers)
        for port, method in self.ports:
            port.receive = getattr(actor, method)

    def close(self) -> None:
        """Take nothing any more: the actor was stopped."""
        for mailbox, _ in self.edges:
            mailbox.close()
        self.timers.close()


class System:
    """Everything that one run consists of, except its clock and its sockets."""

    def __init__(self, seed: int, first_seq: int, started_ns: int) -> None:
        """`first_seq` continues the audit chain; `seed` decides every random number of the run."""
        self.moment = Moment(started_ns)
        self.dispatcher = Dispatcher()
        self.timers = Timers()
        self.numbers = Numbers(first_seq)
        self.edges: list[Edge] = []
        self.ports: list[Port] = []
        self._cells: dict[str, Cell] = {}
        self._seed = seed

    def add(self, name: str, directive: Directive, create: Callable[[], Actor], *, last: bool = False) -> Cell:
        """Add the place of an actor.

        Args:
            name: unique.
            directive: what follows when it raises.
            create: makes and wires an instance; called when the system is built, and at each restart.
            last: told to stop by `finish` only, when the others are done with it.
        """
        if name in self._cells:
            raise InvariantError(f"actor {name!r} exists already")
        context = ActorContext(name, self._seed, self.moment, self.dispatcher, self.timers, self.numbers)
        cell = Cell(name, directive, create, context, last=last)
        cell.signals = self.dispatcher.mailbox(f"signals -> {name}", cell, {}, SIGNALS, SIGNALS_MAX, HALT)
        cell.timers = self.dispatcher.mailbox(f"timers -> {name}", cell, {}, ORDERS, TIMER_FIRINGS_MAX, HALT)
        self._cells[name] = cell
        return cell

    def edge(
        self, sender: str, receiver: str, accepts: tuple[type, ...], *, lane: int, capacity: int, full: int
    ) -> Mailbox:
        """Declare that `sender` may say `accepts` to `receiver`, and what happens when nobody listens in time."""
        cell = self._cells[receiver]
        mailbox = self.dispatcher.mailbox(f"{sender} -> {receiver}", cell, {}, lane, capacity, full)
        cell.edges.append((mailbox, accepts))
        names = tuple(kind.__name__ for kind in accepts)
        self.edges.append(Edge(sender, receiver, names, lane, capacity, full, mailbox))
        return mailbox

    def port(self, name: str, receiver: str, method: str) -> Port:
        """Make the entrance of one source of inputs; `method` of the actor `receiver` takes them."""
        cell = self._cells[receiver]
        port = Port(len(self.ports), name, self._unbuilt, self._nowhere, receiver)
        self.ports.append(port)
        cell.ports.append((port, method))
        return port

    def own_port(self, name: str, receive: Callable[[InputKind, bytes], None]) -> Port:
        """Make the entrance of inputs that no actor receives: timers, and what a handler came across itself."""
        port = Port(len(self.ports), name, receive, self._nowhere)
        self.ports.append(port)
        return port

    def fire_timer(self, _kind: InputKind, payload: bytes) -> None:
        """Take the firing of a timer: its number as 8 bytes, little endian."""
        self.timers.fire(int.from_bytes(payload, "little"))

    def enter_by(self, deliver: Callable[[Port, InputKind, bytes], None]) -> None:
        """Let every port bring its inputs to `deliver`: the turn's entrance."""
        for port in self.ports:
            port.enter_by(deliver)

    def cell(self, name: str) -> Cell:
        """Return the place of an actor."""
        return self._cells[name]

    def cells(self) -> list[Cell]:
        """Return every place, in the order in which they were added."""
        return list(self._cells.values())

    def build(self, audit: Mailbox, guardian: str) -> None:
        """Build every actor: contexts are wired to the audit writer's mailbox and to the guardian's signals."""
        for cell in self._cells.values():
            cell.context.connect(cell.timers, audit, self._cells[guardian].signals)
            cell.build()

    def stop_actor(self, name: str) -> None:
        """Close an actor's mailboxes: it was stopped, by itself or by a person."""
        cell = self._cells[name]
        cell.advance(ActorEvent.STOP)
        cell.close()

    def enable_actor(self, name: str) -> None:
        """Put a fresh instance in the place of a stopped actor and start it."""
        cell = self._cells[name]
        cell.advance(ActorEvent.ENABLE)
        cell.build()
        cell.signals.tell(Start())

    def start(self) -> None:
        """Tell every actor that the run begins, in the order in which they were added."""
        for cell in self._cells.values():
            if cell.state is ActorState.NEW:
                cell.advance(ActorEvent.START)
                cell.signals.tell(Start())

    def stop(self, reason: str) -> None:
        """Tell the actors that the run ends; those that stop last still work for them."""
        self._stop(reason, last=False)

    def finish(self, reason: str) -> None:
        """Tell the rest, too: nobody needs them any more."""
        self._stop(reason, last=True)

    def _stop(self, reason: str, *, last: bool) -> None:
        for cell in self._cells.values():
            if cell.last is last and cell.state is not ActorState.STOPPED:
                cell.signals.tell(Stop(reason))

    @staticmethod
    def _nowhere(port: Port, kind: InputKind, _payload: bytes) -> None:
        raise InvariantError(f"port {port.name!r} was given {kind.name} before the run had a turn")

    @staticmethod
    def _unbuilt(kind: InputKind, _payload: bytes) -> None:
        raise InvariantError(f"an actor was given {kind.name} before it was built")
