"""A program runs an engine and reads the summary."""

from __future__ import annotations

from pathlib import Path

import pytest

from tiercel import UsageError, run


def test_a_backtest_on_the_synthetic_market_returns_its_summary(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = run(mode="backtest", duration="5s", data_dir=tmp_path)
    assert (summary.state, summary.halts, summary.dead_letters) == ("NORMAL", 0, 0)
    assert summary.market_messages > 100
    assert capsys.readouterr().out == ""
    assert (tmp_path / "runs" / summary.run_id / "summary.json").is_file()


def test_a_wrong_call_is_the_callers_fault(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such file"):
        run(captures=["nowhere.gz"], data_dir=tmp_path)
