"""Old tapes go, oldest first, and never that of the run under way."""

from __future__ import annotations

import os
from pathlib import Path

from engine.clock import NS_PER_DAY
from engine.tape.keep import Deleted, delete_old

NOW = 1_723_118_400_000_000_000


def segment(runs: Path, run: str, number: int, age_days: int, size: int = 100) -> Path:
    path = runs / run / "tape" / f"{number:06d}.zst"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, ns=(NOW, NOW - age_days * NS_PER_DAY))
    return path


def test_segments_go_by_age(tmp_path: Path) -> None:
    old = segment(tmp_path, "run-1", 1, 8)
    kept = [segment(tmp_path, "run-1", 2, 7), segment(tmp_path, "run-2", 1, 30)]
    assert delete_old(tmp_path, "run-2", 7, 10**9, NOW) == [
        Deleted("run-1", "000001.zst", 100, "older than tape.keep_days = 7")
    ]
    assert not old.exists()
    assert all(path.exists() for path in kept)


def test_the_oldest_go_until_the_rest_fits(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        segment(tmp_path, "run-1", number, 4 - number)
    segment(tmp_path, "run-2", 1, 0, size=150)
    deleted = delete_old(tmp_path, "run-2", 7, 350, NOW)
    assert [entry.segment for entry in deleted] == ["000001.zst"]
    assert deleted[0].reason == "beyond tape.keep_bytes = 350"
    assert [entry.segment for entry in delete_old(tmp_path, "run-2", 7, 10, NOW)] == ["000002.zst", "000003.zst"]
    assert (tmp_path / "run-2" / "tape" / "000001.zst").exists()


def test_where_there_are_no_runs_nothing_goes(tmp_path: Path) -> None:
    assert delete_old(tmp_path / "runs", "run-1", 0, 0, NOW) == []
