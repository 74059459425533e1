from typing import final

def stamp() -> int:
    """Return the machine's monotonic clock in ns: telemetry only."""

@final
class Histogram:
    """Counts of latencies in ns, log-linear: every value is known to 1 % of itself or better, up to 2^63 - 1."""

    def __init__(self) -> None:
        """Begin empty."""
    @property
    def count(self) -> int:
        """How many latencies were recorded."""
    @property
    def max(self) -> int:
        """The largest latency recorded, exactly; 0 when empty."""
    def record(self, ns: int) -> None:
        """Count one latency. A negative one, of a clock that went back, counts as 0."""
    def percentile(self, percent: float) -> int:
        """Return the latency that `percent` (0 to 100) of all do not exceed: never below the true one, 0 when empty."""
    def merge(self, other: Histogram) -> None:
        """Add what another histogram counted."""
    def reset(self) -> None:
        """Forget everything."""
    def check(self) -> None:
        """Raise AssertionError unless buckets, count and maximum agree."""
