"""The policy at run time: limits, strategies and MANUAL as persons set them, each change numbered, recorded, durable.

A change is judged against the last one that was recorded, recorded with before and after, and has its effect once the
record is on disk and the store has the version: only MANUAL goes on at once, because that lets less through. With a
store that could not be read the safe defaults stay, and nothing is set. What counts at a start is decided elsewhere
(engine.policy.store); what a limit may become, too (engine.policy.change).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from engine.config.risk import RiskLimits
from engine.errors import ConfigError
from engine.messages.control import Action, Command, LimitsChanged, ManualChanged, TradingState
from engine.policy.change import KEYS, SECTION, OnlyTighter, judge, key_of, text_of
from engine.policy.policy import MANUAL, Policy, PolicyStart, fingerprint

if TYPE_CHECKING:
    from actors.safety.actor import Safety

USAGE, HALTED = 2, 3
"""Exit codes of the command that is refused; without one it is 1."""
SAFE_DEFAULTS = "safe defaults"


class PolicyStore(Protocol):
    """Where the policy is kept."""

    def save(self, policy: Policy) -> None:
        """Put a version in the place of the one before, durable."""


class NoStore:
    """The store of a replay, and of a backtest, which decides nothing for later runs."""

    def save(self, policy: Policy) -> None:
        """Keep nothing."""


class PolicySetup(Struct, frozen=True):
    """What the policy of a run begins with."""

    start: PolicyStart = PolicyStart()
    configured: RiskLimits = RiskLimits()
    manual: bool = False
    """Whether the configuration wants each order to wait for a person."""
    store: Any = NoStore()
    traded: Sequence[str] = ()
    """Every name that an instrument of the run goes by."""


class PolicyDesk:
    """Answers what the limits are, and changes them."""

    def __init__(self, safety: Safety, setup: PolicySetup) -> None:
        """Act for `safety`."""
        self._safety = safety
        self._setup = setup
        self._recorded = self.policy = setup.start.policy
        """The policy as it was last recorded, and as it is in force and in the store."""
        self._recorded_limits = self.limits = setup.start.in_force(setup.configured)

    @property
    def manual(self) -> bool:
        """Whether each order of a strategy waits for a person."""
        return self._setup.manual if self._recorded.manual is None else self._recorded.manual

    @property
    def words(self) -> str:
        """What the status says of the policy."""
        start = self._setup.start
        if start.problem:
            return f"SAFE DEFAULTS in force, limits version {self.policy.limits_version}: {start.problem}"
        return "; ".join((f"version {self.policy.version}, limits version {self.policy.limits_version}", *start.notes))

    def begin(self) -> None:
        """Record what was found of the store when that is not what was left."""
        start = self._setup.start
        if start.problem or start.notes:
            self._safety.context.record(
                Action.POLICY_CHANGED,
                "policy",
                SAFE_DEFAULTS if start.problem else "store",
                before={"version": None},
                after={"version": start.policy.version, "values": start.safe},
                reason=start.problem or "; ".join(start.notes),
            )

    def facts(self) -> dict[str, Any]:
        """Return what the record of the start says of the policy."""
        start = self._setup.start
        return {
            "limits_sha256": start.limits_sha256,
            "limits_version": start.policy.limits_version,
            "policy_version": start.policy.version,
        }

    def rows(self) -> Iterator[dict[str, str]]:
        """Yield each limit with its value, unit and origin."""
        start = self._setup.start
        for key, field in KEYS.items():
            origin = start.origins.get(key, "default")
            if start.problem and key in start.safe:
                origin = f"{SAFE_DEFAULTS} ({origin}: {text_of(getattr(self._setup.configured, field.attribute))})"
            elif not start.problem and key in self.policy.limits:
                origin = f"policy ({origin}: {text_of(getattr(self._setup.configured, field.attribute))})"
            value = text_of(getattr(self.limits, field.attribute))
            yield {"key": key, "value": value, "unit": field.unit, "origin": origin}

    def question(self) -> dict[str, Any]:
        """Return what `tiercel limits show` prints."""
        return {"limits": list(self.rows()), "version": self.policy.limits_version, "policy": self.words}

    # ---- changes

    def set_limit(self, command: Command) -> None:
        """Set a limit as a person asks, or say why not."""
        asked, state = command.arguments, self._safety.state
        if self._setup.start.problem:
            problem = (
                f"the policy store cannot be read, so the safe defaults stay: {self._setup.start.problem}; "
                "move the file away and start the engine again: it is made anew from the trail"
            )
            self._safety.reply(command.request, False, {"error": problem})
            return
        try:
            key = key_of(asked.get("key", ""))
            halted = state is TradingState.EMERGENCY
            limits = judge(self._recorded_limits, key, asked.get("value", ""), halted=halted, traded=self._setup.traded)
        except ConfigError as problem:
            code = HALTED if isinstance(problem, OnlyTighter) else USAGE
            self._safety.reply(command.request, False, {"error": str(problem), "exit_code": code})
            return
        attribute = KEYS[key].attribute
        before, after = (text_of(getattr(each, attribute)) for each in (self._recorded_limits, limits))
        answer: dict[str, Any] = {"key": key, "before": before, "value": after, "unit": KEYS[key].unit}
        if before == after:
            self._safety.reply(
                command.request, True, {**answer, "changed": False, "version": self._recorded.limits_version}
            )
            return
        version = self._recorded.version + 1
        configured = text_of(getattr(self._setup.configured, attribute))
        self._recorded = self._recorded.with_limit(version, key, after, configured)
        self._recorded_limits = limits
        seq = self._safety.context.record(
            Action.RISK_LIMIT_CHANGE,
            "limit",
            f"{SECTION}.{key}",
            actor=f"user:{command.user}",
            before={"value": before},
            after={"value": after},
            reason=asked.get("reason", ""),
            metadata={
                "configured": configured,
                "key": key,
                "limits_sha256": fingerprint(limits),
                "limits_version": version,
            },
            reply_to=self._safety.myself,
        )
        answer = {**answer, "changed": True, "version": version}
        self._safety.when_durable(seq, partial(self._set, self._recorded, limits, command.request, answer))

    def _set(self, policy: Policy, limits: RiskLimits, request: int, answer: dict[str, Any]) -> None:
        self.limits = self._safety.facts.limits = limits
        self.keep(policy)
        change = LimitsChanged(limits, policy.limits_version)
        self._safety.orders.tell(change)  # first: what was approved by the others does not leave any more
        self._safety.risk.tell(change)
        self._safety.portfolio.tell(change)
        self._safety.reply(request, True, answer)

    def switch_manual(self, command: Command) -> None:
        """Make each order wait for a person, or let them go by themselves again."""
        word = command.arguments.get("to", "")
        if word not in ("on", "off"):
            problem = f"manual is on or off, not {word!r}"
            self._safety.reply(command.request, False, {"error": problem, "exit_code": USAGE})
            return
        on, before = word == "on", self._recorded
        answer = {"manual": on, "changed": on is not self.manual}
        if on is self.manual:
            self._safety.reply(command.request, True, answer)
            return
        was = self.manual
        self._recorded = before.with_manual(before.version + 1, on)
        if on:
            self._safety.risk.tell(ManualChanged(True))
        seq = self._safety.context.record(
            Action.POLICY_CHANGED,
            "policy",
            MANUAL,
            actor=f"user:{command.user}",
            before={"manual": was, "version": before.version},
            after={"manual": on, "version": self._recorded.version},
            reason=command.arguments.get("reason", ""),
            reply_to=self._safety.myself,
        )
        self._safety.when_durable(seq, partial(self._switched, self._recorded, on, command.request, answer))

    def _switched(self, policy: Policy, on: bool, request: int, answer: dict[str, Any]) -> None:
        self.keep(policy)
        if not on and not self.manual:
            self._safety.risk.tell(ManualChanged(False))
        self._safety.reply(request, True, answer)

    def note_strategy(self, name: str, enabled: bool) -> Policy:
        """Take note of a strategy whose change was just recorded; returns the version to keep once that is durable."""
        self._recorded = self._recorded.with_strategy(name, enabled)
        return self._recorded

    def keep(self, policy: Policy) -> None:
        """Keep a version whose record is durable; a store that could not be read is left as it is."""
        self.policy = policy
        if not self._setup.start.problem:
            self._setup.store.save(policy)
