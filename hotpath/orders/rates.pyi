from collections.abc import Sequence
from typing import final

@final
class Rates:
    """Counts what each strategy and the desk did lately. Strategies are numbered from 0; -1 is a person."""

    strategies_count: int
    instruments_count: int
    venues_count: int

    def __init__(self, strategies_count: int, instruments_count: int, venue_of: Sequence[int] = ()) -> None:
        """Begin with nothing counted; `venue_of` is the venue of each instrument, all of them one if it is empty."""
    def set_bounds(
        self,
        *,
        new_per_second: int,
        messages_per_second: int,
        venue_pct: int,
        fills_max: int,
        fills_window_ns: int,
        rejects_max: int,
        rejects_window_ns: int,
        trade_ratio: int,
        trade_from: int,
    ) -> None:
        """Take the limits; what was counted goes on, but for windows whose length changed."""
    def set_venue_limit(self, venue: int, messages: int, window_ns: int) -> None:
        """Say how many messages a venue takes within a time; until it is said its limit is not looked at."""
    def note_cancel(self, strategy: int, instrument: int, now_ns: int) -> None:
        """Count a cancel, which nobody judges."""
    def note_fill(self, strategy: int, instrument: int, side: int, now_ns: int) -> bool:
        """Count a fill; returns whether the strategy shall be stopped for it."""
    def note_reject(self, strategy: int, now_ns: int) -> bool:
        """Count an order that the venue refused; returns whether the strategy shall be stopped for it."""
    def note_accept(self, strategy: int) -> None:
        """Take note that the venue took an order, which ends a row of rejects."""
    def rejects_in_row(self, strategy: int) -> int:
        """Return how many orders of a strategy the venue refused since it took one."""
    def forgive(self, strategy: int) -> None:
        """Count a strategy's fills and rejects anew: a person enabled it again."""
