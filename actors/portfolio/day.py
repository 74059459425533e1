"""The day: it begins at 00:00 UTC of the engine's clock, with equity at its first mark, and its profit begins anew.

It owns realised profit, fees and turnover of the day by currency, the baseline, and the peak of equity since the
ledger began. A restart goes on with the same day; a transfer moves the baselines by its value, because it is no profit.
A peak that rises is recorded once a minute, and at once when it is a thousandth above the recorded one.
"""

from __future__ import annotations

from datetime import UTC, datetime

from engine.audit.desk_state import DeskState
from engine.clock import NS_PER_SECOND

PEAK_RECORD_NS = 60 * NS_PER_SECOND
PARTS = 1_000
"""A change of equity by more than one of so many parts is told at once."""


class Day:
    """Profit and baselines of one UTC day."""

    def __init__(self, state: DeskState) -> None:
        """Go on from the day that earlier runs left."""
        self.date = state.day
        self.realised = dict(state.day_realised)
        self.fees = dict(state.day_fees)
        self.traded = dict(state.day_traded)
        """What was bought and sold, by quote currency."""
        self.equity: int | None = state.day_equity
        """Equity at the first mark of the day, None before it."""
        self.unrealised = state.day_unrealised
        """Unrealised profit at the first mark of the day: what positions of yesterday brought along."""
        self.peak_equity: int | None = state.peak_equity
        self._recorded_peak = state.peak_equity
        self._recorded_ns = 0

    def turn(self, now_ns: int) -> bool:
        """Begin a new day when the clock says so; True when it did."""
        date = datetime.fromtimestamp(now_ns // NS_PER_SECOND, UTC).date().isoformat()
        if date == self.date:
            return False
        self.date = date
        self.realised, self.fees, self.traded, self.equity = {}, {}, {}, None
        return True

    def add(self, quote: str, value: int, realised: int, fee_currency: str, fee: int) -> None:
        """Count a fill in; `value` is what changed hands."""
        self.traded[quote] = self.traded.get(quote, 0) + value
        self.realised[quote] = self.realised.get(quote, 0) + realised
        if fee:
            self.fees[fee_currency] = self.fees.get(fee_currency, 0) + fee

    def see(self, equity: int, now_ns: int) -> bool:
        """Note equity at a mark; True when the baselines are news that the trail must hear."""
        first = self.equity is None
        if first:
            self.equity = equity
        if self.peak_equity is None or equity > self.peak_equity:
            self.peak_equity = equity
        news = first or (self.peak_equity != self._recorded_peak and self._is_due(self.peak_equity, now_ns))
        if news:
            self._recorded_peak, self._recorded_ns = self.peak_equity, now_ns
        return news

    def _is_due(self, peak: int, now_ns: int) -> bool:
        recorded = self._recorded_peak
        if recorded is None or now_ns - self._recorded_ns >= PEAK_RECORD_NS:
            return True
        return (peak - recorded) * PARTS > abs(recorded)

    def begin(self, unrealised: int) -> None:
        """Note what open positions brought along, unless the day has had its first mark."""
        if self.equity is None:
            self.unrealised = unrealised

    def shift(self, money: int) -> None:
        """Move the baselines by the value of a transfer."""
        if self.equity is not None:
            self.equity += money
        if self.peak_equity is not None:
            self.peak_equity += money
