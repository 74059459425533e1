"""How far a price moves: the root of the summed squares of its moves over a window, in whole ticks.

It takes a mid at most once a period, whatever the number of quotes, so a burst of them does not look like movement.
Integers only: two runs measure the same. It answers None until the window is full, because half a window looks calm.
"""

from __future__ import annotations

from collections import deque
from decimal import Decimal
from math import isqrt

from actors.strategy.positions.closing import positive
from engine.clock import NS_PER_SECOND
from engine.errors import UsageError

SAMPLES_MAX = 10_000


class Volatility:
    """The realised volatility of one instrument over a window."""

    def __init__(self, window_seconds: Decimal | str | int = 60, samples: int = 30) -> None:
        """Measure over `window_seconds`, by so many moves.

        Raises:
            UsageError: the window is not above 0, or `samples` not 2 to 10,000.
        """
        if not 2 <= samples <= SAMPLES_MAX:
            raise UsageError(f"samples is {samples}; expected 2 to {SAMPLES_MAX:,} moves in a window")
        self.period_ns = int(positive(window_seconds, "window_seconds") * NS_PER_SECOND) // samples
        if self.period_ns == 0:
            raise UsageError(f"{samples} moves in {window_seconds} s are less than a nanosecond apart")
        self._squares: deque[int] = deque(maxlen=samples)
        self._sum = 0
        self._mid_twice = 0
        self._time_ns = 0

    def see(self, mid_ticks_twice: int, now_ns: int) -> bool:
        """Take a mid (twice, to be whole) if a period has passed since the last; True when it was taken."""
        if self._mid_twice and now_ns - self._time_ns < self.period_ns:
            return False
        if self._mid_twice:
            if len(self._squares) == self._squares.maxlen:
                self._sum -= self._squares[0]
            move = mid_ticks_twice - self._mid_twice
            self._squares.append(move * move)
            self._sum += move * move
        self._mid_twice, self._time_ns = mid_ticks_twice, now_ns
        return True

    @property
    def ticks_twice(self) -> int | None:
        """How far the price moved in the window, in half ticks, rounded down; None before the window is full."""
        return isqrt(self._sum) if len(self._squares) == self._squares.maxlen else None

    @property
    def part(self) -> Decimal:
        """The same as a part of the price, for `volatility_target`; 0 before the window is full."""
        ticks = self.ticks_twice
        return Decimal(ticks) / Decimal(self._mid_twice) if ticks else Decimal(0)
