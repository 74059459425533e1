"""What one round of one row found, and how it is found: exact percentiles, and a hash of the work that was done.

Times are taken with the engine's own stamp (monotonic, ns) and kept as integers until a Measurement is made. The hash
covers the outcome of the work, not its time: rounds that did not do the same work are not compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

import msgspec
from msgspec import Struct

from hotpath.core.histogram import Histogram, stamp

NS_PER_US = 1_000
NS_PER_S = 1_000_000_000
WARM_UP_SHARE = 10
"""One loop in ten more runs before those that count."""


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


def time_loops(loop: Callable[[], object], count: int) -> list[int]:
    """Run a compiled loop `count` times, after a warm-up; returns how long each took in ns."""
    times_ns: list[int] = []
    for number in range(-(count // WARM_UP_SHARE) - 1, count):
        begun_ns = stamp()
        loop()
        ended_ns = stamp()
        if number >= 0:
            times_ns.append(ended_ns - begun_ns)
    return times_ns


def of_loops(
    times_ns: Sequence[int], operations: int, work: object = "", note: str = "", *, is_rate: bool = False
) -> Measurement:
    """Return the percentiles of one operation of a loop of many, which is too short to be timed by itself.

    Args:
        times_ns: how long each loop took, from `time_loops`.
        operations: how many operations a loop makes.
        work: the outcome, for the hash.
        note: what a reader has to know; the number of operations by default.
        is_rate: `value` is the operations in a second, otherwise the ns of one; both at the p50.
    """
    whole = of_times(times_ns, work, note or f"{len(times_ns)} loops of {operations} operations")
    if not whole.p50 or not whole.p99:
        raise ValueError("nothing was measured: the clock did not move during a loop; give it more operations")
    loop_ns = whole.p50 * NS_PER_US
    value = operations * NS_PER_S / loop_ns if is_rate else loop_ns / operations
    return msgspec.structs.replace(whole, p50=whole.p50 / operations, p99=whole.p99 / operations, value=value)


def hash_of(work: object) -> str:
    """Return the first twelve hexadecimal digits of a SHA-256 over what was done; empty for nothing."""
    return sha256(repr(work).encode()).hexdigest()[:12] if work else ""
