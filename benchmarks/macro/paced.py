"""Tick to order at a pace: 5,000 messages a second from another process over a real socket, the engine's loop asleep.

What a row at full speed cannot show: caches and predictors that have gone cold since the last message. How cold depends
on how deep the processor may sleep meanwhile, so there are two rows: with `cpu_latency_us = 0`, as one would trade, and
as the system has it. The latencies are the engine's own, from its summary; the first orders of the run, still cold in
another way, are among them.
"""

from __future__ import annotations

import os
from itertools import islice

from benchmarks.macro.desk import ORDERING
from benchmarks.macro.loopback import trade
from benchmarks.macro.market import load_market
from benchmarks.macro.peer import Child, Pacer, Prepared, spin
from benchmarks.measurement import NS_PER_US, Measurement, type_of_measurements
from engine.cpu_latency import DEVICE, NOT_ASKED_US

PER_SECOND = 5_000
FRAMES, FRAMES_TINY = 40_000, 1_000
DENIED_MAX = 20
"""Beside one in a hundred: orders of the frames that knock until the engine is ready."""
AWAKE_US = 0


def tick_to_order_paced(quick: bool) -> type_of_measurements:
    """Measure one session in which processors stay awake, where this user may ask for that."""
    if os.access(DEVICE, os.W_OK):
        return {"tick_to_order_paced": _session(quick, AWAKE_US, "cpu_latency_us = 0")}
    return {"tick_to_order_paced": _session(quick, NOT_ASKED_US, f"{DEVICE} cannot be written here")}


def tick_to_order_paced_default(quick: bool) -> type_of_measurements:
    """Measure one session in which processors sleep as the system has it."""
    return {"tick_to_order_paced_default": _session(quick, NOT_ASKED_US, "cpu_latency_us as the system has it")}


def _session(quick: bool, cpu_latency_us: int, note: str) -> Measurement:
    market = load_market(quick)
    wanted = islice(market.streamed(), FRAMES_TINY if quick else FRAMES)
    frames = [Prepared(frame.payload, number > 20) for number, frame in enumerate(wanted)]
    pacer = Pacer(frames, PER_SECOND)

    async def look(child: Child) -> None:
        await spin(pacer.step, lambda: pacer.is_done or child.is_over)

    summary = trade(market, pacer, look, loop="sleep", strategy=ORDERING, cpu_latency_us=cpu_latency_us)
    found = summary["latency_ns"]["tick_to_order"]
    if not found["count"] or summary["orders"]["denied"] > DENIED_MAX + len(frames) // 100:
        raise ValueError(f"{summary['orders']} of {len(frames)} frames; the row needs an order on every quote")
    what = f"{found['count']} orders at {PER_SECOND:,} messages a second, {note}, {market.source}"
    return Measurement(found["p50"] / NS_PER_US, found["p99"] / NS_PER_US, note=what)
