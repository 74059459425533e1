"""Commands for an engine that runs, that is stuck, or that is not there."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine import __main__ as command_line
from engine.cli import control
from engine.datadir import DataDir, DirectoryLock
from engine.latch import Latch, read_latch, set_latch
from engine.messages.control import GateWord
from engine.telemetry.snapshot import BookRow, Snapshot, StrategyRow
from engine.telemetry.summary import OrderCounts, PositionSummary, ProfitAndLoss
from gateways.gate_file import GateFile, read_gate
from gateways.operator.control import ControlServer

Tiercel = Callable[..., tuple[int, str, str]]

SNAPSHOT = Snapshot(
    pid=1,
    run_id="t1-7",
    node="t1",
    mode="live",
    state="NORMAL",
    reason="reconciled",
    gate="OPEN",
    time_ns=0,
    elapsed_s=12.0,
    progress=None,
    market_messages=12_000,
    market_rate=980,
    books=[BookRow("binance_spot:BTCUSDT", "SYNCHRONISED", "61685.99", "1.00", "61686.00", "2.00")],
    strategies=[StrategyRow("maker", True, ["BTCUSDT"]), StrategyRow("taker", False, ["BTCUSDT"], "it raised")],
    positions=[],
    pnl=ProfitAndLoss("USDT", "-1.25", "0", "0.52"),
    orders=OrderCounts(submitted=120),
    open_orders=2,
    fills=44,
    latency_ns={},
    audit_records=480,
    note="look",
)

LIMITS = {
    "limits": [
        {"key": "max_order_value", "value": "60000", "unit": "risk currency", "origin": "policy (default: 50000)"},
        {"key": "allowed", "value": "", "unit": "", "origin": "default"},
    ],
    "version": 4,
    "policy": "version 5, limits version 4",
}


class Engine:
    """A data directory that is held, and a socket that answers as a test says."""

    def __init__(self, directory: DataDir) -> None:
        self.directory = directory
        self.heard: list[tuple[str, dict[str, str]]] = []
        self.answers: dict[str, tuple[bool, dict[str, Any]] | None] = {}
        self.waiting: dict[str, Any] = {"manual": False, "waiting": []}
        self.status = msgspec.to_builtins(SNAPSHOT)
        self.lock: DirectoryLock | None = DirectoryLock(directory)
        questions = {"status": lambda: self.status, "limits": lambda: LIMITS, "waiting": lambda: self.waiting}
        self.server = ControlServer(directory.control_socket, self.deliver, questions)
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.server.start(), self.loop).result(5)

    def deliver(self, payload: bytes) -> None:
        command = json.loads(payload)
        self.heard.append((command["verb"], command["arguments"]))
        if command["verb"] == "stop":
            self.release()
        answer = self.answers.get(command["verb"], (True, {"did": command["verb"]}))
        if answer is not None:
            self.server.reply(command["request"], *answer)

    def release(self) -> None:
        if self.lock is not None:
            self.lock.release()
            self.lock = None

    async def _close(self) -> None:
        """Close, with passes of the loop around it: a connection may be on its way in, and one on its way out."""
        await self._passes()
        await self.server.close()
        await self._passes()

    async def _passes(self) -> None:
        for _ in range(3):
            passed: asyncio.Future[None] = self.loop.create_future()
            self.loop.call_soon(passed.set_result, None)
            await passed

    def end(self) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self.loop).result(5)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()
        self.release()


@pytest.fixture
def directory(tmp_path: Path) -> DataDir:
    made = DataDir(tmp_path / "var")
    made.make()
    GateFile.create(made.gate, GateWord.OPEN).close()
    return made


@pytest.fixture
def engine(directory: DataDir) -> Iterator[Engine]:
    made = Engine(directory)
    yield made
    made.end()


@pytest.fixture
def tiercel(
    directory: DataDir, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Tiercel:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("TIERCEL_DATA_DIR", str(directory.root))

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tiercel", *words])
        with pytest.raises(SystemExit) as ending:
            command_line.main()
        said = capsys.readouterr()
        assert isinstance(ending.value.code, int)
        return ending.value.code, said.out, said.err

    return call


def test_the_status_is_told_in_words_and_as_json(tiercel: Tiercel, engine: Engine) -> None:
    code, out, _ = tiercel("status")
    assert code == 0
    for fact in ("run t1-7, live", "state NORMAL, gate OPEN: reconciled", "980 messages/s", "taker: off: it raised"):
        assert fact in out
    assert str(engine.directory.root) in out
    code, out, _ = tiercel("status", "--json")
    assert msgspec.json.decode(out, type=Snapshot) == SNAPSHOT
    assert engine.heard == []


def test_a_silent_engine_is_known_by_its_files(tiercel: Tiercel, directory: DataDir) -> None:
    directory.heartbeat.write_text("{}")
    set_latch(directory.latch, Latch(1, "ada", "odd fills"))
    lock = DirectoryLock(directory)
    code, out, err = tiercel("status")
    lock.release()
    assert code == 1
    assert "did not answer within 0.5 s" in err
    assert "gate OPEN" in out
    assert "killed by ada: odd fills" in out
    assert re.search(r"last heartbeat [0-9.]+ s ago", out)


def test_stop_waits_until_the_directory_is_free(tiercel: Tiercel, engine: Engine) -> None:
    code, out, _ = tiercel("stop")
    assert code == 0
    assert "has stopped" in out
    assert engine.heard == [("stop", {})]


def test_an_engine_that_does_not_stop_is_named(
    tiercel: Tiercel, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "STOP_SECONDS", 0.0)
    monkeypatch.setattr(engine, "release", lambda: None)
    code, _, err = tiercel("stop")
    monkeypatch.undo()
    assert code == 1
    assert "took the command and still runs after 0 s" in err


def test_a_kill_closes_the_gate_before_it_asks(tiercel: Tiercel, engine: Engine) -> None:
    code, out, err = tiercel("kill", "--reason", "odd fills")
    assert (code, err) == (0, "")
    assert re.search(r"gate closed in [0-9.]+ ms, latch set: odd fills", out)
    assert "everything is cancelled: did kill" in out
    assert read_gate(engine.directory.gate) is GateWord.CLOSED
    latch = read_latch(engine.directory.latch)
    assert latch is not None
    assert (latch.reason, latch.user) == ("odd fills", control.user_name())
    assert engine.heard == [("kill", {"reason": "odd fills"})]


def test_a_kill_of_a_stuck_engine_says_so_and_stands(
    tiercel: Tiercel, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "KILL_REPORT_SECONDS", 0.01)
    engine.answers["kill"] = None
    code, out, err = tiercel("kill", "--reason", "stuck")
    assert code == 0
    assert "gate closed in" in out
    assert "did not report within 250 ms; the gate is closed" in err
    assert "look at the venue for open orders" in err


def test_a_kill_that_the_engine_refuses_is_passed_on(tiercel: Tiercel, engine: Engine) -> None:
    engine.answers["kill"] = (False, {"error": "no"})
    code, _, err = tiercel("kill", "--reason", "x")
    assert code == 0
    assert "the engine says: no" in err


def test_a_kill_works_where_nobody_listens(tiercel: Tiercel, directory: DataDir) -> None:
    lock = DirectoryLock(directory)
    code, _, err = tiercel("kill", "--reason", "x")
    lock.release()
    assert code == 0
    assert "did not answer; nothing more leaves it" in err
    assert read_gate(directory.gate) is GateWord.CLOSED


def test_a_kill_stands_against_an_engine_that_opens_its_gate_meanwhile(
    tiercel: Tiercel, directory: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    def while_it_starts(path: Path, latch: Latch) -> None:
        GateFile.create(directory.gate, GateWord.OPEN).close()
        set_latch(path, latch)

    monkeypatch.setattr("engine.cli.control.set_latch", while_it_starts)
    tiercel("kill", "--reason", "x")
    assert read_gate(directory.gate) is GateWord.CLOSED


def test_a_kill_without_an_engine_sets_the_latch(tiercel: Tiercel, directory: DataDir) -> None:
    code, out, _ = tiercel("kill", "--reason", "holiday")
    assert code == 0
    assert "the next one starts in EMERGENCY" in out
    assert read_latch(directory.latch) is not None


def test_a_kill_makes_an_old_code_worthless(tiercel: Tiercel, directory: DataDir) -> None:
    tiercel("kill", "--reason", "one")
    code = re.findall(r"--confirm (\w+)", tiercel("rearm")[1])[0]
    tiercel("kill", "--reason", "two")
    found, _, err = tiercel("rearm", "--confirm", code)
    assert found == 2
    assert "no code was given out" in err
    assert read_latch(directory.latch) is not None


def test_without_an_engine_rearming_takes_two_steps(tiercel: Tiercel, directory: DataDir) -> None:
    tiercel("kill", "--reason", "holiday")
    code, out, _ = tiercel("rearm")
    assert code == 0
    assert "holiday" in out
    assert "gate: CLOSED" in out
    word = re.findall(r"within 60 s: tiercel rearm --confirm (\w{6})", out)[0]
    assert read_latch(directory.latch) is not None
    assert tiercel("rearm", "--confirm", "WRONG1")[0] == 2
    code, out, _ = tiercel("rearm", "--confirm", word)
    assert code == 0
    assert out.endswith("re-armed\n")
    assert read_latch(directory.latch) is None
    assert read_gate(directory.gate) is GateWord.OPEN


def test_a_running_engine_is_asked_to_rearm(tiercel: Tiercel, engine: Engine) -> None:
    engine.answers["rearm"] = (True, {"code": "123456", "seconds": 60, "would_enable": ["a", "b"], "tripped_by": "x"})
    code, out, _ = tiercel("rearm")
    assert code == 0
    assert out == (
        "would enable: a, b\ntripped by: x\nto allow trading again, within 60 s: tiercel rearm --confirm 123456\n"
    )
    engine.answers["rearm"] = (True, {"code": "123456", "waits_for": []})
    assert "waits for: nothing\n" in tiercel("rearm")[1]
    engine.answers["rearm"] = (True, {"state": "PROTECTIVE"})
    assert tiercel("rearm", "--confirm", "123456")[1] == "state: PROTECTIVE\nre-armed\n"
    engine.answers["rearm"] = (False, {"error": "the code is wrong"})
    code, _, err = tiercel("rearm", "--confirm", "999999")
    assert (code, err) == (1, "tiercel: the code is wrong\n")
    assert [arguments for _, arguments in engine.heard] == [{}, {}, {"code": "123456"}, {"code": "999999"}]


@pytest.mark.parametrize("level", ["strategy", "instrument", "venue"])
def test_a_smaller_kill_is_the_engines_and_touches_neither_gate_nor_latch(
    tiercel: Tiercel, engine: Engine, level: str
) -> None:
    engine.answers["kill"] = (True, {"killed": f"{level} maker", "state": "NORMAL"})
    code, out, _ = tiercel("kill", f"--{level}", "maker", "--reason", "why")
    assert (code, out) == (0, f"killed {level} maker, state NORMAL\n")
    assert engine.heard == [("kill", {"reason": "why", level: "maker"})]
    assert read_latch(engine.directory.latch) is None
    assert not engine.directory.gate.exists() or read_gate(engine.directory.gate) is GateWord.OPEN


@pytest.mark.parametrize("level", ["instrument", "venue"])
def test_a_smaller_kill_is_lifted_in_one_step(tiercel: Tiercel, engine: Engine, level: str) -> None:
    assert tiercel("rearm", f"--{level}", "x")[0] == 0
    assert engine.heard == [("rearm", {level: "x"})]


def test_the_peak_is_reset_by_the_engine(tiercel: Tiercel, engine: Engine) -> None:
    assert tiercel("rearm", "--reset-peak")[0] == 0
    assert engine.heard == [("rearm", {"peak": "reset"})]


def test_two_levels_in_one_command_are_refused(tiercel: Tiercel, engine: Engine) -> None:
    for verb in (("kill", "--reason", "x"), ("rearm",)):
        code, _, err = tiercel(*verb, "--instrument", "A", "--venue", "b")
        assert code == 2
        assert "--instrument and --venue cannot be combined" in err
    assert engine.heard == []


def test_a_smaller_kill_needs_an_engine(tiercel: Tiercel, directory: DataDir) -> None:
    code, _, err = tiercel("kill", "--venue", "x", "--reason", "why")
    assert code == 1
    assert "no engine runs" in err
    assert read_latch(directory.latch) is None


def test_flatten_waits_until_nothing_is_held(tiercel: Tiercel, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = tiercel("flatten")
    assert code == 0
    assert out == "did flatten\nflat\n"
    held = PositionSummary("binance_spot:BTCUSDT", "-0.10", "1", "0")
    engine.status = msgspec.to_builtins(msgspec.structs.replace(SNAPSHOT, positions=[held]))
    monkeypatch.setattr(control, "FLAT_SECONDS", 0.0)
    code, _, err = tiercel("flatten")
    assert code == 1
    assert "still held after 0 s: -0.10 binance_spot:BTCUSDT" in err


def test_a_position_of_zero_is_flat(tiercel: Tiercel, engine: Engine) -> None:
    zero = PositionSummary("binance_spot:BTCUSDT", "0.00000000", "0", "0")
    engine.status = msgspec.to_builtins(msgspec.structs.replace(SNAPSHOT, positions=[zero]))
    assert tiercel("flatten")[0] == 0


def test_strategies_are_listed_enabled_and_disabled(tiercel: Tiercel, engine: Engine) -> None:
    code, out, _ = tiercel("strategy", "list")
    assert code == 0
    assert re.search(r"maker +BTCUSDT +enabled", out)
    assert re.search(r"taker +BTCUSDT +off: it raised", out)
    assert tiercel("strategy", "enable", "taker")[:2] == (0, "taker is enabled\n")
    assert tiercel("strategy", "disable", "maker")[:2] == (0, "maker is disabled and its orders are cancelled\n")
    assert engine.heard == [
        ("strategy", {"verb": "enable", "name": "taker"}),
        ("strategy", {"verb": "disable", "name": "maker"}),
    ]


def test_a_command_that_nobody_answers_says_what_is_left(
    tiercel: Tiercel, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "COMMAND_SECONDS", 0.01)
    engine.answers["strategy"] = None
    code, _, err = tiercel("strategy", "enable", "taker")
    assert code == 1
    assert "'tiercel kill --reason TEXT' closes the gate without its help" in err


def test_the_limits_are_shown_in_words_and_as_json(tiercel: Tiercel, engine: Engine) -> None:
    code, out, _ = tiercel("limits", "show")
    assert code == 0
    assert re.search(r"^max_order_value +60000 risk currency +policy \(default: 50000\)$", out, re.MULTILINE)
    assert re.search(r"^allowed +\(empty\) +default$", out, re.MULTILINE)
    assert "limits version 4; policy version 5" in out
    assert json.loads(tiercel("limits", "show", "--json")[1]) == LIMITS
    assert engine.heard == []


def test_a_limit_is_set_by_a_command_and_what_came_of_it_is_told(tiercel: Tiercel, engine: Engine) -> None:
    answer = {"key": "max_order_value", "before": "50000", "value": "60000", "unit": "USDT", "version": 2}
    engine.answers["set-limit"] = (True, answer | {"changed": True})
    code, out, _ = tiercel("limits", "set", "max_order_value", "60000", "--reason", "more money")
    assert (code, out) == (0, "max_order_value is 60000 USDT, was 50000 (limits version 2)\n")
    assert engine.heard == [("set-limit", {"key": "max_order_value", "value": "60000", "reason": "more money"})]
    engine.answers["set-limit"] = (True, answer | {"changed": False})
    assert tiercel("limits", "set", "max_order_value", "60000")[1] == (
        "max_order_value is 60000 already (limits version 2)\n"
    )


@pytest.mark.parametrize("code", [1, 2, 3])
def test_a_limit_that_is_refused_ends_with_the_code_that_the_engine_says(
    tiercel: Tiercel, engine: Engine, code: int
) -> None:
    engine.answers["set-limit"] = (False, {"error": "risk.x: no"} | ({"exit_code": code} if code > 1 else {}))
    assert tiercel("limits", "set", "x", "1") == (code, "", "tiercel: risk.x: no\n")


def test_the_orders_that_wait_are_listed(tiercel: Tiercel, engine: Engine) -> None:
    assert tiercel("approve")[:2] == (0, "manual is off; nothing waiting\n")
    row = {
        "number": 41, "strategy": "maker", "what": "limit", "instrument": "binance_spot:BTCUSDT", "side": "BUY",
        "quantity": "0.01", "price": "60000.00", "age_s": 12, "expires_in_s": 18,
    }  # fmt: skip
    engine.waiting = {"manual": True, "waiting": [row]}
    code, out, _ = tiercel("approve")
    assert code == 0
    assert out.startswith("manual is on: each order of a strategy waits for a person; 1 waiting\nnumber  strategy")
    assert re.search(r"^41 +maker +limit +BUY +0.01 +binance_spot:BTCUSDT +60000.00 +12 s +18 s$", out, re.MULTILINE)
    assert json.loads(tiercel("approve", "--json")[1]) == engine.waiting
    assert engine.heard == []


def test_an_order_that_waits_is_approved_or_denied_by_its_number(tiercel: Tiercel, engine: Engine) -> None:
    engine.answers["approve"] = (True, {"number": 41, "approved": True})
    assert tiercel("approve", "41")[:2] == (0, "41 is approved and on its way\n")
    assert json.loads(tiercel("approve", "41", "--json")[1]) == {"number": 41, "approved": True}
    assert tiercel("approve", "--deny", "41")[:2] == (0, "41 is denied\n")
    assert [asked["verdict"] for _, asked in engine.heard] == ["approve", "approve", "deny"]
    engine.answers["approve"] = (False, {"error": "41 waits no longer: approved by ann"})
    assert tiercel("approve", "41") == (1, "", "tiercel: 41 waits no longer: approved by ann\n")
    assert tiercel("approve", "--deny") == (
        2, "", "tiercel: --deny needs the NUMBER of an order; 'tiercel approve' lists those that wait\n",
    )  # fmt: skip


def test_manual_is_switched(tiercel: Tiercel, engine: Engine) -> None:
    engine.answers["manual"] = (True, {"manual": True, "changed": True})
    assert tiercel("manual", "on", "--reason", "a new venue")[:2] == (0, "manual is on\n")
    assert engine.heard == [("manual", {"to": "on", "reason": "a new venue"})]
    engine.answers["manual"] = (True, {"manual": True, "changed": False})
    assert tiercel("manual", "on")[1] == "manual is on already\n"
    assert tiercel("manual", "perhaps")[0] == 2
