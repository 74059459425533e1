"""The set-up names what is missing, with the package that brings it, before it begins."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import sysconfig
from pathlib import Path

import pytest

from tools import preflight


def test_a_machine_that_builds_lacks_nothing() -> None:
    assert preflight.missing() == []


def test_a_missing_compiler_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-compiler -O2")
    (problem,) = preflight.missing()
    assert problem.startswith("a C compiler is missing: ")
    assert "gcc" in problem or "xcode-select" in problem


def test_the_header_of_python_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    (problem,) = preflight.missing()
    assert problem.startswith("the header Python.h is missing: ")
    assert "python3-dev" in problem or "brew" in problem


def test_a_compiler_without_the_headers_of_c_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    compiles = preflight.compiles
    monkeypatch.setattr(preflight, "compiles", lambda compiler, header: compiles([*compiler, "-nostdinc"], header))
    (problem,) = preflight.missing()
    assert problem.startswith("the C library's headers are missing: ")


def test_a_missing_venv_module_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else find_spec(name))
    (problem,) = preflight.missing()
    assert problem.startswith("Python's modules venv and ensurepip are missing: ")
    assert "python3-venv" in problem or "brew" in problem


@pytest.mark.parametrize("version", [(3, 10), (3, 14), (2, 7)])
def test_a_python_that_is_not_supported_is_refused(monkeypatch: pytest.MonkeyPatch, version: tuple[int, int]) -> None:
    monkeypatch.setattr(sys, "version_info", (*version, 0, "final", 0))
    (problem,) = preflight.missing()
    assert "3.11, 3.12 or 3.13 is needed" in problem


def test_what_is_missing_is_printed_and_ends_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(preflight, "missing", lambda: ["a", "b"])
    assert preflight.main() == 1
    assert capsys.readouterr().err == "tiercel: a\ntiercel: b\n"
    monkeypatch.setattr(preflight, "missing", list)
    assert preflight.main() == 0


def test_elsewhere_the_package_is_named_as_debian_calls_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert preflight.hint("gcc", "xcode-select --install") == "install the package that Debian calls gcc"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert preflight.hint("gcc", "xcode-select --install") == "xcode-select --install"
