"""The policy store is down: what persons decided cannot be read, and the safe defaults are in force, and said.

A backtest keeps no policy, so these runs open theirs as a live run does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.cli.opening import Opened
from engine.config.load import Loaded
from engine.config.risk import RiskLimits
from engine.datadir import DataDir
from engine.policy.policy import PolicyStart
from engine.policy.store import start
from tests.simulation import truth
from tests.simulation.desk import Simulation
from tests.simulation.test_scenarios import within

LOOSE = 40_000
"""Of a position's value, as it is configured; the documented default is a quarter of it."""
DEFAULT = float(RiskLimits().max_position_value)


@pytest.fixture(autouse=True)
def _policy_as_in_a_live_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(self: Opened, loaded: Loaded, state: Any, problem: str) -> PolicyStart:
        path = self.directory.policy
        return start(path, state.policy, state.limits_sha256, loaded.config.risk, {}, trail_problem=problem)

    monkeypatch.setattr(Opened, "_policy", read)


def bought(folder: Path, limit: float) -> tuple[Simulation, float]:
    """Let somebody buy as much as he is let, and return the most that the venue could have come to."""
    run = Simulation(folder, "Buyer", seconds=6, risk=f"max_position_value = {LOOSE}", params='quantity = "0.05"')
    most = within(run, limit)
    run.go()
    truth.everything(run)
    return run, most()


def test_a_store_that_can_be_read_leaves_the_configuration_in_force(tmp_path: Path) -> None:
    run, most = bought(tmp_path, LOOSE)
    assert most > DEFAULT
    assert not list(truth.records(run, "policy."))


def test_a_store_that_cannot_be_read_leaves_the_safe_defaults_in_force_and_says_so(tmp_path: Path) -> None:
    store = DataDir(tmp_path / "var").policy
    store.parent.mkdir(parents=True)
    store.write_bytes(b'{"format": 1, "policy": {"limi')
    run, most = bought(tmp_path, DEFAULT)
    assert most > DEFAULT / 4
    (said,) = [record for record in truth.records(run) if record["resource_type"] == "policy"]
    assert said["reason"]
    assert store.read_bytes().startswith(b'{"format": 1, "policy": {"limi')
