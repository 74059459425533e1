"""What persons decide at run time: judged, recorded with before and after, durable, and only then in force."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from actors.safety.commands import ROLES
from actors.safety.policy import PolicySetup
from engine.config.risk import RiskLimits
from engine.messages.control import (
    Action,
    Command,
    Durable,
    Halt,
    LimitsChanged,
    ManualChanged,
    ManualDecision,
    ManualOutcome,
    Role,
    StrategyStopped,
)
from engine.policy.policy import Override, Policy, PolicyStart, fingerprint
from tests.models.safety_desk import SafetyDesk

CONFIGURED = RiskLimits()
TRADED = ("binance_spot:BTCUSDT", "BTCUSDT", "BTC")


class Shelf:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.kept: list[Policy] = []

    def save(self, policy: Policy) -> None:
        self.kept.append(policy)


class PolicyDesk(SafetyDesk):
    """A safety desk with a policy."""

    def __init__(self, start: PolicyStart | None = None, *, manual: bool = False) -> None:
        self.shelf = Shelf()
        self.setup = PolicySetup(start or PolicyStart(), CONFIGURED, manual, self.shelf, TRADED)
        super().__init__(policy=self.setup)
        self.records.clear()

    def set(self, key: str, value: str, **more: str) -> tuple[bool, dict[str, Any]]:
        """Set a limit and return the answer."""
        _, ok, answer = self.command("set-limit", key=key, value=value, **more)
        return ok, answer

    def told(self) -> list[LimitsChanged]:
        """Return what risk was told of limits."""
        return self.heard(self.safety.risk, LimitsChanged)


def test_a_limit_is_recorded_durable_kept_and_then_in_force() -> None:
    desk = PolicyDesk()
    ok, answer = desk.set("risk.max_order_value", "60000", reason="more money")
    assert ok
    assert answer == {
        "key": "max_order_value", "before": "50000", "value": "60000", "unit": "risk currency", "changed": True,
        "version": 2,
    }  # fmt: skip
    (record,) = [each for each in desk.records if each.action is Action.RISK_LIMIT_CHANGE]
    assert (record.actor, record.reason, record.resource_id) == ("user:ann", "more money", "risk.max_order_value")
    assert (record.before, record.after) == ({"value": "50000"}, {"value": "60000"})
    limits = RiskLimits(max_order_value=Decimal(60_000))
    assert record.metadata == {
        "configured": "50000", "key": "max_order_value", "limits_version": 2, "limits_sha256": fingerprint(limits),
    }  # fmt: skip
    assert desk.told() == [LimitsChanged(limits, 2)]
    assert desk.safety.facts.limits == limits, "and the breaker trips by them"
    assert desk.shelf.kept == [Policy(2, 2, {"max_order_value": Override("60000", "50000")})]


def test_the_effect_waits_until_the_record_is_durable() -> None:
    desk = PolicyDesk()
    desk.mute = True
    assert desk.set("max_order_value", "60000") == (False, {})
    assert (desk.told(), desk.shelf.kept, desk.answers) == ([], [], [])
    (record,) = [each for each in desk.records if each.action is Action.RISK_LIMIT_CHANGE]
    assert desk.safety.policy.limits.max_order_value == Decimal(50_000)
    desk.say(Durable(record.seq))
    assert len(desk.told()) == len(desk.shelf.kept) == len(desk.answers) == 1
    assert desk.safety.policy.limits.max_order_value == Decimal(60_000)


def test_a_second_change_before_the_first_is_durable_builds_on_it() -> None:
    desk = PolicyDesk()
    desk.mute = True
    desk.set("max_order_value", "100000")
    desk.set("max_order_value", "200000")
    for record in desk.records:
        desk.say(Durable(record.seq))
    assert [change.version for change in desk.told()] == [2, 3]
    assert desk.told()[-1].limits.max_order_value == Decimal(200_000)
    assert [policy.version for policy in desk.shelf.kept] == [2, 3]


def test_the_same_change_twice_is_one_change() -> None:
    desk = PolicyDesk()
    desk.set("max_order_value", "60000")
    ok, answer = desk.set("max_order_value", "60000.00")
    assert ok
    assert (answer["changed"], answer["version"]) == (False, 2)
    assert len(desk.told()) == len(desk.shelf.kept) == 1
    assert desk.actions.count(Action.RISK_LIMIT_CHANGE) == 1
    assert desk.actions.count(Action.MANUAL_INTERVENTION) == 2, "that somebody asked is recorded each time"


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("max_order_valu", "1", "risk.max_order_valu: unknown limit; did you mean 'max_order_value'?"),
        ("", "1", "risk.: unknown limit"),
        ("max_order_value", "100000.01", "risk.max_order_value: is 50000 and cannot become 100000.01 in one step"),
        ("open_orders_max", "10", "risk.open_orders_instrument_max: is 20, more than open_orders_max (10)"),
        ("allowed", "DOGE", "risk.allowed: no instrument of this run is called 'DOGE'"),
    ],
)
def test_what_may_not_be_set_is_refused_by_its_key_and_changes_nothing(key: str, value: str, problem: str) -> None:
    desk = PolicyDesk()
    ok, answer = desk.set(key, value)
    assert not ok
    assert answer["error"].startswith(problem)
    assert answer["exit_code"] == 2
    assert (desk.told(), desk.shelf.kept) == ([], [])
    assert Action.RISK_LIMIT_CHANGE not in desk.actions


def test_while_trading_is_halted_a_limit_is_only_tightened() -> None:
    desk = PolicyDesk()
    desk.say(Halt("orders", "lost"))
    ok, answer = desk.set("max_order_value", "50001")
    assert (ok, answer["exit_code"]) == (False, 3)
    assert desk.set("max_order_value", "40000")[0]
    assert desk.told()[-1].limits.max_order_value == Decimal(40_000)


def test_who_has_not_the_role_is_refused_and_written_down() -> None:
    for verb, role in ROLES.items():
        desk = PolicyDesk()
        roles = tuple(each for each in Role if each is not role)
        desk.say(Command(9, verb, {"key": "max_order_value", "value": "1"}, "eve", 0, roles))
        (request, ok, answer) = desk.answers[-1]
        assert (request, ok) == (9, False)
        assert answer["error"].startswith(f"{verb} needs the role {role}; eve has {roles[0]}")
        assert [(each.resource_type, each.actor) for each in desk.records] == [("refused", "user:eve")]
        assert desk.told() == []
        assert not desk.latch.is_set


def test_with_a_store_that_cannot_be_read_the_safe_defaults_stay() -> None:
    start = PolicyStart(Policy(3, 3), "", "policy.json: torn", (), {"warn_pct": "a.toml:3"}, {"max_order_value": "9"})
    shelf = Shelf()
    desk = SafetyDesk(policy=PolicySetup(start, CONFIGURED, store=shelf, traded=TRADED))
    (record,) = [each for each in desk.records if each.action is Action.POLICY_CHANGED]
    assert (record.resource_id, record.reason) == ("safe defaults", "policy.json: torn")
    assert record.after == {"version": 3, "values": {"max_order_value": "9"}}
    _, ok, answer = desk.command("set-limit", key="max_order_value", value="1")
    assert not ok
    assert "the policy store cannot be read, so the safe defaults stay: policy.json: torn" in answer["error"]
    question = desk.safety.policy.question()
    assert question["policy"] == "SAFE DEFAULTS in force, limits version 3: policy.json: torn"
    rows = {row["key"]: row for row in question["limits"]}
    assert (rows["max_order_value"]["value"], rows["max_order_value"]["origin"]) == (
        "9", "safe defaults (default: 50000)",
    )  # fmt: skip
    assert rows["warn_pct"]["origin"] == "a.toml:3"
    desk.command("strategy", verb="disable", name="join")
    assert desk.heard(desk.safety.risk, StrategyStopped)
    assert desk.safety.policy.policy.strategies == {"join": False}
    assert shelf.kept == [], "the evidence is not written over"


def test_what_was_mended_is_recorded_at_the_start() -> None:
    desk = SafetyDesk(policy=PolicySetup(PolicyStart(Policy(4, 2), notes=("policy.json is missing",))))
    (record,) = [each for each in desk.records if each.action is Action.POLICY_CHANGED]
    assert (record.resource_id, record.reason) == ("store", "policy.json is missing")
    assert desk.safety.policy.words == "version 4, limits version 2; policy.json is missing"


def test_the_start_says_which_version_it_begins_with() -> None:
    desk = SafetyDesk(policy=PolicySetup(PolicyStart(Policy(4, 2), "abc")))
    (record,) = [each for each in desk.records if each.action is Action.SYSTEM_START]
    assert record.metadata is not None
    assert {key: record.metadata[key] for key in ("limits_sha256", "limits_version", "policy_version")} == {
        "limits_sha256": "abc", "limits_version": 2, "policy_version": 4,
    }  # fmt: skip


def test_limits_are_shown_with_where_they_came_from() -> None:
    start = PolicyStart(Policy(), origins={"max_order_value": "desk.toml:7"})
    desk = PolicyDesk(start)
    desk.set("max_order_value", "60000")
    rows = {row["key"]: row for row in desk.safety.policy.rows()}
    assert rows["max_order_value"] == {
        "key": "max_order_value", "value": "60000", "unit": "risk currency", "origin": "policy (desk.toml:7: 50000)",
    }  # fmt: skip
    assert rows["warn_pct"]["origin"] == "default"
    desk.set("max_order_value", "50000")
    assert next(row for row in desk.safety.policy.rows() if row["key"] == "max_order_value")["origin"] == "desk.toml:7"


def test_strategies_that_are_switched_stand_in_the_policy() -> None:
    desk = PolicyDesk()
    desk.command("strategy", verb="disable", name="join")
    desk.command("strategy", verb="enable", name="join")
    assert [policy.strategies for policy in desk.shelf.kept] == [{"join": False}, {"join": True}]
    assert [policy.version for policy in desk.shelf.kept] == [2, 3]
    desk.set("max_order_value", "60000")
    assert desk.told()[-1].version == 4, "one count for everything that is decided"


def test_manual_is_on_at_once_and_off_when_that_is_durable() -> None:
    desk = PolicyDesk()
    desk.mute = True
    assert desk.command("manual", to="on") == (0, False, {})
    assert desk.heard(desk.safety.risk, ManualChanged) == [ManualChanged(True)]
    assert desk.safety.policy.manual
    desk.mute = False
    desk.say(Durable(desk.records[-1].seq))
    assert desk.answers[-1] == (1, True, {"manual": True, "changed": True})

    desk.mute = True
    desk.command("manual", to="off", reason="we know it now")
    assert desk.heard(desk.safety.risk, ManualChanged) == [ManualChanged(True)]
    record = desk.records[-1]
    assert (record.action, record.resource_id, record.actor) == (Action.POLICY_CHANGED, "manual", "user:ann")
    assert (record.before, record.after) == ({"manual": True, "version": 2}, {"manual": False, "version": 3})
    assert record.reason == "we know it now"
    desk.say(Durable(record.seq))
    assert desk.heard(desk.safety.risk, ManualChanged)[-1] == ManualChanged(False)
    assert [policy.manual for policy in desk.shelf.kept] == [True, False]


def test_manual_that_goes_off_and_on_again_before_that_is_durable_stays_on() -> None:
    desk = PolicyDesk(manual=True)
    desk.mute = True
    desk.command("manual", to="off")
    off = desk.records[-1]
    desk.command("manual", to="on")
    desk.say(Durable(off.seq))
    assert desk.heard(desk.safety.risk, ManualChanged) == [ManualChanged(True)]


def test_manual_that_is_so_already_changes_nothing_and_another_word_is_refused() -> None:
    desk = PolicyDesk(manual=True)
    assert desk.command("manual", to="on") == (1, True, {"manual": True, "changed": False})
    _, ok, answer = desk.command("manual", to="maybe")
    assert (ok, answer["exit_code"]) == (False, 2)
    assert Action.POLICY_CHANGED not in desk.actions


@pytest.mark.parametrize(("verdict", "approved"), [("approve", True), ("deny", False)])
def test_a_persons_verdict_goes_to_risk_and_its_answer_back(verdict: str, approved: bool) -> None:
    desk = PolicyDesk()
    assert desk.command("approve", number="41", verdict=verdict) == (0, False, {})
    assert desk.heard(desk.safety.risk, ManualDecision) == [ManualDecision(1, 41, approved, "ann")]
    desk.say(ManualOutcome(1, False, {"error": "no"}))
    assert desk.answers == [(1, False, {"error": "no"})]


@pytest.mark.parametrize("number", ["", "x", "-1", "4.1", "9" * 19, "\u0664"])
def test_what_is_no_number_is_refused(number: str) -> None:
    desk = PolicyDesk()
    _, ok, answer = desk.command("approve", number=number)
    assert (ok, answer["exit_code"]) == (False, 2)
    assert desk.heard(desk.safety.risk, ManualDecision) == []
