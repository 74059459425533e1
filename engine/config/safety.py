"""[safety]: when the trading state falls, what it waits for before it rises, and how long a start and a stop may take.

What trips is compared with a limit of [risk] where that page has one (loss, drawdown, losses in a row); here stand
the parts of it, the bounds of the engine's own health, and the dwell times. All times run on the engine's clock.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct


class SafetyConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """[safety]: trips, guards and dwell times of the trading state; how long trading may take to start and to stop."""

    reconcile_seconds: Annotated[
        int, Meta(ge=1, le=600, extra={"unit": "s"}, description="Bound of the reconciliation at the start.")
    ] = 15
    stop_seconds: Annotated[
        int, Meta(ge=1, le=60, extra={"unit": "s"}, description="Time that cancels have at the end of a run.")
    ] = 5
    manual: Annotated[
        bool, Meta(description="Whether each order of a strategy waits until a person approves it (`tiercel approve`).")
    ] = False
    manual_seconds: Annotated[
        int, Meta(ge=1, le=3_600, extra={"unit": "s"}, description="Time after which a waiting order is denied.")
    ] = 30
    flatten_on_emergency: Annotated[
        bool, Meta(description="Whether an EMERGENCY also closes every position, by reduce-only market orders.")
    ] = False
    auto_recovery: Annotated[
        bool,
        Meta(description="Whether an EMERGENCY that drawdown alone caused may be left without a person."),
    ] = False
    rearm_seconds: Annotated[
        int,
        Meta(
            ge=1,
            le=86400,
            extra={"unit": "s"},
            description="Dwell in EMERGENCY with every guard true, before a re-arm is taken.",
        ),
    ] = 60
    protective_seconds: Annotated[
        int,
        Meta(
            ge=1, le=86400, extra={"unit": "s"}, description="Dwell in PROTECTIVE with every guard true, after a trip."
        ),
    ] = 120
    cautious_seconds: Annotated[
        int, Meta(ge=1, le=86400, extra={"unit": "s"}, description="Dwell in CAUTIOUS with every guard true.")
    ] = 300
    clean_reconciliations: Annotated[
        int,
        Meta(
            ge=1,
            le=100,
            extra={"unit": "in a row"},
            description="Clean comparisons with each venue that lead out of PROTECTIVE.",
        ),
    ] = 3
    feeds_fresh_seconds: Annotated[
        int,
        Meta(
            ge=1,
            le=86400,
            extra={"unit": "s"},
            description="Time for which every feed was synchronised, to leave PROTECTIVE.",
        ),
    ] = 60
    rejects_pct: Annotated[
        int,
        Meta(
            ge=1,
            le=100,
            extra={"unit": "%"},
            description="Part of the orders that the venue rejected in CAUTIOUS; NORMAL needs less.",
        ),
    ] = 1
    loop_lag_p99_ms: Annotated[
        int, Meta(ge=1, le=10000, extra={"unit": "ms"}, description="Lag of the loop, p99; NORMAL needs less.")
    ] = 20
    drawdown_rearm_pct: Annotated[
        int,
        Meta(
            ge=1,
            le=100,
            extra={"unit": "% of the limit"},
            description="Drawdown caused the fall: PROTECTIVE needs less.",
        ),
    ] = 80
    drawdown_protective_pct: Annotated[
        int,
        Meta(
            ge=1, le=100, extra={"unit": "% of the limit"}, description="Drawdown caused the fall: CAUTIOUS needs less."
        ),
    ] = 60
    drawdown_cautious_pct: Annotated[
        int,
        Meta(
            ge=1, le=100, extra={"unit": "% of the limit"}, description="Drawdown caused the fall: NORMAL needs less."
        ),
    ] = 40
    loop_stall_ms: Annotated[
        int, Meta(ge=10, le=60000, extra={"unit": "ms"}, description="Lag of the loop that trips to PROTECTIVE.")
    ] = 1000
    audit_lag_ms: Annotated[
        int,
        Meta(
            ge=10,
            le=60000,
            extra={"unit": "ms"},
            description="Time that a record waits for the disk; it trips to PROTECTIVE.",
        ),
    ] = 1000
    audit_backlog_pct: Annotated[
        int,
        Meta(
            ge=1,
            le=100,
            extra={"unit": "%"},
            description="Fill of the queue to the audit writer that trips to PROTECTIVE.",
        ),
    ] = 80
    feeds_dark_seconds: Annotated[
        int,
        Meta(
            ge=1,
            le=3600,
            extra={"unit": "s"},
            description="Time without one synchronised feed that trips to PROTECTIVE.",
        ),
    ] = 10
    clock_offset_ms: Annotated[
        int,
        Meta(ge=1, le=60000, extra={"unit": "ms"}, description="Distance of a venue's clock that trips to CAUTIOUS."),
    ] = 1000
    reconnects_max: Annotated[
        int,
        Meta(
            ge=1,
            le=1000,
            extra={"unit": "in 10 min"},
            description="Lost sessions; one more makes the recovery as slow as after a trip.",
        ),
    ] = 3

    def __post_init__(self) -> None:
        """Refuse steps that contradict each other."""
        if not self.drawdown_cautious_pct <= self.drawdown_protective_pct <= self.drawdown_rearm_pct:
            raise ValueError(
                f"drawdown_rearm_pct, drawdown_protective_pct and drawdown_cautious_pct are {self.drawdown_rearm_pct}, "
                f"{self.drawdown_protective_pct} and {self.drawdown_cautious_pct}: each step up needs less drawdown "
                f"than the one before"
            )
