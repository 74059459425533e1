"""The invariants of a run, judged by the venue's own books and by the audit trail, never by what the engine believes.

Each raises AssertionError with the number of the invariant. `everything` asks all that hold at the end of any run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from engine.audit.verify import verify
from engine.cli.replay import replay_run
from engine.datadir import DataDir
from engine.messages.control import TradingState
from hotpath.core.units import lots_to_money
from tests.simulation.desk import Simulation

OVER = ("FILLED", "CANCELED", "EXPIRED", "REJECTED", "FAILED")
SENDS = ("order.place", "order.cancelReplace")


def records(run: Simulation, action: str = "") -> Iterator[dict[str, Any]]:
    """Yield the records of the trail whose action begins so."""
    for file in sorted((run.data / "logs" / "audit").glob("audit_*.jsonl")):
        for line in file.read_bytes().splitlines():
            record = msgspec.json.decode(line)
            if record["action"].startswith(action):
                yield record


def cash(run: Simulation) -> None:
    """I1: for every asset the ledger is the venue's balance, to the last unit."""
    portfolio = run.actor("portfolio")
    assert portfolio.difference(run.venue_balances()) == [], f"I1 {portfolio.difference(run.venue_balances())}"


def positions(run: Simulation) -> None:
    """I2: each position is the net of the venue's fills, less the fees that were taken in it."""
    for instrument in run.actor("portfolio").instruments:
        fills = run.exchange(instrument.symbol).fills
        bought = sum(
            fill.side * lots_to_money(fill.lots, instrument.scale)
            - (fill.fee if fill.fee_asset == instrument.base else 0)
            for fill in fills
        )
        position = run.actor("portfolio").positions[instrument.index]
        held = lots_to_money(position.lots, instrument.scale) + position.base_rest
        assert held == bought, f"I2 {instrument.name}: held {held}, the venue's fills come to {bought}"


def once(run: Simulation) -> None:
    """I4: no id was sent twice, and the venue has at most one order for an id and for an intent."""
    sent = Counter(params.get("newClientOrderId") for _, method, params in run.between.requests if method in SENDS)
    assert [name for name, count in sent.items() if count > 1] == [], "I4 an id was sent twice"
    taken = Counter(order.client_order_id for symbol in run.symbols for order in run.venue_orders(symbol))
    assert [name for name, count in taken.items() if count > 1] == [], "I4 the venue has two orders of one id"


def approved(run: Simulation) -> None:
    """I3: each order that left was approved before, once, with the same words."""
    approvals: dict[int, str] = {}
    for record in records(run, "order."):
        number: int = (record["metadata"] or {}).get("approval", 0)
        if record["action"] == "order.approve":
            approvals[number] = record["metadata"]["instrument"]
        elif record["action"] == "order.submit":
            assert approvals.pop(number, "") == record["metadata"]["instrument"], (
                f"I3 {record['resource_id']} left without an approval of its own"
            )


def trail(run: Simulation) -> None:
    """I9: the chain is whole."""
    report = verify(run.data)
    assert report.problems == [], f"I9 {report.problems[:3]}"


def replays(run: Simulation) -> None:
    """I10: the tape gives the same records and the same sent bytes."""
    directory = DataDir(run.data)
    outcome = replay_run(directory, directory.run(run.head.run_id))
    assert outcome.same, f"I10 {outcome}"


def lives(run: Simulation) -> None:
    """I11: terminal is final, and no order is filled beyond its quantity."""
    over: dict[str, str] = {}
    for record in records(run, "order."):
        state = (record["after_state"] or {}).get("state")
        name = record["resource_id"]
        if record["action"] == "order.recovered" or (record["action"] == "order.fill" and name in over):
            continue  # a fill after the end is real, and changes no state
        assert state is None or over.get(name, state) == state, f"I11 {name} was {over[name]} and is {state}"
        if state in OVER:
            over[name] = state
    for symbol in run.symbols:
        for order in run.venue_orders(symbol):
            slot = run.actor("orders").moves.book.get(order.client_order_id)
            assert slot is None or slot.filled_lots <= slot.lots, f"I11 {order.client_order_id} is overfilled"


def watch_the_dead(run: Simulation) -> None:
    """I11, after every input: what is over stays over."""

    def look() -> None:
        book = run.actor("orders").moves.book
        for slot in book._ended:
            assert slot.over, f"I11 {slot.client_order_id} was over and lives again"

    run.looks.append(look)


def steps(run: Simulation) -> None:
    """I8: the state rises by one step at a time; a start, and a session that was lost, wait for a proof alone."""
    order, starting = list(TradingState), True
    for record in records(run):
        starting = starting or record["action"] == "system.start"
        if record["action"] == "state.change" and record["resource_type"] == "trading":
            before, after = (TradingState[record[key]["state"]] for key in ("before_state", "after_state"))
            assert starting or order.index(after) <= order.index(before) + 1, f"I8 {before.name} -> {after.name}"
            starting = " is down: " in (record["reason"] or "")


def settled(run: Simulation) -> None:
    """I15: nothing is open at the venue, nothing is unknown, nobody was asked too often (I17)."""
    for symbol in run.symbols:
        left = [order.client_order_id for order in run.exchange(symbol).open_orders()]
        assert left == [], f"I15 still open at the venue: {left}"
    assert run.actor("orders").moves.counts[1] == 0, "I15 orders are UNKNOWN"


def known(run: Simulation) -> None:
    """Every order at the venue, and every fill, stands in the trail (A-05)."""
    told = {record["resource_id"] for record in records(run, "order.")}
    fills = Counter(
        (record["metadata"]["instrument"], record["metadata"]["trade_id"]) for record in records(run, "order.fill")
    )
    for symbol in run.symbols:
        for order in run.venue_orders(symbol):
            assert order.client_order_id in told, f"A-05 {order.client_order_id} is in no record"
        venue = Counter((f"binance_spot:{symbol}", fill.trade_id) for fill in run.exchange(symbol).fills)
        booked = Counter({key: count for key, count in fills.items() if key[0].endswith(symbol)})
        assert booked == venue, f"I2 booked and not the venue's {booked - venue}, missing {venue - booked}"


def everything(run: Simulation) -> None:
    """Ask all that hold at the end of a run that ended as it should."""
    for ask in (settled, cash, positions, known, once, approved, lives, steps, trail, replays):
        ask(run)
