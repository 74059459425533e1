"""Limits, strategies and MANUAL, decided while a real engine trades: in force at once, after SIGKILL, and on replay."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from tests.e2e.engines import Place, Process, reached
from tests.e2e.venue import Venue, Wire

pytestmark = pytest.mark.untraced  # it waits for real processes, which tracing stretches

START_SECONDS = 20


def start(here: Place, state: str = "NORMAL") -> Process:
    """Start an engine and wait for a trading state."""
    seq = len(here.records())
    engine = here.start("run", str(here.root / "config.toml"), "--json")
    engine.until(lambda: reached(here, state, seq), START_SECONDS, f"the state {state}")
    return engine


def configured(here: Place, venue: Venue, between: Wire, more: str = "", strategy: str = "quoter") -> None:
    here.configure(venue.configuration(f"{strategy}:{strategy.title()}", api_url=between.url, more=more), strategy)


def limit(here: Place, key: str) -> dict[str, str]:
    """Return what `tiercel limits show` says of a limit."""
    return next(row for row in here.json("limits", "show")["limits"] if row["key"] == key)


def denied(here: Place, reason: str) -> list[dict[str, Any]]:
    return [record for record in here.records("order.deny") if record["reason"] == reason]


def ended(here: Place, engine: Process, code: int = 0) -> None:
    """End a run, which must replay to the same trail."""
    engine.interrupt()
    assert engine.wait() == code, engine.stderr
    assert here.json("replay")["same"]
    assert here.tiercel("audit", "verify").returncode == 0


def test_a_limit_that_is_set_binds_at_once_and_after_sigkill(here: Place, venue: Venue, between: Wire) -> None:
    configured(here, venue, between)
    engine = start(here)
    before = limit(here, "max_order_value")
    assert (before["value"], before["origin"]) == ("50000", "default")
    assert here.tiercel("limits", "set", "max_order_value", "100000").returncode == 0
    told = here.tiercel("limits", "set", "risk.max_order_value", "0.01", "--reason", "a rehearsal")
    assert told.stdout == "max_order_value is 0.01 risk currency, was 100000 (limits version 3)\n"
    engine.until(lambda: denied(here, "MAX_ORDER_VALUE"), START_SECONDS, "the limit to bind")
    assert denied(here, "MAX_ORDER_VALUE")[0]["metadata"]["limits_version"] == 3
    (_, change) = here.records("risk.limit_change")
    assert (change["actor_type"], change["before_state"], change["after_state"], change["reason"]) == (
        "human", {"value": "100000"}, {"value": "0.01"}, "a rehearsal",
    )  # fmt: skip
    again = here.tiercel("limits", "set", "max_order_value", "0.01")
    assert (again.returncode, again.stdout) == (0, "max_order_value is 0.01 already (limits version 3)\n")
    engine.destroy()

    engine = start(here, "CAUTIOUS")
    assert limit(here, "max_order_value") == before | {"value": "0.01", "origin": "policy (default: 50000)"}
    assert here.json("limits", "show")["version"] == 3
    count = len(denied(here, "MAX_ORDER_VALUE"))
    engine.until(lambda: len(denied(here, "MAX_ORDER_VALUE")) > count, START_SECONDS, "the limit to bind again")
    ended(here, engine)
    assert len(here.records("risk.limit_change")) == 2


def test_what_may_not_be_set_ends_with_a_code_and_a_sentence(here: Place, venue: Venue, between: Wire) -> None:
    none = here.tiercel("limits", "set", "max_order_value", "1")
    assert (none.returncode, "no engine runs in" in none.stderr) == (1, True)
    configured(here, venue, between)
    engine = start(here)
    for key, value, code, problem in (
        ("max_order_vale", "1", 2, "risk.max_order_vale: unknown limit; did you mean 'max_order_value'?"),
        ("max_order_value", "100000.01", 2, "risk.max_order_value: is 50000 and cannot become 100000.01 in one step"),
        ("max_order_value", "nan", 2, "risk.max_order_value: 'nan' given, expected a decimal number"),
        ("open_orders_max", "19", 2, "risk.open_orders_instrument_max: is 20, more than open_orders_max (19)"),
        ("currency", "BTC", 2, "risk.currency: cannot change while the engine runs"),
        ("allowed", "DOGEUSDT", 2, "risk.allowed: no instrument of this run is called 'DOGEUSDT'"),
    ):
        said = here.tiercel("limits", "set", key, value)
        assert (said.returncode, problem in said.stderr) == (code, True), said.stderr
    assert here.records("risk.limit_change") == []

    here.tiercel("kill", "--reason", "a rehearsal")
    engine.until(lambda: reached(here, "EMERGENCY"), START_SECONDS, "the halt")
    halted = here.tiercel("limits", "set", "max_order_value", "60000")
    assert (halted.returncode, "trading is halted, so it may only be tightened" in halted.stderr) == (3, True)
    assert here.tiercel("limits", "set", "max_order_value", "40000").returncode == 0
    ended(here, engine, 3)


def test_of_two_engines_one_is_named(here: Place, venue: Venue, between: Wire) -> None:
    configured(here, venue, between)
    engine = start(here)
    other = Place(here.root / "other")
    other.environ |= here.environ
    idle = here.root.joinpath("config.toml").read_text().replace("[[strategies]]", "[[strategies]]\nenabled = false")
    other.configure(idle, "quoter")
    second = other.start("run", str(other.root / "config.toml"), "--json")
    try:
        second.until(lambda: other.tiercel("status").returncode == 0, START_SECONDS, "the second engine")
        said = here.bare("limits", "set", "max_order_value", "1")
        assert (said.returncode, "2 engines run; say which one with --data-dir" in said.stderr) == (2, True)
        assert here.tiercel("limits", "set", "max_order_value", "40000").returncode == 0
        assert limit(here, "max_order_value")["value"] == "40000"
        assert limit(other, "max_order_value")["value"] == "50000"
    finally:
        other.end()
    engine.interrupt()
    assert engine.wait() == 0


@pytest.mark.parametrize("damage", ["torn", "checksum", "ahead"])
def test_a_store_that_cannot_be_read_brings_the_safe_defaults_until_a_person_moves_it(
    here: Place, venue: Venue, between: Wire, damage: str
) -> None:
    configured(here, venue, between)
    engine = start(here)
    assert here.tiercel("limits", "set", "max_position_value", "20000").returncode == 0
    engine.destroy()
    path = here.data / "state" / "policy.json"
    sound = path.read_bytes()
    kept = msgspec.json.decode(sound)
    if damage == "torn":
        path.write_bytes(sound[:40])
    elif damage == "checksum":
        path.write_bytes(sound.replace(b"20000", b"90000"))
    else:
        from engine.policy.policy import Policy
        from engine.policy.store import encode

        path.write_bytes(encode(Policy(version=kept["policy"]["version"] + 5)))
    broken = path.read_bytes()

    engine = start(here, "CAUTIOUS")
    assert "policy SAFE DEFAULTS in force" in here.tiercel("status").stdout
    assert limit(here, "max_position_value")["value"] == "10000"
    assert limit(here, "daily_orders_max")["value"] == "100", "the configuration asks for a million"
    (record,) = here.records("policy.changed")
    assert (record["resource_id"], str(path) in record["reason"]) == ("safe defaults", True)
    logs = "".join(file.read_text() for file in (here.data / "logs").glob("engine_*"))
    assert "safe defaults are in force" in logs
    refused = here.tiercel("limits", "set", "max_position_value", "5000")
    assert (refused.returncode, "the policy store cannot be read" in refused.stderr) == (1, True)
    assert here.tiercel("strategy", "disable", "quoter").returncode == 0, "stopping is never refused"
    ended(here, engine)
    assert path.read_bytes() == broken

    path.unlink()
    engine = start(here)
    assert limit(here, "max_position_value") | {"unit": ""} == {
        "key": "max_position_value", "value": "20000", "unit": "", "origin": "policy (default: 10000)",
    }  # fmt: skip
    assert "policy.json is missing; version" in here.tiercel("status").stdout
    assert re.search(r"^quoter .*off: ", here.tiercel("strategy", "list").stdout, re.MULTILINE)
    ended(here, engine)


def test_strategies_that_a_person_switched_stay_so(here: Place, venue: Venue, between: Wire) -> None:
    text = venue.configuration("steady:Steady", api_url=between.url).replace(
        "[[strategies]]", "[[strategies]]\nenabled = false", 1
    )
    here.configure(text, "steady")
    engine = start(here)
    assert between.orders() == []
    assert here.tiercel("strategy", "enable", "steady").returncode == 0
    engine.until(between.orders, START_SECONDS, "an order")
    engine.destroy()
    count = len(between.orders())
    engine = start(here, "CAUTIOUS")
    engine.until(lambda: len(between.orders()) > count, START_SECONDS, "an order of the next run")
    ended(here, engine)


def test_under_manual_nothing_leaves_before_a_person_says_so(here: Place, venue: Venue, between: Wire) -> None:
    configured(here, venue, between, more="[safety]\nmanual = true\nmanual_seconds = 600\n", strategy="steady")
    engine = start(here)
    waiting = engine.until(lambda: here.json("approve")["waiting"], START_SECONDS, "an order that waits")
    assert between.orders() == []
    number = str(waiting[0]["number"])
    listed = here.tiercel("approve")
    assert re.search(rf"^{number} +steady +limit ", listed.stdout, re.MULTILINE), listed.stdout
    told = here.tiercel("approve", number)
    assert told.stdout == f"{number} is approved and on its way\n", told.stderr
    engine.until(between.orders, START_SECONDS, "the order at the venue")
    again = here.tiercel("approve", number)
    assert (again.returncode, f"{number} waits no longer: approved by" in again.stderr) == (1, True)
    unknown = here.tiercel("approve", "1")
    assert (unknown.returncode, "no order waits under number 1" in unknown.stderr) == (1, True)
    assert here.tiercel("approve", "one").returncode == 2
    (decided,) = [one for one in here.records("system.manual") if one["resource_type"] == "intent"]
    assert (decided["actor_type"], decided["after_state"]) == ("human", {"state": "APPROVED"})

    assert here.tiercel("manual", "off").returncode == 0
    count = len(between.orders())
    here.tiercel("strategy", "disable", "steady")
    here.tiercel("strategy", "enable", "steady")
    engine.until(lambda: len(between.orders()) > count, START_SECONDS, "an order that nobody was asked about")
    ended(here, engine)


def test_what_waits_is_denied_dropped_by_a_kill_and_reported_by_the_next_start(
    here: Place, venue: Venue, between: Wire
) -> None:
    configured(here, venue, between, more="[safety]\nmanual_seconds = 600\n", strategy="steady")
    engine = start(here)
    assert here.tiercel("manual", "on", "--reason", "a rehearsal").stdout == "manual is on\n"
    here.tiercel("strategy", "disable", "steady")
    here.tiercel("strategy", "enable", "steady")
    waiting = engine.until(lambda: here.json("approve")["waiting"], START_SECONDS, "an order that waits")
    assert here.tiercel("approve", "--deny", str(waiting[0]["number"])).returncode == 0
    assert denied(here, "MANUAL_DENIED")
    waiting = engine.until(lambda: here.json("approve")["waiting"], START_SECONDS, "the next one")
    engine.destroy()

    engine = start(here, "CAUTIOUS")
    number = waiting[0]["number"]
    dropped = [one for one in here.records("risk.block") if one["after_state"]["state"] == "DROPPED"]
    assert [one["metadata"]["number"] for one in dropped].count(number) == 1, (
        "what waited when its strategy was stopped is dropped, too"
    )
    late = here.tiercel("approve", str(number))
    assert (late.returncode, f"no order waits under number {number}" in late.stderr) == (1, True)
    assert here.json("approve")["manual"], "it stays on"
    engine.until(lambda: here.json("approve")["waiting"], START_SECONDS, "an order of the new run")
    here.tiercel("kill", "--reason", "a rehearsal")
    engine.until(lambda: not here.json("approve")["waiting"], START_SECONDS, "everything to be dropped")
    ended(here, engine, 3)
