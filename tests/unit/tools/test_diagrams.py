"""docs/architecture.md shows the tables and the topology as they are, and its sequence diagrams fit the topology."""

from __future__ import annotations

import re
from enum import Enum, IntEnum
from itertools import product
from pathlib import Path

import pytest

from tools import diagrams
from tools.diagrams import LIFE_CYCLES, LifeCycle

ARROW = re.compile(r"^\s*(\w+)->>(\w+): (.+)$", re.MULTILINE)
ACTORS = {
    "gateway": "gateway:VENUE",
    "feed": "feed:VENUE",
    "strategy": "strategy:NAME",
    "risk": "risk",
    "orders": "orders",
    "portfolio": "portfolio",
    "safety": "safety",
    "operator": "operator",
    "audit_writer": "audit_writer",
}
EVERYONE = ("everyone", "audit_writer", "AuditEvent")


def sequences() -> list[str]:
    return re.findall(r"```mermaid\nsequenceDiagram\n(.*?)```", diagrams.PAGE.read_text(), re.DOTALL)


def test_the_page_is_current() -> None:
    page = diagrams.PAGE.read_text()
    assert diagrams.current(page) == page


@pytest.mark.parametrize("name", LIFE_CYCLES)
def test_every_step_of_a_table_is_drawn_or_named_and_no_other(name: str) -> None:
    cycle = LIFE_CYCLES[name]
    arrows = {(event, *ends) for ends, events in cycle.arrows().items() for event in events}
    arrows |= {(event, state, state) for state, events in cycle.steps_in_place().items() for event in events}
    assert arrows == {(event.name, before, after) for (before, event), after in cycle.table.items()}
    drawn = diagrams.diagram(cycle)
    for before, after in product(cycle.states, repeat=2):
        assert (f" {before.name} --> {after.name}:" in drawn) == ((before, after) in cycle.arrows())
    for state, events in cycle.steps_in_place().items():
        assert f"| {state.name} | {', '.join(events)} |" in drawn


class Light(IntEnum):
    RED = 0
    GREEN = 1
    DARK = 2


class Switch(IntEnum):
    TURN = 0
    BREAK = 1


def test_a_diagram_begins_where_a_life_can_begin_and_ends_where_no_arrow_leaves() -> None:
    table: dict[tuple[Enum, Enum], Enum] = {
        (Light.RED, Switch.TURN): Light.GREEN,
        (Light.GREEN, Switch.BREAK): Light.DARK,
        (Light.DARK, Switch.BREAK): Light.DARK,
    }
    assert diagrams.diagram(LifeCycle(table, (Light.RED,))).splitlines() == [
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> RED",
        "    RED --> GREEN: TURN",
        "    GREEN --> DARK: BREAK",
        "    DARK --> [*]",
        "```",
        "",
        "| state | what leaves it as it is |",
        "|---|---|",
        "| DARK | BREAK |",
    ]


def test_the_topology_has_a_row_for_every_edge() -> None:
    rows = diagrams.topology().splitlines()[2:]
    for edge, row in zip(diagrams.edges(), rows, strict=True):
        sender, receiver, messages, lane, capacity, full = (cell.strip() for cell in row.strip("|").split("|"))
        described = f"{sender} -> {receiver}: {messages} ({lane}, {capacity.replace(',', '')}, full: {full})"
        assert described == edge.describe()


def test_every_actor_of_the_desk_says_or_hears_something() -> None:
    named = {name for edge in diagrams.edges() for name in (edge.sender, edge.receiver)}
    assert set(diagrams.ACTORS) - named == set()


def test_messages_between_actors_in_the_sequence_diagrams_have_an_edge() -> None:
    known = {(edge.sender, edge.receiver, message) for edge in diagrams.edges() for message in edge.accepts}
    known |= {("feed:VENUE", "strategy:NAME", message) for _, to, message in known if to == "strategy:NAME"}
    said = [(ACTORS[a], ACTORS[b], text.split()[0]) for page in sequences() for a, b, text in ARROW.findall(page)
            if a in ACTORS and b in ACTORS]  # fmt: skip
    assert len(said) > 30
    for sender, receiver, message in said:
        everyone = ("everyone", receiver, message) == EVERYONE
        assert everyone or (sender, receiver, message) in known, f"{sender} says no {message} to {receiver}"


def test_every_line_of_a_sequence_diagram_is_of_a_known_form() -> None:
    form = re.compile(r"\s*(participant \w+( as .+)?|actor \w+|\w+->>\w+: .+|Note over \w+: .+|opt .+|end)")
    assert len(sequences()) == 4
    for line in (line for page in sequences() for line in page.splitlines()):
        assert form.fullmatch(line), line


def test_a_page_that_is_not_current_is_told_and_made_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "architecture.md"
    places = [f"<!-- made: {name} -->\n<!-- end: {name} -->\nkept\n" for name in diagrams.parts()]
    page.write_text("".join(places))
    monkeypatch.setattr(diagrams, "PAGE", page)
    monkeypatch.setattr("sys.argv", ["diagrams", "--check"])
    assert diagrams.main() == 1
    assert "run python -m tools.diagrams" in capsys.readouterr().err
    monkeypatch.setattr("sys.argv", ["diagrams"])
    assert diagrams.main() == 0
    assert page.read_text().count("kept\n") == len(diagrams.parts())
    monkeypatch.setattr("sys.argv", ["diagrams", "--check"])
    assert diagrams.main() == 0


def test_a_page_without_a_place_for_a_part_is_refused() -> None:
    with pytest.raises(ValueError, match="0 places for 'topology'"):
        diagrams.current("nothing")
