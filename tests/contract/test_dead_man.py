"""A venue's dead-man timer: refreshed while safety lives, left to run out when it does not; without one silence: S-04.

The venue here is a double with a timer as Kraken has it (60 s, every order of the account); the gateway is a double,
too, because no venue with a timer is built yet. Safety is the real one, on a simulated clock.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from actors.safety.actor import Safety
from actors.safety.causes import Cause
from actors.safety.dead_man import REFRESHES, DeadMan
from actors.safety.start import StartFacts
from engine.clock import NS_PER_SECOND
from engine.config.risk import RiskLimits
from engine.config.safety import SafetyConfig
from engine.messages.control import GateWord, OpenOrders, RefreshDeadMan, Start, Stop, TradingState
from engine.messages.reports import GatewayState
from engine.runtime.actor import Actor, type_of_handlers
from engine.runtime.system import System
from engine.supervision.directive import Directive
from gateways.gateway import Gateway
from hotpath.core.fact import AuditEvent
from hotpath.core.mailbox import ALL, AUDIT, HALT, SIGNALS
from tests.contract.binance_venue import BinanceVenue

TIMEOUT_NS = 60 * NS_PER_SECOND
VENUE = "fake"


class FakeVenue:
    """Holds orders, and cancels them all when its timer runs out."""

    def __init__(self) -> None:
        self.open_orders = ["t1-1-1", "t1-1-2", "a person's"]
        self.heard_ns: list[int] = []
        self.fires_ns = 0

    def cancel_all_after(self, timeout_ns: int, now_ns: int) -> None:
        """Begin the timer anew; 0 switches it off."""
        self.heard_ns.append(now_ns)
        self.fires_ns = now_ns + timeout_ns if timeout_ns else 0

    def advance(self, now_ns: int) -> None:
        """Let the time come to `now_ns`."""
        if self.fires_ns and now_ns >= self.fires_ns:
            self.open_orders.clear()


class TimerGateway(Actor):
    """The part of a gateway that the contract is about."""

    dead_man_ns = TIMEOUT_NS

    def __init__(self, venue: FakeVenue) -> None:
        self._venue = venue

    def handlers(self) -> type_of_handlers:
        return {Start: self.on_nothing, Stop: self.on_nothing, RefreshDeadMan: self.on_refresh_dead_man}

    def on_nothing(self, _message: Any) -> None:
        """Do nothing."""

    def on_refresh_dead_man(self, refresh: RefreshDeadMan) -> None:
        self._venue.cancel_all_after(self.dead_man_ns if refresh.armed else 0, self.context.now_ns)


class Cell:
    """Gate, latch and runtime of a test, and an ear for everything that nobody asks about."""

    word = GateWord.OPEN
    is_set = False

    def write(self, word: GateWord) -> None:
        self.word = word

    def set(self, _reason: str, _now_ns: int) -> None:
        self.is_set = True

    def clear(self) -> None:
        self.is_set = False

    def tell(self, _message: Any) -> int:
        return 0

    def finish(self, reason: str) -> None:
        """Do nothing, as for the others."""

    def stop(self, reason: str) -> None: ...

    def stop_actor(self, name: str) -> None: ...

    def enable_actor(self, name: str) -> None: ...


class Desk:
    """Safety and one gateway, on a clock of their own."""

    def __init__(self, timeout_ns: int = TIMEOUT_NS) -> None:
        self.venue = FakeVenue()
        self.system = System(seed=1, first_seq=1, started_ns=0)
        cell = Cell()
        safety = Safety(
            cell, cell, cell, (), [VENUE], {}, lambda *_: None, StartFacts("t1", 1, "live", "0", True),
            SafetyConfig(), RiskLimits(), (), {},
        )  # fmt: skip
        safety.risk = safety.orders = safety.portfolio = safety.triggers = safety.myself = cell
        safety.strategies = []
        self.safety = safety
        place = self.system.add("safety", Directive.ESCALATE, lambda: safety)
        self.system.add("gateway", Directive.RESTART, lambda: TimerGateway(self.venue), last=True)
        edge = self.system.edge("safety", "gateway", (RefreshDeadMan,), lane=SIGNALS, capacity=64, full=HALT)
        safety.dead_man = DeadMan({VENUE: (edge, timeout_ns)})
        audit = self.system.dispatcher.mailbox("audit", place, {AuditEvent: lambda _: None}, AUDIT, 64, HALT)
        self.system.build(audit=audit, guardian="safety")
        self.signals = place.signals
        self.say(Start())
        self.say(GatewayState(VENUE, True, "logged on", 0))

    def say(self, message: Any) -> None:
        self.signals.tell(message)
        self.system.dispatcher.drain(ALL, ALL, -1)

    def live(self, seconds: int, *, hung: Callable[[], bool] = lambda: False) -> None:
        """Let time pass second by second; while safety hangs none of its timers is answered."""
        moment = self.system.moment
        for _ in range(seconds):
            moment.now_ns += NS_PER_SECOND
            while not hung() and (number := self.system.timers.pop_due(moment.now_ns)) is not None:
                self.system.timers.fire(number)
                self.system.dispatcher.drain(ALL, ALL, -1)
            self.venue.advance(moment.now_ns)


def test_the_timer_is_set_when_the_session_stands_and_refreshed_in_time() -> None:
    desk = Desk()
    assert desk.venue.heard_ns == [0], "before the first order"
    desk.live(600)
    gaps = [later - earlier for earlier, later in zip(desk.venue.heard_ns, desk.venue.heard_ns[1:], strict=False)]
    assert set(gaps) == {TIMEOUT_NS // REFRESHES}
    assert 15 * NS_PER_SECOND <= gaps[0] <= 30 * NS_PER_SECOND
    assert len(desk.venue.open_orders) == 3


def test_when_safety_hangs_the_venue_cancels_within_its_time() -> None:
    desk = Desk()
    desk.live(30)
    last_ns = desk.venue.heard_ns[-1]
    desk.live(59, hung=lambda: True)
    desk.live((last_ns + TIMEOUT_NS - desk.system.moment.now_ns) // NS_PER_SECOND + 1, hung=lambda: True)
    assert desk.venue.open_orders == []
    assert desk.venue.heard_ns[-1] == last_ns


def test_an_emergency_lets_the_timer_run_out() -> None:
    desk = Desk()
    desk.live(30)
    desk.safety.trading.emergency(Cause.PERSON, "a test")
    assert desk.safety.state is TradingState.EMERGENCY
    heard = len(desk.venue.heard_ns)
    desk.live(60)
    assert len(desk.venue.heard_ns) == heard
    assert desk.venue.open_orders == []


def test_a_session_that_comes_back_during_an_emergency_sets_no_timer() -> None:
    desk = Desk()
    desk.safety.trading.emergency(Cause.PERSON, "a test")
    heard = len(desk.venue.heard_ns)
    desk.say(GatewayState(VENUE, True, "logged on", 0))
    assert len(desk.venue.heard_ns) == heard


def test_a_clean_end_switches_the_timer_off() -> None:
    desk = Desk()
    desk.say(OpenOrders(0, 0))
    desk.say(Stop("the run ends"))
    desk.say(OpenOrders(0, 0))
    desk.live(300)
    assert desk.venue.fires_ns == 0
    assert desk.venue.open_orders == ["t1-1-1", "t1-1-2", "a person's"], "a person's orders are not ours to cancel"


def test_an_end_that_leaves_orders_lets_the_timer_run_out() -> None:
    desk = Desk()
    desk.say(OpenOrders(2, 0))
    desk.say(Stop("the run ends"))
    desk.live(70)
    assert desk.venue.open_orders == []


def test_a_venue_without_a_timer_hears_nothing() -> None:
    desk = Desk(timeout_ns=0)
    desk.live(300)
    assert desk.venue.heard_ns == []


def test_binance_spot_has_no_timer_and_is_sent_nothing() -> None:
    bed = BinanceVenue().testbed()
    bed.start()
    BinanceVenue().open_api(bed)
    bed.api.take()
    for armed in (True, False):
        bed.handle(RefreshDeadMan(armed))
    assert bed.api.take() == []
    assert bed.gateway.dead_man_ns == 0


def test_a_venue_that_names_a_timer_must_know_how_to_refresh_it() -> None:
    class Unfinished(Gateway):
        dead_man_ns = TIMEOUT_NS

    with pytest.raises(NotImplementedError):
        Unfinished.on_refresh_dead_man(object.__new__(Unfinished), RefreshDeadMan(True))
