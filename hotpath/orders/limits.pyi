from collections.abc import Sequence
from typing import final

from hotpath.orders.account import Account
from hotpath.orders.exposure import Exposure
from hotpath.orders.filters import Filters
from hotpath.orders.greeks import Greeks
from hotpath.orders.health import Health
from hotpath.orders.losses import Losses
from hotpath.orders.marks import Marks
from hotpath.orders.parents import Parents
from hotpath.orders.rates import Rates
from hotpath.orders.recents import Recents
from hotpath.orders.sizes import Sizes
from hotpath.orders.slippage import Slippage
from hotpath.orders.turnover import Turnover

@final
class Limits:
    """The limits of a run, and the pass that compares an order with all of them and reserves its worst case."""

    marks: Marks
    filters: Filters
    recents: Recents
    exposure: Exposure
    account: Account
    sizes: Sizes
    rates: Rates
    losses: Losses
    health: Health
    parents: Parents
    turnover: Turnover
    greeks: Greeks
    slippage: Slippage
    handle: int
    """The reservation of the last order that was approved."""
    price_ticks: int
    """What leaves of the last order: its price, or a market order's protection price."""
    shrinks: bool
    """Whether the last order is a person's and can only make a position smaller."""
    observed: int
    """What the check that said no has seen, in its own unit."""
    limit: int
    """What it compared with, in the same unit."""
    warned: int
    """A bit for the code of each limit of which the last order used more than `warn_pct`."""
    depth_skipped_count: int
    """Orders whose quantity could not be compared with depth because nobody told it."""

    def __init__(self, marks: Marks, filters: Filters, recents: Recents, venue_of: Sequence[int] = ()) -> None:
        """Take the state that the checks read; the exposure and the account are those of the marks.

        `venue_of` is the venue of each instrument, numbered from 0; all of them one if it is empty.
        """
    @property
    def state(self) -> int:
        """The TradingState; EMERGENCY until somebody says otherwise."""
    def set_bounds(self, **bounds: int) -> None:
        """Take the limits of sizes, as `sizes.set_bounds` does; the other parts have their own."""
    def set_state(self, state: int, crashed: bool = False) -> None:
        """Take the trading state; after a crash CAUTIOUS knows every instrument that is configured."""
    def set_terms(self, parent: int = 0, edge_bps: int | None = None) -> None:
        """Say what the next order says beside the ordinary: its parent and the edge that is expected of it."""
    def set_daily_count(self, now_ns: int, count: int) -> None:
        """Say how many orders were approved on the day of `now_ns`."""
    def daily_orders(self, now_ns: int) -> int:
        """Return how many orders were approved on the day of `now_ns`."""
    def check_and_reserve(
        self,
        strategy: int,
        intent: int,
        instrument: int,
        side: int,
        type: int,
        time_in_force: int,
        post_only: bool,
        reduce_only: bool,
        price_ticks: int,
        lots: int,
        now_ns: int,
    ) -> int:
        """Judge an order: 0 and its worst case is reserved under `handle`, or the code of the first no.

        Raises:
            OverflowError: an argument does not fit int64; nothing was judged.
        """
    def check_and_park(
        self,
        strategy: int,
        intent: int,
        instrument: int,
        side: int,
        type: int,
        time_in_force: int,
        post_only: bool,
        reduce_only: bool,
        price_ticks: int,
        lots: int,
        now_ns: int,
    ) -> int:
        """Judge an order that will wait with us as if it left now: 0 and it is parked under `handle`, or a code.

        What is parked counts as an open order and ties up funds; it is no worst case, no message and no order of the
        day. When it is triggered it is unparked first, and judged as a new order.

        Raises:
            OverflowError: an argument does not fit int64; nothing was judged.
        """
    def unpark(self, handle: int) -> bool:
        """Give back what a parked order has; False when the handle is not in use or not parked."""
    def check_amend(self, strategy: int, handle: int, amendment: int, price_ticks: int, lots: int, now_ns: int) -> int:
        """Judge an amend to this price and whole quantity: 0 and the larger of old and new is reserved, or a code."""
