"""S-05: whatever happens in whatever order, the state goes down any way and up one step, and never before its dwell.

A seeded walk on the real actor: 100,000 steps with TIERCEL_SOAK=1, fewer otherwise. What is legal is said here in the
words of the specification and not read from the table.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from functools import partial

import pytest

from actors.safety.causes import Cause
from engine.clock import NS_PER_SECOND
from engine.messages.control import (
    Action,
    ClockOffset,
    GateWord,
    Halt,
    OpenOrders,
    StateChanged,
    TradingState,
)
from engine.messages.market import FeedStatus
from engine.messages.reports import GatewayState
from tests.models.safety_desk import CLEAN, DIFFERENT, EQUITY, SafetyDesk

STEPS = 100_000 if os.environ.get("TIERCEL_SOAK") else 6_000
WALKS = 8
DWELL_NS = {
    TradingState.EMERGENCY: 60 * NS_PER_SECOND,
    TradingState.PROTECTIVE: 120 * NS_PER_SECOND,
    TradingState.CAUTIOUS: 300 * NS_PER_SECOND,
}


class Walk:
    """Does one thing after another, and judges each change of the state."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.desk = SafetyDesk(
            latch="killed" if self.random.random() < 0.2 else "",
            clean_stop=self.random.random() < 0.5,
            auto_recovery=self.random.random() < 0.5,
        )
        self.ladder = self.desk.safety.trading.ladder
        self.last = self.desk.states()[-1]
        self.tripped_ns = self.changed_ns = 0
        self.by_person = False
        self.rises = self.proofs = 0

    def go(self) -> None:
        """Do one thing. Bad things are rare, or nothing would ever rise."""
        action = self.random.choice(GOOD if self.random.random() < 0.97 else BAD)
        if action is not Walk.time:
            self.step(partial(action, self))
            return
        for second in range(self.random.choice((1, 5, 30, 90, 180))):
            self.step(partial(self.second, clean=second % 30 == 0))

    def step(self, act: Callable[[], None]) -> None:
        """Do something that takes a second at most, and judge what it led to."""
        desk, proof = self.desk, self.ladder.proof_leads_to
        desk.records.clear()
        desk.risk.heard.clear()
        self.by_person = False
        act()
        for change in desk.states():
            self.judge(change, proof)
            if change.state is TradingState.PROTECTIVE and change.state < self.last.state:
                proof = self.last.state
            self.last, self.changed_ns = change, change.time_ns
        trips = [one for one in desk.records if one.action is Action.CIRCUIT_BREAKER_TRIP]
        if any(one.resource_id != Cause.CLOCK for one in trips):
            self.tripped_ns = desk.now_ns
            assert self.ladder.proof_leads_to is None, "a trip takes the short way back away"
        emergency = desk.state() is TradingState.EMERGENCY
        assert desk.state() is self.last.state
        assert desk.latch.is_set == emergency
        assert desk.gate.word == (GateWord.CLOSED if emergency else GateWord.OPEN)

    def judge(self, new: StateChanged, proof: TradingState | None) -> None:
        """Say whether a change was legal."""
        old = self.last
        assert new.epoch == old.epoch + 1
        assert new.state is not old.state
        if new.state < old.state:
            return
        if new.reason == "reconciled":
            assert old.state is TradingState.PROTECTIVE
            assert new.state is proof, "a proof leads back to where it was, and nowhere else"
            self.proofs += 1
            return
        assert new.state == old.state + 1, "one step at a time"
        assert new.time_ns - max(self.changed_ns, self.tripped_ns) >= DWELL_NS[old.state], "not before its dwell"
        if old.state is TradingState.EMERGENCY:
            assert self.by_person or self.desk.safety.config.auto_recovery
        self.rises += 1

    # ---- what can happen

    def time(self) -> None:
        """Let up to three minutes pass, with a clean comparison every half a minute."""

    def second(self, *, clean: bool) -> None:
        """Let a second pass."""
        if clean:
            self.desk.say(CLEAN)
        self.desk.pass_time(NS_PER_SECOND)

    def well(self) -> None:
        """Everything is reported as well."""
        self.desk.say(OpenOrders(0, 0), ClockOffset("sim", 0, self.desk.now_ns))
        self.desk.well()

    def clean(self) -> None:
        """A venue agrees."""
        self.desk.say(CLEAN)

    def rearm(self) -> None:
        """A person re-arms."""
        _, ok, first = self.desk.command("rearm")
        if ok:
            self.by_person = True
            self.desk.command("rearm", code=first["code"])

    def enable(self) -> None:
        """A person enables what is on already."""
        self.desk.command("strategy", verb="enable", name="join")

    def lose(self) -> None:
        """A session ends; too often, or in a recovery, it is a trip."""
        self.desk.say(GatewayState("sim", False, "closed", self.desk.now_ns))

    def trip(self) -> None:
        """Something bad, mostly."""
        desk = self.desk
        what = self.random.randrange(9)
        if what == 0:
            desk.say(Halt("orders", "overfill"))
        elif what == 1:
            desk.command("kill", reason="no")
        elif what == 2:
            desk.gate.word = GateWord.CLOSED
            desk.pass_time(NS_PER_SECOND)
        elif what == 3:
            desk.equity(self.random.randrange(80_000, EQUITY), losses=self.random.randrange(9))
        elif what == 4:
            desk.health(
                lag_ms=self.random.randrange(2_000),
                p99_ms=self.random.randrange(40),
                backlog=self.random.randrange(100),
            )
        elif what == 5:
            desk.say(OpenOrders(0, self.random.randrange(9)))
        elif what == 6:
            desk.feeds(FeedStatus.STALE)
        else:
            desk.sent, desk.rejected = desk.sent + 100, desk.rejected + 5

    def differ(self) -> None:
        """A difference is a trip, unless a proof is being waited for."""
        self.desk.say(DIFFERENT)

    def clock(self) -> None:
        """A clock that is off takes a waiting proof to CAUTIOUS at most."""
        self.desk.say(ClockOffset("sim", self.random.randrange(3) * NS_PER_SECOND, self.desk.now_ns))


GOOD: tuple[Callable[[Walk], None], ...] = (Walk.time, Walk.well, Walk.clean, Walk.rearm, Walk.enable, Walk.well)
BAD: tuple[Callable[[Walk], None], ...] = (Walk.lose, Walk.trip, Walk.trip, Walk.differ, Walk.clock)


@pytest.mark.parametrize("seed", range(WALKS))
def test_no_step_is_illegal(seed: int) -> None:
    walk = Walk(seed)
    for _ in range(STEPS // WALKS):
        walk.go()
    assert walk.rises > 3, "a walk that never climbs proves nothing"
    assert walk.proofs
