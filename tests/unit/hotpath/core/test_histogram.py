"""The histogram: percentiles against sorted lists, never below the truth and never 1 % above it."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotpath.core.histogram import Histogram, stamp

INT64_MAX = 2**63 - 1
PERCENTS = (0, 0.001, 1, 10, 25, 50, 75, 90, 99, 99.9, 99.99, 99.999, 100)
latencies = st.one_of(
    st.integers(0, INT64_MAX),
    st.integers(0, 10**7),
    st.integers(0, 2_000),
    st.integers(0, 62).map(lambda bit: 1 << bit),
)


def histogram_of(values: list[int]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.record(value)
    histogram.check()
    return histogram


def true_percentile(values: list[int], percent: float) -> int:
    """Return the smallest value that `percent` of all do not exceed."""
    thousandths = round(percent * 1000)
    rank = max(1, -(-thousandths * len(values) // 100_000))
    return sorted(values)[rank - 1]


@settings(max_examples=200)
@given(st.lists(latencies, min_size=1, max_size=60))
def test_percentiles_are_those_of_the_sorted_list_to_one_part_in_128(values: list[int]) -> None:
    histogram = histogram_of(values)
    assert (histogram.count, histogram.max) == (len(values), max(values))
    for percent in PERCENTS:
        true = true_percentile(values, percent)
        assert true <= histogram.percentile(percent) <= true + true // 128


def test_small_latencies_and_the_largest_are_exact() -> None:
    histogram = histogram_of([*range(29, 128), INT64_MAX])
    assert [histogram.percentile(percent) for percent in range(1, 100)] == list(range(29, 128))
    assert histogram.percentile(100) == histogram.max == INT64_MAX


@pytest.mark.parametrize("bit", range(63))
def test_the_edges_of_every_power_of_two_are_counted_apart(bit: int) -> None:
    edge = 1 << bit
    histogram = histogram_of([edge - 1, edge])
    assert histogram.percentile(50) == edge - 1
    assert histogram.percentile(100) == edge


def test_a_negative_latency_counts_as_0() -> None:
    histogram = histogram_of([-5, -INT64_MAX - 1])
    assert (histogram.count, histogram.max, histogram.percentile(100)) == (2, 0, 0)


def test_an_empty_histogram_says_0() -> None:
    histogram = Histogram()
    histogram.check()
    assert (histogram.count, histogram.max, histogram.percentile(50)) == (0, 0, 0)
    assert not gc.is_tracked(histogram)


@given(st.lists(latencies, max_size=30), st.lists(latencies, max_size=30))
def test_merged_histograms_are_those_of_both_lists(first: list[int], second: list[int]) -> None:
    merged = histogram_of(first)
    merged.merge(histogram_of(second))
    merged.check()
    both = histogram_of(first + second)
    assert (merged.count, merged.max) == (both.count, both.max)
    assert [merged.percentile(percent) for percent in PERCENTS] == [both.percentile(percent) for percent in PERCENTS]


def test_reset_forgets_everything() -> None:
    histogram = histogram_of([5, 10**9])
    histogram.reset()
    histogram.check()
    assert (histogram.count, histogram.max, histogram.percentile(99)) == (0, 0, 0)


@pytest.mark.parametrize("percent", [-0.1, 100.1, float("nan"), float("inf")])
def test_a_percentile_is_between_0_and_100(percent: float) -> None:
    with pytest.raises(ValueError, match="expected 0 to 100"):
        Histogram().percentile(percent)


@pytest.mark.parametrize("value", [1.0, "1", None])
def test_a_latency_is_an_integer(value: Any) -> None:
    with pytest.raises(TypeError, match=r"ns .* expected int"):
        Histogram().record(value)


def test_only_a_histogram_can_be_merged() -> None:
    with pytest.raises(TypeError):
        Histogram().merge(None)  # type: ignore[arg-type]


def test_the_stamp_never_goes_back() -> None:
    stamps = [stamp() for _ in range(100)]
    assert stamps == sorted(stamps)
    assert stamps[0] > 0
