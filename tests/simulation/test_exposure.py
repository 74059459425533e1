"""S-07, I6: at the venue the worst case is never above the limit, whatever is sent, lost, answered late, or crashes.

A strategy does everything at random, requests are lost or carried out without an answer, private frames are lost,
doubled and late, sessions end, the engine is killed and started again. The venue's own books say what could happen at
worst: its position and everything that is open on one side, valued at the collar's edge of the lowest price there was.
TIERCEL_SOAK=1 tries ten thousand sequences.
"""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from random import Random

import pytest

from engine.clock import NS_PER_SECOND
from engine.messages.market import Side
from gateways.simulator.faults import Fault, FaultPlan
from tests.e2e.engines import rounds
from tests.simulation import truth
from tests.simulation.desk import Simulation, position_lots
from tests.simulation.test_incidents import an_order_that_left_is_forgotten

LIMIT = 3_000
"""Of the position's value, in USDT."""
COLLAR = 1.05
BATCH = 25
SEQUENCES = rounds(150, 10_000)
FAULTS = {
    Fault.LOSE_REQUEST: 40,
    Fault.DROP_ANSWER: 40,
    Fault.SERVER_ERROR: 40,
    Fault.DISCONNECT: 10,
    Fault.DUPLICATE_REPORT: 40,
    Fault.DELAY_ANSWER: 40,
    Fault.REPORTS_FIRST: 40,
}
SHAKING = {"lose": 5, "double": 40, "delay": 60, "hang up": 5}


class Worst:
    """The highest exposure that the venue could have come to."""

    def __init__(self) -> None:
        self.lots = 0
        self.low_ticks = 10**9

    def look(self, run: Simulation) -> None:
        """Look at the venue's books."""
        exchange = run.exchange()
        position = position_lots(exchange)
        open_lots = dict.fromkeys(Side, 0)
        for order in exchange._open.values():
            open_lots[order.side] += order.lots - order.filled_lots
        self.lots = max(self.lots, position + open_lots[Side.BUY], open_lots[Side.SELL] - position)
        bid_ticks, _, ask_ticks, _ = exchange.book.best()
        self.low_ticks = min(self.low_ticks, (bid_ticks + ask_ticks) // 2)

    @property
    def value(self) -> float:
        """The worst case in USDT."""
        return self.lots / 10**8 * self.low_ticks / 100 * COLLAR


def sequence(seed: int, worst: Worst) -> Simulation:
    """Live through one sequence: two seconds, perhaps a crash, and two seconds more, until all is settled."""
    random = Random(seed)
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        run = None
        for life in range(random.choice([1, 2])):
            run = Simulation(
                Path(folder),
                "Restless",
                seconds=2,
                seed=seed,
                faults=FaultPlan(seed, permille=FAULTS),
                messages_per_second=30,
                risk=f"max_position_value = {LIMIT}",
                params='quantity = "0.005"',
                after=run,
            )
            run.looks.append(partial(worst.look, run))
            run.between.shake(seed + life, SHAKING, run.start_ns + NS_PER_SECOND)
            if run.data.exists() and life == 0 and random.random() < 0.5:
                run.at(random.uniform(0.2, 2.0), run.crash)
            run.go()
        assert run is not None
        truth.once(run)
    return run


@pytest.mark.parametrize("batch", range(SEQUENCES // BATCH))
def test_the_worst_case_at_the_venue_is_never_above_the_limit(batch: int) -> None:
    orders = 0
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        worst = Worst()
        run = sequence(seed, worst)
        assert worst.value <= LIMIT, f"seed {seed}: the venue could have come to {worst.value:.2f} of {LIMIT}"
        orders += len(run.venue_orders())
    assert orders > 4 * BATCH


def test_without_its_reservations_the_same_check_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """What left is given back at once: the venue comes to more than is allowed."""
    an_order_that_left_is_forgotten(monkeypatch)
    values = []
    for seed in range(BATCH):
        worst = Worst()
        sequence(seed, worst)
        values.append(worst.value)
    assert max(values) > LIMIT
