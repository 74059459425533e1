"""One data directory has one engine; commands find it from any folder, and two engines must be told apart by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.engines import QUOTER, Place, Process, place, reached, summary_of

LIVE = f"""
[engine]
mode = "live"
{QUOTER}"""


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with place(tmp_path / "here") as one:
        one.configure(LIVE, "quoter")
        yield one


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


def running(here: Place) -> Process:
    engine = here.start("run", str(here.root / "config.toml"), "--json")
    engine.until(lambda: reached(here, "NORMAL"), 20, "the state NORMAL")
    return engine


def test_a_second_engine_in_a_directory_is_refused_with_the_pid_of_the_first(here: Place, elsewhere: Path) -> None:
    engine = running(here)
    records = len(here.records())
    for more in ([], ["--mode", "backtest", "--duration", "1m"]):
        refused = here.tiercel("run", str(here.root / "config.toml"), *more)
        assert refused.returncode == 4
        assert f"pid {engine.pid}" in refused.stderr
        assert "Traceback" not in refused.stderr
        assert refused.stdout == ""

    status = here.bare("status", folder=elsewhere)
    assert status.returncode == 0
    assert f"pid {engine.pid}" in status.stdout
    assert "state NORMAL, gate OPEN" in status.stdout
    engine.until(lambda: len(here.records()) > records, 20, "the first engine to go on")

    stopped = here.bare("stop", folder=elsewhere)
    assert stopped.returncode == 0, stopped.stderr
    assert f"(pid {engine.pid}) has stopped" in stopped.stdout
    assert engine.wait() == 0
    assert summary_of(engine)["state"] == "NORMAL"
    assert len(list((here.data / "runs").iterdir())) == 1
    assert list(elsewhere.iterdir()) == []
    assert here.json("replay")["same"]


def test_kill_works_from_any_folder_while_a_second_engine_is_refused(here: Place, elsewhere: Path) -> None:
    engine = running(here)
    second = here.start("run", str(here.root / "config.toml"))
    killed = here.bare("kill", "--reason", "from elsewhere", folder=elsewhere)
    assert killed.returncode == 0, killed.stderr
    assert "everything is cancelled" in killed.stdout
    assert second.wait() == 4
    assert reached(here, "EMERGENCY")
    engine.interrupt()
    assert engine.wait() == 3


def test_with_two_engines_a_command_lists_them_and_asks_which(here: Place, elsewhere: Path) -> None:
    one = running(here)
    with place(here.root.parent / "there") as there:
        there.environ["XDG_STATE_HOME"] = here.environ["XDG_STATE_HOME"]
        there.configure(LIVE, "quoter")
        two = running(there)
        for command in (["status"], ["stop"], ["kill", "--reason", "which?"]):
            asked = here.bare(*command, folder=elsewhere)
            assert asked.returncode == 2
            assert re.search(rf"pid {one.pid} .*{re.escape(str(here.data))}", asked.stderr)
            assert re.search(rf"pid {two.pid} .*{re.escape(str(there.data))}", asked.stderr)
        assert reached(here, "NORMAL")
        assert reached(there, "NORMAL")
        assert here.bare("stop", "--data-dir", str(there.data), folder=elsewhere).returncode == 0
        assert two.wait() == 0
        assert here.bare("stop", folder=elsewhere).returncode == 0
        assert one.wait() == 0


def test_a_killed_engine_is_no_engine_any_more(here: Place, elsewhere: Path) -> None:
    engine = running(here)
    engine.destroy()
    status = here.bare("status", folder=elsewhere)
    assert status.returncode == 1
    assert "no engine runs" in status.stderr
    assert here.json("run", str(here.root / "config.toml"), "--duration", "1s")["state"] == "CAUTIOUS"
