from typing import final

from hotpath.orders.exposure import Exposure

@final
class Sizes:
    """The limits of sizes. Times are ns, values money of the risk currency, parts of equity and depth millionths."""

    strategies_count: int
    state: int
    """The TradingState; EMERGENCY until somebody says otherwise."""

    def __init__(self, exposure: Exposure, strategies_count: int) -> None:
        """Begin with limits of nothing, in EMERGENCY."""
    def set_bounds(
        self,
        *,
        age_ns: int,
        cautious_age_ns: int,
        cautious_pct: int,
        protective_pct: int,
        order_value: int,
        depth_ppm: int,
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
        """Take the limits; what was counted and reserved stays."""
    def set_state(self, state: int, crashed: bool = False) -> None:
        """Take the trading state; after a crash CAUTIOUS knows every instrument that is configured."""
    def tighten_instrument(self, instrument: int, order_value: int, position_value: int) -> None:
        """Give an instrument limits of its own; those of all bind as well."""
    def tighten_strategy(self, strategy: int, order_value: int, position_value: int) -> None:
        """Give a strategy limits of its own: for an order, and for what it holds and may hold in an instrument."""
    def loosen(self) -> None:
        """Take away every limit that an instrument or a strategy has of its own."""
