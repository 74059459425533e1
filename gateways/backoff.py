"""How long to wait before the next attempt: doubling, jittered, never below the venue's patience.

Chance comes from the actor's own generator, so a replay waits the same. The jitter takes at most half away, so two
engines that lost the same venue do not return together; the floor keeps one link at no more than one attempt a second.
"""

from __future__ import annotations

from random import Random

from engine.clock import NS_PER_SECOND

FLOOR_NS = NS_PER_SECOND
CEILING_NS = 30 * NS_PER_SECOND


class Backoff:
    """The waits of one thing that is tried again and again."""

    def __init__(self, *, floor_ns: int = FLOOR_NS, ceiling_ns: int = CEILING_NS) -> None:
        """Wait `floor_ns` at least and `ceiling_ns` at most."""
        self._floor_ns = floor_ns
        self._ceiling_ns = ceiling_ns
        self.failures_count = 0

    def next_delay_ns(self, rng: Random) -> int:
        """Count a failure and return how long to wait."""
        doublings = min(self.failures_count, 32)
        self.failures_count += 1
        longest_ns = min(2 * self._floor_ns << doublings, self._ceiling_ns)
        return max(self._floor_ns, longest_ns // 2 + rng.randrange(longest_ns // 2 + 1))

    def reset(self) -> None:
        """Begin anew, after something has worked."""
        self.failures_count = 0
