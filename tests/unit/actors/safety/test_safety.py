"""The trading state: every step of the table, trips, the latch, re-arming, stopped strategies, the end of a run."""

from __future__ import annotations

import itertools
from itertools import pairwise
from typing import Any

import pytest

from actors.safety.actor import FLATTEN_NS, WATCH_PERIOD_NS
from actors.safety.start import DeletedTape, StartFacts, record_start
from actors.safety.states import TRANSITIONS, SafetyEvent
from engine.clock import NS_PER_SECOND
from engine.messages.control import (
    Action,
    ActorFailed,
    Command,
    CompareAll,
    FlattenRequest,
    GateWord,
    Halt,
    OpenOrders,
    ResolveOrder,
    Role,
    StateChanged,
    Stop,
    StopStrategy,
    StrategyEnabled,
    StrategyStopped,
    TradingState,
)
from engine.messages.orders import CancelAll
from engine.messages.reports import GatewayState
from engine.runtime.context import ActorContext
from hotpath.core.mailbox import ALL
from tests.models.safety_desk import CLEAN, DIFFERENT, LOST, SafetyDesk
from tiercel.recording import RecordingContext

PROOFS = (SafetyEvent.RECONCILED, SafetyEvent.RECONCILED_CAUTIOUSLY)
FLOOR = {
    SafetyEvent.CAUTIONED: TradingState.CAUTIOUS,
    SafetyEvent.PROTECTED: TradingState.PROTECTIVE,
    SafetyEvent.TRIPPED: TradingState.EMERGENCY,
}


@pytest.mark.parametrize(("state", "event"), list(itertools.product(TradingState, SafetyEvent)))
def test_every_state_has_an_answer_to_every_event(state: TradingState, event: SafetyEvent) -> None:
    after = TRANSITIONS[state, event]
    if event in FLOOR:
        assert after is min(state, FLOOR[event])
    elif event is SafetyEvent.GUARDS_HELD:
        assert after == min(state + 1, TradingState.NORMAL)
    elif state is TradingState.PROTECTIVE:
        assert after is (TradingState.NORMAL if event is PROOFS[0] else TradingState.CAUTIOUS)
    else:
        assert after is state


def test_a_start_is_protective_until_venue_and_ledger_agree() -> None:
    desk = SafetyDesk()
    assert desk.state() is TradingState.PROTECTIVE
    desk.say(DIFFERENT)
    assert desk.state() is TradingState.PROTECTIVE
    desk.say(CLEAN)
    assert desk.state() is TradingState.NORMAL
    assert [message.state for message in desk.heard(desk.safety.risk, StateChanged)][-1] is TradingState.NORMAL


def test_a_rise_waits_until_its_record_is_on_disk() -> None:
    desk = SafetyDesk()
    desk.signals.tell(CLEAN)
    desk.system.dispatcher.drain(ALL, 0, -1)
    assert desk.state() is TradingState.PROTECTIVE
    desk.system.dispatcher.drain(ALL, ALL, -1)
    assert desk.state() is TradingState.NORMAL


def test_a_lost_venue_takes_normal_away() -> None:
    desk = SafetyDesk()
    desk.say(CLEAN, GatewayState("sim", False, "closed", 0))
    assert desk.state() is TradingState.PROTECTIVE
    desk.say(CLEAN)
    assert desk.state() is TradingState.NORMAL


def test_a_halt_closes_the_gate_latches_and_cancels_everything() -> None:
    desk = SafetyDesk()
    desk.say(CLEAN, Halt("orders", "overfill"))
    assert (desk.safety.state, desk.gate.word, desk.latch.reason) == (
        TradingState.EMERGENCY, GateWord.CLOSED, "orders: overfill",
    )  # fmt: skip
    assert desk.heard(desk.safety.orders, CancelAll) == [CancelAll(-1, "orders: overfill")]
    assert Action.EMERGENCY_TRIGGERED in desk.actions
    assert desk.safety.last_reason == "orders: overfill"
    desk.say(CLEAN)
    assert desk.state() is TradingState.EMERGENCY


def test_a_latch_makes_the_start_an_emergency() -> None:
    desk = SafetyDesk(latch="killed yesterday")
    assert (desk.safety.state, desk.gate.word) == (TradingState.EMERGENCY, GateWord.CLOSED)
    desk.say(CLEAN)
    assert desk.state() is TradingState.EMERGENCY


def test_a_gate_that_was_closed_from_outside_is_seen_without_any_order() -> None:
    desk = SafetyDesk()
    desk.say(CLEAN)
    desk.gate.word = GateWord.CLOSED
    desk.pass_time(WATCH_PERIOD_NS)
    assert desk.state() is TradingState.EMERGENCY


def test_kill_answers_at_once_when_nothing_was_ever_open() -> None:
    desk = SafetyDesk()
    assert desk.states()[0].epoch == 0
    assert desk.command("kill", reason="x") == (1, True, {"canceled": True, "working": 0, "state": "EMERGENCY"})


def test_kill_answers_when_nothing_is_open_any_more() -> None:
    desk = SafetyDesk()
    desk.say(CLEAN, OpenOrders(2, 0))
    assert desk.command("kill", reason="fat finger")[0] == 0
    assert desk.state() is TradingState.EMERGENCY
    desk.say(OpenOrders(0, 0))
    assert desk.answers == [(1, True, {"canceled": True, "working": 0, "state": "EMERGENCY"})]
    assert any(record.actor == "user:ann" for record in desk.records)


def test_rearming_takes_two_steps_and_leads_to_protective_first() -> None:
    desk = SafetyDesk(rearm_seconds=1)
    desk.say(CLEAN, Halt("x", "y"))
    desk.well()
    desk.pass_time(NS_PER_SECOND)
    _, ok, answer = desk.command("rearm")
    assert ok
    assert answer["would_enable"] == ["join", "quote"]
    assert desk.command("rearm", code="nonsense")[1] is False
    assert desk.command("rearm", code=answer["code"])[1] is True
    assert desk.latch.reason == ""
    assert desk.gate.word is GateWord.OPEN
    assert desk.state() is TradingState.PROTECTIVE
    assert desk.heard(desk.safety.orders, CompareAll)[-1] == CompareAll("re-armed")
    assert Action.EMERGENCY_RECOVERED in desk.actions
    desk.say(CLEAN)
    assert desk.state() == int(TradingState.PROTECTIVE)


def test_a_rearm_waits_until_its_record_is_on_disk() -> None:
    desk = SafetyDesk(rearm_seconds=1)
    desk.say(Halt("x", "y"), CLEAN)
    desk.well()
    desk.pass_time(NS_PER_SECOND)
    code = desk.command("rearm")[2]["code"]
    desk.signals.tell(Command(2, "rearm", {"code": code}, "ann", 0, (Role.ADMIN,)))
    desk.system.dispatcher.drain(ALL, 0, -1)
    assert desk.gate.word is GateWord.CLOSED
    desk.system.dispatcher.drain(ALL, ALL, -1)
    assert desk.gate.word == int(GateWord.OPEN)


def test_a_code_older_than_a_minute_rearms_nothing() -> None:
    desk = SafetyDesk()
    desk.say(Halt("x", "y"))
    code = desk.command("rearm")[2]["code"]
    desk.pass_time(61_000_000_000)
    assert desk.command("rearm", code=code)[1] is False
    assert desk.state() is TradingState.EMERGENCY


def test_nothing_is_rearmed_while_an_order_is_unknown_or_when_nothing_is_latched() -> None:
    desk = SafetyDesk()
    assert desk.command("rearm")[1] is False
    desk.say(Halt("x", "y"), OpenOrders(0, 1))
    code = desk.command("rearm")[2]["code"]
    answer = desk.command("rearm", code=code)
    assert answer[1] is False
    assert "UNKNOWN" in answer[2]["error"]


def test_a_strategy_that_failed_is_disabled_and_its_orders_are_cancelled() -> None:
    desk = SafetyDesk()
    desk.say(ActorFailed("strategy:quote", "stop", "ValueError: x", 0))
    (stopped,) = desk.heard(desk.safety.orders, StrategyStopped)
    assert (stopped.strategy, stopped.reason) == (1, "ValueError: x")
    assert Action.STRATEGY_DISABLE in desk.actions


def test_an_actor_may_demand_that_a_strategy_stops_and_is_heard_once() -> None:
    desk = SafetyDesk()
    desk.say(StopStrategy(0, "100 denials"), StopStrategy(0, "100 denials"))
    assert desk.runtime.done == [("stop_actor", "strategy:join")]


def test_a_person_disables_and_enables_a_strategy() -> None:
    desk = SafetyDesk()
    desk.command("strategy", verb="disable", name="join")
    assert desk.command("strategy", verb="list")[2]["strategies"] == {"join": False, "quote": True}
    assert desk.command("strategy", verb="enable", name="join")[1]
    assert desk.runtime.done == [("stop_actor", "strategy:join"), ("enable_actor", "strategy:join")]
    assert desk.heard(desk.safety.risk, StrategyEnabled)[0].strategy == 0
    assert desk.command("strategy", verb="enable", name="nobody")[1] is False


def test_a_strategy_that_an_earlier_run_disabled_stays_off() -> None:
    desk = SafetyDesk(disabled={"quote": "it raised"})
    assert desk.runtime.done == [("stop_actor", "strategy:quote")]
    assert desk.heard(desk.safety.risk, StrategyStopped)[0].strategy == 1


def test_a_command_nobody_knows_is_answered() -> None:
    assert "known: " in SafetyDesk().command("dance")[2]["error"]


def test_flatten_opens_the_gate_for_what_shrinks_only() -> None:
    desk = SafetyDesk()
    desk.say(CLEAN, Halt("x", "y"))
    desk.command("flatten")
    assert desk.gate.word is GateWord.REDUCE
    assert desk.heard(desk.safety.portfolio, FlattenRequest)[0].user == "ann"
    desk.pass_time(FLATTEN_NS)
    assert desk.gate.word == int(GateWord.CLOSED)


def test_a_person_resolves_an_order_only_while_one_is_unknown() -> None:
    desk = SafetyDesk()
    assert desk.command("resolve", order="t1-1-1") == (1, False, {"error": "no order is UNKNOWN"})
    desk.say(OpenOrders(0, 1))
    assert desk.command("resolve", order="t1-1-1") == (1, True, {"asked": "t1-1-1"})
    (told,) = desk.heard(desk.safety.orders, ResolveOrder)
    assert (told.client_order_id, told.user) == ("t1-1-1", "ann")


def test_a_start_that_is_not_reconciled_in_time_says_so() -> None:
    desk = SafetyDesk()
    desk.pass_time(15 * NS_PER_SECOND)
    assert desk.safety.last_reason == "not reconciled after 15 s: sim"


def test_stop_ends_when_nothing_is_open_or_after_a_while() -> None:
    desk = SafetyDesk()
    desk.command("stop")
    assert desk.runtime.done == [("stop", "stopped by a person")]
    desk.say(OpenOrders(1, 0), Stop("end"))
    assert not desk.safety.finished
    desk.say(OpenOrders(0, 0))
    assert desk.safety.finished
    assert desk.runtime.done[-1] == ("finish", "the run ends")
    slow = SafetyDesk()
    slow.say(OpenOrders(1, 0), Stop("end"))
    slow.pass_time(5 * NS_PER_SECOND)
    assert slow.safety.finished
    assert [record.metadata["clean"] for record in slow.records if record.action is Action.SYSTEM_STOP] == [False]


def test_an_escalation_is_recorded() -> None:
    desk = SafetyDesk()
    desk.say(ActorFailed("risk", "escalate", "ValueError: x", 0), ActorFailed("feed:sim", "restart", "KeyError: y", 0))
    assert [record.resource_id for record in desk.records if record.resource_type == "actor"] == ["risk", "feed:sim"]


def test_a_context_belongs_to_its_actor() -> None:
    desk = SafetyDesk()
    context = desk.safety.context
    assert isinstance(context, ActorContext)
    assert context.name == "safety"


def test_a_strategy_that_the_supervisor_stops_twice_is_disabled_once() -> None:
    desk = SafetyDesk()
    desk.say(*[ActorFailed("strategy:quote", "stop", "ValueError: x", 0)] * 2)
    assert desk.actions.count(Action.STRATEGY_DISABLE) == 1


def test_a_strategy_that_is_enabled_twice_before_the_disk_answers_starts_once() -> None:
    desk = SafetyDesk(disabled={"quote": "it raised"})
    for _ in range(2):
        desk.later("strategy", verb="enable", name="quote")
    desk.say()
    assert desk.runtime.done.count(("enable_actor", "strategy:quote")) == 1


def test_a_start_records_what_was_repaired_and_deleted() -> None:
    context = RecordingContext(0)
    gone = DeletedTape("t1-1", "000001.bin", 64, "older than 7 days")
    record_start(context, StartFacts("t1", 2, "live", "0", False, torn_bytes=3, deleted=(gone,)), {})
    assert [record["action"] for record in context.recorded] == [
        Action.AUDIT_RECOVERED, Action.AUDIT_DELETED, Action.SYSTEM_START,
    ]  # fmt: skip


@pytest.mark.parametrize("overtaken_by", [LOST, Halt("x", "y")])
def test_a_rise_that_was_overtaken_while_its_record_went_to_disk_is_taken_back_in_the_trail(overtaken_by: Any) -> None:
    desk = SafetyDesk()
    desk.mute = True
    desk.say(CLEAN)
    assert (desk.state(), desk.trail_states()[-1]) == (TradingState.PROTECTIVE, ("PROTECTIVE", "NORMAL"))
    desk.say(overtaken_by)
    steps = desk.trail_states()
    assert all(before[1] == after[0] for before, after in pairwise(steps))
    assert steps[-1][1] == desk.state().name
