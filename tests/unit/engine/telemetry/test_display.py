"""What a run shows while it lasts, and that showing it never holds it up."""

from __future__ import annotations

import io
import os
import pty
import sys

import msgspec
import pytest
from rich.console import Console

from engine.clock import NS_PER_SECOND
from engine.telemetry.display import NoDisplay, PlainDisplay, TableDisplay, choose_display
from engine.telemetry.metrics import Latency
from engine.telemetry.snapshot import BookRow, Snapshot, StrategyRow, plain_line
from engine.telemetry.summary import OrderCounts, PositionSummary, ProfitAndLoss
from engine.telemetry.table import picture


def make_snapshot(time_s: int = 1_000, **changes: object) -> Snapshot:
    snapshot = Snapshot(
        pid=1,
        run_id="t1-7",
        node="t1",
        mode="live",
        state="NORMAL",
        reason="",
        gate="OPEN",
        time_ns=time_s * NS_PER_SECOND,
        elapsed_s=12.5,
        progress=0.25,
        market_messages=12_000,
        market_rate=980,
        books=[BookRow("binance_spot:BTCUSDT", "SYNCHRONISED", "61685.99", "1.00", "61686.00", "2.00")],
        strategies=[
            StrategyRow("join_the_bid", True, ["BTCUSDT"]),
            StrategyRow("momentum", False, ["BTCUSDT"], "raised ZeroDivisionError"),
        ],
        positions=[PositionSummary("binance_spot:BTCUSDT", "0.002", "61690.12", "-0.01")],
        pnl=ProfitAndLoss("USDT", "-1.25", "-0.01", "0.52"),
        orders=OrderCounts(submitted=120, denied=3),
        open_orders=2,
        fills=44,
        latency_ns={"tick to order": Latency(120, 2_500, 12_800, 20_000, 31_000)},
        audit_records=480,
    )
    return msgspec.structs.replace(snapshot, **changes)


def drawn(snapshot: Snapshot) -> str:
    console = Console(file=io.StringIO(), width=160)
    console.print(picture(snapshot))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_table_shows_what_a_trader_looks_for() -> None:
    text = drawn(make_snapshot())
    for fact in (
        "NORMAL",
        "980 market messages/s",
        "25%",
        "61685.99",
        "off: raised ZeroDivisionError",
        "61690.12",
        "pnl USDT: realised -1.25",
        "120",
        "12.8 us",
    ):
        assert fact in text


def test_without_an_end_there_is_no_progress() -> None:
    assert "%" not in drawn(make_snapshot(progress=None))


def test_what_went_wrong_is_shown() -> None:
    text = drawn(make_snapshot(state="EMERGENCY", gate="CLOSED", reason="killed by ada", note="look"))
    assert "gate CLOSED" in text
    assert "killed by ada" in text
    assert "look" in text


def test_a_plain_line_says_the_same_in_short() -> None:
    assert plain_line(make_snapshot()) == (
        "12 s (25%)  NORMAL  980/s  binance_spot:BTCUSDT 61685.99/61686.00  orders 120, open 2, fills 44, denied 3  "
        "pnl -1.25 USDT"
    )
    stale = make_snapshot(progress=None, note="why", books=[BookRow("x:Y", "STALE", "1", "1", "2", "1")])
    assert plain_line(stale).startswith("12 s  NORMAL  980/s  x:Y 1/2 STALE")
    assert plain_line(stale).endswith("why")


def test_plain_lines_come_every_five_seconds_and_with_news() -> None:
    stream = io.StringIO()
    display = PlainDisplay(stream)
    for second in range(11):
        display.show(make_snapshot(second))
    assert stream.getvalue().count("\n") == 3
    display.show(make_snapshot(11, state="EMERGENCY"))
    display.show(make_snapshot(12, state="EMERGENCY", note="new"))
    display.show(make_snapshot(13, state="EMERGENCY", note="new"))
    assert stream.getvalue().count("\n") == 5
    display.close()


def test_standard_output_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(choose_display(json=True), NoDisplay)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert isinstance(choose_display(json=False), PlainDisplay)


def test_json_leaves_standard_output_alone(capsys: pytest.CaptureFixture[str]) -> None:
    display = choose_display(json=True)
    display.show(make_snapshot())
    display.close()
    assert capsys.readouterr().out == ""


def test_the_drawing_process_draws_on_the_terminal_and_ends_with_the_pipe() -> None:
    leader, follower = pty.openpty()
    shown = os.dup(1)
    os.dup2(follower, 1)
    try:
        display = TableDisplay()
        display.show(make_snapshot())
        text = b""
        while b"join_the_bid" not in text:
            text += os.read(leader, 65_536)
        display.close()
    finally:
        os.dup2(shown, 1)
        os.close(shown)
        os.close(follower)
        os.close(leader)
    assert display._process.returncode is not None


def test_a_dead_drawing_process_does_not_stop_the_run() -> None:
    display = TableDisplay()
    display._process.kill()
    display._process.wait()
    for _ in range(3):
        display.show(make_snapshot())
    display.close()


def test_a_full_pipe_leaves_snapshots_out() -> None:
    display = TableDisplay()
    display._process.kill()
    display._process.wait()
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    os.dup2(writer, display._pipe.fileno())
    os.set_blocking(display._pipe.fileno(), False)
    os.close(writer)
    for second in range(200):
        display.show(make_snapshot(second))
    received = os.read(reader, 1 << 20)
    display.show(make_snapshot(999))
    received += os.read(reader, 1 << 20)
    os.close(reader)
    lines = received.split(b"\n")[:-1]
    assert 0 < len(lines) < 200
    assert [msgspec.json.decode(line, type=Snapshot).run_id for line in lines] == ["t1-7"] * len(lines)
    display.close()
