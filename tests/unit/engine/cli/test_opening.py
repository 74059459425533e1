"""What a start finds in its directory decides how it begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.cli.opening import FileLatch, MemoryLatch, Opened
from engine.cli.strategies import load_strategies
from engine.config.load import load_config
from engine.datadir import DataDir
from engine.errors import DirectoryHeld
from engine.latch import Latch, read_latch, set_latch
from engine.messages.control import GateWord
from engine.tape.head import RunHead
from gateways.gate_file import GateFile
from tiercel.testing import BTCUSDT


def begin(root: Path) -> RunHead:
    loaded = load_config(None, {})
    opened = Opened(DataDir(root))
    try:
        return opened.begin(
            loaded, [BTCUSDT], {"binance_spot": []}, {"binance_spot": True}, load_strategies(loaded), 1, 1
        )
    finally:
        opened.syncer.stop()
        opened.gate_file.close()
        opened.close()


def test_each_start_is_the_next_epoch_of_one_chain(tmp_path: Path) -> None:
    first, second = begin(tmp_path), begin(tmp_path)
    assert (first.run_id, second.run_id, first.latch_reason) == ("t1-1", "t1-2", "")
    assert first.ports[:5] == ["timers", "operator", "gate", "faults", "health"]


def test_a_gate_that_was_found_closed_latches_the_start(tmp_path: Path) -> None:
    begin(tmp_path)
    gate = GateFile.open(tmp_path / "state" / "gate")
    gate.write(GateWord.CLOSED)
    gate.close()
    assert begin(tmp_path).latch_reason == "the gate was found closed and nobody said why"
    assert read_latch(tmp_path / "state" / "kill.latch") is not None


def test_a_latch_that_a_person_sets_while_the_gate_is_opened_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = GateFile.create

    def killed(path: Path, word: GateWord) -> GateFile:
        set_latch(tmp_path / "state" / "kill.latch", Latch(1, "ann", "odd fills"))
        return create(path, word)

    monkeypatch.setattr(GateFile, "create", killed)
    assert begin(tmp_path).latch_reason == "ann: odd fills"


def test_a_damaged_trail_latches_the_start(tmp_path: Path) -> None:
    begin(tmp_path)
    trail = tmp_path / "logs" / "audit" / "audit_2024-08-08.jsonl"
    trail.write_text('{"seq":1}\n{"seq":2}\n')
    assert "record" in begin(tmp_path).latch_reason


def test_a_directory_is_held_by_one(tmp_path: Path) -> None:
    opened = Opened(DataDir(tmp_path))
    with pytest.raises(DirectoryHeld, match="pid"):
        Opened(DataDir(tmp_path))
    opened.close()


def test_the_first_cause_of_a_latch_is_the_one_that_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "kill.latch"
    latch = FileLatch(path, "")
    latch.set("overfill", 5)
    latch.set("and then something else", 6)
    found = read_latch(path)
    assert found is not None
    assert (found.reason, found.time_ns, latch.is_set) == ("overfill", 5, True)
    latch.clear()
    assert (read_latch(path), latch.is_set) == (None, False)


def test_the_latch_of_a_replay_touches_no_file() -> None:
    latch = MemoryLatch("killed")
    assert latch.is_set
    latch.clear()
    latch.set("again", 1)
    assert latch.is_set
