"""Flattening: the market orders that would close every position, asked of risk until nothing is left to close.

Once a second it asks for what is still open, because earlier orders must be cancelled first and a market order may fill
in part; after half a minute it stops asking. What is worth more than one order may be goes in slices; what is smaller
than the venue's smallest order stays. Risk judges each of these orders as a person's that may only reduce.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.config.risk import RiskLimits
from engine.instruments import Instrument
from engine.messages.control import Action, FlattenRequest
from engine.messages.market import Side
from engine.messages.orders import OrderIntent, OrderType, TimeInForce
from hotpath.core.mailbox import ACCEPTED
from hotpath.core.units import cost, money, proceeds

if TYPE_CHECKING:
    from actors.portfolio.actor import Portfolio

ROUNDS_MAX = 30
PERSON = -1
MILLION = 1_000_000
MARGIN_PPM = 10_000
"""How far below the limit of an order's value a slice stays: the price that risk judges by is newer than ours."""


class Flatten:
    """Asks risk to close what is open."""

    def __init__(self, portfolio: Portfolio, limits: RiskLimits) -> None:
        """Act for `portfolio`, on its positions; `limits` say how much one order may be worth, at the collar's edge."""
        self._portfolio = portfolio
        self._rounds_left = 0
        self.set_limits(limits)

    def set_limits(self, limits: RiskLimits) -> None:
        """Slice by these from now on."""
        self._edge_ppm = MILLION + int(limits.price_collar_pct * 10_000)
        values = [_order_value_max(each, limits) for each in self._portfolio.instruments]
        self._order_values_max = [value * (MILLION - MARGIN_PPM) // MILLION for value in values]

    def on_request(self, _: FlattenRequest) -> None:
        """Begin to close every position."""
        self._rounds_left = ROUNDS_MAX
        self.go_on()

    def end(self) -> None:
        """Ask for nothing more."""
        self._rounds_left = 0

    def go_on(self) -> None:
        """Ask again for what is still open."""
        if self._rounds_left == 0:
            return
        self._rounds_left -= 1
        positions = self._portfolio.positions
        asked = [self.close(each, positions[each.index].lots) for each in self._portfolio.instruments]
        if not any(asked):
            self._rounds_left = 0

    def close(self, instrument: Instrument, held: int, strategy: int = PERSON) -> bool:
        """Ask for the order that closes so many lots; False when there is nothing that an order could close."""
        portfolio = self._portfolio
        lots = min(abs(held), instrument.market_lots_max or abs(held), instrument.lots_max or abs(held))
        twice = portfolio.valuation.mid_ticks_twice(instrument.index)
        lots = self._slice(instrument, lots, twice)
        lots -= lots % instrument.quantity_step_lots
        if lots < max(instrument.lots_min, 1):
            return False
        if twice is not None and proceeds(twice // 2, lots, instrument.scale) < instrument.notional_min:
            return False
        context = portfolio.context
        seq = context.next_seq
        side = Side.SELL if held > 0 else Side.BUY
        intent = OrderIntent(
            strategy, seq, instrument.index, side, OrderType.MARKET, TimeInForce.IOC, False, True, 0, lots, seq, None,
            context.now_ns,
        )  # fmt: skip
        context.audit(Action.TRADE_DECISION, intent)
        if portfolio.risk.tell(intent) != ACCEPTED:
            context.halt(f"risk could not take the order that closes {instrument.name}")
        return True

    def _slice(self, instrument: Instrument, lots: int, mid_ticks_twice: int | None) -> int:
        """Return as many of the lots as one order may be worth; all of them when nobody knows what they are worth."""
        if mid_ticks_twice is None or lots <= 0:
            return lots
        edge_ticks = mid_ticks_twice * self._edge_ppm // (2 * MILLION) + 1
        worth = self._portfolio.valuation.worth(instrument.quote, cost(edge_ticks, lots, instrument.scale))
        most = self._order_values_max[instrument.index]
        return lots if worth is None or worth <= most else lots * most // worth


def _order_value_max(instrument: Instrument, limits: RiskLimits) -> int:
    """Return what one order of a person may be worth, the tighter limits of the instrument and its venue counted."""
    named = [limits.instruments.get(name) for name in (instrument.name, instrument.symbol)]
    parts = [part for part in (*named, limits.venues.get(instrument.venue)) if part is not None]
    values = [limits.max_order_value, *(part.max_order_value for part in parts)]
    return min(money(value) for value in values if value is not None)
