"""The bits that stand for an order are those that were written down: a model with Python integers, and no two alike."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from hotpath.orders.recents import key_of
from hotpath.orders.seal import Seal

BITS = 2**64 - 1
MIX = 0x9E3779B97F4A7C15  # 2^64 over the golden ratio
int64s = st.integers(-(2**63), 2**63 - 1)
small = st.integers(0, 2**31 - 1)


def model_of_key(strategy: int, instrument: int, side: int, price_ticks: int, lots: int) -> int:
    """Return the key that tells repeated orders: price, lots, instrument with side, strategy, in this order."""
    mixed = price_ticks * MIX & BITS
    for field in (lots, instrument * 4 + side, strategy):
        mixed = (mixed ^ mixed >> 29 ^ field & BITS) * MIX & BITS
    return mixed or 1


def model_of_binding(order: tuple[int, ...], epoch: int, limits_version: int, expires_ns: int) -> int:
    """Return the bits of a seal: price, lots, instrument, the four small fields in one, and what it is valid for."""
    instrument, side, time_in_force, post_only, price_ticks, lots, shrinks = order
    kinds = side * 64 + time_in_force * 4 + post_only * 2 + shrinks
    mixed = MIX
    for field in (price_ticks, lots, instrument, kinds, epoch, limits_version, expires_ns):
        mixed = (mixed ^ field & BITS) * MIX & BITS
        mixed ^= mixed >> 32
    return mixed


@given(int64s, st.integers(0, 2**40), st.sampled_from([1, -1]), int64s, int64s)
def test_a_key_is_that_of_the_model(strategy: int, instrument: int, side: int, price_ticks: int, lots: int) -> None:
    assert key_of(strategy, instrument, side, price_ticks, lots) == model_of_key(
        strategy, instrument, side, price_ticks, lots
    )


def test_no_order_has_the_key_that_means_an_empty_place() -> None:
    assert key_of(0, 0, 0, 0, 0) == 1


def test_neighbouring_orders_have_different_keys() -> None:
    near = list(product((-1, 0, 1), (0, 1, 2), (1, -1), range(100_00, 100_20), range(10_000, 10_200, 10)))
    assert len({key_of(*order) for order in near}) == len(near)


@given(
    st.tuples(
        small, st.sampled_from([1, -1]), st.integers(1, 3), st.booleans(), int64s, int64s, st.booleans()
    ),
    int64s,
    int64s,
    int64s,
)  # fmt: skip
def test_a_seal_has_the_bits_of_the_model(
    order: tuple[int, int, int, bool, int, int, bool], epoch: int, limits_version: int, expires_ns: int
) -> None:
    seal = Seal.of(*order, epoch, limits_version, expires_ns)
    assert seal.binding == model_of_binding(order, epoch, limits_version, expires_ns)


def test_no_two_kinds_of_an_order_share_a_seal() -> None:
    kinds = list(product((1, -1), (1, 2, 3), (False, True), (False, True)))
    seals = {Seal.of(0, side, time, post, 1, 1, shrinks, 1, 1, 1).binding for side, time, post, shrinks in kinds}
    assert len(seals) == len(kinds)


def test_seals_of_the_same_bits_and_another_state_or_end_are_not_equal() -> None:
    seal = Seal.of(0, 1, 1, False, 100, 1, False, 3, 1, 250)
    for epoch, end in ((4, 250), (3, 251), (4, 251)):
        assert Seal.of(0, 1, 1, False, 100, 1, False, epoch, 1, end) != seal
