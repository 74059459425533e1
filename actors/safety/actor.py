"""Safety owns the trading state. It hears every failure, every venue's truth and every command of a person.

It asks nobody: a trip closes the gate first, then says EMERGENCY, then has everything cancelled. A rise waits until its
record is on disk; a fall never waits for anything. It is the guardian of the run: the supervisor's last word goes here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from actors.safety.causes import Cause
from actors.safety.commands import Commands
from actors.safety.dead_man import DeadMan, RefreshDue
from actors.safety.facts import Facts
from actors.safety.kills import Kills
from actors.safety.outside import Gate, Latch, Runtime
from actors.safety.policy import PolicyDesk, PolicySetup
from actors.safety.start import StartFacts, record_start
from actors.safety.strategies import PREFIX, Strategies
from actors.safety.trading import Trading
from engine.clock import NS_PER_SECOND
from engine.config.risk import RiskLimits
from engine.config.safety import SafetyConfig
from engine.messages.control import (
    Account,
    Action,
    ActorFailed,
    ClockOffset,
    Command,
    Durable,
    GateWord,
    Halt,
    Health,
    ManualOutcome,
    OpenOrders,
    OrderCounts,
    Reconciled,
    Start,
    Stop,
    StopStrategy,
    TradingState,
)
from engine.messages.market import FeedState
from engine.messages.orders import CancelAll
from engine.messages.reports import GatewayState
from engine.runtime.actor import Actor, Ref, type_of_handlers

FLATTEN_NS = 15 * NS_PER_SECOND
"""How long the gate stands at REDUCE for a flatten."""
BACKTEST = "backtest"
"""The mode in which no earlier run counts: the same capture must give the same run."""
WATCH_PERIOD_NS = NS_PER_SECOND // 10


class _Watch(Struct, frozen=True, gc=False):
    """Look at the gate."""


class _FlattenOver(Struct, frozen=True, gc=False):
    """The time of a flatten is over."""


class _ReconcileWaited(Struct, frozen=True, gc=False):
    """Reconciliation had long enough to come clean."""


class _StopWaited(Struct, frozen=True, gc=False):
    """The orders had long enough to be cancelled."""


class Safety(Actor):
    """The guardian: trading state, gate, latch, commands, and the end of the run."""

    risk: Ref
    orders: Ref
    triggers: Ref
    portfolio: Ref
    strategies: Sequence[Ref]
    myself: Ref
    dead_man: DeadMan = DeadMan({})

    def __init__(
        self,
        gate: Gate,
        latch: Latch,
        runtime: Runtime,
        strategy_names: Sequence[str],
        venues: Sequence[str],
        disabled: Mapping[str, str],
        reply: Callable[[int, bool, dict[str, Any]], None],
        start: StartFacts,
        config: SafetyConfig,
        limits: RiskLimits,
        instruments: Sequence[str],
        killed: Mapping[str, str],
        policy: PolicySetup | None = None,
    ) -> None:
        """Take what only safety may touch.

        Args:
            gate: the word before the sockets.
            latch: the mark that makes the next start an EMERGENCY.
            runtime: the system, to stop it or one of its actors.
            strategy_names: in the order of their indices.
            venues: those that must be reconciled before the state may rise.
            disabled: strategies that are off from the start, and why.
            reply: answers a command by its request number.
            start: what the start found, for the first records.
            config: the configured bounds of trips, guards and dwell times.
            limits: those of loss and drawdown among others.
            instruments: the names of the run's instruments, in the order of their indices.
            killed: instruments and venues that are killed from the start, and why.
            policy: what persons decided in earlier runs; None before the first.
        """
        self.gate = gate
        self.latch = latch
        self.runtime = runtime
        self.roster = Strategies(self, strategy_names, disabled)
        self.kills = Kills(self, instruments, killed)
        self.reply = reply
        self.config = config
        self.facts = Facts(config, limits, venues, len(instruments))
        self.trading = Trading(self, self.facts, after_crash=not start.clean_stop and start.mode != BACKTEST)
        self.halts_count = 0
        self.stopping = False
        self.finished = False
        self._start = start
        self._looked_ns = 0
        self._reducing_until_ns = 0
        self._waiting: dict[int, Callable[[], None]] = {}
        self.policy = PolicyDesk(self, policy or PolicySetup())
        self._commands = Commands(self)

    @property
    def state(self) -> TradingState:
        """The trading state."""
        return self.trading.ladder.state

    @property
    def last_reason(self) -> str:
        """Why the state is what it is."""
        return self.trading.reason

    @property
    def working_count(self) -> int:
        """Orders that are working or in flight."""
        return self.facts.working_count

    @property
    def unknown_count(self) -> int:
        """Orders of which nobody knows what became."""
        return self.facts.unknown_count

    def handlers(self) -> type_of_handlers:
        """Name the handler of each message."""
        return {
            Start: self.on_start,
            Stop: self.on_stop,
            Halt: self.on_halt,
            ActorFailed: self.on_actor_failed,
            StopStrategy: self.on_stop_strategy,
            Command: self.on_command,
            ManualOutcome: self.on_manual_outcome,
            Reconciled: self.on_reconciled,
            GatewayState: self.on_gateway_state,
            FeedState: self.on_feed_state,
            OpenOrders: self.on_open_orders,
            OrderCounts: self.on_order_counts,
            Account: self.on_account,
            Health: self.on_health,
            ClockOffset: self.on_clock_offset,
            Durable: self.on_durable,
            RefreshDue: self.on_refresh_due,
            _Watch: self.on_watch,
            _FlattenOver: self.on_flatten_over,
            _ReconcileWaited: self.on_reconcile_waited,
            _StopWaited: self.on_stop_waited,
        }

    def on_start(self, _: Start) -> None:
        """Begin as carefully as what was left behind demands."""
        record_start(self.context, self._start, self.policy.facts())
        self.policy.begin()
        self.trading.begin()
        self.roster.begin()
        self.kills.begin()
        self.dead_man.begin(self.context)
        self.context.every(WATCH_PERIOD_NS, _Watch())
        self.context.after(self.config.reconcile_seconds * NS_PER_SECOND, _ReconcileWaited())

    # ---- what decides about the state

    def on_reconciled(self, message: Reconciled) -> None:
        """Note a venue's truth; when all agree with ours, the state may rise."""
        self.trading.reconciled(message.venue, message.differences)

    def on_gateway_state(self, message: GatewayState) -> None:
        """Fall when a venue is lost, unless the run is over: what we believe about it is no longer proven."""
        if not message.ready and not self.finished:
            self.trading.lose_session(message.venue, message.reason)
        elif message.ready:
            self.dead_man.refresh(message.venue, self.state)

    def on_refresh_due(self, due: RefreshDue) -> None:
        """Tell a venue that we live."""
        self.dead_man.refresh(due.venue, self.state)

    def on_feed_state(self, message: FeedState) -> None:
        """Remember the state of a feed."""
        self.facts.feed(message.instrument, message.status, self.context.now_ns)

    def on_account(self, account: Account) -> None:
        """Compare the account with the limits of loss."""
        self.facts.account = account
        self.trading.look()

    def on_health(self, health: Health) -> None:
        """Compare how the engine is with what it must be."""
        self.facts.health = health
        self.trading.look()

    def on_clock_offset(self, offset: ClockOffset) -> None:
        """Compare a venue's clock with ours."""
        self.facts.clock_offsets_ns[offset.venue] = offset.offset_ns
        self.trading.look()

    def on_order_counts(self, counts: OrderCounts) -> None:
        """Note how many orders were sent and rejected."""
        self.facts.counted(counts)

    # ---- the rest

    def when_durable(self, seq: int, act: Callable[[], None]) -> None:
        """Do something once record `seq`, which asked for the word of it, is on disk."""
        self._waiting[seq] = act

    def on_durable(self, message: Durable) -> None:
        """Do what waited until the record of it is on disk."""
        act = self._waiting.pop(message.seq, None)
        if act is not None:
            act()

    def on_halt(self, message: Halt) -> None:
        """Trip: close the gate, say EMERGENCY, cancel everything."""
        self.halts_count += 1
        self.trading.emergency(Cause.HALTED, f"{message.source}: {message.reason}")

    def on_actor_failed(self, message: ActorFailed) -> None:
        """Take the supervisor's word; a strategy that was stopped has its orders cancelled."""
        if message.directive == "stop" and message.actor.startswith(PREFIX):
            self.roster.stopped(message.actor.removeprefix(PREFIX), message.reason)
        else:
            self.context.record(
                Action.MANUAL_INTERVENTION if message.directive == "escalate" else Action.DEADLETTER,
                "actor",
                message.actor,
                reason=message.reason,
                metadata={"directive": message.directive},
            )

    def on_stop_strategy(self, message: StopStrategy) -> None:
        """Stop a strategy because another actor demands it."""
        self.roster.stop(self.roster.names[message.strategy], message.reason)

    def on_open_orders(self, message: OpenOrders) -> None:
        """Note how many orders are out; the end of a run waits for none."""
        facts = self.facts
        facts.working_count = message.working_count
        if facts.unknown_count != message.unknown_count:
            facts.unknown_count = message.unknown_count
            self.trading.look()
        if not message.working_count and not message.unknown_count:
            self._commands.nothing_open()
            if self.stopping:
                self._finish()

    def on_command(self, message: Command) -> None:
        """Do what a person asks."""
        self._commands.run(message)

    def on_manual_outcome(self, outcome: ManualOutcome) -> None:
        """Tell a person what came of a decision."""
        self.reply(outcome.request, outcome.ok, outcome.answer)

    def on_stop(self, _: Stop) -> None:
        """The run ends: the gate is closed first, and it is over when nothing is open, or after a while."""
        self.stopping = True
        self.gate.write(GateWord.CLOSED)
        self.orders.tell(CancelAll(-1, "the run ends"))
        self.context.after(self.config.stop_seconds * NS_PER_SECOND, _StopWaited())

    def on_reconcile_waited(self, _: _ReconcileWaited) -> None:
        """Say what a person should look into: the state does not rise before venue and ledger agree."""
        waiting = ", ".join(venue for venue, clean in self.facts.clean.items() if not clean)
        if waiting:
            self.trading.reason = f"not reconciled after {self.config.reconcile_seconds} s: {waiting}"

    def open_for_reducing(self) -> None:
        """Let what shrinks pass a closed gate for a while: a person flattens."""
        if self.gate.word in (GateWord.CLOSED, GateWord.REDUCE):
            self.gate.write(GateWord.REDUCE)
            self._reducing_until_ns = self.context.now_ns + FLATTEN_NS
            self.context.after(FLATTEN_NS, _FlattenOver())

    def on_flatten_over(self, _: _FlattenOver) -> None:
        """Close the gate again, unless a person re-armed meanwhile or flattens once more."""
        if self.gate.word == GateWord.REDUCE and self.context.now_ns >= self._reducing_until_ns:
            self.gate.write(GateWord.CLOSED)

    def on_stop_waited(self, _: _StopWaited) -> None:
        """Give up waiting; what is still open stands in the summary and is reconciled at the next start."""
        self._finish()

    def on_watch(self, _: _Watch) -> None:
        """See a gate that was closed from outside even when nobody sends an order; once a second see to the guards."""
        if self.stopping:
            return
        if self.gate.word == GateWord.CLOSED and self.state is not TradingState.EMERGENCY:
            self.halts_count += 1
            self.trading.emergency(Cause.GATE, "the gate was closed from outside")
        if self.context.now_ns - self._looked_ns >= NS_PER_SECOND:
            self._looked_ns = self.context.now_ns
            self.trading.each_second()

    def _finish(self) -> None:
        if self.finished:
            return
        self.finished = True
        self.dead_man.end(nothing_open=not self.working_count and not self.unknown_count)
        self.context.record(
            Action.SYSTEM_STOP,
            "engine",
            "engine",
            reason=self.last_reason if self.state is TradingState.EMERGENCY else "stopped",
            metadata={
                "clean": not self.working_count and not self.unknown_count,
                "unknown_orders": self.unknown_count,
                "working_orders": self.working_count,
            },
        )
        self.runtime.finish("the run ends")
