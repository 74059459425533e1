"""The trading state: every step of the table, trips, the latch, re-arming, stopped strategies, the end of a run."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from actors.safety.actor import FLATTEN_NS, WATCH_PERIOD_NS, Safety
from actors.safety.start import StartFacts
from actors.safety.states import TRANSITIONS, SafetyEvent
from engine.clock import NS_PER_SECOND
from engine.messages.control import (
    Action,
    ActorFailed,
    AuditEvent,
    Command,
    CompareAll,
    Durable,
    FlattenRequest,
    GateWord,
    Halt,
    OpenOrders,
    Reconciled,
    Start,
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
from engine.runtime.system import System
from engine.supervision.directive import Directive
from hotpath.core.mailbox import ALL, AUDIT, HALT

NAMES = ("join", "quote")
STOP_WAIT_NS = 5 * NS_PER_SECOND


class Ear:
    """Hears what is told."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def tell(self, message: Any) -> int:
        self.heard.append(message)
        return 0


class GateCell:
    def __init__(self) -> None:
        self.word = GateWord.OPEN

    def write(self, word: GateWord) -> None:
        self.word = word


class LatchCell:
    def __init__(self, reason: str = "") -> None:
        self.reason = reason

    @property
    def is_set(self) -> bool:
        return bool(self.reason)

    def set(self, reason: str, now_ns: int) -> None:
        self.reason = reason

    def clear(self) -> None:
        self.reason = ""


class RuntimeEar:
    def __init__(self) -> None:
        self.done: list[tuple[str, str]] = []

    def stop(self, reason: str) -> None:
        self.done.append(("stop", reason))

    def stop_actor(self, name: str) -> None:
        self.done.append(("stop_actor", name))

    def enable_actor(self, name: str) -> None:
        self.done.append(("enable_actor", name))

    def finish(self, reason: str) -> None:
        self.done.append(("finish", reason))


class Desk:
    """Safety with ears around it and a system under it."""

    def __init__(self, latch: str = "", disabled: dict[str, str] | None = None) -> None:
        self.gate, self.latch, self.runtime = GateCell(), LatchCell(latch), RuntimeEar()
        self.answers: list[tuple[int, bool, dict[str, Any]]] = []
        self.records: list[AuditEvent] = []
        self.system = System(seed=7, first_seq=1, started_ns=0)
        self.safety = Safety(
            self.gate, self.latch, self.runtime, NAMES, ["sim"], disabled or {},
            lambda request, ok, answer: self.answers.append((request, ok, answer)),
            StartFacts("t1", 1, "live", "0", True), reconcile_ns=15 * NS_PER_SECOND, stop_ns=STOP_WAIT_NS,
        )  # fmt: skip
        cell = self.system.add("safety", Directive.ESCALATE, lambda: self.safety)
        audit = self.system.dispatcher.mailbox("audit", cell, {AuditEvent: self.on_record}, AUDIT, 64, HALT)
        self.safety.risk, self.safety.orders, self.safety.portfolio = Ear(), Ear(), Ear()
        self.safety.strategies = [Ear(), Ear()]
        self.safety.myself = cell.signals
        self.system.build(audit=audit, guardian="safety")
        self.signals = cell.signals
        self.say(Start())

    def on_record(self, event: AuditEvent) -> None:
        self.records.append(event)
        if event.reply_to is not None:
            event.reply_to.tell(Durable(event.seq))

    def say(self, *messages: Any) -> None:
        for message in messages:
            self.signals.tell(message)
        self.system.dispatcher.drain(ALL, ALL, -1)

    def pass_time(self, ns: int) -> None:
        self.system.moment.now_ns += ns
        while (number := self.system.timers.pop_due(self.system.moment.now_ns)) is not None:
            self.system.timers.fire(number)
        self.system.dispatcher.drain(ALL, ALL, -1)

    def command(self, verb: str, /, **arguments: str) -> tuple[int, bool, dict[str, Any]]:
        """Give a command and return its answer; request 0 when there is none yet."""
        before = len(self.answers)
        self.say(Command(1, verb, arguments, "ann", self.system.moment.now_ns))
        return self.answers[-1] if len(self.answers) > before else (0, False, {})

    def state(self) -> TradingState:
        return self.safety.state

    @property
    def actions(self) -> list[Action]:
        return [record.action for record in self.records]

    def heard(self, ear: Any, kind: type) -> list[Any]:
        return [message for message in ear.heard if isinstance(message, kind)]


CLEAN = Reconciled("sim", 0, (), 0)


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
    desk = Desk()
    assert desk.state() is TradingState.PROTECTIVE
    desk.say(Reconciled("sim", 1, ("BTC: ours 1, the venue's 2",), 0))
    assert desk.state() is TradingState.PROTECTIVE
    desk.say(CLEAN)
    assert desk.state() is TradingState.NORMAL
    assert [message.state for message in desk.heard(desk.safety.risk, StateChanged)][-1] is TradingState.NORMAL


def test_a_rise_waits_until_its_record_is_on_disk() -> None:
    desk = Desk()
    desk.signals.tell(CLEAN)
    desk.system.dispatcher.drain(ALL, 0, -1)
    assert desk.state() is TradingState.PROTECTIVE
    desk.system.dispatcher.drain(ALL, ALL, -1)
    assert desk.state() is TradingState.NORMAL


def test_a_lost_venue_takes_normal_away() -> None:
    desk = Desk()
    desk.say(CLEAN, GatewayState("sim", False, "closed", 0))
    assert desk.state() is TradingState.PROTECTIVE
    desk.say(CLEAN)
    assert desk.state() is TradingState.NORMAL


def test_a_halt_closes_the_gate_latches_and_cancels_everything() -> None:
    desk = Desk()
    desk.say(CLEAN, Halt("orders", "overfill"))
    assert (desk.safety.state, desk.gate.word, desk.latch.reason) == (
        TradingState.EMERGENCY, GateWord.CLOSED, "orders: overfill",
    )  # fmt: skip
    assert desk.heard(desk.safety.orders, CancelAll) == [CancelAll(-1, "orders: overfill")]
    assert Action.EMERGENCY_TRIGGERED in desk.actions
    desk.say(CLEAN)
    assert desk.state() is TradingState.EMERGENCY


def test_a_latch_makes_the_start_an_emergency() -> None:
    desk = Desk(latch="killed yesterday")
    assert (desk.safety.state, desk.gate.word) == (TradingState.EMERGENCY, GateWord.CLOSED)
    desk.say(CLEAN)
    assert desk.state() is TradingState.EMERGENCY


def test_a_gate_that_was_closed_from_outside_is_seen_without_any_order() -> None:
    desk = Desk()
    desk.say(CLEAN)
    desk.gate.word = GateWord.CLOSED
    desk.pass_time(WATCH_PERIOD_NS)
    assert desk.state() is TradingState.EMERGENCY


def test_kill_answers_when_nothing_is_open_any_more() -> None:
    desk = Desk()
    desk.say(CLEAN, OpenOrders(2, 0))
    assert desk.command("kill", reason="fat finger")[0] == 0
    assert desk.state() is TradingState.EMERGENCY
    desk.say(OpenOrders(0, 0))
    assert desk.answers == [(1, True, {"canceled": True, "working": 0, "state": "EMERGENCY"})]
    assert any(record.actor == "user:ann" for record in desk.records)


def test_rearming_takes_two_steps_and_leads_to_protective_first() -> None:
    desk = Desk()
    desk.say(CLEAN, Halt("x", "y"))
    _, ok, answer = desk.command("rearm")
    assert ok
    assert answer["would_enable"] == ["join", "quote"]
    assert desk.command("rearm", code="nonsense")[1] is False
    assert desk.command("rearm", code=answer["code"])[1] is True
    assert desk.latch.reason == ""
    assert desk.gate.word is GateWord.OPEN
    assert desk.state() is TradingState.PROTECTIVE
    assert desk.heard(desk.safety.orders, CompareAll) == [CompareAll("re-armed")]
    assert Action.EMERGENCY_RECOVERED in desk.actions
    desk.say(CLEAN)
    assert desk.state() == int(TradingState.NORMAL)


def test_a_rearm_waits_until_its_record_is_on_disk() -> None:
    desk = Desk()
    desk.say(Halt("x", "y"))
    code = desk.command("rearm")[2]["code"]
    desk.signals.tell(Command(2, "rearm", {"code": code}, "ann", 0))
    desk.system.dispatcher.drain(ALL, 0, -1)
    assert desk.gate.word is GateWord.CLOSED
    desk.system.dispatcher.drain(ALL, ALL, -1)
    assert desk.gate.word == int(GateWord.OPEN)


def test_a_code_older_than_a_minute_rearms_nothing() -> None:
    desk = Desk()
    desk.say(Halt("x", "y"))
    code = desk.command("rearm")[2]["code"]
    desk.pass_time(61_000_000_000)
    assert desk.command("rearm", code=code)[1] is False
    assert desk.state() is TradingState.EMERGENCY


def test_nothing_is_rearmed_while_an_order_is_unknown_or_when_nothing_is_latched() -> None:
    desk = Desk()
    assert desk.command("rearm")[1] is False
    desk.say(Halt("x", "y"), OpenOrders(0, 1))
    code = desk.command("rearm")[2]["code"]
    answer = desk.command("rearm", code=code)
    assert answer[1] is False
    assert "UNKNOWN" in answer[2]["error"]


def test_a_strategy_that_failed_is_disabled_and_its_orders_are_cancelled() -> None:
    desk = Desk()
    desk.say(ActorFailed("strategy:quote", "stop", "ValueError: x", 0))
    (stopped,) = desk.heard(desk.safety.orders, StrategyStopped)
    assert (stopped.strategy, stopped.reason) == (1, "ValueError: x")
    assert Action.STRATEGY_DISABLE in desk.actions


def test_an_actor_may_demand_that_a_strategy_stops_and_is_heard_once() -> None:
    desk = Desk()
    desk.say(StopStrategy(0, "100 denials"), StopStrategy(0, "100 denials"))
    assert desk.runtime.done == [("stop_actor", "strategy:join")]


def test_a_person_disables_and_enables_a_strategy() -> None:
    desk = Desk()
    desk.command("strategy", verb="disable", name="join")
    assert desk.command("strategy", verb="list")[2]["strategies"] == {"join": False, "quote": True}
    assert desk.command("strategy", verb="enable", name="join")[1]
    assert desk.runtime.done == [("stop_actor", "strategy:join"), ("enable_actor", "strategy:join")]
    assert desk.heard(desk.safety.risk, StrategyEnabled)[0].strategy == 0
    assert desk.command("strategy", verb="enable", name="nobody")[1] is False


def test_a_strategy_that_an_earlier_run_disabled_stays_off() -> None:
    desk = Desk(disabled={"quote": "it raised"})
    assert desk.runtime.done == [("stop_actor", "strategy:quote")]
    assert desk.heard(desk.safety.risk, StrategyStopped)[0].strategy == 1


def test_a_command_nobody_knows_is_answered() -> None:
    assert "known: " in Desk().command("dance")[2]["error"]


def test_flatten_opens_the_gate_for_what_shrinks_only() -> None:
    desk = Desk()
    desk.say(CLEAN, Halt("x", "y"))
    desk.command("flatten")
    assert desk.gate.word is GateWord.REDUCE
    assert desk.heard(desk.safety.portfolio, FlattenRequest)[0].user == "ann"
    desk.pass_time(FLATTEN_NS)
    assert desk.gate.word == int(GateWord.CLOSED)


def test_a_start_that_is_not_reconciled_in_time_says_so() -> None:
    desk = Desk()
    desk.pass_time(15 * NS_PER_SECOND)
    assert desk.safety.last_reason == "not reconciled after 15 s: sim"


def test_stop_ends_when_nothing_is_open_or_after_a_while() -> None:
    desk = Desk()
    desk.command("stop")
    assert desk.runtime.done == [("stop", "stopped by a person")]
    desk.say(OpenOrders(1, 0), Stop("end"))
    assert not desk.safety.finished
    desk.say(OpenOrders(0, 0))
    assert desk.safety.finished
    assert desk.runtime.done[-1] == ("finish", "the run ends")
    slow = Desk()
    slow.say(OpenOrders(1, 0), Stop("end"))
    slow.pass_time(STOP_WAIT_NS)
    assert slow.safety.finished
    assert [record.metadata["clean"] for record in slow.records if record.action is Action.SYSTEM_STOP] == [False]


def test_an_escalation_is_recorded() -> None:
    desk = Desk()
    desk.say(ActorFailed("risk", "escalate", "ValueError: x", 0), ActorFailed("feed:sim", "restart", "KeyError: y", 0))
    assert [record.resource_id for record in desk.records if record.resource_type == "actor"] == ["risk", "feed:sim"]


def test_a_context_belongs_to_its_actor() -> None:
    desk = Desk()
    context = desk.safety.context
    assert isinstance(context, ActorContext)
    assert context.name == "safety"
