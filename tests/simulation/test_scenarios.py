"""Markets as they come: calm, wild, broken, falling and back; several strategies, several symbols.

Whatever happens, the venue's books and ours agree at the end, nothing is left open, and no limit was passed on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sin
from pathlib import Path

import pytest

from engine.messages.market import Side
from tests.simulation import truth
from tests.simulation.desk import BALANCES, UNIT, Simulation, position_lots
from tests.simulation.market import START, calm

LIMIT = 3_000
RISK = f"max_position_value = {LIMIT}"
COLLAR = 0.05
GROSS_PCT = 0.8


def wild(seconds: float) -> float:
    """Two percent up and down within seconds, in three rhythms."""
    return 1 + 0.01 * sin(seconds * 2.1) + 0.006 * sin(seconds * 0.7) + 0.004 * sin(seconds * 5.3)


def crash(seconds: float) -> float:
    """Twelve percent down within four seconds, and most of the way back within ten."""
    fall = min(max((seconds - 8) / 4, 0), 1)
    rise = min(max((seconds - 14) / 10, 0), 1)
    return 1 - 0.12 * fall + 0.10 * rise


def long_fall(seconds: float) -> float:
    """Six percent down over half a minute, and back over another."""
    return 1 - 0.06 * min(max((seconds - 5) / 30, 0), 1) + 0.06 * min(max((seconds - 45) / 30, 0), 1)


def within(run: Simulation, limit: float, symbols: tuple[str, ...] = ("BTCUSDT",)) -> Callable[[], float]:
    """Watch the venue: what all symbols together could come to on one side stays within a limit. Returns the most."""
    most = [0.0]
    low = dict.fromkeys(symbols, 1e18)

    def look() -> None:
        worst = 0.0
        for symbol in symbols:
            exchange = run.exchange(symbol)
            bid_ticks, _, ask_ticks, _ = exchange.book.best()
            low[symbol] = min(low[symbol], (bid_ticks + ask_ticks) / 200)
            lots = position_lots(exchange)
            buys, sells = (
                sum(order.lots - order.filled_lots for order in exchange._open.values() if order.side is side)
                for side in (Side.BUY, Side.SELL)
            )
            worst += max(lots + buys, sells - lots) / UNIT * low[symbol] * (1 + COLLAR)
        most[0] = max(most[0], worst)
        assert worst <= limit, f"the venue could come to {worst:.0f} of {limit}"

    run.looks.append(look)
    return lambda: most[0]


def collared(run: Simulation) -> None:
    """Watch the venue: nothing that we took was further from its mid than the collar allows."""
    mids: dict[str, float] = {}
    seen = dict.fromkeys(run.symbols, 0)

    def look() -> None:
        for symbol in run.symbols:
            exchange = run.exchange(symbol)
            for fill in exchange.fills_since(seen[symbol]):
                far = abs(fill.price_ticks - mids[symbol])
                assert fill.is_maker or far <= 1.5 * COLLAR * mids[symbol], f"{fill} is far from {mids[symbol]:.0f}"
            seen[symbol] = exchange.fills_count
            bid_ticks, _, ask_ticks, _ = exchange.book.best()
            mids[symbol] = (bid_ticks + ask_ticks) / 2

    run.looks.append(look)


def test_a_normal_market(tmp_path: Path) -> None:
    run = Simulation(tmp_path, "BothSides", seconds=60, risk=RISK)
    most = within(run, LIMIT)
    summary = run.go()
    assert summary.state == "NORMAL"
    assert summary.orders.submitted > 100
    assert most() > LIMIT / 10
    truth.everything(run)


@pytest.mark.parametrize("seed", [1, 2])
def test_high_volatility(tmp_path: Path, seed: int) -> None:
    run = Simulation(tmp_path, "BothSides", "OneBuy", seconds=40, seed=seed, paths={"BTCUSDT": wild}, risk=RISK)
    within(run, LIMIT)
    collared(run)
    run.go()
    assert len(run.exchange().fills) > 3
    truth.everything(run)


def test_a_flash_crash(tmp_path: Path) -> None:
    run = Simulation(tmp_path, "BothSides", "Buyer", seconds=30, paths={"BTCUSDT": crash}, risk=RISK)
    within(run, LIMIT)
    collared(run)
    lows: list[int] = []
    run.looks.append(lambda: lows.append(run.exchange().book.best()[0]))
    run.go()
    assert min(lows) < 0.92 * START["BTCUSDT"], "the market never crashed"
    assert len(run.exchange().fills) > 5
    truth.everything(run)


def test_disagreeing_signals(tmp_path: Path) -> None:
    """One buys, one sells the same thing: together they stay within the limit, and each knows what is its own."""
    run = Simulation(tmp_path, "Buyer", "Seller", seconds=20, risk=RISK)
    within(run, LIMIT)
    run.go()
    portfolio = run.actor("portfolio")
    sides = {fill.side for fill in run.exchange().fills}
    assert sides == {Side.BUY, Side.SELL}
    held = [portfolio.held(strategy).get(0, 0) for strategy in (0, 1)]
    position = portfolio.positions[0]
    assert held[0] > 0 > held[1]
    assert sum(held) == position.lots + position.base_rest
    truth.everything(run)


def test_drawdown_and_recovery(tmp_path: Path) -> None:
    run = Simulation(tmp_path, "BothSides", seconds=80, paths={"BTCUSDT": long_fall}, risk=RISK)
    equities: list[int] = []
    run.looks.append(lambda: equities.append(run.actor("portfolio").equity or 0) if run.elapsed > 1 else None)
    within(run, LIMIT)
    run.go()
    assert min(equities) < max(equities) * 0.985
    truth.everything(run)


def test_several_correlated_symbols(tmp_path: Path) -> None:
    """Two symbols move together; the gross limit holds for both together, whatever each alone may do."""
    run = Simulation(
        tmp_path,
        "Buyer",
        "BothSides",
        seconds=20,
        paths={"BTCUSDT": wild, "ETHUSDT": wild},
        risk=f"{RISK}\ngross_exposure_pct = {GROSS_PCT}\nnet_exposure_pct = {GROSS_PCT}",
        params='quantity = "0.01"',
    )
    equity = sum(BALANCES[symbol[:3]] * START[symbol] for symbol in run.symbols) / UNIT / 100 + BALANCES["USDT"] / UNIT
    most = within(run, equity * 1.03 * GROSS_PCT / 100, ("BTCUSDT", "ETHUSDT"))
    run.go()
    assert {symbol for symbol in run.symbols if run.exchange(symbol).fills} == {"BTCUSDT", "ETHUSDT"}
    assert most() > equity * GROSS_PCT / 300
    truth.everything(run)


def test_the_same_seed_gives_the_same_run(tmp_path: Path) -> None:
    heads = set()
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        run = Simulation(tmp_path / name, "BothSides", seconds=10, paths={"BTCUSDT": calm})
        run.between.shake(5, {"lose": 20, "double": 100, "delay": 100, "hang up": 5}, run.start_ns + 8 * 10**9)
        heads.add(run.go().audit.head)
    assert len(heads) == 1
