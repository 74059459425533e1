"""An engine that is killed anywhere goes on as if nothing had happened: nothing is lost, nothing is sent twice.

A venue lives through ten kills; more starts in a minute would use up the request weight that it grants. The truth is
the venue's: its trades and its balances, asked over its own API, and what passed the wire. TIERCEL_SOAK=1 kills a
thousand times.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from engine.audit.rebuild import rebuild
from engine.instruments import Instruments
from hotpath.core.units import money_text
from tests.e2e.engines import Place, Process, place, reached, rounds, until
from tests.e2e.venue import Venue, wire

pytestmark = pytest.mark.untraced  # it measures time, which tracing stretches

SEEDS = range(rounds(2, 100))
KILLS = 10
START_SECONDS = 20
TRADE_SECONDS = 60
LIFE_SECONDS = (0.05, 1.0)
BEGUN_SHARE = 0.8
"""Of the kills that fall after the run began, however long the machine takes to start it; the others fall anywhere."""


def start(here: Place) -> Process:
    return here.start("run", str(here.root / "config.toml"), "--json")


def starts(here: Place) -> list[int]:
    """Return where each run begins in the trail."""
    return [record["seq"] for record in here.records("system.start")]


def _began(here: Place, earlier: int) -> bool:
    """Return whether there is a run beyond those that there were."""
    return len(starts(here)) > earlier


def ledger(here: Place) -> dict[str, Decimal]:
    """Return what the trail says that we own, by asset."""
    state = rebuild(here.data, Instruments([]), save=False)
    return {asset: Decimal(money_text(money)) for asset, money in state.ledger.items()}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_killed_engine_recovers_uses_no_id_twice_and_agrees_with_the_venue(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    with place(tmp_path) as here:
        venue = Venue(here)
        here.environ |= venue.environ
        opening = venue.balances()
        with wire(venue.api_url) as between:
            here.configure(venue.configuration("quoter:Quoter", api_url=between.url), "quoter")
            for _ in range(KILLS):
                earlier = len(starts(here))
                engine = start(here)
                if random.random() < BEGUN_SHARE:
                    began = partial(_began, here, earlier)
                    engine.until(began, START_SECONDS, "the run's beginning")
                life = random.uniform(*LIFE_SECONDS)
                try:
                    until(lambda engine=engine: not engine.running, life, "the moment of the kill")  # type: ignore[misc]
                except TimeoutError:
                    engine.destroy()
                else:
                    raise AssertionError(f"the engine ended by itself: {engine.stderr}")

            begun = len(here.records())
            engine = start(here)
            proven = "CAUTIOUS" if begun else "NORMAL"  # on a slow machine no run may have lived long enough to begin
            engine.until(lambda: reached(here, proven, begun), START_SECONDS, "the last start to be proven")
            engine.until(lambda: len(here.records("order.fill")) > KILLS, TRADE_SECONDS, "more fills than kills")
            engine.interrupt()
            assert engine.wait() == 0, engine.stderr
            sent = Counter(between.new_ids())

        assert [name for name, count in sent.items() if count > 1] == []
        submitted = Counter(record["resource_id"] for record in here.records("order.submit"))
        assert [name for name, count in submitted.items() if count > 1] == []
        assert sum(sent.values()) > KILLS

        trades = venue.trades()
        booked = Counter(record["metadata"]["trade_id"] for record in here.records("order.fill"))
        assert booked == Counter(trade["id"] for trade in trades)
        assert len(trades) > KILLS

        balances = venue.balances()
        assert ledger(here) == balances
        assert balances == moved(opening, trades)
        words = [record["reason"] for record in here.records("state.change") if record["resource_type"] == "ledger"]
        assert words == ["opening balances"]
        assert venue.open_orders() == []
        verdict = here.bare("audit", "verify", "--data-dir", str(here.data))
        assert verdict.returncode == 0, verdict.stdout


def moved(opening: dict[str, Decimal], trades: list[dict[str, Any]]) -> dict[str, Decimal]:
    """Return the balances that the opening ones and the venue's own trades come to."""
    balances = dict(opening)
    for trade in trades:
        sign = 1 if trade["isBuyer"] else -1
        balances["BTC"] += sign * Decimal(trade["qty"])
        balances["USDT"] -= sign * Decimal(trade["quoteQty"])
        balances[trade["commissionAsset"]] -= Decimal(trade["commission"])
    return balances
