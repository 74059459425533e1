"""C28 HOLD_TIME: what a strategy has held for longer than the limit is closed by a reduce-only order.

A monitor and no check: it looks once a second, and is off unless `risk.hold_time_s` is set. The order is the strategy's
own, so that the strategy hears of it; after `ROUNDS_OWN` refusals (a strategy that is off may not trade) it is a
person's. What is less than the venue's step counts as nothing. Ages go on over a restart: the trail knows them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from engine.clock import NS_PER_SECOND
from engine.instruments import Instrument
from engine.messages.control import Action
from engine.messages.orders import CancelAll
from hotpath.core.mailbox import ACCEPTED
from hotpath.core.units import lots_to_money

if TYPE_CHECKING:
    from actors.portfolio.actor import Portfolio

ROUNDS_OWN = 3
PERSON = -1


class _Held(Struct, gc=False):
    """Since when something is held, and how often its close was asked for."""

    since_ns: int
    rounds: int = 0


class HoldTime:
    """Watches the age of what each strategy holds."""

    def __init__(
        self, portfolio: Portfolio, limit_s: int, limits_version: int, since: dict[tuple[int, int], int]
    ) -> None:
        """Act for `portfolio`; 0 is off. `since` tells since when (strategy, instrument) of earlier runs is held."""
        self._portfolio = portfolio
        self.set_limit(limit_s, limits_version)
        self._held = {key: _Held(since_ns) for key, since_ns in since.items()}

    def set_limit(self, limit_s: int, limits_version: int) -> None:
        """Count from now on what is held for longer than this; 0 is off."""
        self._limit_ns = limit_s * NS_PER_SECOND
        self._limits_version = limits_version

    def on_filled(self, strategy: int, instrument: Instrument, before: int, after: int, now_ns: int) -> None:
        """Take what a strategy held before and after an execution, money of the base currency."""
        key = (strategy, instrument.index)
        step = lots_to_money(instrument.quantity_step_lots, instrument.scale)
        if abs(after) < step:
            self._held.pop(key, None)
        elif key not in self._held or before * after < 0:
            self._held[key] = _Held(now_ns)

    def look(self, now_ns: int) -> None:
        """Close what is over age."""
        if not self._limit_ns:
            return
        for (strategy, index), held in list(self._held.items()):
            if strategy != PERSON and now_ns - held.since_ns > self._limit_ns:
                self._close(strategy, index, held, now_ns)

    def _close(self, strategy: int, index: int, held: _Held, now_ns: int) -> None:
        """Ask for the order that closes it: at first alone, then with the strategy's other orders out of the way."""
        portfolio = self._portfolio
        instrument = portfolio.instruments[index]
        unit = lots_to_money(1, instrument.scale)
        own = portfolio.held(strategy).get(index, 0)
        desk = portfolio.positions[index].lots
        lots = min(abs(own) // unit, abs(desk))
        if own * desk <= 0:
            return  # the desk as a whole is flat or on the other side: closing this would open that
        if held.rounds == 0:
            self._record(strategy, instrument, now_ns - held.since_ns)
        elif portfolio.orders.tell(CancelAll(strategy, "HOLD_TIME")) != ACCEPTED:
            portfolio.context.halt(f"orders could not take the cancels before {instrument.name} is closed")
        held.rounds += 1
        who = strategy if held.rounds <= ROUNDS_OWN else PERSON
        if not portfolio.close(instrument, lots if own > 0 else -lots, who):
            del self._held[strategy, index]  # too small for any order; what is bought to it begins a new age

    def _record(self, strategy: int, instrument: Instrument, age_ns: int) -> None:
        age, limit = age_ns // NS_PER_SECOND, self._limit_ns // NS_PER_SECOND
        self._portfolio.context.record(
            Action.RISK_BLOCK,
            "position",
            instrument.name,
            reason=f"HOLD_TIME: held for {age} s, limit {limit} s",
            metadata={"limits_version": self._limits_version, "strategy": self._portfolio.name_of(strategy)},
        )
