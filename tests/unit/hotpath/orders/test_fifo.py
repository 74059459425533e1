"""The queue alone: what it shows of itself and what it refuses. How it is used, the tests of positions say."""

from __future__ import annotations

import pytest

from hotpath.orders.fifo import Fifo


def test_a_new_queue_is_empty_and_keeps_its_bound() -> None:
    queue = Fifo(3)
    queue.check()
    assert (queue.count, queue.parcels_max, queue.merged, queue.parcels) == (0, 3, 0, ())


@pytest.mark.parametrize("parcels_max", [0, -1])
def test_a_queue_has_room_for_one_at_least(parcels_max: int) -> None:
    with pytest.raises(ValueError, match=f"parcels_max is {parcels_max}; expected 1 or more"):
        Fifo(parcels_max)


def test_a_bound_is_an_integer() -> None:
    with pytest.raises(TypeError, match="of type float"):
        Fifo(1.5)  # type: ignore[arg-type]
