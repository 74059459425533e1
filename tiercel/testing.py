"""Try a strategy without an engine: feed it a market and reports, read its intents and orders.

It owns a StrategyActor, a clock that only you move, and a pretended risk that takes every intent and answers nothing:
what becomes of an order is what your test says. No sockets, no files, no waiting.

    def test_it_joins_the_bid() -> None:
        harness = StrategyHarness(JoinTheBid, params={"quantity": "0.002"})
        harness.quote("60000.00", "60000.01")
        order = harness.orders[0]
        assert (order.price, order.quantity) == (Decimal("60000.00"), Decimal("0.002"))
        harness.accept(order)
        harness.fill(order, "0.001")
        assert harness.strategy.position("BTCUSDT") == Decimal("0.001")
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from actors.strategy.actor import StrategyActor
from actors.strategy.order import WorkingOrder
from actors.strategy.params import StrategyParams, make_params
from actors.strategy.strategy import Strategy
from engine.clock import NS_PER_SECOND
from engine.instruments import Instrument
from engine.messages.control import Account, Start, StateChanged, Stop, TradingState
from engine.messages.market import Depth, FeedGap, FeedState, FeedStatus, Quote, Side, Trade, TradesMissed
from engine.messages.orders import AmendIntent, CancelIntent, DenialReason, Liquidity, OrderDenied, OrderIntent
from engine.messages.reports import (
    OrderAccepted,
    OrderAmended,
    OrderCanceled,
    OrderCancelRejected,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderUnknown,
)
from hotpath.core.units import Scale, money
from hotpath.market.levels import Levels
from tiercel.recording import Recorder, RecordingContext

Number = Decimal | str | int
type_of_strategy = TypeVar("type_of_strategy", bound=Strategy)

BTCUSDT = Instrument(
    index=0,
    venue="binance_spot",
    symbol="BTCUSDT",
    base="BTC",
    quote="USDT",
    scale=Scale(2, 8),
    price_step_ticks=1,
    quantity_step_lots=1_000,
    lots_min=1_000,
    lots_max=900_000_000_000,
    market_lots_max=10_000_000_000,
    price_ticks_min=1,
    price_ticks_max=100_000_000,
    notional_min=500_000_000,
    trading=True,
)
"""BTCUSDT as Binance spot trades it: tick 0.01, order step 0.00001 BTC, at least 5 USDT an order."""

START = datetime(2024, 8, 9, tzinfo=UTC)


class StrategyHarness(Generic[type_of_strategy]):
    """One strategy, a market made of your calls, and everything that the strategy wanted.

    Prices and quantities are Decimal, text or whole numbers. Every method that brings something to the strategy returns
    after the callback has run; an exception of the callback comes out of it as it is.
    """

    def __init__(
        self,
        strategy_class: type[type_of_strategy],
        params: StrategyParams | Mapping[str, Any] | None = None,
        instruments: Sequence[Instrument] = (BTCUSDT,),
        start: datetime = START,
    ) -> None:
        """Make the strategy and tell it that the run begins.

        Args:
            strategy_class: what is tried.
            params: its parameters, as values of a configuration or as its Params; None takes the defaults.
            instruments: what it trades, numbered from 0.
            start: the time at which the clock stands.
        """
        if not isinstance(params, StrategyParams):
            params = make_params(strategy_class.Params, params or {})
        self.context = RecordingContext(int(start.timestamp()) * NS_PER_SECOND)
        self.risk = Recorder()
        """Who takes the intents; set `risk.full` to see the strategy denied as BUSY."""
        self.logged: list[str] = []
        self._actor = StrategyActor(0, "tested", strategy_class, params, instruments, log=self.logged.append)
        self._actor.context = self.context
        self._actor.risk = self.risk
        self._handlers = self._actor.handlers()
        self.strategy: type_of_strategy = self._actor.strategy  # type: ignore[assignment]
        """The strategy itself, to look into."""
        self._update_id = 0
        self._trade_id = 0
        self._deliver(Start())

    # ---- what the strategy wanted

    @property
    def intents(self) -> list[OrderIntent]:
        """Every order that it asked for, oldest first."""
        return [message for message in self.risk.messages if isinstance(message, OrderIntent)]

    @property
    def cancels(self) -> list[CancelIntent]:
        """Every cancel that it asked for."""
        return [message for message in self.risk.messages if isinstance(message, CancelIntent)]

    @property
    def amends(self) -> list[AmendIntent]:
        """Every amend that it asked for."""
        return [message for message in self.risk.messages if isinstance(message, AmendIntent)]

    @property
    def orders(self) -> list[WorkingOrder]:
        """Its orders that are not over, oldest first."""
        return self.strategy.orders()

    # ---- the market

    def quote(
        self, bid: Number, ask: Number, bid_quantity: Number = 1, ask_quantity: Number = 1, instrument: int = 0
    ) -> Quote:
        """Bring a quote."""
        scale = self._scale(instrument)
        quote = Quote(
            instrument,
            scale.price_ticks(bid),
            scale.lots(bid_quantity),
            scale.price_ticks(ask),
            scale.lots(ask_quantity),
            self._next_update(),
            self.context.now_ns,
            scale,
        )
        self._deliver(quote)
        return quote

    def depth(
        self, bids: Iterable[tuple[Number, Number]], asks: Iterable[tuple[Number, Number]], instrument: int = 0
    ) -> Depth:
        """Bring the best levels of both sides, as (price, quantity), best first."""
        scale = self._scale(instrument)
        levels = [
            Levels.of((scale.price_ticks(price), scale.lots(quantity)) for price, quantity in side)
            for side in (bids, asks)
        ]
        depth = Depth(instrument, levels[0], levels[1], self._next_update(), self.context.now_ns, scale)
        self._deliver(depth)
        return depth

    def trade(self, price: Number, quantity: Number, side: Side = Side.BUY, instrument: int = 0) -> Trade:
        """Bring a trade of the market; `side` is the aggressor's."""
        scale = self._scale(instrument)
        ticks, lots = scale.price_ticks(price), scale.lots(quantity)
        trade = Trade(instrument, self._next_trade(), ticks, lots, side, self.context.now_ns, scale)
        self._deliver(trade)
        return trade

    def trades_missed(self, count: int, quantity: Number, instrument: int = 0) -> None:
        """Bring the word that `count` trades of `quantity` together could not be delivered."""
        first, self._trade_id = self._trade_id + 1, self._trade_id + count
        lots = self._scale(instrument).lots(quantity)
        self._deliver(TradesMissed(instrument, count, lots, first, self._trade_id))

    def gap(self, instrument: int = 0) -> None:
        """Break the market data; `synchronised` repairs it."""
        expected, received = self._next_update(), self._next_update()
        self._deliver(FeedGap(instrument, expected, received, self.context.now_ns))

    def synchronised(self, instrument: int = 0) -> None:
        """Say that the book may be used."""
        now_ns = self.context.now_ns
        self._deliver(FeedState(instrument, FeedStatus.SYNCHRONISED, "", self._update_id, now_ns))

    def advance(self, seconds: float | Decimal) -> None:
        """Move the clock on; timers fire in between, each at its time."""
        until_ns = self.context.now_ns + int(seconds * NS_PER_SECOND)
        self._fire(until_ns)
        self.context.now_ns = until_ns

    # ---- what becomes of orders

    def accept(self, order: WorkingOrder) -> None:
        """Let the venue accept an order."""
        self._deliver(OrderAccepted(*self._named(order), order.price_ticks, order.lots, self.context.now_ns))

    def fill(
        self,
        order: WorkingOrder,
        quantity: Number | None = None,
        price: Number | None = None,
        fee: Number = 0,
        fee_currency: str = "",
        liquidity: Liquidity = Liquidity.MAKER,
    ) -> None:
        """Fill an order: all that is left when `quantity` is None, at its own price when `price` is None."""
        scale = order.scale
        lots = order.lots - order.filled_lots if quantity is None else scale.lots(quantity)
        ticks = self._fill_ticks(order) if price is None else scale.price_ticks(price)
        leaves_lots = max(order.lots - order.filled_lots - lots, 0)
        quote_currency = self._actor.instruments[order.instrument].quote
        self._deliver(
            OrderFilled(
                *self._named(order),
                self._next_trade(),
                ticks,
                lots,
                leaves_lots,
                leaves_lots == 0,
                money(fee),
                fee_currency or quote_currency,
                liquidity,
                self.context.next_seq,
                self.context.now_ns,
                scale,
            )
        )

    def canceled(self, order: WorkingOrder) -> None:
        """Let the venue confirm a cancel."""
        self._deliver(OrderCanceled(*self._named(order), order.filled_lots, self.context.now_ns))

    def cancel_rejected(self, order: WorkingOrder, code: int = -2011, text: str = "Unknown order sent.") -> None:
        """Let the venue refuse a cancel."""
        self._deliver(OrderCancelRejected(*self._named(order), code, text, self.context.now_ns))

    def expired(self, order: WorkingOrder) -> None:
        """Let the venue take an order out."""
        self._deliver(OrderExpired(*self._named(order), order.filled_lots, self.context.now_ns))

    def rejected(self, order: WorkingOrder, code: int = -2010, text: str = "rejected", sent: bool = True) -> None:
        """Let the venue refuse an order; with `sent` False it never left us."""
        self._deliver(OrderRejected(*self._named(order), sent, code, text, self.context.now_ns))

    def denied(self, order: WorkingOrder, reason: DenialReason = DenialReason.MODE_GATE) -> None:
        """Let risk refuse an order, or the amend of it that is on its way."""
        intent = order.amendment or order.intent
        self._deliver(OrderDenied(0, intent, order.instrument, reason, "", "", 1, self.context.now_ns))

    def amended(self, order: WorkingOrder, accepted: bool = True, *, unknown: bool = False) -> None:
        """Settle the last amend of an order: with its new values, or as it was; `unknown`: it never left, as it is."""
        ticks, lots = order.price_ticks, order.lots
        if accepted:
            wish = next(each for each in reversed(self.amends) if each.intent == order.intent)
            ticks, lots = wish.price_ticks, wish.lots
        self._deliver(OrderAmended(*self._named(order), accepted, ticks, lots, "", self.context.now_ns, unknown))

    def unknown(self, order: WorkingOrder) -> None:
        """Lose sight of an order; `accept` or a report that ends it proves what happened."""
        self._deliver(OrderUnknown(*self._named(order), "no answer", self.context.now_ns))

    # ---- the house

    def equity(self, amount: Number) -> None:
        """Tell the equity of the account."""
        self._deliver(Account(money(amount), 0, 0, 0, self.context.now_ns))

    def state(self, state: TradingState) -> None:
        """Change the trading state of the desk."""
        self._deliver(StateChanged(state, 1, "test", self.context.now_ns))

    def stop(self) -> None:
        """End the run."""
        self._deliver(Stop("test"))

    def _deliver(self, message: Any) -> None:
        self._handlers[type(message)](message)
        self._fire(self.context.now_ns)

    def _fire(self, until_ns: int) -> None:
        while (message := self.context.take_due(until_ns)) is not None:
            self._handlers[type(message)](message)

    def _named(self, order: WorkingOrder) -> tuple[int, int, int, Side, int, str]:
        return (0, order.intent, order.instrument, order.side, order.intent, f"t1-1-{order.intent}")

    def _fill_ticks(self, order: WorkingOrder) -> int:
        quote = self.strategy.quote(order.instrument)
        if order.price_ticks or quote is None:
            return order.price_ticks
        return quote.ask_ticks if order.side is Side.BUY else quote.bid_ticks

    def _scale(self, instrument: int) -> Scale:
        return self._actor.instruments[instrument].scale

    def _next_update(self) -> int:
        self._update_id += 1
        return self._update_id

    def _next_trade(self) -> int:
        self._trade_id += 1
        return self._trade_id
