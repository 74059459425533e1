"""The timers of the Binance gateway: what it tells itself later.

One timer serves the deadlines of all requests, because a firing is an input that the tape keeps.
"""

from __future__ import annotations

from msgspec import Struct


class Deadlines(Struct, frozen=True, gc=False):
    """The oldest request in flight is overdue."""


class Watch(Struct, frozen=True, gc=False):
    """Time to look whether both sessions still live."""


class AskSnapshot(Struct, frozen=True, gc=False):
    """Time to ask for a snapshot again."""

    instrument: int


class AskStep(Struct, frozen=True, gc=False):
    """Time to ask a step of the reconciliation again, or to begin it anew."""

    anew: bool
