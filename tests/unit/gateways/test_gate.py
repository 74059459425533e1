"""The gate: what passes at each word, who may close it, and that anything but a sound file means CLOSED."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.messages.control import GateWord
from gateways.gate import Gate
from gateways.gate_file import GateFile, close_gate, memory_cells, read_gate


@pytest.mark.parametrize(
    ("word", "order_passes", "shrinking_passes"),
    [(GateWord.CLOSED, False, False), (GateWord.REDUCE, False, True), (GateWord.OPEN, True, True)],
)
def test_what_passes_at_each_word(word: GateWord, order_passes: bool, shrinking_passes: bool) -> None:
    gate = Gate(memory_cells(word))
    assert gate.passes(False) is order_passes
    assert gate.passes(True) is shrinking_passes
    assert gate.word is word


def test_a_new_gate_is_closed_until_someone_opens_it(tmp_path: Path) -> None:
    gate = GateFile.open(tmp_path / "gate")
    assert gate.word is GateWord.CLOSED
    gate.write(GateWord.OPEN)
    gate.close()
    assert read_gate(tmp_path / "gate") is GateWord.OPEN
    assert (tmp_path / "gate").stat().st_mode & 0o777 == 0o600


def test_a_gate_keeps_its_word_over_restarts(tmp_path: Path) -> None:
    GateFile.create(tmp_path / "gate", GateWord.REDUCE).close()
    again = GateFile.open(tmp_path / "gate")
    assert again.word is GateWord.REDUCE
    again.close()


@pytest.mark.parametrize("content", [b"", b"short", b"a foreign file that is long enough", bytes(16)])
def test_what_is_no_gate_means_closed(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "gate"
    path.write_bytes(content)
    assert read_gate(path) is GateWord.CLOSED
    gate = GateFile.open(path)
    assert gate.word is GateWord.CLOSED
    assert not Gate(gate.cells).passes(True)
    gate.close()


def test_a_missing_file_means_closed(tmp_path: Path) -> None:
    assert read_gate(tmp_path / "gate") is GateWord.CLOSED
    close_gate(tmp_path / "gate")
    assert read_gate(tmp_path / "gate") is GateWord.CLOSED


def test_an_unknown_word_means_closed(tmp_path: Path) -> None:
    gate = GateFile.create(tmp_path / "gate", GateWord.OPEN)
    gate.cells[1] = 7
    assert gate.word is GateWord.CLOSED
    assert not Gate(gate.cells).passes(False)
    assert read_gate(tmp_path / "gate") is GateWord.CLOSED
    gate.close()


def test_another_process_closes_it_under_an_engine_that_has_it_mapped(tmp_path: Path) -> None:
    path = tmp_path / "gate"
    file = GateFile.create(path, GateWord.OPEN)
    gate = Gate(file.cells)
    assert gate.passes(False)
    script = "import sys, pathlib; from gateways.gate_file import close_gate; close_gate(pathlib.Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", script, str(path)], check=True, cwd=Path(__file__).parents[3])
    assert not gate.passes(False)
    assert not gate.passes(True)
    file.close()


def test_each_change_of_the_word_is_seen_once() -> None:
    seen: list[GateWord] = []
    cells = memory_cells(GateWord.OPEN)
    gate = Gate(cells, seen.append)
    gate.passes(False)
    gate.passes(False)
    cells[1] = int(GateWord.CLOSED)
    gate.passes(False)
    gate.passes(True)
    cells[1] = int(GateWord.REDUCE)
    gate.passes(True)
    assert seen == [GateWord.OPEN, GateWord.CLOSED, GateWord.REDUCE]
