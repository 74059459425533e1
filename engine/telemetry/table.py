"""The live table of a terminal, drawn by a process of its own: `python -m engine.telemetry.table`.

Drawing takes milliseconds of Python, and those do not belong into the trading loop; so the engine writes a Snapshot as
one line of JSON into this process's standard input and forgets about it. The process ends when the pipe closes, so a
killed engine leaves nothing behind; Ctrl-C is the engine's affair and is ignored here.
"""

from __future__ import annotations

import signal
import sys

import msgspec
from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from engine.telemetry.snapshot import Snapshot
from engine.telemetry.summary import micros, order_counts

STATE_STYLES = {"NORMAL": "bold green", "CAUTIOUS": "bold cyan", "PROTECTIVE": "bold yellow", "EMERGENCY": "bold red"}
PROGRESS_WIDTH = 40


def picture(snapshot: Snapshot) -> RenderableType:
    """Return the table that shows a snapshot."""
    return Group(
        _head(snapshot),
        _books(snapshot),
        _strategies(snapshot),
        _money(snapshot),
        _orders(snapshot),
        _latencies(snapshot),
        Text(f" {snapshot.note}", style="yellow") if snapshot.note else Text(""),
    )


def _head(snapshot: Snapshot) -> RenderableType:
    words = Text.assemble(
        (f" {snapshot.state} ", STATE_STYLES.get(snapshot.state, "bold")),
        f" {snapshot.mode}  run {snapshot.run_id}  {snapshot.elapsed_s:,.0f} s  ",
        f"{snapshot.market_rate:,} market messages/s ({snapshot.market_messages:,})  ",
        f"{snapshot.audit_records:,} audit records",
        ("" if snapshot.gate == "OPEN" else f"  gate {snapshot.gate}", "bold red"),
        (f"  {snapshot.reason}" if snapshot.reason else "", "yellow"),
    )
    if snapshot.progress is None:
        return words
    row = Table.grid(padding=(0, 1))
    row.add_row(
        " ", ProgressBar(total=1.0, completed=snapshot.progress, width=PROGRESS_WIDTH), f"{snapshot.progress:.0%}"
    )
    return Group(words, row)


def _books(snapshot: Snapshot) -> Table:
    table = Table("book", "", "bid", "quantity", "ask", "quantity", "gaps", box=box.SIMPLE)
    for row in snapshot.books:
        style = "" if row.status == "SYNCHRONISED" else "red"
        prices = (row.bid, row.bid_quantity, row.ask, row.ask_quantity)
        table.add_row(row.instrument, row.status.lower(), *prices, str(row.gaps), style=style)
    return table


def _strategies(snapshot: Snapshot) -> Table:
    table = Table("strategy", "", "instruments", "open orders", box=box.SIMPLE)
    for row in snapshot.strategies:
        word = "enabled" if row.enabled else f"off: {row.reason}"
        style = "" if row.enabled else "red"
        table.add_row(row.name, word, ", ".join(row.instruments), str(row.open_orders), style=style)
    return table


def _money(snapshot: Snapshot) -> Table:
    table = Table("position", "quantity", "average price", "unrealised", box=box.SIMPLE)
    for row in snapshot.positions:
        table.add_row(row.instrument, row.quantity, row.average_price, row.unrealised)
    pnl = snapshot.pnl
    words = f"realised {pnl.realised}, unrealised {pnl.unrealised}, fees {pnl.fees}"
    table.caption = f"pnl {pnl.currency}: {words}"
    return table


def _orders(snapshot: Snapshot) -> Table:
    counted = [*order_counts(snapshot.orders), ("fills", snapshot.fills), ("open", snapshot.open_orders)]
    table = Table(*(name for name, _ in counted), box=box.SIMPLE)
    table.add_row(*(f"{count:,}" for _, count in counted))
    return table


def _latencies(snapshot: Snapshot) -> Table:
    table = Table("latency", "count", "p50", "p99", "p99.9", "max", box=box.SIMPLE)
    for name, row in snapshot.latency_ns.items():
        table.add_row(name, f"{row.count:,}", *(micros(value) for value in (row.p50, row.p99, row.p999, row.max)))
    return table


def main() -> None:
    """Draw every snapshot that arrives until the pipe closes; the last one stays on the terminal."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    decoder = msgspec.json.Decoder(Snapshot)
    with Live(console=Console(), auto_refresh=False, transient=False) as live:
        for line in sys.stdin.buffer:
            live.update(picture(decoder.decode(line)), refresh=True)


if __name__ == "__main__":
    main()
