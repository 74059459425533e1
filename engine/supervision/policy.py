"""Who may be restarted, and how often: one row for each kind of actor."""

from __future__ import annotations

from collections import deque

from engine.limits import RESTART_WINDOW_NS, RESTARTS_MAX
from engine.supervision.directive import Directive


class Policy:
    """One actor's answer to failures: its directive, bounded by an intensity limit for restarts."""

    def __init__(self, directive: Directive) -> None:
        """Start with no failure seen."""
        self.directive = directive
        self._restarts_ns: deque[int] = deque(maxlen=RESTARTS_MAX)

    def decide(self, now_ns: int) -> Directive:
        """Return what to do about a failure now; a restart too many escalates."""
        if self.directive is not Directive.RESTART:
            return self.directive
        recent = self._restarts_ns
        if len(recent) == RESTARTS_MAX and now_ns - recent[0] < RESTART_WINDOW_NS:
            return Directive.ESCALATE
        recent.append(now_ns)
        return Directive.RESTART
