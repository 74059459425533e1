from typing import final

@final
class Losses:
    """Losses against their limits. Amounts are money of the risk currency."""

    calm: int
    """Above this equity no loss is near a limit, and an order costs one compare."""

    def __init__(self) -> None:
        """Begin neutral: a limit binds from when its baseline was told."""
    def set_bounds(
        self,
        *,
        day_ppm: int,
        day_value: int,
        peak_ppm: int,
        peak_value: int,
        reduce_pct: int,
        streak_max: int,
        warn_pct: int,
    ) -> None:
        """Take the limits: parts of the baseline in millionths and amounts, of which the tighter binds."""
    def set_day_equity(self, equity: object) -> None:
        """Say what equity was when the day began; what is no positive amount of money cannot be used."""
    def set_day_result(self, result: object) -> None:
        """Say what was won since the day began, which inventory does not count into; what is no money cannot be used.

        Until it is said the day's loss is that of equity.
        """
    def set_peak_equity(self, equity: object) -> None:
        """Say what equity was at its highest; what is no positive amount of money cannot be used."""
    def set_losses_in_row(self, count: object) -> None:
        """Say how many closed trades in a row ended at a loss; what is no count cannot be used."""
