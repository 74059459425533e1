from decimal import Decimal
from typing import final

MONEY_DECIMALS: int

class PrecisionError(ValueError):
    """A value has digits finer than the scale it is read at; nothing is rounded."""

@final
class Scale:
    """How many decimals a venue prints: the bridge between decimal text and integer ticks and lots.

    Immutable and hashable. Readers take str, bytes, Decimal or int, exactly: ValueError for what is no plain decimal,
    PrecisionError for a digit finer than the scale, OverflowError beyond int64, TypeError for float.
    """

    def __init__(self, price_decimals: int, quantity_decimals: int) -> None:
        """Take the decimals of prices and quantities, 0 to 18 each."""
    @property
    def price_decimals(self) -> int:
        """Decimals of a price: a tick is 10^-price_decimals."""
    @property
    def quantity_decimals(self) -> int:
        """Decimals of a quantity: a lot is 10^-quantity_decimals."""
    def price_ticks(self, value: str | bytes | Decimal | int) -> int:
        """Return a price in ticks."""
    def lots(self, value: str | bytes | Decimal | int) -> int:
        """Return a quantity in lots."""
    def price(self, ticks: int) -> Decimal:
        """Return ticks as a price with every digit of the scale."""
    def quantity(self, lots: int) -> Decimal:
        """Return lots as a quantity with every digit of the scale."""
    def price_text(self, ticks: int) -> str:
        """Return ticks as plain decimal text with every digit of the scale."""
    def lots_text(self, lots: int) -> str:
        """Return lots as plain decimal text with every digit of the scale."""
    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...

def money(value: str | bytes | Decimal | int) -> int:
    """Return an amount in 1e-8 of its currency, exactly."""

def money_text(money: int) -> str:
    """Return money as plain decimal text without trailing zeros, at least "0"."""

def cost(price_ticks: int, lots: int, scale: Scale) -> int:
    """Return price x quantity as money, rounded up once. OverflowError beyond int64."""

def proceeds(price_ticks: int, lots: int, scale: Scale) -> int:
    """Return price x quantity as money, rounded down once. OverflowError beyond int64."""

def lots_to_money(lots: int, scale: Scale) -> int:
    """Return a quantity as money of its own asset, exactly. PrecisionError where 1e-8 is too coarse."""
