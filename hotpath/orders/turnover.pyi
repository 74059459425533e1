from typing import final

from hotpath.orders.marks import Marks

@final
class Turnover:
    """Traded value, hold time and expected edge against their limits."""

    instruments_count: int

    def __init__(self, marks: Marks) -> None:
        """Begin neutral: what was traded binds from when it was told."""
    def set_bounds(self, *, hold_ns: int, turnover_ppm: int, edge_ratio_ppm: int) -> None:
        """Take the limits: a time, 0 for none; parts of equity and of cost in millionths, the latter 0 for none."""
    def set_traded_today(self, value: object) -> None:
        """Say what was traded since midnight in risk currency; what is no amount cannot be used."""
    def set_held_since(self, instrument: int, time_ns: int) -> None:
        """Say since when a position is held; 0: there is none."""
    def overdue_ns(self, instrument: int, now_ns: int) -> int:
        """Return for how long a position should have been closed; 0 when it may be held."""
