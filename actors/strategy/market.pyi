from typing import final

from actors.strategy.order import WorkingOrder
from engine.instruments import Instrument
from engine.messages.market import Quote, Side
from engine.messages.reports import OrderFilled
from hotpath.core.units import Scale

@final
class Market:
    """What a strategy knows about one of its instruments."""

    instrument: Instrument
    index: int
    scale: Scale
    quote: Quote | None
    synchronised: bool
    buys: list[WorkingOrder]
    sells: list[WorkingOrder]
    lot_money: int
    position_money: int
    position_lots: int
    """The position in whole lots, towards zero."""

    def __init__(self, instrument: Instrument, position_money: int) -> None:
        """Begin with a position of an earlier run, in 1e-8 of the base currency."""
    def keep(self, order: WorkingOrder) -> None:
        """Keep an order of an earlier run."""
    def remove(self, order: WorkingOrder) -> None:
        """Forget an order that is over."""
    def newest(self, side: Side) -> WorkingOrder | None:
        """Return the newest order of a side that is not being cancelled."""
    def fill(self, fill: OrderFilled) -> None:
        """Move the position by one execution and by the fee paid in the base currency."""
    def move(self, money: int) -> None:
        """Change the position by an amount of 1e-8 of the base currency."""
