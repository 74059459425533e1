"""The result of one order, read off its records: what `ExecutionResult` is to a strategy, from the trail alone.

It judges nothing and knows no order that has no record. The state is what the last record said of the order, and what
was filled is the sum of its executions; the table from states to statuses is that of engine.messages.execution.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from engine.audit.record import Record
from engine.messages.control import Action
from engine.messages.execution import ExecutionResult, status_of, succeeded

BPS = 10_000
WRONG = frozenset({Action.ORDER_DENY.value, Action.ORDER_REJECT.value, Action.ORDER_UNKNOWN.value})


def outcome(records: Iterable[Record]) -> ExecutionResult | None:
    """Return what became of the order that all these records are about; None when none tells its state."""
    state, error, order_id, last = "", "", "", ""
    lots, value = Fraction(0), Fraction(0)
    mid: Fraction | None = None
    metadata: dict[str, Any] = {}
    for record in records:
        after, said = record.after_state or {}, record.metadata or {}
        if not isinstance(after.get("state"), str):
            continue
        state, last = after["state"], record.timestamp
        error = record.reason or "" if record.action in WRONG else ""
        metadata |= {key: said[key] for key in ("instrument", "intent", "side", "strategy") if key in said}
        if record.resource_type == "order":
            order_id = record.resource_id or ""
        quote = said.get("quote")
        if record.action == Action.TRADE_DECISION.value and isinstance(quote, dict):
            mid = (Fraction(quote["bid"]) + Fraction(quote["ask"])) / 2
        if record.action == Action.ORDER_FILL.value:
            lots += Fraction(said["quantity"])
            value += Fraction(said["quantity"]) * Fraction(said["price"])
    if not state:
        return None
    filled = lots > 0
    status = status_of(state, filled=filled)
    slippage = None
    if filled and mid:
        worse = value / lots - mid
        slippage = _shown((worse if metadata.get("side") == "BUY" else -worse) * BPS / mid, 4)
    return ExecutionResult(
        success=succeeded(status, filled=filled),
        status=status,
        order_id=order_id,
        fill_price=_shown(value / lots) if filled else None,
        fill_quantity=_shown(lots),
        slippage_bps=slippage,
        timestamp=datetime.fromisoformat(f"{last[:26]}+00:00"),
        error=error,
        metadata=metadata,
    )


def outcome_line(result: ExecutionResult) -> str:
    """Return a result as one line for a person."""
    words = [f"{result.status}"]
    if result.fill_price is not None:
        words.append(f"{result.fill_quantity} filled at {result.fill_price}")
    if result.slippage_bps is not None:
        words.append(f"slippage {result.slippage_bps} bps")
    if result.error:
        words.append(result.error)
    return "result: " + ", ".join(words)


def _shown(value: Fraction, decimals: int = 8) -> Decimal:
    """Return a number with so many decimals at most, the nearest, without trailing zeros."""
    number = Decimal(round(value * 10**decimals)).scaleb(-decimals)
    return number.quantize(Decimal(1)) if number == number.to_integral() else number.normalize()
