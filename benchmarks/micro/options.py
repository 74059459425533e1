"""What options cost in whole columns: prices and Greeks, implied volatilities, and a chain on a tick.

One call does a whole column, so it is timed from Python. The inputs are made here for the peers too.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt

from benchmarks.measurement import of_loops, of_times, time_loops, type_of_measurements
from hotpath.options import isa
from hotpath.options.black import value
from hotpath.options.chain import Chain
from hotpath.options.implied_vol import solve

SEED = 1
OPTIONS, OPTIONS_TINY = 200_000, 2_000
CONTRACTS = 2_192
LOOPS, LOOPS_TINY = 40, 2
TICKS, TICKS_TINY = 5_000, 20
FIVE_GREEKS_ROWS = 6
SPOT = 100.0
RATE = 0.03
PRICE_MIN = 1e-6

type_of_columns = dict[str, npt.NDArray[np.float64]]


def calls(count: int) -> type_of_columns:
    """Return calls without a dividend yield, as `value` takes them but for `right`."""
    chance = np.random.default_rng(SEED)
    return {
        "spot": np.full(count, SPOT),
        "strike": chance.uniform(60, 140, count),
        "years": chance.uniform(0.02, 2, count),
        "rate": np.full(count, RATE),
        "dividend_yield": np.zeros(count),
        "volatility": chance.uniform(0.1, 0.8, count),
    }


def valued(right: npt.NDArray[np.int8], columns: type_of_columns, rows: int) -> npt.NDArray[np.float64]:
    """Return prices, or prices and Greeks."""
    out = np.empty((rows, len(right)))
    value(right, **columns, out=out)
    return out


def out_of_the_money(count: int) -> tuple[npt.NDArray[np.int8], type_of_columns, npt.NDArray[np.float64]]:
    """Return rights, terms without volatility, and prices that are not dust."""
    columns = calls(2 * count)
    forward = columns["spot"] * np.exp(columns["rate"] * columns["years"])
    right = np.where(columns["strike"] >= forward, 1, -1).astype(np.int8)
    prices = valued(right, columns, 1)[0]
    wanted = np.flatnonzero(prices > PRICE_MIN)[:count]
    terms = {name: column[wanted] for name, column in columns.items() if name != "volatility"}
    return right[wanted], terms, prices[wanted]


def greeks_batch(quick: bool) -> type_of_measurements:
    """Measure price and five Greeks of calls."""
    count = OPTIONS_TINY if quick else OPTIONS
    columns, right = calls(count), np.ones(count, np.int8)
    out = np.empty((FIVE_GREEKS_ROWS, count))
    times_ns = time_loops(partial(value, right, **columns, out=out), LOOPS_TINY if quick else LOOPS)
    note = f"{count} options, {isa.NAME}"
    return {"greeks_batch": of_loops(times_ns, count, out.tobytes(), note, is_rate=True)}


def implied_vol_batch(quick: bool) -> type_of_measurements:
    """Measure the volatilities of out-of-the-money prices, to the precision of a double."""
    right, terms, prices = out_of_the_money(OPTIONS_TINY if quick else OPTIONS)
    out, reasons = np.empty(len(prices)), np.empty(len(prices), np.int8)
    loop = partial(solve, right, prices, **terms, out=out, reasons=reasons)
    times_ns = time_loops(loop, LOOPS_TINY if quick else LOOPS)
    note = f"{len(prices)} prices, {isa.NAME}"
    return {"implied_vol_batch": of_loops(times_ns, len(prices), out.tobytes(), note, is_rate=True)}


def chain_revalue(quick: bool) -> type_of_measurements:
    """Measure a chain of 2,192 contracts on a tick: price and eight Greeks of each."""
    columns = calls(CONTRACTS)
    right = np.where(np.arange(CONTRACTS) % 2, 1, -1).astype(np.int8)
    chain = Chain(right, columns["strike"], np.arange(CONTRACTS) % 20, 100.0)
    chain.terms(*(columns[name] for name in ("years", "rate", "dividend_yield", "volatility")))
    spots = iter(np.linspace(99, 101, 2 * TICKS).tolist())
    times_ns = time_loops(lambda: chain.revalue(next(spots)), TICKS_TINY if quick else TICKS)
    note = f"{len(times_ns)} ticks of {CONTRACTS} contracts, {isa.NAME}"
    return {"chain_revalue_2192": of_times(times_ns, chain.values.tobytes(), note)}
