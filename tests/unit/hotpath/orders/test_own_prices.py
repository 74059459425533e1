"""The best price of our own orders is that of the ones that live, whatever came and left in between."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hotpath.core.units import Scale
from hotpath.orders.exposure import Exposure

STEP = st.tuples(st.sampled_from(["place", "end", "amend", "settle", "fill"]), st.integers(0, 7), st.integers(1, 9))


@given(st.lists(STEP, max_size=60), st.sampled_from([1, -1]))
def test_it_is_the_best_of_those_that_live(steps: list[tuple[str, int, int]], side: int) -> None:
    exposure = Exposure([(Scale(2, 4), 0, 1)], 2, 8)
    exposure.rate(0, 1, 1)
    exposure.mark(0, 1, 20)
    orders: list[tuple[int, list[int]]] = []  # handle, and the prices that may stand in the book
    for what, which, ticks in steps:
        if what == "place" and len(orders) < 8:
            orders.append((exposure.reserve(0, side, ticks, 100), [ticks]))
        elif orders:
            handle, prices = orders[which % len(orders)]
            if what == "end":
                exposure.release(handle)
                orders.remove((handle, prices))
            elif what == "amend":
                exposure.amend(handle, ticks, 100)
                prices[1:] = [ticks]
            elif what == "settle":
                exposure.settle(handle, ticks, 100)
                prices[:] = [ticks]
            elif what == "fill" and len(prices) == 1:
                exposure.fill(handle, 100)
                exposure.release(handle)
                orders.remove((handle, prices))
        everyone = [ticks for _, prices in orders for ticks in prices]
        assert exposure.own_best(0, side) == ((max if side > 0 else min)(everyone) if everyone else 0)
        assert exposure.own_best(0, -side) == 0
    exposure.check()


def test_an_order_that_leaves_from_behind_another_leaves_that_one_in_the_list() -> None:
    exposure = Exposure([(Scale(2, 4), 0, 1)], 2, 3)
    exposure.rate(0, 1, 1)
    exposure.mark(0, 1, 20)
    first, second, third = (exposure.reserve(0, 1, ticks, 100) for ticks in (7, 8, 9))
    exposure.release(first)
    again = exposure.reserve(0, 1, 5, 100)  # in the first place, and the newest of the list
    exposure.release(third)
    assert exposure.own_best(0, 1) == 8
    exposure.release(second)
    assert exposure.own_best(0, 1) == 5
    exposure.release(again)
    assert exposure.own_best(0, 1) == 0
