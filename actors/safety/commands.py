"""What a person may ask of a running engine, and the answers: one method for each verb.

Each command is audited with the name of who gave it. Re-arming takes two steps: the first says what it would enable and
gives a code that lives for a minute, the second brings the code back.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from actors.safety.causes import Cause
from actors.safety.kills import LEVELS
from actors.safety.policy import USAGE
from engine.clock import NS_PER_SECOND
from engine.messages.control import (
    Action,
    Command,
    CompareAll,
    ManualDecision,
    PeakReset,
    ResolveOrder,
    Role,
    TradingState,
)
from engine.messages.orders import CancelAll

if TYPE_CHECKING:
    from actors.safety.actor import Safety

STRATEGY = "strategy"
CODE_LIFE_NS = 60 * NS_PER_SECOND
WAITING_MAX = 64
"""Kills that wait for their answer; who asks again and again leaves before."""

ROLES = {
    "stop": Role.ADMIN,
    "kill": Role.KILL,
    "rearm": Role.ADMIN,
    "flatten": Role.TRADE,
    "strategy": Role.ADMIN,
    "cancel": Role.TRADE,
    "resolve": Role.ADMIN,
    "set-limit": Role.ADMIN,
    "manual": Role.ADMIN,
    "approve": Role.TRADE,
}
"""The role that each verb needs."""


def _listed(roles: tuple[Role, ...]) -> str:
    return ", ".join(roles) or "none"


class Commands:
    """The verbs of the control socket."""

    def __init__(self, safety: Safety) -> None:
        """Act for `safety`, on its state."""
        self._safety = safety
        self._waiting: deque[int] = deque(maxlen=WAITING_MAX)
        self._code = ""
        self._code_until_ns = 0
        self._verbs = {
            "stop": self._stop,
            "kill": self._kill,
            "rearm": self._rearm,
            "flatten": self._flatten,
            "strategy": self._strategy,
            "resolve": self._resolve,
            "cancel": self._cancel,
            "set-limit": safety.policy.set_limit,
            "manual": safety.policy.switch_manual,
            "approve": self._approve,
        }

    def run(self, command: Command) -> None:
        """Do one command and answer it, now or when its effect is there."""
        verb = self._verbs.get(command.verb)
        if verb is None:
            self._answer(command, ok=False, error=f"unknown command {command.verb!r}; known: {', '.join(self._verbs)}")
            return
        if ROLES[command.verb] not in command.roles:
            self._refuse(command)
            return
        self._safety.context.record(
            Action.MANUAL_INTERVENTION,
            "command",
            command.verb,
            actor=f"user:{command.user}",
            reason=command.arguments.get("reason", ""),
            metadata=dict(sorted(command.arguments.items())),
        )
        verb(command)

    def _refuse(self, command: Command) -> None:
        """Say no to who may not, and leave word of it."""
        problem = f"{command.verb} needs the role {ROLES[command.verb]}; {command.user} has {_listed(command.roles)}"
        self._safety.context.record(
            Action.MANUAL_INTERVENTION, "refused", command.verb, actor=f"user:{command.user}", reason=problem
        )
        self._answer(command, ok=False, error=problem)

    def nothing_open(self) -> None:
        """Answer those who wait until every order is out of the market."""
        while self._waiting:
            request = self._waiting.popleft()
            self._safety.reply(request, True, {"canceled": True, "working": 0, "state": self._safety.state.name})

    def _answer(self, command: Command, *, ok: bool = True, **answer: Any) -> None:
        self._safety.reply(command.request, ok, answer)

    def _stop(self, command: Command) -> None:
        self._safety.runtime.stop(command.arguments.get("reason", "stopped by a person"))
        self._answer(command, stopping=True, working=self._safety.working_count)

    def _kill(self, command: Command) -> None:
        safety = self._safety
        level, name = self._level(command)
        if level:
            self._kill_one(command, level, name)
            return
        safety.trading.emergency(Cause.PERSON, command.arguments.get("reason", "killed by a person"), command.user)
        if safety.working_count or safety.unknown_count:
            self._waiting.append(command.request)
        else:
            self._answer(command, canceled=True, working=0, state=safety.state.name)

    def _level(self, command: Command) -> tuple[str, str]:
        """Return what a command names that is smaller than everything, and its name; empty texts when nothing."""
        for level in (STRATEGY, *LEVELS):
            if level in command.arguments:
                return level, command.arguments[level]
        return "", ""

    def _kill_one(self, command: Command, level: str, name: str) -> None:
        """Kill a strategy, an instrument or a venue; what else trades goes on."""
        safety = self._safety
        reason = command.arguments.get("reason", "killed by a person")
        if level == STRATEGY:
            if name not in safety.roster.names:
                self._unknown(command, level, name, safety.roster.names)
                return
            safety.roster.stop(name, reason, command.user)
        else:
            whole = safety.kills.find(level, name)
            if not whole:
                self._unknown(command, level, name, safety.kills.known(level))
                return
            safety.kills.kill(level, whole, reason, command.user)
            name = whole
        self._answer(command, killed=f"{level} {name}", state=safety.state.name)

    def _lift(self, command: Command, level: str, name: str) -> None:
        """Lift the kill of an instrument or a venue."""
        safety = self._safety
        if level == STRATEGY:
            self._answer(command, ok=False, error=f"a strategy is enabled again by `tiercel strategy enable {name}`")
            return
        whole = safety.kills.find(level, name) or name
        if f"{level} {whole}" not in safety.kills.killed:
            killed = ", ".join(safety.kills.killed) or "nothing"
            self._answer(command, ok=False, error=f"{level} {name!r} is not killed; killed: {killed}")
            return
        safety.kills.lift(level, whole, command.user)
        self._answer(command, lifted=f"{level} {whole}", state=safety.state.name)

    def _unknown(self, command: Command, level: str, name: str, known: Sequence[str]) -> None:
        self._answer(command, ok=False, error=f"no {level} {name!r}; known: {', '.join(known)}")

    def _rearm(self, command: Command) -> None:
        safety = self._safety
        level, name = self._level(command)
        if level:
            self._lift(command, level, name)
            return
        if "peak" in command.arguments:
            safety.portfolio.tell(PeakReset(command.user, safety.context.now_ns))
            self._answer(command, peak="counted from now on", state=safety.state.name)
            return
        now_ns = safety.context.now_ns
        code = command.arguments.get("code", "")
        if not safety.latch.is_set and safety.state is not TradingState.EMERGENCY:
            self._answer(command, ok=False, error=f"nothing to re-arm: the state is {safety.state.name}")
        elif not code:
            self._code = f"{safety.context.rng.randrange(10**6):06d}"
            self._code_until_ns = now_ns + CODE_LIFE_NS
            enabled = [name for name, on in safety.roster.states().items() if on]
            safety.trading.missing()
            safety.orders.tell(CompareAll("a person asked to re-arm"))
            self._answer(
                command,
                code=self._code,
                seconds=60,
                would_enable=enabled,
                tripped_by=safety.last_reason,
                waits_for=safety.trading.waits_for,
            )
        elif code != self._code or now_ns > self._code_until_ns:
            problem = "the code is wrong or older than 60 s; run `tiercel rearm` for a new one"
            self._answer(command, ok=False, error=problem)
        elif safety.trading.missing():
            self._answer(command, ok=False, error=f"not yet: {'; '.join(safety.trading.waits_for)}")
        else:
            self._code = ""
            safety.trading.rearm(command.user)
            self._answer(command, state=safety.state.name)

    def _flatten(self, command: Command) -> None:
        safety = self._safety
        safety.trading.flatten(command.user)
        self._answer(command, flattening=True, state=safety.state.name)

    def _resolve(self, command: Command) -> None:
        safety = self._safety
        if not safety.unknown_count:
            self._answer(command, ok=False, error="no order is UNKNOWN")
            return
        order = command.arguments.get("order", "")
        safety.orders.tell(ResolveOrder(order, command.user, safety.context.now_ns))
        self._answer(command, asked=order)

    def _cancel(self, command: Command) -> None:
        """Cancel one order, those of a strategy or an instrument, or all; trading goes on."""
        safety = self._safety
        names, order = safety.roster.names, command.arguments.get("order", "")
        level, name = self._level(command)
        known = names if level == STRATEGY else safety.kills.known(level) if level else []
        whole = name if level == STRATEGY else safety.kills.find(level, name) if level else ""
        if level and whole not in known:
            self._unknown(command, level, name, known)
            return
        strategy = names.index(whole) if level == STRATEGY else -1
        for instrument in safety.kills.covered(level, whole) if level in LEVELS else (-1,):
            everything = CancelAll(strategy, f"canceled by {command.user}", instrument, order)
            safety.orders.tell(everything)
            safety.triggers.tell(everything)
        self._answer(command, asked=order or name or "every order")

    def _strategy(self, command: Command) -> None:
        safety = self._safety
        verb, name = command.arguments.get("verb", "list"), command.arguments.get("name", "")
        if verb != "list" and name not in safety.roster.names:
            self._unknown(command, STRATEGY, name, safety.roster.names)
            return
        if verb == "disable":
            safety.roster.stop(name, "disabled by a person", command.user)
        elif verb == "enable":
            safety.roster.enable(name, command.user)
        self._answer(command, strategies=safety.roster.states())

    def _approve(self, command: Command) -> None:
        """Take a person's word about an order that waits to risk, who answers."""
        number, word = command.arguments.get("number", ""), command.arguments.get("verdict", "approve")
        if not (number.isascii() and number.isdigit() and len(number) < 19) or word not in ("approve", "deny"):
            problem = f"{word} {number!r}: expected the number of an order that waits; 'tiercel approve' lists them"
            self._answer(command, ok=False, error=problem, exit_code=USAGE)
            return
        self._safety.risk.tell(ManualDecision(command.request, int(number), word == "approve", command.user))
