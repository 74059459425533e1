"""Which strategies may trade: stopped by themselves, by another actor or by a person, and enabled by a person alone.

A stopped strategy hears nothing more, its approvals leave no more, and its orders are cancelled. Enabling it puts a
fresh instance with the code of this process in its place, once the record of it is on disk; a stop meanwhile counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from engine.messages.control import Action, StrategyEnabled, StrategyStopped

if TYPE_CHECKING:
    from actors.safety.actor import Safety

PREFIX = "strategy:"
"""What stands before a strategy's name in the name of its actor."""


class Strategies:
    """The strategies of a run by name, and why some of them are off."""

    def __init__(self, safety: Safety, names: Sequence[str], disabled: Mapping[str, str]) -> None:
        """Act for `safety`; `disabled` says which were off before, and why."""
        self._safety = safety
        self.names = list(names)
        self.disabled = dict(disabled)
        self._enabling: dict[str, int] = {}
        """Those that wait for the record of their enabling, by its seq."""

    def begin(self) -> None:
        """Keep off what was off before."""
        for name, reason in self.disabled.items():
            self._safety.runtime.stop_actor(PREFIX + name)
            self._tell_stopped(name, reason, by_person=False)

    def states(self) -> dict[str, bool]:
        """Return whether each strategy may trade."""
        return {name: name not in self.disabled for name in self.names}

    def stop(self, name: str, reason: str, user: str = "") -> None:
        """Stop a strategy that runs; `user` is the person who asked for it, if one did."""
        if name not in self.disabled:
            self._safety.runtime.stop_actor(PREFIX + name)
            self.stopped(name, reason, user)
        elif self._enabling.pop(name, None) is not None:
            self._note_stopped(name, reason, user)

    def stopped(self, name: str, reason: str, user: str = "") -> None:
        """Take note of a strategy that was stopped already, by the supervisor for one."""
        if name not in self.disabled:
            self._note_stopped(name, reason, user)
            self._tell_stopped(name, reason, by_person=bool(user))

    def _note_stopped(self, name: str, reason: str, user: str) -> None:
        self.disabled[name] = reason
        seq = self._safety.context.record(
            Action.STRATEGY_DISABLE,
            "strategy",
            name,
            actor=f"user:{user}" if user else "",
            before={"enabled": True},
            after={"enabled": False},
            reason=reason,
            reply_to=self._safety.myself,
        )
        self._keep(seq, name, False)

    def enable(self, name: str, user: str) -> None:
        """Let a stopped strategy trade again, once that is on disk."""
        if name in self.disabled:
            seq = self._safety.context.record(
                Action.STRATEGY_ENABLE,
                "strategy",
                name,
                actor=f"user:{user}",
                before={"enabled": False},
                after={"enabled": True},
                reason="enabled by a person",
                reply_to=self._safety.myself,
            )
            self._enabling[name] = seq
            self._keep(seq, name, True)

    def _keep(self, seq: int, name: str, enabled: bool) -> None:
        """Have the policy say the same, once the record is on disk; only enabling waits for that."""
        policy = self._safety.policy.note_strategy(name, enabled)

        def durable() -> None:
            self._safety.policy.keep(policy)
            if self._enabling.get(name) == seq:
                del self._enabling[name]
                self._enable(name)

        self._safety.when_durable(seq, durable)

    def _enable(self, name: str) -> None:
        safety = self._safety
        del self.disabled[name]
        index = self.names.index(name)
        news = StrategyEnabled(index, safety.context.now_ns)
        safety.orders.tell(news)
        safety.risk.tell(news)
        safety.triggers.tell(news)
        safety.runtime.enable_actor(PREFIX + name)
        safety.strategies[index].tell(safety.trading.message("enabled"))

    def _tell_stopped(self, name: str, reason: str, *, by_person: bool) -> None:
        message = StrategyStopped(self.names.index(name), reason, by_person, self._safety.context.now_ns)
        self._safety.risk.tell(message)
        self._safety.orders.tell(message)
        self._safety.triggers.tell(message)
