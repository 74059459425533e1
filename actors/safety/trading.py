"""The trading state of the desk: it falls at once, and rises when the guards say so and the record is on disk.

It owns what every change does (gate, latch, record, announcement, cancels) and in which order; when to change is said
by the breaker, the guards and whoever calls. It refuses to know what is heard from others: the actor reads that.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from actors.safety.breaker import Breaker, Trip
from actors.safety.causes import Cause
from actors.safety.facts import Facts
from actors.safety.guards import Judge
from actors.safety.ladder import Ladder
from actors.safety.states import TRANSITIONS, SafetyEvent
from engine.messages.control import (
    Action,
    CompareAll,
    CountOrders,
    FlattenRequest,
    GateWord,
    StateChanged,
    TradingState,
)
from engine.messages.orders import CancelAll

if TYPE_CHECKING:
    from actors.safety.actor import Safety


class Trading:
    """Acts on gate, latch and everybody else for the state of the ladder."""

    def __init__(self, safety: Safety, facts: Facts, *, after_crash: bool) -> None:
        """Act for `safety`; after a crash the start leads to CAUTIOUS."""
        self._safety = safety
        self.facts = facts
        self.ladder = Ladder(reconnects_max=facts.config.reconnects_max, after_crash=after_crash)
        self.breaker = Breaker(facts, self.ladder)
        self.judge = Judge(facts, self.ladder, self.breaker)
        self.epoch = 0
        self.reason = "start"
        self.waits_for: list[str] = []
        """What is missing for the next step up, as a person reads it."""
        self._falls_count = 0
        self._rising = False
        self._rises_to: TradingState | None = None
        """What the trail was told already, while that is on its way to the disk."""

    def begin(self) -> None:
        """Begin as carefully as what was left behind demands."""
        safety = self._safety
        self.ladder.since_ns = safety.context.now_ns
        if safety.latch.is_set:
            self.ladder.begin_latched()
            self.reason = "the latch is set: `tiercel rearm` when the cause is understood"
            safety.gate.write(GateWord.CLOSED)
        self.announce("start")  # the gate stands open, unless a person has closed it meanwhile: that is seen at once

    # ---- down

    def emergency(self, cause: Cause, reason: str, user: str = "") -> None:
        """Close the gate, say EMERGENCY, cancel everything. Safe to repeat.

        A gate that a flatten has opened for what reduces is closed by a person alone: a halt must not forbid that.
        """
        safety = self._safety
        first = self.ladder.state is not TradingState.EMERGENCY
        if first or cause is Cause.PERSON or safety.gate.word != GateWord.REDUCE:
            safety.gate.write(GateWord.CLOSED)
        safety.latch.set(reason, safety.context.now_ns)
        self.fall(SafetyEvent.TRIPPED, cause, reason)
        safety.orders.tell(CancelAll(-1, reason))
        facts = self.facts
        if first:
            safety.context.record(
                Action.EMERGENCY_TRIGGERED,
                "trading",
                "engine",
                actor=f"user:{user}" if user else "",
                before=None,
                after={"working_orders": facts.working_count, "unknown_orders": facts.unknown_count},
                reason=reason,
                metadata={"cause": cause.value},
            )
        if facts.config.flatten_on_emergency and (first or cause is Cause.PERSON):
            self.flatten("safety")  # a kill that the gate's file told before is the same kill

    def fall(self, event: SafetyEvent, cause: Cause, reason: str) -> None:
        """Take a trip: from now on the way up is one step at a time, and its dwell begins anew."""
        before = self.ladder.state
        self._stop_rising()
        self.facts.forget_rounds()
        self.facts.count_anew()
        if self.ladder.trip(event, cause, self._safety.context.now_ns):
            self._changed(before, reason, cause)

    def lose_session(self, venue: str, reason: str) -> None:
        """A venue's session has ended; until it is proven again only what reduces is allowed."""
        before = self.ladder.state
        self.facts.lost(venue)
        self._stop_rising()
        if self.ladder.lose_session(self._safety.context.now_ns):
            self._changed(before, f"{venue} is down: {reason}", Cause.SESSION)

    def look(self) -> None:
        """Trip for what has begun to be true."""
        for trip in self.breaker.look(self._safety.context.now_ns):
            self._trip(trip)

    def _trip(self, trip: Trip) -> None:
        before = self.ladder.state
        self._safety.context.record(
            Action.CIRCUIT_BREAKER_TRIP,
            "breaker",
            trip.cause.value,
            before={"state": before.name},
            after={"state": TRANSITIONS[before, trip.event].name},
            reason=trip.reason,
            metadata={"limit": trip.limit, "observed": trip.observed},
        )
        if trip.event is SafetyEvent.TRIPPED:
            self._safety.halts_count += 1
            self.emergency(trip.cause, trip.reason)
        else:
            self.fall(trip.event, trip.cause, trip.reason)

    def flatten(self, user: str) -> None:
        """Cancel everything, and have what is open closed through a gate that lets only that pass."""
        safety = self._safety
        everything = CancelAll(-1, "flatten")
        safety.orders.tell(everything)
        safety.triggers.tell(everything)
        safety.open_for_reducing()
        safety.portfolio.tell(FlattenRequest(user, safety.context.now_ns))

    # ---- up

    def reconciled(self, venue: str, differences: tuple[str, ...]) -> None:
        """Take the outcome of a comparison: a proof may lift the state, an unexplained difference is a trip."""
        self.facts.reconciled(venue, clean=not differences)
        if differences and self.ladder.proof is None:
            reason = f"{venue} differs: {'; '.join(differences)}"
            self.fall(SafetyEvent.PROTECTED, Cause.RECONCILIATION, reason)
        self.rise_by_proof()

    def rise_by_proof(self) -> None:
        """Rise when a start, or a session that came back, is proven and nothing has tripped."""
        proof = self.ladder.proof
        if proof is not None and all(self.facts.clean.values()) and not self._safety.latch.is_set:
            self._rise(proof, "reconciled")

    def each_second(self) -> None:
        """Look at what passes with time alone, and at the guards of the next step."""
        self.look()
        state = self.ladder.state
        if state is TradingState.NORMAL or self._safety.stopping:
            self.waits_for = []
            return
        if state is TradingState.CAUTIOUS:
            self._safety.orders.tell(CountOrders())
        if self.ladder.proof is not None:
            self.waits_for = self.judge.words(["reconciled"], self._safety.context.now_ns)
            return
        missing = self.missing()
        if state is not TradingState.EMERGENCY:
            if not missing:
                self._rise(SafetyEvent.GUARDS_HELD, "every guard holds")
        elif not self.judge.may_leave_by_itself:
            self.waits_for.append("a person's `tiercel rearm`")
        elif not missing:
            self.rearm("")

    def missing(self) -> list[str]:
        """Return what is missing for the next step up, and remember it in words."""
        now_ns = self._safety.context.now_ns
        missing = self.judge.missing(now_ns)
        self.waits_for = self.judge.words(missing, now_ns)
        return missing

    def rearm(self, user: str) -> None:
        """Leave EMERGENCY for PROTECTIVE, once that is on disk; nobody is named when it recovers by itself."""
        if self._rising:
            return
        self._rising = True
        safety = self._safety
        seq = safety.context.record(
            Action.EMERGENCY_RECOVERED,
            "trading",
            "engine",
            actor=f"user:{user}" if user else "",
            reason="re-armed by a person" if user else "the drawdown came back, and safety.auto_recovery is on",
            metadata={"causes": list(self.ladder.causes)},
            reply_to=safety.myself,
        )
        words = f"re-armed by {user}" if user else "recovered from the drawdown"
        safety.when_durable(seq, partial(self._unless_fallen, self._falls_count, partial(self._rearmed, words)))

    def _rearmed(self, words: str) -> None:
        safety = self._safety
        safety.latch.clear()
        safety.gate.write(GateWord.OPEN)
        self.facts.forget_truth()
        before = self.ladder.state
        self.ladder.rise(SafetyEvent.GUARDS_HELD, safety.context.now_ns)
        self._changed(before, words, None)
        safety.orders.tell(CompareAll("re-armed"))

    def _rise(self, event: SafetyEvent, reason: str) -> None:
        if self._rising:
            return
        self._rising = True
        before, self._rises_to = self.ladder.state, TRANSITIONS[self.ladder.state, event]
        seq = self._record_change(before, self._rises_to, reason, None, durably=True)
        act = partial(self._risen, event, reason)
        self._safety.when_durable(seq, partial(self._unless_fallen, self._falls_count, act))

    def _risen(self, event: SafetyEvent, reason: str) -> None:
        causes = list(self.ladder.causes)
        self.facts.count_anew()
        self.ladder.rise(event, self._safety.context.now_ns)
        self._become(reason)
        if causes and self.ladder.state is TradingState.NORMAL:
            self._safety.context.record(
                Action.CIRCUIT_BREAKER_RESET,
                "breaker",
                "engine",
                before={"causes": causes},
                after={"causes": []},
                reason="the recovery is over",
            )

    def _unless_fallen(self, falls_count: int, act: Callable[[], None]) -> None:
        if falls_count == self._falls_count:
            self._rising, self._rises_to = False, None
            act()

    def _stop_rising(self) -> None:
        """Let no rise happen that is not on disk yet; the trail takes back what it was told of it."""
        if self._rises_to is not None:
            reason = "what happened meanwhile came before the rise"
            self._record_change(self._rises_to, self.ladder.state, reason, None, durably=False)
        self._rising, self._rises_to = False, None
        self._falls_count += 1

    # ---- either way

    def _changed(self, before: TradingState, reason: str, cause: Cause | None) -> None:
        self._record_change(before, self.ladder.state, reason, cause, durably=False)
        self._become(reason)

    def _record_change(
        self, before: TradingState, after: TradingState, reason: str, cause: Cause | None, *, durably: bool
    ) -> int:
        safety = self._safety
        return safety.context.record(
            Action.STATE_CHANGE,
            "trading",
            "engine",
            before={"state": before.name},
            after={"state": after.name},
            reason=reason,
            metadata={"cause": cause.value} if cause is not None else None,
            reply_to=safety.myself if durably else None,
        )

    def _become(self, reason: str) -> None:
        self.epoch += 1
        self.reason = reason
        self.waits_for = []
        self.announce(reason)

    def message(self, reason: str) -> StateChanged:
        """Return the trading state as it is announced."""
        return StateChanged(self.ladder.state, self.epoch, reason, self._safety.context.now_ns)

    def announce(self, reason: str) -> None:
        """Tell everybody the trading state."""
        safety, message = self._safety, self.message(reason)
        for ref in (safety.risk, safety.orders, safety.triggers, *safety.strategies):
            ref.tell(message)
