from typing import final

from hotpath.core.units import Scale

@final
class Contract:
    """What lots of one instrument are worth, in money (1e-8) of what settles it: quote currency, or base if inverse.

    A multiplier is 1e-8 of base currency in one whole contract (10^quantity_decimals lots), or of quote currency if the
    contract is inverse: 1 share is 10^8, an option on 100 shares 10^10, an inverse future of 10 dollars 10^9.
    """

    def __init__(self, scale: Scale, multiplier: int = 100_000_000, inverse: bool = False) -> None:
        """Take the terms.

        Raises:
            ValueError: the multiplier is not positive.
            PrecisionError: a lot is finer than 1e-8.
            OverflowError: it does not fit int64.
        """
    @property
    def scale(self) -> Scale:
        """The decimals of prices and quantities."""
    @property
    def multiplier(self) -> int:
        """What one whole contract stands for, in 1e-8."""
    @property
    def inverse(self) -> bool:
        """Whether it is worth multiplier / price in base currency, instead of multiplier x price in quote currency."""
    def paid(self, price_ticks: int, lots: int) -> int:
        """Return what `lots` at a price are worth, rounded up: what paying for them costs.

        Raises:
            ValueError: a price or quantity that is not positive.
            OverflowError: it does not fit int64.
        """
    def received(self, price_ticks: int, lots: int) -> int:
        """Return the same rounded down: what being paid for them brings."""
