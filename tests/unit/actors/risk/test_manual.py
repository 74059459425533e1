"""Under MANUAL each intent of a strategy waits for a person, and is judged when a person says yes."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from engine.audit.desk_state import DeskState
from engine.limits import MANUAL_WAITING_MAX
from engine.messages.control import (
    Action,
    ManualChanged,
    ManualDecision,
    ManualOutcome,
    StateChanged,
    Stop,
    StrategyStopped,
    TradingState,
)
from engine.messages.market import Side
from engine.messages.orders import AmendIntent, ApprovedCancel, CancelIntent, DenialReason, OrderIntent, OrderTerms
from tests.models.risk_desk import LOTS, PERSON, TICKS, RiskDesk, accepted

D = DenialReason
SECONDS = 30


class ManualDesk(RiskDesk):
    """A desk with MANUAL on."""

    def __init__(self, state: DeskState | None = None, **limits: Any) -> None:
        super().__init__(state, **limits)
        self.tell(ManualChanged(True))
        self.context.recorded.clear()

    def decide(self, number: int, approved: bool = True) -> ManualOutcome:
        """Bring a person's word and return what came of it."""
        self.tell(ManualDecision(7, number, approved, "ann"))
        outcome = self.safety.messages[-1]
        assert isinstance(outcome, ManualOutcome)
        assert outcome.request == 7
        return outcome

    @property
    def numbers(self) -> list[int]:
        """The numbers that wait."""
        return list(self.actor.manual.waiting)

    def ends(self) -> list[tuple[str, str]]:
        """Return (state, actor) of each record of an intent that waited."""
        return [
            (row["after"]["state"], row["actor"]) for row in self.context.recorded if row["resource_type"] == "intent"
        ]


def test_an_intent_waits_reserves_nothing_and_is_written_down_under_the_number_of_its_record() -> None:
    desk = ManualDesk()
    assert desk.send() is None
    assert desk.worst_lots() == (0, 0)
    assert desk.denials() == []
    (record,) = desk.context.recorded
    (number,) = desk.numbers
    assert record["action"] is Action.RISK_BLOCK
    assert record["resource_id"] == "one-101"
    assert record["after"] == {
        "state": "WAITING", "strategy": "one", "instrument": "binance_spot:BTCUSDT", "side": "BUY",
        "quantity": "0.01000000", "price": "60000.00",
    }  # fmt: skip
    assert record["metadata"] == {"intent": 101, "limits_version": 1, "number": number}


def test_what_is_approved_leaves_and_the_person_stands_in_the_trail() -> None:
    desk = ManualDesk()
    desk.send()
    (number,) = desk.numbers
    outcome = desk.decide(number)
    assert outcome == ManualOutcome(7, True, {"number": number, "approved": True})
    (approved,) = desk.orders.messages
    assert (approved.intent.intent, approved.price_ticks) == (101, TICKS)
    assert desk.worst_lots() == (LOTS, 0)
    assert desk.ends() == [("WAITING", ""), ("APPROVED", "user:ann")]
    assert desk.context.recorded[-1]["action"] is Action.MANUAL_INTERVENTION
    assert desk.numbers == []


def test_what_is_denied_does_not_leave_and_its_strategy_hears_why() -> None:
    desk = ManualDesk()
    desk.send()
    assert desk.decide(desk.numbers[0], approved=False).ok
    assert desk.reasons() == [D.MANUAL_DENIED]
    assert desk.orders.messages == []
    assert desk.ends()[-1] == ("DENIED", "user:ann")


def test_what_nobody_decides_about_expires() -> None:
    desk = ManualDesk()
    desk.send()
    number = desk.numbers[0]
    desk.advance(SECONDS - 0.001)
    assert desk.numbers == [number]
    desk.advance(0.001)
    assert desk.numbers == []
    assert desk.reasons() == [D.MANUAL_EXPIRED]
    assert desk.ends()[-1] == ("EXPIRED", "")
    outcome = desk.decide(number)
    assert not outcome.ok
    assert outcome.answer["error"].startswith(f"{number} waits no longer: nobody decided in 30 s")


@pytest.mark.parametrize("approved", [True, False])
def test_a_number_is_decided_once(approved: bool) -> None:
    desk = ManualDesk()
    desk.send()
    number = desk.numbers[0]
    desk.decide(number, approved)
    count = len(desk.orders.messages)
    again = desk.decide(number)
    assert not again.ok
    word = "approved" if approved else "denied"
    assert again.answer["error"].startswith(f"{number} waits no longer: {word} by ann")
    assert len(desk.orders.messages) == count


@pytest.mark.parametrize("number", [0, 1, 10**18])
def test_a_number_that_nothing_waits_under_is_refused(number: int) -> None:
    desk = ManualDesk()
    outcome = desk.decide(number)
    assert (outcome.ok, outcome.answer["error"]) == (
        False, f"no order waits under number {number}; 'tiercel approve' lists what waits",
    )  # fmt: skip


def test_what_is_approved_is_judged_by_every_check_at_that_moment() -> None:
    desk = ManualDesk()
    desk.send()
    desk.context.now_ns += 2_000_000_000  # and no quote came
    outcome = desk.decide(desk.numbers[0])
    assert not outcome.ok
    assert (
        "was approved, and the checks deny it: MARKET_DATA_FRESH, 2000 ms where 1000 ms is the limit"
        in (outcome.answer["error"])
    )
    assert desk.reasons() == [D.MARKET_DATA_FRESH]
    assert desk.worst_lots() == (0, 0)


def test_intents_may_be_approved_in_any_order_and_their_numbers_still_only_rise() -> None:
    desk = ManualDesk()
    for lots in (LOTS, 2 * LOTS, 3 * LOTS):
        desk.send(lots=lots)
    first, second, third = desk.numbers
    for number in (second, third, first):
        assert desk.decide(number).ok
    assert [approved.intent.intent for approved in desk.orders.messages] == [102, 103, 101]
    assert desk.send(intent=103) is None
    assert desk.reasons() == [D.DUPLICATE_ORDER]


def test_an_intent_whose_number_was_used_is_denied_at_once() -> None:
    desk = ManualDesk()
    desk.send(intent=500)
    desk.send(intent=500)
    desk.send(intent=499)
    assert len(desk.numbers) == 1
    assert desk.reasons() == [D.DUPLICATE_ORDER, D.DUPLICATE_ORDER]


def test_a_strategy_that_may_not_trade_is_denied_at_once() -> None:
    desk = ManualDesk(DeskState(disabled={"two": "raised"}))
    desk.send(strategy=1)
    assert desk.numbers == []
    assert desk.reasons(1) == [D.STRATEGY_AUTHORISED]


def test_an_instrument_that_nobody_knows_is_denied_at_once() -> None:
    desk = ManualDesk()
    desk.send(instrument=9)
    assert (desk.numbers, desk.reasons()) == ([], [D.INSTRUMENT_PERMITTED])


def test_a_persons_own_order_does_not_wait() -> None:
    assert ManualDesk().send(strategy=PERSON) is not None


def test_no_more_wait_than_somebody_can_read() -> None:
    desk = ManualDesk()
    for _ in range(MANUAL_WAITING_MAX):
        desk.send()
    assert desk.reasons() == []
    desk.send()
    assert len(desk.numbers) == MANUAL_WAITING_MAX
    assert [(one.reason, one.observed, one.limit) for one in desk.denials()] == [
        (D.BUSY, str(MANUAL_WAITING_MAX), str(MANUAL_WAITING_MAX))
    ]


def test_a_cancel_withdraws_what_waits_and_passes_otherwise() -> None:
    desk = ManualDesk()
    desk.send()
    desk.send()
    first, second = desk.numbers
    desk.tell(CancelIntent(0, 101, False, desk.context.now_ns))
    assert desk.numbers == [second]
    assert desk.reasons() == [D.MANUAL_DENIED]
    assert desk.actor.denied_count == 0, "it is no denial that counts against the strategy"
    assert desk.orders.messages == []
    assert not desk.decide(first).ok
    desk.decide(second)
    desk.tell(CancelIntent(0, 102, False, desk.context.now_ns))
    assert isinstance(desk.orders.messages[-1], ApprovedCancel)


def test_an_amend_waits_like_an_order() -> None:
    desk = RiskDesk()
    approved = desk.approved()
    desk.tell(accepted(approved))
    desk.tell(ManualChanged(True))
    desk.amend(approved, TICKS, 2 * LOTS)
    assert desk.worst_lots() == (LOTS, 0)
    (number,) = desk.actor.manual.waiting
    (row,) = desk.actor.manual.rows(desk.context.now_ns)
    assert (row["what"], row["side"], row["quantity"]) == ("amend", "BUY", "0.02000000")
    desk.tell(ManualDecision(7, number, True, "ann"))
    assert desk.worst_lots() == (2 * LOTS, 0)
    assert desk.orders.messages[-1].intent.amendment == 102
    desk.tell(AmendIntent(0, 55, 103, TICKS, LOTS, 1, desk.context.now_ns))
    assert desk.reasons() == [D.UNKNOWN_ORDER], "of an order that nobody has, at once"


@pytest.mark.parametrize("state", [TradingState.CAUTIOUS, TradingState.PROTECTIVE, TradingState.EMERGENCY])
def test_a_kill_drops_everything_that_waits_and_a_lesser_trip_lets_it_wait(state: TradingState) -> None:
    desk = ManualDesk()
    desk.send()
    desk.send(strategy=1)
    desk.tell(StateChanged(state, 2, "killed", desk.context.now_ns))
    if state is not TradingState.EMERGENCY:
        assert len(desk.numbers) == 2
        return
    assert desk.numbers == []
    assert desk.reasons(0) == desk.reasons(1) == [D.MODE_GATE]
    assert desk.ends()[2:] == [("DROPPED", ""), ("DROPPED", "")]
    desk.advance(SECONDS)
    assert len(desk.denials()) == 1, "their timers are gone, too"
    desk.send()
    assert (desk.numbers, desk.reasons()) == ([], [D.MODE_GATE, D.MODE_GATE]), "and nothing new waits under a halt"


def test_what_a_stopped_strategy_left_is_dropped_and_the_others_wait_on() -> None:
    desk = ManualDesk()
    desk.send()
    desk.send(strategy=1)
    desk.tell(StrategyStopped(0, "raised", False, desk.context.now_ns))
    assert [held.intent.strategy for held in desk.actor.manual.waiting.values()] == [1]
    assert desk.denials(0) == []


def test_the_end_of_the_run_drops_what_waits() -> None:
    desk = ManualDesk()
    desk.send()
    desk.tell(Stop("over"))
    assert desk.ends()[-1] == ("DROPPED", "")


def test_the_next_run_reports_what_waited_when_the_last_one_died() -> None:
    desk = RiskDesk(DeskState(unapproved={"41": "one BUY 0.01 BTCUSDT 60000"}))
    (record,) = desk.context.recorded
    assert (record["after"], record["cause"], record["metadata"]["number"]) == ({"state": "DROPPED"}, 41, 41)
    desk.tell(ManualDecision(7, 41, True, "ann"))
    assert desk.safety.messages[-1].answer["error"].startswith("no order waits under number 41")


def test_when_it_is_off_again_orders_leave_by_themselves_and_what_waits_goes_on_waiting() -> None:
    desk = ManualDesk()
    desk.send()
    desk.tell(ManualChanged(False))
    assert desk.send() is not None
    (number,) = desk.numbers
    assert desk.decide(number).ok is False, "the same order within the window"
    assert desk.reasons() == [D.DUPLICATE_ORDER]


def test_the_list_says_what_a_person_must_know() -> None:
    desk = ManualDesk()
    desk.send(Side.SELL)
    desk.advance(12)
    (row,) = desk.actor.manual.rows(desk.context.now_ns)
    assert row == {
        "number": desk.numbers[0], "strategy": "one", "what": "limit", "instrument": "binance_spot:BTCUSDT",
        "side": "SELL", "quantity": "0.01000000", "price": "60000.00", "age_s": 12, "expires_in_s": 18,
    }  # fmt: skip


def test_when_a_strategy_or_safety_cannot_hear_trading_halts() -> None:
    desk = ManualDesk()
    desk.send()
    desk.strategies[0].full = True
    desk.tell(StateChanged(TradingState.EMERGENCY, 2, "killed", desk.context.now_ns))
    assert len(desk.context.halts) == 1
    desk.safety.full = True
    desk.tell(ManualDecision(7, 1, True, "ann"))
    assert len(desk.context.halts) == 2


def test_what_leaves_for_an_approved_order_that_waited_is_not_asked_about_again() -> None:
    desk = ManualDesk()
    desk.send()
    (held,) = desk.actor.manual.waiting.values()
    assert isinstance(held.intent, OrderIntent)
    desk.tell(msgspec.structs.replace(held.intent, intent=900, terms=OrderTerms(fired_by=5)))
    assert len(desk.numbers) == 1
    (approved,) = desk.orders.messages
    assert approved.intent.intent == 900
