"""Every bad invocation ends with its exit code and a sentence, never with a traceback."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine import __main__ as command_line
from engine.datadir import DataDir, DirectoryLock
from engine.errors import AuditError, ConfigError, ConfigErrors, DirectoryHeld, UsageError, VenueError

Tiercel = Callable[..., tuple[int, str, str]]


@pytest.fixture
def tiercel(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Tiercel:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    monkeypatch.delenv("TIERCEL_DATA_DIR", raising=False)

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tiercel", *words])
        with pytest.raises(SystemExit) as ending:
            command_line.main()
        said = capsys.readouterr()
        code = ending.value.code
        assert isinstance(code, int)
        return code, said.out, said.err

    return call


@pytest.mark.parametrize(
    ("words", "code", "problem"),
    [
        ("", 2, "Usage: tiercel"),
        ("sttus", 2, "no command 'sttus'; did you mean 'status'?"),
        ("limits show", 1, "no engine runs in"),
        ("limits set max_order_value 1", 1, "no engine runs in"),
        ("approve", 1, "no engine runs in"),
        ("approve 7", 1, "no engine runs in"),
        ("manual on", 1, "no engine runs in"),
        ("manual", 2, "Missing argument 'on|off'"),
        ("limits set max_order_value", 2, "Missing argument 'VALUE'"),
        ("run absent.toml", 2, "absent.toml cannot be read: No such file or directory"),
        ("run --mode shadow", 2, "--mode: shadow is not built yet"),
        ("run --mode fast", 2, "expected one of backtest, paper, live"),
        ("run --duration never", 2, "--duration 'never': expected a time such as 30, 30s, 10m or 2h"),
        ("run --duration", 2, "requires an argument"),
        ("run --speed -1", 2, "--speed '-1': expected max, or a factor"),
        ("run --capture absent.gz", 2, "--capture absent.gz: there is no such file"),
        ("run --mode live --speed max", 2, "contradicts --mode live"),
        ("run a.toml b.toml", 2, "unexpected extra argument"),
        ("run --colour", 2, "No such option '--colour'"),
        ("check absent.toml", 2, "absent.toml cannot be read"),
        ("check --json", 2, "No such option '--json'"),
        ("new", 2, "Missing argument 'NAME'"),
        ("new 9lives", 2, "'9lives' cannot name a strategy"),
        ("new random", 2, "'random' is the name of a module that exists already"),
        ("new class", 2, "'class' cannot name a strategy"),
        ("status", 1, "no engine runs in"),
        ("stop", 1, "no engine runs in"),
        ("flatten", 1, "no engine runs in"),
        ("cancel", 2, "cancel one thing"),
        ("cancel t1-1-1 --all", 2, "cancel one thing"),
        ("cancel t1-1-1", 1, "no engine runs in"),
        ("resolve", 2, "Missing argument 'ORDER'"),
        ("resolve t1-1-1", 1, "no engine runs in"),
        ("strategy", 2, "Usage: tiercel strategy"),
        ("strategy list", 1, "no engine runs in"),
        ("strategy enable", 2, "Missing argument 'NAME'"),
        ("strategy enable x", 1, "no engine runs in"),
        ("strategy disable x", 1, "no engine runs in"),
        ("kill", 2, "Missing option '--reason'"),
        ("kill --reason because", 2, "is no data directory: nothing was killed"),
        ("rearm", 2, "nothing to re-arm: no engine runs in"),
        ("rearm --confirm ABC123", 2, "nothing to re-arm"),
    ],
)
def test_a_bad_invocation_is_told(tiercel: Tiercel, words: str, code: int, problem: str) -> None:
    found, _out, err = tiercel(*words.split())
    assert problem in err
    assert "Traceback" not in err
    assert found == code


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (UsageError("bad usage"), 2),
        (ConfigErrors("x.toml", [ConfigError("engine.mode", "bad", line=3)]), 2),
        (DirectoryHeld("var", 77), 4),
        (VenueError("the venue said no"), 1),
        (AuditError("the trail is damaged"), 1),
        (KeyboardInterrupt(), 130),
    ],
)
def test_each_error_has_its_exit_code(
    tiercel: Tiercel, monkeypatch: pytest.MonkeyPatch, problem: BaseException, code: int
) -> None:
    def fail(path: object, environ: object) -> None:
        raise problem

    monkeypatch.setattr("engine.cli.check.load_config", fail)
    found, out, err = tiercel("check")
    assert found == code
    assert str(problem) in err
    assert out == ""


def test_the_pid_of_the_holder_is_named() -> None:
    assert "held by the engine with pid 77" in str(DirectoryHeld("var", 77))
    assert "held by another engine" in str(DirectoryHeld("var", 0))


def test_the_help_names_every_command_that_is_built_and_no_other(tiercel: Tiercel) -> None:
    code, out, _ = tiercel("--help")
    assert code == 0
    for name in ("run", "replay", *command_line.FAMILIES):
        assert f"\n  {name} " in out
    for word in ("shadow", "kraken"):
        assert word not in out


@pytest.mark.parametrize("name", ["run", *command_line.FAMILIES, "replay"])
def test_every_command_explains_itself(tiercel: Tiercel, name: str) -> None:
    code, out, err = tiercel(name, "--help")
    assert (code, err) == (0, "")
    assert out.startswith(f"Usage: tiercel {name}")
    assert "shadow" not in out


def test_another_system_is_told_so(tiercel: Tiercel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    code, _, err = tiercel("status")
    assert code == 2
    assert "Tiercel runs on Linux and macOS, not on win32" in err


HEAVY = ("rich", "aiohttp", "uvloop", "asyncio", "picows", "cryptography", "numpy", "actors", "tomllib", "orjson")


@pytest.mark.untraced
@pytest.mark.parametrize("words", [["status"], ["kill", "--reason", "x"]])
def test_a_quick_command_imports_nothing_heavy(tmp_path: Path, words: list[str]) -> None:
    code = (
        "import sys\nfrom engine.__main__ import main\ntry:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    directory = DataDir(tmp_path)
    directory.make()
    done = subprocess.run(
        [sys.executable, "-c", code, *words, "--data-dir", str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_held_directory_is_found_by_status(tiercel: Tiercel, tmp_path: Path) -> None:
    directory = DataDir(tmp_path / "var")
    directory.make()
    lock = DirectoryLock(directory)
    code, out, err = tiercel("status", "--data-dir", str(tmp_path / "var"))
    lock.release()
    assert code == 1
    assert "gate CLOSED" in out
    assert "did not answer within 0.5 s" in err
