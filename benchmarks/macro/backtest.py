"""A backtest: a recorded session through the whole engine with a strategy in Python that sees every quote.

Bytes are parsed, the book is kept, every input goes to the tape and every state change to the trail, as in any run. The
time of one quote is that of the whole run over the best prices in it; depth and trades are in the session besides.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.macro.desk import LOOKING, FullSpeed
from benchmarks.macro.market import Kind, load_market
from benchmarks.measurement import of_loops, type_of_measurements
from hotpath.core.histogram import stamp


def backtest_quotes(quick: bool) -> type_of_measurements:
    """Measure one run from its first frame to the durable end of its trail."""
    market = load_market(quick)
    with tempfile.TemporaryDirectory(prefix="tiercel-bench-") as directory:
        run = FullSpeed(market, Path(directory), warm_up=0, strategy=LOOKING)
        begun_ns = stamp()
        answer = run.go()
        elapsed_ns = stamp() - begun_ns
    quotes_count = sum(frame.kind is Kind.TICKER for frame in market.frames)
    note = f"{quotes_count} best prices among {answer.frames_count} frames, {market.source}"
    return {"backtest_quotes": of_loops([elapsed_ns], quotes_count, answer.head, note, is_rate=True)}
