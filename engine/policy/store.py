"""state/policy.json: the policy on disk, and what counts when file and trail do not say the same.

The trail wins. A decision counts once its record is durable, and the file is written after that, before the effect.
So at a start a file that is missing or behind is made anew from the trail. A file that is there and cannot be read, or
that knows more than the trail, is damage, and nobody guesses: the safe defaults are in force (of each limit the
tightest of configuration, documented default and what trail and file last said), the file is left as evidence, and no
limit can be set until a person has moved it away and the engine was started again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
from msgspec import Struct, structs

from engine.config.risk import RiskLimits
from engine.durable import replace_file
from engine.errors import ConfigError, UsageError
from engine.policy.change import text_of, tightest
from engine.policy.policy import Policy, PolicyStart, fingerprint, overridden

FORMAT = 1
FILE_BYTES_MAX = 1 << 20


class Kept(Struct, frozen=True, forbid_unknown_fields=True):
    """What the file holds; `sha256` is over the JSON of the policy."""

    format: int
    policy: msgspec.Raw
    sha256: str


class PolicyUnreadable(UsageError):  # noqa: N818 - a state of the file, found when it was read
    """The file of the policy is there and does not say what the policy is."""


def encode(policy: Policy) -> bytes:
    """Return the content of the file."""
    body = msgspec.json.encode(policy)
    return msgspec.json.encode(Kept(FORMAT, msgspec.Raw(body), hashlib.sha256(body).hexdigest())) + b"\n"


def decode(content: bytes) -> Policy:
    """Return the policy that a file holds.

    Raises:
        PolicyUnreadable: torn, damaged, of an unknown format, or not a policy.
    """
    try:
        kept = msgspec.json.decode(content, type=Kept)
        if kept.format != FORMAT:
            raise PolicyUnreadable(f"it has format {kept.format}, expected {FORMAT}")
        if hashlib.sha256(bytes(kept.policy)).hexdigest() != kept.sha256:
            raise PolicyUnreadable("its checksum does not fit its content")
        policy = msgspec.json.decode(kept.policy, type=Policy)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
        raise PolicyUnreadable(f"it is torn or no policy: {problem}") from problem
    if policy.version < 1 or policy.limits_version > policy.version:
        raise PolicyUnreadable(f"it has version {policy.version} with limits of version {policy.limits_version}")
    return policy


def read(path: Path) -> Policy | None:
    """Return the policy of a file, None when there is no file.

    Raises:
        PolicyUnreadable: the file is there and does not say what the policy is.
    """
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise PolicyUnreadable(f"it is larger than {FILE_BYTES_MAX} bytes")
        return decode(path.read_bytes())
    except FileNotFoundError:  # expected: no policy was ever set, or a person moved a damaged one away
        return None
    except OSError as problem:
        raise PolicyUnreadable(f"it cannot be read: {problem.strerror}") from problem


class PolicyFile:
    """The file of a run: each version takes the place of the one before, durable before the call returns."""

    def __init__(self, path: Path, failed: Callable[[str], None]) -> None:
        """`failed` is told once when a version cannot be written; nothing is tried again."""
        self._path = path
        self._failed = failed
        self._dead = False

    def save(self, policy: Policy) -> None:
        """Put a version in the place of the one before."""
        if self._dead:
            return
        try:
            replace_file(self._path, encode(policy))
        except OSError as problem:
            self._dead = True
            self._failed(f"the policy store {self._path} cannot be written: {problem}")


def start(
    path: Path,
    trail: Policy,
    limits_sha256: str,
    configured: RiskLimits,
    origins: Mapping[str, str],
    *,
    trail_problem: str = "",
) -> PolicyStart:
    """Return what a run begins with, by the rule of this module.

    Args:
        path: the file.
        trail: the policy as the trail has it.
        limits_sha256: of the limits that the trail's last run had in force; empty before the first run.
        configured: the limits of the configuration.
        origins: where each of them came from.
        trail_problem: why the trail cannot be folded; then it bears nothing out.
    """
    notes: list[str] = []
    problem, kept = "", None
    try:
        kept = read(path)
    except PolicyUnreadable as error:
        problem = f"{path}: {error}"
    if kept is not None and kept.version > trail.version:
        problem = f"{path}: it has version {kept.version}, and the trail knows {trail.version} at most"
        problem += f" ({trail_problem})" if trail_problem else ""
    elif kept is not None and kept.version == trail.version and kept != trail:
        problem = f"{path}: its version {kept.version} is not the one of the trail"
    elif kept is None and not problem and trail.version > 1:
        notes.append(f"{path.name} is missing; version {trail.version} is the trail's")
    elif kept is not None and _content(kept) != _content(trail):
        notes.append(f"{path.name} has version {kept.version}; version {trail.version} is the trail's")
    try:
        limits = trail.in_force(configured)
        notes += _tighter_than_set(trail, limits)
    except ConfigError as error:
        problem = problem or f"the policy that the trail has contradicts the configuration: {error}"
        limits = configured
    if problem:
        limits = tightest(configured, RiskLimits(), limits, *_limits_of(kept, configured))
    sha256 = fingerprint(limits)
    policy = trail
    if limits_sha256 and limits_sha256 != sha256:
        version = max(trail.version, kept.version if kept is not None else 0) + 1
        policy = structs.replace(trail, version=version, limits_version=version)
    return PolicyStart(
        policy, sha256, problem, tuple(notes), dict(origins), overridden(limits, configured) if problem else {}
    )


def _tighter_than_set(policy: Policy, limits: RiskLimits) -> list[str]:
    """Name the overrides that do not count in full because the configuration has changed since."""
    return [
        f"risk.{key} was set to {override.value} over {override.configured}, and is configured anew: "
        f"{text_of(getattr(limits, key))}, the tighter one, is in force"
        for key, override in policy.limits.items()
        if text_of(getattr(limits, key)) != override.value
    ]


def _content(policy: Policy) -> Policy:
    """Return a policy without its numbers: a configuration that changed gives the next one, and decides nothing."""
    return structs.replace(policy, version=1, limits_version=1)


def _limits_of(kept: Policy | None, configured: RiskLimits) -> list[RiskLimits]:
    """Return the limits of a policy that is not to be trusted, when they can be made at all."""
    try:
        return [kept.in_force(configured)] if kept is not None else []
    except ConfigError:  # expected: the problem is told already, and these limits would only tighten
        return []
