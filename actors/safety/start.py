"""What a run tells the trail when it begins: who starts, and what was found and done before the first message."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from engine.messages.control import Action
from engine.runtime.actor import Context
from engine.watch import Deed


class DeletedTape(Struct, frozen=True):
    """A tape segment of an ended run that was deleted to keep within tape.keep_days and tape.keep_bytes."""

    run_id: str
    segment: str
    bytes_count: int
    reason: str


class StartFacts(Struct, frozen=True):
    """The facts of a start, as they stand in the tape's head."""

    node: str
    epoch: int
    mode: str
    version: str
    clean_stop: bool
    fresh_account: bool = False
    torn_bytes: int = 0
    problems: tuple[str, ...] = ()
    quarantined: tuple[str, ...] = ()
    deleted: tuple[DeletedTape, ...] = ()
    watchdog: tuple[Deed, ...] = ()
    """What the watchdog did since the last start that told of it."""


def record_start(context: Context, facts: StartFacts, policy: dict[str, Any]) -> None:
    """Record the start with the versions of its policy, and before it what recovery did to the trail."""
    if facts.torn_bytes or facts.problems:
        context.record(
            Action.AUDIT_RECOVERED,
            "trail",
            facts.node,
            reason="; ".join(facts.problems) or "the last line was not finished",
            metadata={"bytes": facts.torn_bytes, "quarantined": list(facts.quarantined)},
        )
    for deed in facts.watchdog:
        context.record(
            Action.MANUAL_INTERVENTION,
            "watchdog",
            deed.run_id,
            reason=f"{deed.what}: {deed.reason}",
            metadata={"canceled": deed.canceled, "time_ns": deed.time_ns, "unresolved": deed.unresolved},
        )
    for gone in facts.deleted:
        context.record(
            Action.AUDIT_DELETED,
            "tape",
            f"{gone.run_id}/{gone.segment}",
            reason=gone.reason,
            metadata={"bytes": gone.bytes_count},
        )
    context.record(
        Action.SYSTEM_START,
        "engine",
        facts.node,
        metadata={
            "after_clean_stop": facts.clean_stop,
            "epoch": facts.epoch,
            "fresh_account": facts.fresh_account,
            "mode": facts.mode,
            "node": facts.node,
            "version": facts.version,
            **policy,
        },
    )
