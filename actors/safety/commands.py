"""What a person may ask of a running engine, and the answers: one method for each verb.

Each command is audited with the name of who gave it. Re-arming takes two steps: the first says what it would enable and
gives a code that lives for a minute, the second brings the code back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.clock import NS_PER_SECOND
from engine.messages.control import Action, Command, FlattenRequest, TradingState
from engine.messages.orders import CancelAll

if TYPE_CHECKING:
    from actors.safety.actor import Safety

CODE_LIFE_NS = 60 * NS_PER_SECOND


class Commands:
    """The verbs of the control socket."""

    def __init__(self, safety: Safety) -> None:
        """Act for `safety`, on its state."""
        self._safety = safety
        self._waiting: list[int] = []
        self._code = ""
        self._code_until_ns = 0
        self._verbs = {
            "stop": self._stop,
            "kill": self._kill,
            "rearm": self._rearm,
            "flatten": self._flatten,
            "strategy": self._strategy,
        }

    def run(self, command: Command) -> None:
        """Do one command and answer it, now or when its effect is there."""
        verb = self._verbs.get(command.verb)
        if verb is None:
            self._answer(command, ok=False, error=f"unknown command {command.verb!r}; known: {', '.join(self._verbs)}")
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

    def nothing_open(self) -> None:
        """Answer those who wait until every order is out of the market."""
        waiting, self._waiting = self._waiting, []
        for request in waiting:
            self._safety.reply(request, True, {"canceled": True, "working": 0, "state": self._safety.state.name})

    def _answer(self, command: Command, *, ok: bool = True, **answer: Any) -> None:
        self._safety.reply(command.request, ok, answer)

    def _stop(self, command: Command) -> None:
        self._safety.runtime.stop(command.arguments.get("reason", "stopped by a person"))
        self._answer(command, stopping=True, working=self._safety.working_count)

    def _kill(self, command: Command) -> None:
        safety = self._safety
        safety.trip(command.arguments.get("reason", "killed by a person"), command.user)
        if safety.working_count or safety.unknown_count:
            self._waiting.append(command.request)
        else:
            self._answer(command, canceled=True, working=0, state=safety.state.name)

    def _rearm(self, command: Command) -> None:
        safety = self._safety
        now_ns = safety.context.now_ns
        code = command.arguments.get("code", "")
        if not safety.latch.is_set and safety.state is not TradingState.EMERGENCY:
            self._answer(command, ok=False, error=f"nothing to re-arm: the state is {safety.state.name}")
        elif not code:
            self._code = f"{safety.context.rng.randrange(10**6):06d}"
            self._code_until_ns = now_ns + CODE_LIFE_NS
            enabled = [name for name, on in safety.roster.states().items() if on]
            self._answer(command, code=self._code, seconds=60, would_enable=enabled, tripped_by=safety.last_reason)
        elif code != self._code or now_ns > self._code_until_ns:
            problem = "the code is wrong or older than 60 s; run `tiercel rearm` for a new one"
            self._answer(command, ok=False, error=problem)
        elif safety.unknown_count:
            problem = f"{safety.unknown_count} orders are UNKNOWN; wait until the venue proves them"
            self._answer(command, ok=False, error=problem)
        else:
            self._code = ""
            safety.rearm(command.user)
            self._answer(command, state=safety.state.name)

    def _flatten(self, command: Command) -> None:
        safety = self._safety
        safety.orders.tell(CancelAll(-1, "flatten"))
        safety.open_for_reducing()
        safety.portfolio.tell(FlattenRequest(command.user, safety.context.now_ns))
        self._answer(command, flattening=True, state=safety.state.name)

    def _strategy(self, command: Command) -> None:
        safety = self._safety
        verb, name = command.arguments.get("verb", "list"), command.arguments.get("name", "")
        if verb != "list" and name not in safety.roster.names:
            self._answer(command, ok=False, error=f"no strategy {name!r}; known: {', '.join(safety.roster.names)}")
            return
        if verb == "disable":
            safety.roster.stop(name, "disabled by a person", command.user)
        elif verb == "enable":
            safety.roster.enable(name, command.user)
        self._answer(command, strategies=safety.roster.states())
