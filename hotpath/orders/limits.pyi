from typing import final

from hotpath.orders.account import Account
from hotpath.orders.exposure import Exposure
from hotpath.orders.filters import Filters
from hotpath.orders.marks import Marks
from hotpath.orders.recents import Recents

@final
class Limits:
    """The limits of a run, and the pass that compares an order with all of them and reserves its worst case."""

    marks: Marks
    filters: Filters
    recents: Recents
    exposure: Exposure
    account: Account
    state: int
    """The TradingState; EMERGENCY until somebody says otherwise."""
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

    def __init__(self, marks: Marks, filters: Filters, recents: Recents) -> None:
        """Take the state that the checks read; the exposure and the account are those of the marks."""
    def set_bounds(
        self,
        *,
        age_ns: int,
        order_value: int,
        protective_order_value: int,
        duplicate_window_ns: int,
        open_instrument: int,
        open_all: int,
        daily: int,
        position_ppm: int,
        position_value: int,
        gross_ppm: int,
        net_ppm: int,
        warn_pct: int,
    ) -> None:
        """Take the limits: times in ns, values in money of the risk currency, parts of equity in millionths."""
    def set_state(self, state: int) -> None:
        """Take the trading state."""
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
    def check_amend(self, strategy: int, handle: int, amendment: int, price_ticks: int, lots: int, now_ns: int) -> int:
        """Judge an amend to this price and whole quantity: 0 and the larger of old and new is reserved, or a code."""
