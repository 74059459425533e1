"""Figures about the engine itself."""

from __future__ import annotations

from engine.clock import NS_PER_SECOND
from engine.telemetry.metrics import Latency, Rate, latency, peak_rss_mib
from hotpath.core.histogram import Histogram


def test_a_histogram_becomes_its_percentiles() -> None:
    histogram = Histogram()
    assert latency(histogram) == Latency(0, 0, 0, 0, 0)
    for value in range(1, 1_001):
        histogram.record(value * 1_000)
    row = latency(histogram)
    assert (row.count, row.max) == (1_000, 1_000_000)
    assert 500_000 <= row.p50 <= 506_000
    assert 990_000 <= row.p99 <= row.p999 <= row.max


def test_a_rate_is_taken_between_two_looks() -> None:
    rate = Rate(0)
    assert rate.look(100, NS_PER_SECOND // 2) == 200
    assert rate.look(100, NS_PER_SECOND // 2) == 200  # no time has passed
    assert rate.look(101, NS_PER_SECOND + NS_PER_SECOND // 2) == 1


def test_the_peak_of_memory_is_plausible() -> None:
    assert 5 < peak_rss_mib() < 10_000
