"""What is done with a failure that the supervisor heard of: a line for the log, and for an author what he needs.

An author gets his own frames, the message that was being handled, and the command that replays to that point, in a
backtest as on sockets. It decides nothing: what becomes of the actor that failed is the supervisor's.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import engine as engine_package
from actors.strategy.blame import author_frames
from engine.cli.assembly import Assembled
from engine.cli.report import Report
from engine.telemetry.logs import Logs

OURS = tuple(
    str(Path(engine_package.__file__).resolve().parent.parent / name) + os.sep
    for name in ("engine", "actors", "gateways", "hotpath", "tiercel")
)
SAMPLES = str(Path(engine_package.__file__).resolve().parent.parent / "actors" / "strategy" / "samples") + os.sep


def is_ours(file: str) -> bool:
    """Say whether a source file is the engine's own; the samples are an author's like any other."""
    return file.startswith(OURS) and not file.startswith(SAMPLES)


def explain_failures(run: Assembled, report: Report, logs: Logs, run_id: str) -> Callable[[Any], None]:
    """Return what is done with a failure: a line for the log, and for an author his own frames and how to get there."""
    files = {f"strategy:{plan.name}": one.file for plan, one in zip(run.config.strategies, run.strategies, strict=True)}

    def explain(failure: Any) -> None:
        now_ns = run.system.moment.now_ns
        directive = str(failure.directive)
        logs.failure(now_ns, f"{failure.actor} failed", failure.error, step=failure.step, directive=directive)
        report.note = f"{failure.actor} {failure.directive}: {failure.reason}"
        file = files.get(failure.actor)
        if file is not None:
            frames = author_frames(failure.error, file, failure.message)
            logs.engine(now_ns, "strategy failed", strategy=failure.actor, frames=frames)
            report.failures.append(f"{frames}\nreplay to this point: tiercel replay {run_id} --to-step {failure.step}")

    return explain
