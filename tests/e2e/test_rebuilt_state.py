"""What a restart would begin with is what the actors believe: asked all through a backtest that does everything.

At any moment a process may be killed. So between any two inputs the trail so far, folded, must say the ledger and
positions of portfolio, the position and worst case of risk, the orders of orders, and what each strategy holds.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from actors.orders.slot import Slot
from engine.audit.desk_state import DeskState, OrderState
from engine.audit.fold import Fold
from engine.audit.lines import forward
from engine.audit.record import decode
from engine.cli.assembly import Assembled
from engine.cli.opening import Opened
from engine.cli.simulated import SimulatedRun
from engine.cli.strategies import load_strategies
from engine.config.load import load_config
from engine.datadir import DataDir
from engine.telemetry.display import choose_display
from hotpath.orders import transitions
from tests.e2e.engines import LOUD, STRATEGIES

INPUTS_BETWEEN = 29
CONFIG = f"""
[engine]
mode = "backtest"
duration_s = 120
seed = 3
[venues.binance_spot]
environment = "embedded"
order_latency_ms = 20
[[strategies]]
class = "restless:Restless"
instruments = ["BTCUSDT"]
[[strategies]]
class = "restless:Restless"
name = "second"
instruments = ["BTCUSDT"]
params = {{ quantity = "0.02" }}
{LOUD}"""


class Witness:
    """Folds a run's trail as it grows and compares it with the run's actors."""

    def __init__(self, run: Assembled, trail: Any) -> None:
        """`trail` is what the run's audit writer hands its lines to."""
        self._run = run
        self._fold = Fold(run.instruments)
        self._append = trail.append
        self.compared_count = 0
        self.amends_open_count = 0

    def append(self, line: bytes, seq: int, time_ns: int) -> Any:
        """Fold a line on its way to the disk."""
        self._fold.add(decode(bytes(line).rstrip(b"\n")))
        return self._append(line, seq, time_ns)

    def compare(self) -> None:
        """Say that the trail and the actors agree."""
        state, run = self._fold.result(), self._run
        self._compare_money(state)
        live = {slot.client_order_id: slot for slot in run.actor("orders").moves.book.live.values()}
        assert {name: facts_of(order) for name, order in state.orders.items()} == {
            name: facts_of_slot(slot) for name, slot in live.items()
        }
        self._compare_worst_case(state, list(live.values()))
        for index, name in enumerate(run.strategy_names):
            held = {run.instruments.find(each).index: money for each, money in state.held.get(name, {}).items()}
            actor = run.actor(f"strategy:{name}")
            host = {each.index: actor._markets[each.index].position_money for each in actor.instruments}
            assert {key: money for key, money in held.items() if money} == {
                key: money for key, money in host.items() if money
            }
            assert run.actor("portfolio").held(index) == held
        self.compared_count += 1

    def _compare_money(self, state: DeskState) -> None:
        portfolio, risk = self._run.actor("portfolio"), self._run.actor("risk")
        assert state.ledger == portfolio.ledger.balances
        day = portfolio.day
        assert (state.day_realised, state.day_fees, state.day_traded) == (day.realised, day.fees, day.traded)
        assert state.losses_in_row == portfolio.trades.losses_in_row
        assert state.day_orders == risk.limits.daily_orders(self._run.system.moment.now_ns)
        for instrument in self._run.instruments:
            position = portfolio.positions[instrument.index]
            kept = state.positions.get(instrument.name)
            told = (kept.lots, kept.cost, kept.realised, kept.base_rest) if kept is not None else (0, 0, 0, 0)
            assert told == (position.lots, position.cost, position.realised, position.base_rest)
            assert told[0] == risk.exposure.position_lots(instrument.index)

    def _compare_worst_case(self, state: DeskState, live: list[Slot]) -> None:
        exposure = self._run.actor("risk").exposure
        assert exposure.open_count == len(live)
        for instrument in self._run.instruments:
            kept = state.positions.get(instrument.name)
            buys = sum(most_of(slot) for slot in live if slot.side > 0 and slot.instrument == instrument.index)
            sells = sum(most_of(slot) for slot in live if slot.side < 0 and slot.instrument == instrument.index)
            lots = kept.lots if kept is not None else 0
            assert exposure.worst_lots(instrument.index) == (lots + buys, sells - lots)
        self.amends_open_count += any(slot.next_id for slot in live)


def most_of(slot: Slot) -> int:
    """Return what may still be filled of an order at worst."""
    return max(slot.leaves_lots, slot.next_lots if slot.next_id else 0)


def facts_of(order: OrderState) -> tuple[Any, ...]:
    """Return what the trail says about an order."""
    numbers = (order.price_ticks, order.lots, order.filled_lots, order.intent)
    return (order.state, order.accepted, order.pending_id, order.other_ids, order.trade_ids, *numbers)


def facts_of_slot(slot: Slot) -> tuple[Any, ...]:
    """Return what orders knows about one."""
    state = transitions.OrderState(slot.state).name
    numbers = (slot.price_ticks, slot.lots, slot.filled_lots, slot.intent)
    return (state, slot.accepted, slot.next_id, list(slot.ids), list(slot.trade_ids or ()), *numbers)


@contextmanager
def backtest(root: Path) -> Iterator[tuple[SimulatedRun, Opened]]:
    """Make a backtest in this process."""
    (root / "config.toml").write_text(CONFIG)
    (root / "restless.py").write_text((STRATEGIES / "restless.py").read_text())
    loaded = load_config(root / "config.toml", {}, {})
    opened = Opened(DataDir(root / "data"))
    try:
        yield SimulatedRun(loaded, opened, choose_display(json=True), load_strategies(loaded)), opened
    finally:
        opened.close()
        sys.path[:] = [each for each in sys.path if each != str(root)]
        sys.modules.pop("restless", None)


def test_the_trail_rebuilds_what_every_actor_believes_at_any_moment(tmp_path: Path, monkeypatch: Any) -> None:
    with backtest(tmp_path) as (one, opened):
        run = one._run
        witness = Witness(run, opened.trail)
        monkeypatch.setattr(run.writer, "_append", witness.append)
        is_over, inputs_count = one._is_over, 0

        def watched() -> bool:
            nonlocal inputs_count
            inputs_count += 1
            if inputs_count % INPUTS_BETWEEN == 0:
                witness.compare()
            return is_over()

        monkeypatch.setattr(one, "_is_over", watched)
        summary = one.go()
        witness.compare()
        assert run.actor("portfolio").difference() == []
    assert summary.state == "NORMAL"
    assert summary.orders.filled > 50
    assert witness.compared_count > 1_000
    assert witness.amends_open_count > 20
    (file,) = (tmp_path / "data" / "logs" / "audit").iterdir()
    assert sum(1 for _ in forward(file, 0)) == summary.audit.records
