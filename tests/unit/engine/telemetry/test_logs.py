"""Log lines land in the file of their kind and day, and a full disk costs lines only."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from engine.clock import NS_PER_DAY
from engine.telemetry.logs import LINES_WAITING_MAX, Bridge, Log, Logs

MIDNIGHT = 1_723_161_600 * 10**9  # 2024-08-09T00:00:00Z


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("log", list(Log))
def test_each_kind_has_a_file_for_each_day(tmp_path: Path, log: Log) -> None:
    logs = Logs(tmp_path, "t1-7")
    logs.write(log, MIDNIGHT - 1, "before", instrument="BTCUSDT")
    logs.write(log, MIDNIGHT, "after")
    logs.flush()
    assert lines(tmp_path / f"{log.value}_2024-08-08.jsonl") == [
        {
            "timestamp": "2024-08-08T23:59:59.999999999Z",
            "run_id": "t1-7",
            "event": "before",
            "instrument": "BTCUSDT",
        }
    ]
    assert [line["event"] for line in lines(tmp_path / f"{log.value}_2024-08-09.jsonl")] == ["after"]


def test_nothing_is_written_before_the_flush(tmp_path: Path) -> None:
    logs = Logs(tmp_path, "r")
    logs.engine(MIDNIGHT, "start")
    assert list(tmp_path.iterdir()) == []
    logs.flush()
    logs.flush()
    logs.trade(MIDNIGHT + NS_PER_DAY - 1, "fill", quantity="0.1")
    logs.flush()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["engine_2024-08-09.jsonl", "trades_2024-08-09.jsonl"]


def test_an_error_brings_its_traceback(tmp_path: Path) -> None:
    logs = Logs(tmp_path, "r")
    try:
        raise ZeroDivisionError("by nothing")
    except ZeroDivisionError as problem:
        logs.failure(MIDNIGHT, "handler failed", problem, actor="strategy:x")
    logs.failure(MIDNIGHT, "link lost")
    logs.flush()
    first, second = lines(tmp_path / "errors_2024-08-09.jsonl")
    assert first["problem"] == "ZeroDivisionError: by nothing"
    assert "test_an_error_brings_its_traceback" in str(first["traceback"])
    assert "traceback" not in second


def test_lines_beyond_the_bound_are_counted(tmp_path: Path) -> None:
    logs = Logs(tmp_path, "r")
    for _ in range(LINES_WAITING_MAX + 3):
        logs.engine(MIDNIGHT, "flood")
    assert logs.lost_count == 3
    logs.flush()
    assert len(lines(tmp_path / "engine_2024-08-09.jsonl")) == LINES_WAITING_MAX


def test_a_disk_that_takes_nothing_costs_lines_only(tmp_path: Path) -> None:
    logs = Logs(tmp_path / "absent", "r")
    logs.engine(MIDNIGHT, "start")
    logs.flush()
    assert logs.lost_count == 1


def test_what_a_gateway_logs_stands_in_the_engines_file(tmp_path: Path) -> None:
    logs = Logs(tmp_path, "t1-1")
    logger = logging.getLogger("test_bridge")
    logger.addHandler(Bridge(logs, lambda: 0))
    logger.warning("%s is down", "sim")
    logs.flush()
    (line,) = (tmp_path / "engine_1970-01-01.jsonl").read_text().splitlines()
    assert '"text":"sim is down"' in line
