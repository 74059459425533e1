"""One position as its exits see it: what it cost, how large it was, and which prices end it.

Prices that end it are computed when something changes, not on every quote: a quote is then two comparisons of integers.
A long is measured at the bid and a short at the ask, because that is where it could leave. It asks for no order.
"""

from __future__ import annotations

from enum import IntEnum

from actors.strategy.order import WorkingOrder
from actors.strategy.positions.plan import MILLION, Plan
from actors.strategy.positions.volatility import Volatility

NO_PRICE = 0


class ExitReason(IntEnum):
    """Why a position is left; of two reasons the earlier is meant."""

    STOP_LOSS = 1
    VOLATILITY_STOP = 2
    TRAILING_STOP = 3
    HOLD_TIME = 4
    VOLATILITY_PROFIT = 5
    PROFIT_LEVEL = 6


class Holding:
    """The position of a strategy in one instrument, and the exits from it."""

    def __init__(self, plan: Plan) -> None:
        """Begin flat."""
        self.plan = plan
        by = plan.volatility
        self.volatility = None if by is None else Volatility(by.window_seconds, by.samples)
        self.pending: WorkingOrder | None = None
        self.not_before_ns = 0
        self.slice_lots = 0
        """The most that one exit may ask for, after risk called a larger one too large; 0: no bound."""
        self.seen = False
        self.clear()

    def clear(self) -> None:
        """Be flat."""
        self.lots = 0
        self.largest = 0
        self.level = 0
        self.owed_lots = 0
        """What is still to be closed of the level that was reached."""
        self.opened_ns = 0
        self.best_ticks = NO_PRICE
        self.leaving: ExitReason | None = None
        self.remainder_told = False
        self.slice_lots = 0
        self._cost = 0
        self._counted = 0
        self._stop_ticks = self._level_ticks = NO_PRICE

    @property
    def side(self) -> int:
        """1 for a long, -1 for a short, 0 when flat."""
        return (self.lots > 0) - (self.lots < 0)

    def adopt(self, lots: int, price_ticks: int, now_ns: int) -> None:
        """Take up a position that an earlier run left: its price and age are unknown, so they begin here."""
        self.seen = True
        if lots:
            self._open(lots, abs(lots), price_ticks, now_ns)

    def fill(self, side: int, price_ticks: int, lots: int, held_lots: int, now_ns: int) -> None:
        """Take one execution; `held_lots` is the position after it, fees included."""
        self.seen = True
        before = self.lots
        if held_lots == 0:
            self.clear()
        elif before * held_lots <= 0:
            self._open(held_lots, lots if before == 0 else abs(held_lots), price_ticks, now_ns)
        else:
            self.lots = held_lots
            if side * held_lots > 0:
                self._cost += price_ticks * lots
                self._counted += lots
                if abs(held_lots) > self.largest:
                    self.largest = abs(held_lots)
                    self.level = self.owed_lots = 0  # a larger position has its levels before it again
            elif lots < self._counted:
                self._cost -= self._cost * lots // self._counted
                self._counted -= lots
            self._price()

    def _open(self, held_lots: int, counted: int, price_ticks: int, now_ns: int) -> None:
        self.clear()
        self.lots, self.largest, self.opened_ns = held_lots, abs(held_lots), now_ns
        self._cost, self._counted = price_ticks * counted, counted
        self.best_ticks = price_ticks
        self._price()

    def next_level(self) -> None:
        """Go on to the level after this one."""
        self.level += 1
        self.owed_lots = 0
        self._price()

    def measure(self, mid_ticks_twice: int, now_ns: int) -> None:
        """Take a mid for the volatility."""
        if self.volatility is not None:
            self.volatility.see(mid_ticks_twice, now_ns)

    def reason(self, exit_ticks: int, now_ns: int) -> ExitReason | None:
        """Return why to leave at a price, None to stay; what was begun (a stop that filled in part) goes on."""
        if self.leaving is not None:
            return self.leaving
        side, plan = self.side, self.plan
        if self._stop_ticks and side * (exit_ticks - self._stop_ticks) <= 0:
            return ExitReason.STOP_LOSS
        moved = 0 if self.volatility is None else self.volatility.ticks_twice or 0
        gain_twice_counted = side * 2 * (exit_ticks * self._counted - self._cost)
        by = plan.volatility
        if moved and by is not None and by.stop_loss and -gain_twice_counted >= by.stop_loss * moved * self._counted:
            return ExitReason.VOLATILITY_STOP
        if side * (exit_ticks - self.best_ticks) > 0:
            self.best_ticks = exit_ticks
        elif plan.trail_ppm and side * (self.best_ticks - exit_ticks) * MILLION >= plan.trail_ppm * self.best_ticks:
            return ExitReason.TRAILING_STOP
        if plan.hold_ns and now_ns - self.opened_ns >= plan.hold_ns:
            return ExitReason.HOLD_TIME
        if moved and by is not None and by.take_profit and gain_twice_counted >= by.take_profit * moved * self._counted:
            return ExitReason.VOLATILITY_PROFIT
        if self._level_ticks and side * (exit_ticks - self._level_ticks) >= 0:
            return ExitReason.PROFIT_LEVEL
        return None

    def _price(self) -> None:
        """Compute the prices of the stop and of the next level, each rounded away from the entry."""
        plan, side = self.plan, self.side
        self._stop_ticks = self._level_ticks = NO_PRICE
        whole = MILLION * self._counted
        if plan.stop_ppm:
            exact = self._cost * (MILLION - side * plan.stop_ppm)
            self._stop_ticks = exact // whole if side > 0 else -(-exact // whole)
        if self.level < len(plan.levels):
            exact = self._cost * (MILLION + side * plan.levels[self.level].gain_ppm)
            self._level_ticks = -(-exact // whole) if side > 0 else exact // whole
