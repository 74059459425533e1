"""The rows, their budgets, and the rounds: what is measured against what, and when a budget is met.

Cores are shared and noisy, so a figure counts as a ratio to a reference of the same round. A round measures every row
once, the references between the others; each row has a process of its own. A budget is met when one round meets every
bound of its row, and that round, whole, is the one that is shown: no figure is put together from two of them. Peers run
in an environment of their own (`make peers`); where it is absent a row says that it was not compared.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import NamedTuple

import msgspec

from benchmarks.macro import backtest, book, echo, hops, memory, paced, records, risk, tick_to_order, wire
from benchmarks.measurement import Measurement, NotMeasured, type_of_measure, type_of_measurements
from benchmarks.micro import book as levels
from benchmarks.micro import events, limits, market, options, orders
from benchmarks.peers import backtest as peers_backtest
from benchmarks.peers import book as peers_book
from benchmarks.peers import echo as peers_echo
from benchmarks.peers import events as peers_events
from benchmarks.peers import options as peers_options
from hotpath.options import isa

ROOT = Path(__file__).resolve().parent.parent
PEERS_PYTHON = ROOT / ".peers-venv" / "bin" / "python"
ROUNDS, ROUNDS_TINY = 5, 1
ROUND_S_MAX = 300
HOPS = "asyncio_hops_4"
ECHO = "echo"
EVENTS_HFTBACKTEST = "book_events@hftbacktest"
ECHO_AIOHTTP = "echo@aiohttp"
BACKTEST_NAUTILUS = "backtest_quotes@nautilus_trader"
GREEKS_SCIPY = "greeks_batch@scipy"
IMPLIED_QUANTLIB = "implied_vol_batch@QuantLib"


class Kind(Enum):
    """What a bound compares, and how its limit is written."""

    P50 = "p50 ≤ {:g}x"
    """The row's p50 over the reference's p50."""
    P99 = "p99 ≤ {:g}x"
    """The row's p99 over the reference's p50."""
    FASTER = "≥ {:g}x faster"
    """The reference's p50 over the row's p50."""
    LEAST = "≥ {:,g}"
    """The row's value itself."""
    MOST = "≤ {:,g}"
    """The row's value itself."""


class Bound(NamedTuple):
    """One limit of a budget."""

    kind: Kind
    limit: float
    peer: str = ""
    """The row of a peer that it compares with; by default the reference of its row."""

    @property
    def text(self) -> str:
        """The bound as it is printed."""
        return self.kind.value.format(self.limit) + (f" than {self.peer.partition('@')[2]}" if self.peer else "")

    def figure(self, row: Measurement, reference: Measurement | None) -> float | None:
        """Return what is compared with the limit, None where the row or its reference was not measured."""
        if self.kind in (Kind.LEAST, Kind.MOST):
            return row.value
        base = reference.p50 if reference is not None else None
        ours = row.p99 if self.kind is Kind.P99 else row.p50
        if not base or not ours:
            return None
        return base / ours if self.kind is Kind.FASTER else ours / base

    def use(self, row: Measurement, reference: Measurement | None) -> float:
        """Return how much of the limit is used: at most 1 when the bound is met, infinite when not measured."""
        figure = self.figure(row, reference)
        if not figure:
            return float("inf")
        return self.limit / figure if self.kind in (Kind.FASTER, Kind.LEAST) else figure / self.limit


class Row(NamedTuple):
    """One row of the table."""

    name: str
    unit: str
    """Of `value`; p50 and p99 are always us."""
    reference: str
    bounds: tuple[Bound, ...]
    measure: type_of_measure
    rounds_max: int = ROUNDS
    package: str = ""
    """The distribution that a peer's row measures, in the environment of the peers. Its name is `row@package`."""

    @property
    def budget(self) -> str:
        """Every bound of the row."""
        return ", ".join(bound.text for bound in self.bounds)

    @property
    def references(self) -> list[str]:
        """The rows that it is compared with."""
        names = [self.reference, *(bound.peer for bound in self.bounds)]
        return [name for name in names if name]

    def use(self, row: Measurement, references: type_of_measurements) -> float:
        """Return the use of the bound that is used most; without bounds the p50, so that the fastest round is shown.

        A bound against a peer that is not among the references is left out.
        """
        uses = [
            bound.use(row, references.get(bound.peer or self.reference))
            for bound in self.bounds
            if not bound.peer or bound.peer in references
        ]
        return max(uses) if uses else row.p50 or float("inf")


P50, P99, FASTER, LEAST, MOST = Kind.P50, Kind.P99, Kind.FASTER, Kind.LEAST, Kind.MOST

GREEKS_FASTER = {"baseline": 0.9, "v3": 4, "v4": 8}[isa.NAME]
IMPLIED_FASTER = {"baseline": 4, "v3": 8, "v4": 15}[isa.NAME]
CHAIN_BOUNDS = () if isa.NAME == "baseline" else (Bound(P50, 5),)
"""Vectors of two, four or eight doubles have budgets of their own; two are too few for a whole chain on each tick."""
PACED_BOUNDS = (Bound(P50, 0.7), Bound(P99, 4.5))
"""Of both rows: the budget names no idle state of processors, so it is shown with the one and with the other."""

ROWS = (
    Row(HOPS, "us", "", (), hops.through_queues),
    Row(ECHO_AIOHTTP, "us", "", (), peers_echo.aiohttp, package="aiohttp"),
    Row(ECHO, "us", "", (Bound(FASTER, 1, ECHO_AIOHTTP),), echo.echo),
    Row("actor_hops_4", "us", HOPS, (Bound(FASTER, 15),), hops.through_mailboxes),
    Row("bytes_to_book", "us", HOPS, (Bound(P50, 0.33),), book.bytes_to_book),
    Row("audit_records", "records/s", HOPS, (Bound(P50, 0.28), Bound(LEAST, 300_000)), records.audit_records),
    Row("risk_actor", "us", "", (Bound(MOST, 20),), risk.risk_actor),
    Row("tick_to_order", "us", HOPS, (Bound(P50, 0.55), Bound(P99, 2.8)), tick_to_order.tick_to_order),
    Row("tick_to_order_ticker", "us", HOPS, (Bound(P50, 0.55), Bound(P99, 1.1)), tick_to_order.tick_to_order),
    Row("tick_to_order_depth", "us", HOPS, (Bound(P50, 1.1),), tick_to_order.tick_to_order),
    Row("tick_to_order_paced", "us", HOPS, PACED_BOUNDS, paced.tick_to_order_paced),
    Row("tick_to_order_paced_default", "us", HOPS, PACED_BOUNDS, paced.tick_to_order_paced_default),
    Row("wire_to_wire_ticker", "us", ECHO, (Bound(P50, 1.75),), wire.wire_to_wire_ticker),
    Row("wire_to_wire_depth", "us", ECHO, (Bound(P50, 2),), wire.wire_to_wire_depth),
    Row(BACKTEST_NAUTILUS, "quotes/s", "", (), peers_backtest.nautilus_trader, package="nautilus_trader"),
    Row("backtest_quotes", "quotes/s", "", (Bound(FASTER, 6, BACKTEST_NAUTILUS),), backtest.backtest_quotes),
    Row(EVENTS_HFTBACKTEST, "events/s", "", (), peers_events.hftbacktest, package="hftbacktest"),
    Row("book_events", "events/s", "", (Bound(FASTER, 1, EVENTS_HFTBACKTEST),), events.book_events),
    Row("book_update@order_book", "ns", "", (), peers_book.order_book, package="order_book"),
    Row("book_update@nautilus_trader", "ns", "", (), peers_book.nautilus_trader, package="nautilus_trader"),
    Row("book_message@nautilus_trader", "ns", "", (), peers_book.nautilus_trader, package="nautilus_trader"),
    Row(
        "book_update",
        "ns",
        "",
        (Bound(FASTER, 3, "book_update@order_book"), Bound(FASTER, 1.2, "book_update@nautilus_trader")),
        levels.book_levels,
    ),
    Row("book_message", "ns", "", (Bound(FASTER, 1.5, "book_message@nautilus_trader"),), levels.book_levels),
    Row("book_l3_100", "operations/s", "", (), market.book_l3),
    Row("book_l3", "operations/s", "book_l3_100", (Bound(LEAST, 5_000_000), Bound(P50, 2)), market.book_l3),
    Row("matching", "orders/s", "", (Bound(LEAST, 2_000_000),), market.matching),
    Row(GREEKS_SCIPY, "options/s", "", (), peers_options.scipy, package="scipy"),
    Row("greeks_batch", "options/s", "", (Bound(FASTER, GREEKS_FASTER, GREEKS_SCIPY),), options.greeks_batch),
    Row(IMPLIED_QUANTLIB, "prices/s", "", (), peers_options.quantlib, package="QuantLib"),
    Row(
        "implied_vol_batch",
        "prices/s",
        "",
        (Bound(FASTER, IMPLIED_FASTER, IMPLIED_QUANTLIB),),
        options.implied_vol_batch,
    ),
    Row("chain_revalue_2192", "us", HOPS, CHAIN_BOUNDS, options.chain_revalue),
    Row("average_fill", "ns", "", (Bound(MOST, 100),), orders.average_fill),
    Row("risk_checks", "ns", "", (Bound(MOST, 1_000),), limits.risk_checks),
    Row("position_update", "ns", "", (Bound(MOST, 100),), orders.position_update),
    Row("sweep", "ns", "", (Bound(MOST, 100),), orders.sweep),
    Row("idle_rss_mib", "MiB", "", (Bound(MOST, 75),), memory.idle_rss_mib, rounds_max=1),
)
"""Every row, references first. Rows of one measure are measured together."""


class Result(NamedTuple):
    """A row and the round that is shown."""

    row: Row
    measurement: Measurement | None
    references: type_of_measurements
    """What it is compared with, of the same round."""
    problem: str
    """Why there is no measurement; empty when there is one."""

    @property
    def absent(self) -> list[str]:
        """The packages that it should be compared with and that are not installed."""
        missing = [bound.peer for bound in self.row.bounds if bound.peer and bound.peer not in self.references]
        return [] if self.measurement is None else [name.partition("@")[2] for name in missing]

    @property
    def met(self) -> bool | None:
        """Whether the budget is met; None where there is none, or where all that was compared is met and a peer absent.

        What was not measured is not met.
        """
        if not self.row.bounds:
            return None
        if len(self.absent) == len(self.row.bounds):
            return None
        is_met = self.measurement is not None and self.row.use(self.measurement, self.references) <= 1
        return None if is_met and self.absent else is_met

    def figure(self, bound: Bound) -> float | None:
        """Return what a bound of the row compares with its limit, None where that was not measured."""
        if self.measurement is None:
            return None
        return bound.figure(self.measurement, self.references.get(bound.peer or self.row.reference))

    @property
    def ratio(self) -> float | None:
        """The figure of the row's first ratio: ours over the reference, or times faster where the budget says so."""
        figures = [self.figure(bound) for bound in self.row.bounds if bound.kind not in (Kind.LEAST, Kind.MOST)]
        return figures[0] if figures else None


class Outcome(msgspec.Struct, frozen=True):
    """What the process of one measure answers."""

    measurements: type_of_measurements = {}
    problem: str = ""


type_of_round = dict[str, Outcome]
"""By the name of the row."""


def measure_here(name: str, *, quick: bool) -> Outcome:
    """Measure the rows of one measure in this process."""
    measure = next(row.measure for row in ROWS if row.name == name)
    try:
        return Outcome(measure(quick))
    except NotMeasured as reason:
        return Outcome(problem=f"not measured: {reason}")


def measure_apart(name: str, *, quick: bool) -> Outcome:
    """Measure the rows of one measure in a fresh process, so that no row warms up or slows down another."""
    package = next(row.package for row in ROWS if row.name == name)
    if package and not PEERS_PYTHON.exists():
        return Outcome(problem=f"not measured: {package} is not installed; `make peers` makes its environment")
    python = str(PEERS_PYTHON) if package else sys.executable
    command = [python, "-m", "benchmarks", "--measure", name, *(["--quick"] if quick else [])]
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command, cwd=ROOT, capture_output=True, timeout=ROUND_S_MAX, check=False
        )
    except subprocess.TimeoutExpired:
        return Outcome(problem=f"failed: took over {ROUND_S_MAX} s")
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
        return Outcome(problem=f"failed: {last[0]}")
    return msgspec.json.decode(done.stdout, type=Outcome)


def run(
    rows: Sequence[Row],
    *,
    quick: bool,
    measure: Callable[..., Outcome] = measure_apart,
    progress: Callable[[int, str], None] = lambda _round, _name: None,
) -> list[Result]:
    """Measure rows in interleaved rounds and judge them.

    Args:
        rows: those that are wanted; their references must be among them.
        quick: tiny inputs and one round.
        measure: measures the rows of one measure, by the name of the first of them.
        progress: told the round and the row that begins.
    """
    rounds: list[type_of_round] = []
    for number in range(ROUNDS_TINY if quick else ROUNDS):
        answers: dict[type_of_measure, Outcome] = {}
        for row in rows:
            if row.measure not in answers and number < row.rounds_max:
                progress(number, row.name)
                answers[row.measure] = measure(row.name, quick=quick)
        rounds.append({row.name: answers[row.measure] for row in rows if row.measure in answers})
    return [judge(row, rounds) for row in rows]


def judge(row: Row, rounds: Sequence[Mapping[str, Outcome]]) -> Result:
    """Choose the best round of a row. Rounds that did different work, or that failed, spoil the row."""
    mine = [one for one in rounds if row.name in one]
    problems = [one[row.name].problem for one in mine if one[row.name].problem]
    if problems:
        return Result(row, None, {}, problems[0])
    measured = [(one[row.name].measurements.get(row.name), _references(row, one)) for one in mine]
    found = [(measurement, references) for measurement, references in measured if measurement is not None]
    if len(found) < len(mine) or not found:
        return Result(row, None, {}, "failed: a round had no figure for this row")
    if len(_distinct(measurement.work for measurement, _ in found)) > 1:
        return Result(row, None, {}, "failed: the rounds did not do the same work")
    broken = [name for one in mine for name in row.references if name in one and one[name].problem.startswith("failed")]
    if broken:
        return Result(row, None, {}, f"failed: it was to be compared with {broken[0]}, which failed")
    best = min(found, key=lambda pair: row.use(*pair))
    return Result(row, *best, "")


def _references(row: Row, one: Mapping[str, Outcome]) -> type_of_measurements:
    found = {name: one[name].measurements.get(name) for name in row.references if name in one}
    return {name: measurement for name, measurement in found.items() if measurement is not None}


def _distinct(values: Iterable[str]) -> list[str]:
    return sorted(set(values))


def with_references(names: Sequence[str]) -> list[Row]:
    """Return the rows of these names and those that they refer to, in the order of the table; all for no names."""
    if not names:
        return list(ROWS)
    known = {row.name: row for row in ROWS}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise LookupError(f"there is no row {unknown[0]!r}; there are {', '.join(known)}")
    wanted = set(names)
    for row in reversed(ROWS):  # what a row refers to stands before it
        if row.name in wanted:
            wanted.update(row.references)
    return [row for row in ROWS if row.name in wanted]


def with_peers() -> list[str]:
    """Return the names of the rows that are compared with a peer."""
    return [row.name for row in ROWS if any(bound.peer for bound in row.bounds)]
