"""The result of a request, read off the handle of its order: what was reported, and nothing that was not.

Averages and slippage are exact fractions until they are shown. Slippage is measured from the mid that the strategy saw
when it decided; a decision without a quote has none.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from engine.messages.execution import ExecutionResult, status_of, succeeded
from engine.messages.orders import OrderDenied
from engine.messages.reports import OrderRejected, OrderUnknown
from hotpath.orders.transitions import OrderState

if TYPE_CHECKING:
    from actors.strategy.order import WorkingOrder

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BPS = 10_000
SHOWN_DECIMALS = 4


def result_of(order: WorkingOrder) -> ExecutionResult:
    """Return what became of an order up to now."""
    last, request, filled = order.last, order.request, order.filled_lots > 0
    status = status_of(_state(order), filled=filled)
    time_ns = request.time_ns if last is None else last.time_ns
    return ExecutionResult(
        success=succeeded(status, filled=filled),
        status=status,
        order_id=order.client_order_id,
        fill_price=_average(order) if filled else None,
        fill_quantity=order.filled,
        slippage_bps=_slippage(order) if filled else None,
        timestamp=EPOCH + timedelta(microseconds=time_ns // 1_000),
        error=_error(last),
        metadata=_metadata(order),
    )


def _state(order: WorkingOrder) -> str:
    """Return the state as the trail would name it: an order of which nobody spoke is only decided."""
    if order.state is OrderState.FAILED and isinstance(order.last, OrderDenied):
        return "DENIED"
    if order.state is OrderState.IN_FLIGHT and order.last is None:
        return "DECIDED"
    return order.state.name


def _average(order: WorkingOrder) -> Decimal:
    """Return the average price: as the venue prints it, or with eight decimals more where it is a quotient."""
    if order.paid % order.filled_lots == 0:
        return order.scale.price(order.paid // order.filled_lots)
    decimals = order.scale.price_decimals + 8
    scaled = round(Fraction(order.paid, order.filled_lots) * 10**8)
    return Decimal(scaled).scaleb(-decimals)


def _slippage(order: WorkingOrder) -> Decimal | None:
    """Return how much worse than the mid at the decision it was filled."""
    quote = order.request.quote
    if quote is None or not quote.bid_ticks or not quote.ask_ticks:
        return None
    twice = quote.bid_ticks + quote.ask_ticks
    worse = order.side * (Fraction(2 * order.paid, order.filled_lots) - twice)
    return Decimal(round(worse * BPS * 10**SHOWN_DECIMALS / twice)).scaleb(-SHOWN_DECIMALS)  # ratio: exact Fraction


def _error(last: Any) -> str:
    """Return why an order is not what was asked for."""
    if isinstance(last, OrderDenied):
        return f"{last.reason.name}: {last.observed}, limit {last.limit}"
    if isinstance(last, OrderRejected):
        return f"{last.code}: {last.text}" if last.sent else last.text
    return last.text if isinstance(last, OrderUnknown) else ""


def _metadata(order: WorkingOrder) -> dict[str, Any]:
    request = order.request
    return {
        "instrument": request.instrument,
        "intent": request.intent,
        "leaves": order.leaves,
        "quantity": order.quantity,
        "reduce_only": request.reduce_only,
        "side": request.side.name,
        "type": request.type.name,
    }
