"""One engine holds one data directory, and is found from any folder while it does."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from engine.datadir import (
    DataDir,
    DirectoryLock,
    Running,
    data_dir,
    holder,
    register,
    registry,
    running,
    running_data_dir,
    write_whole,
)
from engine.errors import DirectoryHeld, UsageError

HOLD = """
import sys
from pathlib import Path
from engine.datadir import DataDir, DirectoryLock
lock = DirectoryLock(DataDir(Path(sys.argv[1])))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def directory(tmp_path: Path) -> DataDir:
    made = DataDir(tmp_path / "var")
    made.make()
    return made


def hold(directory: DataDir) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(directory.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_state_is_for_its_owner_alone(directory: DataDir) -> None:
    assert stat.S_IMODE(directory.state.stat().st_mode) == 0o700


def test_a_second_engine_is_refused_with_the_pid_of_the_first(directory: DataDir) -> None:
    with hold(directory) as first:
        assert holder(directory) == first.pid
        with pytest.raises(DirectoryHeld, match=f"held by the engine with pid {first.pid}") as caught:
            DirectoryLock(directory)
        assert caught.value.pid == first.pid
        first.kill()


def test_a_killed_engine_holds_nothing(directory: DataDir) -> None:
    with hold(directory) as first:
        first.kill()
    assert holder(directory) == 0
    DirectoryLock(directory).release()


def test_a_released_directory_is_free(directory: DataDir) -> None:
    lock = DirectoryLock(directory)
    lock.release()
    assert holder(directory) == 0
    assert directory.pid_file.read_text() == ""


def test_a_pid_file_that_makes_no_sense_names_nobody(directory: DataDir) -> None:
    directory.pid_file.write_text("x")
    assert holder(directory) == 0
    directory.pid_file.write_text(f"{os.getpid()}\n")  # alive, but it holds nothing
    assert holder(directory) == 0


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file")
    with pytest.raises(UsageError, match="cannot be made: Not a directory"):
        DataDir(tmp_path / "var").make()


def test_the_option_wins_over_the_variable_and_the_default(tmp_path: Path) -> None:
    environ = {"TIERCEL_DATA_DIR": str(tmp_path / "named")}
    assert data_dir(tmp_path / "given", environ).root == tmp_path / "given"
    assert data_dir(None, environ).root == tmp_path / "named"
    assert data_dir(None, {}).root == Path("var").absolute()


def test_the_only_running_engine_is_found_from_any_folder(directory: DataDir, tmp_path: Path) -> None:
    environ = {"XDG_STATE_HOME": str(tmp_path / "xdg")}
    with hold(directory) as engine:
        entry = Running(engine.pid, str(directory.root), "r1", "live")
        register(environ, entry)
        assert running(environ) == [entry]
        assert running_data_dir(None, environ).root == directory.root
        engine.kill()
    assert running(environ) == []
    assert list(registry(environ).iterdir()) == []
    assert running_data_dir(None, environ).root == Path("var").absolute()


def test_of_several_engines_one_must_be_named(directory: DataDir, tmp_path: Path) -> None:
    environ = {"XDG_STATE_HOME": str(tmp_path / "xdg")}
    other = DataDir(tmp_path / "other")
    other.make()
    with hold(directory) as first, hold(other) as second:
        register(environ, Running(first.pid, str(directory.root), "r1", "live"))
        register(environ, Running(second.pid, str(other.root), "r1", "live"))
        with pytest.raises(UsageError, match="2 engines run; say which one with --data-dir") as caught:
            running_data_dir(None, environ)
        assert str(directory.root) in str(caught.value)
        assert str(other.root) in str(caught.value)
        assert running_data_dir(other.root, environ).root == other.root
        first.kill()
        second.kill()


def test_a_torn_entry_is_passed_over(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path)}
    registry(environ).mkdir(parents=True)
    (registry(environ) / "1.json").write_text("{")
    assert running(environ) == []


def test_the_newest_run_is_the_one_with_the_highest_number(directory: DataDir) -> None:
    for name in ("t1-9", "t1-10", "t1-2"):
        directory.run(name).make()
    assert directory.run_ids() == ["t1-2", "t1-9", "t1-10"]
    assert directory.find_run(None).run_id == "t1-10"
    assert directory.find_run("t1-2").tape.is_dir()
    with pytest.raises(UsageError, match=r"no run 't1-7' in .*; the newest is t1-10"):
        directory.find_run("t1-7")


def test_without_runs_there_is_no_newest(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run in"):
        DataDir(tmp_path).find_run(None)


def test_a_file_is_replaced_whole_and_private(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    write_whole(path, b"long old content")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["state.json"]
