"""The trading states and how they change: one table. Down at once and as far as a trip says, up one step at a time.

Two rows go up two steps, and both are a proof and no recovery: what a start, or a session that was lost, waits for is
only that the venue's truth and ours agree. A start goes on at NORMAL, after a crash at CAUTIOUS, and a session that
came back at the state that it was lost in. Every other rise is GUARDS_HELD.
"""

from __future__ import annotations

from enum import StrEnum

from engine.messages.control import TradingState


class SafetyEvent(StrEnum):
    """What moves the trading state."""

    RECONCILED = "reconciled"
    RECONCILED_CAUTIOUSLY = "reconciled_cautiously"
    GUARDS_HELD = "guards_held"
    CAUTIONED = "cautioned"
    PROTECTED = "protected"
    TRIPPED = "tripped"


TRANSITIONS: dict[tuple[TradingState, SafetyEvent], TradingState] = {
    (TradingState.NORMAL, SafetyEvent.RECONCILED): TradingState.NORMAL,
    (TradingState.NORMAL, SafetyEvent.RECONCILED_CAUTIOUSLY): TradingState.NORMAL,
    (TradingState.NORMAL, SafetyEvent.GUARDS_HELD): TradingState.NORMAL,
    (TradingState.NORMAL, SafetyEvent.CAUTIONED): TradingState.CAUTIOUS,
    (TradingState.NORMAL, SafetyEvent.PROTECTED): TradingState.PROTECTIVE,
    (TradingState.NORMAL, SafetyEvent.TRIPPED): TradingState.EMERGENCY,
    (TradingState.CAUTIOUS, SafetyEvent.RECONCILED): TradingState.CAUTIOUS,
    (TradingState.CAUTIOUS, SafetyEvent.RECONCILED_CAUTIOUSLY): TradingState.CAUTIOUS,
    (TradingState.CAUTIOUS, SafetyEvent.GUARDS_HELD): TradingState.NORMAL,
    (TradingState.CAUTIOUS, SafetyEvent.CAUTIONED): TradingState.CAUTIOUS,
    (TradingState.CAUTIOUS, SafetyEvent.PROTECTED): TradingState.PROTECTIVE,
    (TradingState.CAUTIOUS, SafetyEvent.TRIPPED): TradingState.EMERGENCY,
    (TradingState.PROTECTIVE, SafetyEvent.RECONCILED): TradingState.NORMAL,
    (TradingState.PROTECTIVE, SafetyEvent.RECONCILED_CAUTIOUSLY): TradingState.CAUTIOUS,
    (TradingState.PROTECTIVE, SafetyEvent.GUARDS_HELD): TradingState.CAUTIOUS,
    (TradingState.PROTECTIVE, SafetyEvent.CAUTIONED): TradingState.PROTECTIVE,
    (TradingState.PROTECTIVE, SafetyEvent.PROTECTED): TradingState.PROTECTIVE,
    (TradingState.PROTECTIVE, SafetyEvent.TRIPPED): TradingState.EMERGENCY,
    (TradingState.EMERGENCY, SafetyEvent.RECONCILED): TradingState.EMERGENCY,
    (TradingState.EMERGENCY, SafetyEvent.RECONCILED_CAUTIOUSLY): TradingState.EMERGENCY,
    (TradingState.EMERGENCY, SafetyEvent.GUARDS_HELD): TradingState.PROTECTIVE,
    (TradingState.EMERGENCY, SafetyEvent.CAUTIONED): TradingState.EMERGENCY,
    (TradingState.EMERGENCY, SafetyEvent.PROTECTED): TradingState.EMERGENCY,
    (TradingState.EMERGENCY, SafetyEvent.TRIPPED): TradingState.EMERGENCY,
}
