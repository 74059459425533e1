"""Tick to order at a pace: 5,000 messages a second from another process over a real socket, the engine's loop asleep.

What a row at full speed cannot show: caches and predictors that have gone cold since the last message. The latencies
are the engine's own, from its summary; the first orders of the run, still cold in another way, are among them.
"""

from __future__ import annotations

from itertools import islice

from benchmarks.macro.desk import ORDERING
from benchmarks.macro.loopback import trade
from benchmarks.macro.market import load_market
from benchmarks.macro.peer import Child, Pacer, Prepared, spin
from benchmarks.measurement import NS_PER_US, Measurement, type_of_measurements

PER_SECOND = 5_000
FRAMES, FRAMES_TINY = 40_000, 1_000
DENIED_MAX = 20
"""Beside one in a hundred: orders of the frames that knock until the engine is ready."""


def tick_to_order_paced(quick: bool) -> type_of_measurements:
    """Measure one session."""
    market = load_market(quick)
    wanted = islice(market.streamed(), FRAMES_TINY if quick else FRAMES)
    frames = [Prepared(frame.payload, number > 20) for number, frame in enumerate(wanted)]
    pacer = Pacer(frames, PER_SECOND)

    async def look(child: Child) -> None:
        await spin(pacer.step, lambda: pacer.is_done or child.is_over)

    summary = trade(market, pacer, look, loop="sleep", strategy=ORDERING)
    found = summary["latency_ns"]["tick_to_order"]
    if not found["count"] or summary["orders"]["denied"] > DENIED_MAX + len(frames) // 100:
        raise ValueError(f"{summary['orders']} of {len(frames)} frames; the row needs an order on every quote")
    note = f"{found['count']} orders at {PER_SECOND:,} messages a second, {market.source}"
    return {"tick_to_order_paced": Measurement(found["p50"] / NS_PER_US, found["p99"] / NS_PER_US, note=note)}
