"""The circuit breaker: what trips by itself, how far down it goes, and what it compared. One table.

A row says what was observed and from where on it trips, both as whole numbers in the unit of its limit. It trips when
it begins to be true; while it stays true no rise is possible (guards.py), so tripping again would tell nothing.
Rejects in a row are not here: they stop a strategy (risk), not the desk.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from actors.safety.causes import OF_DRAWDOWN, Cause
from actors.safety.facts import MILLION, PPM_OF_PCT, Facts
from actors.safety.ladder import Ladder
from actors.safety.states import SafetyEvent
from engine.clock import NS_PER_MS, NS_PER_SECOND
from engine.messages.control import TradingState

DISK_FREE_PCT_MIN = 5
"""Below this part of free disk trading is reduce-only, before anything fails to be written."""

type_of_reading = tuple[int, int]
"""What was observed, and from where on it trips."""


class Trip(Struct, frozen=True):
    """A row of the table that has begun to be true."""

    cause: Cause
    event: SafetyEvent
    observed: int
    limit: int

    @property
    def reason(self) -> str:
        """The trip in words."""
        return f"{WORDS[self.cause]}: {self.observed}, the limit is {self.limit}"


def _daily_loss(facts: Facts, _ladder: Ladder, _now_ns: int) -> type_of_reading:
    return facts.daily_loss_ppm, MILLION


def _daily_loss_warning(facts: Facts, _ladder: Ladder, _now_ns: int) -> type_of_reading:
    return facts.daily_loss_ppm, facts.limits.loss_reduce_pct * PPM_OF_PCT


def _drawdown(facts: Facts, _ladder: Ladder, _now_ns: int) -> type_of_reading:
    return facts.drawdown_ppm, MILLION


def _drawdown_warning(facts: Facts, ladder: Ladder, _now_ns: int) -> type_of_reading:
    """While a drawdown is being recovered from, what let the state rise to CAUTIOUS is also what takes it away."""
    pct = facts.limits.loss_reduce_pct
    if not ladder.causes.keys().isdisjoint(OF_DRAWDOWN) and ladder.state is not TradingState.NORMAL:
        pct = max(pct, facts.config.drawdown_protective_pct)
    return facts.drawdown_ppm, pct * PPM_OF_PCT


def _losses_in_row(facts: Facts, _ladder: Ladder, _now_ns: int) -> type_of_reading:
    return facts.new_losses_in_row, facts.limits.losses_in_row_max


def _unknown_orders(facts: Facts, _ladder: Ladder, _now_ns: int) -> type_of_reading:
    return facts.unknown_count, facts.limits.unknown_orders_max + 1


def _loop_stall(facts: Facts, _ladder: Ladder, _now_ns: int) -> type_of_reading:
    return 0 if facts.health is None else facts.health.loop_lag_ns // NS_PER_MS, facts.config.loop_stall_ms


def _audit_lag(facts: Facts, _ladder: Ladder, _now_ns: int) -> type_of_reading:
    return 0 if facts.health is None else facts.health.audit_lag_ns // NS_PER_MS, facts.config.audit_lag_ms


def _audit_backlog(facts: Facts, _ladder: Ladder, _now_ns: int) -> type_of_reading:
    return 0 if facts.health is None else facts.health.audit_backlog_pct, facts.config.audit_backlog_pct


def _disk_full(facts: Facts, _ladder: Ladder, _now_ns: int) -> type_of_reading:
    """Counted as used disk, because every row trips from its limit upwards."""
    return 0 if facts.health is None else 100 - facts.health.disk_free_pct, 101 - DISK_FREE_PCT_MIN


def _feeds_dark(facts: Facts, _ladder: Ladder, now_ns: int) -> type_of_reading:
    since_ns = facts.all_dark_since_ns
    return 0 if since_ns is None else (now_ns - since_ns) // NS_PER_SECOND, facts.config.feeds_dark_seconds


def _clock(facts: Facts, _ladder: Ladder, _now_ns: int) -> type_of_reading:
    worst_ms = max((abs(offset_ns) // NS_PER_MS for offset_ns in facts.clock_offsets_ns.values()), default=0)
    return worst_ms, facts.config.clock_offset_ms


BREAKER_TABLE: dict[Cause, tuple[SafetyEvent, Callable[[Facts, Ladder, int], type_of_reading]]] = {
    Cause.DAILY_LOSS: (SafetyEvent.TRIPPED, _daily_loss),
    Cause.DRAWDOWN: (SafetyEvent.TRIPPED, _drawdown),
    Cause.DAILY_LOSS_WARNING: (SafetyEvent.PROTECTED, _daily_loss_warning),
    Cause.DRAWDOWN_WARNING: (SafetyEvent.PROTECTED, _drawdown_warning),
    Cause.LOSSES_IN_ROW: (SafetyEvent.PROTECTED, _losses_in_row),
    Cause.UNKNOWN_ORDERS: (SafetyEvent.PROTECTED, _unknown_orders),
    Cause.LOOP_STALL: (SafetyEvent.PROTECTED, _loop_stall),
    Cause.AUDIT_LAG: (SafetyEvent.PROTECTED, _audit_lag),
    Cause.AUDIT_BACKLOG: (SafetyEvent.PROTECTED, _audit_backlog),
    Cause.DISK_FULL: (SafetyEvent.PROTECTED, _disk_full),
    Cause.FEEDS_DARK: (SafetyEvent.PROTECTED, _feeds_dark),
    Cause.CLOCK: (SafetyEvent.CAUTIONED, _clock),
}

WORDS: dict[Cause, str] = {
    Cause.DAILY_LOSS: "loss of the day, in millionths of its limit",
    Cause.DRAWDOWN: "drawdown, in millionths of its limit",
    Cause.DAILY_LOSS_WARNING: "loss of the day, in millionths of its limit",
    Cause.DRAWDOWN_WARNING: "drawdown, in millionths of its limit",
    Cause.LOSSES_IN_ROW: "closed trades in a row at a loss",
    Cause.UNKNOWN_ORDERS: "orders of which nobody knows what became",
    Cause.LOOP_STALL: "ms by which the loop was late",
    Cause.AUDIT_LAG: "ms that a record waits for the disk",
    Cause.AUDIT_BACKLOG: "% of the queue to the audit writer in use",
    Cause.DISK_FULL: "% of the disk in use",
    Cause.FEEDS_DARK: "s without one synchronised feed",
    Cause.CLOCK: "ms between a venue's clock and ours",
}


class Breaker:
    """Which rows of the table are true."""

    def __init__(self, facts: Facts, ladder: Ladder) -> None:
        """Look at these."""
        self._facts = facts
        self._ladder = ladder
        self.active: dict[Cause, None] = {}

    def look(self, now_ns: int) -> list[Trip]:
        """Return what has begun to be true since the last look, worst first."""
        trips = []
        for cause, (event, read) in BREAKER_TABLE.items():
            observed, limit = read(self._facts, self._ladder, now_ns)
            if observed < limit:
                self.active.pop(cause, None)
            elif cause not in self.active:
                self.active[cause] = None
                trips.append(Trip(cause, event, observed, limit))
        if Cause.LOSSES_IN_ROW in self.active and self._facts.account is not None:
            self._facts.losses_seen = self._facts.account.losses_in_row
        elif self._facts.account is not None and self._facts.account.losses_in_row < self._facts.losses_seen:
            self._facts.losses_seen = 0
        return trips
