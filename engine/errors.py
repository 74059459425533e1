"""Every exception of Tiercel, as a tree that says who is to blame.

TiercelError
    UsageError          the caller's fault; the message says what to change
        ConfigError     a configuration key is wrong; `key` is its path
        ConfigErrors    every wrong key of a configuration at once
        DirectoryHeld   another engine holds the data directory; `pid` names it
    VenueError          the venue said no, or nonsense
        VenueProtocolError   bytes that break the venue's own rules: the session restarts, nothing is guessed
    InvariantError      ours; never caught below the root
        AuditError      the trail is damaged or cannot be written
        TapeError       the tape is damaged or does not fit this run
BaseException
    HandlerTimeout      a handler ran longer than limits.handler_stop_ms; no author's `except Exception` may keep it
"""

from __future__ import annotations

from collections.abc import Sequence


class TiercelError(Exception):
    """The root: whatever Tiercel raises on purpose."""


class UsageError(TiercelError):
    """The caller's fault; the message says what to change."""


class ConfigError(UsageError):
    """A configuration key is wrong."""

    def __init__(self, key: str, problem: str, *, line: int = 0) -> None:
        """Name the key's path, what is wrong with it, and the line of the file (0 when it has none)."""
        self.key = key
        self.problem = problem
        self.line = line
        place = f"line {line}: " if line else ""
        super().__init__(f"{place}{key}: {problem}")


class ConfigErrors(UsageError):  # noqa: N818 - the plural of ConfigError
    """Every wrong key of a configuration at once."""

    def __init__(self, source: str, errors: Sequence[ConfigError]) -> None:
        """Take the file's name and at least one error, in the order of the file."""
        self.source = source
        self.errors = tuple(errors)
        count = "1 problem" if len(self.errors) == 1 else f"{len(self.errors)} problems"
        super().__init__("\n".join([f"{source}: {count}", *(f"  {error}" for error in self.errors)]))


class DirectoryHeld(UsageError):  # noqa: N818 - a state of the directory, found when it was asked for
    """Another engine holds the data directory."""

    def __init__(self, directory: str, pid: int) -> None:
        """Name the directory and the process that holds it (0 when it did not say)."""
        self.directory = directory
        self.pid = pid
        holder = f"the engine with pid {pid}" if pid else "another engine"
        super().__init__(
            f"{directory} is held by {holder}: stop it with 'tiercel stop', or give this run a --data-dir of its own"
        )


class VenueError(TiercelError):
    """The venue said no, or nonsense."""


class VenueProtocolError(VenueError):
    """Bytes that break the venue's own rules: the session restarts, nothing is guessed."""


class InvariantError(TiercelError):
    """Our own rules are broken; trading halts."""


class AuditError(InvariantError):
    """The audit trail is damaged or cannot be written."""


class TapeError(InvariantError):
    """The tape is damaged, or does not fit this run."""


class HandlerTimeout(BaseException):
    """A handler ran longer than limits.handler_ns_max and was interrupted."""
