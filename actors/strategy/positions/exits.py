"""Leaving positions: hand it each quote and each fill, and it asks for the reduce-only orders that close them.

It is part of the strategy and has no privileges: its orders are the strategy's own and pass every check. A position is
left whole by a market order, because a stop that rests is no stop; a profit level takes what the touch pays, by an IOC
limit. One exit at a time for an instrument; what a check refused is tried again after `retry`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from actors.strategy.order import WorkingOrder
from actors.strategy.positions.closing import close_count
from actors.strategy.positions.holding import ExitReason, Holding
from actors.strategy.positions.plan import ByVolatility, Number, plan_of
from engine.instruments import Instrument
from engine.messages.control import Action
from engine.messages.market import Quote, Side
from engine.messages.orders import DenialReason, OrderDenied, TimeInForce
from engine.messages.reports import OrderFilled
from hotpath.core.units import money_text, proceeds

if TYPE_CHECKING:
    from actors.strategy.strategy import Strategy

TOO_LARGE = frozenset({DenialReason.MAX_ORDER_VALUE})


class Exits:
    """The exits from a strategy's positions. Make one in `__init__`, and pass quotes and fills on to it.

    In `__init__`:

        self.exits = Exits(self, take_profit=[("0.2", "0.5"), ("0.4", "0.5")], stop_loss="0.3", trail="0.25", hold=60)

    In `on_quote`: `self.exits.on_quote(quote)`. In `on_filled`: `self.exits.on_filled(fill)`.
    """

    def __init__(
        self,
        strategy: Strategy,
        *,
        take_profit: Sequence[tuple[Number, Number]] | None = None,
        stop_loss: Number | None = None,
        trail: Number | None = None,
        hold: Number | None = None,
        by_volatility: ByVolatility | None = None,
        retry: Number = 1,
    ) -> None:
        """Watch over the positions of `strategy`.

        Args:
            strategy: whose positions they are.
            take_profit: levels as (gain in percent of the entry price, fraction of the largest size of the position),
                gains rising, fractions together at most 1.
            stop_loss: leave at a loss of so many percent of the entry price.
            trail: leave so many percent from the best price since the entry.
            hold: leave after so many seconds.
            by_volatility: leave at a distance that follows the volatility.
            retry: seconds until what was refused is asked for again.

        Raises:
            TypeError: a float was given.
            UsageError: what was given is no plan; see `plan_of`.
        """
        self.plan = plan_of(take_profit, stop_loss, trail, hold, by_volatility, retry)
        self._strategy = strategy
        self._holdings = {instrument.index: Holding(self.plan) for instrument in strategy.instruments}
        self._instruments = {instrument.index: instrument for instrument in strategy.instruments}

    def on_filled(self, fill: OrderFilled) -> None:
        """Take an execution of the strategy, also of an order that had nothing to do with the exits."""
        held_lots = self._strategy.position_lots(fill.instrument)
        holding = self._holdings[fill.instrument]
        holding.fill(fill.side, fill.price_ticks, fill.lots, held_lots, self._strategy.now_ns)
        rules = self._instruments[fill.instrument]
        if holding.lots and abs(held_lots) < rules.quantity_step_lots:
            self._remainder(holding, rules, abs(held_lots), fill.price_ticks)
            holding.clear()  # less than a step is dust that no order can close

    def on_quote(self, quote: Quote) -> WorkingOrder | None:
        """Judge the position at a quote; returns the order that was asked for, if any."""
        holding = self._holdings[quote.instrument]
        if not quote.bid_ticks or not quote.ask_ticks:
            return None
        now_ns = self._strategy.now_ns
        holding.measure(quote.bid_ticks + quote.ask_ticks, now_ns)
        if not holding.seen:
            holding.adopt(
                self._strategy.position_lots(quote.instrument), (quote.bid_ticks + quote.ask_ticks) // 2, now_ns
            )
        if not holding.lots:
            return None
        exit_ticks = quote.bid_ticks if holding.lots > 0 else quote.ask_ticks
        busy = self._is_busy(holding, now_ns)  # what came of the last exit decides which level is next
        reason = holding.reason(exit_ticks, now_ns)
        if reason is None or busy or now_ns < holding.not_before_ns:
            return None
        if reason is ExitReason.PROFIT_LEVEL:
            return self._take(holding, quote.instrument, exit_ticks)
        return self._leave(holding, quote.instrument, exit_ticks, reason)

    def leaving(self, instrument: int) -> ExitReason | None:
        """Return why a position is being left whole, None while it is not."""
        return self._holdings[instrument].leaving

    def _is_busy(self, holding: Holding, now_ns: int) -> bool:
        """Say whether an exit is on its way; of one that did nothing, wait a little before the next."""
        order = holding.pending
        if order is None:
            return False
        if not order.done:
            return True
        holding.pending = None
        if holding.owed_lots:
            holding.owed_lots -= order.filled_lots
            if holding.owed_lots <= 0:
                holding.next_level()
        denial = order.last if isinstance(order.last, OrderDenied) else None
        if denial is not None and denial.reason in TOO_LARGE:
            holding.slice_lots = max(order.lots // 2, 1)
        if order.filled_lots:
            return False
        holding.not_before_ns = now_ns + self.plan.retry_ns
        return True

    def _leave(self, holding: Holding, instrument: int, exit_ticks: int, reason: ExitReason) -> WorkingOrder | None:
        """Close everything, once the strategy's other orders there are out of the way."""
        strategy = self._strategy
        rules = self._instruments[instrument]
        lots = self._sliced(holding, abs(holding.lots), rules)
        if not self._closable(holding, rules, lots, exit_ticks):
            holding.leaving = None
            return None
        if holding.leaving is None:
            holding.leaving, holding.owed_lots = reason, 0
            strategy.log(f"{reason.name}: leave {rules.name} at {rules.scale.price_text(exit_ticks)}")
        others = strategy.orders(instrument)
        for order in others:
            strategy.cancel(order)
        if others:
            return None  # a reduce-only order must not meet another that would close the same lots
        return self._ask(holding, instrument, lots, 0)

    def _take(self, holding: Holding, instrument: int, exit_ticks: int) -> WorkingOrder | None:
        """Close the fraction of the next level, or skip it and say so."""
        rules = self._instruments[instrument]
        level = self.plan.levels[holding.level]
        step = rules.quantity_step_lots
        held = abs(holding.lots)
        side = Side.SELL if holding.lots > 0 else Side.BUY
        if any(order.side is side for order in self._strategy.orders(instrument)):
            return None  # an order of the strategy's own is closing already
        lots = holding.owed_lots or close_count(holding.largest // step, level.fraction) * step
        lots = min(lots, held // step * step)
        why = self._too_small(rules, lots, exit_ticks)
        if why:
            self._skipped(holding, rules, why)
            holding.next_level()
            return None
        rest = held - lots
        if rest and self._too_small(rules, rest // step * step, exit_ticks):
            self._remainder(holding, rules, rest, exit_ticks)
        holding.owed_lots = lots
        return self._ask(holding, instrument, self._sliced(holding, lots, rules), exit_ticks)

    def _ask(self, holding: Holding, instrument: int, lots: int, price_ticks: int) -> WorkingOrder:
        ask = self._strategy.sell_lots if holding.lots > 0 else self._strategy.buy_lots
        holding.pending = ask(instrument, lots, price_ticks, time_in_force=TimeInForce.IOC, reduce_only=True)
        return holding.pending

    def _sliced(self, holding: Holding, lots: int, rules: Instrument) -> int:
        """Return what one order asks for of so many lots, in whole steps."""
        most = min(lots, holding.slice_lots or lots, rules.market_lots_max or lots, rules.lots_max or lots)
        return max(most // rules.quantity_step_lots, 1) * rules.quantity_step_lots

    def _closable(self, holding: Holding, rules: Instrument, lots: int, price_ticks: int) -> bool:
        """Say whether the venue takes an order of so many lots; what it does not take is told once."""
        if lots <= abs(holding.lots) and not self._too_small(rules, lots, price_ticks):
            return True
        self._remainder(holding, rules, abs(holding.lots), price_ticks)
        return False

    def _too_small(self, rules: Instrument, lots: int, price_ticks: int) -> str:
        """Return why the venue would refuse so few lots, or an empty text."""
        if lots < max(rules.lots_min, 1):
            return f"{rules.scale.lots_text(lots)} is below the smallest order {rules.scale.lots_text(rules.lots_min)}"
        worth = proceeds(price_ticks, lots, rules.scale)
        if worth < rules.notional_min:
            return f"{money_text(worth)} {rules.quote} is below the minimum of {money_text(rules.notional_min)}"
        return ""

    def _skipped(self, holding: Holding, rules: Instrument, why: str) -> None:
        """Record a level that closes nothing."""
        level = self.plan.levels[holding.level]
        self._record(holding, rules, "position", why, {"fraction": level.fraction, "level": holding.level + 1})
        self._strategy.log(f"profit level {holding.level + 1} of {rules.name} is skipped: {why}")

    def _remainder(self, holding: Holding, rules: Instrument, lots: int, price_ticks: int) -> None:
        """Record, once for a position, that what remains cannot be closed by an order."""
        if holding.remainder_told:
            return
        holding.remainder_told = True
        why = f"what is left of {rules.name} cannot be closed: " + (
            self._too_small(rules, lots // rules.quantity_step_lots * rules.quantity_step_lots, price_ticks)
        )
        self._record(holding, rules, "remainder", why, {"remainder": rules.scale.lots_text(lots)})
        self._strategy.log(why)

    def _record(self, holding: Holding, rules: Instrument, kind: str, why: str, more: dict[str, object]) -> None:
        quantity = {"quantity": rules.scale.lots_text(holding.lots)}
        self._strategy._host.context.record(
            Action.POSITION_PROFIT_TAKE_SKIPPED,
            kind,
            rules.name,
            before=quantity,
            after=quantity,
            reason=why,
            metadata={"instrument": rules.name, "strategy": self._strategy.name, **more},
        )
