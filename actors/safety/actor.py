"""Safety owns the trading state. It hears every failure, every venue's truth and every command of a person.

It asks nobody: a trip closes the gate first, then says EMERGENCY, then has everything cancelled. A rise waits until its
record is on disk; a fall never waits for anything. It is the guardian of the run: the supervisor's last word goes here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from msgspec import Struct

from actors.safety.commands import Commands
from actors.safety.outside import Gate, Latch, Runtime
from actors.safety.start import StartFacts, record_start
from actors.safety.states import TRANSITIONS, SafetyEvent
from actors.safety.strategies import PREFIX, Strategies
from engine.clock import NS_PER_SECOND
from engine.messages.control import (
    Account,
    Action,
    ActorFailed,
    ClockOffset,
    Command,
    CompareAll,
    Durable,
    GateWord,
    Halt,
    Health,
    OpenOrders,
    Reconciled,
    Start,
    StateChanged,
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
    portfolio: Ref
    strategies: Sequence[Ref]
    myself: Ref

    def __init__(
        self,
        gate: Gate,
        latch: Latch,
        runtime: Runtime,
        strategy_names: Sequence[str],
        venues: Sequence[str],
        disabled: Mapping[str, str],
        reply: Callable[[int, bool, dict[str, Any]], None],
        facts: StartFacts,
        *,
        reconcile_ns: int,
        stop_ns: int,
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
            facts: what the start found, for the first records.
            reconcile_ns: after this time a start that is not reconciled says so.
            stop_ns: how long cancels have at the end of a run.
        """
        self.gate = gate
        self.latch = latch
        self.runtime = runtime
        self.roster = Strategies(self, strategy_names, disabled)
        self.reply = reply
        self.facts = facts
        self.reconcile_ns = reconcile_ns
        self.stop_ns = stop_ns
        self.state = TradingState.PROTECTIVE
        self.epoch = 0
        self.halts_count = 0
        self.last_reason = "start"
        self.working_count = 0
        self.unknown_count = 0
        self.stopping = False
        self.finished = False
        self.venues_clean = dict.fromkeys(venues, False)
        self.feeds: dict[int, str] = {}
        self.vitals: dict[type, Health | ClockOffset | Account] = {}
        self._rising = False
        self._waiting: dict[int, Callable[[], None]] = {}
        self._commands = Commands(self)

    def handlers(self) -> type_of_handlers:
        """Name the handler of each message."""
        return {
            Start: self.on_start,
            Stop: self.on_stop,
            Halt: self.on_halt,
            ActorFailed: self.on_actor_failed,
            StopStrategy: self.on_stop_strategy,
            Command: self.on_command,
            Reconciled: self.on_reconciled,
            GatewayState: self.on_gateway_state,
            FeedState: self.on_feed_state,
            OpenOrders: self.on_open_orders,
            Durable: self.on_durable,
            Health: self.on_vitals,
            ClockOffset: self.on_vitals,
            Account: self.on_vitals,
            _Watch: self.on_watch,
            _FlattenOver: self.on_flatten_over,
            _ReconcileWaited: self.on_reconcile_waited,
            _StopWaited: self.on_stop_waited,
        }

    def on_start(self, _: Start) -> None:
        """Begin as carefully as what was left behind demands."""
        record_start(self.context, self.facts)
        if self.latch.is_set:
            self.state = TradingState.EMERGENCY
            self.last_reason = "the latch is set: `tiercel rearm` when the cause is understood"
            self.gate.write(GateWord.CLOSED)
        else:
            self.gate.write(GateWord.OPEN)
        self._announce("start")
        self.roster.begin()
        self.context.every(WATCH_PERIOD_NS, _Watch())
        self.context.after(self.reconcile_ns, _ReconcileWaited())

    def on_reconciled(self, message: Reconciled) -> None:
        """Note a venue's truth; when all agree with ours, the state may rise."""
        self.venues_clean[message.venue] = not message.differences
        if message.differences:
            self._move(SafetyEvent.PROTECTED, f"{message.venue} differs: {'; '.join(message.differences)}")
        self._rise_if_clean()

    def on_gateway_state(self, message: GatewayState) -> None:
        """Fall when a venue is lost, unless the run is over: what we believe about it is no longer proven."""
        if not message.ready and not self.finished:
            self.venues_clean[message.venue] = False
            self._move(SafetyEvent.PROTECTED, f"{message.venue} is down: {message.reason}")

    def on_feed_state(self, message: FeedState) -> None:
        """Remember the state of a feed for whoever asks."""
        self.feeds[message.instrument] = message.status.name

    def on_vitals(self, message: Health | ClockOffset | Account) -> None:
        """Note how engine, clock and account are, the last word of each."""
        self.vitals[type(message)] = message

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
        self.trip(f"{message.source}: {message.reason}")

    def trip(self, reason: str, user: str = "") -> None:
        """Fall to EMERGENCY. Safe to repeat."""
        self.gate.write(GateWord.CLOSED)
        first = self.state is not TradingState.EMERGENCY
        self.latch.set(reason, self.context.now_ns)
        self._move(SafetyEvent.TRIPPED, reason)
        self.orders.tell(CancelAll(-1, reason))
        if first:
            self.context.record(
                Action.EMERGENCY_TRIGGERED,
                "trading",
                "engine",
                actor=f"user:{user}" if user else "",
                before=None,
                after={"working_orders": self.working_count, "unknown_orders": self.unknown_count},
                reason=reason,
            )

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
        self.working_count = message.working_count
        self.unknown_count = message.unknown_count
        if not message.working_count and not message.unknown_count:
            self._commands.nothing_open()
            if self.stopping:
                self._finish()

    def on_command(self, message: Command) -> None:
        """Do what a person asks."""
        self._commands.run(message)

    def on_stop(self, _: Stop) -> None:
        """The run ends: when nothing is open, or after a while."""
        self.stopping = True
        self.orders.tell(CancelAll(-1, "the run ends"))
        self.context.after(self.stop_ns, _StopWaited())

    def on_reconcile_waited(self, _: _ReconcileWaited) -> None:
        """Say what a person should look into: the state does not rise before venue and ledger agree."""
        if not all(self.venues_clean.values()):
            waiting = ", ".join(venue for venue, clean in self.venues_clean.items() if not clean)
            self.last_reason = f"not reconciled after {self.reconcile_ns // NS_PER_SECOND} s: {waiting}"

    def open_for_reducing(self) -> None:
        """Let what shrinks pass a closed gate for a while: a person flattens."""
        if self.gate.word == GateWord.CLOSED:
            self.gate.write(GateWord.REDUCE)
            self.context.after(FLATTEN_NS, _FlattenOver())

    def on_flatten_over(self, _: _FlattenOver) -> None:
        """Close the gate again, unless a person re-armed meanwhile."""
        if self.gate.word == GateWord.REDUCE:
            self.gate.write(GateWord.CLOSED)

    def on_stop_waited(self, _: _StopWaited) -> None:
        """Give up waiting; what is still open stands in the summary and is reconciled at the next start."""
        self._finish()

    def on_watch(self, _: _Watch) -> None:
        """See a gate that was closed from outside even when nobody sends an order."""
        if self.gate.word == GateWord.CLOSED and self.state is not TradingState.EMERGENCY:
            self.halts_count += 1
            self.trip("the gate was closed from outside")

    def _finish(self) -> None:
        if self.finished:
            return
        self.finished = True
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

    def rearm(self, user: str) -> None:
        """Leave EMERGENCY for PROTECTIVE on a person's word, once that is on disk; then compare everything."""
        seq = self.context.record(
            Action.EMERGENCY_RECOVERED,
            "trading",
            "engine",
            actor=f"user:{user}",
            reason="re-armed by a person",
            reply_to=self.myself,
        )
        self.when_durable(seq, partial(self._rearmed, user))

    def _rearmed(self, user: str) -> None:
        self.latch.clear()
        self.gate.write(GateWord.OPEN)
        self.venues_clean = dict.fromkeys(self.venues_clean, False)
        self._move(SafetyEvent.GUARDS_HELD, f"re-armed by {user}")
        self.orders.tell(CompareAll("re-armed"))

    def _rise_if_clean(self) -> None:
        if self.state is not TradingState.PROTECTIVE or self._rising or not all(self.venues_clean.values()):
            return
        self._rising = True
        seq = self.context.record(
            Action.STATE_CHANGE,
            "trading",
            "engine",
            before={"state": self.state.name},
            after={"state": TradingState.NORMAL.name},
            reason="reconciled",
            reply_to=self.myself,
        )
        self.when_durable(seq, self._rise)

    def _rise(self) -> None:
        if self._rising and all(self.venues_clean.values()) and not self.latch.is_set:
            self._become(TRANSITIONS[self.state, SafetyEvent.RECONCILED], "reconciled")
        self._rising = False

    def _move(self, event: SafetyEvent, reason: str) -> None:
        after = TRANSITIONS[self.state, event]
        if after is self.state:
            return
        self._rising = False
        self.context.record(
            Action.STATE_CHANGE,
            "trading",
            "engine",
            before={"state": self.state.name},
            after={"state": after.name},
            reason=reason,
        )
        self._become(after, reason)

    def _become(self, state: TradingState, reason: str) -> None:
        self.state = state
        self.epoch += 1
        self.last_reason = reason
        self._announce(reason)

    def state_message(self, reason: str) -> StateChanged:
        """Return the trading state as it is announced."""
        return StateChanged(self.state, self.epoch, reason, self.context.now_ns)

    def _announce(self, reason: str) -> None:
        message = self.state_message(reason)
        for ref in (self.risk, self.orders, *self.strategies):
            ref.tell(message)
