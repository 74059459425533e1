"""Folding what persons decide: limits, strategies, MANUAL, and the intents that wait for a person.

It owns the meaning of those records for the policy that the next run begins with. What a backtest does to strategies is
forgotten with it, so it moves no policy.
"""

from __future__ import annotations

from typing import Any

from msgspec import structs

from engine.audit.desk_state import DeskState
from engine.audit.record import Record
from engine.messages.control import Action
from engine.policy.policy import MANUAL

BACKTEST = "backtest"
INTENT = "intent"
WAITING = "WAITING"
DECISIONS = (Action.RISK_LIMIT_CHANGE, Action.POLICY_CHANGED, Action.RISK_BLOCK, Action.MANUAL_INTERVENTION)
"""What is folded here, beside the strategies that are switched."""


def begin(state: DeskState, metadata: dict[str, Any]) -> None:
    """Take the versions that a run begins with; its configuration may have changed the limits."""
    if state.mode != BACKTEST and "limits_version" in metadata:
        version, limits_version = metadata["policy_version"], metadata["limits_version"]
        state.policy = structs.replace(state.policy, version=version, limits_version=limits_version)
        state.limits_sha256 = metadata["limits_sha256"]


def decide(state: DeskState, record: Record, after: dict[str, Any], metadata: dict[str, Any]) -> None:
    """Move the policy by a record of a decision."""
    name, policy = record.resource_id or "", state.policy
    if record.resource_type == INTENT:
        _wait(state, after, metadata)
    elif state.mode == BACKTEST:
        return
    elif record.action in (Action.STRATEGY_ENABLE, Action.STRATEGY_DISABLE):
        state.policy = policy.with_strategy(name, record.action == Action.STRATEGY_ENABLE)
    elif record.action == Action.RISK_LIMIT_CHANGE:
        version, key = metadata["limits_version"], metadata["key"]
        state.policy = policy.with_limit(version, key, after["value"], metadata["configured"])
        state.limits_sha256 = metadata["limits_sha256"]
    elif record.action == Action.POLICY_CHANGED and name == MANUAL:
        state.policy = policy.with_manual(after["version"], after["manual"])


def _wait(state: DeskState, after: dict[str, Any], metadata: dict[str, Any]) -> None:
    """Note an intent that waits for a person, or does so no longer."""
    number = str(metadata["number"])
    if after["state"] == WAITING:
        words = ("strategy", "side", "quantity", "instrument", "price")
        state.unapproved[number] = " ".join(str(after[word]) for word in words)
    else:
        state.unapproved.pop(number, None)
