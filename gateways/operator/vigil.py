"""The watchdog's judgement: what a silence of the engine means, by counting only time in which we were awake ourselves.

It takes what was seen and the monotonic time, and answers; it knows no file, process or socket. A gap between two looks
that is longer than GAP_NS_MAX counts as nothing: then it was we who were stopped, or the whole machine, and the engine
gets its full time again from the next look on. A count that has changed ends every silence, so whoever wakes up sees
the newest count first and acts on no memory.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from engine.clock import NS_PER_MS, NS_PER_SECOND
from engine.heartbeat import Phase

ALERT_NS = NS_PER_SECOND
STALL_NS = 3 * NS_PER_SECOND
SHUT_NS = NS_PER_SECOND
"""How long the gate may be closed before we look for ourselves whether everything is cancelled."""
STILL_NS = 150 * NS_PER_MS
"""A beat and a half: a loop that is silent for so long behind a closed gate cancels nothing in time, so we do."""
GAP_NS_MAX = 2 * NS_PER_SECOND
"""A busy machine may stop us for so long while the engine trades on another core; of a stall it leaves one second, ten
beats, in which we look."""
LATE_NS = NS_PER_SECOND // 2
"""A look that comes so late is told: it makes us late as well."""


class Sight(StrEnum):
    """What a look comes to, in order of precedence."""

    TAKEN_OVER = "another engine has taken over"
    OVER = "the engine has ended and left nothing open"
    LEFT_OPEN = "the engine has ended and left orders open"
    GONE = "the engine has gone without a word"
    STALLED = "the engine's loop stands still"
    SHUT = "the gate is closed"
    ALERT = "the engine's loop is late"
    WELL = "the engine runs"


class Look(Struct, frozen=True):
    """What was seen at one moment: the page, and whether its engine holds the directory and the gate is closed."""

    pid: int
    beats: int
    phase: Phase
    held: bool
    shut: bool


class Vigil:
    """Watches one engine."""

    def __init__(self, pid: int, *, alert_ns: int = ALERT_NS, stall_ns: int = STALL_NS) -> None:
        """Watch the engine with this pid."""
        self._pid = pid
        self._alert_ns = alert_ns
        self._stall_ns = stall_ns
        self._beats = -1
        self._last_ns = -1
        self.silent_ns = 0
        """How long the count has stood still, in time that we were awake."""
        self.gap_ns = 0
        """The longest time between two looks meanwhile."""
        self._shut_ns = 0

    @property
    def silence(self) -> str:
        """The silence in words, with what we missed of it ourselves."""
        late = f", of which we did not look for {self.gap_ns / NS_PER_SECOND:.1f} s" if self.gap_ns > LATE_NS else ""
        return f"no beat for {self.silent_ns / NS_PER_SECOND:.1f} s{late}"

    def look(self, now_ns: int, seen: Look) -> Sight:
        """Judge what is seen at a moment of the monotonic clock."""
        gap_ns = now_ns - self._last_ns if self._last_ns >= 0 else 0
        awake_ns = gap_ns if gap_ns <= GAP_NS_MAX else 0
        self._last_ns = now_ns
        still = seen.beats == self._beats
        self.silent_ns = self.silent_ns + awake_ns if still else 0
        self.gap_ns = max(self.gap_ns, gap_ns) if still else 0
        self._beats = seen.beats
        self._shut_ns = self._shut_ns + awake_ns if seen.shut else 0
        if seen.pid != self._pid:
            return Sight.TAKEN_OVER
        if seen.phase is Phase.ENDED:
            return Sight.OVER
        if seen.phase is Phase.LEFT_OPEN:
            return Sight.LEFT_OPEN
        stalled = self.silent_ns >= self._stall_ns
        if not seen.held:  # an engine that is started again meanwhile knows its orders: it has the same 3 s
            return Sight.GONE if stalled else Sight.WELL
        if seen.phase not in (Phase.RUNNING, Phase.ENDING):
            return Sight.WELL
        if stalled:
            return Sight.STALLED
        if seen.phase is Phase.RUNNING and seen.shut and (self._shut_ns >= SHUT_NS or self.silent_ns >= STILL_NS):
            return Sight.SHUT
        return Sight.ALERT if self.silent_ns >= self._alert_ns else Sight.WELL
