"""What a private session is asked in peace: whether it still is what it was, and what time it is at the venue.

It owns the two periods. An answer that stays away ends the session like any other; how far the clocks are apart is
somebody else's to judge (C23), so the question comes often
enough for three of them to fit into the age that is allowed.
"""

from __future__ import annotations

from engine.clock import NS_PER_SECOND
from gateways.binance.requests import RequestKind

HEARTBEAT_NS = 15 * NS_PER_SECOND
TIME_NS = 10 * NS_PER_SECOND
_PERIODS = ((RequestKind.TIME, TIME_NS), (RequestKind.HEARTBEAT, HEARTBEAT_NS))


class Pulse:
    """When each question is due."""

    def __init__(self) -> None:
        """Begin with the session."""
        self._asked_ns = dict.fromkeys((kind for kind, _ in _PERIODS), 0)

    def begin(self, now_ns: int) -> None:
        """A session opened: it proved itself a moment ago, and it has not been asked for the time."""
        self._asked_ns = {RequestKind.TIME: now_ns - TIME_NS, RequestKind.HEARTBEAT: now_ns}

    def due(self, now_ns: int) -> list[RequestKind]:
        """Return the questions that are due."""
        return [kind for kind, period_ns in _PERIODS if now_ns - self._asked_ns[kind] >= period_ns]

    def asked(self, kind: RequestKind, now_ns: int) -> None:
        """Note that a question was asked."""
        self._asked_ns[kind] = now_ns
