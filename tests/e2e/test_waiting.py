"""Orders that wait in a whole engine: a run is replayed with them, and a killed engine has them wait on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.engines import Place, place, reached
from tests.e2e.venue import Venue

pytestmark = pytest.mark.untraced  # whole processes; the same code runs under faster tests

BACKTEST = """
[venues.binance_spot]
environment = "embedded"

[[strategies]]
class = "patient:Patient"
instruments = ["BTCUSDT"]
"""


def waiting(here: Place, action: str = "") -> list[dict[str, Any]]:
    """Return the records about orders that wait."""
    return [record for record in here.records(action) if record["resource_type"] == "trigger"]


def test_a_backtest_with_orders_that_wait_is_replayed_identically_and_found_by_search(tmp_path: Path) -> None:
    with place(tmp_path) as here:
        here.configure(BACKTEST, "patient")
        summary = here.json("run", str(here.root / "config.toml"), "--mode", "backtest", "--duration", "20s")
        assert (summary["dead_letters"], summary["halts"], summary["state"]) == (0, 0, "NORMAL")
        assert summary["waiting"] == {
            "waiting": 0, "armed": 6, "fired": 2, "filled": 1, "canceled": 4, "expired": 1, "rejected": 0,
        }  # fmt: skip
        replayed = here.tiercel("replay")
        assert (replayed.returncode, "identical" in replayed.stdout) == (0, True), replayed.stdout
        assert here.tiercel("audit", "verify").returncode == 0
        (entry,) = (record for record in waiting(here, "order.accept") if record["after_state"]["state"] == "FIRING"
                    and record["metadata"]["terms"].get("entry") == -1)  # fmt: skip
        shown = here.tiercel("audit", "show", entry["resource_id"]).stdout
        for action in ("trade.decision", "order.approve", "order.accept", "order.submit", "order.fill"):
            assert action in shown
        assert len(waiting(here, "order.expire")) == 1


def test_a_restart_rearms_from_the_audit_trail_before_trading(tmp_path: Path) -> None:
    with place(tmp_path) as here:
        venue = Venue(here)
        here.environ |= venue.environ
        here.configure(venue.configuration("patient:Patient"), "patient")
        config = str(here.root / "config.toml")
        engine = here.start("run", config, "--json")
        engine.until(lambda: len(waiting(here, "order.expire")) == 1, 30, "the order with an end to end")
        engine.until(lambda: len(waiting(here, "order.accept")) == 6, 30, "every order to wait")
        before = {record["resource_id"]: record for record in waiting(here)}
        alive = {name for name, record in before.items() if record["after_state"]["state"] == "ARMED"}
        assert len(alive) == 4
        engine.destroy()

        begun = len(here.records())
        engine = here.start("run", config, "--json")
        engine.until(lambda: reached(here, "CAUTIOUS", begun), 30, "the last start to be reconciled")
        again = [record for record in waiting(here) if record["seq"] > begun]
        assert {record["resource_id"] for record in again if record["reason"] == "kept over a restart"} == alive
        rose = next(record["seq"] for record in here.records("state.change") if record["seq"] > begun
                    and record["after_state"].get("state") in ("CAUTIOUS", "NORMAL"))  # fmt: skip
        assert max(record["seq"] for record in again if record["reason"] == "kept over a restart") < rose
        assert [record for record in waiting(here, "order.accept") if record["seq"] > begun] == []
        engine.interrupt()
        assert engine.wait() == 0, engine.stderr
        ended = {record["resource_id"] for record in waiting(here, "order.cancel") if record["seq"] > begun}
        assert ended == alive, "the end of a run cancels what waits"
        assert here.tiercel("replay").returncode == 0
