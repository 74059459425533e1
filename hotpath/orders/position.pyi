from fractions import Fraction
from typing import final

from hotpath.core.units import Scale

@final
class Position:
    """The net of the fills of one instrument, less base fees, and what became of the money.

    Every amount is money (1e-8); cost, cash, realised and fee_cost are in the quote currency. Always true, to the last
    unit: cash + cost + fees[quote] + fee_cost == realised (counted from an empty position).
    """

    scale: Scale
    base: str
    quote: str
    lots: int
    """Signed: long is positive."""
    cost: int
    """What the open lots cost, signed like them: negative is what a short position brought."""
    realised: int
    """Profit of what was closed, before fees."""
    cash: int
    """What the fills and the fees in quote currency moved."""
    fee_cost: int
    """What those lots had cost that base fees took."""
    base_rest: int
    """Base fees below one lot that were not taken off yet."""

    def __init__(
        self, scale: Scale, base: str, quote: str, lots: int = 0, cost: int = 0, realised: int = 0, base_rest: int = 0
    ) -> None:
        """Start empty, or from a position that was kept.

        Raises:
            ValueError: lots and cost of different signs, or a scale finer than money.
        """
    @property
    def fees(self) -> dict[str, int]:
        """Fees paid, in their own currencies; negative is a rebate."""
    @property
    def average(self) -> tuple[int, int] | None:
        """(cost, lots) of what is open, both positive; None when nothing is."""
    @property
    def average_price(self) -> Fraction | None:
        """What one unit of the base currency cost on average, in quote currency; None when nothing is open."""
    def fill(self, side: int, price_ticks: int, lots: int, fee: int = 0, fee_currency: str = "") -> int:
        """Count one execution in and return what it realised; on an error nothing changes.

        Raises:
            ValueError: no side, no price or quantity, a fee without currency, or a base fee larger than the fill.
            OverflowError: an amount does not fit int64, or more than 16 fee currencies.
        """
    def unrealised(self, mid_ticks_twice: int) -> int:
        """Return what closing at the mid would realise (given twice, to be an integer), rounded down.

        Raises:
            OverflowError: it does not fit int64.
        """
    def check(self) -> None:
        """Raise AssertionError when the position contradicts itself."""
