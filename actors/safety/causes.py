"""Why the trading state fell: what a recovery depends on beyond the state itself.

A cause is remembered from the fall until NORMAL is reached again. It refuses to be text: text is for people, and what
may happen without a person must not depend on how a sentence is worded.
"""

from __future__ import annotations

from enum import StrEnum


class Cause(StrEnum):
    """What made the trading state fall."""

    CRASH = "crash"
    PERSON = "person"
    HALTED = "halted"
    LATCHED = "latched"
    GATE = "gate"
    SESSION = "session"
    RECONCILIATION = "reconciliation"
    DAILY_LOSS = "daily_loss"
    DAILY_LOSS_WARNING = "daily_loss_warning"
    DRAWDOWN = "drawdown"
    DRAWDOWN_WARNING = "drawdown_warning"
    LOSSES_IN_ROW = "losses_in_row"
    UNKNOWN_ORDERS = "unknown_orders"
    LOOP_STALL = "loop_stall"
    AUDIT_LAG = "audit_lag"
    AUDIT_BACKLOG = "audit_backlog"
    DISK_FULL = "disk_full"
    FEEDS_DARK = "feeds_dark"
    CLOCK = "clock"


OF_DRAWDOWN = frozenset({Cause.DRAWDOWN, Cause.DRAWDOWN_WARNING})
"""With one of these the drawdown must have come back before each step up."""

LEAVES_BY_ITSELF = OF_DRAWDOWN | {
    Cause.DAILY_LOSS_WARNING, Cause.LOSSES_IN_ROW, Cause.LOOP_STALL, Cause.FEEDS_DARK, Cause.CLOCK, Cause.SESSION,
    Cause.CRASH,
}  # fmt: skip
"""An EMERGENCY with any other cause waits for a person, whatever `safety.auto_recovery` says."""
