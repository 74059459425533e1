"""The result of an order from its records alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from engine.audit.outcome import outcome, outcome_line
from engine.audit.record import decode
from engine.audit.search import search
from engine.messages.control import Action
from engine.messages.execution import ExecutionResult, ExecutionStatus
from engine.messages.market import Side
from engine.messages.orders import DenialReason, OrderDenied
from engine.messages.reports import OrderExpired, OrderRejected, OrderUnknown
from tests.unit.engine.audit.conftest import NOON_NS, TrailMaker

E = ExecutionStatus


@pytest.fixture
def maker(make_trail: Callable[..., TrailMaker]) -> TrailMaker:
    made = make_trail()
    made.start()
    return made


def result_of(maker: TrailMaker, order_id: str) -> ExecutionResult:
    maker.files.flush()
    result = outcome(search(maker.data_dir, order=order_id))
    assert result is not None
    return result


def test_a_filled_order_tells_its_average_price_and_slippage(maker: TrailMaker) -> None:
    order_id = maker.place(price_ticks=6_000_000, quoted_ticks=5_999_999)
    maker.accept(order_id)
    maker.time_ns += 1_000_000
    maker.fill(order_id, 150_000, 50_000, price_ticks=6_000_000)
    maker.fill(order_id, 50_000, price_ticks=6_000_400)
    result = result_of(maker, order_id)
    assert (result.status, result.success, result.order_id) == (E.FILLED, True, order_id)
    assert (result.fill_price, result.fill_quantity) == (Decimal("60001"), Decimal("0.002"))
    assert result.slippage_bps == Decimal("0.1675")
    assert result.timestamp == datetime.fromtimestamp(NOON_NS // 10**9, UTC).replace(microsecond=1_000)
    assert result.metadata["side"] == "BUY"
    assert outcome_line(result) == "result: FILLED, 0.002 filled at 60001, slippage 0.1675 bps"


def test_a_sale_above_the_mid_has_negative_slippage(maker: TrailMaker) -> None:
    order_id = maker.place(Side.SELL, price_ticks=6_000_000, quoted_ticks=5_999_999)
    maker.fill(order_id, 200_000, side=Side.SELL, price_ticks=6_060_000)
    assert result_of(maker, order_id).slippage_bps == Decimal("-100.0008")


def expire(maker: TrailMaker, order_id: str) -> None:
    maker.tell(Action.ORDER_EXPIRE, OrderExpired(0, 1, 0, Side.BUY, 1, order_id, 0, 0))


def reject(maker: TrailMaker, order_id: str) -> None:
    maker.tell(Action.ORDER_REJECT, OrderRejected(0, 1, 0, Side.BUY, 1, order_id, True, -2010, "no money", 0))


def fail(maker: TrailMaker, order_id: str) -> None:
    maker.tell(Action.ORDER_REJECT, OrderRejected(0, 1, 0, Side.BUY, 1, order_id, False, 0, "the gate is closed", 0))


def lose(maker: TrailMaker, order_id: str) -> None:
    maker.tell(Action.ORDER_UNKNOWN, OrderUnknown(0, 1, 0, Side.BUY, 1, order_id, "timeout", 0))


def part(maker: TrailMaker, order_id: str) -> None:
    maker.accept(order_id)
    maker.fill(order_id, 1_000, 199_000)


@pytest.mark.parametrize(
    ("happens", "status", "error"),
    [
        (lambda maker, order_id: None, E.SUBMITTED, ""),
        (lambda maker, order_id: maker.accept(order_id), E.SUBMITTED, ""),
        (part, E.PARTIAL, ""),
        (lambda maker, order_id: maker.cancel(order_id), E.CANCELLED, ""),
        (expire, E.EXPIRED, ""),
        (reject, E.REJECTED, "no money"),
        (fail, E.FAILED, "the gate is closed"),
        (lose, E.UNKNOWN, "timeout"),
    ],
)
def test_each_status_is_what_the_last_record_says(
    maker: TrailMaker, happens: Callable[[TrailMaker, str], object], status: ExecutionStatus, error: str
) -> None:
    order_id = maker.place()
    happens(maker, order_id)
    result = result_of(maker, order_id)
    assert (result.status, result.error) == (status, error)


def test_what_was_only_decided_is_pending_and_what_was_denied_says_why(maker: TrailMaker) -> None:
    intent = maker.intent(9, Side.BUY, 6_000_000, 1_000)
    maker.tell(Action.TRADE_DECISION, intent, actor="strategy:join_the_bid")
    decided = [decode(maker.lines[-1].rstrip(b"\n"))]
    result = outcome(decided)
    assert result is not None
    assert (result.status, result.order_id, result.fill_price) == (E.PENDING, "", None)
    maker.tell(Action.ORDER_DENY, OrderDenied(0, 9, 0, DenialReason.PRICE_COLLAR, "1", "2", 1, 0))
    result = outcome([*decided, decode(maker.lines[-1].rstrip(b"\n"))])
    assert result is not None
    assert outcome_line(result) == "result: DENIED, PRICE_COLLAR"


def test_records_without_a_state_have_no_result(maker: TrailMaker) -> None:
    assert outcome([decode(maker.lines[0].rstrip(b"\n"))]) is None
