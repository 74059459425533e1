"""A small desk for tests of the checks: two instruments at 100.00, money in every asset, generous limits."""

from __future__ import annotations

from typing import Any

from hotpath.core.units import Scale
from hotpath.orders.filters import Filters
from hotpath.orders.limits import Limits
from hotpath.orders.marks import Marks
from hotpath.orders.recents import Recents

UNIT = 10**8  # one unit of a currency as money
LOT = 10_000  # one unit of the base currency in lots
SCALE = Scale(2, 4)  # a tick of 0.01, a lot of 0.0001
BASE, QUOTE, OTHER, THIRD = 0, 1, 2, 3
NORMAL, CAUTIOUS, PROTECTIVE, EMERGENCY = 3, 2, 1, 0
NOW_NS = 1_700_000_000_000_000_000
PERSON = -1

BOUNDS = {
    "age_ns": 10**9,
    "cautious_age_ns": 500_000_000,
    "cautious_pct": 25,
    "protective_pct": 10,
    "order_value": 50_000 * UNIT,
    "depth_ppm": 100_000,
    "duplicate_window_ns": 500_000_000,
    "open_instrument": 20,
    "open_all": 30,
    "daily": 100,
    "position_ppm": 250_000,
    "position_value": 10_000 * UNIT,
    "gross_ppm": 1_000_000,
    "net_ppm": 500_000,
    "warn_pct": 80,
}
RATES = {
    "new_per_second": 10,
    "messages_per_second": 30,
    "venue_pct": 80,
    "fills_max": 20,
    "fills_window_ns": 60 * 10**9,
    "rejects_max": 5,
    "rejects_window_ns": 10 * 10**9,
    "trade_ratio": 500,
    "trade_from": 1_000,
}
LOSSES = {
    "day_ppm": 30_000,
    "day_value": 500 * UNIT,
    "peak_ppm": 100_000,
    "peak_value": 1_000 * UNIT,
    "reduce_pct": 50,
    "streak_max": 5,
    "warn_pct": 80,
}
HEALTH = {
    "offset_ns": 250_000_000,
    "clock_age_ns": 120 * 10**9,
    "lag_ns": 250_000_000,
    "backlog_pct": 80,
    "health_age_ns": 5 * 10**9,
    "unknown_instrument": 1,
    "unknown_all": 3,
}
TURNOVER = {"hold_ns": 0, "turnover_ppm": 10_000_000, "edge_ratio_ppm": 2_000_000}
GREEKS = {"each": (10_000 * UNIT,) * 3, "total": (20_000 * UNIT,) * 3, "age_ns": 60 * 10**9}
FILTER = {
    "permitted": True,
    "price_step_ticks": 1,
    "quantity_step_lots": 10,
    "lots_min": 10,
    "lots_max": 10**9,
    "market_lots_max": 10**8,
    "price_ticks_min": 1,
    "price_ticks_max": 10**12,
    "notional_min": 5 * UNIT,
}


class Desk:
    """Instrument 0 is BASE/QUOTE, 1 is OTHER/QUOTE; both quoted 99.90 to 100.10; equity is 300,000 QUOTE."""

    def __init__(self, fee_ppm: int = 0, capacity: int = 64, kept: int = 3, venues: int = 1, **bounds: int) -> None:
        """Take what differs from BOUNDS."""
        self.marks = Marks([(SCALE, BASE, QUOTE), (SCALE, OTHER, QUOTE)], QUOTE, 4, capacity, 50_000, fee_ppm, kept)
        self.filters = Filters([SCALE, SCALE])
        self.recents = Recents(3)
        self.limits = Limits(self.marks, self.filters, self.recents, (0, venues - 1))
        self.exposure, self.account = self.marks.exposure, self.marks.account
        self.bound(**bounds)
        self.limits.rates.set_bounds(**RATES)
        self.limits.losses.set_bounds(**LOSSES)
        self.limits.health.set_bounds(**HEALTH)
        self.limits.turnover.set_bounds(**TURNOVER)
        self.limits.greeks.set_bounds(**GREEKS)  # type: ignore[arg-type]
        self.limits.set_state(NORMAL)
        self.recents.enable(0, True)
        self.recents.enable(1, True)
        for asset, units in ((BASE, 1_000), (QUOTE, 100_000), (OTHER, 1_000)):
            self.account.set_balance(asset, units * UNIT)
        for instrument in (0, 1):
            self.filter(instrument)
            self.filters.set_ready(instrument, True)
            self.marks.on_status(instrument, True)
            self.quote(instrument)
        self.intent = 0
        self.reduce_only = False
        self.terms: dict[str, int | None] = {}
        self.greeks = [0.0, 0.0, 0.0]

    def bound(self, **bounds: int) -> None:
        """Set the limits to BOUNDS and what differs."""
        self.limits.set_bounds(**(BOUNDS | bounds))

    def pace(self, **rates: int) -> None:
        """Set the limits of rates to RATES and what differs."""
        self.limits.rates.set_bounds(**(RATES | rates))

    def greek(self, number: int, money: float) -> None:
        """Make instrument 0 an option whose whole contract is LOT, with one more Greek."""
        self.greeks[number] = money
        self.limits.greeks.set_option(0, 0, LOT)
        self.limits.greeks.set_greeks(0, self.greeks[0], self.greeks[1], self.greeks[2])

    def filter(self, instrument: int = 0, **rules: Any) -> None:
        """Set the venue's rules to FILTER and what differs."""
        self.filters.set_filter(instrument, **(FILTER | rules))

    def quote(self, instrument: int = 0, bid: int = 99_90, ask: int = 100_10, time_ns: int = NOW_NS) -> None:
        """Bring a quote."""
        self.marks.on_quote(instrument, bid, ask, time_ns)

    def send(
        self,
        side: int = 1,
        lots: int = LOT,
        price: int = 100_00,
        *,
        instrument: int = 0,
        strategy: int = 0,
        intent: int = 0,
        kind: int = 1,
        time_in_force: int = 1,
        post_only: bool = False,
        reduce_only: bool = False,
        now_ns: int = NOW_NS,
        park: bool = False,
    ) -> int:
        """Have an order judged, under a fresh intent number unless one is given."""
        self.intent += 1
        if self.terms:
            self.limits.set_terms(**self.terms)  # type: ignore[arg-type]
        judge = self.limits.check_and_park if park else self.limits.check_and_reserve
        return judge(
            strategy, intent or self.intent, instrument, side, kind, time_in_force, post_only,
            reduce_only or self.reduce_only, price, lots, now_ns,
        )  # fmt: skip

    def amend(self, handle: int, price: int = 100_00, lots: int = LOT, *, strategy: int = 0) -> int:
        """Have an amend judged."""
        self.intent += 1
        return self.limits.check_amend(strategy, handle, self.intent, price, lots, NOW_NS)
