"""What the trail hears of a fill's effect: a trade opened, changed, closed, or closed and opened the other way.

It owns the wording of these records and the moment at which a trade counts as closed. It books nothing but that.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from engine.instruments import Instrument
from engine.messages.control import Action
from engine.messages.reports import OrderFilled
from hotpath.core.units import money_text

if TYPE_CHECKING:
    from actors.portfolio.actor import Portfolio


class TradeRecords:
    """The records of one portfolio's trades."""

    def __init__(self, portfolio: Portfolio) -> None:
        """Record what becomes of its positions."""
        self._portfolio = portfolio

    def record(self, fill: OrderFilled, lots_before: int, average_before: Fraction | None, realised: int) -> None:
        """Record what a fill did to its position: opened, changed, closed, or closed and opened the other way."""
        instrument = self._portfolio.instruments[fill.instrument]
        position = self._portfolio.positions[fill.instrument]
        text = instrument.scale.lots_text
        flips = lots_before * position.lots < 0
        closes = lots_before != 0 and (position.lots == 0 or flips)
        before = {"quantity": text(lots_before), "average_price": price_text(average_before)}
        now = {"quantity": text(position.lots), "average_price": price_text(position.average_price), "state": "OPEN"}
        flat = {"quantity": text(0), "average_price": "0", "state": "CLOSED"}
        if closes:
            result = self._portfolio.trades.close(instrument.name, self._portfolio.valuation.known_total)
            closed: dict[str, Any] = {
                "realised": money_text(realised),
                "result": money_text(result),
                "losses_in_row": self._portfolio.trades.losses_in_row,
            }
            self._trade(Action.TRADE_CLOSE, fill, instrument, before, {**flat, **closed})
            before = {"quantity": text(0), "average_price": "0"}
        if position.lots and (lots_before == 0 or flips):
            self._trade(Action.TRADE_OPEN, fill, instrument, before, now)
        elif lots_before and not closes:
            self._trade(Action.TRADE_MODIFY, fill, instrument, before, {**now, "realised": money_text(realised)})

    def _trade(
        self, action: Action, fill: OrderFilled, instrument: Instrument, before: dict[str, str], after: dict[str, Any]
    ) -> None:
        self._portfolio.context.record(
            action,
            "position",
            instrument.name,
            cause=fill.audit_seq,
            before=before,
            after=after,
            metadata={
                "client_order_id": fill.client_order_id,
                "instrument": instrument.name,
                "intent": fill.intent,
                "strategy": self._portfolio.names[fill.strategy],
                "trade_id": fill.trade_id,
            },
        )


def price_text(price: Fraction | None) -> str:
    """Return an average price with eight decimals, the nearest; it is a quotient, so this is for showing only."""
    return "0" if price is None else money_text(round(price * 10**8))
