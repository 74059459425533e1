"""This repository keeps its own rules, and the table of rules is whole."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tools import tidy
from tools.rules.exemptions import EXEMPTIONS, Exemption
from tools.rules.source import File, read_tree


@pytest.fixture(scope="module")
def repository() -> dict[str, File]:
    return read_tree(tidy.ROOT)


@pytest.mark.parametrize("rule", tidy.RULES, ids=lambda rule: rule.name)
def test_the_repository_keeps_the_rule(rule: tidy.Rule, repository: dict[str, File]) -> None:
    if lines := tidy.violations(rule, repository):
        pytest.fail(f"{rule.demands}:\n" + "\n".join(lines), pytrace=False)


def test_every_rule_has_a_name_of_its_own_and_every_exemption_names_a_rule() -> None:
    names = [rule.name for rule in tidy.RULES]
    assert len(names) == len(set(names))
    assert {exemption.rule for exemption in EXEMPTIONS} <= set(names)
    assert all(exemption.reason for exemption in EXEMPTIONS)


def test_an_exemption_excuses_its_file_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    (clock,) = [rule for rule in tidy.RULES if rule.name == "clock"]
    tree = {path: File(path, "import time\n") for path in ("engine/one.py", "engine/two.py")}
    monkeypatch.setattr(tidy, "EXEMPTIONS", (Exemption("clock", "engine/one.py", "why not"),))
    (line,) = tidy.violations(clock, tree)
    assert line.startswith("engine/two.py:1: clock: imports time; expected ")


def test_an_exemption_that_excuses_nothing_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    (clock,) = [rule for rule in tidy.RULES if rule.name == "clock"]
    monkeypatch.setattr(tidy, "EXEMPTIONS", (Exemption("clock", "engine/one.py", "why not"),))
    (line,) = tidy.violations(clock, {})
    assert "engine/one.py needs no exemption" in line


def test_the_program_prints_every_violation_and_says_how_many() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.tidy"], cwd=tidy.ROOT, capture_output=True, text=True, timeout=240, check=False
    )
    *lines, total = done.stdout.splitlines()
    assert total.startswith(f"tidy: {len(tidy.RULES)} rules, ")
    assert total.endswith(f" {len(lines)} violations")
    assert done.returncode == (1 if lines else 0)
