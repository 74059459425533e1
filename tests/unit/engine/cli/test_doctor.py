"""Every check of the doctor can be fine and can fail, and says what to do."""

from __future__ import annotations

import os
import resource
import shutil
import socket
import sys
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from engine.cli import doctor
from engine.datadir import DataDir, DirectoryLock

Patch = pytest.MonkeyPatch


def no_import(name: str) -> None:
    raise ImportError(f"no {name}")


def no_server(*_: object, **__: object) -> None:
    raise OSError("not permitted")


def break_python(patch: Patch) -> None:
    patch.setattr(sys, "version_info", (3, 9, 1))


def break_compiler(patch: Patch) -> None:
    patch.setattr(shutil, "which", lambda name: None)


def break_headers(patch: Patch) -> None:
    patch.setattr(sysconfig, "get_path", lambda name: "/nowhere")
    patch.setattr(shutil, "which", lambda name: "/usr/bin/cc")


def break_disk(patch: Patch) -> None:
    patch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(total=2**40, free=2**30, used=0))


def break_clock(patch: Patch) -> None:
    patch.setattr(time, "gmtime", lambda: SimpleNamespace(tm_year=1970))


def coarse_clock(patch: Patch) -> None:
    patch.setattr(time, "get_clock_info", lambda name: SimpleNamespace(resolution=0.016))


def no_access(patch: Patch) -> None:
    patch.setattr(doctor, "DEVICE", Path(os.devnull))
    patch.setattr(os, "access", lambda path, mode: False)


def no_idle_driver(patch: Patch) -> None:
    patch.setattr(doctor, "DEVICE", Path(os.devnull))
    patch.setattr(doctor, "IDLE_DRIVER", Path("/nowhere"))


CASES: list[tuple[Callable[[DataDir], doctor.Finding], Callable[[Patch], None], str, bool]] = [
    (doctor.python, break_python, "install CPython 3.11", False),
    (doctor.extensions, lambda patch: patch.setattr(doctor, "import_module", no_import), "make build", False),
    (doctor.compiler, break_compiler, "apt install gcc", True),
    (doctor.compiler, break_headers, "apt install python3-dev", True),
    (doctor.loop, lambda patch: patch.setattr(doctor, "import_module", no_import), "pip install uvloop", False),
    (doctor.disk, break_disk, "at least 1 GiB and 5 %", False),
    (doctor.clock, break_clock, "set the clock", False),
    (doctor.clock, coarse_clock, "latencies will be coarse", True),
    (doctor.files, lambda patch: patch.setattr(resource, "getrlimit", lambda kind: (64, 64)), "ulimit -n 1024", False),
    (doctor.loopback, lambda patch: patch.setattr(socket, "create_server", no_server), "allow TCP on 127", False),
    (doctor.cores, lambda patch: patch.setattr(os, "sched_getaffinity", lambda pid: {0}), "shared", True),
    (doctor.wake_up, lambda patch: patch.setattr(doctor, "DEVICE", Path("/nowhere")), "needs Linux", True),
    (doctor.wake_up, no_access, "let this user write it", True),
    (doctor.wake_up, no_idle_driver, "would change nothing", True),
]


@pytest.mark.parametrize(("look", "spoil", "remedy", "advice"), CASES)
def test_what_is_missing_is_named_with_what_to_do(
    tmp_path: Path,
    monkeypatch: Patch,
    look: Callable[[DataDir], doctor.Finding],
    spoil: Callable[[Patch], None],
    remedy: str,
    advice: bool,
) -> None:
    spoil(monkeypatch)
    finding = look(DataDir(tmp_path))
    assert not finding.ok
    assert remedy in finding.remedy
    assert finding.advice_only == advice


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: Patch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    finding = doctor.writable(DataDir(tmp_path / "var" / "deep"))
    assert not finding.ok
    assert finding.found == f"{tmp_path}: Permission denied"


def test_a_held_directory_is_fine_and_its_holder_named(tmp_path: Path) -> None:
    directory = DataDir(tmp_path)
    directory.make()
    lock = DirectoryLock(directory)
    finding = doctor.writable(directory)
    lock.release()
    assert finding.ok
    assert "held by the engine with pid" in finding.found
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []


def test_each_check_is_a_line_and_a_problem_ends_with_one(tmp_path: Path, monkeypatch: Patch) -> None:
    result = CliRunner().invoke(doctor.doctor, ["--data-dir", str(tmp_path)])
    lines = result.output.splitlines()
    assert len(lines) == len(doctor.CHECKS)
    assert any(line.startswith("ok       python ") for line in lines)
    monkeypatch.setattr(
        doctor, "CHECKS", (lambda directory: doctor.Finding("moon", False, "missing", "wait for the night"),)
    )
    result = CliRunner().invoke(doctor.doctor, ["--data-dir", str(tmp_path)])
    assert (result.exit_code, result.output) == (1, "problem  moon            missing: wait for the night\n")
    monkeypatch.setattr(
        doctor, "CHECKS", (lambda directory: doctor.Finding("moon", False, "half", "fine", advice_only=True),)
    )
    assert CliRunner().invoke(doctor.doctor, []).exit_code == 0
