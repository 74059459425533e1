"""Timestamps: RFC 3339 with nine digits and Z, for every nanosecond that int64 can hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotpath.core.text import timestamp_text

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_NS = 86_400 * 10**9


def by_datetime(time_ns: int) -> str:
    """Return the same text by datetime, which has no nanoseconds of its own."""
    moment = EPOCH + timedelta(seconds=time_ns // 10**9)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{time_ns % 10**9:09d}Z"


@pytest.mark.parametrize(
    ("time_ns", "text"),
    [
        (0, "1970-01-01T00:00:00.000000000Z"),
        (1, "1970-01-01T00:00:00.000000001Z"),
        (951_782_400 * 10**9 - 1, "2000-02-28T23:59:59.999999999Z"),
        (951_782_400 * 10**9, "2000-02-29T00:00:00.000000000Z"),
        (1_723_161_599_123_456_789, "2024-08-08T23:59:59.123456789Z"),
        (4_107_542_400 * 10**9, "2100-03-01T00:00:00.000000000Z"),
        (2**63 - 1, "2262-04-11T23:47:16.854775807Z"),
    ],
)
def test_known_moments(time_ns: int, text: str) -> None:
    assert timestamp_text(time_ns) == text


def test_every_day_of_292_years_is_named_as_datetime_names_it() -> None:
    for day in range((2**63 - 1) // DAY_NS + 1):
        time_ns = min((day + 1) * DAY_NS - 1, 2**63 - 1)
        assert timestamp_text(time_ns)[:10] == (EPOCH + timedelta(days=day)).strftime("%Y-%m-%d")


@settings(max_examples=200)
@given(st.integers(0, 2**63 - 1))
def test_any_moment_is_written_as_datetime_writes_it(time_ns: int) -> None:
    assert timestamp_text(time_ns) == by_datetime(time_ns)


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1))
def test_text_sorts_as_time_does(first_ns: int, second_ns: int) -> None:
    assert (timestamp_text(first_ns) < timestamp_text(second_ns)) == (first_ns < second_ns)


def test_a_time_before_1970_is_refused() -> None:
    with pytest.raises(ValueError, match="time -1 ns lies before 1970"):
        timestamp_text(-1)


@pytest.mark.parametrize("value", [1.0, "1", None])
def test_a_time_is_an_integer(value: Any) -> None:
    with pytest.raises(TypeError, match=r"time_ns .* expected int"):
        timestamp_text(value)


def test_a_time_beyond_int64_is_named() -> None:
    with pytest.raises(OverflowError, match=f"time_ns {2**63} does not fit int64"):
        timestamp_text(2**63)
