"""Execution quality: the figures of orders whose life the trail was told, by hand-computed examples."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from engine.instruments import Instruments
from engine.messages.approved import ApprovedOrder
from engine.messages.control import Action
from engine.messages.execution import ExecutionStatus
from engine.messages.market import Quote, Side
from engine.messages.orders import DenialReason, Liquidity, OrderDenied, OrderIntent, OrderType, TimeInForce
from engine.messages.reports import (
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderUnknown,
)
from engine.telemetry import quality as quality_module
from engine.telemetry.execution import ExecutionSummary, Quantiles, execution_lines
from engine.telemetry.quality import ExecutionQuality
from hotpath.core.fact import AuditEvent
from tiercel.testing import BTCUSDT

MS = 1_000_000
COIN = 10**8
SCALE = BTCUSDT.scale
BID, ASK = 59_999_00, 60_001_00  # a mid of 60,000.00


class Told:
    """An ExecutionQuality and the events that it is told."""

    def __init__(self) -> None:
        other = structs.replace(BTCUSDT, index=1, venue="kraken")
        self.quality = ExecutionQuality(Instruments([BTCUSDT, other]), ["one", "two"])
        self.seq = 0
        self.intent = 0

    def tell(self, subject: Any, action: Action = Action.ORDER_ACCEPT) -> None:
        self.seq += 1
        self.quality.observe(AuditEvent(self.seq, 0, 0, action, "", 0, subject))

    def decide(
        self, side: Side = Side.BUY, lots: int = COIN, strategy: int = 0, instrument: int = 0, quoted: bool = True
    ) -> OrderIntent:
        self.intent += 1
        quote = Quote(instrument, BID, 1, ASK, 1, 1, 0, SCALE) if quoted else None
        intent = OrderIntent(
            strategy, self.intent, instrument, side, OrderType.LIMIT, TimeInForce.GTC, False, False, ASK, lots, 0,
            quote, 0,
        )  # fmt: skip
        self.tell(intent)
        return intent

    def send(self, *arguments: Any, **more: Any) -> OrderIntent:
        intent = self.decide(*arguments, **more)
        self.tell(ApprovedOrder(intent, 1, ASK, False, 1, 1, 1 * MS))
        return intent

    def accept(self, intent: OrderIntent, now_ns: int = 11 * MS) -> None:
        self.tell(OrderAccepted(intent.strategy, intent.intent, intent.instrument, intent.side, 1, "", ASK, 1, now_ns))

    def fill(
        self,
        intent: OrderIntent,
        lots: int = COIN,
        price_ticks: int = ASK,
        done: bool = True,
        fee: int = 0,
        fee_currency: str = "USDT",
        now_ns: int = 21 * MS,
    ) -> None:
        self.tell(
            OrderFilled(
                intent.strategy, intent.intent, intent.instrument, intent.side, 1, "", 1, price_ticks, lots, 0, done,
                fee, fee_currency, Liquidity.TAKER, 1, now_ns, SCALE,
            )
        )  # fmt: skip

    def report(self, kind: Any, intent: OrderIntent, *rest: Any, action: Action = Action.ORDER_ACCEPT) -> None:
        named = (intent.strategy, intent.intent, intent.instrument, intent.side, 1, "")
        self.tell(kind(*named, *rest), action)

    def cancel(self, intent: OrderIntent) -> None:
        self.report(OrderCanceled, intent, 0, 30 * MS)

    @property
    def summary(self) -> ExecutionSummary:
        return self.quality.summary({})


def test_a_buy_at_the_ask_slips_half_the_spread() -> None:
    told = Told()
    intent = told.send()
    told.accept(intent)
    told.fill(intent)
    row = told.summary.total
    assert (row.sent, row.ended, row.fill_ratio) == (1, 1, "1")
    assert row.slippage_bps == "0.1667"
    assert row.effective_spread_bps == "0.3333"
    assert row.price_improvement_bps == "0"
    assert row.shortfall == {"USDT": "1"}


def test_a_sell_above_the_bid_is_improved() -> None:
    told = Told()
    told.fill(told.send(Side.SELL), price_ticks=60_060_00)
    row = told.summary.total
    assert (row.slippage_bps, row.shortfall) == ("-10", {"USDT": "-60"})
    assert row.price_improvement_bps == "10.1668"


def test_fees_and_what_was_missed_are_part_of_the_shortfall() -> None:
    told = Told()
    first = told.send(lots=2 * COIN)
    told.fill(first, COIN, done=False, fee=30 * COIN)
    told.fill(told.send(), price_ticks=60_101_00)  # the last price that was seen
    told.cancel(first)
    (_, order) = told.summary.orders
    assert order.shortfall == "132"  # 1 for the coin that was had, 30 of fee, 101 for the one that was not
    assert (order.fill_ratio, order.status) == ("0.5", "CANCELLED")


def test_a_fee_in_base_currency_counts_at_the_price_of_the_fill() -> None:
    told = Told()
    told.fill(told.send(), price_ticks=60_000_00, fee=100_000, fee_currency="BTC")
    assert told.summary.total.shortfall == {"USDT": "60"}


def test_a_decision_without_a_quote_has_no_slippage_and_no_shortfall() -> None:
    told = Told()
    told.fill(told.send(quoted=False))
    (order,) = told.summary.orders
    assert (order.slippage_bps, order.price_improvement_bps, order.shortfall) == (None, None, None)
    assert told.summary.total.slippage_bps is None


def test_ratios_count_what_ended() -> None:
    told = Told()
    told.fill(told.send())
    told.report(OrderRejected, told.send(), True, -1, "no", 0)
    told.cancel(told.send())
    told.send()
    row = told.summary.total
    assert (row.sent, row.ended) == (4, 3)
    assert (row.fill_ratio, row.reject_ratio, row.cancel_ratio) == ("0.3333", "0.3333", "0.3333")


def test_strategies_and_venues_are_told_apart() -> None:
    told = Told()
    told.fill(told.send())
    told.cancel(told.send(strategy=1, instrument=1))
    summary = told.summary
    assert {name: row.fill_ratio for name, row in summary.strategies.items()} == {"one": "1", "two": "0"}
    assert {name: row.cancel_ratio for name, row in summary.venues.items()} == {"binance_spot": "0", "kraken": "1"}


def test_a_total_is_the_sum_of_its_parts() -> None:
    told = Told()
    for strategy, instrument in ((0, 0), (0, 1), (1, 0), (1, 0)):
        told.fill(told.send(strategy=strategy, instrument=instrument), now_ns=(11 + strategy) * MS)
    told.cancel(told.send(strategy=1, instrument=1))
    told.tell(OrderDenied(1, 99, -1, DenialReason.BUSY, "", "", 1, 0))
    summary = told.summary
    for parts in (summary.strategies.values(), summary.venues.values()):
        for name in ("sent", "ended"):
            assert sum(getattr(row, name) for row in parts) == getattr(summary.total, name) == 5
        assert sum(int(row.shortfall["USDT"]) for row in parts) == int(summary.total.shortfall["USDT"]) == 4
        assert sum(row.time_to_fill_ns.count for row in parts) == summary.total.time_to_fill_ns.count == 4
    assert (summary.total.cancel_ratio, summary.strategies["two"].cancel_ratio) == ("0.2", "0.3333")
    assert (summary.total.denied, summary.strategies["two"].denied) == (1, 1)
    assert [row.denied for row in summary.venues.values()] == [0, 0]


def test_an_order_that_is_over_keeps_the_instrument_that_it_had() -> None:
    told = Told()
    told.fill(told.send())
    told.quality._instruments.replace(structs.replace(BTCUSDT, quote="EUR", version=2))
    (order,) = told.summary.orders
    assert order.currency == "USDT"


def test_latencies_run_from_leaving_to_the_first_word_and_the_fills() -> None:
    told = Told()
    intent = told.send()
    told.accept(intent)
    told.fill(intent, COIN // 2, done=False)
    told.fill(intent, COIN // 2, now_ns=41 * MS)
    latency = told.quality.summary({"decision": Quantiles(1, 2, 3, 4)}).latency_ns
    assert list(latency) == ["decision", "acknowledgement", "fill", "total"]
    assert [round(latency[name].p50, -5) for name in ("acknowledgement", "fill", "total")] == [
        10 * MS,
        20 * MS,
        11 * MS,
    ]
    assert round(told.summary.total.time_to_fill_ns.p99, -5) == 40 * MS


@pytest.mark.parametrize(
    ("status", "happens"),
    [
        (ExecutionStatus.PENDING, lambda told: told.decide()),
        (ExecutionStatus.SUBMITTED, lambda told: told.send()),
        (ExecutionStatus.SUBMITTED, lambda told: told.accept(told.send())),
        (ExecutionStatus.PARTIAL, lambda told: told.fill(told.send(), 1, done=False)),
        (ExecutionStatus.FILLED, lambda told: told.fill(told.send())),
        (ExecutionStatus.CANCELLED, lambda told: told.cancel(told.send())),
        (ExecutionStatus.EXPIRED, lambda told: told.report(OrderExpired, told.send(), 0, 0)),
        (ExecutionStatus.REJECTED, lambda told: told.report(OrderRejected, told.send(), True, 1, "", 0)),
        (ExecutionStatus.FAILED, lambda told: told.report(OrderRejected, told.send(), False, 0, "", 0)),
        (ExecutionStatus.UNKNOWN, lambda told: told.report(OrderUnknown, told.send(), "", 0)),
        (
            ExecutionStatus.DENIED,
            lambda told: told.tell(OrderDenied(0, told.decide().intent, 0, DenialReason.BUSY, "", "", 1, 0)),
        ),
    ],
)
def test_each_status_is_counted_where_the_request_stands(status: ExecutionStatus, happens: Any) -> None:
    told = Told()
    happens(told)
    assert told.summary.statuses == {status.value: 1}


def test_an_accept_after_a_fill_leaves_it_partial() -> None:
    told = Told()
    intent = told.send()
    told.fill(intent, 1, done=False)
    told.accept(intent)
    assert told.summary.statuses == {"PARTIAL": 1}
    assert told.summary.latency_ns["acknowledgement"].count == 1


def test_merged_denials_count_by_their_number() -> None:
    told = Told()
    told.tell(OrderDenied(1, 99, 0, DenialReason.PRICE_COLLAR, "", "", 1, 0, 7))
    assert told.summary.statuses == {"DENIED": 7}
    assert told.summary.strategies["two"].denied == 7


@pytest.mark.parametrize(
    ("took_ms", "warning"),
    [(100, None), (101, "orders took over 100 ms"), (500, "orders took over 100 ms"),
     (501, "orders took over 500 ms (critical)")],
)  # fmt: skip
def test_an_order_that_took_long_warns(took_ms: int, warning: str | None) -> None:
    told = Told()
    told.accept(told.send(), took_ms * MS)
    assert told.summary.warnings == ({warning: 1} if warning else {})


@pytest.mark.parametrize(("price_ticks", "warns"), [(60_060_00, False), (60_060_01, True)])
def test_slippage_above_ten_bps_warns(price_ticks: int, warns: bool) -> None:
    told = Told()
    told.fill(told.send(lots=COIN), price_ticks=price_ticks)
    assert told.summary.warnings == ({"orders slipped over 10 bps": 1} if warns else {})


@pytest.mark.parametrize(("filled", "warns"), [(90, False), (89, True)])
def test_a_strategy_that_fills_less_than_ninety_percent_warns(filled: int, warns: bool) -> None:
    told = Told()
    intent = told.send(lots=100)
    told.fill(intent, filled, done=False)
    told.cancel(intent)
    assert told.summary.warnings == ({"strategies fill less than 90 %": 1} if warns else {})


def test_what_is_not_an_order_of_this_run_is_nothing_to_it() -> None:
    told = Told()
    intent = told.send()
    told.tell(OrderCanceled(0, 999, 0, Side.BUY, 1, "", 0, 0))
    told.report(OrderCanceled, intent, 0, 0, action=Action.DEADLETTER)
    told.tell("anything")
    assert told.summary.statuses == {"SUBMITTED": 1}


def test_the_oldest_is_forgotten_when_too_many_are_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality_module, "OPEN_MAX", 2)
    told = Told()
    for _ in range(5):
        told.send()
    assert told.summary.statuses == {"SUBMITTED": 2}
    assert told.summary.total.sent == 5


def test_it_reads_as_lines() -> None:
    told = Told()
    assert list(execution_lines(told.summary)) == []
    intent = told.send()
    told.accept(intent, 200 * MS)
    told.fill(intent)
    lines = list(execution_lines(told.summary))
    assert lines[0] == (
        "execution all: 1 sent, filled 1, rejected 0, cancelled 0, slippage 0.1667 bps, effective spread 0.3333 bps, "
        "improvement 0 bps, shortfall 1 USDT"
    )
    assert lines[1].startswith("execution one: 1 sent")
    assert lines[-2].startswith("execution latency ms (p50/p95/p99): acknowledgement ")
    assert lines[-1] == "execution warnings: 1 orders took over 100 ms"
