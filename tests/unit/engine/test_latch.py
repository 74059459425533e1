"""The latch outlives everything, and only the right code takes it off."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.latch import CODE_LIFE_NS, Latch, add_latch, clear_latch, issue_code, read_latch, set_latch, spend_code

NOW = 1_723_000_000_000_000_000
LATCH = Latch(NOW - 5, "ada", "wrong strategy")


def test_a_latch_is_read_as_it_was_set(tmp_path: Path) -> None:
    assert read_latch(tmp_path / "kill.latch") is None
    set_latch(tmp_path / "kill.latch", LATCH)
    assert read_latch(tmp_path / "kill.latch") == LATCH
    clear_latch(tmp_path / "kill.latch")
    assert read_latch(tmp_path / "kill.latch") is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"time_ns": "x"}'])
def test_a_latch_that_cannot_be_read_is_a_latch(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "kill.latch").write_bytes(content)
    latch = read_latch(tmp_path / "kill.latch")
    assert latch is not None
    assert "cannot be read" in latch.reason


def test_the_right_code_counts_once(tmp_path: Path) -> None:
    code_file = tmp_path / "rearm.json"
    issue_code(code_file, "AB12CD", LATCH, NOW)
    assert spend_code(code_file, " ab12cd ", LATCH, NOW + CODE_LIFE_NS) == ""
    assert "no code was given out" in spend_code(code_file, "AB12CD", LATCH, NOW + 1)


@pytest.mark.parametrize(
    ("code", "latch", "after_ns", "problem"),
    [
        ("AB12CE", LATCH, 1, "is not the one"),
        ("é", LATCH, 1, "is not the one"),
        ("AB12CD", LATCH, CODE_LIFE_NS + 1, "older than 60 s"),
        ("AB12CD", LATCH, -1, "older than 60 s"),
        ("AB12CD", Latch(NOW + 1, "bob", "again"), 2, "killed again"),
        ("AB12CD", None, 2, "killed again"),
    ],
)
def test_any_other_code_is_refused(tmp_path: Path, code: str, latch: Latch | None, after_ns: int, problem: str) -> None:
    issue_code(tmp_path / "rearm.json", "AB12CD", LATCH, NOW)
    assert problem in spend_code(tmp_path / "rearm.json", code, latch, NOW + after_ns)


def test_a_code_file_that_cannot_be_read_is_no_code(tmp_path: Path) -> None:
    (tmp_path / "rearm.json").write_text("{}")
    assert "no code was given out" in spend_code(tmp_path / "rearm.json", "AB12CD", LATCH, NOW)


def test_a_latch_is_added_only_where_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "kill.latch"
    assert add_latch(path, LATCH)
    assert not add_latch(path, Latch(2, "engine", "the gate was closed from outside"))
    assert read_latch(path) == LATCH
    assert [file.name for file in tmp_path.iterdir()] == ["kill.latch"]
    set_latch(path, Latch(3, "bob", "no"))
    assert read_latch(path) == Latch(3, "bob", "no")
