"""Every layer fails in turn, and then heals: within a minute nothing is unknown, and money agrees to the last unit.

One seeded run for each fault of the catalogue and each seed, many with TIERCEL_SOAK=1. The invariants are asked of the
venue's own books.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import msgspec
import pytest

from engine.clock import NS_PER_SECOND
from gateways.simulator.faults import Fault, FaultPlan
from tests.e2e.engines import rounds
from tests.simulation import truth
from tests.simulation.between import Frame
from tests.simulation.desk import Simulation

SEEDS = range(rounds(2, 50))
BAD_S, SECONDS = 15, 78
"""Faults stop after the first; a minute and a little later everything must be settled."""


def execution(frame: Frame) -> bool:
    return bool(frame.execution)


def network(run: Simulation, random: Random) -> None:
    """Frames of the private session are lost, doubled, late and out of order, and the session ends now and then."""
    permille = {"lose": random.randrange(100), "double": 200, "delay": 200, "hang up": 15}
    run.between.shake(random.randrange(10**6), permille, run.start_ns + BAD_S * NS_PER_SECOND)


def half_open(run: Simulation, random: Random) -> None:
    """What we say is lost, and what the venue says arrives; then connections are refused for a while."""
    run.at(3, lambda: setattr(run.between, "deaf", True))
    run.at(random.uniform(5, 9), lambda: setattr(run.between, "deaf", False))
    run.at(10, lambda: setattr(run.between, "refuses", True))
    run.at(10, run.between.hang_up)
    run.at(BAD_S, lambda: setattr(run.between, "refuses", False))


def truncated(run: Simulation, random: Random) -> None:
    """Answers and reports are cut in the middle now and then."""
    run.between.always(
        lambda frame: frame.private and run.elapsed < BAD_S and random.random() < 0.02,
        lambda payload: [(0, payload[: len(payload) // 2])],
    )


def an_error_in_a_yes(run: Simulation, random: Random) -> None:
    """An order is carried out, and the answer is a 200 with an error inside."""

    def change(payload: bytes) -> list[tuple[int, bytes]]:
        number = msgspec.json.decode(payload)["id"]
        answer = {"id": number, "status": 200, "error": {"code": -1000, "msg": "An unknown error occurred."}}
        return [(0, msgspec.json.encode(answer))]

    run.between.always(
        lambda frame: frame.method.startswith("order.") and run.elapsed < BAD_S and random.random() < 0.2, change
    )


def missing_fills(run: Simulation, random: Random) -> None:
    """Executions are never told."""
    run.between.always(
        lambda frame: frame.execution == "TRADE" and run.elapsed < BAD_S and random.random() < 0.3, lambda _payload: []
    )


def reports_out_of_order(run: Simulation, random: Random) -> None:
    """Every report is late by another time, and old ones come again."""
    run.between.always(
        lambda frame: execution(frame) and run.elapsed < BAD_S,
        lambda payload: [(random.randrange(1, NS_PER_SECOND), payload) for _ in range(random.choice([1, 2]))],
    )


def a_gap_in_the_market(run: Simulation, random: Random) -> None:
    """Market frames are lost, and the snapshots that should heal it fail."""
    run.between.always(
        lambda frame: not frame.private and run.elapsed < BAD_S and random.random() < 0.05, lambda _payload: []
    )
    run.at(2, lambda: setattr(run.between, "rest_fails", True))
    run.at(9, lambda: setattr(run.between, "rest_fails", False))


def a_silent_market(run: Simulation, _random: Random) -> None:
    """The market stream is open and says nothing."""
    run.between.always(lambda frame: not frame.private and 3 < run.elapsed < BAD_S, lambda _payload: [])


def requests_go_wrong(_run: Simulation, _random: Random) -> None:
    """Requests are lost, or carried out without an answer: the venue's own plan says which."""


FAULTS: list[Callable[[Simulation, Random], None]] = [
    network,
    half_open,
    truncated,
    an_error_in_a_yes,
    missing_fills,
    reports_out_of_order,
    a_gap_in_the_market,
    a_silent_market,
    requests_go_wrong,
]
PLAN = {Fault.LOSE_REQUEST: 50, Fault.DROP_ANSWER: 50, Fault.SERVER_ERROR: 50, Fault.DISCONNECT: 10}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_what_went_wrong_is_settled_within_a_minute(
    fault: Callable[[Simulation, Random], None], seed: int, tmp_path: Path
) -> None:
    plan = FaultPlan(seed, permille=PLAN if fault is requests_go_wrong else {})
    run = Simulation(tmp_path, "BothSides", seconds=SECONDS, seed=seed, faults=plan, messages_per_second=25, risk=LOOSE)
    fault(run, Random(seed))
    run.at(BAD_S, lambda: setattr(plan, "_permille", {}))
    truth.watch_the_dead(run)
    run.go()
    assert len(run.venue_orders()) > 1
    truth.everything(run)


LOOSE = "max_position_value = 20_000"
