"""The exchange: what it refuses, in which order, and what it forgets."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest

from engine.messages.market import Side
from gateways.binance.simulator_rules import UNIT, listed
from gateways.simulator import exchange as exchange_module
from gateways.simulator.accounts import Account, Fees
from gateways.simulator.exchange import Exchange, OrderEvent
from gateways.simulator.orders import ClientOrder, NewOrder, OrderStatus, Refusal
from hotpath.market.matching import Kind, MatchingEngine, Outcome

BITCOIN = listed("BTCUSDT")
STEP = BITCOIN.quantity_step_lots


class TinyBook:
    """A book that can hold one order."""

    is_open = True
    update_id = 1

    def __init__(self) -> None:
        """Begin empty."""
        self.engine = MatchingEngine(1)
        self.on_client_fill: Callable[[int, int, int, int, int], None] = lambda *_: None

    def best(self) -> tuple[int, int, int, int]:
        """Return the best prices."""
        return self.engine.best()

    def depth(self, levels_max: int) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
        """Return the levels."""
        return self.engine.depth(levels_max)

    def offers(self, side: int) -> tuple[tuple[int, int], ...]:
        """Return what an order can take."""
        return self.engine.depth(9)[1 if side > 0 else 0]

    def place(
        self, number: int, side: int, kind: int, price_ticks: int, lots: int, now_ns: int
    ) -> tuple[Outcome, list[tuple[int, int, int]]]:
        """Let an order meet the book, our own resting one included."""
        outcome, executions = self.engine.submit(number, side, kind, price_ticks, lots)
        for maker, _, ticks, traded_lots, _ in executions:
            self.on_client_fill(maker, 1, ticks, traded_lots, now_ns)
        return outcome, [(1, ticks, traded_lots) for _, _, ticks, traded_lots, _ in executions]

    def cancel(self, number: int, _now_ns: int) -> None:
        """Take an order out."""
        self.engine.cancel(number)


class Desk:
    """An exchange with what it reported."""

    def __init__(self) -> None:
        """Begin with one coin and 1000 of quote."""
        self.book = TinyBook()
        self.account = Account({"BTC": UNIT, "USDT": 1_000 * UNIT})
        self.events: list[tuple[str, OrderEvent]] = []
        self.exchange = Exchange(
            BITCOIN,
            self.book,
            self.account,
            fees=Fees(1_000, 2_000),
            numbers=count(1),
            report=lambda _instrument, order, event, _fill: self.events.append((order.client_order_id, event)),
        )

    def place(self, name: str, side: Side, price_ticks: int, kind: Kind = Kind.LIMIT) -> ClientOrder | Refusal:
        """Place an order of a hundredth of a coin."""
        return self.exchange.place(NewOrder(name, side, kind, price_ticks, 1_000 * STEP), 1)


def test_a_full_book_refuses_what_would_rest_and_changes_nothing() -> None:
    desk = Desk()
    desk.place("a", Side.BUY, 1_000)
    before = list(desk.account)
    assert desk.place("b", Side.BUY, 1_000) is Refusal.TOO_MANY
    assert list(desk.account) == before


def test_of_two_reasons_the_earlier_is_given() -> None:
    desk = Desk()
    desk.place("a", Side.SELL, 1_000)
    assert desk.place("a", Side.BUY, 10**9, Kind.POST_ONLY) is Refusal.DUPLICATE
    assert desk.place("b", Side.BUY, 10**9, Kind.POST_ONLY) is Refusal.FUNDS
    assert desk.place("b", Side.BUY, 1_000, Kind.POST_ONLY) is Refusal.TOO_MANY
    assert desk.place("b", Side.BUY, 1_000, Kind.IOC) not in list(Refusal)


def test_a_client_who_meets_himself_is_reported_as_taker_and_as_maker_and_pays_both_fees() -> None:
    desk = Desk()
    desk.place("maker", Side.SELL, 1_000)
    taker = desk.place("taker", Side.BUY, 1_000, Kind.IOC)
    assert isinstance(taker, ClientOrder)
    assert taker.status is OrderStatus.FILLED
    assert desk.events == [
        ("maker", OrderEvent.NEW),
        ("taker", OrderEvent.NEW),
        ("taker", OrderEvent.TRADE),
        ("maker", OrderEvent.TRADE),
    ]
    quote = 1_000 * 1_000 * STEP // 100
    assert list(desk.account) == [("BTC", UNIT - 2 * STEP, 0), ("USDT", 1_000 * UNIT - quote // 1_000, 0)]
    desk.exchange.check()


def test_history_is_bounded_and_forgets_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange_module, "HISTORY_MAX", 2)
    desk = Desk()
    for name in "abc":
        order = desk.place(name, Side.BUY, 1_000)
        assert isinstance(order, ClientOrder)
        desk.exchange.cancel(order, 2)
    assert desk.exchange.order(1) is None
    assert desk.exchange.order_of("a") is None
    assert desk.exchange.order_of("b") is desk.exchange.order(2)
    desk.exchange.check()
