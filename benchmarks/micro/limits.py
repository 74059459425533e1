"""What it costs to judge an order by every check, reserve it and give it back: in compiled code, with all inputs told.

No check is off: depth, clocks, trail, losses, parents, an expected edge and Greeks are there, and strategies and
instruments have tighter limits of their own. The limits are so wide that each order is approved, because a denial costs
less.
"""

from __future__ import annotations

from functools import partial

from benchmarks.loops import orders
from benchmarks.measurement import of_loops, time_loops, type_of_measurements
from hotpath.core.units import Scale
from hotpath.orders.filters import Filters
from hotpath.orders.limits import Limits
from hotpath.orders.marks import Marks
from hotpath.orders.recents import Recents

OPERATIONS = 1_000
LOOPS, LOOPS_TINY = 1_000, 20
INSTRUMENTS, STRATEGIES = 8, 4
UNIT = 10**8
LOT = 10_000
QUOTE = INSTRUMENTS
START_NS = 1_700_000_000_000_000_000
STEP_NS = 1_000
AGE_NS = 10**15
WIDE = 10**17
SCALE = Scale(2, 4)


def risk_checks(quick: bool) -> type_of_measurements:
    """Measure one order judged, reserved and given back."""
    limits = desk()
    loops = LOOPS_TINY if quick else LOOPS
    place = {"first": 1, "start_ns": START_NS}
    approved = 0

    def judge() -> None:
        nonlocal approved
        approved += orders.risk_checks(limits, place["first"], place["start_ns"], STEP_NS, OPERATIONS)
        place["first"] += OPERATIONS
        place["start_ns"] += STEP_NS * OPERATIONS

    times_ns = time_loops(partial(judge), loops)
    limits.exposure.check()
    assert approved == place["first"] - 1, f"{approved} of {place['first'] - 1} orders were approved"
    return {"risk_checks": of_loops(times_ns, OPERATIONS, (limits.exposure.open_count, limits.depth_skipped_count))}


def desk() -> Limits:
    """Return limits that are wide, with every input told."""
    lines = [(SCALE, index, QUOTE) for index in range(INSTRUMENTS)]
    marks = Marks(lines, QUOTE, INSTRUMENTS + 1, 64, 50_000, 1_000, STRATEGIES)
    filters, recents = Filters([SCALE] * INSTRUMENTS), Recents(STRATEGIES)
    limits = Limits(marks, filters, recents)
    _bound(limits)
    for strategy in range(STRATEGIES):
        recents.enable(strategy, True)
        limits.parents.open(strategy, 1, 10**12)
        limits.sizes.tighten_strategy(strategy, WIDE, WIDE)
    for instrument in range(INSTRUMENTS):
        _open(limits, instrument)
    limits.account.set_balance(QUOTE, 10**9 * UNIT)
    marks.refresh()
    equity = limits.account.equity
    limits.losses.set_day_equity(equity)
    limits.losses.set_day_result(0)
    limits.losses.set_peak_equity(equity)
    limits.losses.set_losses_in_row(0)
    limits.health.set_clock_offset(0, 1_000_000, START_NS)
    limits.health.set_audit_health(True, 1_000_000, 1, START_NS)
    limits.turnover.set_traded_today(UNIT)
    limits.set_state(3)
    return limits


def _open(limits: Limits, instrument: int) -> None:
    """Let an instrument be traded, with a quote, depth, inventory, a limit of its own and Greeks."""
    limits.filters.set_filter(
        instrument, permitted=True, price_step_ticks=1, quantity_step_lots=10, lots_min=10, lots_max=10**9,
        market_lots_max=10**9, price_ticks_min=1, price_ticks_max=10**12, notional_min=UNIT,
    )  # fmt: skip
    limits.filters.set_ready(instrument, True)
    limits.marks.on_status(instrument, True)
    limits.marks.on_quote(instrument, 99_90, 100_10, START_NS)
    limits.marks.on_depth(instrument, 10**9, 10**9, START_NS)
    limits.account.set_balance(instrument, 1_000 * UNIT)
    limits.sizes.tighten_instrument(instrument, WIDE, WIDE)
    limits.turnover.set_held_since(instrument, START_NS)
    limits.greeks.set_option(instrument, instrument % 2, LOT)
    limits.greeks.set_greeks(instrument, 100, 1, 1, START_NS)


def _bound(limits: Limits) -> None:
    limits.sizes.set_bounds(
        age_ns=AGE_NS, cautious_age_ns=AGE_NS, cautious_pct=25, protective_pct=10, order_value=WIDE,
        depth_ppm=100_000, duplicate_window_ns=1_000, open_instrument=20, open_all=60, daily=10**12,
        position_ppm=10**6, position_value=WIDE, gross_ppm=10**6, net_ppm=10**6, warn_pct=80,
    )  # fmt: skip
    limits.rates.set_bounds(
        new_per_second=10**6, messages_per_second=10**6, venue_pct=80, fills_max=20, fills_window_ns=60 * 10**9,
        rejects_max=5, rejects_window_ns=10**10, trade_ratio=10**9, trade_from=1,
    )  # fmt: skip
    limits.rates.set_venue_limit(0, 10**8, 10**9)
    limits.losses.set_bounds(
        day_ppm=30_000, day_value=WIDE, peak_ppm=100_000, peak_value=WIDE, reduce_pct=50, streak_max=5, warn_pct=80
    )
    limits.health.set_bounds(
        offset_ns=250_000_000, clock_age_ns=AGE_NS, lag_ns=250_000_000, backlog_pct=80, health_age_ns=AGE_NS,
        unknown_instrument=1, unknown_all=3,
    )  # fmt: skip
    limits.turnover.set_bounds(hold_ns=AGE_NS, turnover_ppm=10**7, edge_ratio_ppm=2_000_000)
    limits.greeks.set_bounds(each=(WIDE,) * 3, total=(WIDE,) * 3, age_ns=AGE_NS)
