"""Safety on a simulated clock: the real actor, with ears around it, and the world that it hears told by the test."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from actors.safety.actor import Safety
from actors.safety.policy import PolicySetup
from actors.safety.start import StartFacts
from engine.clock import NS_PER_SECOND
from engine.config.risk import RiskLimits
from engine.config.safety import SafetyConfig
from engine.messages.control import (
    Account,
    Action,
    Command,
    CountOrders,
    Durable,
    GateWord,
    Halt,
    Health,
    OrderCounts,
    Reconciled,
    Role,
    Start,
    StateChanged,
    TradingState,
)
from engine.messages.market import FeedState, FeedStatus
from engine.messages.reports import GatewayState
from engine.runtime.system import System
from engine.supervision.directive import Directive
from hotpath.core.fact import AuditEvent
from hotpath.core.mailbox import ALL, AUDIT, HALT

NAMES = ("join", "quote")
INSTRUMENTS = ("sim:BTCUSDT", "sim:ETHUSDT")
UNIT = 10**8
EQUITY = 100_000
LIMITS = RiskLimits(
    max_daily_loss_pct=Decimal(10),
    max_daily_loss=Decimal(10_000),
    max_drawdown_pct=Decimal(10),
    max_drawdown=Decimal(10_000),
)
"""The relative and the absolute form of a limit are equal at an equity of 100,000."""
LOST = GatewayState("sim", False, "closed", 0)
CLEAN = Reconciled("sim", 0, (), 0)
DIFFERENT = Reconciled("sim", 1, ("BTC: ours 1, the venue's 2",), 0)


class Ear:
    """Hears what is told."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def tell(self, message: Any) -> int:
        self.heard.append(message)
        return 0


class GateCell:
    def __init__(self, word: GateWord = GateWord.OPEN) -> None:
        self.word = word

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


class SafetyDesk:
    """Safety with ears around it and a system under it."""

    def __init__(
        self,
        latch: str = "",
        disabled: dict[str, str] | None = None,
        *,
        killed: dict[str, str] | None = None,
        clean_stop: bool = True,
        limits: RiskLimits | None = None,
        policy: PolicySetup | None = None,
        gate: GateWord = GateWord.OPEN,
        **config: Any,
    ) -> None:
        self.mute = False
        """Whether nothing becomes durable before the test says so."""
        self.gate, self.latch, self.runtime = GateCell(gate), LatchCell(latch), RuntimeEar()
        self.answers: list[tuple[int, bool, dict[str, Any]]] = []
        self.records: list[AuditEvent] = []
        self.system = System(seed=7, first_seq=1, started_ns=0)
        self.safety = Safety(
            self.gate, self.latch, self.runtime, NAMES, ["sim"], disabled or {},
            lambda request, ok, answer: self.answers.append((request, ok, answer)),
            StartFacts("t1", 1, "live", "0", clean_stop), SafetyConfig(**config), limits or RiskLimits(), INSTRUMENTS,
            killed or {}, policy,
        )  # fmt: skip
        cell = self.system.add("safety", Directive.ESCALATE, lambda: self.safety)
        audit = self.system.dispatcher.mailbox("audit", cell, {AuditEvent: self.on_record}, AUDIT, 64, HALT)
        self.risk, self.orders = Ear(), Ear()
        self.safety.risk, self.safety.orders, self.safety.portfolio = self.risk, self.orders, Ear()
        self.triggers = Ear()
        self.safety.triggers = self.triggers
        self.safety.strategies = [Ear(), Ear()]
        self.safety.myself = cell.signals
        self.system.build(audit=audit, guardian="safety")
        self.signals = cell.signals
        self.sent, self.rejected = 10_000, 500
        """What orders answers when it is asked."""
        self.say(Start())

    def on_record(self, event: AuditEvent) -> None:
        self.records.append(event)
        if event.reply_to is not None and not self.mute:
            event.reply_to.tell(Durable(event.seq))

    @property
    def now_ns(self) -> int:
        return self.system.moment.now_ns

    def say(self, *messages: Any) -> None:
        for message in messages:
            self.signals.tell(message)
        self._drain()

    def say_undurably(self, *messages: Any) -> None:
        """Have messages handled while no record reaches the disk."""
        for message in messages:
            self.signals.tell(message)
        self.system.dispatcher.drain(ALL, 0, -1)

    def _drain(self) -> None:
        self.system.dispatcher.drain(ALL, ALL, -1)
        told = self.orders.heard
        if any(isinstance(message, CountOrders) for message in told):
            told[:] = [message for message in told if not isinstance(message, CountOrders)]
            self.signals.tell(OrderCounts(self.sent, self.rejected))
            self.system.dispatcher.drain(ALL, ALL, -1)

    def equity(self, equity: int, *, day: int = EQUITY, peak: int = EQUITY, losses: int = 0) -> None:
        """Tell an account, in whole units of the currency."""
        self.say(
            Account(
                equity * UNIT, 0, 0, 0, self.now_ns, day * UNIT, peak * UNIT, losses, day_result=(equity - day) * UNIT
            )
        )

    def health(self, *, lag_ms: int = 0, p99_ms: int = 1, audit_ms: int = 1, backlog: int = 0, free: int = 50) -> None:
        """Tell how the engine is."""
        ms = 10**6
        self.say(Health(lag_ms * ms, p99_ms * ms, audit_ms * ms, backlog, self.now_ns, 0, free))

    def feed_states(self, status: FeedStatus) -> list[FeedState]:
        return [FeedState(number, status, "", 1, self.now_ns) for number in range(len(INSTRUMENTS))]

    def feeds(self, status: FeedStatus = FeedStatus.SYNCHRONISED) -> None:
        """Tell that every feed is so."""
        self.say(*self.feed_states(status))

    def well(self) -> None:
        """Tell that everything is as it should be."""
        self.feeds()
        self.health()
        self.equity(EQUITY)

    def live(self, seconds: int, every_s: int = 30) -> list[TradingState]:
        """Let time pass with a clean reconciliation every so often; returns the states that were entered."""
        entered = []
        for second in range(seconds):
            before = self.state()
            if every_s and second % every_s == 0:
                self.say(CLEAN)
            self.pass_time(NS_PER_SECOND)
            if self.state() is not before:
                entered.append(self.state())
        return entered

    def pass_time(self, ns: int) -> None:
        self.system.moment.now_ns += ns
        while (number := self.system.timers.pop_due(self.system.moment.now_ns)) is not None:
            self.system.timers.fire(number)
            self._drain()
        self._drain()

    def command(self, verb: str, /, **arguments: str) -> tuple[int, bool, dict[str, Any]]:
        """Give a command and return its answer; request 0 when there is none yet."""
        before = len(self.answers)
        self.say(Command(1, verb, arguments, "ann", self.system.moment.now_ns, tuple(Role)))
        return self.answers[-1] if len(self.answers) > before else (0, False, {})

    def later(self, verb: str, /, **arguments: str) -> None:
        """Give a command that is handled when something is said next."""
        self.signals.tell(Command(2, verb, arguments, "ann", self.now_ns, tuple(Role)))

    def states(self) -> list[StateChanged]:
        """Return every state that risk heard of."""
        return self.heard(self.safety.risk, StateChanged)

    def trail_states(self) -> list[tuple[str, str]]:
        """Return every change of state that was recorded: from where to where."""
        changes = [one for one in self.records if one.action is Action.STATE_CHANGE]
        return [(one.before["state"], one.after["state"]) for one in changes if one.before and one.after]

    def state(self) -> TradingState:
        return self.safety.state

    @property
    def actions(self) -> list[Action]:
        return [record.action for record in self.records]

    def heard(self, ear: Any, kind: type) -> list[Any]:
        return [message for message in ear.heard if isinstance(message, kind)]


def started(state: TradingState = TradingState.NORMAL, **config: Any) -> SafetyDesk:
    """Return a desk where all is well, in a state that a trip of the loop, a kill or a crash led to."""
    desk = SafetyDesk(limits=LIMITS, clean_stop=state is not TradingState.CAUTIOUS, **config)
    desk.well()
    desk.say(CLEAN)
    if state is TradingState.PROTECTIVE:
        desk.health(lag_ms=5_000)
        desk.health()
    elif state is TradingState.EMERGENCY:
        desk.say(Halt("x", "y"))
    assert desk.state() is state
    return desk


def rearm(desk: SafetyDesk) -> tuple[bool, str]:
    """Re-arm in two steps; returns whether it was taken, and what was said."""
    _, _, first = desk.command("rearm")
    _, ok, answer = desk.command("rearm", code=first["code"])
    return ok, str(answer.get("error", ""))
