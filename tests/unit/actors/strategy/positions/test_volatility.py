"""The realised volatility: a full window of moves, one a period, in whole ticks."""

from __future__ import annotations

from decimal import Decimal

import pytest

from actors.strategy.positions.volatility import Volatility
from engine.errors import UsageError

SECOND = 1_000_000_000


def test_it_is_the_root_of_the_summed_squares() -> None:
    measured = Volatility(4, samples=2)
    for second, mid_twice in enumerate((1_000, 1_003, 999)):
        assert measured.see(mid_twice, (2 * second + 1) * SECOND)
    assert measured.ticks_twice == 5
    assert measured.part == Decimal(5) / Decimal(999)


def test_half_a_window_says_nothing() -> None:
    measured = Volatility(4, samples=2)
    measured.see(1_000, SECOND)
    measured.see(1_010, 3 * SECOND)
    assert measured.ticks_twice is None
    assert measured.part == 0


def test_a_burst_of_quotes_is_one_move() -> None:
    measured = Volatility(4, samples=2)
    assert measured.see(1_000, SECOND)
    assert not measured.see(2_000, 2 * SECOND)
    assert measured.see(1_001, 3 * SECOND)


def test_old_moves_leave_the_window() -> None:
    measured = Volatility(2, samples=2)
    for second, mid_twice in enumerate((1_000, 2_000, 2_000, 2_000)):
        measured.see(mid_twice, (second + 1) * SECOND)
    assert measured.ticks_twice == 0


@pytest.mark.parametrize(
    ("window", "samples"), [(0, 2), (-1, 2), ("NaN", 2), (60, 1), (60, 10_001), ("0.000000001", 2)]
)
def test_a_window_that_is_none_is_refused(window: str, samples: int) -> None:
    with pytest.raises(UsageError):
        Volatility(window, samples)
