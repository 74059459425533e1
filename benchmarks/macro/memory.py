"""Idle memory: what the engine's process alone holds, connected and reading the market, after a minute without orders.

The proportional set size is taken, so pages that are shared with other processes count by their part. The market plays
at its own pace; only Linux says what the row asks.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from picows import WSTransport

from benchmarks.macro.desk import LOOKING
from benchmarks.macro.loopback import trade
from benchmarks.macro.market import Market, load_market
from benchmarks.macro.peer import TEXT, Child
from benchmarks.measurement import Measurement, NotMeasured, type_of_measurements
from engine.clock import NS_PER_SECOND

IDLE_S, IDLE_S_TINY = 60.0, 3.0
CONNECT_S_MAX = 20.0
KIB_PER_MIB = 1_024
PROC = Path("/proc")


class Player:
    """Plays the market at its own pace to whoever listens."""

    def __init__(self, market: Market) -> None:
        """Wait for the stream."""
        self._frames = market.streamed()
        self._transport: WSTransport | None = None
        self.opened = asyncio.Event()
        self.orders_count = 0

    def begin(self, transport: WSTransport) -> None:
        """Take the stream."""
        self._transport = transport
        self.opened.set()

    def answered(self, at_ns: int) -> None:
        """Count an order that there should not be."""
        self.orders_count += 1

    async def play(self, seconds: float) -> None:
        """Send the frames of the first `seconds` of the market, each at its time."""
        await asyncio.wait_for(self.opened.wait(), CONNECT_S_MAX)
        loop = asyncio.get_running_loop()
        begun, first_ns = loop.time(), self._frames[0].time_ns
        for frame in self._frames:
            due = begun + (frame.time_ns - first_ns) / NS_PER_SECOND
            if due > begun + seconds or self._transport is None:
                break
            if due > loop.time():
                await asyncio.sleep(due - loop.time())
            self._transport.send(TEXT, frame.payload)
        await asyncio.sleep(max(0.0, begun + seconds - loop.time()))


def idle_rss_mib(quick: bool) -> type_of_measurements:
    """Measure the memory of an engine that only looks."""
    seconds = IDLE_S_TINY if quick else IDLE_S
    if not (PROC / "self" / "smaps_rollup").is_file():
        raise NotMeasured("it needs /proc/<pid>/smaps_rollup, which Linux has")
    market = load_market(quick)
    player = Player(market)
    found: list[float] = []

    async def look(child: Child) -> None:
        await player.play(seconds)
        found.append(_pss_mib(child.pid))

    summary = trade(market, player, look, loop="sleep", strategy=LOOKING)
    if player.orders_count:
        raise ValueError(f"{player.orders_count} orders were sent; the row needs an engine without any")
    note = f"PSS after {seconds:.0f} s and {summary['market_messages']} messages, {market.source}"
    return {"idle_rss_mib": Measurement(value=found[0], note=note)}


def _pss_mib(pid: int) -> float:
    for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
        key, _, value = line.partition(":")
        if key == "Pss":
            return int(value.split()[0]) / KIB_PER_MIB
    raise NotMeasured("the kernel does not say the proportional set size")
