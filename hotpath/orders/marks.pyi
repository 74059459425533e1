from collections.abc import Sequence
from typing import final

from hotpath.core.units import Scale
from hotpath.orders.account import Account
from hotpath.orders.exposure import Exposure

@final
class Marks:
    """The last quote of each instrument, and what follows from it: the collar, the worth of exposure, equity.

    A quote is only noted; it is priced when somebody asks. A mark is the mid of the last quote that was not crossed and
    stays when the book goes STALE.
    """

    exposure: Exposure
    account: Account
    instruments_count: int

    def __init__(
        self,
        instruments: Sequence[tuple[Scale, int, int]],
        risk_asset: int,
        assets_max: int,
        capacity: int,
        collar_ppm: int,
        fee_ppm: int = 0,
        strategies_count: int = 0,
    ) -> None:
        """Make the exposure and the account that it prices; arguments as for them.

        Args:
            instruments: (scale, base asset, quote asset) in the order of their indices.
            risk_asset: the currency that everything is counted in.
            assets_max: assets are numbered 0 to assets_max - 1.
            capacity: how many orders may live at once.
            collar_ppm: largest distance of a price from the mid, in millionths of it.
            fee_ppm: millionths of what a buy pays that are reserved for its fee.
            strategies_count: strategies whose part of positions and orders is kept.
        """
    def on_quote(self, instrument: int, bid_ticks: int, ask_ticks: int, time_ns: int) -> None:
        """Note the best prices of an instrument."""
    def on_depth(self, instrument: int, bid_lots: object, ask_lots: object, time_ns: object) -> None:
        """Note what stands in the best levels of each side; what is no count of lots cannot be used."""
    def on_status(self, instrument: int, synchronised: bool) -> None:
        """Note whether an instrument's book can be trusted now."""
    def set_collar(self, collar_ppm: int) -> None:
        """Change the collar of every instrument."""
    def collar(self, instrument: int) -> tuple[int, int]:
        """Return the lowest and highest price in ticks; (0, 0) without a mark."""
    def refresh(self) -> None:
        """Price what was quoted since the last time."""
