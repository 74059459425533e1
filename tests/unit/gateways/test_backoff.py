"""Backoff: never below the floor, never above the ceiling, the same for the same seed."""

from __future__ import annotations

from random import Random

from engine.clock import NS_PER_SECOND
from gateways.backoff import CEILING_NS, FLOOR_NS, Backoff


def test_waits_double_and_stay_between_floor_and_ceiling() -> None:
    rng = Random(1)
    backoff = Backoff()
    waits = [backoff.next_delay_ns(rng) for _ in range(40)]
    assert all(FLOOR_NS <= wait <= CEILING_NS for wait in waits)
    assert waits[0] <= 2 * NS_PER_SECOND
    assert all(wait >= CEILING_NS // 2 for wait in waits[6:])
    assert backoff.failures_count == 40


def test_success_begins_anew() -> None:
    rng = Random(1)
    backoff = Backoff()
    for _ in range(10):
        backoff.next_delay_ns(rng)
    backoff.reset()
    assert backoff.next_delay_ns(rng) <= 2 * NS_PER_SECOND


def test_the_same_generator_gives_the_same_waits() -> None:
    def waits(seed: int) -> list[int]:
        rng, backoff = Random(seed), Backoff()
        return [backoff.next_delay_ns(rng) for _ in range(8)]

    assert waits(7) == waits(7)
    assert waits(7) != waits(8)


def test_own_floor_and_ceiling_hold() -> None:
    backoff = Backoff(floor_ns=10, ceiling_ns=15)
    assert all(10 <= backoff.next_delay_ns(Random(seed)) <= 15 for seed in range(50))
