"""What a run came to: summary.json, and the same for a person.

Counts are integers, amounts are decimal text without an exponent, latencies are ns. The Struct is the format: a field
that is not here is not in the file. It judges nothing; whether the trail is sound is for `tiercel audit verify`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from engine.telemetry.execution import ExecutionSummary, execution_lines
from engine.telemetry.metrics import Latency

if TYPE_CHECKING:
    from rich.console import RenderableType


class FeedSummary(Struct, frozen=True):
    """One instrument's book over the run, and as it was at the end."""

    applied: int
    dropped: int
    gaps: int
    last_update_id: int
    best_bid: str
    best_bid_quantity: str
    best_ask: str
    best_ask_quantity: str
    bid_levels: int
    ask_levels: int
    bbo_checks: int
    bbo_mismatches: int
    levels_capped: int = 0
    """Levels that were dropped because their side held book.levels_max."""


class OrderCounts(Struct, frozen=True):
    """What became of the orders of the run; `unknown` are those unresolved at its end."""

    submitted: int = 0
    accepted: int = 0
    filled: int = 0
    canceled: int = 0
    rejected: int = 0
    denied: int = 0
    expired: int = 0
    unknown: int = 0


class WaitingCounts(Struct, frozen=True):
    """What became of the orders that waited in the engine; `waiting` are those that still do at its end."""

    waiting: int = 0
    armed: int = 0
    fired: int = 0
    filled: int = 0
    canceled: int = 0
    expired: int = 0
    rejected: int = 0


class PositionSummary(Struct, frozen=True):
    """One position at the end of the run."""

    instrument: str
    quantity: str
    average_price: str
    unrealised: str


class ProfitAndLoss(Struct, frozen=True):
    """Profit and loss of the run in the risk currency."""

    currency: str
    realised: str
    unrealised: str
    fees: str


class LatencySummary(Struct, frozen=True):
    """From the venue's bytes at our parser to the order at the transport, and each hop in between."""

    tick_to_order: Latency
    hops: dict[str, Latency]


class AuditSummary(Struct, frozen=True):
    """This run's part of the audit chain."""

    records: int
    first_seq: int
    head: str


class TapeSummary(Struct, frozen=True):
    """What was recorded."""

    frames: int
    bytes: int


class SentSummary(Struct, frozen=True):
    """What was handed to transports, with secrets masked."""

    payloads: int
    digest: str


class Summary(Struct, frozen=True):
    """summary.json."""

    run_id: str
    mode: str
    duration_s: int
    market_messages: int
    feeds: dict[str, FeedSummary]
    orders: OrderCounts
    fills: int
    positions: list[PositionSummary]
    pnl: ProfitAndLoss
    latency_ns: LatencySummary
    audit: AuditSummary
    tape: TapeSummary
    sent: SentSummary
    peak_rss_mib: int
    dead_letters: int
    halts: int
    state: str
    waiting: WaitingCounts = WaitingCounts()
    execution: ExecutionSummary = ExecutionSummary()

    def to_json(self) -> bytes:
        """Return the content of summary.json, indented, with a line feed at its end."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


def read_summary(content: bytes) -> Summary:
    """Return the summary that stands in a summary.json. msgspec.DecodeError when it is none."""
    return msgspec.json.decode(content, type=Summary)


def micros(ns: int) -> str:
    """Write a latency for a person: microseconds, or milliseconds from 10 ms on."""
    return f"{ns / 1e3:,.1f} us" if ns < 10_000_000 else f"{ns / 1e6:,.1f} ms"


def plain_lines(summary: Summary) -> Iterator[str]:
    """Yield the summary as lines of text."""
    yield (
        f"run {summary.run_id}: {summary.mode}, {summary.duration_s} s, {summary.market_messages:,} market messages, "
        f"ended {summary.state}"
    )
    for name, feed in summary.feeds.items():
        yield (
            f"feed {name}: {feed.applied:,} applied, {feed.dropped} dropped, {feed.gaps} gaps, "
            f"bid {feed.best_bid} x {feed.best_bid_quantity}, ask {feed.best_ask} x {feed.best_ask_quantity}, "
            f"levels {feed.bid_levels:,}/{feed.ask_levels:,}, {feed.levels_capped:,} capped, "
            f"{feed.bbo_checks} best-price checks, {feed.bbo_mismatches} mismatches"
        )
    counts = ", ".join(f"{count:,} {name}" for name, count in order_counts(summary.orders))
    yield f"orders: {counts}; {summary.fills:,} fills"
    if summary.waiting != WaitingCounts():
        told = ", ".join(f"{getattr(summary.waiting, name):,} {name}" for name in summary.waiting.__struct_fields__)
        yield f"orders that waited: {told}"
    for position in summary.positions:
        yield (
            f"position {position.instrument}: {position.quantity} at {position.average_price}, "
            f"unrealised {position.unrealised}"
        )
    pnl = summary.pnl
    yield f"pnl {pnl.currency}: realised {pnl.realised}, unrealised {pnl.unrealised}, fees {pnl.fees}"
    for name, row in latencies(summary):
        yield (
            f"latency {name}: p50 {micros(row.p50)}, p99 {micros(row.p99)}, p99.9 {micros(row.p999)}, "
            f"max {micros(row.max)} ({row.count:,})"
        )
    yield from execution_lines(summary.execution)
    yield from evidence(summary)


def order_counts(orders: OrderCounts) -> list[tuple[str, int]]:
    """Return the counts of orders with their names, in the order of an order's life."""
    return [(name, getattr(orders, name)) for name in orders.__struct_fields__]


def latencies(summary: Summary) -> list[tuple[str, Latency]]:
    """Return every latency that was measured, tick to order first."""
    rows = [("tick to order", summary.latency_ns.tick_to_order), *summary.latency_ns.hops.items()]
    return [(name, row) for name, row in rows if row.count]


def evidence(summary: Summary) -> list[str]:
    """Return the lines about trail, tape, sent bytes and faults."""
    audit, tape, sent = summary.audit, summary.tape, summary.sent
    return [
        f"audit: {audit.records:,} records from {audit.first_seq}, head {audit.head}",
        f"tape: {tape.frames:,} frames, {tape.bytes:,} bytes; sent: {sent.payloads:,} payloads, digest {sent.digest}",
        f"memory peak {summary.peak_rss_mib} MiB, {summary.dead_letters} dead letters, {summary.halts} halts",
    ]


def tables(summary: Summary) -> RenderableType:
    """Return the summary for a terminal."""
    from rich import box
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    lines = list(plain_lines(summary))
    parts: list[RenderableType] = [Text(lines[0], style="bold")]
    books = Table(
        "feed", "applied", "dropped", "gaps", "bid", "ask", "levels", "capped", "checks", "mismatches", box=box.SIMPLE
    )
    for name, feed in summary.feeds.items():
        books.add_row(
            name,
            f"{feed.applied:,}",
            str(feed.dropped),
            str(feed.gaps),
            f"{feed.best_bid} x {feed.best_bid_quantity}",
            f"{feed.best_ask} x {feed.best_ask_quantity}",
            f"{feed.bid_levels:,} / {feed.ask_levels:,}",
            f"{feed.levels_capped:,}",
            str(feed.bbo_checks),
            str(feed.bbo_mismatches),
        )
    parts.append(books)
    counted = [*order_counts(summary.orders), ("fills", summary.fills)]
    orders = Table(*(name for name, _ in counted), box=box.SIMPLE)
    orders.add_row(*(f"{count:,}" for _, count in counted))
    parts.append(orders)
    held = Table("position", "quantity", "average price", "unrealised", box=box.SIMPLE)
    for position in summary.positions:
        held.add_row(position.instrument, position.quantity, position.average_price, position.unrealised)
    pnl = summary.pnl
    parts += [held, Text(f" pnl {pnl.currency}: realised {pnl.realised}, unrealised {pnl.unrealised}, fees {pnl.fees}")]
    delays = Table("latency", "count", "p50", "p99", "p99.9", "max", box=box.SIMPLE)
    for name, row in latencies(summary):
        delays.add_row(name, f"{row.count:,}", *(micros(value) for value in (row.p50, row.p99, row.p999, row.max)))
    words = [*execution_lines(summary.execution), *evidence(summary)]
    return Group(*parts, delays, *(Text(f" {line}") for line in words))


def print_summary(summary: Summary) -> None:
    """Print the summary on standard output: tables on a terminal, lines elsewhere."""
    import sys

    if not sys.stdout.isatty():
        sys.stdout.write("\n".join(plain_lines(summary)) + "\n")
        return
    from rich.console import Console

    Console().print(tables(summary))
