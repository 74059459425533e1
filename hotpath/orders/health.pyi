from collections.abc import Sequence
from typing import final

from hotpath.orders.exposure import Exposure

@final
class Health:
    """The health of clocks, trail and orders against its limits. Times are ns."""

    instruments_count: int
    venues_count: int

    def __init__(self, exposure: Exposure, venue_of: Sequence[int] = ()) -> None:
        """Begin neutral; `venue_of` is the venue of each instrument, all of them one if it is empty."""
    def set_bounds(
        self,
        *,
        offset_ns: int,
        clock_age_ns: int,
        lag_ns: int,
        backlog_pct: int,
        health_age_ns: int,
        unknown_instrument: int,
        unknown_all: int,
    ) -> None:
        """Take the limits."""
    def set_clock_offset(self, venue: int, offset_ns: object, time_ns: object) -> None:
        """Say how far a venue's clock is from ours, and when that was measured; what is no int cannot be used."""
    def set_audit_health(self, durable: object, lag_ns: object, backlog_pct: object, time_ns: object) -> None:
        """Say how the audit trail is: whether its last write is on disk, how late it is, how full what waits for it."""
