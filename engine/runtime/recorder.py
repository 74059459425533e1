"""Whoever keeps the inputs of a run, as the turn sees it: the tape, or nobody.

A recorder may lend its FrameBuffer as `buffer`; inputs are then copied straight into it, and `append` is called only
when it has no room.
"""

from __future__ import annotations

from typing import Protocol


class Recorder(Protocol):
    """Whoever keeps the inputs: the tape."""

    def append(self, step: int, time_ns: int, port: int, kind: int, payload: bytes) -> None:
        """Keep one input."""
