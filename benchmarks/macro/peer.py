"""The other process of the rows on sockets: a bare picows server on loopback, and who sends what when.

A Prober sends prepared frames one at a time and takes the time until each is answered, from just before the send to
the callback that brings the answer. A pause follows each answer, the same in every row, so that what the other end
still has to do about one frame is not counted against the next. A Pacer sends frames at a rate, whatever comes back.
Both begin slowly, until a first frame is answered: an engine that has just started refuses orders.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from picows import WSMsgType, WSTransport, ws_create_server
from picows.api import WSServerListenerFactory

from hotpath.core.histogram import stamp

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
PAUSE_NS = 200_000
ANSWER_NS_MAX = 250_000_000
"""An answer that takes longer does not come; an engine that has just started refuses at most four orders a second."""
PROBE_S_MAX = 120.0
CHILD_S_MAX = 30.0
TEXT = WSMsgType.TEXT


class Prepared(NamedTuple):
    """A frame, and whether an answer to it is waited for."""

    payload: bytes
    is_answered: bool


class Prober:
    """Sends prepared frames and takes the time until each is answered."""

    def __init__(self, frames: Sequence[Prepared], warm_up: int) -> None:
        """The first `warm_up` answers are not counted, nor are frames that had no answer before them."""
        self.times_ns: list[int] = []
        self.unanswered_count = 0
        self.is_done = False
        self._frames = iter(frames)
        self._warm_up = warm_up
        self._transport: WSTransport | None = None
        self._waits = False
        self._sent_ns = 0
        self._due_ns = 0

    def begin(self, transport: WSTransport) -> None:
        """Send the frames over an open connection."""
        self._transport = transport
        self._due_ns = stamp() + PAUSE_NS

    def step(self) -> None:
        """Do what is due; called in every pass of the loop."""
        transport = self._transport
        if transport is None or self.is_done:
            return
        now_ns = stamp()
        if self._waits:
            if now_ns - self._sent_ns > ANSWER_NS_MAX:
                self.unanswered_count += not self._warm_up
                self._rest(now_ns)
            return
        if now_ns < self._due_ns:
            return
        frame = next(self._frames, None)
        if frame is None:
            self.is_done = True
            return
        self._waits = frame.is_answered
        self._sent_ns = stamp()
        transport.send(TEXT, frame.payload)
        if not frame.is_answered:
            self._rest(self._sent_ns)

    def answered(self, at_ns: int) -> None:
        """Take an answer, and when the callback that brings it began."""
        if not self._waits:
            return
        if self._warm_up:
            self._warm_up -= 1
        else:
            self.times_ns.append(at_ns - self._sent_ns)
        self._rest(at_ns)

    def _rest(self, now_ns: int) -> None:
        self._waits = False
        self._due_ns = now_ns + PAUSE_NS


class Pacer:
    """Sends frames at a rate."""

    def __init__(self, frames: Sequence[Prepared], per_second: int) -> None:
        """Send `per_second` from the first answer on; before it one in the time that an answer may take."""
        self.is_done = False
        self.answers_count = 0
        self._frames = iter(frames)
        self._period_ns = 1_000_000_000 // per_second
        self._transport: WSTransport | None = None
        self._due_ns = 0

    def begin(self, transport: WSTransport) -> None:
        """Send the frames over an open connection."""
        self._transport = transport
        self._due_ns = stamp()

    def step(self) -> None:
        """Send what is due; called in every pass of the loop. What is late is sent at once: the rate is kept."""
        transport = self._transport
        if transport is None or self.is_done:
            return
        while stamp() >= self._due_ns:
            frame = next(self._frames, None)
            if frame is None:
                self.is_done = True
                return
            transport.send(TEXT, frame.payload)
            if self.answers_count or not frame.is_answered:
                self._due_ns += self._period_ns
            else:
                self._due_ns += ANSWER_NS_MAX

    def answered(self, at_ns: int) -> None:
        """Take an answer, and when it came."""
        self.answers_count += 1
        if self.answers_count == 1:
            self._due_ns = at_ns


async def spin(step: Callable[[], None], is_done: Callable[[], bool]) -> None:
    """Let the running loop never sleep: `step` runs in each of its passes until `is_done`. TimeoutError after 120 s."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def go_on() -> None:
        if done.done():
            return
        step()
        if is_done():
            done.set_result(None)
        else:
            loop.call_soon(go_on)

    loop.call_soon(go_on)
    async with asyncio.timeout(PROBE_S_MAX):
        await done


async def serve(listeners: WSServerListenerFactory) -> tuple[asyncio.Server, int]:
    """Listen on a port of loopback that is free; returns the server and the port."""
    server = await ws_create_server(listeners, HOST, 0, enable_auto_ping=False)
    return server, server.sockets[0].getsockname()[1]


class Child:
    """A process at the other end."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Start it in the root of the project, with these variables beside ours."""
        self._process = subprocess.Popen(  # noqa: S603 - our own modules
            command, cwd=ROOT, env={**os.environ, **(environment or {})}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def is_over(self) -> bool:
        """Whether the process has ended."""
        return self._process.poll() is not None

    def interrupt(self) -> bytes:
        """Ask the process to end and return what it wrote. ChildProcessError when it did not end well."""
        self._process.send_signal(signal.SIGINT)
        try:
            said, complaints = self._process.communicate(timeout=CHILD_S_MAX)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ChildProcessError(f"the process at the other end did not end within {CHILD_S_MAX} s") from None
        if self._process.returncode:
            words = complaints.decode(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
            raise ChildProcessError(f"the process at the other end ended with {self._process.returncode}: {words[0]}")
        return said

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.communicate()
