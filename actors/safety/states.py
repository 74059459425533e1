"""The trading states and how they change: one table. Down at once, up one step and only by the events named here.

A start is PROTECTIVE until the venue's truth and ours agree; with a latch it is EMERGENCY. Nothing but a person's
re-arm leaves EMERGENCY, and what follows a re-arm is PROTECTIVE again, never NORMAL.
"""

from __future__ import annotations

from enum import StrEnum

from engine.messages.control import TradingState


class SafetyEvent(StrEnum):
    """What moves the trading state."""

    RECONCILED = "reconciled"
    VENUE_LOST = "venue_lost"
    TRIPPED = "tripped"
    REARMED = "rearmed"


TRANSITIONS: dict[tuple[TradingState, SafetyEvent], TradingState] = {
    (TradingState.PROTECTIVE, SafetyEvent.RECONCILED): TradingState.NORMAL,
    (TradingState.PROTECTIVE, SafetyEvent.VENUE_LOST): TradingState.PROTECTIVE,
    (TradingState.PROTECTIVE, SafetyEvent.TRIPPED): TradingState.EMERGENCY,
    (TradingState.PROTECTIVE, SafetyEvent.REARMED): TradingState.PROTECTIVE,
    (TradingState.NORMAL, SafetyEvent.RECONCILED): TradingState.NORMAL,
    (TradingState.NORMAL, SafetyEvent.VENUE_LOST): TradingState.PROTECTIVE,
    (TradingState.NORMAL, SafetyEvent.TRIPPED): TradingState.EMERGENCY,
    (TradingState.NORMAL, SafetyEvent.REARMED): TradingState.NORMAL,
    (TradingState.EMERGENCY, SafetyEvent.RECONCILED): TradingState.EMERGENCY,
    (TradingState.EMERGENCY, SafetyEvent.VENUE_LOST): TradingState.EMERGENCY,
    (TradingState.EMERGENCY, SafetyEvent.TRIPPED): TradingState.EMERGENCY,
    (TradingState.EMERGENCY, SafetyEvent.REARMED): TradingState.PROTECTIVE,
}
