"""`tiercel sim` says where it listens and what it accepts, and refuses what it cannot play."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli.sim import sim
from engine.config.credentials import load_credentials
from engine.errors import UsageError


def test_what_it_prints_is_a_configuration_and_a_key_pair(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "engine", "sim", "binance_spot", "--key-file", str(tmp_path / "key.pem")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(8)]
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == "the simulator has ended\n"
    assert process.returncode == 0
    table = tomllib.loads("".join(lines[:7]))["venues"]["binance_spot"]
    assert table["environment"] == "local"
    assert {table[name].partition("127.0.0.1")[0] for name in ("stream_url", "api_url")} == {"ws://"}
    assert table["rest_url"].startswith("http://127.0.0.1:")
    environ = dict(word.split("=", 1) for word in lines[7].removeprefix("export ").split())
    pair = load_credentials("binance_spot", environ)
    assert pair is not None
    assert pair.kind == "ed25519"
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["kraken"], "kraken is not built yet: the Kraken gateway is missing"),
        (["binance"], "no venue 'binance'; did you mean 'binance_spot'?"),
        (["binance_spot", "--capture", "absent.gz"], "--capture absent.gz: there is no such file"),
        (["binance_spot", "--key-file", "/nowhere/key.pem"], "--key-file /nowhere/key.pem cannot be written: No such"),
    ],
)
def test_what_it_cannot_do_is_refused(words: list[str], problem: str) -> None:
    result = CliRunner().invoke(sim, words)
    assert isinstance(result.exception, UsageError)
    assert problem in str(result.exception)


def test_a_port_in_use_is_named() -> None:
    words = [sys.executable, "-m", "engine", "sim", "binance_spot"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        lines = [first.stdout.readline() for _ in range(8)]
        port = lines[4].rpartition(":")[2].strip('"\n')
        second = subprocess.run([*words, "--port", port], capture_output=True, text=True, check=False)
        first.terminate()
        first.stdout.read()
    assert second.returncode == 2
    assert f"the simulator cannot listen on 127.0.0.1, port {port}" in second.stderr
