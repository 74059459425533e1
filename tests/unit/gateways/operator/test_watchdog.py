"""The watchdog acts once on what it sees, tries an unreachable venue again, and lets go when another engine comes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from aiohttp import web

from engine.errors import VenueError
from engine.heartbeat import Phase
from engine.watch import Deed
from gateways.operator import vigil
from gateways.operator.vigil import Look, Sight, Vigil
from gateways.operator.watchdog import Duty, Watchdog
from gateways.operator.watchdog import Session as WatchdogSession

PID = 4711
NOWHERE = "http://127.0.0.1:9/"
"""The discard port, where nobody listens."""
WELL = Look(PID, 1, Phase.RUNNING, held=True, shut=False)
LEFT_OPEN = Look(PID, 2, Phase.LEFT_OPEN, held=False, shut=False)


class Session:
    """Says one word and is done when it hears one; the first attempts fail as they are told to."""

    failures: list[Exception]

    def __init__(self, canceled: list[str], failures: list[Exception]) -> None:
        self.done = False
        self.waits = True
        self._canceled = canceled
        self._failures = failures
        self._said = False

    def silent_ns(self, _now_ns: int) -> int:
        return 0

    def due(self, _now_ns: int) -> list[bytes]:
        said, self._said = self._said, True
        return [] if said else [b"cancel"]

    def take(self, payload: bytes, _now_ns: int) -> None:
        if self._failures:
            raise self._failures.pop(0)
        self._canceled.append(payload.decode())
        self.done = True


class Bench:
    """A watchdog with the test's eyes; `sights` are seen one after the other, the last one for good."""

    def __init__(
        self, url: str, sights: list[Look], *, dies: bool = False, failures: int = 0, failure: Exception | None = None
    ) -> None:
        self.sights = sights
        self.halts: list[str] = []
        self.deeds: list[Deed] = []
        problems: list[Exception] = [failure or VenueError("no") for _ in range(failures)]
        self.sessions = 0

        def begin(canceled: list[str]) -> Session:
            self.sessions += 1
            return Session(canceled, problems)

        self.duty = Duty("fake", url, begin, dies)
        self.watchdog = Watchdog(Vigil(PID), [self.duty], self.see, self.halts.append, self.deeds.append, "t1-1")

    def see(self) -> Look:
        return self.sights.pop(0) if len(self.sights) > 1 else self.sights[0]


def served(test: Callable[[str], Bench]) -> tuple[Bench, Sight]:
    """Run a watchdog beside a venue that echoes every word."""

    async def echo(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            await socket.send_str(message.data)
        return socket

    async def both() -> tuple[Bench, Sight]:
        app = web.Application()
        app.router.add_get("/", echo)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        bench = test(f"http://127.0.0.1:{port}/")
        try:
            return bench, await asyncio.wait_for(bench.watchdog.run(), 20)
        finally:
            await runner.cleanup()

    return asyncio.run(both())


def test_what_an_end_leaves_open_is_cancelled_and_told() -> None:
    bench, sight = served(lambda url: Bench(url, [WELL, LEFT_OPEN]))
    assert sight is Sight.LEFT_OPEN
    (deed,) = bench.deeds
    assert (deed.what, deed.canceled, deed.unresolved) == (str(Sight.LEFT_OPEN), ["cancel"], [])
    assert bench.halts == [], "there is no engine to halt"


def test_an_attempt_that_fails_is_made_again_and_the_first_failure_is_told() -> None:
    bench, _ = served(lambda url: Bench(url, [LEFT_OPEN], failures=1))
    assert bench.sessions == 2
    assert [deed.unresolved for deed in bench.deeds] == [["fake: VenueError: no"], []]
    assert bench.deeds[-1].canceled == ["cancel"]


def test_a_venue_that_ended_with_its_engine_is_not_asked() -> None:
    bench = Bench(NOWHERE, [LEFT_OPEN], dies=True)
    assert asyncio.run(bench.watchdog.run()) is Sight.LEFT_OPEN
    assert bench.sessions == 0


def test_a_clean_end_needs_nothing() -> None:
    bench = Bench(NOWHERE, [WELL, Look(PID, 2, Phase.ENDED, held=True, shut=False)])
    assert asyncio.run(bench.watchdog.run()) is Sight.OVER
    assert (bench.sessions, bench.deeds) == (0, [])


def test_it_lets_go_when_another_engine_takes_over_while_the_venue_cannot_be_reached() -> None:
    other = Look(PID + 1, 0, Phase.STARTING, held=True, shut=False)
    bench = Bench(NOWHERE, [*[LEFT_OPEN] * 4, other])
    assert asyncio.run(bench.watchdog.run()) is Sight.LEFT_OPEN
    assert bench.deeds[-1].unresolved == ["another engine has taken over"]
    assert bench.deeds[-1].canceled == []


def test_it_lets_go_of_an_engine_that_a_person_allowed_to_trade_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vigil, "SHUT_NS", 1)
    shut = [Look(PID, beats, Phase.RUNNING, held=True, shut=True) for beats in range(4)]
    again = [Look(PID, beats, Phase.RUNNING, held=True, shut=False) for beats in range(4, 8)]
    bench = Bench(NOWHERE, [*shut, *again, Look(PID + 1, 0, Phase.STARTING, held=True, shut=False)])
    assert asyncio.run(bench.watchdog.run()) is Sight.TAKEN_OVER
    assert bench.deeds[-1].what == str(Sight.SHUT)
    assert bench.deeds[-1].unresolved == [str(Sight.WELL)]


def test_it_goes_on_when_an_engine_that_stood_still_turns_again_behind_a_closed_gate() -> None:
    still = [Look(PID, 1, Phase.RUNNING, held=True, shut=False)] * 4
    awake = [Look(PID, beats, Phase.RUNNING, held=True, shut=True) for beats in range(2, 8)]
    bench = Bench(NOWHERE, [*still, *awake, Look(PID + 1, 0, Phase.STARTING, held=True, shut=False)])
    bench.watchdog._vigil = Vigil(PID, alert_ns=1, stall_ns=1)
    assert asyncio.run(bench.watchdog.run()) is Sight.TAKEN_OVER
    assert bench.halts
    assert bench.deeds[-1].unresolved == [str(Sight.TAKEN_OVER)]


def test_a_venue_whose_session_breaks_in_a_way_that_nobody_foresaw_is_tried_again() -> None:
    bench, _ = served(lambda url: Bench(url, [LEFT_OPEN], failures=1, failure=KeyError("symbol")))
    assert bench.sessions == 2
    assert [deed.unresolved for deed in bench.deeds] == [["fake: KeyError: 'symbol'"], []]


class HangingDisk(Bench):
    """A watchdog that sees its engine late and then standing still, while what it writes hangs until it cancels."""

    def __init__(self, url: str, hanging: str) -> None:
        still = [Look(PID, 1, Phase.RUNNING, held=True, shut=False)] * 8
        super().__init__(url, [*still, Look(PID + 1, 0, Phase.STARTING, held=True, shut=False)])
        self.order: list[str] = []
        cancelled = threading.Event()
        begin = self.duty.begin

        def cancelling(canceled: list[str]) -> WatchdogSession:
            self.order.append("cancel")
            cancelled.set()
            return begin(canceled)

        def halt(reason: str) -> None:
            if hanging == "gate":
                assert cancelled.wait(10)
            self.order.append("gate")
            self.halts.append(reason)

        def tell(deed: Deed) -> None:
            if hanging == "words" and deed.what == str(Sight.ALERT):
                assert cancelled.wait(10)
            self.order.append(deed.what)

        self.duty.begin = cancelling
        vigil_now = Vigil(PID, alert_ns=1, stall_ns=100_000_000)
        self.watchdog = Watchdog(vigil_now, [self.duty], self.see, halt, tell, "t1-1")


def test_the_gate_is_closed_before_anything_is_cancelled_though_earlier_words_hang_in_the_disk() -> None:
    bench, _ = served(lambda url: HangingDisk(url, "words"))
    assert isinstance(bench, HangingDisk)
    assert bench.order.index("gate") < bench.order.index("cancel") < bench.order.index(str(Sight.ALERT))


def test_cancels_do_not_wait_for_a_gate_that_hangs_in_the_disk() -> None:
    bench, _ = served(lambda url: HangingDisk(url, "gate"))
    assert isinstance(bench, HangingDisk)
    assert bench.order.index("cancel") < bench.order.index("gate")
