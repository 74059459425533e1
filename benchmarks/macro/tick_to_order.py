"""Tick to order at full speed: from the frame's bytes at our parser to the encoded order at the transport.

The whole session as fast as the machine can, an order on every quote, every check, audit and tape on. Three rows come
from one run: every order, those that a best price caused, and those that a depth message caused.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.macro.desk import WARM_UP, WARM_UP_TINY, FullSpeed
from benchmarks.macro.market import Kind, load_market
from benchmarks.measurement import of_histogram, type_of_measurements
from hotpath.core.histogram import Histogram


def tick_to_order(quick: bool) -> type_of_measurements:
    """Measure one run."""
    market = load_market(quick)
    with tempfile.TemporaryDirectory(prefix="tiercel-bench-") as directory:
        answer = FullSpeed(market, Path(directory), warm_up=WARM_UP_TINY if quick else WARM_UP).go()
    everything = Histogram()
    for latencies in answer.latencies.values():
        everything.merge(latencies)
    rows = {
        "tick_to_order": everything,
        "tick_to_order_ticker": answer.latencies[Kind.TICKER],
        "tick_to_order_depth": answer.latencies[Kind.DEPTH],
    }
    return {
        name: of_histogram(latencies, answer.head, f"{latencies.count} orders, {market.source}")
        for name, latencies in rows.items()
    }
