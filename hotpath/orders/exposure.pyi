from collections.abc import Sequence
from typing import final

from hotpath.core.units import Scale
from hotpath.orders.slots import Slots

@final
class Exposure:
    """What could happen at worst: positions, reservations of live orders, and the funds that they tie up.

    Instruments and assets are numbers. The worst case of a side is position + everything reserved on that side; buys
    and sells never cancel out. It is priced at the collar's edge, in risk currency, rounded up.
    """

    slots: Slots
    instruments_count: int
    strategies_count: int
    assets_max: int
    unknown_count: int
    """Live orders of which nobody knows what became of them."""
    unpriced_count: int
    """Instruments with exposure whose worth nobody knows."""
    fee_ppm: int

    def __init__(
        self,
        instruments: Sequence[tuple[Scale, int, int]],
        assets_max: int,
        capacity: int,
        fee_ppm: int = 0,
        strategies_count: int = 0,
    ) -> None:
        """Take (scale, base asset, quote asset) of each instrument, and how many orders may live at once.

        Args:
            instruments: in the order of their indices.
            assets_max: assets are numbered 0 to assets_max - 1.
            capacity: slots, 1 to 65,536.
            fee_ppm: millionths of what a buy pays that are reserved for its fee.
            strategies_count: strategies whose part of positions and orders is kept.
        """
    @property
    def capacity(self) -> int:
        """How many orders may live at once."""
    @property
    def open_count(self) -> int:
        """Slots in use: working, in flight, unknown and parked."""
    @property
    def gross(self) -> int | None:
        """Sum of the larger worst case of each instrument; None when one has no price."""
    @property
    def net(self) -> int | None:
        """Worst case of long minus short, or of short minus long, whichever is larger; None when one has no price."""
    def worst_lots(self, instrument: int) -> tuple[int, int]:
        """Return the worst case of (buying, selling) in lots; negative where the position is on the other side."""
    def worst_value(self, instrument: int) -> tuple[int, int] | None:
        """Return the worst case of (long, short) in risk currency, at least 0 each; None when it has no price."""
    def position_lots(self, instrument: int) -> int:
        """Return the position, signed."""
    def open_orders(self, instrument: int) -> int:
        """Return how many slots the instrument uses."""
    def reserved(self, asset: int) -> int:
        """Return the money of an asset that live orders tie up."""
    def order(self, handle: int) -> tuple[int, int, int, int, int]:
        """Return (instrument, side, price_ticks, lots, filled_lots) of a live order.

        Raises:
            KeyError: the handle is not, or no longer, in use.
        """
    def is_open(self, handle: int) -> bool:
        """Return whether the handle is in use."""
    def reserve(
        self,
        instrument: int,
        side: int,
        price_ticks: int,
        lots: int,
        filled_lots: int = 0,
        strategy: int = -1,
        parked: bool = False,
    ) -> int:
        """Reserve an order's worst case and return its handle, which is never given again.

        Args:
            instrument: its index.
            side: 1 to buy, -1 to sell.
            price_ticks: what it pays at most, or takes at least.
            lots: the whole quantity.
            filled_lots: of them, those that are in the position already.
            strategy: whose order it is; -1: nobody's whose part is kept.
            parked: it waits with us: it counts as open and ties up funds, and is no worst case.

        Raises:
            OverflowError: all slots are in use, or lots or money do not fit.
        """
    def amend(self, handle: int, price_ticks: int, lots: int) -> None:
        """Reserve the larger of what the order is and what it shall be; `lots` is its whole quantity.

        The replacement's own quantity is what is open of it now. It stays so until it is settled: the venue was told
        that quantity, whatever is filled of the old order meanwhile.
        """
    def settle(self, handle: int, price_ticks: int, lots: int) -> None:
        """Say what the order is after an amend was accepted or refused."""
    def fill(self, handle: int, lots: int, leaves_lots: int = 0) -> int:
        """Turn reserved lots into position and return what is still open.

        `leaves_lots` is what the report says is open. When it is more than was known, the fill was of an order that an
        amend has replaced, and nothing is filled of the replacement.
        """
    def release(self, handle: int) -> bool:
        """Give back what an order that is over had reserved; False when the handle was not in use."""
    def set_unknown(self, handle: int, unknown: bool) -> bool:
        """Say whether nobody knows what became of an order; False when the handle is not in use."""
    def own_best(self, instrument: int, side: int) -> int:
        """Return the best price in ticks of our own orders that may stand in the book on a side; 0: none."""
    def move(self, instrument: int, lots: int, strategy: int = -1) -> None:
        """Change a position by signed lots that no live order had reserved, and the strategy's part of it."""
    def take_fee(self, instrument: int, base_fee: int) -> None:
        """Take a fee in base currency off the position; what is below a lot waits."""
    def mark(self, instrument: int, low_ticks: int, high_ticks: int) -> None:
        """Price an instrument: the collar's edges; 0 and 0 when there is no price."""
    def rate(self, instrument: int, numerator: int, denominator: int) -> None:
        """Say what its quote currency is worth in risk currency, as a ratio; 0 / 0 when nobody knows."""
    def check(self) -> None:
        """Raise AssertionError when a sum is not the sum of its parts."""
