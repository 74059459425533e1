"""A restart resets no limit: what a killed engine had used up is used up in the next one.

The loss of a day, its orders and slippage, the losses in a row and the fills of the last minute are counted through a
SIGKILL, with a venue that outlives the engines. The trail alone carries them: the cache in state/ is deleted first.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.e2e.engines import Place, Process, place, reached
from tests.e2e.venue import Venue

pytestmark = pytest.mark.untraced  # it measures time, which tracing stretches

SECONDS = 40
LOSS = Decimal(50)


def limited(configuration: str, **limits: str) -> str:
    """Return a configuration in which these limits of [risk] are others."""
    lines = [line for line in configuration.splitlines() if line.partition(" ")[0] not in limits]
    return "\n".join([*lines, *(f"{name} = {value}" for name, value in limits.items())]) + "\n"


def start(here: Place) -> Process:
    return here.start("run", str(here.root / "config.toml"), "--json")


def lost(here: Place) -> Decimal:
    """Return what the trades that were closed have lost."""
    closed = [record["after_state"] for record in here.records("trade.close") if record["resource_type"] == "position"]
    return -sum((Decimal(after["result"]) for after in closed), Decimal(0))


def kill(here: Place, engine: Process) -> int:
    """Kill an engine and lose the cache of what it knew; returns the number of records that it left."""
    engine.destroy()
    (here.data / "state" / "risk.json").unlink(missing_ok=True)
    return len(here.records())


def denials(here: Place, reason: str, after: int) -> int:
    """Count the denials of a reason after a number of records."""
    return sum(record["reason"] == reason for record in here.records("order.deny") if record["seq"] > after)


def approvals(here: Place, after: int = 0) -> int:
    return sum(record["seq"] > after for record in here.records("order.approve"))


def test_a_kill_at_nine_tenths_of_the_daily_loss_leaves_one_tenth(tmp_path: Path) -> None:
    with place(tmp_path) as here:
        venue = Venue(here)
        here.environ |= venue.environ
        text = venue.configuration("loser:Loser")
        here.configure(limited(text, max_daily_loss=f'"{LOSS}"', loss_reduce_pct="100"), "loser")
        engine = start(here)
        engine.until(lambda: lost(here) >= LOSS * 9 / 10, SECONDS, "nine tenths of the loss")
        begun = kill(here, engine)
        before = lost(here)
        assert before < LOSS
        assert not reached(here, "EMERGENCY")
        engine = start(here)
        engine.until(lambda: reached(here, "EMERGENCY", begun), SECONDS, "the loss of the day")
        assert lost(here) - before < LOSS / 2, "the second engine was given a loss of its own"
        engine.until(lambda: here.records("emergency.triggered"), SECONDS, "the word of it")
        assert "loss of the day" in here.records("emergency.triggered")[0]["reason"]
        engine.destroy()


def test_a_kill_gives_back_no_order_of_the_day(tmp_path: Path) -> None:
    with place(tmp_path) as here:
        venue = Venue(here)
        here.environ |= venue.environ
        here.configure(limited(venue.configuration("loser:Loser"), daily_orders_max="20"), "loser")
        engine = start(here)
        engine.until(lambda: approvals(here) >= 15, SECONDS, "fifteen orders")
        begun = kill(here, engine)
        engine = start(here)
        engine.until(lambda: denials(here, "MAX_DAILY_ORDERS", begun), SECONDS, "the last order of the day")
        assert approvals(here) == 20
        engine.destroy()


def test_a_kill_forgives_no_loss_in_a_row(tmp_path: Path) -> None:
    with place(tmp_path) as here:
        venue = Venue(here)
        here.environ |= venue.environ
        text = limited(venue.configuration("loser:Loser"), losses_in_row_max="8", execution_fills_max="1_000")
        here.configure(text, "loser")
        engine = start(here)

        def losses() -> int:
            rows = [record["after_state"] for record in here.records("trade.close")]
            return max([row["losses_in_row"] for row in rows if "losses_in_row" in row], default=0)

        engine.until(lambda: losses() >= 5, SECONDS, "five losses in a row")
        begun = kill(here, engine)
        assert losses() < 8
        engine = start(here)
        engine.until(lambda: losses() >= 8, SECONDS, "the eighth loss in a row")
        engine.until(lambda: reached(here, "PROTECTIVE", begun), SECONDS, "orders that only reduce")
        assert losses() == 8
        engine.destroy()


def test_a_kill_forgets_no_fill_of_the_last_minutes(tmp_path: Path) -> None:
    with place(tmp_path) as here:
        venue = Venue(here)
        here.environ |= venue.environ
        text = limited(venue.configuration("loser:Loser"), execution_fills_max="12", execution_window_s="600")
        here.configure(text, "loser")

        def bought() -> int:
            return sum(record["metadata"]["side"] == "BUY" for record in here.records("order.fill"))

        engine = start(here)
        engine.until(lambda: bought() >= 8, SECONDS, "eight fills of one side")
        kill(here, engine)
        assert bought() <= 12
        engine = start(here)
        engine.until(lambda: here.records("config.strategy_disable"), SECONDS, "the strategy to be stopped")
        assert "EXECUTION_THROTTLE" in here.records("config.strategy_disable")[0]["reason"]
        assert bought() <= 20
        engine.destroy()


def test_a_kill_gives_back_no_slippage_of_the_day(tmp_path: Path) -> None:
    with place(tmp_path) as here:
        venue = Venue(here)
        here.environ |= venue.environ
        here.configure(limited(venue.configuration("loser:Loser"), slippage_session='"0.05"'), "loser")
        engine = start(here)
        engine.until(lambda: denials(here, "SLIPPAGE_BUDGET", 0), SECONDS, "the end of the budget")
        begun = kill(here, engine)
        spent_on = len(here.records("order.fill"))
        engine = start(here)
        engine.until(lambda: denials(here, "SLIPPAGE_BUDGET", begun) > 3, SECONDS, "the same end in the next engine")
        fills_count = len(here.records("order.fill")) - spent_on
        assert fills_count < spent_on / 2, "the second engine was given a budget of its own"
        engine.destroy()
