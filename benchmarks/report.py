"""How results are told: a table for a terminal, the same as Markdown in the protocol, and latest.json.

No figure is typed by hand: the table in README.md stands between two marks, and this module writes what is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.harness import Bound, Kind, Result
from benchmarks.machine import commit, machine

README = Path(__file__).resolve().parent / "README.md"
LATEST = Path(__file__).resolve().parent / "results" / "latest.json"
BEGIN = "<!-- results: written by `python -m benchmarks --write-readme` -->"
END = "<!-- end of results -->"
COLUMNS = ("row", "p50 us", "p99 us", "value", "compared", "budget", "reference", "met", "what was measured", "work")
NUMBERS = COLUMNS[1:4]


def write_json(results: Sequence[Result], path: Path) -> None:
    """Write the results for programs, with machine and commit. The layout is part of the command's contract."""
    content = {"machine": machine(), "commit": commit(), "results": [_as_json(result) for result in results]}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")


def _as_json(result: Result) -> dict[str, Any]:
    measured = result.measurement
    return {
        "name": result.row.name,
        "unit": result.row.unit,
        "p50": measured.p50 if measured else None,
        "p99": measured.p99 if measured else None,
        "value": _value(result),
        "ratio": result.ratio,
        "reference": result.row.reference or None,
        "budget": result.row.budget or None,
        "met": result.met,
    }


def _value(result: Result) -> float | None:
    """Return the figure in the unit of the row; of a latency that is its p50."""
    if result.measurement is None:
        return None
    return result.measurement.value if result.measurement.value is not None else result.measurement.p50


def cells(result: Result) -> tuple[str, ...]:
    """Return one line of the table, in the order of COLUMNS."""
    measured = result.measurement
    if measured is None:
        middle = ("-", "-", "-", "-")
        note, work = result.problem, ""
    else:
        value = f"{measured.value:,.0f} {result.row.unit}" if measured.value is not None else ""
        middle = (_number(measured.p50), _number(measured.p99), value, _compared(result))
        note, work = measured.note, measured.work
    if result.absent:
        note += f"; not compared with {', '.join(result.absent)}: not installed (make peers)"
    met = {None: "", True: "yes", False: "no"}[result.met]
    return (result.row.name, *middle, result.row.budget, result.row.reference, met, note, work)


def _number(figure: float | None) -> str:
    if figure is None:
        return ""
    return f"{figure:.2f}" if figure < 100 else f"{figure:.0f}"


def _compared(result: Result) -> str:
    """Return the figure behind each bound that is a ratio, in the order of the budget."""
    return ", ".join(_ratio_text(result, bound) for bound in result.row.bounds if "x" in bound.text)


def _ratio_text(result: Result, bound: Bound) -> str:
    figure = result.figure(bound)
    if figure is None:
        return "-"
    return f"{figure:.1f}x" if bound.kind is Kind.FASTER else f"{figure:.3g}x"


def print_table(results: Sequence[Result], console: Console, *, quick: bool) -> None:
    """Print the table, and how many budgets are met."""
    table = Table(*COLUMNS, box=None, pad_edge=False, header_style="bold")
    for column in table.columns:
        column.no_wrap = column.header not in COLUMNS[-2:-1]
        column.justify = "right" if column.header in NUMBERS else "left"
    for result in results:
        style = {None: "dim", True: None, False: "red"}[result.met]
        table.add_row(*cells(result), style=style)
    console.print(table)
    console.print(summary(results, quick=quick))


def summary(results: Sequence[Result], *, quick: bool) -> str:
    """Return where the figures come from and how many budgets are met."""
    budgets = [result.met for result in results if result.met is not None]
    tiny = "; tiny inputs: these figures say that the rows run, and nothing else" if quick else ""
    return f"{machine()}, commit {commit()}: {sum(budgets)} of {len(budgets)} budgets met{tiny}"


def markdown(results: Sequence[Result]) -> str:
    """Return the table as it stands in the protocol."""
    lines = [f"| {' | '.join(COLUMNS)} |", f"|{'|'.join('---:' if name in NUMBERS else '---' for name in COLUMNS)}|"]
    lines += [f"| {' | '.join(cells(result))} |" for result in results]
    return "\n".join([*lines, "", summary(results, quick=False)])


def write_readme(results: Sequence[Result], path: Path = README) -> None:
    """Put the table in its place in the protocol. ValueError when the marks are not there."""
    text = path.read_text()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{path} has no place for the table: expected the lines {BEGIN!r} and {END!r}")
    path.write_text(f"{before}{BEGIN}\n{markdown(results)}\n{END}{after}")
