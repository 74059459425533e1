"""The venues' dead-man timers: refreshed while safety lives and trades, and left to run out when it does not.

A venue that has such a timer cancels everything when it hears nothing for that long, whatever has become of us: of the
process, the machine or the line. So the refresh comes from the actor that must live for trading to be safe, three times
in the venue's time, and stops with EMERGENCY: then the timer does once more what was asked for already. A clean end
switches it off, because such a timer cancels a person's orders of the same account, too.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from engine.messages.control import RefreshDeadMan, TradingState
from engine.runtime.actor import Context, Ref

REFRESHES = 3
"""In the venue's time: two may be lost before the third is late."""


class RefreshDue(Struct, frozen=True, gc=False):
    """Safety's own timer: a venue's dead-man timer wants to hear of us."""

    venue: str


class DeadMan:
    """The timers of those venues that have one."""

    def __init__(self, timers: Mapping[str, tuple[Ref, int]]) -> None:
        """Take the way to each venue's gateway and the time after which the venue acts; 0 for none."""
        self._timers = {venue: (gateway, after_ns) for venue, (gateway, after_ns) in timers.items() if after_ns > 0}
        self._ended = False

    def begin(self, context: Context) -> None:
        """Start refreshing."""
        for venue, (_, after_ns) in self._timers.items():
            context.every(after_ns // REFRESHES, RefreshDue(venue))

    def refresh(self, venue: str, state: TradingState) -> None:
        """Let a venue's timer begin anew, unless trading is halted."""
        if venue in self._timers and not self._ended and state is not TradingState.EMERGENCY:
            self._timers[venue][0].tell(RefreshDeadMan(armed=True))

    def end(self, *, nothing_open: bool) -> None:
        """Refresh no more, and switch the timers off when there is nothing left for them to cancel."""
        self._ended = True
        if nothing_open:
            for gateway, _ in self._timers.values():
                gateway.tell(RefreshDeadMan(armed=False))
