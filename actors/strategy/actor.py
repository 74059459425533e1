"""The actor that hosts one Strategy: it turns messages into callbacks and actions into intents.

It owns what the strategy knows of its own orders and position, derived from reports alone, and holds a reference to
risk and to nobody else. An intent's number is the audit number of the decision behind it: it rises over restarts
without anybody having to remember the last one. State is brought up to date before a callback runs, so an exception
in the callback leaves nothing half done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct

from actors.strategy.decision import Decision
from actors.strategy.market import Market
from actors.strategy.order import WorkingOrder
from actors.strategy.params import StrategyParams
from actors.strategy.parents import Parents
from actors.strategy.strategy import Strategy
from engine.clock import NS_PER_SECOND
from engine.errors import UsageError
from engine.instruments import Instrument
from engine.messages.control import Account, Action, Start, StateChanged, Stop
from engine.messages.market import Depth, FeedGap, FeedState, FeedStatus, Quote, Trade, TradesMissed
from engine.messages.orders import (
    AmendIntent,
    CancelIntent,
    DenialReason,
    OrderDenied,
    OrderIntent,
)
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
from engine.runtime.actor import Actor, Ref, type_of_handlers
from hotpath.core.mailbox import ACCEPTED
from hotpath.orders.filters import check_arguments
from hotpath.orders.transitions import OrderState

OPEN, PARTIAL = OrderState.OPEN, OrderState.PARTIAL
TRADE_DECISION = Action.TRADE_DECISION


class _Due(Struct, frozen=True, gc=False):
    """A timer of the strategy fired. `owner` tells a fresh instance that the timer was its predecessor's."""

    owner: Strategy
    callback: Callable[[], None]


class StrategyActor(Actor):
    """Hosts one strategy: its callbacks, its intents, its own orders and positions."""

    risk: Ref

    def __init__(
        self,
        index: int,
        name: str,
        strategy_class: type[Strategy],
        params: StrategyParams,
        instruments: Sequence[Instrument],
        *,
        positions: Mapping[int, int] | None = None,
        waiting: Sequence[tuple[OrderIntent, int, int, int]] = (),
        log: Callable[[str], None] | None = None,
    ) -> None:
        """Make the strategy; its `__init__` runs here, with params and instruments in place.

        Args:
            index: the strategy's index, in every intent and report.
            name: its name in configuration, logs and audit.
            strategy_class: what the user wrote.
            params: the values of its `Params`.
            instruments: those it was configured with, in that order.
            positions: its position of earlier runs by instrument index, in 1e-8 of the base currency.
            waiting: its orders of earlier runs that wait still: intent, price in ticks, lots, and those filled.
            log: takes the lines of `Strategy.log`; None drops them.
        """
        self.index = index
        self.name = name
        self.instruments = tuple(instruments)
        self.equity = Decimal(0)
        self._log = log
        opening = positions or {}
        self._markets: dict[int | str, Market] = {}
        for instrument in self.instruments:
            self._markets[instrument.index] = Market(instrument, opening.get(instrument.index, 0))
        self._name_markets()
        self._orders: dict[int, WorkingOrder] = {}
        self.parents = Parents(self)
        self._ended: WorkingOrder | None = None
        for intent, price_ticks, lots, filled_lots in waiting:
            self._take_up(WorkingOrder(intent, self.market(intent.instrument).scale, price_ticks, lots, filled_lots))
        strategy = strategy_class.__new__(strategy_class)
        strategy._host = self
        strategy.params = params
        strategy.name = name
        self._decision = Decision(index, self._markets, self._orders, strategy.on_quote, self.market, self._busy)
        self.submit = self._decision.submit
        strategy.__init__()  # type: ignore[misc]
        self.strategy = strategy
        self.wants_depth = self._overrides("on_depth")
        self.wants_trades = self._overrides("on_trade") or self._overrides("on_trades_missed")

    def handlers(self) -> type_of_handlers:
        """Name the handler of each message; callbacks that are not overridden are left out where state allows it."""
        strategy = self.strategy
        return {
            Quote: self._decision.on_quote if self._overrides("on_quote") else self.keep_quote,
            Depth: strategy.on_depth,
            Trade: strategy.on_trade,
            TradesMissed: strategy.on_trades_missed,
            FeedGap: self.on_gap,
            FeedState: self.on_feed_state,
            OrderAccepted: self.on_accepted,
            OrderFilled: self.on_filled,
            OrderCanceled: self.on_canceled,
            OrderExpired: self.on_expired,
            OrderRejected: self.on_rejected,
            OrderDenied: self.on_denied,
            OrderAmended: self.on_amended,
            OrderCancelRejected: self.on_cancel_rejected,
            OrderUnknown: self.on_unknown,
            Account: self.on_account,
            StateChanged: strategy.on_state,
            Start: self.on_start,
            Stop: self.on_stop,
            _Due: self.on_due,
        }

    # ---- what the strategy asks for

    def market(self, instrument: int | str | Instrument) -> Market:
        """Return what is known about one of the strategy's instruments, by index, name or Instrument."""
        if isinstance(instrument, Instrument):
            instrument = instrument.index
        market = self._markets.get(instrument)
        if market is None:
            known = ", ".join(f"{each.index} = {each.name}" for each in self.instruments)
            raise UsageError(
                f"instrument {instrument!r} is not one of strategy {self.name!r}; it has {known}: "
                f"add it to `instruments` of the strategy in the configuration"
            )
        return market

    def cancel(self, order: WorkingOrder) -> bool:
        """Tell risk to cancel an order that is not over."""
        if order.cancelling or order.request.intent not in self._orders:
            return False
        intent = CancelIntent(self.index, order.request.intent, False, self.context.now_ns)
        order.cancelling = self.risk.tell(intent) == ACCEPTED
        return order.cancelling

    def amend(self, order: WorkingOrder, price_ticks: int, lots: int, trigger_ticks: int = 0) -> bool:
        """Record the decision, then tell risk to change a working order."""
        if order.cancelling or order.amendment or (order.state is not OPEN and order.state is not PARTIAL):
            return False
        check_arguments(lots, price_ticks, False, False)
        context = self.context
        seq = context.next_seq
        intent = AmendIntent(
            self.index, order.request.intent, seq, price_ticks, lots, seq, context.now_ns, trigger_ticks
        )
        context.audit(TRADE_DECISION, intent)
        order.amendment = seq
        if self.risk.tell(intent) != ACCEPTED:
            self._busy(seq, order.request.instrument)
        return True

    def working_orders(self, instrument: int | str | Instrument | None) -> list[WorkingOrder]:
        """Return the orders that are not over, oldest first."""
        if instrument is None:
            return list(self._orders.values())
        index = self.market(instrument).index
        return [order for order in self._orders.values() if order.request.instrument == index]

    def order_of(self, intent: int) -> WorkingOrder | None:
        """Return the order of an intent that is not over, or that the report being handled ended."""
        order = self._orders.get(intent)
        if order is None and self._ended is not None and self._ended.request.intent == intent:
            return self._ended
        return order

    def after(self, seconds: float | Decimal, callback: Callable[[], None]) -> int:
        """Set a timer that fires once."""
        return self.context.after(int(seconds * NS_PER_SECOND), _Due(self.strategy, callback))

    def every(self, seconds: float | Decimal, callback: Callable[[], None]) -> int:
        """Set a timer that fires again and again."""
        return self.context.every(int(seconds * NS_PER_SECOND), _Due(self.strategy, callback))

    def after_ns(self, delay_ns: int, callback: Callable[[], None]) -> None:
        """Set a timer that fires once, and not within this callback."""
        self.context.after(delay_ns, _Due(self.strategy, callback))

    def log(self, text: str) -> None:
        """Hand a line to the log."""
        if self._log is not None:
            self._log(text)

    # ---- the market

    def keep_quote(self, quote: Quote) -> None:
        """Keep the quote only: the strategy does not listen."""
        self._markets[quote.instrument].quote = quote

    def on_gap(self, gap: FeedGap) -> None:
        """Note that the book is STALE, and tell the strategy."""
        self._markets[gap.instrument].synchronised = False
        self.strategy.on_gap(gap)

    def on_feed_state(self, state: FeedState) -> None:
        """Note whether the book may be used."""
        self._markets[state.instrument].synchronised = state.status is FeedStatus.SYNCHRONISED

    # ---- what became of orders

    def on_accepted(self, report: OrderAccepted) -> None:
        """The order works."""
        order = self._orders.get(report.intent)
        if order is not None:
            order.client_order_id = report.client_order_id
            order.price_ticks = report.price_ticks
            order.lots = report.lots
            order.state = PARTIAL if order.filled_lots else OPEN
            order.last = report
        self.strategy.on_accepted(report)

    def on_filled(self, fill: OrderFilled) -> None:
        """Move position and order; a fill of an order that is over moves the position alone."""
        self._markets[fill.instrument].fill(fill)
        order = self._orders.get(fill.intent)
        if order is not None:
            order.client_order_id = fill.client_order_id
            order.filled_lots += fill.lots
            order.paid += fill.price_ticks * fill.lots
            order.last = fill
            if fill.done:
                self._end(fill, OrderState.FILLED)
            else:
                order.lots = order.filled_lots + fill.leaves_lots  # more, if an order that was replaced is filled late
                order.state = order.state if order.state is OrderState.UNKNOWN else PARTIAL
        self.strategy.on_filled(fill)

    def on_canceled(self, report: OrderCanceled) -> None:
        """The order is out of the book."""
        self._end(report, OrderState.CANCELED)
        self.strategy.on_canceled(report)

    def on_expired(self, report: OrderExpired) -> None:
        """The venue took the order out."""
        self._end(report, OrderState.EXPIRED)
        self.strategy.on_expired(report)

    def on_rejected(self, report: OrderRejected) -> None:
        """The order never was in the book."""
        self._end(report, OrderState.REJECTED if report.sent else OrderState.FAILED)
        self.strategy.on_rejected(report)

    def on_denied(self, denial: OrderDenied) -> None:
        """Risk refused: an order is over before it left; a refused amend or cancel leaves its order as it was."""
        order = self._orders.get(denial.intent) or self._amending(denial.intent)
        if order is None or denial.reason is DenialReason.UNKNOWN_ORDER:
            self.strategy.on_denied(denial)
            return
        if order.state is OrderState.IN_FLIGHT:
            self._end(denial, OrderState.FAILED)
        else:
            order.amendment = 0
        self.strategy.on_denied(denial)

    def on_amended(self, report: OrderAmended) -> None:
        """An amend is settled, so the order works; also one that was UNKNOWN, unless the amend never left for that."""
        order = self._orders.get(report.intent)
        if order is not None:
            order.amendment = 0
            if not report.unknown:
                order.state = PARTIAL if order.filled_lots else OPEN
            order.client_order_id = report.client_order_id
            order.price_ticks = report.price_ticks
            order.lots = report.lots
            order.last = report
        self.strategy.on_amended(report)

    def on_cancel_rejected(self, report: OrderCancelRejected) -> None:
        """A cancel was refused: the order works on, and may be cancelled again."""
        order = self._orders.get(report.intent)
        if order is not None:
            order.cancelling = False

    def on_unknown(self, report: OrderUnknown) -> None:
        """Nobody knows the order's fate for now."""
        order = self._orders.get(report.intent)
        if order is not None:
            order.state = OrderState.UNKNOWN
            order.last = report
        self.strategy.on_unknown(report)

    # ---- the house

    def on_account(self, account: Account) -> None:
        """Keep the equity."""
        self.equity = Decimal(account.equity).scaleb(-8)

    def on_start(self, _: Start) -> None:
        """The run begins."""
        self._decision.connect(self.context, self.risk)
        self.strategy.on_start()

    def on_stop(self, _: Stop) -> None:
        """The run ends."""
        self.strategy.on_stop()

    def on_due(self, due: _Due) -> None:
        """A timer fired; a predecessor's is ignored."""
        if due.owner is self.strategy:
            due.callback()

    def _take_up(self, order: WorkingOrder) -> None:
        """Know an order of an earlier run again."""
        order.state = PARTIAL if order.filled_lots else OPEN
        self._orders[order.intent] = order
        self._markets[order.instrument].keep(order)

    def _amending(self, amendment: int) -> WorkingOrder | None:
        """Return the order that an amend with this number is for."""
        for order in self._orders.values():
            if order.amendment == amendment:
                return order
        return None

    def _end(self, report: Any, state: OrderState) -> None:
        """Take an order out of those that work, and keep its handle for the callback that follows."""
        order = self._orders.pop(report.intent, None)
        if order is not None:
            order.last = report
            order.client_order_id = getattr(report, "client_order_id", order.client_order_id)
            order.state = state
            order.cancelling = False
            order.amendment = 0
            self._markets[order.request.instrument].remove(order)
            self._ended = order
            if order.request.terms is not None:
                self.parents.ended(order)

    def _busy(self, intent: int, instrument: int) -> None:
        """Deny what risk could not take; it is delivered after this callback, never inside it."""
        seen, limit = f"{len(self._orders)} orders", "the mailbox of risk is full"
        denial = OrderDenied(
            self.index, intent, instrument, DenialReason.BUSY, seen, limit, 0, self.context.now_ns
        )  # fmt: skip
        self.context.after(0, denial)

    def _name_markets(self) -> None:
        """Let instruments be named by venue and symbol, and by the symbol alone where only one of them has it."""
        symbols = [instrument.symbol for instrument in self.instruments]
        for instrument in self.instruments:
            market = self._markets[instrument.index]
            self._markets[instrument.name] = market
            if symbols.count(instrument.symbol) == 1:
                self._markets[instrument.symbol] = market

    def _overrides(self, callback: str) -> bool:
        return getattr(type(self.strategy), callback) is not getattr(Strategy, callback)
