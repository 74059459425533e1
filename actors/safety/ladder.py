"""Where on the four steps the desk stands: the state, since when, why it fell, and what a proof leads back to.

It moves by the table of states.py and by nothing else. A start, and a session that was lost, wait for a proof only:
`proof_leads_to` says where it leads. A trip takes that away, and from then on the way up is one step at a time.
"""

from __future__ import annotations

from collections import deque

from actors.safety.causes import Cause
from actors.safety.states import TRANSITIONS, SafetyEvent
from engine.clock import NS_PER_SECOND
from engine.messages.control import TradingState

RECONNECTS_WINDOW_NS = 600 * NS_PER_SECOND

PROOFS = {
    TradingState.NORMAL: SafetyEvent.RECONCILED,
    TradingState.CAUTIOUS: SafetyEvent.RECONCILED_CAUTIOUSLY,
}


class Ladder:
    """The trading state of a run."""

    def __init__(self, *, reconnects_max: int, after_crash: bool) -> None:
        """Begin in PROTECTIVE, where a proof leads to NORMAL, after a crash to CAUTIOUS."""
        self.state = TradingState.PROTECTIVE
        self.since_ns = 0
        """When the state, or the last trip in it, began."""
        self.causes: dict[Cause, None] = {Cause.CRASH: None} if after_crash else {}
        """Why it fell, since it was NORMAL."""
        self.proof_leads_to: TradingState | None = TradingState.CAUTIOUS if after_crash else TradingState.NORMAL
        self._lost_ns: deque[int] = deque(maxlen=reconnects_max)

    def begin_latched(self) -> None:
        """Begin in EMERGENCY: an earlier run, or a person, left the latch."""
        self.state = TradingState.EMERGENCY
        self.causes[Cause.LATCHED] = None
        self.proof_leads_to = None

    def trip(self, event: SafetyEvent, cause: Cause, now_ns: int) -> bool:
        """Fall as far as the event says; True when the state is another one. The dwell begins anew either way."""
        before = self.state
        self.state = TRANSITIONS[before, event]
        self.since_ns = now_ns
        self.causes[cause] = None
        if event is SafetyEvent.CAUTIONED and self.proof_leads_to is not None:
            self.proof_leads_to = TradingState.CAUTIOUS
        else:
            self.proof_leads_to = None
        return self.state is not before

    def lose_session(self, now_ns: int) -> bool:
        """Fall until a venue is proven again; too often in a while, and it is a trip. True when the state fell."""
        before = self.state
        if before is TradingState.EMERGENCY or self.proof_leads_to is not None:
            return False
        often = len(self._lost_ns) == self._lost_ns.maxlen and now_ns - self._lost_ns[0] < RECONNECTS_WINDOW_NS
        if often or before is TradingState.PROTECTIVE:
            return self.trip(SafetyEvent.PROTECTED, Cause.SESSION, now_ns)
        self._lost_ns.append(now_ns)
        self.state = TRANSITIONS[before, SafetyEvent.PROTECTED]
        self.since_ns = now_ns
        self.proof_leads_to = before
        return True

    @property
    def proof(self) -> SafetyEvent | None:
        """The event that a clean reconciliation is now, or None when it alone lifts nothing."""
        return None if self.proof_leads_to is None else PROOFS[self.proof_leads_to]

    def rise(self, event: SafetyEvent, now_ns: int) -> None:
        """Take a rise of the table."""
        self.state = TRANSITIONS[self.state, event]
        self.since_ns = now_ns
        self.proof_leads_to = None
        if self.state is TradingState.NORMAL:
            self.causes.clear()
