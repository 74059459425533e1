from typing import final

from hotpath.core.units import Scale
from hotpath.market.levels import Levels
from hotpath.orders.marks import Marks

@final
class Slippage:
    """What may be lost to slippage by one order and in one day, and what was."""

    takes: bool
    """Whether the last order that was judged would trade at once."""
    mid_ticks_twice: int
    """Twice the mid that its cost was measured from; 0 when that fits no order."""
    alerted: bool
    """Whether it is expected to cost more than the alert."""
    cost: int
    """What it is expected to cost beyond the mid, money of the quote currency."""
    observed: int
    """What was compared: the order's cost, or what the day would come to with it, in risk currency."""
    limit: int
    """What it was compared with."""

    def __init__(self, marks: Marks) -> None:
        """Know no depth, spend nothing, and forbid nothing until bounds are set."""
    def set_bounds(self, *, trade_ppm: int, alert_ppm: int, session: int) -> None:
        """Take the most that an order may cost beyond the mid, where to warn, and the most of a day."""
    def on_depth(self, instrument: int, bids: Levels, asks: Levels) -> None:
        """Take the best levels of an instrument, best first."""
    def spend(self, instrument: int, money: int, now_ns: int) -> None:
        """Count what was lost, money of the quote currency. ValueError when it is negative."""
    def reserve(self, instrument: int, money: int) -> None:
        """Hold back what an order is expected to lose, or give it back when the order is over."""
    def spent(self, instrument: int, now_ns: int) -> int:
        """Return what was lost in an instrument on the day of `now_ns`, money of its quote currency."""
    def judged(self, instrument: int, side: int, lots: int, sent_ticks: int, free: bool, now_ns: int) -> int:
        """Judge an order: 0 within its budgets, 1 over one of them, 2 when an input cannot be used."""
    def check(self) -> None:
        """Raise AssertionError when an amount contradicts itself."""

def slippage_cost(side: int, price_ticks: int, lots: int, mid_ticks_twice: int, scale: Scale) -> int:
    """Return what a fill cost beyond the mid of its decision, money of the quote currency; 0 when it cost nothing."""
