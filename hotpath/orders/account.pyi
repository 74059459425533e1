from typing import final

@final
class Account:
    """Balances by asset number, and equity: every balance in risk currency, rounded down.

    A missing balance is zero. A balance without a price makes equity unknown, never smaller.
    """

    assets_max: int
    """How many assets there is room for; they are numbered from 0."""
    unpriced_count: int
    """Assets with a balance whose value nobody knows."""

    def __init__(self, assets_max: int) -> None:
        """Start with nothing in any asset."""
    @property
    def equity(self) -> int | None:
        """Money of the risk currency; None when an asset has no price or the sum does not fit."""
    def balance(self, asset: int) -> int:
        """Return what there is of an asset, free and locked."""
    def set_balance(self, asset: int, money: int) -> None:
        """Say what there is of an asset, free and locked."""
    def move(self, asset: int, money: int) -> None:
        """Add to what there is of an asset; negative takes away.

        Raises:
            OverflowError: the balance does not fit int64; nothing changed.
        """
    def rate(self, asset: int, numerator: int, denominator: int) -> None:
        """Say what one unit is worth in risk currency, as a ratio; 0 / 0 when nobody knows."""
    def check(self) -> None:
        """Raise AssertionError when the sum is not the sum of its parts."""
