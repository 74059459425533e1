"""One instrument as one strategy sees it: its last quote, the strategy's own working orders and its own position.

Position is the net of the strategy's own fills less the fees that were paid in the base currency, kept in 1e-8 of it
so that a fee finer than a lot is not lost. It is derived from reports alone; the books of the desk are portfolio's.
"""

from __future__ import annotations

from actors.strategy.order import WorkingOrder
from engine.instruments import Instrument
from engine.messages.market import Quote, Side
from engine.messages.reports import OrderFilled
from hotpath.core.units import Scale, lots_to_money

BUY = Side.BUY


class Market:
    """What a strategy knows about one of its instruments."""

    __slots__ = (
        "buys",
        "index",
        "instrument",
        "lot_money",
        "position_lots",
        "position_money",
        "quote",
        "scale",
        "sells",
        "synchronised",
    )

    def __init__(self, instrument: Instrument, position_money: int) -> None:
        """Begin with a position of an earlier run, in 1e-8 of the base currency."""
        self.instrument = instrument
        self.index = instrument.index
        self.scale: Scale = instrument.scale
        self.quote: Quote | None = None
        self.synchronised = False
        self.buys: list[WorkingOrder] = []
        self.sells: list[WorkingOrder] = []
        self.lot_money = lots_to_money(1, self.scale)
        self.position_money = 0
        self.position_lots = 0
        """The position in whole lots, towards zero."""
        self.move(position_money)

    def add(self, order: WorkingOrder) -> None:
        """Keep an order that was just asked for."""
        (self.buys if order.request.side is BUY else self.sells).append(order)

    def remove(self, order: WorkingOrder) -> None:
        """Forget an order that is over."""
        orders = self.buys if order.request.side is BUY else self.sells
        if order in orders:
            orders.remove(order)

    def newest(self, side: Side) -> WorkingOrder | None:
        """Return the newest order of a side that is not being cancelled."""
        orders = self.buys if side == BUY else self.sells
        if not orders:
            return None
        for order in reversed(orders):
            if not order.cancelling:
                return order
        return None

    def fill(self, fill: OrderFilled) -> None:
        """Move the position by one execution and by the fee paid in the base currency."""
        money = lots_to_money(fill.lots, self.scale) * fill.side
        if fill.fee_currency == self.instrument.base:
            money -= fill.fee
        self.move(money)

    def move(self, money: int) -> None:
        """Change the position by an amount of 1e-8 of the base currency."""
        self.position_money += money
        lots = abs(self.position_money) // self.lot_money
        self.position_lots = lots if self.position_money >= 0 else -lots
