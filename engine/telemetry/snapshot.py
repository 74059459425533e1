"""The engine at one moment, for the live table, for `tiercel status` and for heartbeat.json.

Whoever assembles a run makes one about four times a second; a Snapshot is plain values only, so that it can leave the
process as one line of JSON. It is telemetry: nobody decides by it.
"""

from __future__ import annotations

from msgspec import Struct

from engine.telemetry.execution import ExecutionSummary, execution_lines
from engine.telemetry.metrics import Latency
from engine.telemetry.summary import OrderCounts, PositionSummary, ProfitAndLoss


class BookRow(Struct, frozen=True):
    """One instrument's best prices."""

    instrument: str
    status: str
    bid: str
    bid_quantity: str
    ask: str
    ask_quantity: str
    gaps: int = 0


class StrategyRow(Struct, frozen=True):
    """One strategy: whether it may trade, and why not."""

    name: str
    enabled: bool
    instruments: list[str]
    reason: str = ""
    open_orders: int = 0


class Snapshot(Struct, frozen=True):
    """The engine at one moment. Times are ns of the engine's clock, amounts are decimal text."""

    pid: int
    run_id: str
    node: str
    mode: str
    state: str
    reason: str
    gate: str
    time_ns: int
    elapsed_s: float
    progress: float | None
    """How much of the duration or the capture has passed, 0 to 1; None when neither is given."""
    market_messages: int
    market_rate: int
    books: list[BookRow]
    strategies: list[StrategyRow]
    positions: list[PositionSummary]
    pnl: ProfitAndLoss
    orders: OrderCounts
    open_orders: int
    fills: int
    latency_ns: dict[str, Latency]
    audit_records: int
    dead_letters: int = 0
    halts: int = 0
    execution: ExecutionSummary = ExecutionSummary()
    """Only in the answer to `tiercel status`."""
    policy: str = ""
    """Which limits are in force, and whether what persons decided before could be read."""
    note: str = ""
    """The last thing that a person should know, such as why a strategy was stopped."""


def plain_line(snapshot: Snapshot) -> str:
    """Return the snapshot as one line of text."""
    books = "; ".join(
        f"{row.instrument} {row.bid}/{row.ask}" + ("" if row.status == "SYNCHRONISED" else f" {row.status}")
        for row in snapshot.books
    )
    progress = "" if snapshot.progress is None else f" ({snapshot.progress:.0%})"
    return (
        f"{snapshot.elapsed_s:.0f} s{progress}  {snapshot.state}  {snapshot.market_rate:,}/s  {books}  "
        f"orders {snapshot.orders.submitted:,}, open {snapshot.open_orders}, fills {snapshot.fills:,}, "
        f"denied {snapshot.orders.denied:,}  pnl {snapshot.pnl.realised} {snapshot.pnl.currency}"
        + (f"  {snapshot.note}" if snapshot.note else "")
    )


def status_lines(snapshot: Snapshot) -> list[str]:
    """Return the snapshot as `tiercel status` prints it."""
    lines = [
        (
            f"engine {snapshot.node}, run {snapshot.run_id}, {snapshot.mode}, pid {snapshot.pid}, "
            f"up {snapshot.elapsed_s:,.0f} s"
        ),
        f"state {snapshot.state}, gate {snapshot.gate}" + (f": {snapshot.reason}" if snapshot.reason else ""),
        f"market {snapshot.market_rate:,} messages/s, {snapshot.market_messages:,} in all",
    ]
    for book in snapshot.books:
        lines.append(
            f"book {book.instrument} {book.status}: bid {book.bid} x {book.bid_quantity}, "
            f"ask {book.ask} x {book.ask_quantity}"
        )
    for strategy in snapshot.strategies:
        word = "enabled" if strategy.enabled else f"off: {strategy.reason}"
        lines.append(f"strategy {strategy.name}: {word}, {strategy.open_orders} open orders")
    for position in snapshot.positions:
        lines.append(f"position {position.instrument}: {position.quantity} at {position.average_price}")
    pnl, orders = snapshot.pnl, snapshot.orders
    lines += [
        f"pnl {pnl.currency}: realised {pnl.realised}, unrealised {pnl.unrealised}, fees {pnl.fees}",
        (
            f"orders: {orders.submitted:,} submitted, {snapshot.open_orders} open, {orders.denied:,} denied, "
            f"{orders.unknown} unknown; {snapshot.fills:,} fills"
        ),
        *execution_lines(snapshot.execution),
        f"audit {snapshot.audit_records:,} records, {snapshot.dead_letters} dead letters, {snapshot.halts} halts",
    ]
    if snapshot.policy:
        lines.append(f"policy {snapshot.policy}")
    return lines + ([snapshot.note] if snapshot.note else [])
