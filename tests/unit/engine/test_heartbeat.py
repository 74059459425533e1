"""The page says who beats, how often and how far the run is, to every process that maps it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.heartbeat import Heartbeat, Phase, last_phase


def test_whoever_maps_the_page_sees_each_beat(tmp_path: Path) -> None:
    engine = Heartbeat.begin(tmp_path / "heartbeat", 4711)
    watcher = Heartbeat.watch(tmp_path / "heartbeat")
    assert (watcher.pid, watcher.phase) == (4711, Phase.STARTING)
    before = watcher.beats
    engine.beat()
    engine.enter(Phase.RUNNING)
    assert watcher.beats == before + 2
    assert watcher.phase is Phase.RUNNING
    engine.close()
    assert last_phase(tmp_path / "heartbeat") is Phase.RUNNING, "the page outlives its engine"
    watcher.close()


def test_the_next_engine_is_seen_on_the_same_mapping(tmp_path: Path) -> None:
    watcher = Heartbeat.watch(tmp_path / "heartbeat")
    assert (watcher.pid, watcher.phase) == (0, Phase.NONE)
    Heartbeat.begin(tmp_path / "heartbeat", 1).close()
    Heartbeat.begin(tmp_path / "heartbeat", 2).close()
    assert (watcher.pid, watcher.phase, watcher.beats) == (2, Phase.STARTING, 0)


@pytest.mark.parametrize("content", [b"", b"short", b"\0" * 32, b"NOT THE BEAT OF AN ENGINE OF OURS"])
def test_a_page_that_is_not_ours_says_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "heartbeat"
    path.write_bytes(content)
    assert last_phase(path) is Phase.NONE
    watcher = Heartbeat.watch(path)
    assert (watcher.pid, watcher.phase) == (0, Phase.NONE)


@pytest.mark.parametrize("phase", [Phase.ENDING, Phase.ENDED, Phase.LEFT_OPEN])
def test_how_a_run_ended_stays(tmp_path: Path, phase: Phase) -> None:
    heartbeat = Heartbeat.begin(tmp_path / "heartbeat", 1)
    heartbeat.enter(phase)
    heartbeat.close()
    assert last_phase(tmp_path / "heartbeat") is phase


def test_without_a_page_there_was_no_run(tmp_path: Path) -> None:
    assert last_phase(tmp_path / "heartbeat") is Phase.NONE
