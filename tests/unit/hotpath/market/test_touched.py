"""Touched levels: what is asked for is asked of the engine that touches them; here is what can be seen without one."""

from __future__ import annotations

import pytest

from hotpath.market.touched import TouchedLevels


def test_nothing_is_touched_at_first() -> None:
    touched = TouchedLevels(4)
    assert (touched.take(), touched.count, touched.lost, touched.levels_max) == ([], 0, False, 4)
    touched.check()


def test_capacity_has_a_lower_bound() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        TouchedLevels(0)
