"""The mutants are the changes that we mean, and the tool tells those that tests notice from those that they do not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools import mutate

SOURCE = '''"""Words with 1 < 2 and numbers."""
LIMIT = 3
cdef int one(long a, long b=1) except -1:
    if a < b and a != 0:  # 4 > 5
        self.count += 2
        raise ValueError(f"{a} > {b}")
    return 0
cpdef int check(self) except -1:
    assert self.count < 7
    return 0
TABLE = {
    (S.OPEN, E.FILLED): S.FILLED,
    (S.OPEN, E.CANCELED): S.OPEN,
}
'''


def told() -> list[tuple[int, str, str]]:
    return [(mutant.line, mutant.kind, mutant.after.strip()) for mutant in mutate.mutants("a.pyx", SOURCE)]


def test_every_kind_of_change_is_made_and_text_headers_and_checks_are_left_alone() -> None:
    assert told() == [
        (2, "shift", "LIMIT = 4"),
        (4, "swap", "if a <= b and a != 0:  # 4 > 5"),
        (4, "swap", "if a < b and a == 0:  # 4 > 5"),
        (4, "swap", "if a < b or a != 0:  # 4 > 5"),
        (4, "shift", "if a < b and a != 1:  # 4 > 5"),
        (5, "swap", "self.count -= 2"),
        (5, "shift", "self.count += 3"),
        (5, "drop", "pass"),
        (6, "drop", "pass"),
        (12, "shift", "(S.OPEN, E.FILLED): S.OPEN,"),
        (12, "drop", ""),
        (13, "shift", "(S.OPEN, E.CANCELED): S.FILLED,"),
        (13, "drop", ""),
    ]


def test_a_mutant_says_where_it_is_and_what_it_does() -> None:
    assert str(mutate.Mutant("a.py", 7, "drop", "    x += 1", "")) == "a.py:7: drop: x += 1 -> nothing"


@pytest.mark.parametrize("file", ["hotpath/orders/limits.pyx", "hotpath/orders/exposure.pyx"])
def test_the_code_that_guards_money_has_mutants_of_every_kind(file: str) -> None:
    kinds = Counter(mutant.kind for mutant in mutate.mutants(file, (ROOT / file).read_text()))
    assert min(kinds["swap"], kinds["shift"], kinds["drop"]) > 30


def test_a_seeded_run_tells_killed_from_survived(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three mutants of a compiled table in a tree of their own: its tests kill those that they look at."""
    monkeypatch.setattr(mutate, "COPIED", ("hotpath", "tests", "pyproject.toml"))
    file, test = "hotpath/orders/lifecycle.pyx", "tests/unit/hotpath/orders/test_lifecycle.py"
    monkeypatch.setattr(mutate, "TARGETS", {file: test})
    words = ["--count", "3", "--seed", "2", "--folder", str(tmp_path / "tree"), file]
    code = mutate.main(words)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    killed = sum(line.startswith("killed") for line in lines)
    assert lines[-1].startswith(f"{killed} of 3 mutants killed (seed 2, ")
    assert killed >= 1
    assert code == (0 if killed == 3 else 1)
    assert all(f" {file}:" in line for line in lines[:3])
