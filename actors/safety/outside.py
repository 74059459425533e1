"""What safety touches that is no message: the gate, the latch, and the system that it may stop."""

from __future__ import annotations

from typing import Protocol

from engine.messages.control import GateWord


class Gate(Protocol):
    """The one word before the sockets."""

    @property
    def word(self) -> int:
        """What the gate says now."""

    def write(self, word: GateWord) -> None:
        """Set it, for every process that maps it."""


class Latch(Protocol):
    """The mark on disk that survives everything but a person's re-arm."""

    @property
    def is_set(self) -> bool:
        """Whether the run starts, or has become, latched."""

    def set(self, reason: str, now_ns: int) -> None:
        """Set it, fsynced."""

    def clear(self) -> None:
        """Remove it, fsynced."""


class Runtime(Protocol):
    """What safety may ask of the system it runs in."""

    def stop(self, reason: str) -> None:
        """Tell every actor that the run ends."""

    def stop_actor(self, name: str) -> None:
        """Close an actor's mailboxes."""

    def enable_actor(self, name: str) -> None:
        """Start a fresh instance of a stopped actor."""

    def finish(self, reason: str) -> None:
        """Tell those that stop last that the run ends."""
