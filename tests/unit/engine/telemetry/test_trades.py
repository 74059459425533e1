"""Every execution stands in the log of trades, as the trail tells it, and nothing else does."""

from __future__ import annotations

import json
from pathlib import Path

from engine.audit.files import MemoryTrail, day_files
from engine.audit.record import decode
from engine.telemetry.logs import Logs
from engine.telemetry.trades import TradesLog
from tiercel import run


def test_the_log_tells_each_fill_of_a_trail_and_passes_every_line_on(tmp_path: Path) -> None:
    summary = run(mode="backtest", duration="30s", data_dir=tmp_path)
    lines = [line + b"\n" for path in day_files(tmp_path) for line in path.read_bytes().splitlines()]
    logs = Logs(tmp_path, "t1-1")
    passed: list[bytes] = []
    trades = TradesLog(MemoryTrail(passed.append), logs)
    for line in lines:
        trades.append(line, decode(line.rstrip()).seq, 0)
    for call in (trades.flush, trades.sync, trades.close, logs.flush):
        call()
    assert passed == lines
    assert (trades.durable_seq, trades.dead) == (len(lines), False)
    fills = [record for record in map(json.loads, lines) if record["action"] == "order.fill"]
    told = [json.loads(line) for line in (tmp_path / "trades_1970-01-01.jsonl").read_text().splitlines()]
    assert len(told) == len(fills) == summary.fills > 0
    for line, record in zip(told, fills, strict=True):
        assert (line["seq"], line["order"], line["event"]) == (record["seq"], record["resource_id"], "fill")
        assert line["price"] == record["metadata"]["price"]
