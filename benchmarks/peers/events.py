"""The level-2 events of our row through hftbacktest, compiled by Numba; it simulates latency and queues besides."""

from __future__ import annotations

from typing import Any

from benchmarks.measurement import of_loops, time_loops, type_of_measurements
from benchmarks.micro.events import stream
from benchmarks.peers import peer

LOOPS = 4
STEP_NS = 1_000_000
LATENCY_NS = 100_000
FIRST_NS = 1_700_000_000_000_000_000
TICK = 0.1


def hftbacktest(quick: bool) -> type_of_measurements:
    """Measure events that a strategy steps over one by one, its best prices looked at after each."""
    hft, compiled = peer("hftbacktest"), peer("numba").njit
    events = _events(hft, quick)

    def walk(backtest: Any, step_ns: int) -> int:
        both = 0
        while backtest.elapse(step_ns) == 0:
            depth = backtest.depth(0)
            if depth.best_bid_tick > 0 and depth.best_ask_tick > 0:
                both += 1
        return both

    walk = compiled(walk)

    def loop() -> None:
        asset = hft.BacktestAsset().data([events]).linear_asset(1.0).constant_order_latency(LATENCY_NS, LATENCY_NS)
        asset = asset.risk_adverse_queue_model().no_partial_fill_exchange().trading_value_fee_model(0.0, 0.0)
        backtest = hft.HashMapMarketDepthBacktest([asset.tick_size(TICK).lot_size(1).last_trades_capacity(0)])
        walk(backtest, STEP_NS)
        backtest.close()

    times_ns = time_loops(loop, LOOPS)
    note = f"{LOOPS} runs of {len(events)} events, with its latency and queue models"
    return {"book_events@hftbacktest": of_loops(times_ns, len(events), note=note, is_rate=True)}


def _events(hft: Any, quick: bool) -> Any:
    """Return the stream as the library's array."""
    made = stream(quick)
    events = peer("numpy").zeros(len(made), hft.event_dtype)
    both = hft.EXCH_EVENT | hft.LOCAL_EVENT | hft.DEPTH_EVENT
    events["ev"] = [both | (hft.BUY_EVENT if event.side == 1 else hft.SELL_EVENT) for event in made]
    events["exch_ts"] = range(FIRST_NS, FIRST_NS + len(made) * STEP_NS, STEP_NS)
    events["local_ts"] = events["exch_ts"] + LATENCY_NS
    events["px"] = [event.ticks * TICK for event in made]
    events["qty"] = [event.lots for event in made]
    return events
