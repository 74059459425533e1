"""One instrument as one strategy sees it: its last quote, the strategy's own working orders and its own position.

Position is the net of the strategy's own fills less the fees that were paid in the base currency, kept in 1e-8 of it
so that a fee finer than a lot is not lost. It is derived from reports alone; the books of the desk are portfolio's.
"""

from cython cimport final

from engine.messages.market import Side
from hotpath.core.units import lots_to_money

cdef object BUY = Side.BUY


@final
cdef class Market:
    """What a strategy knows about one of its instruments."""

    def __init__(self, instrument, position_money):
        self.instrument = instrument
        self.index = instrument.index
        self.scale = instrument.scale
        self.quote = None
        self.synchronised = False
        self.buys = []
        self.sells = []
        self.lot_money = lots_to_money(1, self.scale)
        self.position_money = 0
        self.position_lots = 0
        self.move(position_money)

    cdef int add(self, object order, object side) except -1:
        """Keep an order that was just asked for."""
        (self.buys if side is BUY else self.sells).append(order)
        return 0

    def keep(self, order):
        """Keep an order of an earlier run."""
        self.add(order, order.request.side)

    def remove(self, order):
        """Forget an order that is over."""
        orders = self.buys if order.request.side is BUY else self.sells
        if order in orders:
            orders.remove(order)

    def newest(self, side):
        """Return the newest order of a side that is not being cancelled."""
        orders = self.buys if side == BUY else self.sells
        if not orders:
            return None
        for order in reversed(orders):
            if not order.cancelling:
                return order
        return None

    def fill(self, fill):
        """Move the position by one execution and by the fee paid in the base currency."""
        money = lots_to_money(fill.lots, self.scale) * fill.side
        if fill.fee_currency == self.instrument.base:
            money -= fill.fee
        self.move(money)

    def move(self, money):
        """Change the position by an amount of 1e-8 of the base currency."""
        self.position_money += money
        lots = abs(self.position_money) // self.lot_money
        self.position_lots = lots if self.position_money >= 0 else -lots
