"""What became of the slippage budget: expected while an order is on its way, counted when it trades.

It remembers, for orders that were decided to trade at once and for no others, the mid that their strategy saw, and
tells hotpath.orders.slippage what a fill cost beyond it. What was spent on a day is rebuilt from the trail by the same
sum. It denies nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from actors.risk.bounds import ppm
from engine.audit.desk_state import DeskState
from engine.config.risk import RiskLimits
from engine.instruments import Instrument, Instruments
from engine.messages.orders import Liquidity, OrderIntent
from engine.messages.reports import OrderFilled
from hotpath.core.units import proceeds
from hotpath.orders.slippage import Slippage, slippage_cost

MILLION = 1_000_000
PERSON = -1


class Arrival(NamedTuple):
    """An order that trades at once, as it was when it was approved."""

    instrument: int
    mid_ticks_twice: int
    """At its decision; 0: it was decided to rest, or without a quote, and its fills are not counted."""
    expected: int
    """Money of the quote currency that is held back until it is over."""


class Arrivals:
    """The orders on their way that trade at once."""

    def __init__(self, slippage: Slippage, instruments: Instruments, limits: RiskLimits) -> None:
        """Count against `slippage`; fills that cost more than a part of their worth are told."""
        self.open: dict[int, Arrival] = {}
        """By the handle of the reservation: as many as there are order slots at most."""
        self.slippage = slippage
        self._instruments = instruments
        self.set_bounds(limits)

    def set_bounds(self, limits: RiskLimits) -> None:
        """Take what a fill may cost before it is told."""
        self._alert_ppm = ppm(limits.slippage_alert_pct)
        self._trade_ppm = ppm(limits.slippage_trade_pct)

    def take_up(
        self,
        state: DeskState,
        strategy_names: Sequence[str],
        handles: Mapping[tuple[int, int], int],
        adopted: Mapping[str, int],
    ) -> None:
        """Go on with what was spent on the day of the trail, and with the orders of earlier runs that are not over.

        Args:
            state: what earlier runs left.
            strategy_names: in the order of their indices.
            handles: reservations by (strategy, intent).
            adopted: reservations of orders that are of no strategy's intent, by client order id.
        """
        first_of: dict[str, Instrument] = {}
        for instrument in self._instruments:
            first_of.setdefault(instrument.quote, instrument)
        for currency, money in state.day_slippage.items():
            if currency in first_of:
                self.slippage.spend(first_of[currency].index, money, state.time_ns)
        by_name = {instrument.name: instrument.index for instrument in self._instruments}
        strategies = {name: index for index, name in enumerate(strategy_names)}
        for order in state.orders.values():
            handle = adopted.get(order.client_order_id)
            if handle is None:
                handle = handles.get((strategies.get(order.strategy, PERSON), order.intent))
            if order.mid_ticks_twice and handle is not None:
                self.open[handle] = Arrival(by_name[order.instrument], order.mid_ticks_twice, 0)

    def begin(self, handle: int, intent: OrderIntent) -> None:
        """Hold back what an approved order is expected to lose."""
        expected = self.slippage.cost
        self.slippage.reserve(intent.instrument, expected)
        self.open[handle] = Arrival(intent.instrument, mid_of_taker(intent), expected)

    def begin_amended(self, handle: int, instrument: int) -> None:
        """Hold back what an order is expected to lose that an amend lets trade at once, from the mid of this moment."""
        self.end(handle)
        slippage = self.slippage
        slippage.reserve(instrument, slippage.cost)
        self.open[handle] = Arrival(instrument, slippage.mid_ticks_twice, slippage.cost)

    def end(self, handle: int) -> None:
        """Give back what an order that is over held."""
        arrival = self.open.pop(handle, None)
        if arrival is not None:
            self.slippage.reserve(arrival.instrument, -arrival.expected)

    def fill(self, handle: int, fill: OrderFilled, now_ns: int) -> str:
        """Count what a fill lost; returns what a person should hear of it, or nothing."""
        mid_twice = self.open[handle].mid_ticks_twice
        if not mid_twice or fill.liquidity is not Liquidity.TAKER:
            return ""
        instrument = self._instruments[fill.instrument]
        lost = slippage_cost(fill.side, fill.price_ticks, fill.lots, mid_twice, instrument.scale)
        if not lost:
            return ""
        self.slippage.spend(fill.instrument, lost, now_ns)
        worth = max(proceeds(max(mid_twice // 2, 1), fill.lots, instrument.scale), 1)
        if lost * MILLION <= self._alert_ppm * worth:
            return ""
        budget = "over the budget" if lost * MILLION > self._trade_ppm * worth else "within the budget"
        part = lost * 10_000 // worth
        return f"a fill of {instrument.name} slipped {part} bps from the mid of its decision, {budget} of a trade"


def mid_of_taker(intent: OrderIntent) -> int:
    """Return twice the mid that an intent was decided at when it was decided to trade at once, else 0."""
    quote = intent.quote
    if quote is None or intent.post_only or not quote.bid_ticks or not quote.ask_ticks:
        return 0
    price_ticks = intent.price_ticks
    if price_ticks and (price_ticks < quote.ask_ticks if intent.side > 0 else price_ticks > quote.bid_ticks):
        return 0
    return quote.bid_ticks + quote.ask_ticks
