"""How well orders were executed: the rows of summary.json and `tiercel status`, and the thresholds that they warn at.

It owns the shapes and the words. The figures are made in engine.telemetry.quality; nobody decides by them. Ratios and
basis points are decimal text, amounts are text in their own currency, times are ns of the engine's clock but for the
decision and order latencies, which are the monotonic clock's.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from hotpath.core.histogram import Histogram

TOTAL_WARN_NS = 100_000_000
TOTAL_CRITICAL_NS = 500_000_000
SLIPPAGE_WARN_BPS = 10
FILL_RATIO_WARN_PCT = 90


class Quantiles(Struct, frozen=True):
    """A latency's distribution in ns."""

    count: int = 0
    p50: int = 0
    p95: int = 0
    p99: int = 0


def quantiles(histogram: Histogram) -> Quantiles:
    """Return the quantiles of a histogram."""
    return Quantiles(histogram.count, histogram.percentile(50), histogram.percentile(95), histogram.percentile(99))


class QualityRow(Struct, frozen=True):
    """The execution of one strategy, one venue, or all; None where nothing was filled or sent."""

    sent: int = 0
    """Orders that left."""
    ended: int = 0
    """Those of them that are over."""
    denied: int = 0
    fill_ratio: str | None = None
    """The mean over ended orders of filled over ordered."""
    reject_ratio: str | None = None
    """Of ended orders."""
    cancel_ratio: str | None = None
    slippage_bps: str | None = None
    """The mean over filled orders of how much worse than the mid at the decision."""
    effective_spread_bps: str | None = None
    """Twice that distance (Huang and Stoll, 1996)."""
    price_improvement_bps: str | None = None
    """The mean of how much better than the other side's best price at the decision."""
    shortfall: dict[str, str] = {}
    """Implementation shortfall by currency: what was paid beyond the mid at the decision, what the market moved away
    from the rest, and fees in the traded currencies (Perold, 1988)."""
    time_to_fill_ns: Quantiles = Quantiles()
    """From leaving to the last fill, of orders that were filled whole."""


class OrderQuality(Struct, frozen=True):
    """The execution of one order that is over."""

    strategy: str
    intent: int
    instrument: str
    status: str
    fill_ratio: str
    slippage_bps: str | None
    effective_spread_bps: str | None
    price_improvement_bps: str | None
    shortfall: str | None
    currency: str
    time_to_fill_ns: int | None


class ExecutionSummary(Struct, frozen=True):
    """How well the orders of a run were executed."""

    statuses: dict[str, int] = {}
    """How many requests stand where."""
    latency_ns: dict[str, Quantiles] = {}
    """decision: a strategy's handler; order: from the venue's bytes to the order at the transport; acknowledgement and
    fill: from leaving to the venue's first word and to the first fill; total: from the decision to the first word."""
    total: QualityRow = QualityRow()
    strategies: dict[str, QualityRow] = {}
    venues: dict[str, QualityRow] = {}
    orders: list[OrderQuality] = []
    """The newest that are over."""
    warnings: dict[str, int] = {}
    """How often a threshold was passed."""


def execution_lines(execution: ExecutionSummary) -> Iterator[str]:
    """Yield the summary as lines of text; nothing when no order left."""
    if not execution.total.sent:
        return
    for name, row in (("all", execution.total), *execution.strategies.items(), *execution.venues.items()):
        if row.sent:
            yield f"execution {name}: " + ", ".join(_words(row))
    delays = (
        f"{name} {row.p50 / 1e6:,.3f}/{row.p95 / 1e6:,.3f}/{row.p99 / 1e6:,.3f}"
        for name, row in execution.latency_ns.items()
        if row.count
    )
    yield "execution latency ms (p50/p95/p99): " + ", ".join(delays)
    if execution.warnings:
        yield "execution warnings: " + ", ".join(f"{count:,} {name}" for name, count in execution.warnings.items())


def _words(row: QualityRow) -> Iterator[str]:
    yield f"{row.sent:,} sent"
    for name, value, unit in (
        ("filled", row.fill_ratio, ""),
        ("rejected", row.reject_ratio, ""),
        ("cancelled", row.cancel_ratio, ""),
        ("slippage", row.slippage_bps, " bps"),
        ("effective spread", row.effective_spread_bps, " bps"),
        ("improvement", row.price_improvement_bps, " bps"),
    ):
        if value is not None:
            yield f"{name} {value}{unit}"
    for currency, amount in row.shortfall.items():
        yield f"shortfall {amount} {currency}"
