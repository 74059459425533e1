"""The policy: what persons decided while engines ran, on top of the configuration, as one numbered value.

It owns what a decision does to it, once, for the running engine and for the fold of the trail alike. An override keeps
the configured value that it took the place of: when the configuration says something else later, the tighter of the two
is in force. It refuses to know files and records.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from msgspec import Struct, structs

from engine.config.risk import RiskLimits
from engine.errors import ConfigError
from engine.policy.change import FIXED, KEYS, SECTION, differing, text_of, tighter, value_of, with_limits

MANUAL = "manual"
"""The part of the policy that says whether each order waits for a person, in records."""


class Override(Struct, frozen=True):
    """A limit that a person set: its value, and what was configured then, both as text."""

    value: str
    configured: str


class Policy(Struct, frozen=True):
    """Version 1 is the configuration alone; every decision makes the next version."""

    version: int = 1
    limits_version: int = 1
    """The version that last changed a limit: what stands in approvals and denials."""
    limits: dict[str, Override] = {}
    strategies: dict[str, bool] = {}
    """Those that were enabled (true) or disabled while an engine ran."""
    manual: bool | None = None
    """Whether each order waits for a person; None: as configured."""

    def with_limit(self, version: int, key: str, value: str, configured: str) -> Policy:
        """Return the policy after a limit was set; one that is as configured is no override any more."""
        limits = dict(self.limits)
        limits.pop(key, None)
        if value != configured:
            limits[key] = Override(value, configured)
        return structs.replace(self, version=version, limits_version=version, limits=dict(sorted(limits.items())))

    def with_strategy(self, name: str, enabled: bool) -> Policy:
        """Return the policy after a strategy was enabled or disabled."""
        if self.strategies.get(name) is enabled:
            return self
        strategies = dict(sorted({**self.strategies, name: enabled}.items()))
        return structs.replace(self, version=self.version + 1, strategies=strategies)

    def with_manual(self, version: int, on: bool) -> Policy:
        """Return the policy after MANUAL was switched."""
        return structs.replace(self, version=version, manual=on)

    def in_force(self, configured: RiskLimits) -> RiskLimits:
        """Return the limits that are in force with this policy.

        Raises:
            ConfigError: a value is absurd, unknown, or contradicts the configuration.
        """
        values: dict[str, Any] = {}
        for key, override in self.limits.items():
            if key not in KEYS or key in FIXED:
                raise ConfigError(f"{SECTION}.{key}", "no limit that a policy can hold")
            said, value = getattr(configured, KEYS[key].attribute), value_of(key, override.value)
            values[key] = value if text_of(said) == override.configured else tighter(key, said, value)
        return with_limits(configured, values)


class PolicyStart(Struct, frozen=True):
    """What a run begins with, as the tape's head keeps it."""

    policy: Policy = Policy()
    limits_sha256: str = ""
    """Of the limits in force."""
    problem: str = ""
    """Why the safe defaults are in force; empty when the policy is."""
    notes: tuple[str, ...] = ()
    """What was mended or is tighter than was set, for log, audit and status."""
    origins: dict[str, str] = {}
    """Where the configured value of each limit came from."""
    safe: dict[str, str] = {}
    """The safe defaults, where they differ from the configuration; with a `problem` they count, not the policy's."""

    def in_force(self, configured: RiskLimits) -> RiskLimits:
        """Return the limits that are in force."""
        if not self.problem:
            return self.policy.in_force(configured)
        return with_limits(configured, {key: value_of(key, text) for key, text in self.safe.items()})

    def is_manual(self, configured: bool) -> bool:
        """Say whether each order of a strategy waits for a person."""
        return configured if self.policy.manual is None else self.policy.manual

    def plain(self) -> dict[str, Any]:
        """Return what a tape's head keeps."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


def overridden(limits: RiskLimits, configured: RiskLimits) -> dict[str, str]:
    """Return the values of limits that are not as configured, as text."""
    return {key: text_of(getattr(limits, KEYS[key].attribute)) for key in differing(limits, configured)}


def fingerprint(limits: RiskLimits) -> str:
    """Return the SHA-256 of limits: two runs with the same limits count them under the same version."""
    text = "\n".join(f"{key}={text_of(getattr(limits, field.attribute))}" for key, field in sorted(KEYS.items()))
    return hashlib.sha256(text.encode()).hexdigest()
