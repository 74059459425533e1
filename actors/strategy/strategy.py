"""The class that users derive from: callbacks to override, actions to call, and nothing else to learn.

It holds no state of its own: what it tells and does goes through the StrategyActor that hosts it. Prices and quantities
are Decimal or text at this face and integers one method further down (`buy` and `buy_lots`, `quote.bid` and
`quote.bid_ticks`); the two forms say the same, the integers cost a microsecond less.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Unpack

from actors.strategy.conditions import Conditions, place
from actors.strategy.lists import OrderLists
from actors.strategy.order import WorkingOrder
from actors.strategy.params import StrategyParams, exact
from actors.strategy.parents import SlicedOrders
from engine.instruments import Instrument
from engine.messages.control import StateChanged
from engine.messages.execution import ExecutionResult
from engine.messages.market import Depth, FeedGap, Quote, Side, Trade, TradesMissed
from engine.messages.orders import OrderDenied, OrderTerms, OrderType, TimeInForce
from engine.messages.reports import (
    OrderAccepted,
    OrderAmended,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderUnknown,
)

if TYPE_CHECKING:
    from actors.strategy.actor import StrategyActor

BUY, SELL = Side.BUY, Side.SELL
GTC = TimeInForce.GTC
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Strategy(OrderLists, SlicedOrders):
    """Derive from this, override the callbacks you need, and call the actions from them.

        class JoinTheBid(Strategy):
            class Params(StrategyParams):
                quantity: Decimal = Decimal("0.001")

            def on_quote(self, quote: Quote) -> None:
                if self.working(quote.instrument, Side.BUY) is None:
                    self.buy(quote.instrument, self.params.quantity, price=quote.bid, post_only=True)

    Wherever an action takes an instrument, give its index (`quote.instrument`), its name ("BTCUSDT", or
    "binance_spot:BTCUSDT" where two venues have it) or an element of `self.instruments`. Wherever it takes a price or a
    quantity, give a Decimal, text or a whole number; a float is refused because it is not exact.

    A callback runs to its end before anything else happens, so keep it short: what takes long belongs into another
    process. An exception in a callback stops the strategy and cancels its orders. The same class runs in a backtest, on
    paper and live; it has no clock and no random numbers but `self.now` and `self.random`, so a run can be replayed.
    """

    class Params(StrategyParams):
        """No parameters; override it to have some."""

    params: Any
    """The values of `Params`, as configured. Annotate it (`params: Params`) to have your type checker know them."""

    name: str
    """The strategy's name in configuration, logs and audit."""

    _host: StrategyActor

    # ---- callbacks: override those that you need; the others cost nothing

    def on_start(self) -> None:
        """Be told that the run begins, before any market data."""

    def on_quote(self, quote: Quote) -> None:
        """Be told that the best bid or ask, or a quantity there, changed. Under load only the newest is delivered."""

    def on_depth(self, depth: Depth) -> None:
        """Be told that the best levels changed. Under load only the newest is delivered."""

    def on_trade(self, trade: Trade) -> None:
        """Be told of a trade of the market. `trade.side` is the aggressor's."""

    def on_trades_missed(self, missed: TradesMissed) -> None:
        """Be told, before the next trade, how many trades came too fast to be delivered, and their volume in lots."""

    def on_gap(self, gap: FeedGap) -> None:
        """Be told that the market data of an instrument broke: orders are denied until its book is back."""

    def on_accepted(self, report: OrderAccepted) -> None:
        """Be told that an order works at the venue; also when that is proved again after it was unknown."""

    def on_filled(self, fill: OrderFilled) -> None:
        """Be told of one execution. It may come before the accept and after a cancel: it counts either way."""

    def on_canceled(self, report: OrderCanceled) -> None:
        """Be told that an order is out of the book because somebody asked for it."""

    def on_expired(self, report: OrderExpired) -> None:
        """Be told that the venue took an order out: the rest of an IOC, a FOK, a self-trade prevented."""

    def on_rejected(self, report: OrderRejected) -> None:
        """Be told that an order never came into the book: the venue refused it (`sent`) or it never left us."""

    def on_denied(self, denial: OrderDenied) -> None:
        """Be told that risk refused an order or an amend before it left; `reason`, `observed` and `limit` say why."""

    def on_amended(self, report: OrderAmended) -> None:
        """Be told how an amend ended; `accepted` is False when the order stands as it was."""

    def on_unknown(self, report: OrderUnknown) -> None:
        """Be told that nobody knows an order's fate for now; it is asked for until the venue proves it."""

    def on_state(self, change: StateChanged) -> None:
        """Be told that the trading state of the desk changed. Gaps of market data come to `on_gap` instead."""

    def on_stop(self) -> None:
        """Be told that the run ends. Working orders are cancelled without your help."""

    # ---- orders, in Decimal

    def buy(
        self,
        instrument: int | str | Instrument,
        quantity: Decimal | str | int,
        price: Decimal | str | int | None = None,
        post_only: bool = False,
        time_in_force: TimeInForce = GTC,
        reduce_only: bool = False,
        **conditions: Unpack[Conditions],
    ) -> WorkingOrder:
        """Ask for an order to buy; risk checks it, then it leaves, or waits for what `conditions` say.

        Args:
            instrument: index, name or Instrument.
            quantity: in base currency.
            price: the limit in quote currency; None is a market order, which leaves with a protection price.
            post_only: refuse to trade at once; the venue rejects the order if it would.
            time_in_force: GTC stays, IOC fills what it can and goes, FOK fills whole or goes, DAY ends at midnight UTC,
                GTD at `good_till`.
            reduce_only: must not make the worst case of the position larger.
            conditions: stop, touch, trail or trail_pct, trigger_by, good_till and others: see `Conditions`.

        Returns:
            The handle of the order. What becomes of it is told to the callbacks, with the number `order.intent`.

        Raises:
            TypeError: a float was given.
            UsageError: the instrument is not one of this strategy's, a number is finer than the venue prints, or the
                conditions contradict each other or the market.
        """
        return place(self._host, BUY, instrument, quantity, price, post_only, time_in_force, reduce_only, conditions)

    def sell(
        self,
        instrument: int | str | Instrument,
        quantity: Decimal | str | int,
        price: Decimal | str | int | None = None,
        post_only: bool = False,
        time_in_force: TimeInForce = GTC,
        reduce_only: bool = False,
        **conditions: Unpack[Conditions],
    ) -> WorkingOrder:
        """Ask for an order to sell; arguments, result and errors are those of `buy`."""
        return place(self._host, SELL, instrument, quantity, price, post_only, time_in_force, reduce_only, conditions)

    def cancel(self, order: WorkingOrder) -> bool:
        """Ask for a cancel. Returns False when there is nothing to do: the order is over or is being cancelled already.

        The order may still fill until the venue confirms: see `on_filled` and `on_canceled`.
        """
        return self._host.cancel(order)

    def cancel_all(self, instrument: int | str | Instrument | None = None) -> int:
        """Ask for a cancel of every order, or of those of one instrument; returns how many were asked for."""
        return sum(self._host.cancel(order) for order in self._host.working_orders(instrument))

    def amend(
        self,
        order: WorkingOrder,
        price: Decimal | str | int | None = None,
        quantity: Decimal | str | int | None = None,
        trigger: Decimal | str | int | None = None,
    ) -> bool:
        """Ask for another price or quantity of a working order; what is left out stays as it is.

        `trigger` moves what an order waits for: its `stop` or `touch`.

        `quantity` is the whole quantity, with what was filled already. At the venue it is a cancel and a new order in
        one request: the place in the queue is lost. `on_amended` tells how it ended. Returns False when the order
        cannot be amended now: it is in flight, unknown, over, or another request for it is on its way.
        """
        scale = order.scale
        ticks = order.price_ticks if price is None else exact(scale.price_ticks, price, "price")
        lots = order.lots if quantity is None else exact(scale.lots, quantity, "quantity")
        waits_for = 0 if trigger is None else exact(scale.price_ticks, trigger, "trigger")
        return self._host.amend(order, ticks, lots, waits_for)

    # ---- orders, in ticks and lots

    def buy_lots(
        self,
        instrument: int | str | Instrument,
        lots: int,
        price_ticks: int = 0,
        post_only: bool = False,
        time_in_force: TimeInForce = GTC,
        reduce_only: bool = False,
        kind: OrderType | None = None,
        terms: OrderTerms | None = None,
    ) -> WorkingOrder:
        """Do what `buy` does, in lots and ticks; `price_ticks` 0 is a market order.

        `kind` and `terms` come together: what the order waits for, as numbers, and unchecked.
        """
        return self._host.submit(instrument, BUY, lots, price_ticks, post_only, time_in_force, reduce_only, kind, terms)

    def sell_lots(
        self,
        instrument: int | str | Instrument,
        lots: int,
        price_ticks: int = 0,
        post_only: bool = False,
        time_in_force: TimeInForce = GTC,
        reduce_only: bool = False,
        kind: OrderType | None = None,
        terms: OrderTerms | None = None,
    ) -> WorkingOrder:
        """Do what `sell` does, in lots and ticks; `kind` and `terms` are those of `buy_lots`."""
        return self._host.submit(
            instrument, SELL, lots, price_ticks, post_only, time_in_force, reduce_only, kind, terms
        )

    def amend_lots(self, order: WorkingOrder, price_ticks: int, lots: int) -> bool:
        """Do what `amend` does, in ticks and lots."""
        return self._host.amend(order, price_ticks, lots)

    # ---- what the strategy has

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """The instruments that this strategy was configured with, in that order."""
        return self._host.instruments

    def working(self, instrument: int | str | Instrument, side: Side) -> WorkingOrder | None:
        """Return the newest order of a side that is in flight, open or unknown and not being cancelled, or None."""
        return self._host.market(instrument).newest(side)

    def orders(self, instrument: int | str | Instrument | None = None) -> list[WorkingOrder]:
        """Return every order that is not over, oldest first; of one instrument when it is given."""
        return self._host.working_orders(instrument)

    def order_of(self, report: Any) -> WorkingOrder | None:
        """Return the handle of the order that a report is about, also of one that this very report ends."""
        return self._host.order_of(report.intent)

    def result(self, report: Any) -> ExecutionResult | None:
        """Return what became of the order that a report is about, up to now; None when it ended before."""
        order = self._host.order_of(report.intent)
        return None if order is None else order.result

    def position(self, instrument: int | str | Instrument) -> Decimal:
        """Return this strategy's own net position in base currency: its fills less the fees paid in it."""
        return Decimal(self._host.market(instrument).position_money).scaleb(-8)

    def position_lots(self, instrument: int | str | Instrument) -> int:
        """Return this strategy's own net position in whole lots, rounded towards zero."""
        return self._host.market(instrument).position_lots

    def quote(self, instrument: int | str | Instrument) -> Quote | None:
        """Return the last quote of an instrument, or None before the first."""
        return self._host.market(instrument).quote

    def synchronised(self, instrument: int | str | Instrument) -> bool:
        """Return whether the instrument's book is synchronised; orders are denied while it is not."""
        return self._host.market(instrument).synchronised

    @property
    def equity(self) -> Decimal:
        """The equity of the whole account in the risk currency, renewed once a second; 0 before the first time."""
        return self._host.equity

    # ---- numbers that the venue accepts

    def round_price(self, instrument: int | str | Instrument, price: Decimal, side: Side) -> Decimal:
        """Return the nearest price that the venue accepts and that is no worse for us: down to buy, up to sell."""
        rules = self._host.market(instrument).instrument
        step = rules.scale.price(rules.price_step_ticks)
        whole = price // step
        if side == SELL and whole * step != price:
            whole += 1
        return whole * step

    def round_quantity(self, instrument: int | str | Instrument, quantity: Decimal) -> Decimal:
        """Return the largest quantity that the venue accepts and that is not above `quantity`."""
        rules = self._host.market(instrument).instrument
        step = rules.scale.quantity(rules.quantity_step_lots)
        return quantity // step * step

    # ---- time, chance and words

    @property
    def now(self) -> datetime:
        """The engine's time in UTC, to the microsecond; it stands still within a callback."""
        return EPOCH + timedelta(microseconds=self._host.context.now_ns // 1_000)

    @property
    def now_ns(self) -> int:
        """The engine's time in nanoseconds since the Unix epoch."""
        return self._host.context.now_ns

    @property
    def random(self) -> Any:
        """This strategy's own random.Random, seeded from the run's seed, so that a replay draws the same numbers."""
        return self._host.context.rng

    def after(self, seconds: float | Decimal, callback: Callable[[], None]) -> int:
        """Call `callback` once, `seconds` from now. Returns a number for `stop_timer`."""
        return self._host.after(seconds, callback)

    def every(self, seconds: float | Decimal, callback: Callable[[], None]) -> int:
        """Call `callback` every `seconds`, first one period from now. Returns a number for `stop_timer`."""
        return self._host.every(seconds, callback)

    def stop_timer(self, timer: int) -> None:
        """Forget a timer; one that has just fired is ignored."""
        self._host.context.cancel_timer(timer)

    def log(self, text: str) -> None:
        """Write a line to the engine's log, with the time and this strategy's name."""
        self._host.log(text)
