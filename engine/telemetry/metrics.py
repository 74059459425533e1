"""Figures about the engine itself: latencies as percentiles, rates, memory.

They are telemetry: no decision, message or audit record is ever made of one. Latencies are nanoseconds of the monotonic
clock; a rate is taken between two looks at a counter, on whatever clock the caller reads.
"""

from __future__ import annotations

import resource
import sys

from msgspec import Struct

from engine.clock import NS_PER_SECOND
from hotpath.core.histogram import Histogram

BYTES_PER_MIB = 1_048_576


class Latency(Struct, frozen=True):
    """One latency's distribution in ns."""

    count: int
    p50: int
    p99: int
    p999: int
    max: int


def latency(histogram: Histogram) -> Latency:
    """Return the percentiles of a histogram."""
    return Latency(
        histogram.count,
        histogram.percentile(50),
        histogram.percentile(99),
        histogram.percentile(99.9),
        histogram.max,
    )


class Rate:
    """How fast a counter grows, from one look to the next."""

    def __init__(self, now_ns: int) -> None:
        """Begin with a counter of zero."""
        self._count = 0
        self._time_ns = now_ns
        self._rate = 0

    def look(self, count: int, now_ns: int) -> int:
        """Return the rate a second since the last look, the one before when no time has passed."""
        elapsed_ns = now_ns - self._time_ns
        if elapsed_ns > 0:
            self._rate = (count - self._count) * NS_PER_SECOND // elapsed_ns
            self._count = count
            self._time_ns = now_ns
        return self._rate


def peak_rss_mib() -> int:
    """Return the most memory that this process ever held, in MiB, rounded up."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak_bytes = peak if sys.platform == "darwin" else peak * 1_024
    return -(-peak_bytes // BYTES_PER_MIB)
