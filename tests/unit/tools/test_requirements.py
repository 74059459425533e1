"""What the set-up installs is what pyproject.toml names."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tools.requirements import requirements


def test_the_build_needs_setuptools_and_cython() -> None:
    assert [line.split(">")[0] for line in requirements("build")] == ["setuptools", "cython"]


def test_a_run_needs_no_tool_of_developers() -> None:
    assert "click>=8.1,<9" in requirements("run")
    assert not set(requirements("run")) & set(requirements("dev"))


def test_an_unknown_group_is_refused() -> None:
    with pytest.raises(KeyError, match="no-such-group"):
        requirements("no-such-group")


def test_the_program_prints_one_requirement_a_line() -> None:
    command = [sys.executable, str(ROOT / "tools" / "requirements.py"), "dev"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed.splitlines() == requirements("dev")
    assert any(line.startswith("pytest>=") for line in requirements("dev"))
