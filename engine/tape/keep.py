"""How long tapes are kept: the oldest closed segments of ended runs go first.

It owns the rule and the deletion, and returns what went so that each deletion can be audited. The run that is under way
is never touched; a run that lost a segment can no longer be replayed, and the reader says why.
"""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from engine.clock import NS_PER_DAY
from engine.tape.segment import segments


class Deleted(Struct, frozen=True):
    """One segment that went."""

    run_id: str
    segment: str
    bytes_count: int
    reason: str


def delete_old(runs: Path, current_run: str, keep_days: int, keep_bytes: int, now_ns: int) -> list[Deleted]:
    """Delete segments last written more than `keep_days` ago, then the oldest ones beyond `keep_bytes` in all.

    Raises:
        OSError: a segment cannot be deleted.
    """
    found: list[tuple[int, str, Path, int]] = []
    current_bytes = 0
    for run in sorted(runs.iterdir()) if runs.is_dir() else []:
        for path in segments(run / "tape"):
            status = path.stat()
            if run.name == current_run:
                current_bytes += status.st_size
            else:
                found.append((status.st_mtime_ns, run.name, path, status.st_size))
    found.sort()
    left_bytes = current_bytes + sum(size for *_, size in found)
    deleted: list[Deleted] = []
    for written_ns, run_id, path, size in found:
        if now_ns - written_ns > keep_days * NS_PER_DAY:
            reason = f"older than tape.keep_days = {keep_days}"
        elif left_bytes > keep_bytes:
            reason = f"beyond tape.keep_bytes = {keep_bytes}"
        else:
            break
        path.unlink()
        left_bytes -= size
        deleted.append(Deleted(run_id, path.name, size, reason))
    return deleted
