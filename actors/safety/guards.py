"""What a step up needs: the guards as one table, and for each state those that must hold before it is left upwards.

A guard is a name and a predicate of what safety has heard; a word that never came fails it. Conditions must hold
together for the whole dwell: one that fails begins it anew. Counted guards (comparisons in a row, freshness over a
time) carry their own memory and only have to be true at the end.
"""

from __future__ import annotations

from collections.abc import Callable

from actors.safety.breaker import Breaker
from actors.safety.causes import LEAVES_BY_ITSELF, OF_DRAWDOWN, Cause
from actors.safety.facts import PPM_OF_PCT, Facts
from actors.safety.ladder import Ladder
from engine.clock import NS_PER_MS, NS_PER_SECOND
from engine.messages.control import TradingState


class Judge:
    """What the predicates look at, and since when the conditions hold together."""

    def __init__(self, facts: Facts, ladder: Ladder, breaker: Breaker) -> None:
        """Look at these."""
        self.facts = facts
        self.ladder = ladder
        self.breaker = breaker
        self._failed_ns = 0

    def missing(self, now_ns: int) -> list[str]:
        """Return the guards that do not hold, the dwell last; empty when the state may rise one step.

        Where the dwell is over and too much was rejected in it, dwell and counting begin anew.

        Raises:
            KeyError: the state is NORMAL, above which there is nothing.
        """
        conditions, counted = STEPS[self.ladder.state]
        missing = [name for name in conditions if not GUARD_TABLE[name](self, now_ns)]
        at_the_end = [name for name in counted if not GUARD_TABLE[name](self, now_ns)]
        if missing or at_the_end == ["rejects_few"]:
            self._failed_ns = now_ns
            self.facts.count_anew()
        return missing + at_the_end

    @property
    def dwell_ns(self) -> int:
        """How long the conditions must hold together in this state."""
        config = self.facts.config
        seconds = {
            TradingState.EMERGENCY: config.rearm_seconds,
            TradingState.PROTECTIVE: config.protective_seconds,
            TradingState.CAUTIOUS: config.cautious_seconds,
        }
        return seconds[self.ladder.state] * NS_PER_SECOND

    def dwelt_ns(self, now_ns: int) -> int:
        """Return how long they have held together."""
        return now_ns - max(self.ladder.since_ns, self._failed_ns)

    @property
    def may_leave_by_itself(self) -> bool:
        """Whether no person is needed: drawdown alone caused the EMERGENCY, and that is configured."""
        causes = self.ladder.causes.keys()
        return self.facts.config.auto_recovery and Cause.DRAWDOWN in causes and causes <= LEAVES_BY_ITSELF

    def words(self, names: list[str], now_ns: int) -> list[str]:
        """Return what is missing as a person reads it."""
        left_s = -(-(self.dwell_ns - self.dwelt_ns(now_ns)) // NS_PER_SECOND)
        return [WORDS[name].format(left=left_s, facts=self.facts, config=self.facts.config) for name in names]


def _reconciled(judge: Judge, _now_ns: int) -> bool:
    return all(judge.facts.clean.values())


def _clean_rounds(judge: Judge, _now_ns: int) -> bool:
    facts = judge.facts
    return all(rounds >= facts.config.clean_reconciliations for rounds in facts.clean_rounds.values())


def _no_unknown_order(judge: Judge, _now_ns: int) -> bool:
    return judge.facts.unknown_count == 0


def _audit_healthy(judge: Judge, _now_ns: int) -> bool:
    quiet = {Cause.AUDIT_LAG, Cause.AUDIT_BACKLOG, Cause.DISK_FULL}.isdisjoint(judge.breaker.active)
    return judge.facts.health is not None and quiet


def _loss_in_limit(judge: Judge, _now_ns: int) -> bool:
    return judge.facts.account is None or Cause.DAILY_LOSS not in judge.breaker.active


def _breaker_quiet(judge: Judge, _now_ns: int) -> bool:
    return not judge.breaker.active.keys() - {Cause.LOSSES_IN_ROW, Cause.DRAWDOWN_WARNING}


def _drawdown_back(judge: Judge, _now_ns: int) -> bool:
    config = judge.facts.config
    if judge.ladder.causes.keys().isdisjoint(OF_DRAWDOWN):
        return True
    pct = {
        TradingState.EMERGENCY: config.drawdown_rearm_pct,
        TradingState.PROTECTIVE: config.drawdown_protective_pct,
        TradingState.CAUTIOUS: config.drawdown_cautious_pct,
    }[judge.ladder.state]
    return judge.facts.account is not None and judge.facts.drawdown_ppm < pct * PPM_OF_PCT


def _feeds_fresh(judge: Judge, now_ns: int) -> bool:
    facts = judge.facts
    since_ns = facts.all_fresh_since_ns
    return since_ns is not None and now_ns - since_ns >= facts.config.feeds_fresh_seconds * NS_PER_SECOND


def _rejects_few(judge: Judge, _now_ns: int) -> bool:
    counted = judge.facts.rejects
    if counted is None:
        return False
    sent, rejected = counted
    return rejected == 0 or rejected * 100 < judge.facts.config.rejects_pct * sent


def _loop_prompt(judge: Judge, _now_ns: int) -> bool:
    health = judge.facts.health
    return health is not None and health.loop_lag_p99_ns < judge.facts.config.loop_lag_p99_ms * NS_PER_MS


def _dwelt(judge: Judge, now_ns: int) -> bool:
    return judge.dwelt_ns(now_ns) >= judge.dwell_ns


GUARD_TABLE: dict[str, Callable[[Judge, int], bool]] = {
    "reconciled": _reconciled,
    "clean_rounds": _clean_rounds,
    "no_unknown_order": _no_unknown_order,
    "audit_healthy": _audit_healthy,
    "loss_in_limit": _loss_in_limit,
    "breaker_quiet": _breaker_quiet,
    "drawdown_back": _drawdown_back,
    "feeds_fresh": _feeds_fresh,
    "rejects_few": _rejects_few,
    "loop_prompt": _loop_prompt,
    "dwelt": _dwelt,
}

STEPS: dict[TradingState, tuple[tuple[str, ...], tuple[str, ...]]] = {
    TradingState.EMERGENCY: (
        ("reconciled", "no_unknown_order", "audit_healthy", "loss_in_limit", "drawdown_back"),
        ("dwelt",),
    ),
    TradingState.PROTECTIVE: (
        ("reconciled", "breaker_quiet", "drawdown_back"),
        ("clean_rounds", "feeds_fresh", "dwelt"),
    ),
    TradingState.CAUTIOUS: (
        ("reconciled", "breaker_quiet", "drawdown_back", "loop_prompt"),
        ("rejects_few", "dwelt"),
    ),
}
"""State -> the conditions that must hold together for the dwell, and what has to be true at its end."""

WORDS: dict[str, str] = {
    "reconciled": "a venue and our ledger do not agree yet",
    "clean_rounds": "fewer than {config.clean_reconciliations} clean reconciliations in a row",
    "no_unknown_order": "{facts.unknown_count} orders are UNKNOWN; wait until the venue proves them",
    "audit_healthy": "the audit trail is behind, or has not been measured yet",
    "loss_in_limit": "the loss of the day is beyond its limit until 00:00 UTC",
    "breaker_quiet": "what tripped is still true",
    "drawdown_back": "the drawdown has not come back far enough",
    "feeds_fresh": "not every feed was fresh for {config.feeds_fresh_seconds} s",
    "rejects_few": "{config.rejects_pct} % of the orders or more were rejected",
    "loop_prompt": "the loop is late: p99 is {config.loop_lag_p99_ms} ms or more",
    "dwelt": "{left} s of the dwell are left",
}
