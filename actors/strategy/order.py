"""The handle of one working order, as the strategy that placed it sees it.

It is made when the order is asked for and follows the reports until the order is over. It knows nothing that the
reports did not say: between a request and its answer it is what it was. Strategies read it and never write it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from msgspec import Struct

from actors.strategy.result import result_of
from engine.messages.execution import ExecutionResult
from engine.messages.market import Side
from engine.messages.orders import OrderIntent
from hotpath.core.units import Scale
from hotpath.orders.lifecycle import is_terminal
from hotpath.orders.transitions import OrderState


class WorkingOrder(Struct, eq=False, gc=False):
    """One order of a strategy: what it asks for, how much of it was filled, and where it stands.

    Compare two of them with `is`. Prices and quantities come in two forms: Decimal (`price`, `quantity`, `filled`,
    `leaves`) and integer (`price_ticks`, `lots`, `filled_lots`, `leaves_lots`).
    """

    request: OrderIntent
    """What was asked for at first; an amend does not change it."""
    scale: Scale
    price_ticks: int
    """The limit price in ticks; 0 for a market order."""
    lots: int
    """The whole quantity in lots, with what is filled already."""
    filled_lots: int = 0
    state: OrderState = OrderState.IN_FLIGHT
    cancelling: bool = False
    """A cancel is on its way."""
    amendment: int = 0
    """The number of the amend that is on its way; 0 when none is."""
    client_order_id: str = ""
    """The name that the venue knows it by; empty until the first report."""
    last: Any = None
    """The last report or denial about it; None before the first."""
    paid: int = 0
    """The sum of ticks x lots of its executions."""

    @property
    def intent(self) -> int:
        """The number that every report of this order carries."""
        return self.request.intent

    @property
    def instrument(self) -> int:
        """The instrument's index."""
        return self.request.instrument

    @property
    def side(self) -> Side:
        """BUY or SELL."""
        return self.request.side

    @property
    def price(self) -> Decimal:
        """The limit price in quote currency; 0 for a market order."""
        return self.scale.price(self.price_ticks)

    @property
    def quantity(self) -> Decimal:
        """The whole quantity in base currency, with what is filled already."""
        return self.scale.quantity(self.lots)

    @property
    def filled(self) -> Decimal:
        """The filled quantity in base currency."""
        return self.scale.quantity(self.filled_lots)

    @property
    def leaves(self) -> Decimal:
        """The quantity that is still to be filled, in base currency."""
        return self.scale.quantity(self.leaves_lots)

    @property
    def leaves_lots(self) -> int:
        """The lots that are still to be filled; 0 when the order is over."""
        return 0 if self.done else self.lots - self.filled_lots

    @property
    def done(self) -> bool:
        """Whether the order is over: filled, canceled, expired, rejected, denied or never sent."""
        return is_terminal(self.state)

    @property
    def result(self) -> ExecutionResult:
        """What became of the request up to now: status, average price, slippage, and why not."""
        return result_of(self)
