"""Flattening: the market orders that would close every position, asked of risk until nothing is left to close.

Once a second it asks for what is still open, because earlier orders must be cancelled first and a market order may fill
in part; after half a minute it stops asking. What is smaller than the venue's smallest order stays. Risk judges each of
these orders as a person's that may only reduce.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.instruments import Instrument
from engine.messages.control import Action, FlattenRequest
from engine.messages.market import Side
from engine.messages.orders import OrderIntent, OrderType, TimeInForce
from hotpath.core.mailbox import ACCEPTED
from hotpath.core.units import proceeds

if TYPE_CHECKING:
    from actors.portfolio.actor import Portfolio

ROUNDS_MAX = 30
PERSON = -1


class Flatten:
    """Asks risk to close what is open."""

    def __init__(self, portfolio: Portfolio) -> None:
        """Act for `portfolio`, on its positions."""
        self._portfolio = portfolio
        self._rounds_left = 0

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
        asked = [self._close(instrument) for instrument in self._portfolio.instruments]
        if not any(asked):
            self._rounds_left = 0

    def _close(self, instrument: Instrument) -> bool:
        """Ask for the order that closes a position; False when there is nothing to close."""
        portfolio = self._portfolio
        held = portfolio.positions[instrument.index].lots
        lots = min(abs(held), instrument.market_lots_max or abs(held), instrument.lots_max or abs(held))
        lots -= lots % instrument.quantity_step_lots
        twice = portfolio.valuation.mid_ticks_twice(instrument.index)
        if lots < max(instrument.lots_min, 1):
            return False
        if twice is not None and proceeds(twice // 2, lots, instrument.scale) < instrument.notional_min:
            return False
        context = portfolio.context
        seq = context.next_seq
        side = Side.SELL if held > 0 else Side.BUY
        intent = OrderIntent(
            PERSON, seq, instrument.index, side, OrderType.MARKET, TimeInForce.IOC, False, True, 0, lots, seq, None,
            context.now_ns,
        )  # fmt: skip
        context.audit(Action.TRADE_DECISION, intent)
        if portfolio.risk.tell(intent) != ACCEPTED:
            context.halt(f"risk could not take the order that flattens {instrument.name}")
        return True
