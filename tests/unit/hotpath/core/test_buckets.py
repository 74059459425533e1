"""Rate buckets: as an obvious model, never more than they hold, and nothing taken by a refusal."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotpath.core.buckets import DEPTH_NS_MAX, RateBuckets


class ModelBucket:
    """Tokens as an exact fraction."""

    def __init__(self, token_ns: int, tokens_max: int, reserve: int, orders: bool) -> None:
        self.tokens = Fraction(tokens_max)
        self.token_ns, self.tokens_max, self.reserve, self.orders, self.now_ns = (
            token_ns,
            tokens_max,
            reserve,
            orders,
            0,
        )

    def refill(self, now_ns: int) -> None:
        self.tokens = min(Fraction(self.tokens_max), self.tokens + Fraction(now_ns - self.now_ns, self.token_ns))
        self.now_ns = now_ns


SHAPES = st.tuples(st.integers(1, 50), st.integers(2, 9), st.integers(0, 1), st.booleans())
CALLS = st.tuples(st.integers(0, 60), st.sampled_from(["order", "question", "cancel"]), st.integers(0, 4))


@given(shapes=st.lists(SHAPES, max_size=4), calls=st.lists(CALLS, max_size=60))
def test_buckets_take_what_an_exact_model_takes(
    shapes: list[tuple[int, int, int, bool]], calls: list[tuple[int, str, int]]
) -> None:
    buckets, model = RateBuckets(), [ModelBucket(*shape) for shape in shapes]
    for shape in shapes:
        buckets.add(*shape)
    now_ns = 1_700_000_000_000_000_000
    for bucket in model:
        bucket.now_ns = now_ns
    for wait_ns, what, weight in calls:
        now_ns += wait_ns
        counted = [bucket for bucket in model if what == "order" or not bucket.orders]
        for bucket in model:
            bucket.refill(now_ns)
        expected = all(
            bucket.tokens - (1 if bucket.orders else weight) >= (0 if what == "cancel" else bucket.reserve)
            for bucket in counted
        )
        taken = (
            buckets.take_order(now_ns, weight)
            if what == "order"
            else buckets.take_weight(now_ns, weight, what == "cancel")
        )
        assert taken == expected
        for bucket in counted if taken else ():
            bucket.tokens -= 1 if bucket.orders else weight
        assert buckets.check() == 0


@pytest.mark.parametrize("shape", [(0, 5, 0), (1, 0, 0), (1, 5, 5), (1, 5, -1), (DEPTH_NS_MAX, 5, 0)])
def test_a_bucket_that_cannot_work_is_refused(shape: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match=r"a bucket of \d+ tokens"):
        RateBuckets().add(*shape, False)


def test_there_is_room_for_sixteen() -> None:
    buckets = RateBuckets()
    for _ in range(16):
        buckets.add(1, 1, 0, True)
    with pytest.raises(ValueError, match="16 buckets are the most"):
        buckets.add(1, 1, 0, True)


@pytest.mark.parametrize(("now_ns", "weight"), [(0, -1), (-1, 1), (2**62 + 1, 1)])
def test_an_absurd_question_is_refused(now_ns: int, weight: int) -> None:
    with pytest.raises(ValueError, match="a weight of"):
        RateBuckets().take_order(now_ns, weight)
    with pytest.raises(ValueError, match="a weight of"):
        RateBuckets().take_weight(now_ns, weight, True)


def test_a_weight_beyond_the_bucket_has_no_room_however_large() -> None:
    buckets = RateBuckets()
    buckets.add(1, 10, 0, False)
    assert not buckets.take_weight(0, 2**63 - 1, True)
    assert buckets.take_weight(0, 10, True)


def test_a_bucket_may_take_days_to_fill() -> None:
    buckets = RateBuckets()
    buckets.add(1_080_000_000, 80_000, 0, True)
    assert sum(buckets.take_order(1_700_000_000_000_000_000, 1) for _ in range(80_001)) == 80_000
