"""The composition root: a run built from its tape head and what is outside of it.

Run and replay build the same thing from the same head; they differ in what is outside alone: real links or none, files
or memory, a gate that other processes map or cells of our own. Whoever wants to know what an engine consists of reads
`assemble` from top to bottom.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import msgspec

from actors import desk
from actors.strategy.loading import LoadedStrategy, load_strategy
from engine.audit.desk_state import DeskState
from engine.cli.makers import Makers
from engine.config.model import Config
from engine.ids import OrderIds
from engine.instruments import Instrument, Instruments
from engine.lease import Lease
from engine.messages.control import Action, GateWord
from engine.runtime.system import System
from engine.supervision.directive import Directive
from engine.supervision.supervisor import Supervisor
from engine.telemetry.quality import ExecutionQuality
from gateways.gate import Gate

if TYPE_CHECKING:
    from actors.audit_writer.actor import AuditWriter
    from actors.safety.actor import Safety
    from actors.safety.policy import PolicyStore
    from engine.audit.checkpoints import Checkpoints
    from engine.audit.files import Trail
    from engine.runtime.port import Port
    from engine.tape.head import RunHead
    from engine.tape.sent import SentDigest
    from gateways.binance.gateway import Urls
    from gateways.binance.signing import Signer
    from gateways.transport.link import Link, RestLink
    from hotpath.core.mailbox import Mailbox


class RunLatch(Protocol):
    """The mark that makes the next start an EMERGENCY."""

    @property
    def is_set(self) -> bool:
        """Whether it is set."""

    def set(self, reason: str, now_ns: int) -> None:
        """Set it."""

    def clear(self) -> None:
        """Remove it."""


class RunGate(Gate):
    """The gate as safety and the gateways share it: read by all, written by safety."""

    def __init__(self, cells: Sequence[int], write: Callable[[GateWord], None]) -> None:
        """`write` stores a word where `cells` are read."""
        super().__init__(cells)
        self.write = write


@dataclass(slots=True)
class VenuePorts:
    """The three entrances of one venue."""

    stream: Port
    api: Port
    rest: Port


@dataclass(slots=True)
class Outside:
    """What a run touches that is not in its head: files, sockets, keys, or their stand-ins."""

    trail: Trail
    checkpoints: Checkpoints | None
    lease: Lease
    gate: RunGate
    latch: RunLatch
    policy: PolicyStore
    sent: SentDigest
    urls: dict[str, Urls]
    signers: dict[str, Signer]
    links: Callable[[str, VenuePorts], tuple[Link, Link, RestLink]]
    reply: Callable[[int, bool, dict[str, Any]], None]
    log: Callable[[str, str], None] | None = None


class Assembled:
    """A run that is built and not yet started."""

    def __init__(
        self,
        system: System,
        supervisor: Supervisor,
        instruments: Instruments,
        config: Config,
        ids: OrderIds,
        gate: RunGate,
        strategies: list[LoadedStrategy],
    ) -> None:
        """Take the parts that everything else is built from."""
        self.system = system
        self.supervisor = supervisor
        self.instruments = instruments
        self.config = config
        self.ids = ids
        self.gate = gate
        self.strategies = strategies
        self.strategy_names = [plan.name for plan in config.strategies]
        self.venues = list(config.venues)
        self.quality = ExecutionQuality(instruments, self.strategy_names)
        self.ports: dict[str, Port] = {}
        self.links: dict[str, tuple[Link, Link, RestLink]] = {}
        self.edges: desk.Edges
        self.dead_letters_count = 0

    def actor(self, name: str) -> Any:
        """Return the living instance of an actor."""
        return self.system.cell(name).actor

    def dead_letter(self, mailbox: Mailbox, message: Any) -> None:
        """Count and record a message that nobody handles."""
        self.dead_letters_count += 1
        self.system.cell(mailbox.owner.name).context.audit(Action.DEADLETTER, message)

    @property
    def safety(self) -> Safety:
        """The guardian."""
        return cast("Safety", self.actor("safety"))

    @property
    def writer(self) -> AuditWriter:
        """The audit writer."""
        return cast("AuditWriter", self.actor("audit_writer"))


def assemble(head: RunHead, outside: Outside) -> Assembled:
    """Build everything that a run consists of; nothing runs yet.

    Raises:
        ConfigError: a strategy cannot be loaded.
    """
    config = msgspec.convert(head.config, Config, str_keys=True)
    folder = Path(config.engine.strategies_from or head.config_folder)
    system = System(head.seed, head.first_seq, head.started_ns)
    run = Assembled(
        system=system,
        supervisor=Supervisor(system, "safety", _last_resort(outside)),
        instruments=Instruments([Instrument.of(plain) for plain in head.instruments]),
        config=config,
        ids=OrderIds(head.node, outside.lease),
        gate=outside.gate,
        strategies=[
            load_strategy(plan.class_path, folder, plan.params, f"strategies.{plan.name}") for plan in config.strategies
        ],
    )
    _add_actors(run, head, outside, DeskState.of(head.desk_state))
    _add_ports(run, outside)
    dispatcher = system.dispatcher
    dispatcher.on_error = run.supervisor.handler_failed
    dispatcher.on_overflow = run.supervisor.overflowed
    dispatcher.on_dead_letter = run.dead_letter
    system.build(audit=run.edges.to["everyone -> audit_writer"], guardian="safety")
    for venue in run.venues:
        run.actor(f"gateway:{venue}").attach(*run.links[venue])
    return run


def _last_resort(outside: Outside) -> Callable[[str], None]:
    def close_gate(reason: str) -> None:
        outside.gate.write(GateWord.CLOSED)
        if outside.log is not None:
            outside.log("last resort", reason)

    return close_gate


def _add_actors(run: Assembled, head: RunHead, outside: Outside, state: DeskState) -> None:
    """Add the place of every actor, and then the edges between them."""
    system, config = run.system, run.config
    make = Makers(run, head, outside, state)
    system.add("audit_writer", Directive.ESCALATE, make.audit_writer, last=True)
    system.add("safety", Directive.ESCALATE, make.safety, last=False)
    system.add("operator", Directive.ESCALATE, make.operator)
    system.add("health", Directive.ESCALATE, make.health)
    system.add("portfolio", Directive.ESCALATE, make.portfolio)
    system.add("risk", Directive.ESCALATE, make.risk)
    system.add("orders", Directive.ESCALATE, make.orders)
    system.add("triggers", Directive.ESCALATE, make.triggers)
    for index, plan in enumerate(config.strategies):
        system.add(desk.strategy_cell(plan.name), Directive.STOP, partial(make.strategy, index))
    for venue in run.venues:
        system.add(f"feed:{venue}", Directive.RESTART, partial(make.feed, venue))
        system.add(f"gateway:{venue}", Directive.RESTART, partial(make.gateway, venue), last=True)
    run.edges = desk.declare(system, run.venues, run.strategy_names, len(run.instruments))


def _add_ports(run: Assembled, outside: Outside) -> None:
    """Add the entrances, in an order that the tape relies on, and the links behind those of the venues."""
    system = run.system
    run.ports["timers"] = system.own_port("timers", system.fire_timer)
    run.ports["operator"] = system.port("operator", "operator", "on_input")
    run.ports["gate"] = system.own_port("gate", lambda _kind, _payload: None)
    run.ports["faults"] = system.own_port("faults", lambda _kind, payload: run.supervisor.halt(payload.decode()))
    run.ports["health"] = system.port("health", "health", "on_input")
    for venue in run.venues:
        ports = VenuePorts(
            *(system.port(f"{venue}.{name}", f"gateway:{venue}", f"on_{name}") for name in ("stream", "api", "rest"))
        )
        for port in (ports.stream, ports.api, ports.rest):
            run.ports[port.name] = port
        run.links[venue] = outside.links(venue, ports)
