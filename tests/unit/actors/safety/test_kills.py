"""Kill levels: a strategy, an instrument, a venue, and everything; and flattening in every state."""

from __future__ import annotations

import pytest

from actors.safety.actor import FLATTEN_NS, WATCH_PERIOD_NS
from actors.safety.kills import LEVELS
from engine.audit.fold import KILL_LEVELS
from engine.messages.control import (
    Action,
    Command,
    Durable,
    FlattenRequest,
    GateWord,
    Halt,
    InstrumentsKilled,
    OpenOrders,
    Role,
    StateChanged,
    StrategyEnabled,
    StrategyStopped,
    TradingState,
)
from engine.messages.orders import CancelAll
from tests.models.safety_desk import CLEAN, SafetyDesk


def killed(desk: SafetyDesk) -> tuple[int, ...]:
    """Return what risk was told last that is killed."""
    told: list[InstrumentsKilled] = desk.heard(desk.risk, InstrumentsKilled)
    return told[-1].instruments if told else ()


def test_safety_and_the_fold_mean_the_same_levels() -> None:
    assert LEVELS == KILL_LEVELS


def test_killing_a_strategy_stops_it_alone() -> None:
    desk = SafetyDesk()
    desk.say(CLEAN)
    _, ok, answer = desk.command("kill", strategy="quote", reason="it loses")
    assert (ok, answer["killed"]) == (True, "strategy quote")
    assert desk.state() is TradingState.NORMAL
    assert not desk.latch.is_set
    (stopped,) = desk.heard(desk.risk, StrategyStopped)
    assert (stopped.strategy, stopped.reason, stopped.by_person) == (1, "it loses", True)
    assert desk.command("strategy", verb="enable", name="quote")[1]
    assert desk.safety.roster.states() == {"join": True, "quote": True}


@pytest.mark.parametrize("name", ["sim:ETHUSDT", "ETHUSDT"])
def test_killing_an_instrument_cancels_its_orders_and_permits_nothing_there(name: str) -> None:
    desk = SafetyDesk()
    desk.say(CLEAN)
    assert desk.command("kill", instrument=name, reason="a split")[2]["killed"] == "instrument sim:ETHUSDT"
    assert killed(desk) == (1,)
    assert desk.heard(desk.orders, CancelAll) == [CancelAll(-1, "a split", 1)]
    assert (desk.state(), desk.gate.word) == (TradingState.NORMAL, GateWord.OPEN)
    record = next(one for one in desk.records if one.action is Action.EMERGENCY_TRIGGERED)
    assert (record.resource_type, record.resource_id, record.actor) == ("instrument", "sim:ETHUSDT", "user:ann")
    desk.command("kill", instrument=name, reason="again")
    assert desk.actions.count(Action.EMERGENCY_TRIGGERED) == 1

    assert desk.command("rearm", instrument=name)[1]
    assert killed(desk) == ()
    assert desk.actions.count(Action.EMERGENCY_RECOVERED) == 1
    answer = desk.command("rearm", instrument=name)
    assert answer[1] is False
    assert "is not killed" in answer[2]["error"]


def test_killing_a_venue_covers_all_of_its_instruments_and_what_was_killed_singly_stays_so() -> None:
    desk = SafetyDesk()
    desk.command("kill", instrument="BTCUSDT", reason="a")
    desk.command("kill", venue="sim", reason="b")
    assert killed(desk) == (0, 1)
    desk.command("rearm", venue="sim")
    assert killed(desk) == (0,)


def test_what_an_earlier_run_killed_stays_killed() -> None:
    desk = SafetyDesk(killed={"instrument sim:ETHUSDT": "a split", "instrument gone:XYZ": "delisted"})
    assert killed(desk) == (1,)
    assert SafetyDesk().heard(SafetyDesk().risk, InstrumentsKilled) == []


@pytest.mark.parametrize(
    ("verb", "level", "name", "words"),
    [
        ("kill", "strategy", "nobody", "known: join, quote"),
        ("kill", "instrument", "XRPUSDT", "known: sim:BTCUSDT, sim:ETHUSDT"),
        ("kill", "venue", "kraken", "known: sim"),
        ("rearm", "venue", "sim", "is not killed; killed: nothing"),
        ("rearm", "strategy", "join", "tiercel strategy enable join"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(verb: str, level: str, name: str, words: str) -> None:
    desk = SafetyDesk()
    desk.say(CLEAN)
    _, ok, answer = desk.command(verb, reason="x", **{level: name})
    assert not ok
    assert words in answer["error"]
    assert desk.state() is TradingState.NORMAL


# ---- flatten


def in_state(state: TradingState) -> SafetyDesk:
    desk = SafetyDesk(clean_stop=state is not TradingState.CAUTIOUS)
    desk.well()
    if state is not TradingState.PROTECTIVE:
        desk.say(CLEAN)
    if state is TradingState.EMERGENCY:
        desk.say(Halt("x", "y"))
    assert desk.state() is state
    return desk


@pytest.mark.parametrize("state", TradingState)
def test_flatten_is_taken_in_every_state_and_opens_a_closed_gate_for_what_reduces_alone(state: TradingState) -> None:
    desk = in_state(state)
    closed = state is TradingState.EMERGENCY
    _, ok, answer = desk.command("flatten")
    assert (ok, answer["flattening"]) == (True, True)
    assert desk.gate.word is (GateWord.REDUCE if closed else GateWord.OPEN)
    assert desk.heard(desk.safety.portfolio, FlattenRequest)[0].user == "ann"
    assert desk.heard(desk.orders, CancelAll)[-1].reason == "flatten"
    desk.pass_time(FLATTEN_NS)
    assert desk.gate.word is (GateWord.CLOSED if closed else GateWord.OPEN)
    assert desk.state() is state


def test_an_emergency_flattens_where_that_is_configured_and_nowhere_else() -> None:
    for configured in (True, False):
        desk = SafetyDesk(flatten_on_emergency=configured)
        desk.say(CLEAN, Halt("x", "y"), Halt("x", "again"))
        assert [one.user for one in desk.heard(desk.safety.portfolio, FlattenRequest)] == ["safety"] * configured
        assert desk.gate.word is (GateWord.REDUCE if configured else GateWord.CLOSED)
        assert desk.state() is TradingState.EMERGENCY
        desk.pass_time(FLATTEN_NS)
        assert desk.gate.word is GateWord.CLOSED


def test_a_kill_whose_closed_gate_was_seen_before_it_flattens_all_the_same() -> None:
    desk = SafetyDesk(flatten_on_emergency=True)
    desk.say(CLEAN)
    desk.gate.word = GateWord.CLOSED
    desk.pass_time(WATCH_PERIOD_NS)
    desk.gate.word = GateWord.CLOSED
    desk.command("kill", reason="the same")
    assert desk.gate.word is GateWord.REDUCE
    assert len(desk.heard(desk.safety.portfolio, FlattenRequest)) == 2


def test_a_second_flatten_has_its_whole_time() -> None:
    desk = in_state(TradingState.EMERGENCY)
    desk.command("flatten")
    desk.pass_time(FLATTEN_NS // 2)
    desk.command("flatten")
    desk.pass_time(FLATTEN_NS // 2)
    assert desk.gate.word is GateWord.REDUCE
    desk.pass_time(FLATTEN_NS // 2)
    assert desk.gate.word == int(GateWord.CLOSED)


def test_a_kill_while_a_flatten_runs_closes_the_gate_again() -> None:
    desk = in_state(TradingState.EMERGENCY)
    desk.command("flatten")
    desk.command("kill", reason="stop it")
    assert desk.gate.word is GateWord.CLOSED


def test_orders_that_wait_hear_of_every_kill_of_a_flatten_and_of_the_state() -> None:
    desk = SafetyDesk()
    desk.command("kill", instrument="ETHUSDT", reason="a split")
    desk.command("kill", strategy="quote", reason="it loses")
    desk.command("flatten")
    desk.command("kill", reason="everything")
    heard = desk.triggers.heard
    assert CancelAll(-1, "a split", 1) in heard
    assert CancelAll(-1, "flatten") in heard
    assert len([message for message in heard if isinstance(message, StrategyStopped)]) == 1
    assert TradingState.EMERGENCY in [message.state for message in heard if isinstance(message, StateChanged)]


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ({"order": "t1-1-5"}, [CancelAll(-1, "canceled by ann", -1, "t1-1-5")]),
        ({"strategy": "quote"}, [CancelAll(1, "canceled by ann")]),
        ({"instrument": "ETHUSDT"}, [CancelAll(-1, "canceled by ann", 1)]),
        ({}, [CancelAll(-1, "canceled by ann")]),
    ],
)
def test_a_person_cancels_one_order_those_of_a_strategy_or_an_instrument_or_all_while_trading_goes_on(
    words: dict[str, str], asked: list[CancelAll]
) -> None:
    desk = SafetyDesk()
    answered = desk.command("cancel", **words)
    assert answered[1], answered
    for ear in (desk.orders, desk.triggers):
        heard = [message for message in ear.heard if isinstance(message, CancelAll)]
        assert [CancelAll(each.strategy, "canceled by ann", each.instrument, each.order) for each in heard] == asked
    assert desk.heard(desk.triggers, StrategyStopped) == []


@pytest.mark.parametrize("words", [{"strategy": "nobody"}, {"instrument": "DOGEUSDT"}])
def test_a_cancel_of_what_is_not_there_says_what_is(words: dict[str, str]) -> None:
    desk = SafetyDesk()
    _, ok, answer = desk.command("cancel", **words)
    assert (ok, "known:" in answer["error"]) == (False, True)
    assert desk.heard(desk.orders, CancelAll) == []


# ---- a kill while what would lift it waits for the disk


@pytest.mark.parametrize(
    "again", [("kill", {"strategy": "quote", "reason": "again"}), ("strategy", {"verb": "disable", "name": "quote"})]
)
def test_a_strategy_that_is_stopped_while_enabling_waits_for_the_disk_stays_stopped(
    again: tuple[str, dict[str, str]],
) -> None:
    desk = SafetyDesk()
    desk.say(CLEAN)
    desk.command("kill", strategy="quote", reason="it loses")
    desk.mute = True
    desk.command("strategy", verb="enable", name="quote")
    seq = next(one.seq for one in desk.records if one.action is Action.STRATEGY_ENABLE)
    desk.command(again[0], **again[1])
    desk.mute = False
    desk.say(*(Durable(one.seq) for one in desk.records if one.seq >= seq))
    assert desk.safety.roster.states()["quote"] is False
    assert desk.heard(desk.risk, StrategyEnabled) == []
    assert desk.safety.policy.policy.strategies["quote"] is False
    assert desk.actions[-1] is Action.STRATEGY_DISABLE, "the next run begins with it off"
    desk.command("strategy", verb="enable", name="quote")
    assert desk.safety.roster.states()["quote"] is True


def test_an_instrument_that_is_killed_while_lifting_waits_for_the_disk_stays_killed() -> None:
    desk = SafetyDesk()
    desk.command("kill", instrument="BTCUSDT", reason="a")
    desk.mute = True
    desk.command("rearm", instrument="BTCUSDT")
    seq = desk.records[-1].seq
    desk.command("kill", instrument="BTCUSDT", reason="b")
    desk.say(Durable(seq))
    assert killed(desk) == (0,)
    assert desk.actions[-1] is Action.EMERGENCY_TRIGGERED, "the next run begins with it killed"
    desk.mute = False
    desk.command("rearm", instrument="BTCUSDT")
    assert killed(desk) == ()


def test_kills_that_wait_for_their_answer_are_bounded_and_the_last_ones_hear() -> None:
    desk = SafetyDesk()
    desk.say(OpenOrders(1, 0))
    for request in range(100):
        desk.say(Command(request, "kill", {"reason": "x"}, "ann", desk.now_ns, tuple(Role)))
    desk.answers.clear()
    desk.say(OpenOrders(0, 0))
    assert [number for number, _, _ in desk.answers] == list(range(36, 100))


def test_a_kill_while_the_engine_starts_stands_although_nobody_was_there_to_hear_it() -> None:
    desk = SafetyDesk(gate=GateWord.CLOSED)  # the latch was read before the person wrote it
    assert desk.gate.word is GateWord.CLOSED
    desk.say(CLEAN)
    desk.pass_time(WATCH_PERIOD_NS)
    assert (desk.state(), desk.gate.word, desk.latch.is_set) == (TradingState.EMERGENCY, GateWord.CLOSED, True)
