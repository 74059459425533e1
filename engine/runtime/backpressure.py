"""Backpressure: a connection that brings more than its mailbox can take stops reading for a while.

It stops at three quarters full and goes on at one quarter. One that is paused for longer than a second is dropped: what
it would bring is too old by then, and whoever is behind it starts afresh.
"""

from __future__ import annotations

from typing import Protocol

from hotpath.core.histogram import stamp
from hotpath.core.mailbox import Mailbox

PAUSE_NS_MAX = 1_000_000_000


class Pausable(Protocol):
    """A connection that can stop reading for a while."""

    def pause(self) -> None:
        """Read nothing more."""

    def resume(self) -> None:
        """Read again."""

    def close(self, code: int = 1000) -> None:
        """Give the connection up."""


class Backpressure:
    """One connection and the mailbox that its messages go to."""

    __slots__ = ("_capacity", "_connection", "_mailbox", "_paused_at_ns")

    def __init__(self, connection: Pausable, mailbox: Mailbox) -> None:
        """Begin reading."""
        self._connection = connection
        self._mailbox = mailbox
        self._capacity = mailbox.capacity
        self._paused_at_ns = 0

    def balance(self) -> None:
        """Pause, go on, or give up, by how full the mailbox is now."""
        depth = 4 * self._mailbox.depth
        if not self._paused_at_ns:
            if depth >= 3 * self._capacity:
                self._paused_at_ns = stamp()
                self._connection.pause()
        elif depth <= self._capacity:
            self._paused_at_ns = 0
            self._connection.resume()
        elif stamp() - self._paused_at_ns > PAUSE_NS_MAX:
            self._paused_at_ns = 0
            self._connection.resume()
            self._connection.close(1001)
