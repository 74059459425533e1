"""`import tiercel` is light, exports what it says, and passes a strict type checker in a user's project."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import tiercel

USER_FILE = '''
from decimal import Decimal

from tiercel import OrderFilled, Quote, Side, Strategy, StrategyParams
from tiercel.testing import StrategyHarness


class JoinTheBid(Strategy):
    """Keep one post-only buy at the best bid."""

    class Params(StrategyParams):
        quantity: Decimal = Decimal("0.001")

    def on_quote(self, quote: Quote) -> None:
        mine = self.working(quote.instrument, Side.BUY)
        if mine is None:
            self.buy(quote.instrument, self.params.quantity, price=quote.bid, post_only=True)
        elif mine.price_ticks != quote.bid_ticks:
            self.cancel(mine)


class Typed(Strategy):
    class Params(StrategyParams):
        quantity: Decimal = Decimal("0.001")

    params: Params

    def on_start(self) -> None:
        self.filled: Decimal = Decimal(0)
        self.every(1, self.report)

    def on_filled(self, fill: OrderFilled) -> None:
        self.filled += fill.quantity
        self.log(f"{fill.side.name} {fill.quantity} at {fill.price} of {self.params.quantity}")

    def report(self) -> None:
        self.log(f"{self.now:%H:%M:%S} {self.equity}")


def test_it_joins() -> None:
    harness = StrategyHarness(JoinTheBid, params={"quantity": "0.002"})
    harness.quote("60000.00", "60000.01")
    order = harness.orders[0]
    harness.accept(order)
    harness.fill(order, "0.001")
    assert harness.strategy.position("BTCUSDT") == Decimal("0.001")
    typed = StrategyHarness(Typed)
    typed.fill(typed.strategy.buy("BTCUSDT", "0.1"), price="60000")
    assert typed.strategy.filled == Decimal("0.1")


test_it_joins()
'''


def test_every_name_is_there() -> None:
    for name in tiercel.__all__:
        assert getattr(tiercel, name).__name__ == name
    assert set(tiercel.__all__) <= set(dir(tiercel))
    assert set(tiercel.__all__) == set(tiercel._HOME_OF)


def test_a_wrong_name_is_explained() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Stratagy'; it has Strategy"):
        _ = tiercel.Stratagy  # type: ignore[attr-defined]


def test_importing_it_loads_nothing_of_the_engine() -> None:
    heavy = ("actors", "engine", "hotpath", "msgspec")
    code = f"import sys, tiercel; print([name for name in sys.modules if name.split('.')[0] in {heavy}])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_users_file_runs_and_passes_the_strict_type_checker(tmp_path: Path) -> None:
    file = tmp_path / "join_the_bid.py"
    file.write_text(USER_FILE)
    subprocess.run([sys.executable, str(file)], capture_output=True, check=True, env={"PYTHONPATH": str(Path.cwd())})
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path}/cache", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"MYPYPATH": str(Path.cwd())})
    assert done.returncode == 0, done.stdout + done.stderr
    file.write_text(USER_FILE.replace("quote.bid,", "quote.bit,").replace("Decimal(0)", "0"))
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"MYPYPATH": str(Path.cwd())})
    assert "attr-defined" in done.stdout
    assert "assignment" in done.stdout
