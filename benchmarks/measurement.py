"""What one round of one row found, and how it is found: exact percentiles, and a hash of the work that was done.

Times are taken with the engine's own stamp (monotonic, ns) and kept as integers until a Measurement is made. The hash
covers the outcome of the work, not its time: rounds that did not do the same work are not compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

from msgspec import Struct

from hotpath.core.histogram import Histogram

NS_PER_US = 1_000


class Measurement(Struct, frozen=True):
    """One row in one round. Times in us; `value` in the unit of the row when that is not a time."""

    p50: float | None = None
    p99: float | None = None
    value: float | None = None
    work: str = ""
    """A hash of the work that was done; empty where the work is not the same each time."""
    note: str = ""
    """What a reader of the figure has to know: how much was measured, and on which market."""


type_of_measurements = dict[str, Measurement]
"""By the name of the row: one run may measure several rows."""

type_of_measure = Callable[[bool], type_of_measurements]
"""Measures one round; True asks for tiny inputs."""


class NotMeasured(Exception):  # noqa: N818 - not an error: the answer to a question that this machine cannot be asked
    """This machine lacks something that the row needs; the text says what."""


def of_times(times_ns: Sequence[int], work: object = "", note: str = "") -> Measurement:
    """Return the exact percentiles of latencies in ns. ValueError when there are none."""
    if not times_ns:
        raise ValueError("nothing was measured: the row needs at least one latency; give it more input")
    ordered = sorted(times_ns)
    return Measurement(
        p50=ordered[len(ordered) // 2] / NS_PER_US,
        p99=ordered[len(ordered) * 99 // 100] / NS_PER_US,
        work=hash_of(work),
        note=note or f"{len(ordered)} samples",
    )


def of_histogram(latencies: Histogram, work: object = "", note: str = "") -> Measurement:
    """Return the percentiles of a histogram, each known to 1 % or better. ValueError when it is empty."""
    if not latencies.count:
        raise ValueError("nothing was measured: the row needs at least one latency; give it more input")
    return Measurement(
        p50=latencies.percentile(50) / NS_PER_US,
        p99=latencies.percentile(99) / NS_PER_US,
        work=hash_of(work),
        note=note or f"{latencies.count} samples",
    )


def hash_of(work: object) -> str:
    """Return the first twelve hexadecimal digits of a SHA-256 over what was done; empty for nothing."""
    return sha256(repr(work).encode()).hexdigest()[:12] if work else ""
