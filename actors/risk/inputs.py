"""What the checks read, kept up to date: the market, the venue, the account, the engine's health.

Each message of the desk becomes a few numbers in the compiled checks, which do not ask whom they come from. It owns the
numbers of the venues, and the memory of the wall clock: when that one steps away from the monotonic clock, the distance
to every venue's clock is worth nothing until it was measured again, twice. It judges no order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.audit.desk_state import DeskState, Done
from engine.audit.recent import MESSAGES_NS
from engine.clock import NS_PER_MS, NS_PER_SECOND
from engine.config.risk import RiskLimits
from engine.instruments import Instruments
from engine.messages.control import Account, ClockOffset, Health
from engine.messages.market import FeedGap, FeedState, FeedStatus, Side, TopDepth
from engine.messages.orders import DenialReason
from engine.messages.reports import GatewayState
from hotpath.orders.limits import Limits

PERSON = -1
DISK_FREE_PCT_MIN = 5
"""Below so much free space orders may only reduce: the trail and the tape must outlast what is open."""


def venue_numbers(instruments: Instruments) -> dict[str, int]:
    """Return the number of each venue, in the order of the instruments."""
    return {venue: number for number, venue in enumerate(dict.fromkeys(each.venue for each in instruments))}


class Inputs:
    """The handlers of what is told to risk and asks it for nothing."""

    def __init__(self, limits: Limits, instruments: Instruments, bounds: RiskLimits) -> None:
        """Bring `limits` up to date with what is told; `bounds` says how far a clock may step and what is lately."""
        self._limits = limits
        self._instruments = instruments
        self._venues = venue_numbers(instruments)
        self._rates: dict[str, tuple[int, int]] = {}
        """How many messages each venue takes within how many ns."""
        self.set_bounds(bounds)
        self._wall_step_ns: int | None = None
        self.disk_is_full = False
        """Whether orders may only reduce, because what they lead to may find no room on the disk."""

    def set_bounds(self, bounds: RiskLimits) -> None:
        """Take how far a clock may step, what is lately, and the part that is ours of what a venue takes."""
        self._fills_ns = bounds.execution_window_s * NS_PER_SECOND
        self._rejects_ns = bounds.rejects_window_s * NS_PER_SECOND
        self._step_max_ns = bounds.clock_offset_ms * NS_PER_MS
        for venue, (count, window_ns) in self._rates.items():
            self._limits.rates.set_venue_limit(self._venues[venue], count, window_ns)

    def begin(self, state: DeskState, now_ns: int) -> None:
        """Believe nothing that was not told; the peak and the row of losses are what an earlier run left."""
        limits = self._limits
        limits.losses.set_day_equity(None)
        limits.losses.set_peak_equity(state.peak_equity)
        limits.losses.set_losses_in_row(state.losses_in_row)
        limits.turnover.set_traded_today(None)
        limits.health.set_audit_health(None, None, None, now_ns)
        for number in self._venues.values():
            limits.health.set_clock_offset(number, None, now_ns)

    def recall(self, state: DeskState, strategy_names: Sequence[str], now_ns: int) -> list[tuple[int, DenialReason]]:
        """Count what earlier runs did within the windows; returns the strategies that it trips, and by what.

        A second counts as its end: what is counted stays in a window too long by less than that, and never too short.
        """
        rates = self._limits.rates
        tripped: list[tuple[int, DenialReason]] = []
        strategies = {name: index for index, name in enumerate(strategy_names)}
        indices = {instrument.name: instrument.index for instrument in self._instruments}

        def within(entries: Sequence[Done], window_ns: int) -> Iterator[tuple[int, int, Done, int]]:
            for done in entries:
                time_ns = min(done.second_ns + NS_PER_SECOND - 1, now_ns)
                if now_ns - time_ns < window_ns and done.instrument in indices:
                    for _ in range(done.count):
                        yield strategies.get(done.strategy, PERSON), indices[done.instrument], done, time_ns

        for strategy, index, _, time_ns in within(state.messages, MESSAGES_NS):
            rates.note_cancel(strategy, index, time_ns)
        for strategy, index, done, time_ns in within(state.fills, self._fills_ns):
            if rates.note_fill(strategy, index, Side[done.side], time_ns):
                tripped.append((strategy, DenialReason.EXECUTION_THROTTLE))
        for strategy, _, _, time_ns in within(state.rejects, self._rejects_ns):
            if rates.note_reject(strategy, time_ns):
                tripped.append((strategy, DenialReason.REJECT_STREAK))
        return tripped

    def take_rates(self, rates: Mapping[str, Sequence[tuple[int, int]]]) -> None:
        """Take how many messages each venue accepts, as (count, within ns): the shortest time counts here."""
        for venue, budgets in rates.items():
            if budgets and venue in self._venues:
                count, window_ns = self._rates[venue] = min(budgets, key=lambda budget: budget[1])
                self._limits.rates.set_venue_limit(self._venues[venue], count, window_ns)

    def on_feed_state(self, state: FeedState) -> None:
        """Note whether a book can be trusted."""
        self._limits.marks.on_status(state.instrument, state.status is FeedStatus.SYNCHRONISED)

    def on_feed_gap(self, gap: FeedGap) -> None:
        """A book with a gap cannot be trusted until feed says that it is whole again."""
        self._limits.marks.on_status(gap.instrument, False)

    def on_depth(self, depth: TopDepth) -> None:
        """Note how much stands at the best prices."""
        self._limits.marks.on_depth(depth.instrument, depth.bid_lots, depth.ask_lots, depth.time_ns)
        if depth.bids is not None and depth.asks is not None:
            self._limits.slippage.on_depth(depth.instrument, depth.bids, depth.asks)

    def on_gateway_state(self, state: GatewayState) -> None:
        """While a venue takes no orders, only cancels pass."""
        for instrument in self._instruments:
            if instrument.venue == state.venue:
                self._limits.filters.set_ready(instrument.index, state.ready and instrument.trading)

    def on_account(self, account: Account) -> None:
        """Note the baselines of losses, and what was traded today.

        The day's result leaves out what the market makes of inventory; so does a baseline that moves along with it.
        """
        losses = self._limits.losses
        losses.set_day_equity(account.equity - account.day_result)
        losses.set_peak_equity(account.peak_equity)
        losses.set_losses_in_row(account.losses_in_row)
        self._limits.turnover.set_traded_today(account.traded_today)

    def on_clock_offset(self, offset: ClockOffset) -> None:
        """Note how far a venue's clock is from ours."""
        self._limits.health.set_clock_offset(self._venues[offset.venue], offset.offset_ns, offset.time_ns)

    def on_health(self, health: Health) -> None:
        """Note how the trail is, and whether somebody set the machine's clock."""
        durable = health.audit_lag_ns >= 0
        self._limits.health.set_audit_health(durable, health.audit_lag_ns, health.audit_backlog_pct, health.time_ns)
        self.disk_is_full = health.disk_free_pct < DISK_FREE_PCT_MIN
        before_ns, self._wall_step_ns = self._wall_step_ns, health.clock_step_ns
        if before_ns is not None and abs(health.clock_step_ns - before_ns) > self._step_max_ns:
            for number in self._venues.values():
                self._limits.health.set_clock_offset(number, health.clock_step_ns - before_ns, health.time_ns)
