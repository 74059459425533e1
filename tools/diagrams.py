"""The made parts of docs/architecture.md: life cycles drawn from their tables, the topology declared by the desk.

`python -m tools.diagrams` puts each part between its markers, `<!-- made: NAME -->` and `<!-- end: NAME -->`; the words
around them belong to the page. `--check` writes nothing and fails when a part is not current. A step that changes a
state is an arrow; steps that leave a state as it is stand in a table below, because as arrows they would hide the rest.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

from actors import desk
from actors.feed import recovery
from actors.safety import states
from actors.triggers import transitions as waiting
from engine.messages.control import TradingState
from engine.runtime.actor import Actor
from engine.runtime.system import System
from engine.runtime.topology import FULL_NAMES, LANE_NAMES, Edge
from engine.supervision import lifecycle
from engine.supervision.directive import Directive
from gateways import session
from hotpath.orders import transitions

PAGE = Path(__file__).parents[1] / "docs" / "architecture.md"
VENUE = "VENUE"
STRATEGY = "NAME"
ACTORS = (
    "audit_writer", "safety", "operator", "health", "portfolio", "risk", "orders", "triggers",
    desk.strategy_cell(STRATEGY), f"feed:{VENUE}", f"gateway:{VENUE}",
)  # fmt: skip
"""The actors of a desk with one venue and one strategy, as engine/cli/assembly.py seats them."""


@dataclass(frozen=True)
class LifeCycle:
    """A table, and the states in which a life can begin."""

    table: Mapping[Any, Enum]
    """(state, event) -> state."""
    starts: tuple[Enum, ...]

    @property
    def states(self) -> list[Enum]:
        """Every state, in the order of its enum."""
        return list(type(self.starts[0]))

    def arrows(self) -> dict[tuple[Enum, Enum], list[str]]:
        """Return the events that lead from one state to another one."""
        found: dict[tuple[Enum, Enum], list[str]] = {}
        for (before, event), after in self.table.items():
            if before is not after:
                found.setdefault((before, after), []).append(event.name)
        return found

    def steps_in_place(self) -> dict[Enum, list[str]]:
        """Return the events that leave a state as it is."""
        found: dict[Enum, list[str]] = {}
        for (before, event), after in self.table.items():
            if before is after:
                found.setdefault(before, []).append(event.name)
        return found


LIFE_CYCLES = {
    "order": LifeCycle(transitions.TRANSITIONS, (transitions.OrderState.IN_FLIGHT,)),
    "waiting": LifeCycle(waiting.TRIGGER_TABLE, (waiting.TriggerState.PENDING,)),
    "book": LifeCycle(recovery.TRANSITIONS, (recovery.RecoveryState.IDLE,)),
    "session": LifeCycle(session.SESSION_TABLE, (session.SessionState.IDLE,)),
    "trading": LifeCycle(states.TRANSITIONS, (TradingState.PROTECTIVE, TradingState.EMERGENCY)),
    "actor": LifeCycle(lifecycle.TRANSITIONS, (lifecycle.ActorState.NEW,)),
}


def diagram(cycle: LifeCycle) -> str:
    """Draw a life cycle as a mermaid state diagram, with its steps in place below."""
    arrows = cycle.arrows()
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    [*] --> {state.name}" for state in cycle.starts]
    lines += [f"    {before.name} --> {after.name}: {', '.join(events)}" for (before, after), events in arrows.items()]
    leaving = {before for before, _ in arrows}
    lines += [f"    {state.name} --> [*]" for state in cycle.states if state not in leaving]
    lines.append("```")
    in_place = cycle.steps_in_place()
    if in_place:
        lines += ["", "| state | what leaves it as it is |", "|---|---|"]
        lines += [f"| {state.name} | {', '.join(events)} |" for state, events in in_place.items()]
    return "\n".join(lines)


def edges() -> list[Edge]:
    """Return the edges of a desk with one venue, one strategy and one instrument."""
    system = System(seed=0, first_seq=1, started_ns=0)
    for name in ACTORS:
        system.add(name, Directive.ESCALATE, Actor)
    desk.declare(system, [VENUE], [STRATEGY], 1)
    return system.edges


def topology() -> str:
    """Write the edges as a table."""
    lines = ["| from | to | messages | lane | capacity | when full |", "|---|---|---|---|---|---|"]
    for edge in edges():
        messages = ", ".join(edge.accepts)
        lane, full = LANE_NAMES[edge.lane], FULL_NAMES[edge.full]
        lines.append(f"| {edge.sender} | {edge.receiver} | {messages} | {lane} | {edge.capacity:,} | {full} |")
    return "\n".join(lines)


def parts() -> dict[str, str]:
    """Return every made part by the name of its markers."""
    return {"topology": topology()} | {name: diagram(cycle) for name, cycle in LIFE_CYCLES.items()}


def current(page: str) -> str:
    """Return the page with every made part as it should be.

    Raises:
        ValueError: a part has no place in the page, or not exactly one.
    """
    for name, text in parts().items():
        markers = re.compile(rf"(<!-- made: {name} -->\n).*?(<!-- end: {name} -->)", re.DOTALL)
        page, count = markers.subn(partial(_between, text), page)
        if count != 1:
            raise ValueError(
                f"{PAGE.name} has {count} places for {name!r}, expected 1, between <!-- made: {name} --> and its end"
            )
    return page


def _between(text: str, found: re.Match[str]) -> str:
    return f"{found[1]}{text}\n{found[2]}"


def main() -> int:
    """Write the parts into the page, or compare them with --check."""
    page = PAGE.read_text(encoding="utf-8")
    made = current(page)
    if "--check" in sys.argv[1:]:
        if page == made:
            return 0
        sys.stderr.write(f"{PAGE} is not current: run python -m tools.diagrams\n")
        return 1
    PAGE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
