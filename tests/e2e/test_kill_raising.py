"""A kill works while any actor raises at everything: nothing is ordered after it, in a run of the real actors (S-02).

The run is a backtest in this process, on a simulated clock, so that it is the same every time. What each actor's
failure does to open orders is told by the supervisor's policy; where nobody in the process can cancel any more, because
orders, gateway or safety itself is what fails, the watchdog does, and its own tests show it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.cli.opening import Opened
from engine.cli.options import RunOptions
from engine.cli.simulated import SimulatedRun
from engine.cli.strategies import load_strategies
from engine.config.load import load_config
from engine.datadir import DataDir
from engine.latch import Latch, set_latch
from engine.messages.control import GateWord, Role
from engine.runtime.port import InputKind
from engine.telemetry.display import NoDisplay
from gateways.binance.simulator import BinanceSimulator
from gateways.gate_file import close_gate, read_gate
from gateways.operator.control import NumberedCommand
from tests.e2e.engines import QUOTER, STRATEGIES
from tests.e2e.faulty import ACTORS, spoil
from tests.e2e.venue import ADDS

pytestmark = pytest.mark.timed

SECOND = 1_000_000_000
RAISES_S, KILL_S, END_S = 3, 4, 6
LATENCY_NS = 10_000_000
"""More than an order is on its way to the venue."""
HELPLESS = {"orders", "gateway", "safety"}
CONFIG = f"""
[engine]
mode = "backtest"
duration_s = 60
{QUOTER}"""


class Person:
    """Kills trading at a moment of market time, as `tiercel kill` does: first the files, then the command."""

    def __init__(self, run: SimulatedRun, directory: DataDir, at_ns: int) -> None:
        self._run = run
        self._directory = directory
        self._at_ns: int | None = at_ns

    def next_ns(self) -> int | None:
        return self._at_ns

    def fire(self, now_ns: int) -> None:
        self._at_ns = None
        close_gate(self._directory.gate)
        set_latch(self._directory.latch, Latch(now_ns, "ada", "a test"))
        command = NumberedCommand(1, "kill", {"reason": "a test"}, "ada", (Role.KILL,))
        self._run._run.ports["operator"].deliver(InputKind.COMMAND, msgspec.json.encode(command))


@pytest.mark.parametrize("actor", ACTORS)
def test_nothing_is_ordered_after_a_kill_while_an_actor_raises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, actor: str
) -> None:
    heard: list[tuple[int, str]] = []
    receive = BinanceSimulator.receive

    def note(self: BinanceSimulator, connection: int, payload: bytes, now_ns: int) -> None:
        heard.append((now_ns, msgspec.json.decode(payload)["method"]))
        receive(self, connection, payload, now_ns)

    monkeypatch.setattr(BinanceSimulator, "receive", note)
    (tmp_path / "quoter.py").write_bytes((STRATEGIES / "quoter.py").read_bytes())
    (tmp_path / "config.toml").write_text(CONFIG)
    options = RunOptions(config=tmp_path / "config.toml")
    faults: list[str] = []
    times: dict[str, Any] = {}

    def demanded() -> bool:
        return bool(times) and times["run"]._now_ns() >= times["start_ns"] + RAISES_S * SECOND

    mend = spoil(ACTORS[actor], "raise", demanded, lambda: faults.append(actor))
    directory = DataDir(tmp_path / "var")
    opened = Opened(directory)
    try:
        loaded = load_config(options.config, os.environ, options.overrides())
        run = SimulatedRun(loaded, opened, NoDisplay(), load_strategies(loaded))
        start_ns = opened.head.started_ns
        times |= {"run": run, "start_ns": start_ns}
        run._turn._sources.append(Person(run, directory, start_ns + KILL_S * SECOND))
        run._run.system.start()
        run._turn.run(lambda: run._now_ns() >= start_ns + END_S * SECOND)
    finally:
        mend()
        opened.close()
    kill_ns = start_ns + KILL_S * SECOND
    assert faults, "the actor has raised"
    assert [method for at_ns, method in heard if method in ADDS and at_ns < start_ns + RAISES_S * SECOND], "it traded"
    assert [method for at_ns, method in heard if method in ADDS and at_ns > kill_ns + LATENCY_NS] == []
    assert read_gate(directory.gate) is GateWord.CLOSED
    if actor not in HELPLESS:
        exchange = run._simulator._orders.exchanges["BTCUSDT"]
        assert exchange.open_orders() == []
