"""Which limits were nearly used up, and how often: once a minute and limit at most, however many orders came near.

It owns the count that the end of a run shows. What "nearly" means was decided where the limit was compared.
"""

from __future__ import annotations

from engine.clock import NS_PER_SECOND
from engine.messages.orders import DenialReason

WARN_EVERY_NS = 60 * NS_PER_SECOND


class Warnings(dict[str, int]):
    """How often each limit warned, by the name of its denial."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self._warned_ns: dict[int, int] = {}

    def note(self, warned: int, now_ns: int) -> None:
        """Count the limits whose bits are set in `warned`."""
        for reason in DenialReason:
            if warned >> reason & 1:
                self.once(reason, now_ns)

    def once(self, reason: DenialReason, now_ns: int) -> bool:
        """Count a warning unless the minute has one already; returns whether it was counted."""
        if now_ns - self._warned_ns.get(reason, -WARN_EVERY_NS) < WARN_EVERY_NS:
            return False
        self._warned_ns[reason] = now_ns
        self[reason.name] = self.get(reason.name, 0) + 1
        return True
