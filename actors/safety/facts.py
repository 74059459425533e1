"""What safety has heard that decides about the trading state: the last word of each, and since when it holds.

It owns no decision: breaker.py says what trips, guards.py what a rise needs. A word that never came is kept as None,
and a guard that needs it does not hold.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.config.risk import RiskLimits
from engine.config.safety import SafetyConfig
from engine.messages.control import Account, Health, OrderCounts
from engine.messages.market import FeedStatus
from hotpath.core.units import money

MILLION = 1_000_000
PPM_OF_PCT = 10_000


class Facts:
    """The inputs of guards and breaker."""

    def __init__(self, config: SafetyConfig, limits: RiskLimits, venues: Sequence[str], instruments_count: int) -> None:
        """Know nothing yet about venues and feeds: not clean, not fresh."""
        self.config = config
        self.limits = limits
        self.clean = dict.fromkeys(venues, False)
        self.clean_rounds = dict.fromkeys(venues, 0)
        """Clean comparisons in a row since the last fall."""
        self.feeds = dict.fromkeys(range(instruments_count), FeedStatus.STALE)
        self.all_fresh_since_ns: int | None = None
        """Since when every feed has been synchronised; None while one is not."""
        self.all_dark_since_ns: int | None = None
        """Since when no feed is synchronised; None while one is, and before the first ever was."""
        self._was_fresh = False
        self.account: Account | None = None
        self.health: Health | None = None
        self.clock_offsets_ns: dict[str, int] = {}
        self.working_count = 0
        self.unknown_count = 0
        self.losses_seen = 0
        """Losses in a row at which the breaker tripped last: only one more trips it again."""
        self.counts: OrderCounts | None = None
        self.counts_from: OrderCounts | None = None
        """The first word of this stay in CAUTIOUS: the rejects are counted from it."""

    def reconciled(self, venue: str, *, clean: bool) -> None:
        """Take the outcome of a comparison with a venue."""
        self.clean[venue] = clean
        self.clean_rounds[venue] = self.clean_rounds.get(venue, 0) + 1 if clean else 0

    def forget_rounds(self) -> None:
        """Count the clean comparisons anew."""
        self.clean_rounds = dict.fromkeys(self.clean_rounds, 0)

    def forget_truth(self) -> None:
        """Believe no venue before it was compared again."""
        self.clean = dict.fromkeys(self.clean, False)
        self.forget_rounds()

    def lost(self, venue: str) -> None:
        """A venue's session has ended: what we believe about it is no longer proven."""
        self.reconciled(venue, clean=False)

    def feed(self, instrument: int, status: FeedStatus, now_ns: int) -> None:
        """Take the state of a feed."""
        self.feeds[instrument] = status
        fresh = [one is FeedStatus.SYNCHRONISED for one in self.feeds.values()]
        if not all(fresh):
            self.all_fresh_since_ns = None
        elif self.all_fresh_since_ns is None:
            self.all_fresh_since_ns = now_ns
        if any(fresh):
            self._was_fresh = True
            self.all_dark_since_ns = None
        elif self._was_fresh and self.all_dark_since_ns is None:
            self.all_dark_since_ns = now_ns

    def counted(self, counts: OrderCounts) -> None:
        """Take how many orders were sent and rejected."""
        self.counts = counts
        if self.counts_from is None:
            self.counts_from = counts

    def count_anew(self) -> None:
        """Begin a new stretch of counting rejects."""
        self.counts_from = self.counts = None

    @property
    def daily_loss_ppm(self) -> int:
        """Part of the daily loss limit that is used, in millionths: the tighter of its two forms."""
        account = self.account
        if account is None:
            return 0
        limit_ppm = int(self.limits.max_daily_loss_pct * PPM_OF_PCT)
        return _used_ppm(account.day_equity, -account.day_result, limit_ppm, money(self.limits.max_daily_loss))

    @property
    def drawdown_ppm(self) -> int:
        """Part of the drawdown limit that is used, in millionths: the tighter of its two forms."""
        account = self.account
        if account is None:
            return 0
        limit_ppm = int(self.limits.max_drawdown_pct * PPM_OF_PCT)
        loss = account.peak_equity - account.equity
        return _used_ppm(account.peak_equity, loss, limit_ppm, money(self.limits.max_drawdown))

    @property
    def new_losses_in_row(self) -> int:
        """Closed trades in a row at a loss, while the breaker has not tripped for as many before."""
        losses = 0 if self.account is None else self.account.losses_in_row
        return losses if losses > self.losses_seen else 0

    @property
    def rejects(self) -> tuple[int, int] | None:
        """Orders sent, and rejected by a venue, since the counting began; None while orders has not answered."""
        if self.counts is None or self.counts_from is None:
            return None
        return self.counts.sent - self.counts_from.sent, self.counts.rejected - self.counts_from.rejected


def _used_ppm(baseline: int, loss: int, limit_ppm: int, limit: int) -> int:
    """Return the part of a limit that a loss from `baseline` uses, rounded up; a baseline of nothing is all of it."""
    if loss <= 0:
        return 0
    if baseline <= 0:
        return MILLION
    relative = -(-loss * MILLION * MILLION // (baseline * limit_ppm))
    return max(relative, -(-loss * MILLION // limit))
