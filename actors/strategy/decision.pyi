from collections.abc import Callable
from typing import final

from actors.strategy.market import Market
from actors.strategy.order import WorkingOrder
from engine.instruments import Instrument
from engine.messages.market import Quote, Side
from engine.messages.orders import OrderTerms, OrderType, TimeInForce
from engine.runtime.actor import Context, Ref

@final
class Decision:
    """Makes the intents of one strategy."""

    def __init__(
        self,
        strategy: int,
        markets: dict[int | str, Market],
        orders: dict[int, WorkingOrder],
        callback: Callable[[Quote], None],
        find: Callable[[int | str | Instrument], Market],
        busy: Callable[[int, int], None],
    ) -> None:
        """Take the strategy's index, what it knows, and its `on_quote`.

        Args:
            strategy: its index, in every intent.
            markets: by the instrument's index, and by its names.
            orders: where the orders that are not over stand, by intent.
            callback: the strategy's `on_quote`.
            find: returns the market of an instrument, or raises.
            busy: hears of an intent and its instrument when risk could not take it.
        """
    def connect(self, context: Context, risk: Ref) -> None:
        """Tell intents to `risk`, and decisions to the trail through `context`."""
    def on_quote(self, quote: Quote) -> None:
        """Keep the quote, which the next intent carries as what was seen, and tell the strategy."""
    def submit(
        self,
        instrument: int | str | Instrument,
        side: Side,
        lots: int,
        price_ticks: int,
        post_only: bool,
        time_in_force: TimeInForce,
        reduce_only: bool,
        asked: OrderType | None = None,
        terms: OrderTerms | None = None,
    ) -> WorkingOrder:
        """Record the decision, then tell risk; when risk cannot listen the denial comes back as BUSY.

        `asked` is the type of an order with `terms`; without them the price says it.

        Raises:
            UsageError: no instrument of the strategy, or the run has not begun.
            TypeError: an argument of the wrong type.
            OverflowError: lots or ticks beyond int64.
        """
