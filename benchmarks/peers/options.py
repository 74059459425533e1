"""European options with other libraries: price and five Greeks of whole columns, implied volatilities one by one."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.measurement import of_loops, time_loops, type_of_measurements
from benchmarks.micro.options import OPTIONS, OPTIONS_TINY, RATE, SPOT, calls, out_of_the_money
from benchmarks.peers import peer

LOOPS, LOOPS_TINY = 20, 2
PRICES, PRICES_TINY = 20_000, 200
PRICES_LOOPS = 3
ACCURACY = 1e-12
GUESS_NONE = 3.4028234663852886e38
"""What the library takes for no first guess."""


def scipy(quick: bool) -> type_of_measurements:
    """Measure the plain formula over arrays, without a yield and with scalars where it may have them."""
    ndtr = peer("scipy.special").ndtr
    count = OPTIONS_TINY if quick else OPTIONS
    columns = calls(count)
    strike, years, volatility = columns["strike"], columns["years"], columns["volatility"]

    def value() -> Any:
        root_years = np.sqrt(years)
        s = volatility * root_years
        d1 = (np.log(SPOT / strike) + (RATE + 0.5 * volatility * volatility) * years) / s
        d2 = d1 - s
        cash = strike * np.exp(-RATE * years)
        n1, n2 = ndtr(d1), ndtr(d2)
        density = np.exp(-0.5 * d1 * d1) / 2.5066282746310002
        vega = SPOT * density * root_years
        theta = -SPOT * density * volatility / (2 * root_years) - RATE * cash * n2
        return SPOT * n1 - cash * n2, n1, density / (SPOT * s), vega, theta, years * cash * n2

    times_ns = time_loops(value, LOOPS_TINY if quick else LOOPS)
    note = f"{count} calls with numpy {np.__version__}"
    return {"greeks_batch@scipy": of_loops(times_ns, count, count, note, is_rate=True)}


def quantlib(quick: bool) -> type_of_measurements:
    """Measure blackFormulaImpliedStdDev at 1e-12, called from Python for each price."""
    library = peer("QuantLib")
    right, terms, prices = out_of_the_money(PRICES_TINY if quick else PRICES)
    discount = np.exp(-terms["rate"] * terms["years"])
    forward = terms["spot"] / discount
    kinds = [library.Option.Call if one == 1 else library.Option.Put for one in right.tolist()]
    rows = list(zip(kinds, terms["strike"].tolist(), forward.tolist(), prices.tolist(), discount.tolist(), strict=True))
    solve = library.blackFormulaImpliedStdDev

    def each() -> None:
        for kind, strike, future, price, factor in rows:
            solve(kind, strike, future, price, factor, 0.0, GUESS_NONE, ACCURACY)

    times_ns = time_loops(each, 1 if quick else PRICES_LOOPS)
    note = f"{len(rows)} prices one by one at {ACCURACY:g}"
    return {"implied_vol_batch@QuantLib": of_loops(times_ns, len(rows), len(rows), note, is_rate=True)}
