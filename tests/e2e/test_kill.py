"""`tiercel kill` stops whatever runs, also what does not listen: times, wires and latches of a real engine.

The venue is a process of its own behind a wire that notes each request with its time, so what is said here about orders
is what reached the venue, not what the engine believes.
"""

from __future__ import annotations

import re
import time
from decimal import Decimal

import pytest

from engine.audit.known import PERSON
from engine.audit.timestamps import timestamp_ns
from engine.messages.control import GateWord
from gateways.gate_file import read_gate
from tests.e2e.engines import Place, Process, reached, summary_of, until
from tests.e2e.venue import Venue, Wire

pytestmark = [pytest.mark.untraced, pytest.mark.timed]

START_SECONDS = 20
GATE_MS_MAX = 10.0
STOP_MS_MAX = 300.0
DUST = Decimal("0.0002")
"""What base fees leave behind, less than the venue takes in one order."""
SPIN_LONG = "[limits]\nhandler_stop_ms = 3_000\n"


SOON = """
[safety]
rearm_seconds = 1
protective_seconds = 1
cautious_seconds = 1
clean_reconciliations = 1
feeds_fresh_seconds = 1
loop_lag_p99_ms = 5_000
"""
"""The dwell times of a recovery, short enough to be waited for."""


def trading(here: Place, venue: Venue, between: Wire, *strategies: str, more: str = "") -> Process:
    """Start an engine and wait until an order of it has reached the venue."""
    here.configure(
        venue.configuration(*strategies, api_url=between.url, more=more),
        *(strategy.partition(":")[0] for strategy in strategies),
    )
    engine = here.start("run", str(here.root / "config.toml"), "--json")
    count = len(between.orders())
    engine.until(lambda: len(between.orders()) > count, START_SECONDS, "a first order")
    engine.until(lambda: reached(here, "NORMAL"), START_SECONDS, "the state NORMAL")
    return engine


def hears_the_market(here: Place, engine: Process, count: int = 200) -> None:
    """Wait until the engine has read this many more market messages."""

    def messages() -> int:
        return int(here.json("status")["market_messages"])

    wanted = messages() + count
    engine.until(lambda: messages() >= wanted, START_SECONDS, "more market data")


def order_of(here: Place, strategy: str) -> str:
    """Return the id of the newest order that a strategy submitted."""
    orders = [record for record in here.records("order.submit") if record["metadata"]["strategy"] == strategy]
    return str(orders[-1]["resource_id"])


def spinning(here: Place, engine: Process) -> int:
    """Wait until the strategy spins; returns the moment at which it began, on the machine's monotonic clock."""
    told = here.root / "spinning"
    engine.until(lambda: told.exists() and told.read_text(), START_SECONDS, "the strategy to spin")
    return int(told.read_text())


def closing_ms(words: str) -> float:
    """Return the time that `kill` says it took to close the gate."""
    found = re.search(r"gate closed in ([0-9.]+) ms", words)
    assert found, words
    return float(found[1])


def gate_of(here: Place) -> GateWord:
    return read_gate(here.data / "state" / "gate")


def test_a_kill_closes_the_gate_while_a_strategy_spins_and_nothing_is_ordered_after_it(
    here: Place, venue: Venue, between: Wire
) -> None:
    engine = trading(here, venue, between, "spinner:Spinner", "quoter:Quoter", more=SPIN_LONG)
    spinning(here, engine)
    killed = here.start("kill", "--reason", "it spins")
    engine.until(lambda: gate_of(here) is GateWord.CLOSED, START_SECONDS, "the gate to be closed")
    closed_ns = time.monotonic_ns()
    assert killed.wait() == 0, killed.stderr
    print(f"the gate was closed in {closing_ms(killed.stdout)} ms")
    assert closing_ms(killed.stdout) < GATE_MS_MAX
    assert "did not report within" in killed.stderr
    assert "everything is cancelled" in killed.stdout
    assert between.cancels(closed_ns)
    assert venue.open_orders() == []
    assert reached(here, "EMERGENCY")

    hears_the_market(here, engine)
    assert between.orders(closed_ns) == []
    listed = here.tiercel("strategy", "list").stdout
    assert re.search(r"^spinner .*off: ", listed, re.MULTILINE), listed
    assert re.search(r"^quoter .*enabled", listed, re.MULTILINE), listed
    engine.interrupt()
    assert engine.wait() == 3
    assert summary_of(engine)["state"] == "EMERGENCY"
    assert here.json("replay")["same"]


@pytest.mark.parametrize("catches", [False, True], ids=["spins", "spins_and_catches_everything"])
def test_a_strategy_that_never_returns_is_stopped_in_time_while_the_other_goes_on(
    here: Place, venue: Venue, between: Wire, catches: bool
) -> None:
    text = venue.configuration("spinner:Spinner", "quoter:Quoter", api_url=between.url)
    text = text.replace("[[strategies]]", f"[[strategies]]\nparams = {{ catches = {str(catches).lower()} }}", 1)
    here.configure(text, "spinner", "quoter")
    engine = here.start("run", str(here.root / "config.toml"), "--json")
    began_ns = spinning(here, engine)
    order = order_of(here, "spinner")

    def canceled_ns() -> list[int]:
        return [one.at_ns for one in between.cancels(began_ns) if one.params["origClientOrderId"] == order]

    engine.until(canceled_ns, START_SECONDS, "the strategy's order to be cancelled")
    stopped_ms = (canceled_ns()[0] - began_ns) / 1e6
    print(f"the spinning strategy's order was cancelled {stopped_ms:.0f} ms after it began to spin")
    assert stopped_ms < STOP_MS_MAX
    (stopped,) = engine.until(lambda: here.records("config.strategy_disable"), START_SECONDS, "its record")
    assert stopped["resource_id"] == "spinner"
    assert "did not return in" in stopped["reason"]
    engine.until(lambda: between.orders(canceled_ns()[0]), START_SECONDS, "the other strategy to go on")
    assert order not in venue.open_orders()
    assert "state NORMAL" in here.tiercel("status").stdout
    engine.interrupt()
    assert engine.wait() == 0
    assert here.json("replay")["same"]


def test_the_latch_survives_sigkill_and_is_taken_off_in_two_steps(here: Place, venue: Venue, between: Wire) -> None:
    engine = trading(here, venue, between, "quoter:Quoter", more=SOON)
    killed = here.tiercel("kill", "--reason", "a rehearsal")
    after_ns = time.monotonic_ns()
    assert killed.returncode == 0
    assert closing_ms(killed.stdout) < GATE_MS_MAX
    assert "everything is cancelled" in killed.stdout
    engine.destroy()

    silent = here.tiercel("status")
    assert silent.returncode == 1
    assert "gate CLOSED" in silent.stdout
    assert "a rehearsal" in silent.stdout

    count = len(here.records())
    engine = here.start("run", str(here.root / "config.toml"), "--json")
    engine.until(lambda: "EMERGENCY" in here.tiercel("status").stdout, START_SECONDS, "the next start")
    engine.until(lambda: here.records("feed.synchronised")[-1]["seq"] > count, START_SECONDS, "its book")
    assert "gate CLOSED" in here.tiercel("status").stdout
    assert between.orders(after_ns) == []

    assert here.tiercel("rearm", "--confirm", "123456").returncode == 1

    def rearmed() -> bool:
        first = here.tiercel("rearm")
        assert first.returncode == 0, first.stderr
        code = re.search(r"--confirm (\w+)", first.stdout)
        assert code, first.stdout
        assert "quoter" in first.stdout
        assert "EMERGENCY" in here.tiercel("status").stdout
        second = here.tiercel("rearm", "--confirm", code[1])
        assert second.returncode == 0 or "not yet: " in second.stderr, second.stderr
        return second.returncode == 0

    engine.until(rearmed, START_SECONDS, "the guards of a re-arm to hold")
    engine.until(lambda: between.orders(after_ns), START_SECONDS, "orders to flow again")
    assert gate_of(here) is GateWord.OPEN
    assert not (here.data / "state" / "kill.latch").exists()
    engine.interrupt()
    assert engine.wait() == 0
    assert here.json("replay")["same"]
    assert here.tiercel("audit", "verify").returncode == 0


def test_a_kill_without_an_engine_makes_the_next_start_an_emergency(here: Place, venue: Venue, between: Wire) -> None:
    engine = trading(here, venue, between, "quoter:Quoter")
    engine.interrupt()
    assert engine.wait() == 0
    after_ns = time.monotonic_ns()
    killed = here.tiercel("kill", "--reason", "nobody is home")
    assert killed.returncode == 0
    assert "the next one starts in EMERGENCY" in killed.stdout
    ran = here.tiercel("run", str(here.root / "config.toml"), "--duration", "2s", "--json")
    assert ran.returncode == 3
    assert between.orders(after_ns) == []

    code = re.search(r"--confirm (\w+)", here.tiercel("rearm").stdout)
    assert code
    assert here.tiercel("rearm", "--confirm", code[1]).returncode == 0
    ran = here.tiercel("run", str(here.root / "config.toml"), "--duration", "2s", "--json")
    assert ran.returncode == 0
    assert between.orders(after_ns)


def test_a_gate_that_is_closed_by_its_file_alone_halts_the_engine(here: Place, venue: Venue, between: Wire) -> None:
    engine = trading(here, venue, between, "quoter:Quoter")
    gate = here.data / "state" / "gate"
    with gate.open("r+b") as file:
        file.seek(8)
        file.write(int(GateWord.CLOSED).to_bytes(8, "little"))
    closed_ns = time.monotonic_ns()
    closed_wall_ns = time.time_ns()
    until(lambda: reached(here, "EMERGENCY"), START_SECONDS, "the engine to see it")
    late = [order.params["newClientOrderId"] for order in between.orders(closed_ns)]
    assert len(late) <= 1, "what was in the socket already, one for a connection"
    decided = {record["resource_id"]: timestamp_ns(record["timestamp"]) for record in here.records("order.submit")}
    assert [name for name in late if decided[name] > closed_wall_ns] == [], "nothing was sent after the gate was closed"
    engine.interrupt()
    assert engine.wait() == 3
    assert venue.open_orders() == []


def test_a_killed_instrument_stays_killed_over_a_crash_until_a_person_lifts_it(
    here: Place, venue: Venue, between: Wire
) -> None:
    engine = trading(here, venue, between, "quoter:Quoter")
    killed = here.tiercel("kill", "--instrument", "BTCUSDT", "--reason", "a rehearsal")
    assert killed.returncode == 0, killed.stderr
    assert "killed instrument binance_spot:BTCUSDT" in killed.stdout
    engine.until(lambda: venue.open_orders() == [], START_SECONDS, "its orders to be cancelled")
    after_ns = time.monotonic_ns()
    assert "state NORMAL, gate OPEN" in here.tiercel("status").stdout
    engine.until(lambda: here.records("order.deny"), START_SECONDS, "a first denial")
    engine.destroy()

    count = len(here.records())
    engine = here.start("run", str(here.root / "config.toml"), "--json")
    engine.until(lambda: reached(here, "CAUTIOUS", count), START_SECONDS, "the next start")
    engine.until(lambda: here.records("order.deny")[-1]["seq"] > count, START_SECONDS, "a denial")
    assert here.records("order.deny")[-1]["reason"] == "INSTRUMENT_PERMITTED"
    assert between.orders(after_ns) == []
    assert here.tiercel("rearm", "--instrument", "ETHUSDT").returncode == 1
    assert here.tiercel("rearm", "--instrument", "BTCUSDT").returncode == 0
    engine.until(lambda: between.orders(after_ns), START_SECONDS, "orders to flow again")
    engine.interrupt()
    assert engine.wait() == 0
    assert here.json("replay")["same"]


def test_a_person_gets_flat_under_a_kill_and_nothing_else_leaves(here: Place, venue: Venue, between: Wire) -> None:
    engine = trading(here, venue, between, "quoter:Quoter")

    def held() -> Decimal:
        return max((abs(Decimal(row["quantity"])) for row in here.json("status")["positions"]), default=Decimal(0))

    engine.until(lambda: held() > DUST, START_SECONDS, "a position")
    assert here.tiercel("kill", "--reason", "a rehearsal").returncode == 0
    after_ns = time.monotonic_ns()
    was_held = held() > DUST
    flat = here.tiercel("flatten")
    assert "state EMERGENCY" in flat.stdout
    assert flat.returncode == 0 or "still held after 15 s: " in flat.stderr, flat.stderr
    assert held() < DUST
    submitted = [record for record in here.records("order.submit") if record["metadata"]["strategy"] == PERSON]
    assert bool(submitted) == was_held
    assert len(submitted) == len(between.orders(after_ns))
    assert venue.open_orders() == []
    assert reached(here, "EMERGENCY")
    engine.interrupt()
    assert engine.wait() == 3
    assert here.json("replay")["same"]
