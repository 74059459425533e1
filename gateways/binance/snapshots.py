"""Book snapshots over REST: asked for once, and again after each failure, until feed has one.

Feed asks and waits; it never has to ask twice. Sans-IO: it says what to request and takes the answers, and the gateway
owns the link, the timers and the rate budget.
"""

from __future__ import annotations

from random import Random

from gateways.backoff import Backoff


class Snapshots:
    """Which instruments wait for a snapshot, and which request is whose."""

    def __init__(self) -> None:
        """Start with none."""
        self._asked: dict[int, int] = {}
        self._waiting: dict[int, Backoff] = {}

    def want(self, instrument: int) -> bool:
        """Note that feed wants a snapshot; False when one is on its way already."""
        if instrument in self._waiting:
            return False
        self._waiting[instrument] = Backoff()
        return True

    def begin(self, instrument: int, request_id: int) -> None:
        """Note that a request is being sent."""
        self._asked[request_id] = instrument

    def answered(self, request_id: int) -> int | None:
        """Return whose request was answered, or None for one that was never sent by us."""
        return self._asked.pop(request_id, None)

    def delay_ns(self, instrument: int, rng: Random) -> int:
        """Count a failure and return how long to wait before the next request."""
        return self._waiting[instrument].next_delay_ns(rng)

    def done(self, instrument: int) -> None:
        """Note that feed has its snapshot."""
        self._waiting.pop(instrument, None)
