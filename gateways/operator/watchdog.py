"""The watchdog: looks at the heartbeat twenty times a second, and cancels everything with a session of its own.

It runs in a process of its own and needs nothing of the engine's but files. What a silence means is the vigil's
judgement; here it becomes an act: closing the gate and setting the latch of an engine that stands still, then one
cancelling session for each venue, begun anew with backoff until the venue has shown that nothing of ours is open. It
goes on looking while it cancels, and lets go as soon as another engine has taken the directory over, or a person has
let this one trade again. aiohttp is loaded when the engine has run for a while, because a start has better use for the
cores, and by a thread: a look that comes very late counts for nothing.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any, Protocol

from msgspec import Struct

from engine.clock import NS_PER_SECOND, Clock, WallClock, monotonic_ns
from engine.errors import VenueError
from engine.watch import Deed
from gateways.backoff import Backoff
from gateways.operator.vigil import Look, Sight, Vigil

LOOK_SECONDS = 0.05
READY_NS = NS_PER_SECOND
"""After this time everything is loaded that an act needs; it is less than a stall."""
ANSWER_SECONDS = 5.0
"""How long a venue may take for an answer before the session counts as lost."""
CLOSE_SECONDS = 1.0
DUE_SECONDS = 0.05
"""Between two looks whether the venue's budget lets the next request out."""
BACKOFF_MAX_NS = 15 * NS_PER_SECOND
GIVE_UP_NS = 24 * 3_600 * NS_PER_SECOND
"""Of an engine that has gone: a venue that cannot be reached for so long is a person's matter."""

GATE_SECONDS = 0.1
"""How long cancels wait for a gate that is being closed before them: no longer, because its disk may hang."""
DISK_SECONDS = 5.0
"""How long the end waits for what is to be written."""

log = logging.getLogger(__name__)

ENDS = (Sight.TAKEN_OVER, Sight.OVER)
GONE = (Sight.LEFT_OPEN, Sight.GONE)
RUNS = (Sight.WELL, Sight.ALERT)


class Session(Protocol):
    """A cancelling session of a venue, without a socket."""

    done: bool

    @property
    def waits(self) -> bool:
        """Whether an answer is due."""

    def silent_ns(self, now_ns: int) -> int:
        """Return how long the venue must hear nothing of us."""

    def due(self, now_ns: int) -> list[bytes]:
        """Return what may be sent now."""

    def take(self, payload: bytes, now_ns: int) -> None:
        """Take one answer. VenueError when there is no other way than to begin anew."""


class Duty(Struct):
    """One venue: where it is, and how a session begins; ids that it cancels are added to the list it is given."""

    venue: str
    url: str
    begin: Callable[[list[str]], Session]
    dies_with_engine: bool


class Watchdog:
    """Watches one engine until it has ended and nothing of it is open."""

    def __init__(
        self,
        vigil: Vigil,
        duties: list[Duty],
        see: Callable[[], Look],
        halt: Callable[[str], None],
        tell: Callable[[Deed], None],
        run_id: str,
    ) -> None:
        """Take what it watches with.

        Args:
            vigil: judges what is seen.
            duties: the venues at which orders may be open.
            see: looks at the heartbeat, the directory's lock and the gate.
            halt: closes the gate and sets the latch, with the reason.
            tell: writes down what was done.
            run_id: of the engine's run, for what is told.
        """
        self._vigil = vigil
        self._duties = duties
        self._see = see
        self._halt = halt
        self._tell = tell
        self._run_id = run_id
        self._gate = ThreadPoolExecutor(1, "gate")
        self._disk = ThreadPoolExecutor(1, "disk")
        self._beside = ThreadPoolExecutor(1, "loading")
        self._writing: set[asyncio.Future[None]] = set()
        self._sight = Sight.WELL
        self._handled = Sight.WELL
        self._is_open = False

    async def run(self) -> Sight:
        """Watch, act, and return why there is nothing to watch any more."""
        sight = await self._watch()
        if self._writing:
            await asyncio.wait(self._writing, timeout=DISK_SECONDS)
        return sight

    async def _watch(self) -> Sight:
        ready_ns = monotonic_ns() + READY_NS
        while True:
            if ready_ns and monotonic_ns() > ready_ns:
                self._beside.submit(importlib.import_module, "aiohttp")  # whoever needs it says what is wrong with it
                ready_ns = 0
            sight = self._look()
            if sight in ENDS:
                return sight
            if sight is Sight.WELL:
                self._handled = sight
            elif sight is not self._handled:
                await self._act(sight)
            if self._handled in GONE:
                return self._handled
            await asyncio.sleep(LOOK_SECONDS)

    def _look(self) -> Sight:
        seen = self._see()
        self._sight = self._vigil.look(monotonic_ns(), seen)
        self._is_open = not seen.shut
        return self._sight

    @property
    def _has_no_more_to_do(self) -> bool:
        """Whether the orders are somebody else's now, or those of an engine that runs behind an open gate."""
        return self._sight in ENDS or (self._sight in RUNS and self._is_open)

    async def _act(self, sight: Sight) -> None:
        """Do what a sight demands, once, until it has changed."""
        self._handled = sight
        if sight is Sight.ALERT:
            self._told(sight, self._vigil.silence)
            return
        silence = self._vigil.silence
        if sight is Sight.STALLED:
            closing = self._in_thread(self._gate, self._halt, f"the watchdog: {sight}, {silence}")
            await asyncio.wait([closing], timeout=GATE_SECONDS)
        duties = [duty for duty in self._duties if not (sight in GONE and duty.dies_with_engine)]
        canceled: list[list[str]] = [[] for _ in duties]
        clearings = [self._clear(duty, ids) for duty, ids in zip(duties, canceled, strict=True)]
        work = asyncio.gather(*clearings)
        while not work.done() and not self._has_no_more_to_do:
            await asyncio.wait([work], timeout=LOOK_SECONDS)
            self._look()
        if work.done():
            unresolved = [problem for problem in work.result() if problem]
        else:
            work.cancel()
            await asyncio.wait([work])
            unresolved = [str(self._sight)]
        ids = [one for venue in canceled for one in venue]
        if ids or unresolved or sight is not Sight.SHUT:
            self._told(sight, silence, ids, unresolved)

    def _told(self, sight: Sight, reason: str, canceled: Sequence[str] = (), unresolved: Sequence[str] = ()) -> None:
        now_ns = WallClock().read_ns()
        deed = Deed(now_ns, self._run_id, str(sight), reason, list(canceled), list(unresolved))
        self._in_thread(self._disk, self._tell, deed)

    def _in_thread(self, thread: ThreadPoolExecutor, write: Callable[[Any], None], what: Any) -> asyncio.Future[None]:
        """Let a thread wait for the disk: one that hangs may be why the engine stands still, and cancels need none.

        The gate has a thread of its own, so that it never waits for what is only told.
        """
        writing = asyncio.get_running_loop().run_in_executor(thread, write, what)
        self._writing.add(writing)
        writing.add_done_callback(self._written)
        return writing

    def _written(self, writing: asyncio.Future[None]) -> None:
        self._writing.discard(writing)
        problem = writing.exception()
        if problem is not None:
            log.error("what the watchdog did cannot be written: %s", problem)

    # ---- one venue

    async def _clear(self, duty: Duty, canceled: list[str]) -> str:
        """Cancel everything at one venue, however often that takes; returns what is left undone, empty when nothing."""
        backoff = Backoff(ceiling_ns=BACKOFF_MAX_NS)
        chance = Random(f"{self._run_id}/{duty.venue}")  # noqa: S311 - a backoff, no secret
        begun_ns = monotonic_ns()
        while True:
            try:
                await self._converse(duty, canceled)
            except Exception as problem:  # noqa: BLE001 - whatever it was, nobody else is left to try again
                words = f"{duty.venue}: {type(problem).__name__}: {problem}"
            else:
                return ""
            if monotonic_ns() - begun_ns > GIVE_UP_NS:
                return words
            if not backoff.failures_count:
                self._told(self._handled, "the venue cannot be reached; tried again and again", (), [words])
            await asyncio.sleep(backoff.next_delay_ns(chance) / NS_PER_SECOND)

    async def _converse(self, duty: Duty, canceled: list[str]) -> None:
        """Go through one session from its connection to the proof that nothing is open."""
        import aiohttp

        clock: Clock = WallClock()
        session = duty.begin(canceled)
        await asyncio.sleep(session.silent_ns(clock.read_ns()) / NS_PER_SECOND)
        loop = asyncio.get_running_loop()
        closing = aiohttp.ClientWSTimeout(ws_close=CLOSE_SECONDS)
        async with (
            asyncio.timeout(ANSWER_SECONDS) as patience,
            aiohttp.ClientSession() as http,
            http.ws_connect(duty.url, timeout=closing) as socket,
        ):
            while not session.done:
                payloads = session.due(clock.read_ns())
                for payload in payloads:
                    await socket.send_str(payload.decode())
                if payloads or not session.waits:
                    patience.reschedule(loop.time() + ANSWER_SECONDS)
                try:
                    message = await socket.receive(DUE_SECONDS)
                except TimeoutError:  # expected: time to look what may be sent
                    continue
                if message.type is not aiohttp.WSMsgType.TEXT:
                    raise VenueError(f"the connection ended: {message.type.name} {message.data}")
                session.take(message.data.encode(), clock.read_ns())
